//! ONNX's operators: attributes and inputs of each operator set to the calls of [`crate::ops`].

mod convolution;
mod elementwise;
mod join;
mod matmul;
mod normalize;
mod pad;
mod pooling;
mod reduce;
mod resize;
mod shape;

use super::node::Node;
use crate::graph::{Importer, Result, Value};

/// Imports a node: a value for each output, fewer if the others may not be read.
pub(super) type Operator = fn(&mut Importer, &Node<'_>) -> Result<Vec<Value>>;

/// What imports an operator of the standard domain.
pub(super) fn operator(op_type: &str) -> Option<Operator> {
    Some(match op_type {
        "Conv" => convolution::conv,
        "ConvTranspose" => convolution::conv_transpose,
        "DepthToSpace" => convolution::depth_to_space,
        "SpaceToDepth" => convolution::space_to_depth,
        "MaxPool" => pooling::max_pool,
        "AveragePool" => pooling::average_pool,
        "GlobalMaxPool" => pooling::global_max_pool,
        "GlobalAveragePool" => pooling::global_average_pool,
        "Gemm" => matmul::gemm,
        "MatMul" => matmul::matmul,
        "BatchNormalization" => normalize::batch_normalization,
        "InstanceNormalization" => normalize::instance_normalization,
        "LRN" => normalize::lrn,
        "Softmax" => normalize::softmax,
        "LogSoftmax" => normalize::log_softmax,
        "Relu" | "Sigmoid" | "Tanh" | "Exp" | "Log" | "Sqrt" | "Abs" | "Neg" | "Reciprocal"
        | "HardSwish" | "Softplus" | "LeakyRelu" | "Elu" | "HardSigmoid" => elementwise::unary,
        "Selu" => elementwise::selu,
        "Celu" => elementwise::celu,
        "Softsign" => elementwise::softsign,
        "Mish" => elementwise::mish,
        "Swish" => elementwise::swish,
        "Clip" => elementwise::clip,
        "PRelu" => elementwise::prelu,
        "Floor" | "Ceil" | "Round" | "Sign" => elementwise::constant_unary,
        "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Mod" => elementwise::binary,
        "Sum" | "Max" | "Min" | "Mean" => elementwise::variadic,
        "Equal" | "Less" | "LessOrEqual" | "Greater" | "GreaterOrEqual" | "And" | "Or" | "Xor" => {
            elementwise::compare
        }
        "Not" => elementwise::not,
        "Where" => elementwise::select,
        "Identity" | "Dropout" => elementwise::identity,
        "Cast" | "CastLike" => elementwise::cast,
        "Concat" => join::concat,
        "Split" => join::split,
        "Slice" => join::slice,
        "Gather" => join::gather,
        "Pad" => pad::pad,
        "Resize" => resize::resize,
        "Upsample" => resize::upsample,
        "ReduceMean" | "ReduceSum" | "ReduceMax" | "ReduceMin" | "ReduceProd" | "ReduceL1"
        | "ReduceL2" | "ReduceSumSquare" | "ReduceLogSum" => reduce::reduce,
        "Reshape" => shape::reshape,
        "Flatten" => shape::flatten,
        "Squeeze" => shape::squeeze,
        "Unsqueeze" => shape::unsqueeze,
        "Transpose" => shape::transpose,
        "Expand" => shape::expand,
        "Tile" => shape::tile,
        "Shape" => shape::shape,
        "Size" => shape::size,
        "Constant" => shape::constant,
        "ConstantOfShape" => shape::constant_of_shape,
        "Range" => shape::range,
        _ => return None,
    })
}
