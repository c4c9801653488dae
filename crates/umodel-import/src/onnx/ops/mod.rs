//! ONNX's operators: attributes and inputs of each operator set to the calls of [`crate::ops`].

mod boxes;
mod convolution;
mod elementwise;
mod gather;
mod join;
mod matmul;
mod normalize;
mod order;
mod pad;
mod pooling;
mod quantize;
mod recurrent;
mod reduce;
mod resize;
mod shape;

use super::node::Node;
use crate::graph::{Importer, Result, Value};
use crate::ops::binary::Binary;
use crate::ops::constants::Comparison;
use crate::ops::reduce::Reduction;
use crate::ops::unary::Unary;
use elementwise::{binary, compare, constant_unary, unary, variadic};
pub(super) use quantize::quantization;
use reduce::reduce;
use umodel::layers::RoundMode;

/// Imports a node: a value for each output, fewer if the others may not be read.
pub(super) type Operator = fn(&mut Importer, &Node<'_>) -> Result<Vec<Value>>;

/// What imports each operator of the standard domain.
pub(super) const OPERATORS: &[(&str, Operator)] = &[
    ("Abs", |importer, node| unary(importer, node, Unary::Abs)),
    ("Add", |importer, node| binary(importer, node, Binary::Add)),
    ("And", |importer, node| compare(importer, node, Comparison::And)),
    ("ArgMax", |importer, node| order::arg(importer, node, false)),
    ("ArgMin", |importer, node| order::arg(importer, node, true)),
    ("AveragePool", pooling::average_pool),
    ("BatchNormalization", normalize::batch_normalization),
    ("Cast", elementwise::cast),
    ("CastLike", elementwise::cast_like),
    ("Ceil", |importer, node| unary(importer, node, Unary::Round(RoundMode::Ceil))),
    ("Celu", elementwise::celu),
    ("Clip", elementwise::clip),
    ("Concat", join::concat),
    ("Constant", shape::constant),
    ("ConstantOfShape", shape::constant_of_shape),
    ("Conv", convolution::conv),
    ("ConvTranspose", convolution::conv_transpose),
    ("CumSum", order::cum_sum),
    ("DepthToSpace", convolution::depth_to_space),
    ("DequantizeLinear", quantize::dequantize),
    ("Div", elementwise::div),
    ("Dropout", elementwise::dropout),
    ("Einsum", matmul::einsum),
    ("Elu", |importer, node| unary(importer, node, Unary::Elu(node.float("alpha", 1.0)))),
    ("Equal", |importer, node| compare(importer, node, Comparison::Equal)),
    ("Erf", |importer, node| unary(importer, node, Unary::Erf)),
    ("Exp", |importer, node| unary(importer, node, Unary::Exp)),
    ("Expand", shape::expand),
    ("Flatten", shape::flatten),
    ("Floor", |importer, node| unary(importer, node, Unary::Round(RoundMode::Floor))),
    ("GRU", recurrent::gru),
    ("Gather", join::gather),
    ("GatherElements", gather::gather_elements),
    ("GatherND", gather::gather_nd),
    ("Gelu", elementwise::gelu),
    ("Gemm", matmul::gemm),
    ("GlobalAveragePool", pooling::global_average_pool),
    ("GlobalMaxPool", pooling::global_max_pool),
    ("Greater", |importer, node| compare(importer, node, Comparison::Greater)),
    ("GreaterOrEqual", |importer, node| compare(importer, node, Comparison::GreaterOrEqual)),
    ("GroupNormalization", normalize::group_normalization),
    ("HardSigmoid", |importer, node| {
        let (alpha, beta) = (node.float("alpha", 0.2), node.float("beta", 0.5));
        unary(importer, node, Unary::HardSigmoid(alpha, beta))
    }),
    ("HardSwish", |importer, node| unary(importer, node, Unary::HardSwish)),
    ("Identity", elementwise::identity),
    ("InstanceNormalization", normalize::instance_normalization),
    ("LRN", normalize::lrn),
    ("LSTM", recurrent::lstm),
    ("LayerNormalization", normalize::layer_normalization),
    ("LeakyRelu", |importer, node| {
        unary(importer, node, Unary::LeakyRelu(node.float("alpha", 0.01)))
    }),
    ("Less", |importer, node| compare(importer, node, Comparison::Less)),
    ("LessOrEqual", |importer, node| compare(importer, node, Comparison::LessOrEqual)),
    ("Log", |importer, node| unary(importer, node, Unary::Log)),
    ("LogSoftmax", normalize::log_softmax),
    ("MatMul", matmul::matmul),
    ("Max", |importer, node| variadic(importer, node, Binary::Max)),
    ("MaxPool", pooling::max_pool),
    ("Mean", elementwise::mean),
    ("Min", |importer, node| variadic(importer, node, Binary::Min)),
    ("Mish", elementwise::mish),
    ("Mod", |importer, node| binary(importer, node, Binary::Mod)),
    ("Mul", |importer, node| binary(importer, node, Binary::Mul)),
    ("Neg", |importer, node| unary(importer, node, Unary::Neg)),
    ("NonMaxSuppression", boxes::non_max_suppression),
    ("Not", elementwise::not),
    ("Or", |importer, node| compare(importer, node, Comparison::Or)),
    ("PRelu", elementwise::prelu),
    ("Pad", pad::pad),
    ("Pow", |importer, node| binary(importer, node, Binary::Pow)),
    ("QuantizeLinear", quantize::quantize),
    ("RNN", recurrent::rnn),
    ("Range", shape::range),
    ("Reciprocal", |importer, node| unary(importer, node, Unary::Reciprocal)),
    ("ReduceL1", |importer, node| reduce(importer, node, Reduction::L1)),
    ("ReduceL2", |importer, node| reduce(importer, node, Reduction::L2)),
    ("ReduceLogSum", |importer, node| reduce(importer, node, Reduction::LogSum)),
    ("ReduceMax", |importer, node| reduce(importer, node, Reduction::Max)),
    ("ReduceMean", |importer, node| reduce(importer, node, Reduction::Mean)),
    ("ReduceMin", |importer, node| reduce(importer, node, Reduction::Min)),
    ("ReduceProd", |importer, node| reduce(importer, node, Reduction::Product)),
    ("ReduceSum", |importer, node| reduce(importer, node, Reduction::Sum)),
    ("ReduceSumSquare", |importer, node| reduce(importer, node, Reduction::SumOfSquares)),
    ("Relu", |importer, node| unary(importer, node, Unary::Relu)),
    ("Reshape", shape::reshape),
    ("Resize", resize::resize),
    ("Round", |importer, node| unary(importer, node, Unary::Round(RoundMode::Nearest))),
    ("Scatter", gather::scatter_elements),
    ("ScatterElements", gather::scatter_elements),
    ("ScatterND", gather::scatter_nd),
    ("Selu", elementwise::selu),
    ("Shape", shape::shape),
    ("Sigmoid", |importer, node| unary(importer, node, Unary::Sigmoid)),
    ("Sign", |_, node| constant_unary(node, elementwise::sign)),
    ("Size", shape::size),
    ("Slice", join::slice),
    ("Softmax", normalize::softmax),
    ("Softplus", |importer, node| unary(importer, node, Unary::Softplus)),
    ("Softsign", elementwise::softsign),
    ("SpaceToDepth", convolution::space_to_depth),
    ("Split", join::split),
    ("Sqrt", |importer, node| unary(importer, node, Unary::Sqrt)),
    ("Squeeze", shape::squeeze),
    ("Sub", |importer, node| binary(importer, node, Binary::Sub)),
    ("Sum", |importer, node| variadic(importer, node, Binary::Add)),
    ("Swish", elementwise::swish),
    ("Tanh", |importer, node| unary(importer, node, Unary::Tanh)),
    ("Tile", shape::tile),
    ("TopK", order::top_k),
    ("Transpose", shape::transpose),
    ("Unsqueeze", shape::unsqueeze),
    ("Upsample", resize::upsample),
    ("Where", elementwise::select),
    ("Xor", |importer, node| compare(importer, node, Comparison::Xor)),
];

/// What imports an operator of the standard domain.
pub(super) fn operator(op_type: &str) -> Option<Operator> {
    crate::ops::find(OPERATORS, op_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(OPERATORS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(operator("Relu").is_some() && operator("relu").is_none());
    }
}
