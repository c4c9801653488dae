use crate::error::Unsupported;
use crate::graph::{Importer, Result, Value};
use crate::onnx::node::Node;
use crate::ops::reduce::{self as core, Reduction};

/// Axes are an attribute before operator set 13 (sums) or 18, an input from then on.
pub(super) fn reduce(
    importer: &mut Importer,
    node: &Node<'_>,
    function: Reduction,
) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let axes = node.ints_or_input("axes", 1)?.unwrap_or_default();
    if axes.is_empty() && node.flag("noop_with_empty_axes", false) {
        return match function {
            Reduction::Mean
            | Reduction::Sum
            | Reduction::Max
            | Reduction::Min
            | Reduction::Product => Ok(vec![x.clone()]),
            _ => Err(Unsupported::NoAxes.into()),
        };
    }
    let keep = node.flag("keepdims", true);
    Ok(vec![core::reduce(importer, &site, function, x, &axes, keep)?])
}
