//! Why a field's value cannot be used.

use thiserror::Error;

use crate::Shape;

/// Why a value of a layer's field cannot be used, as [`LayerError::BadValue`](super::LayerError::BadValue)
/// has it.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// It is too small.
    #[error("must be at least {0}")]
    AtLeast(u64),
    /// It is too large.
    #[error("larger than {0}")]
    LargerThan(u64),
    /// It is outside of an interval.
    #[error("must be from {least} to {most}")]
    Within {
        /// The smallest value.
        least: u64,
        /// The largest value.
        most: u64,
    },
    /// It is even, or too large.
    #[error("must be odd and at most {0}")]
    Odd(u64),
    /// It is not a number above 0.
    #[error("must be positive")]
    Positive,
    /// It is infinite, not a number, or not above 0.
    #[error("must be a finite number above 0")]
    FinitePositive,
    /// One of two numbers is not above 0.
    #[error("both {0} must be positive")]
    BothPositive(&'static str),
    /// It is below 0.
    #[error("must not be negative")]
    NotNegative,
    /// It is infinite or not a number.
    #[error("must be finite")]
    Finite,
    /// It is not the base of an exponential.
    #[error("must be positive, or -1 for e")]
    Base,
    /// No logarithm has this base.
    #[error("there is no logarithm to base 1")]
    BaseOne,
    /// It has too many bits.
    #[error("does not fit into {0} bits")]
    Bits(u32),
    /// It has another number of bytes.
    #[error("must have {0} bytes")]
    Bytes(usize),
    /// An axis of a shape is negative, or there are too many values.
    #[error("dims must not be negative, nor their product 2^31 or more")]
    Dims,
    /// More than one new axis is to be computed, or one is negative.
    #[error("at most one dim may be -1, none less")]
    InferredDims,
    /// A picture of too many pixels.
    #[error("pictures are resized to at most 2^26 pixels")]
    Area,
    /// Sizes without which the shape is not known.
    #[error("batch_size, channels, height and width must be given")]
    Sizes,

    /// Two ways to say the same.
    #[error("either {one} or {other}, not both")]
    Both {
        /// One of them.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// Another field says the same.
    #[error("not beside {0}")]
    Beside(&'static str),
    /// Only one of two fields that need each other.
    #[error("the _h and the _w form go together")]
    Alone,
    /// Only one of two fields that need each other.
    #[error("give {0} and {1}, or neither")]
    Neither(&'static str, &'static str),
    /// A list of a length that means nothing.
    #[error("one value or two (height, width) are supported")]
    OneOrTwo,
    /// Not as many values as the bottom has axes.
    #[error("one number, or one for each of {0} axes")]
    EachAxis(usize),
    /// Not as many values as there are bottoms.
    #[error("one for each of the {0} bottoms")]
    EachBottom(usize),
    /// Coefficients of another operation than SUM, or not one for each bottom.
    #[error("only for SUM, one for each of the {0} bottoms")]
    Coefficients(usize),
    /// Not as many fillers as tops.
    #[error("none, one, or one for each top")]
    Fillers,
    /// Not as many sizes as tops.
    #[error("num, channels, height, width: one of each or one for each top, and no shape")]
    OldShapes,
    /// Neither a factor nor a size, or both.
    #[error("either it, a positive number, or dst_h and dst_w")]
    FactorOrSize,
    /// Two ways to give pads are mixed.
    #[error("as many as pad_after, and not beside pad_u, pad_d, pad_l, pad_r")]
    PadForms,
    /// Not as many largest sides as smallest ones.
    #[error("one for each min_size, and larger")]
    LargestSides,
    /// Not one height for each width.
    #[error("one for each width, all positive")]
    Heights,
    /// An axis that is dropped has another length than 1.
    #[error("this axis has length {0}, not 1")]
    LengthOne(usize),
    /// Fields that Upsample layers of several forks have, together as in none of them.
    #[error(
        "supported are scale, or scale_h and scale_w, alone; mode with height_scale and width_scale; a mask as second \
         bottom with upsample_h and upsample_w, or scales and pad_out_h, pad_out_w"
    )]
    UpsampleDialect,
    /// More padding on one side than on the other where this cannot be had.
    #[error(
        "padding that is not the same on both sides is supported for convolutions, and for poolings whose windows all \
         begin inside the picture"
    )]
    OneSided,
    /// Aspect ratios that do not start with 1, or that stand there twice.
    #[error("1, then positive ones that differ")]
    AspectRatios,
    /// Not one or four variances.
    #[error("one or four positive numbers")]
    Variances,
    /// Not exactly one.
    #[error("exactly one is expected")]
    One,
    /// Not exactly four.
    #[error("exactly four are expected")]
    Four,
    /// Boxes of YOLO heads are x, y, width and height.
    #[error("boxes have 4 coordinates")]
    Coordinates,
    /// Not the anchors that a YOLO head's boxes need.
    #[error("{expected} numbers are expected, width and height of each anchor; there are {found}")]
    Anchors {
        /// As many as there should be.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// A list has another length than the maps of a YOLO head, or their boxes, ask for.
    #[error("{expected} are expected, one for each {of}; there are {found}")]
    OneFor {
        /// What each is for.
        of: &'static str,
        /// As many as there should be.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// The number of an anchor that is not there.
    #[error("biases has {0} anchors, counted from 0")]
    NoSuchAnchor(usize),
    /// A version of YOLO that is not known.
    #[error("only V2 and V3 are known")]
    YoloVersion,
    /// The parts of slices do not belong together.
    #[error("begin, end and stride must be as many, no stride may be 0")]
    Slices,

    /// Only what Caffe's TEST phase has is supported.
    #[error("statistics of the batch make no sense for a deployed net")]
    BatchStatistics,
    /// Only what Caffe's TEST phase has is supported.
    #[error("values that are scaled in the TEST phase are not supported")]
    ScaledInTest,
    /// Another axis than that of the channels.
    #[error("only axis 1 is supported")]
    Axis1,
    /// A way of pooling that is not known.
    #[error("only MAX and AVE are supported")]
    PoolMethod,
    /// A normalization that is not known.
    #[error("only BVLC Caffe's modes are supported")]
    NormalizationMode,
    /// A filler that is not known.
    #[error("no such filler")]
    NoSuchFiller,
    /// A number of values for a filler that takes none.
    #[error("only gaussian fillers take it, from 0 on")]
    Sparse,
    /// Rows of HDF5 files are taken as they are.
    #[error("HDF5Data layers do not transform data")]
    NotTransformed,
    /// Other thresholds and factors of a non-maximum suppression make no sense.
    #[error("the threshold must not be negative, eta within 0 to 1")]
    Suppression,
    /// It contradicts mining_type.
    #[error("mining_type says otherwise; do_neg_mining is its older form")]
    MiningType,
    /// Which priors count is chosen for all classes at once.
    #[error("only NONE goes without share_location")]
    SharedMining,
    /// Objects of one class are told from the background only.
    #[error("num_classes must be 2: one class of objects and the background")]
    OneObjectClass,
    /// Not 3 or 4 axes, or not repeated.
    #[error("scale must be at least 1, dims_num 3 or 4")]
    Upsampling,
    /// Strides and pads beside a window over the whole map.
    #[error("needs stride 1 and pad 0")]
    GlobalWindow,
    /// A kernel beside a window over the whole map.
    #[error("a window over the whole map has no kernel of its own")]
    GlobalKernel,
    /// No window may lie in the padding as a whole.
    #[error("must be smaller than the kernel {0:?}")]
    PadOfKernel([usize; 2]),
    /// The groups are not those of a depthwise convolution.
    #[error("must be num_output, {0}")]
    Depthwise(usize),
    /// Bytes that are not the message that belongs there.
    #[error("no such message")]
    Message,
    /// Raw data of no known type.
    #[error("raw data needs a type: DOUBLE, FLOAT, FLOAT16, INT or UINT")]
    RawType,
    /// Raw data that ends within a value.
    #[error("no whole number of {0} values")]
    RawLength(&'static str),
    /// Pads that a kernel cannot add.
    #[error("pads can only cut")]
    OnlyCuts,

    /// Rules of both kinds.
    #[error("a layer has include rules or exclude rules, not both")]
    Rules,
    /// Layers of both kinds.
    #[error("a model has `layers` (V1) or `layer`, not both")]
    TwoVersions,
    /// A V0 padding layer in front of a layer without a pad.
    #[error("only conv and pool layers can read a padding layer")]
    PaddingReader,
    /// A V0 padding layer with other bottoms or tops.
    #[error("a padding layer has one bottom and one top")]
    PaddingBlobs,

    /// The bottom has no such axis.
    #[error("outside the {0} axes of the bottom")]
    Axis(usize),
    /// The bottom has fewer axes.
    #[error("the bottom has {0} axes")]
    Axes(usize),
    /// The bottom has fewer axes from the given one on.
    #[error("{count} axes from there exceed the bottom's {axes}")]
    AxesFrom {
        /// Axes that are covered.
        count: i32,
        /// Axes of the bottom.
        axes: usize,
    },
    /// The bottom lacks some of a range of axes.
    #[error("axes {start}..{end} of {bottom:?}")]
    AxisRange {
        /// The first axis.
        start: usize,
        /// One behind the last axis.
        end: usize,
        /// The bottom's shape.
        bottom: Shape,
    },
    /// An axis is named more than once.
    #[error("axis {0} stands there twice")]
    Twice(usize),
    /// The last axis lies in front of the first.
    #[error("lies before axis")]
    BeforeAxis,
    /// An axis is to be copied that the bottom does not have.
    #[error("dim {0} is 0, the bottom has no such axis")]
    CopiedAxis(usize),
    /// The shape has more values than can be counted.
    #[error("too large")]
    TooLarge,
    /// Another number of values than the bottom's.
    #[error("has {found} values, the bottom {bottom:?} has {expected}")]
    Volume {
        /// Values of the new shape.
        found: usize,
        /// The bottom's shape.
        bottom: Shape,
        /// Values of the bottom.
        expected: usize,
    },
    /// What is left is not a whole number.
    #[error("does not divide the {values} values of {bottom:?}")]
    DividesVolume {
        /// Values of the bottom.
        values: usize,
        /// The bottom's shape.
        bottom: Shape,
    },
    /// The outputs cannot be divided among the groups.
    #[error("must divide num_output")]
    DividesOutputs,
    /// The channels cannot be divided.
    #[error("does not divide the bottom's {0} channels")]
    DividesChannels(usize),
    /// The channels cannot be divided.
    #[error("its square does not divide {0} channels")]
    SquareDividesChannels(usize),
    /// Neither channels nor sides can be divided.
    #[error("does not divide {channels} channels of {height} x {width}")]
    DividesMap {
        /// Channels of the bottom.
        channels: usize,
        /// Its height.
        height: usize,
        /// Its width.
        width: usize,
    },
    /// The channels are not outputs for each bin.
    #[error("times {bins} times {bins} is not the map's {channels} channels")]
    Bins {
        /// Bins along each axis.
        bins: usize,
        /// Channels of the map.
        channels: usize,
    },
    /// Fewer classes than scores that count.
    #[error("the bottom has {0} classes")]
    Classes(usize),
    /// Fewer values than are asked for.
    #[error("more than the {0} values")]
    Values(usize),
    /// The kernel is larger than the padded bottom.
    #[error("covers {extent} pixels, the padded bottom has {padded}")]
    Extent {
        /// Pixels under the kernel, those between its taps included.
        extent: usize,
        /// Pixels of the bottom and its padding.
        padded: usize,
    },
    /// The kernel is larger than the padded bottom.
    #[error("larger than the padded bottom's {0}")]
    Kernel(usize),
    /// A window without a pixel.
    #[error(
        "the last of {windows} windows of {kernel} would lie beyond the bottom's {length}, since Caffe \
         rounds their number up"
    )]
    LastWindow {
        /// Number of windows.
        windows: usize,
        /// Length of each.
        kernel: usize,
        /// Length of the bottom.
        length: usize,
    },
    /// A pyramid with bins that no pixel falls into.
    #[error("level {level} has more bins than {height} x {width} pixels fill")]
    Pyramid {
        /// The level, from 0.
        level: usize,
        /// Height of the bottom.
        height: usize,
        /// Width of the bottom.
        width: usize,
    },
    /// Pads cut everything off.
    #[error("nothing is left of {0}")]
    NothingLeft(usize),
    /// More is mirrored than there is.
    #[error("an axis of {length} can be padded by {most} at most")]
    Mirrored {
        /// Length of the axis.
        length: usize,
        /// The largest pad.
        most: i64,
    },
    /// The cut reaches beyond the bottom.
    #[error("axis {axis} has {found}, {wanted} are wanted")]
    Cut {
        /// The axis.
        axis: usize,
        /// Its length.
        found: usize,
        /// How much of it is wanted.
        wanted: usize,
    },
    /// Tops of equal length are not possible.
    #[error("{length} cannot be cut into {tops} equal tops")]
    EqualTops {
        /// Length of the axis.
        length: usize,
        /// Number of tops.
        tops: usize,
    },
    /// Not one point fewer than tops.
    #[error("{0} tops need one point less")]
    Points(usize),
    /// Points that do not rise, or lie beyond the axis.
    #[error("points must rise within 1 to {0}, the end excluded")]
    Rising(usize),
    /// An empty slice.
    #[error("takes nothing of an axis of {0}")]
    EmptySlice(usize),
    /// A picture without pixels.
    #[error("a bottom of {0:?} has no pixels")]
    NoPixels([usize; 4]),
}

impl ValueError {
    /// A field and its forms for height and width.
    pub(crate) const FORMS: ValueError =
        ValueError::Both { one: "the field", other: "its _h and _w forms" };
}
