//! The layer types: one file each, a struct of parameters that have already been checked.
//!
//! A layer type is added by writing its file and one row of the `layers!` table below; every crate that
//! gives layers a meaning matches [`LayerOp`] exhaustively, so the compiler names the other places.

use protobuf::reflect::ReflectValueRef;
use protobuf::{MessageField, MessageFull, UnknownValueRef};

use crate::Shape;
use crate::blob::volume;
use crate::error::LayerError;
use crate::proto::{BlobShape, LayerParameter};

/// What a layer type tells the graph about itself.
pub(crate) trait LayerParam {
    /// Reads and checks the layer's parameters.
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError>
    where
        Self: Sized;

    /// Writes the parameters back; the inverse of [`LayerParam::parse`].
    fn write(&self, layer: &mut LayerParameter);

    /// The shapes of the `tops` top blobs for these bottom shapes.
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError>;

    /// Multiplications with a weight, each with an addition, for these shapes.
    fn macs(&self, bottoms: &[&[usize]], tops: &[&[usize]]) -> u64 {
        let _ = (bottoms, tops);
        0
    }

    /// Refuses values that single fields of [`layer!`] may not have.
    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    /// The shapes of the learnt weights, in the order in which a caffemodel keeps them.
    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let _ = bottoms;
        Ok(Vec::new())
    }
}

/// A number or string as a message has it and as a layer has it.
trait Scalar<Wire> {
    fn from_wire(wire: Wire) -> Self;
}

impl Scalar<u32> for usize {
    fn from_wire(wire: u32) -> usize {
        wire as usize
    }
}

impl Scalar<usize> for u32 {
    fn from_wire(size: usize) -> u32 {
        // What is read comes from a u32; a caller's larger number means "as large as can be".
        u32::try_from(size).unwrap_or(u32::MAX)
    }
}

impl Scalar<&str> for String {
    fn from_wire(wire: &str) -> String {
        wire.to_owned()
    }
}

macro_rules! same_scalar {
    ($($kind:ty),*) => {
        $(impl Scalar<$kind> for $kind {
            fn from_wire(wire: $kind) -> $kind {
                wire
            }
        })*
    };
}
same_scalar!(f32, bool, i32, String);

/// A layer whose parameters are single values of one message, and the rest of its [`LayerParam`].
/// `check` may refuse values; forks may have the message under other numbers, too, see [`fork`].
macro_rules! layer {
    (
        $(#[$doc:meta])*
        $name:ident from $param:ident $(or $($number:literal),+)? {
            $($(#[$field_doc:meta])* $field:ident: $kind:ty,)*
        }
        $($methods:tt)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl $crate::layers::LayerParam for $name {
            fn parse(
                layer: &$crate::proto::LayerParameter,
            ) -> Result<Self, $crate::error::LayerError> {
                let p = $crate::layers::fork(layer, &layer.$param, &[$($($number),+)?]);
                let parsed = $name { $($field: $crate::layers::Scalar::from_wire(p.$field()),)* };
                parsed.check()?;
                Ok(parsed)
            }

            fn write(&self, layer: &mut $crate::proto::LayerParameter) {
                let mut p = layer.$param.get_or_default().clone();
                let mut changed = false;
                $(
                    let old: $kind = $crate::layers::Scalar::from_wire(p.$field());
                    if old != self.$field {
                        p.$field = Some($crate::layers::Scalar::from_wire(self.$field.clone()));
                        changed = true;
                    }
                )*
                if changed {
                    layer.$param = Some(p).into();
                }
            }

            $($methods)*
        }
    };
    ($(#[$doc:meta])* $name:ident; $($methods:tt)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;

        impl $crate::layers::LayerParam for $name {
            fn parse(
                _: &$crate::proto::LayerParameter,
            ) -> Result<Self, $crate::error::LayerError> {
                Ok($name)
            }

            fn write(&self, _: &mut $crate::proto::LayerParameter) {}

            $($methods)*
        }
    };
}

macro_rules! layers {
    ($($text:literal => $module:ident::$name:ident),* $(,)?) => {
        $(mod $module;)*
        $(pub use $module::$name;)*

        /// A layer's type and its checked parameters.
        ///
        /// Deliberately exhaustive: a new layer type is a breaking release of this crate, and the
        /// compiler then shows every executor, quantizer and code generator what to add.
        #[derive(Clone, Debug, PartialEq)]
        pub enum LayerOp {
            $(#[doc = concat!("`", $text, "`, see [`", stringify!($name), "`]")] $name($name),)*
        }

        impl LayerOp {
            /// Caffe's name of the type, as in a prototxt's `type: "Convolution"`.
            pub fn kind(&self) -> &'static str {
                match self { $(LayerOp::$name(_) => $text,)* }
            }

            pub(crate) fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
                match layer.type_() {
                    $($text => $name::parse(layer).map(LayerOp::$name),)*
                    _ => Err(LayerError::UnsupportedType),
                }
            }

            /// How many weight blobs the layer has, given the shapes of its bottoms.
            pub fn weight_count(&self, bottoms: &[&[usize]]) -> usize {
                self.param().weight_shapes(bottoms).map_or(0, |shapes| shapes.len())
            }

            /// The shapes of the weight blobs, in a caffemodel's order, given those of the bottoms.
            ///
            /// # Errors
            /// For bottoms that do not suit the layer.
            pub fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
                self.param().weight_shapes(bottoms)
            }

            /// How many of the first tops are pictures, for layers that bring them from files or from the
            /// caller; the rest are labels. None for all other types.
            pub fn pictures(&self) -> Option<usize> {
                matches!(
                    self,
                    LayerOp::Data(_)
                        | LayerOp::AnnotatedData(_)
                        | LayerOp::ImageData(_)
                        | LayerOp::MemoryData(_)
                        | LayerOp::Hdf5Data(_)
                )
                .then_some(1)
            }

            /// Whether the shapes of the tops are known only with the files that the layer reads.
            pub fn reads_files(&self) -> bool {
                self.pictures().is_some() && !matches!(self, LayerOp::MemoryData(_))
            }

            pub(crate) fn param(&self) -> &dyn LayerParam {
                match self { $(LayerOp::$name(param) => param,)* }
            }
        }

        $(impl From<$name> for LayerOp {
            fn from(param: $name) -> Self { LayerOp::$name(param) }
        })*
    };
}

layers! {
    "AbsVal" => abs_val::AbsVal,
    "Accuracy" => accuracy::Accuracy,
    "AnnotatedData" => annotated_data::AnnotatedData,
    "ArgMax" => arg_max::ArgMax,
    "Axpy" => axpy::Axpy,
    "BatchNorm" => batch_norm::BatchNorm,
    "BatchNormKyle" => batch_norm_kyle::BatchNormKyle,
    "BatchReindex" => batch_reindex::BatchReindex,
    "Bias" => bias::Bias,
    "BilinearInterpolate" => bilinear_interpolate::BilinearInterpolate,
    "BN" => bn::Bn,
    "BNLL" => bnll::Bnll,
    "BroadcastBinary" => broadcast_binary::BroadcastBinary,
    "Clip" => clip::Clip,
    "Concat" => concat::Concat,
    "ContrastiveLoss" => contrastive_loss::ContrastiveLoss,
    "Convolution" => convolution::Convolution,
    "ConvolutionDepthwise" => convolution_depthwise::ConvolutionDepthwise,
    "Crop" => crop::Crop,
    "Data" => data::Data,
    "Deconvolution" => deconvolution::Deconvolution,
    "DepthwiseConvolution" => depthwise_convolution::DepthwiseConvolution,
    "Dequantize" => dequantize::Dequantize,
    "DetectionEvaluate" => detection_evaluate::DetectionEvaluate,
    "DetectionOutput" => detection_output::DetectionOutput,
    "Dropout" => dropout::Dropout,
    "DummyData" => dummy_data::DummyData,
    "Eltwise" => eltwise::Eltwise,
    "ELU" => elu::Elu,
    "Embed" => embed::Embed,
    "EuclideanLoss" => euclidean_loss::EuclideanLoss,
    "Exp" => exp::Exp,
    "Filter" => filter::Filter,
    "Flatten" => flatten::Flatten,
    "HardSigmoid" => hard_sigmoid::HardSigmoid,
    "HardSwish" => hard_swish::HardSwish,
    "HDF5Data" => hdf5_data::Hdf5Data,
    "HDF5Output" => hdf5_output::Hdf5Output,
    "HingeLoss" => hinge_loss::HingeLoss,
    "Im2col" => im2col::Im2col,
    "ImageData" => image_data::ImageData,
    "InfogainLoss" => infogain_loss::InfogainLoss,
    "InnerProduct" => inner_product::InnerProduct,
    "Input" => input::Input,
    "InstanceNorm" => instance_norm::InstanceNorm,
    "Interp" => interp::Interp,
    "Log" => log::Log,
    "LRN" => lrn::Lrn,
    "LSTM" => lstm::Lstm,
    "LSTMUnit" => lstm_unit::LstmUnit,
    "MatMul" => mat_mul::MatMul,
    "MaxUnPool" => max_unpool::MaxUnpool,
    "MemoryData" => memory_data::MemoryData,
    "MultiBoxLoss" => multi_box_loss::MultiBoxLoss,
    "MultinomialLogisticLoss" => multinomial_logistic_loss::MultinomialLogisticLoss,
    "MVN" => mvn::Mvn,
    "Normalize" => normalize::Normalize,
    "Pad" => pad::Pad,
    "Parameter" => parameter::Parameter,
    "Permute" => permute::Permute,
    "PixelShuffle" => pixel_shuffle::PixelShuffle,
    "Pooling" => pooling::Pooling,
    "Power" => power::Power,
    "PReLU" => prelu::PRelu,
    "PriorBox" => prior_box::PriorBox,
    "Proposal" => proposal::Proposal,
    "PSROIPooling" => psroi_pooling::PsRoiPooling,
    "Python" => python::Python,
    "Quantize" => quantize::Quantize,
    "Reduce" => reduce::Reduce,
    "Reduction" => reduction::Reduction,
    "Region" => region::Region,
    "ReLU" => relu::Relu,
    "ReLU6" => relu6::Relu6,
    "Reorg" => reorg::Reorg,
    "Resample" => resample::Resample,
    "Reshape" => reshape::Reshape,
    "Resize" => resize::Resize,
    "RNN" => rnn::Rnn,
    "ROIPooling" => roi_pooling::RoiPooling,
    "Scale" => scale::Scale,
    "ShuffleChannel" => shuffle_channel::ShuffleChannel,
    "Sigmoid" => sigmoid::Sigmoid,
    "SigmoidCrossEntropyLoss" => sigmoid_cross_entropy_loss::SigmoidCrossEntropyLoss,
    "Silence" => silence::Silence,
    "Slice" => slice::Slice,
    "SmoothL1Loss" => smooth_l1_loss::SmoothL1Loss,
    "Softmax" => softmax::Softmax,
    "SoftmaxWithLoss" => softmax_with_loss::SoftmaxWithLoss,
    "Split" => split::Split,
    "StridedSlice" => strided_slice::StridedSlice,
    "SPP" => spp::Spp,
    "Swish" => swish::Swish,
    "TanH" => tanh::TanH,
    "Threshold" => threshold::Threshold,
    "Tile" => tile::Tile,
    "Unsqueeze" => unsqueeze::Unsqueeze,
    "Upsample" => upsample::Upsample,
    "VideoData" => video_data::VideoData,
    "WindowData" => window_data::WindowData,
    "Yolo" => yolo::Yolo,
    "YoloDetectionOutput" => yolo_detection_output::YoloDetectionOutput,
    "Yolov3DetectionOutput" => yolov3_detection_output::Yolov3DetectionOutput,
}

mod filler;
mod recurrent;

pub use bilinear_interpolate::InterpolatedSize;
pub use broadcast_binary::BinaryOp;
pub use data::Backend;
pub use detection_output::{BoxCode, Suppression};
pub use eltwise::EltwiseOp;
pub use filler::{Fan, Filler};
pub use hinge_loss::HingeNorm;
pub use lrn::LrnRegion;
pub use pad::PadMode;
pub use pooling::{PoolMethod, PoolWindow};
pub use reduce::ReduceOp;
pub use reduction::ReductionOp;
pub use resample::{Coordinates, NearestRounding, ResampleMethod};
pub use softmax_with_loss::Normalization;
pub use strided_slice::SliceRange;

/// Multiplications where each of some positions sees all of a layer's first weights.
fn macs_at(positions: &[usize], weights: Result<Vec<Shape>, LayerError>) -> u64 {
    let volume =
        |shape: &[usize]| shape.iter().fold(1u64, |v, &size| v.saturating_mul(size as u64));
    let weights = weights.ok().and_then(|shapes| shapes.first().map(|shape| volume(shape)));
    volume(positions).saturating_mul(weights.unwrap_or(0))
}

/// The only bottom of a layer that takes one.
fn one<'a>(bottoms: &[&'a [usize]]) -> Result<&'a [usize], LayerError> {
    match bottoms {
        [bottom] => Ok(bottom),
        _ => Err(LayerError::BottomCount { expected: "1", found: bottoms.len() }),
    }
}

/// The two bottoms of a layer that takes as many.
fn pair<'a>(bottoms: &[&'a [usize]]) -> Result<[&'a [usize]; 2], LayerError> {
    <[&[usize]; 2]>::try_from(bottoms)
        .map_err(|_| LayerError::BottomCount { expected: "2", found: bottoms.len() })
}

/// A second bottom whose shape does not suit the first.
fn mismatch(expected: &[usize], found: &[usize]) -> LayerError {
    LayerError::BottomShape { index: 1, expected: expected.to_vec(), found: found.to_vec() }
}

/// Shape inference that Caffe's losses share: as many targets as there are images, a scalar.
fn loss(bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
    let [a, b, ..] = bottoms else {
        return Err(LayerError::BottomCount { expected: "2 or more", found: bottoms.len() });
    };
    if a.is_empty() || a.first() != b.first() {
        return Err(mismatch(a, b));
    }
    one_top(tops, Vec::new())
}

/// Caffe's old view of a blob of up to four axes: those that are missing have length 1.
fn legacy(shape: &[usize]) -> Result<[usize; 4], LayerError> {
    if shape.len() > 4 {
        return Err(LayerError::AxisCount { expected: 4, found: shape.to_vec() });
    }
    Ok(std::array::from_fn(|axis| shape.get(axis).copied().unwrap_or(1)))
}

/// The shapes of some messages.
fn shapes_from(field: &'static str, shapes: &[BlobShape]) -> Result<Vec<Shape>, LayerError> {
    let shape = |shape: &BlobShape| {
        let dims: Option<Shape> = shape.dim.iter().map(|&dim| usize::try_from(dim).ok()).collect();
        dims.filter(|dims| volume(dims).is_some()).ok_or_else(|| LayerError::BadValue {
            field,
            value: format!("{:?}", shape.dim),
            reason: "dims must not be negative, nor their product 2^31 or more".into(),
        })
    };
    shapes.iter().map(shape).collect()
}

/// What shape inference says of layers that read files: only whether the tops' number is right.
fn unknown_tops(
    bottoms: &[&[usize]],
    tops: usize,
    allowed: std::ops::RangeInclusive<usize>,
    expected: &'static str,
) -> Result<Vec<Shape>, LayerError> {
    match bottoms.len() {
        0 if allowed.contains(&tops) => Err(LayerError::NoSource),
        0 => Err(LayerError::TopCount { expected, found: tops }),
        found => Err(LayerError::BottomCount { expected: "0", found }),
    }
}

/// The parameters of a fork's layer: its own field, or what a binary file has under one of the numbers
/// that forks use, be it unknown or another field's.
fn fork<M: MessageFull>(layer: &LayerParameter, own: &MessageField<M>, numbers: &[u32]) -> M {
    let descriptor = LayerParameter::descriptor();
    let message = |number: u32| -> Option<M> {
        let bytes = match descriptor.field_by_number(number) {
            Some(field) => match field.get_singular(layer)? {
                ReflectValueRef::Message(message) => message.write_to_bytes_dyn().ok()?,
                _ => return None,
            },
            None => match layer.special_fields.unknown_fields().get(number)? {
                UnknownValueRef::LengthDelimited(bytes) => bytes.to_vec(),
                _ => return None,
            },
        };
        M::parse_from_bytes(&bytes).ok()
    };
    let other = || numbers.iter().find_map(|&number| message(number));
    own.as_ref().cloned().or_else(other).unwrap_or_default()
}

/// The top shapes of a layer with exactly one top.
fn one_top(tops: usize, shape: Shape) -> Result<Vec<Shape>, LayerError> {
    if tops != 1 {
        return Err(LayerError::TopCount { expected: "1", found: tops });
    }
    Ok(vec![shape])
}

/// Shape inference of element-wise layers: one bottom, one top, the same shape.
fn same_shape(bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
    one_top(tops, one(bottoms)?.to_vec())
}

/// Caffe's axis rule: negative axes count from the end. `limit` is one past the largest index.
fn canonical_axis(field: &'static str, axis: i32, limit: usize) -> Result<usize, LayerError> {
    let index = if axis < 0 { i64::from(axis) + limit as i64 } else { i64::from(axis) };
    usize::try_from(index).ok().filter(|&index| index < limit).ok_or_else(|| LayerError::BadValue {
        field,
        value: axis.to_string(),
        reason: format!("outside the {limit} axes of the bottom"),
    })
}

/// The bottom's N, C, H, W; fewer or more axes are an error.
fn nchw(bottom: &[usize]) -> Result<[usize; 4], LayerError> {
    <[usize; 4]>::try_from(bottom)
        .map_err(|_| LayerError::AxisCount { expected: 4, found: bottom.to_vec() })
}

/// Reads a spatial pair given once, twice, or as `_h` and `_w`, as Caffe's layers allow.
fn spatial_pair(
    field: &'static str,
    repeated: &[u32],
    height: Option<u32>,
    width: Option<u32>,
    default: Option<u32>,
) -> Result<[usize; 2], LayerError> {
    let pair = match (repeated, height, width) {
        ([], None, None) => {
            let value = default.ok_or(LayerError::MissingField { field })?;
            [value, value]
        }
        ([], h, w) if default.is_some() || (h.is_some() && w.is_some()) => {
            let default = default.unwrap_or(0);
            [h.unwrap_or(default), w.unwrap_or(default)]
        }
        ([], _, _) => return Err(LayerError::MissingField { field }),
        ([both], None, None) => [*both, *both],
        ([h, w], None, None) => [*h, *w],
        (_, None, None) => {
            return Err(LayerError::BadValue {
                field,
                value: format!("{repeated:?}"),
                reason: "one value or two (height, width) are supported".into(),
            });
        }
        _ => {
            return Err(LayerError::BadValue {
                field,
                value: format!("{repeated:?}"),
                reason: "either the field or its _h and _w forms, not both".into(),
            });
        }
    };
    Ok(pair.map(|value| value as usize))
}

/// An error unless every value of the pair is at least `least`.
fn at_least(field: &'static str, pair: [usize; 2], least: usize) -> Result<[usize; 2], LayerError> {
    if pair.iter().any(|&value| value < least) {
        return Err(LayerError::BadValue {
            field,
            value: format!("{pair:?}"),
            reason: format!("must be at least {least}"),
        });
    }
    // Larger values cannot occur in a working net and would overflow the output size.
    if pair.iter().any(|&value| value > 1 << 16) {
        return Err(LayerError::BadValue {
            field,
            value: format!("{pair:?}"),
            reason: "larger than 65536".into(),
        });
    }
    Ok(pair)
}
