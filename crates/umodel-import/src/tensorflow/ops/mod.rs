//! TensorFlow's operators, one family a file: attributes and inputs as TensorFlow has them, turned into calls
//! of what all front ends share.

mod activation;
mod arithmetic;
mod constant;
mod control;
mod convolution;
mod join;
mod logic;
mod matmul;
mod normalization;
mod order;
mod pad;
mod pooling;
mod reduction;
mod resize;
mod shape;
mod slice;
mod window;

use umodel::layers::{PoolMethod, RoundMode};

use super::graph::Node;
use crate::error::{NodeError, Unsupported};
use crate::graph::{Importer, Layout, Result, Site, Tensor, Value};
use crate::ops::binary::Binary;
use crate::ops::constants::Comparison;
use crate::ops::reduce::Reduction;
use crate::ops::unary::Unary;
use activation::unary;
use arithmetic::binary;
use logic::{compare, round};
use pooling::pool;
use reduction::reduce;

/// What becomes of a node.
pub(super) enum Outcome {
    /// Its outputs.
    Values(Vec<Value>),
    /// A value that goes one of two ways.
    Switch {
        /// Whether that is output 1.
        taken: bool,
        value: Value,
    },
}

impl From<Value> for Outcome {
    fn from(value: Value) -> Self {
        Outcome::Values(vec![value])
    }
}

impl From<Tensor> for Outcome {
    fn from(tensor: Tensor) -> Self {
        Outcome::Values(vec![tensor.into()])
    }
}

/// A node with the values that it reads.
pub(super) struct Call<'a> {
    pub(super) importer: &'a mut Importer,
    pub(super) node: &'a Node<'a>,
    pub(super) site: &'a Site,
    pub(super) inputs: &'a [Value],
}

impl<'a> Call<'a> {
    /// # Errors
    /// If there are fewer inputs.
    fn input(&self, index: usize) -> Result<&'a Value> {
        self.inputs.get(index).ok_or(NodeError::MissingInput { index })
    }

    /// # Errors
    /// If the input depends on the net's inputs.
    fn constant(&self, index: usize) -> Result<&'a Tensor> {
        let constant = self.input(index)?.constant();
        Ok(constant.ok_or(Unsupported::NotConstant { index })?)
    }

    /// The integers of a constant input.
    fn ints(&self, index: usize) -> Result<Vec<i64>> {
        self.constant(index).map(Tensor::ints)
    }

    /// The only integer of a constant input.
    fn int(&self, index: usize) -> Result<i64> {
        self.constant(index)?.integer()
    }

    /// The node's `data_format`, NHWC by default.
    fn layout(&self) -> Result<Layout> {
        match self.node.text("data_format") {
            "" | "NHWC" => Ok(Layout::ChannelsLast),
            "NCHW" => Ok(Layout::ChannelsFirst),
            other => Err(Unsupported::Value { name: "data_format", found: other.into() }.into()),
        }
    }
}

/// Makes the layers of a node.
pub(super) type Operator = fn(&mut Call<'_>) -> Result<Outcome>;

/// What imports each operator. Placeholders and Merge are the graph's own matter.
pub(super) const OPERATORS: &[(&str, Operator)] = &[
    ("Abs", |call| unary(call, Unary::Abs)),
    ("AccumulateNV2", arithmetic::sum),
    ("Add", |call| binary(call, Binary::Add)),
    ("AddN", arithmetic::sum),
    ("AddV2", |call| binary(call, Binary::Add)),
    ("All", |call| logic::quantor(call, true)),
    ("Any", |call| logic::quantor(call, false)),
    ("ArgMax", |call| order::arg(call, false)),
    ("ArgMin", |call| order::arg(call, true)),
    ("Assert", control::nothing),
    ("AvgPool", |call| pool(call, PoolMethod::Average)),
    ("BatchMatMul", matmul::batch_product),
    ("BatchMatMulV2", matmul::batch_product),
    ("BatchMatMulV3", matmul::batch_product),
    ("BatchNormWithGlobalNormalization", normalization::global_batch_norm),
    ("BiasAdd", convolution::bias_add),
    ("BiasAddV1", convolution::bias_add),
    ("BroadcastTo", shape::broadcast_to),
    ("Cast", constant::cast),
    ("Ceil", |call| round(call, RoundMode::Ceil)),
    ("CheckNumerics", control::identity),
    ("CheckNumericsV2", control::identity),
    ("ClipByValue", activation::clip),
    ("Concat", join::old_concat),
    ("ConcatV2", join::concat),
    ("Const", constant::constant),
    ("ControlTrigger", control::nothing),
    ("Conv2D", |call| convolution::convolve(call, false)),
    ("Conv2DBackpropInput", convolution::transposed),
    ("DebugGradientIdentity", control::identity),
    ("DepthToSpace", resize::depth_to_space),
    ("DepthwiseConv2dNative", |call| convolution::convolve(call, true)),
    ("Div", arithmetic::divide),
    ("Elu", |call| unary(call, Unary::Elu(1.0))),
    ("EnsureShape", control::identity),
    ("Equal", |call| compare(call, Comparison::Equal)),
    ("Erf", |call| unary(call, Unary::Erf)),
    ("Exp", |call| unary(call, Unary::Exp)),
    ("ExpandDims", shape::expand_dims),
    // What quantized training adds; the calibration of the net is another one.
    ("FakeQuantWithMinMaxArgs", control::identity),
    ("FakeQuantWithMinMaxVars", control::identity),
    ("FakeQuantWithMinMaxVarsPerChannel", control::identity),
    ("Fill", constant::fill),
    ("Floor", |call| round(call, RoundMode::Floor)),
    ("FloorDiv", logic::floor_div),
    ("FloorMod", logic::modulo),
    ("FusedBatchNorm", normalization::fused_batch_norm),
    ("FusedBatchNormV2", normalization::fused_batch_norm),
    ("FusedBatchNormV3", normalization::fused_batch_norm),
    ("Gather", slice::gather),
    ("GatherV2", slice::gather_v2),
    ("Greater", |call| compare(call, Comparison::Greater)),
    ("GreaterEqual", |call| compare(call, Comparison::GreaterOrEqual)),
    ("HostConst", constant::constant),
    ("Identity", control::identity),
    ("IdentityN", control::identities),
    ("Inv", |call| unary(call, Unary::Reciprocal)),
    ("LRN", normalization::lrn),
    ("LeakyRelu", |call| {
        let slope = call.node.float("alpha").unwrap_or(0.2);
        unary(call, Unary::LeakyRelu(slope))
    }),
    ("Less", |call| compare(call, Comparison::Less)),
    ("LessEqual", |call| compare(call, Comparison::LessOrEqual)),
    ("Log", |call| unary(call, Unary::Log)),
    ("LogSoftmax", activation::log_softmax),
    ("LogicalAnd", |call| compare(call, Comparison::And)),
    ("LogicalNot", logic::not),
    ("LogicalOr", |call| compare(call, Comparison::Or)),
    ("MatMul", matmul::product),
    ("Max", |call| reduce(call, Reduction::Max)),
    ("MaxPool", |call| pool(call, PoolMethod::Max)),
    ("MaxPoolV2", pooling::max_pool_v2),
    ("Maximum", |call| binary(call, Binary::Max)),
    ("Mean", |call| reduce(call, Reduction::Mean)),
    ("Min", |call| reduce(call, Reduction::Min)),
    ("Minimum", |call| binary(call, Binary::Min)),
    ("MirrorPad", pad::mirror),
    ("Mod", logic::modulo),
    ("Mul", |call| binary(call, Binary::Mul)),
    ("Neg", |call| unary(call, Unary::Neg)),
    ("NoOp", control::nothing),
    ("NotEqual", logic::not_equal),
    ("OnesLike", |call| constant::like(call, true)),
    ("OptimizationBarrier", control::identity),
    ("Pack", join::pack),
    ("Pad", pad::zeros),
    ("PadV2", pad::constant),
    ("PlaceholderWithDefault", control::identity),
    ("Pow", |call| binary(call, Binary::Pow)),
    ("PreventGradient", control::identity),
    ("Prod", logic::product),
    ("Range", constant::range),
    ("Rank", shape::rank),
    ("RealDiv", arithmetic::divide),
    ("Reciprocal", |call| unary(call, Unary::Reciprocal)),
    ("RefSwitch", control::switch),
    ("Relu", |call| unary(call, Unary::Relu)),
    ("Relu6", |call| unary(call, Unary::Clip(0.0, 6.0))),
    ("Reshape", shape::reshape),
    ("ResizeBilinear", resize::bilinear),
    ("ResizeNearestNeighbor", resize::nearest),
    ("Rint", |call| round(call, RoundMode::Nearest)),
    ("Round", |call| round(call, RoundMode::Nearest)),
    ("Rsqrt", |call| unary(call, Unary::Rsqrt)),
    ("Select", logic::select),
    ("SelectV2", logic::select),
    ("Selu", activation::selu),
    ("Shape", shape::shape),
    ("ShapeN", shape::shapes),
    ("Sigmoid", |call| unary(call, Unary::Sigmoid)),
    ("Size", shape::size),
    ("Slice", slice::slice),
    ("Snapshot", control::identity),
    ("Softmax", activation::softmax),
    ("Softplus", |call| unary(call, Unary::Softplus)),
    ("SpaceToDepth", resize::space_to_depth),
    ("Split", join::split),
    ("SplitV", join::split_v),
    ("Sqrt", |call| unary(call, Unary::Sqrt)),
    ("Square", |call| unary(call, Unary::Square)),
    ("SquaredDifference", arithmetic::squared_difference),
    ("Squeeze", shape::squeeze),
    ("StopGradient", control::identity),
    ("StridedSlice", slice::strided),
    ("Sub", |call| binary(call, Binary::Sub)),
    ("Sum", |call| reduce(call, Reduction::Sum)),
    ("Switch", control::switch),
    ("Tanh", |call| unary(call, Unary::Tanh)),
    ("Tile", shape::tile),
    ("Transpose", shape::transpose),
    ("Unpack", join::unpack),
    ("ZerosLike", |call| constant::like(call, false)),
];

/// What imports an operator.
pub(super) fn operator(op: &str) -> Option<Operator> {
    crate::ops::find(OPERATORS, op)
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
