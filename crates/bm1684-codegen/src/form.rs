use std::fmt::{self, Display, Formatter};

/// A way in which a layer becomes commands. A layer type has one or several; which one a layer takes
/// depends on its parameters and its blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Form {
    /// No commands: the runtime puts the values in place.
    Input,
    /// No commands: the top is the bottom under another name.
    Renamed,
    /// Bytes of int8 images, which share words, are moved to words of other images.
    Recut,
    /// A sum over all input channels.
    Convolution,
    /// A sum over all input channels of each group.
    GroupedConvolution,
    /// A sum over each channel by itself.
    DepthwiseConvolution,
    /// A convolution over the whole input.
    InnerProduct,
    /// The same for rows that are not images.
    RecutInnerProduct,
    /// The largest value under a window.
    MaxPooling,
    /// A depthwise convolution with one factor for all.
    AveragePooling,
    /// The same from u8 to i8: a bias of zeros makes the result signed.
    SignedAveragePooling,
    /// The same in up to four parts, because windows beyond an edge have other areas.
    ClippedAveragePooling,
    /// A convolution with zeros between the inputs.
    Deconvolution,
    /// The same of each channel by itself.
    DepthwiseDeconvolution,
    /// The same with zeros that are written to DDR before.
    SpreadDeconvolution,
    /// Weighted sums of four neighbours.
    Interpolate,
    /// A depthwise convolution with single weights.
    Scale,
    /// Words are moved to other places.
    Moved,
    /// Values are moved to words of other images.
    MovedBetweenImages,
    /// Products and their sum in 16 bits.
    Sum,
    /// The largest of products.
    Max,
    /// A product of 24 bits, byte by byte.
    Product,
    /// Copies of runs of words.
    Concat,
    /// Copies of images, which share words.
    ConcatImages,
    /// The larger one of value and 0.
    Relu,
    /// The same with a factor for what is below 0.
    LeakyRelu,
    /// fp32 to integers.
    Quantize,
    /// Integers to fp32.
    Dequantize,
    /// A table of the results of all values.
    Table,
    /// The same as the leaky ReLU with a factor for each channel.
    Prelu,
    /// Values that are known before.
    Constant,
    /// In fp32, by steps of exact operations.
    Float,
}

impl Display for Form {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::Input => "input",
            Form::Renamed => "renamed",
            Form::Recut => "recut",
            Form::Convolution => "convolution",
            Form::GroupedConvolution => "grouped convolution",
            Form::DepthwiseConvolution => "depthwise convolution",
            Form::InnerProduct => "inner product",
            Form::RecutInnerProduct => "inner product, recut",
            Form::MaxPooling => "max pooling",
            Form::AveragePooling => "average pooling",
            Form::SignedAveragePooling => "average pooling, signed",
            Form::ClippedAveragePooling => "average pooling, clipped",
            Form::Deconvolution => "deconvolution",
            Form::DepthwiseDeconvolution => "depthwise deconvolution",
            Form::SpreadDeconvolution => "deconvolution, spread",
            Form::Interpolate => "interpolate",
            Form::Scale => "scale",
            Form::Moved => "moved",
            Form::MovedBetweenImages => "moved between images",
            Form::Sum => "sum",
            Form::Max => "max",
            Form::Product => "product",
            Form::Concat => "concat",
            Form::ConcatImages => "concat of images",
            Form::Relu => "relu",
            Form::LeakyRelu => "leaky relu",
            Form::Quantize => "quantize",
            Form::Dequantize => "dequantize",
            Form::Table => "table",
            Form::Prelu => "prelu",
            Form::Constant => "constant",
            Form::Float => "fp32",
        })
    }
}
