//! The parameters as values: one struct for each message of a prototxt.
//!
//! ```
//! use transform_param::{ResizeParam, TransformParam};
//! let text: TransformParam = "resize_param { height: 256 width: 256 } crop_size: 224".parse()?;
//! let built = TransformParam::default()
//!     .resize_param(ResizeParam::default().height(256).width(256))
//!     .crop_size(224);
//! assert_eq!(text, built);
//! assert_eq!(built.to_string(), "crop_size: 224\nresize_param {\n  height: 256\n  width: 256\n}\n");
//! # Ok::<(), transform_param::Error>(())
//! ```
//!
//! Each has a default, a builder's method for each field, [`FromStr`](std::str::FromStr) and
//! [`Display`](std::fmt::Display) for the prototxt form, whose errors tell line and column, and
//! `from_wire` where protobuf bytes come in. Nothing is checked here but the form:
//! [`Transform::new`](crate::Transform::new) does that.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

mod annotated;
mod print;
#[cfg(test)]
mod schema_tests;
mod slots;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod value;
pub(crate) mod wire;

pub use annotated::{
    AnnotatedDataParam, AnnotationType, BatchSampler, EmitConstraint, EmitType, SampleConstraint,
    Sampler,
};

use crate::error::Error;
use crate::resize::Interpolation;
use table::{initial, message, setter, slot, values};

message! {
    /// `transform_param`: how a stored picture becomes the net's input.
    ///
    /// # Formula
    /// Its plain fields run in a fixed order:
    ///
    /// 1. decoding, with `force_color` or `force_gray` for encoded pictures;
    /// 2. `distort_param`;
    /// 3. `expand_param`;
    /// 4. a part of the picture by the layer's `batch_sampler`, if it has any ([`AnnotatedDataParam`]);
    /// 5. `resize_param`;
    /// 6. `noise_param`;
    /// 7. `crop_fraction`, the middle part, as TensorFlow's central_crop;
    /// 8. `resize`, bilinear: one value is the length of the shorter side and keeps the aspect ratio, two are
    ///    height and width;
    /// 9. `crop_size`, or `crop_h` and `crop_w`: the middle; in training, anywhere;
    /// 10. `mirror`: in training, every second picture at random;
    /// 11. `mean_value` or `mean_file`, which is as large as the picture before the crop;
    /// 12. `scale`;
    /// 13. `standardization`: `(x − mean) / max(σ, 1 / √count)` over the picture, as TensorFlow's
    ///     per_image_standardization.
    ///
    /// `transform_op` steps run in the order in which they are written instead, after decoding and a
    /// `batch_sampler`'s part. The two ways exclude each other; only `force_color`, `force_gray` and
    /// `emit_constraint` go with both.
    ///
    /// Boxes of annotated pictures follow every step that moves pixels: see
    /// [`Transform::annotated`](crate::Transform::annotated).
    ///
    /// Which draws are made where is [`Chance`](crate::Chance)'s matter. Differences to SSD: it mirrors in the
    /// TEST phase, too; its Data layers pass over `distort_param` and `expand_param`; it refuses `resize_param`
    /// for pictures that are stored as bytes or floats. An encoded picture that is distorted, expanded or
    /// sampled from is encoded as JPEG of quality 95 after each of these steps, as in SSD.
    ///
    /// # Source
    /// Steps 1 and 9 to 12: BVLC Caffe, DataTransformer. 2 to 6: SSD, AnnotatedDataLayer and DataTransformer.
    /// 7, 8 and 13 are the vendor's, who says "TensorFlow data pre-processing" and publishes no order: they
    /// stand so that both of TensorFlow's usual chains (central crop, then resize; resize, then crop) can be
    /// written. The vendor's quantization guide for the written order.
    TransformParam = "TransformationParameter", "transform_param" {
        /// What values are multiplied by after the mean was subtracted.
        1 singular scale: f32 = 1.0;
        /// In training, every second picture is mirrored.
        2 singular mirror: bool = false;
        /// Height and width of the crop; 0 for none.
        3 singular crop_size: u32 = 0;
        /// A BlobProto file with the mean picture.
        4 string mean_file: String;
        /// One mean for all channels, or one for each: B, G, R.
        5 repeated mean_value: f32;
        /// Encoded pictures become coloured.
        6 singular force_color: bool = false;
        /// Encoded pictures become grey.
        7 singular force_gray: bool = false;
        /// SSD's resizing.
        8 optional resize_param: ResizeParam;
        /// What spoils a picture on purpose.
        9 optional noise_param: NoiseParam;
        /// Which boxes stay when a part of the picture is cut out.
        10 optional emit_constraint: EmitConstraint;
        /// Height of the crop; goes with `crop_w`.
        11 singular crop_h: u32 = 0;
        /// Width of the crop; goes with `crop_h`.
        12 singular crop_w: u32 = 0;
        /// Random changes of the colours.
        13 optional distort_param: DistortParam;
        /// The picture at a random place of a larger one.
        14 optional expand_param: ExpandParam;
        /// Which share of both sides the middle part keeps; 0 for all.
        15 singular crop_fraction: f32 = 0.0;
        /// The shorter side's length, or height and width.
        16 repeated resize: u32;
        /// Mean 0 and standard deviation 1 over the picture.
        17 singular standardization: bool = false;
        /// Steps in a written order.
        18 repeated transform_op: TransformOp;
    }
}

impl TransformParam {
    /// Decodes a TransformationParameter message; no bytes are an empty message.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn from_wire(bytes: &[u8]) -> Result<Self, Error> {
        table::from_wire(bytes)
    }
}

/// How a picture comes to a size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResizeMode {
    /// To height × width, whatever the aspect.
    #[default]
    Warp,
    /// The aspect stays; the picture covers height × width.
    FitSmallSize,
    /// The aspect stays; the picture fits into height × width, and the rest is filled.
    FitLargeSizeAndPad,
}

values! {
    ResizeMode = "ResizeParameter.Resize_mode" {
        Warp = 1 "WARP",
        FitSmallSize = 2 "FIT_SMALL_SIZE",
        FitLargeSizeAndPad = 3 "FIT_LARGE_SIZE_AND_PAD",
    }
}

/// What is beside a picture that does not fill its size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PadMode {
    /// `pad_value`.
    #[default]
    Constant,
    /// The picture mirrored at its outermost pixels.
    Mirrored,
    /// The outermost pixels.
    RepeatNearest,
}

values! {
    PadMode = "ResizeParameter.Pad_mode" {
        Constant = 1 "CONSTANT",
        Mirrored = 2 "MIRRORED",
        RepeatNearest = 3 "REPEAT_NEAREST",
    }
}

values! {
    Interpolation = "ResizeParameter.Interp_mode" {
        Linear = 1 "LINEAR",
        Area = 2 "AREA",
        Nearest = 3 "NEAREST",
        Cubic = 4 "CUBIC",
        Lanczos4 = 5 "LANCZOS4",
    }
}

message! {
    /// `resize_param`: three ways to bring a picture to a size.
    ///
    /// # Formula
    /// With aspects as width / height, in fp32, and lengths rounded down:
    /// WARP resizes to height × width. FIT_SMALL_SIZE keeps the picture's aspect and makes it cover
    /// height × width. FIT_LARGE_SIZE_AND_PAD makes it fit inside and pads both sides; an odd pixel goes
    /// right or below.
    ///
    /// # Source
    /// SSD, im_transforms: ApplyResize, UpdateBBoxByResizePolicy; ExtrapolateBBox of bbox_util.
    ResizeParam = "ResizeParameter", "resize_param" {
        /// Has no effect, as in SSD.
        1 singular prob: f32 = 1.0;
        /// How the picture comes to the size.
        2 singular resize_mode: ResizeMode = ResizeMode::Warp;
        /// Rows.
        3 singular height: u32 = 0;
        /// Pixels of a row.
        4 singular width: u32 = 0;
        /// What is beside a picture that does not fill the size.
        5 singular pad_mode: PadMode = PadMode::Constant;
        /// One value for all channels, or one for each; 0 if there is none.
        6 repeated pad_value: f32;
        /// One of these, at random; the first in the TEST phase; linear if there is none.
        7 repeated interp_mode: Interpolation;
        /// With FIT_SMALL_SIZE and `width_scale`: boxes of a crop are told in shares of this many rows.
        8 singular height_scale: u32 = 0;
        /// With FIT_SMALL_SIZE and `height_scale`: boxes of a crop are told in shares of this many columns.
        9 singular width_scale: u32 = 0;
    }
}

message! {
    /// `noise_param`: what spoils a picture on purpose.
    ///
    /// # Formula
    /// In this order, each only if asked for: `decolorize` (grey in three channels), `gauss_blur` (7 × 7,
    /// σ 1.5), `hist_eq` (of luma), `clahe` (of luma, 8 × 8 tiles, limit 4), `jpeg` (encoded with this quality
    /// and decoded), `erode` (least of the pixel and its four neighbours), `posterize` (64-wide steps to
    /// their middle), `inverse`, `saltpepper` (pixels at random places), `convert_to_hsv`,
    /// `convert_to_lab`.
    ///
    /// SSD reads the floats of `convert_to_lab` as if they were bytes; here they are the values.
    ///
    /// # Source
    /// SSD, im_transforms: ApplyNoise; OpenCV for each step.
    NoiseParam = "NoiseParameter", "noise_param" {
        /// Has no effect, as in SSD.
        1 singular prob: f32 = 0.0;
        /// The histogram of luma is equalised.
        2 singular hist_eq: bool = false;
        /// 255 less the value.
        3 singular inverse: bool = false;
        /// Grey in three channels.
        4 singular decolorize: bool = false;
        /// Blurred by 7 × 7 pixels.
        5 singular gauss_blur: bool = false;
        /// Quality of a JPEG that the picture becomes on the way; none if it is not above 0.
        6 singular jpeg: f32 = -1.0;
        /// Four values are left.
        7 singular posterize: bool = false;
        /// Each pixel is the least of itself and its four neighbours.
        8 singular erode: bool = false;
        /// `saltpepper_param` counts.
        9 singular saltpepper: bool = false;
        /// Pixels at random places.
        10 optional saltpepper_param: SaltPepperParam;
        /// The histogram of luma is equalised in tiles.
        11 singular clahe: bool = false;
        /// B, G, R become H, S, V.
        12 singular convert_to_hsv: bool = false;
        /// B, G, R become L, a, b.
        13 singular convert_to_lab: bool = false;
    }
}

message! {
    /// `saltpepper_param`: pixels at random places have one value.
    SaltPepperParam = "SaltPepperParameter", "saltpepper_param" {
        /// The share of pixels.
        1 singular fraction: f32 = 0.0;
        /// One value for all channels, or one for each.
        2 repeated value: f32;
    }
}

message! {
    /// `distort_param`: brightness, contrast, saturation, hue and the order of channels, at random.
    ///
    /// # Formula
    /// Brightness adds up to ±`brightness_delta`, contrast and saturation multiply by a factor from
    /// `_lower` to `_upper`, hue turns by up to ±`hue_delta` of 180; each with its own probability, in bytes that
    /// saturate. Contrast comes second or fourth, each every second time. Hue and saturation pass through
    /// 8-bit HSV.
    ///
    /// # Source
    /// SSD, im_transforms: ApplyDistort.
    DistortParam = "DistortionParameter", "distort_param" {
        /// How often the brightness changes.
        1 singular brightness_prob: f32 = 0.0;
        /// The most that is added or subtracted.
        2 singular brightness_delta: f32 = 0.0;
        /// How often the contrast changes.
        3 singular contrast_prob: f32 = 0.0;
        /// The least factor of the contrast.
        4 singular contrast_lower: f32 = 0.0;
        /// The greatest factor of the contrast.
        5 singular contrast_upper: f32 = 0.0;
        /// How often the hue changes.
        6 singular hue_prob: f32 = 0.0;
        /// The most that the hue turns, of 180.
        7 singular hue_delta: f32 = 0.0;
        /// How often the saturation changes.
        8 singular saturation_prob: f32 = 0.0;
        /// The least factor of the saturation.
        9 singular saturation_lower: f32 = 0.0;
        /// The greatest factor of the saturation.
        10 singular saturation_upper: f32 = 0.0;
        /// How often the channels change places.
        11 singular random_order_prob: f32 = 0.0;
    }
}

message! {
    /// `expand_param`: the picture at a random place of a larger one.
    ///
    /// # Formula
    /// With probability `prob`, both sides grow by one factor from 1 to `max_expand_ratio`, rounded down.
    /// What is new has the mean, in bytes, or 0 without one. A maximum within 0.01 of 1 does nothing.
    ///
    /// # Source
    /// SSD, DataTransformer: ExpandImage.
    ExpandParam = "ExpansionParameter", "expand_param" {
        /// How often a picture is expanded.
        1 singular prob: f32 = 1.0;
        /// The greatest factor of a side.
        2 singular max_expand_ratio: f32 = 1.0;
    }
}

/// What a [`TransformOp`] does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Op {
    /// Resizing, bilinear.
    Resize,
    /// Cutting out the middle.
    Crop,
    /// Arithmetic: mean, scale, order of channels.
    Stand,
    /// Nothing.
    #[default]
    None,
}

values! {
    Op = "TransformOp.Op" {
        Resize = 0 "RESIZE",
        Crop = 1 "CROP",
        Stand = 2 "STAND",
        None = 3 "NONE",
    }
}

message! {
    /// `transform_op`: one step of a preprocessing that runs in the order in which it is written.
    ///
    /// ```
    /// use transform_param::{TransformOp, TransformParam};
    /// let steps = TransformParam::default().transform_op([
    ///     TransformOp::resize_shorter(256),
    ///     TransformOp::crop([224, 224]),
    ///     TransformOp::stand().mean_value([104.0, 117.0, 123.0]).bgr2rgb(true),
    /// ]);
    /// let text = "transform_op { op: RESIZE resize_side: 256 }
    ///             transform_op { op: CROP crop_h: 224 crop_w: 224 }
    ///             transform_op { op: STAND mean_value: [104, 117, 123] bgr2rgb: true }";
    /// assert_eq!(text.parse::<TransformParam>()?, steps);
    /// # Ok::<(), transform_param::Error>(())
    /// ```
    ///
    /// # Formula
    /// RESIZE is bilinear, to a size or with the shorter side to a length. CROP takes the middle. STAND is
    /// `(x − mean) · scale / div` by channel as stored (B, G, R); then, if `bgr2rgb`, the channels in reverse order.
    TransformOp = "TransformOp", "transform_op" {
        /// What the step does.
        1 singular op: Op = Op::None;
        /// RESIZE: the length of the shorter side.
        2 optional resize_side: u32;
        /// RESIZE: rows; goes with `resize_w`.
        3 singular resize_h: u32 = 0;
        /// RESIZE: pixels of a row; goes with `resize_h`.
        4 singular resize_w: u32 = 0;
        /// CROP: the share of both sides that stays.
        5 optional crop_fraction: f32;
        /// CROP: rows; goes with `crop_w`.
        6 singular crop_h: u32 = 0;
        /// CROP: pixels of a row; goes with `crop_h`.
        7 singular crop_w: u32 = 0;
        /// CROP: what a side that is too short is filled with, at both ends.
        8 optional padding: f32;
        /// STAND: one mean for all channels, or one for each.
        9 repeated mean_value: f32;
        /// STAND: a BlobProto file with the mean picture.
        10 string mean_file: String;
        /// STAND: one factor for all channels, or one for each.
        11 repeated scale: f32;
        /// STAND: what is divided by.
        12 singular div: f32 = 1.0;
        /// STAND: the channels change their order last.
        13 singular bgr2rgb: bool = false;
    }
}

impl TransformOp {
    /// A step that resizes to this height and width.
    pub fn resize([height, width]: [u32; 2]) -> Self {
        TransformOp::default().op(Op::Resize).resize_h(height).resize_w(width)
    }

    /// A step that resizes so that the shorter side has this length.
    pub fn resize_shorter(side: u32) -> Self {
        TransformOp::default().op(Op::Resize).resize_side(side)
    }

    /// A step that cuts out the middle of this height and width.
    pub fn crop([height, width]: [u32; 2]) -> Self {
        TransformOp::default().op(Op::Crop).crop_h(height).crop_w(width)
    }

    /// A step that changes the values.
    pub fn stand() -> Self {
        TransformOp::default().op(Op::Stand)
    }
}
