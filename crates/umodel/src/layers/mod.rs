//! The layer types: one file each, a struct of parameters, and what the type tells the rest of the crate.
//!
//! A layer type is added by writing its file, its `mod` line and its row of
//! [`for_each_layer!`](crate::for_each_layer!) below. Every crate that gives layers a meaning dispatches by that
//! table, so the compiler names the other places.

// A new type, role or form has to be thought about wherever they are told apart.
#![deny(clippy::wildcard_enum_match_arm)]

use crate::Shape;
use crate::blob;
use crate::error::LayerError;
use crate::movement::Movement;
use crate::nearest;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};
use crate::taps::Taps;

#[macro_use]
mod message;

mod abs_val;
mod accuracy;
mod annotated_data;
mod arg_max;
mod axpy;
mod batch_norm;
mod batch_norm_kyle;
mod batch_reindex;
mod bias;
mod bilinear_interpolate;
mod bn;
mod bnll;
mod broadcast_binary;
mod clip;
mod compare;
mod concat;
mod contrastive_loss;
mod convolution;
mod convolution_depthwise;
mod crop;
mod cum_sum;
mod data;
mod deconvolution;
mod depthwise_convolution;
mod dequantize;
mod detection_evaluate;
mod detection_output;
mod dropout;
mod dummy_data;
mod eltwise;
mod elu;
mod embed;
mod erf;
mod euclidean_loss;
mod exp;
mod facts;
mod filler;
mod filter;
mod flatten;
mod gather;
mod gelu;
mod hard_sigmoid;
mod hard_swish;
mod hdf5_data;
mod hdf5_output;
mod hinge_loss;
mod im2col;
mod image_data;
mod infogain_loss;
mod inner_product;
mod input;
mod instance_norm;
mod interp;
mod layer_norm;
mod log;
mod lrn;
mod lstm;
mod lstm_unit;
mod mat_mul;
mod max_unpool;
mod memory_data;
mod multi_box_loss;
mod multinomial_logistic_loss;
mod mvn;
mod non_max_suppression;
mod normalize;
mod pad;
mod parameter;
mod permute;
mod pixel_shuffle;
mod pooling;
mod power;
mod prelu;
mod prior_box;
mod prior_box_clustered;
mod proposal;
mod psroi_pooling;
mod python;
mod quantize;
mod recurrence;
mod recurrent;
mod reduce;
mod reduction;
mod region;
mod relu;
mod relu6;
mod reorg;
mod resample;
mod reshape;
mod resize;
mod reverse;
mod rnn;
mod roi_pooling;
mod round;
mod scale;
mod scatter;
mod shape;
mod shuffle_channel;
mod sigmoid;
mod sigmoid_cross_entropy_loss;
mod silence;
mod slice;
mod smooth_l1_loss;
mod softmax;
mod softmax_with_loss;
mod split;
mod spp;
mod squeeze;
mod strided_slice;
mod swish;
mod tanh;
mod threshold;
mod tile;
mod top_k;
mod unsqueeze;
mod upsample;
mod video_data;
mod where_;
mod window_data;
mod yolo;
mod yolo_detection_output;
mod yolov3_detection_output;

use self::facts::Facts;
pub use self::facts::{Affine, Int8Form, Role};
use self::message::{
    MOST, Scalar, check_batch, check_given, check_pair, check_shapes, fit, fork, shapes_from, size,
    spatial_pair, wire,
};
use self::shape::{
    canonical_axis, extent, legacy, loss, macs_at, mismatch, nchw, no_bottoms, one, one_top,
    padded, pair, product, same_shape, unknown_tops, windows,
};
pub use abs_val::AbsVal;
pub use accuracy::Accuracy;
pub use annotated_data::AnnotatedData;
pub use arg_max::ArgMax;
pub use axpy::Axpy;
pub use batch_norm::BatchNorm;
pub use batch_norm_kyle::BatchNormKyle;
pub use batch_reindex::BatchReindex;
pub use bias::Bias;
pub use bilinear_interpolate::BilinearInterpolate;
pub use bilinear_interpolate::InterpolatedSize;
pub use bn::Bn;
pub use bnll::Bnll;
pub use broadcast_binary::BinaryOp;
pub use broadcast_binary::BroadcastBinary;
pub use clip::Clip;
pub use compare::Compare;
pub use compare::CompareOp;
pub use concat::Concat;
pub use contrastive_loss::ContrastiveLoss;
pub use convolution::Convolution;
pub use convolution_depthwise::ConvolutionDepthwise;
pub use crop::Crop;
pub use cum_sum::CumSum;
pub use data::Backend;
pub use data::Data;
pub use deconvolution::Deconvolution;
pub use depthwise_convolution::DepthwiseConvolution;
pub use dequantize::Dequantize;
pub use detection_evaluate::DetectionEvaluate;
pub use detection_output::DetectionOutput;
pub use detection_output::{BoxCode, Suppression};
pub use dropout::Dropout;
pub use dummy_data::DummyData;
pub use eltwise::Eltwise;
pub use eltwise::EltwiseOp;
pub use elu::Elu;
pub use embed::Embed;
pub use erf::Erf;
pub use euclidean_loss::EuclideanLoss;
pub use exp::Exp;
pub use filler::{Fan, Filler};
pub use filter::Filter;
pub use flatten::Flatten;
pub use gather::Gather;
pub use gelu::Gelu;
pub use hard_sigmoid::HardSigmoid;
pub use hard_swish::HardSwish;
pub use hdf5_data::Hdf5Data;
pub use hdf5_output::Hdf5Output;
pub use hinge_loss::HingeLoss;
pub use hinge_loss::HingeNorm;
pub use im2col::{Im2col, Patches};
pub use image_data::ImageData;
pub use infogain_loss::{InfogainLoss, InfogainScores};
pub use inner_product::InnerProduct;
pub use input::Input;
pub use instance_norm::InstanceNorm;
pub use interp::Interp;
pub use layer_norm::LayerNorm;
pub use log::Log;
pub use lrn::Lrn;
pub use lrn::LrnRegion;
pub use lstm::Lstm;
pub use lstm_unit::LstmUnit;
pub use mat_mul::MatMul;
pub use max_unpool::{MaxUnpool, UnpoolSize};
pub use memory_data::MemoryData;
pub use multi_box_loss::{ConfidenceLoss, LocationLoss, Mining, MultiBoxLoss};
pub use multinomial_logistic_loss::MultinomialLogisticLoss;
pub use mvn::Mvn;
pub use non_max_suppression::NonMaxSuppression;
pub use normalize::Normalize;
pub use pad::Pad;
pub use pad::PadMode;
pub use parameter::Parameter;
pub use permute::Permute;
pub use pixel_shuffle::PixelShuffle;
pub use pooling::Pooling;
pub use pooling::{PoolMethod, PoolWindow};
pub use power::Power;
pub use prelu::PRelu;
pub use prior_box::PriorBox;
pub use prior_box_clustered::PriorBoxClustered;
pub use proposal::Proposal;
pub use psroi_pooling::PsRoiPooling;
pub use python::Python;
pub use quantize::Quantize;
pub use recurrence::Recurrence;
pub use recurrence::{Cell, Direction};
pub use reduce::Reduce;
pub use reduce::ReduceOp;
pub use reduction::Reduction;
pub use reduction::ReductionOp;
pub use region::Region;
pub use relu::Relu;
pub use relu6::Relu6;
pub use reorg::Reorg;
pub use resample::Resample;
pub use resample::{Coordinates, NearestRounding, ResampleMethod};
pub use reshape::Reshape;
pub use resize::Resize;
pub use reverse::Reverse;
pub use rnn::Rnn;
pub use roi_pooling::RoiPooling;
pub use round::Round;
pub use round::RoundMode;
pub use scale::Scale;
pub use scatter::Scatter;
pub use scatter::ScatterReduction;
pub use shuffle_channel::ShuffleChannel;
pub use sigmoid::Sigmoid;
pub use sigmoid_cross_entropy_loss::SigmoidCrossEntropyLoss;
pub use silence::Silence;
pub use slice::Slice;
pub use smooth_l1_loss::SmoothL1Loss;
pub use softmax::Softmax;
pub use softmax_with_loss::Normalization;
pub use softmax_with_loss::SoftmaxWithLoss;
pub use split::Split;
pub use spp::Spp;
pub use squeeze::Squeeze;
pub use strided_slice::SliceRange;
pub use strided_slice::StridedSlice;
pub use swish::Swish;
pub use tanh::TanH;
pub use threshold::Threshold;
pub use tile::Tile;
pub use top_k::TopK;
pub use unsqueeze::Unsqueeze;
pub use upsample::Upsample;
pub use video_data::VideoData;
pub use where_::Where;
pub use window_data::WindowData;
pub use yolo::Yolo;
pub use yolo_detection_output::YoloDetectionOutput;
pub use yolov3_detection_output::Yolov3DetectionOutput;

/// Calls a macro with the table of all layer types, or matches a [`LayerOp`](crate::LayerOp).
///
/// The table has a row for each type: the name in a prototxt, and that of the struct, which is also the
/// variant's. Code that is made of it cannot forget a type.
///
/// ```
/// macro_rules! kinds {
///     ($($kind:literal => $name:ident,)*) => { [$($kind),*] };
/// }
/// assert!(umodel::for_each_layer!(kinds).contains(&"ReLU6"));
/// ```
///
/// `match op { p => … }` has an arm for each type, which binds its parameters. So a trait that is implemented
/// for all of them is reached in one line, and one that is not is a compile error.
///
/// ```
/// use std::fmt::Debug;
/// use umodel::LayerOp;
/// use umodel::layers::Relu;
///
/// fn parameters(op: &LayerOp) -> &dyn Debug {
///     umodel::for_each_layer!(match op { p => p })
/// }
/// let relu = LayerOp::from(Relu { negative_slope: 0.0 });
/// assert_eq!(format!("{:?}", parameters(&relu)), "Relu { negative_slope: 0.0 }");
/// ```
#[macro_export]
macro_rules! for_each_layer {
    (match $op:ident { $param:ident => $body:expr $(,)? }) => {
        $crate::for_each_layer! { @rows $crate::match_layer [$op, $param, $body;] }
    };
    ($callback:ident) => {
        $crate::for_each_layer! { @rows $callback [] }
    };
    (@rows $($callback:ident)::+ [$($arguments:tt)*]) => {
        $($callback)::+! {
            $($arguments)*
            "AbsVal" => AbsVal,
            "Accuracy" => Accuracy,
            "AnnotatedData" => AnnotatedData,
            "ArgMax" => ArgMax,
            "Axpy" => Axpy,
            "BatchNorm" => BatchNorm,
            "BatchNormKyle" => BatchNormKyle,
            "BatchReindex" => BatchReindex,
            "Bias" => Bias,
            "BilinearInterpolate" => BilinearInterpolate,
            "BN" => Bn,
            "BNLL" => Bnll,
            "BroadcastBinary" => BroadcastBinary,
            "Clip" => Clip,
            "Compare" => Compare,
            "Concat" => Concat,
            "ContrastiveLoss" => ContrastiveLoss,
            "Convolution" => Convolution,
            "ConvolutionDepthwise" => ConvolutionDepthwise,
            "Crop" => Crop,
            "CumSum" => CumSum,
            "Data" => Data,
            "Deconvolution" => Deconvolution,
            "DepthwiseConvolution" => DepthwiseConvolution,
            "Dequantize" => Dequantize,
            "DetectionEvaluate" => DetectionEvaluate,
            "DetectionOutput" => DetectionOutput,
            "Dropout" => Dropout,
            "DummyData" => DummyData,
            "Eltwise" => Eltwise,
            "ELU" => Elu,
            "Embed" => Embed,
            "Erf" => Erf,
            "EuclideanLoss" => EuclideanLoss,
            "Exp" => Exp,
            "Filter" => Filter,
            "Flatten" => Flatten,
            "Gather" => Gather,
            "Gelu" => Gelu,
            "HardSigmoid" => HardSigmoid,
            "HardSwish" => HardSwish,
            "HDF5Data" => Hdf5Data,
            "HDF5Output" => Hdf5Output,
            "HingeLoss" => HingeLoss,
            "Im2col" => Im2col,
            "ImageData" => ImageData,
            "InfogainLoss" => InfogainLoss,
            "InnerProduct" => InnerProduct,
            "Input" => Input,
            "InstanceNorm" => InstanceNorm,
            "Interp" => Interp,
            "LayerNorm" => LayerNorm,
            "Log" => Log,
            "LRN" => Lrn,
            "LSTM" => Lstm,
            "LSTMUnit" => LstmUnit,
            "MatMul" => MatMul,
            "MaxUnPool" => MaxUnpool,
            "MemoryData" => MemoryData,
            "MultiBoxLoss" => MultiBoxLoss,
            "MultinomialLogisticLoss" => MultinomialLogisticLoss,
            "MVN" => Mvn,
            "NonMaxSuppression" => NonMaxSuppression,
            "Normalize" => Normalize,
            "Pad" => Pad,
            "Parameter" => Parameter,
            "Permute" => Permute,
            "PixelShuffle" => PixelShuffle,
            "Pooling" => Pooling,
            "Power" => Power,
            "PReLU" => PRelu,
            "PriorBox" => PriorBox,
            "PriorBoxClustered" => PriorBoxClustered,
            "Proposal" => Proposal,
            "PSROIPooling" => PsRoiPooling,
            "Python" => Python,
            "Quantize" => Quantize,
            "Recurrence" => Recurrence,
            "Reduce" => Reduce,
            "Reduction" => Reduction,
            "Region" => Region,
            "ReLU" => Relu,
            "ReLU6" => Relu6,
            "Reorg" => Reorg,
            "Resample" => Resample,
            "Reshape" => Reshape,
            "Resize" => Resize,
            "Reverse" => Reverse,
            "RNN" => Rnn,
            "ROIPooling" => RoiPooling,
            "Round" => Round,
            "Scale" => Scale,
            "Scatter" => Scatter,
            "ShuffleChannel" => ShuffleChannel,
            "Sigmoid" => Sigmoid,
            "SigmoidCrossEntropyLoss" => SigmoidCrossEntropyLoss,
            "Silence" => Silence,
            "Slice" => Slice,
            "SmoothL1Loss" => SmoothL1Loss,
            "Softmax" => Softmax,
            "SoftmaxWithLoss" => SoftmaxWithLoss,
            "Split" => Split,
            "Squeeze" => Squeeze,
            "StridedSlice" => StridedSlice,
            "SPP" => Spp,
            "Swish" => Swish,
            "TanH" => TanH,
            "Threshold" => Threshold,
            "Tile" => Tile,
            "TopK" => TopK,
            "Unsqueeze" => Unsqueeze,
            "Upsample" => Upsample,
            "VideoData" => VideoData,
            "Where" => Where,
            "WindowData" => WindowData,
            "Yolo" => Yolo,
            "YoloDetectionOutput" => YoloDetectionOutput,
            "Yolov3DetectionOutput" => Yolov3DetectionOutput,
        }
    };
}

/// The match of [`for_each_layer!`].
#[doc(hidden)]
#[macro_export]
macro_rules! match_layer {
    ($op:ident, $param:ident, $body:expr; $($kind:literal => $name:ident,)*) => {
        match $op { $($crate::LayerOp::$name($param) => $body,)* }
    };
}

/// What a layer type tells the rest of the crate about itself.
pub(crate) trait LayerParam {
    /// Decodes the layer's parameters: which fields there are, and in which of their forms. Their values are
    /// for [`LayerParam::check`].
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError>
    where
        Self: Sized;

    /// Writes the parameters back; the inverse of [`LayerParam::parse`].
    fn write(&self, layer: &mut LayerParameter);

    /// Refuses parameters that no layer can have, or no file can hold. All other methods may rely on it.
    fn check(&self) -> Result<(), LayerError>;

    /// What others decide by.
    fn facts(&self) -> Facts<'_>;

    /// In double precision, the value of the top for a value of the bottom, of a layer that computes each by itself.
    fn value(&self, x: f64) -> Option<f64> {
        let _ = x;
        None
    }

    /// The shapes of the `tops` top blobs for these bottom shapes.
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError>;

    /// Where the values of a top come from, of a layer that only moves those of its first bottom.
    fn movement(
        &self,
        bottom: &[usize],
        tops: &[&[usize]],
        top: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let _ = (bottom, tops, top);
        Ok(None)
    }

    /// Of a layer that resizes height and width, the weighted values of rows and of columns.
    fn taps(&self, bottom: &[usize], top: &[usize]) -> Result<Option<[Taps; 2]>, LayerError> {
        let _ = (bottom, top);
        Ok(None)
    }

    /// How BM1684 computes the layer in fp32. None if it does not.
    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let _ = float;
        None
    }

    /// The axis along which a top's length is known only when the layer runs. The shape says the largest possible
    /// length, or that of the first batch if there is no largest one.
    fn counted_axis(&self, top: usize, shape: &[usize]) -> Option<usize> {
        let _ = (top, shape);
        None
    }

    /// Whether the layer reads no more of a bottom than its shape.
    fn reads_shape_only(&self, bottom: usize) -> bool {
        let _ = bottom;
        false
    }

    /// Multiplications with a weight, each with an addition, for these shapes.
    fn macs(&self, bottoms: &[&[usize]], tops: &[&[usize]]) -> u64 {
        let _ = (bottoms, tops);
        0
    }

    /// The shapes of the learnt weights, in the order in which a caffemodel keeps them.
    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let _ = bottoms;
        Ok(Vec::new())
    }

    /// Whether there is a bias, for a pass to change, of a layer that has a factor for each channel.
    fn bias_mut(&mut self) -> Option<&mut bool> {
        None
    }
}

macro_rules! layers {
    ($($text:literal => $name:ident,)*) => {
        /// A layer's type and its parameters, which [`LayerOp::check`] judges.
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

            /// The names of all types.
            const KINDS: &[&str] = &[$($text),*];

            /// Whether there is a type of this name.
            pub(crate) fn knows(kind: &str) -> bool {
                LayerOp::KINDS.contains(&kind)
            }

            fn decode(layer: &LayerParameter) -> Result<Self, LayerError> {
                match layer.type_() {
                    $($text => $name::parse(layer).map(LayerOp::$name),)*
                    _ => Err(unsupported(layer.type_())),
                }
            }
        }

        $(impl From<$name> for LayerOp {
            fn from(param: $name) -> Self { LayerOp::$name(param) }
        })*
    };
}
for_each_layer!(layers);

/// The error for a type that is not known, with those that were probably meant.
pub(crate) fn unsupported(kind: &str) -> LayerError {
    // Capitals are mistaken more often than letters.
    let same = |other: &&&str| other.eq_ignore_ascii_case(kind);
    let nearest = match LayerOp::KINDS.iter().find(same) {
        Some(&kind) => vec![kind.to_owned()],
        None => nearest(kind, LayerOp::KINDS.iter().copied()),
    };
    LayerError::UnsupportedType { nearest }
}

impl LayerOp {
    /// Reads and checks the parameters of a layer.
    pub(crate) fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let op = LayerOp::decode(layer)?;
        op.check()?;
        Ok(op)
    }

    /// Whether the parameters are possible. [`NetBuilder::add`](crate::NetBuilder::add) asks it of every
    /// layer.
    ///
    /// # Errors
    /// [`LayerError::MissingField`] or [`LayerError::BadValue`] for the first that is not.
    pub fn check(&self) -> Result<(), LayerError> {
        self.param().check()
    }

    /// How many weight blobs the layer has, given the shapes of its bottoms.
    pub fn weight_count(&self, bottoms: &[&[usize]]) -> usize {
        self.weight_shapes(bottoms).map_or(0, |shapes| shapes.len())
    }

    /// The shapes of the weight blobs, in a caffemodel's order, given those of the bottoms.
    ///
    /// # Errors
    /// For bottoms that do not suit the layer, and as [`LayerOp::check`].
    pub fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        self.check()?;
        bottoms.iter().try_for_each(|bottom| blob::check_shape(bottom))?;
        self.param().weight_shapes(bottoms)
    }

    /// The shapes of so many tops, given those of the bottoms. Those of layers that
    /// [read files](LayerOp::reads_files) are known only with the files.
    ///
    /// # Errors
    /// For bottoms that do not suit the layer, and as [`LayerOp::check`].
    pub fn top_shapes(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        self.check()?;
        bottoms.iter().try_for_each(|bottom| blob::check_shape(bottom))?;
        let shapes = self.param().infer(bottoms, tops)?;
        shapes.iter().try_for_each(|shape| blob::check_shape(shape))?;
        Ok(shapes)
    }

    /// Where the values of a top come from, of a layer that only moves those of its first bottom, given the shapes of
    /// that bottom and of all tops. None for all other layers.
    ///
    /// # Errors
    /// For parameters that do not suit the bottom.
    pub fn movement(
        &self,
        bottom: &[usize],
        tops: &[&[usize]],
        top: usize,
    ) -> Result<Option<Movement>, LayerError> {
        self.param().movement(bottom, tops, top)
    }

    /// Of a layer that resizes height and width by weighted sums, those of rows and of columns, given the shapes of its
    /// bottom and its top. None for all other layers.
    ///
    /// # Errors
    /// For parameters that do not suit the bottom.
    pub fn taps(&self, bottom: &[usize], top: &[usize]) -> Result<Option<[Taps; 2]>, LayerError> {
        self.param().taps(bottom, top)
    }

    /// The axis along which the length of a top is known only when the layer runs, as that of detected boxes. In a
    /// [`Net`](crate::Net) it is the largest possible one, or that of the first batch if there is no largest one.
    pub fn counted_axis(&self, top: usize, shape: &[usize]) -> Option<usize> {
        self.param().counted_axis(top, shape)
    }

    /// What the layer does in a net.
    pub fn role(&self) -> Role {
        self.param().facts().role
    }

    /// How the layer can compute in int8.
    pub fn int8_form(&self) -> Int8Form<'_> {
        self.param().facts().int8
    }

    /// Whether the layer reads the values of a bottom, and not only its shape. A bottom whose values nobody reads may
    /// be stored in any way.
    pub fn reads_values(&self, bottom: usize) -> bool {
        !self.param().reads_shape_only(bottom)
    }

    /// For a layer that computes each value of its top from the same value of its bottom alone: that function, in
    /// double precision. None for all other layers. It may be infinite, or no number, where the function is.
    ///
    /// ```
    /// use umodel::LayerOp;
    /// use umodel::layers::HardSwish;
    ///
    /// assert_eq!(LayerOp::from(HardSwish).value(1.0), Some(2.0 / 3.0));
    /// ```
    pub fn value(&self, x: f64) -> Option<f64> {
        self.param().value(x)
    }

    /// How many of the first tops are pictures, for layers that bring them from files or from the
    /// caller; the rest are labels. None for all other types.
    pub fn pictures(&self) -> Option<usize> {
        matches!(self.role(), Role::Pictures { .. }).then_some(1)
    }

    /// Whether the shapes of the tops are known only with the files that the layer reads.
    pub fn reads_files(&self) -> bool {
        self.role() == Role::Pictures { from_files: true }
    }

    pub(crate) fn param(&self) -> &dyn LayerParam {
        for_each_layer!(match self {
            param => param,
        })
    }

    pub(crate) fn param_mut(&mut self) -> &mut dyn LayerParam {
        for_each_layer!(match self {
            param => param,
        })
    }
}
