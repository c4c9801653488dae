//! The layer types: one file each, a struct of parameters that have already been checked.
//!
//! A layer type is added by writing its file and one row of the `layers!` table below; every crate that
//! gives layers a meaning matches [`LayerOp`] exhaustively, so the compiler names the other places.

use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

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

    /// The shapes of the learnt weights, in the order in which a caffemodel keeps them.
    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let _ = bottoms;
        Ok(Vec::new())
    }
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
    "Accuracy" => accuracy::Accuracy,
    "BatchNorm" => batch_norm::BatchNorm,
    "Bias" => bias::Bias,
    "Concat" => concat::Concat,
    "Convolution" => convolution::Convolution,
    "Data" => data::Data,
    "Dequantize" => dequantize::Dequantize,
    "Dropout" => dropout::Dropout,
    "ELU" => elu::Elu,
    "Eltwise" => eltwise::Eltwise,
    "Flatten" => flatten::Flatten,
    "InnerProduct" => inner_product::InnerProduct,
    "Input" => input::Input,
    "LRN" => lrn::Lrn,
    "Pooling" => pooling::Pooling,
    "Power" => power::Power,
    "Quantize" => quantize::Quantize,
    "ReLU" => relu::Relu,
    "Reshape" => reshape::Reshape,
    "Scale" => scale::Scale,
    "Sigmoid" => sigmoid::Sigmoid,
    "Softmax" => softmax::Softmax,
    "SoftmaxWithLoss" => softmax_with_loss::SoftmaxWithLoss,
    "Split" => split::Split,
    "TanH" => tanh::TanH,
}

pub use data::Backend;
pub use eltwise::EltwiseOp;
pub use lrn::LrnRegion;
pub use pooling::{PoolMethod, PoolWindow};
pub use softmax_with_loss::Normalization;

/// The only bottom of a layer that takes one.
fn one<'a>(bottoms: &[&'a [usize]]) -> Result<&'a [usize], LayerError> {
    match bottoms {
        [bottom] => Ok(bottom),
        _ => Err(LayerError::BottomCount { expected: "1", found: bottoms.len() }),
    }
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
