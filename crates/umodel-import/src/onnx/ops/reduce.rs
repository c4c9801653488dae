use crate::error::NodeError;
use crate::graph::{Importer, Result, Value};
use crate::onnx::node::Node;
use crate::ops::reduce::{self as core, Reduction};

/// Axes are an attribute before operator set 13 (sums) or 18, an input from then on.
pub(super) fn reduce(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let function = match node.proto.op_type.as_str() {
        "ReduceMean" => Reduction::Mean,
        "ReduceSum" => Reduction::Sum,
        "ReduceMax" => Reduction::Max,
        "ReduceMin" => Reduction::Min,
        "ReduceProd" => Reduction::Product,
        "ReduceL1" => Reduction::L1,
        "ReduceL2" => Reduction::L2,
        "ReduceSumSquare" => Reduction::SumOfSquares,
        "ReduceLogSum" => Reduction::LogSum,
        other => return Err(NodeError::unsupported(other)),
    };
    let (site, x) = (node.site(), node.input(0)?);
    let axes = node.ints_or_input("axes", 1)?.unwrap_or_default();
    if axes.is_empty() && node.flag("noop_with_empty_axes", false) {
        return match function {
            Reduction::Mean
            | Reduction::Sum
            | Reduction::Max
            | Reduction::Min
            | Reduction::Product => Ok(vec![x.clone()]),
            _ => Err(NodeError::unsupported("no axes at all")),
        };
    }
    let keep = node.flag("keepdims", true);
    Ok(vec![core::reduce(importer, &site, function, x, &axes, keep)?])
}
