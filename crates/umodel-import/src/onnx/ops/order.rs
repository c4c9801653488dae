use umodel::layers::{CumSum, TopK};

use crate::error::{AttributeError, NodeError};
use crate::graph::{Importer, Result, Value, signed};
use crate::onnx::node::Node;
use crate::ops::axes::squeeze;
use crate::ops::{self, top_k as core};

/// How many is an attribute before operator set 10, an input from then on.
pub(super) fn top_k(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let x = node.input(0)?;
    let axis = ops::axis(node.int("axis", -1), x.shape().len())?;
    let length = x.shape().get(axis).copied().unwrap_or(0);
    let k = match node.has("k") {
        true => node.int("k", 0),
        false => node.constant(1)?.integer()?,
    };
    let k = usize::try_from(k).ok().filter(|k| (1..=length).contains(k)).ok_or_else(|| {
        AttributeError::Range { found: k.into(), lowest: 1, highest: signed(length) }.of("k")
    })?;
    let put = [node.has_output(0), node.has_output(1)];
    // Without a reader, the values are as good as anything.
    let put = if put == [false; 2] { [true, false] } else { put };
    let layer = TopK {
        axis: 0,
        k,
        smallest: !node.flag("largest", true),
        last_of_equals: false,
        put_values: put[0],
        put_indices: put[1],
    };
    let sites: Vec<_> = (0..2).zip(put).filter(|at| at.1).map(|at| node.site_of(at.0)).collect();
    let values = core::top_k(importer, &sites, x, axis, &layer)?;
    match (put, values.as_slice()) {
        // The place of an output that nobody reads must not stay empty.
        ([false, true], [indices]) => Ok(vec![indices.clone(), indices.clone()]),
        _ => Ok(values),
    }
}

pub(super) fn arg(importer: &mut Importer, node: &Node<'_>, smallest: bool) -> Result<Vec<Value>> {
    let (x, site) = (node.input(0)?, node.site());
    let axis = ops::axis(node.int("axis", 0), x.shape().len())?;
    let layer = TopK {
        axis: 0,
        k: 1,
        smallest,
        last_of_equals: node.flag("select_last_index", false),
        put_values: false,
        put_indices: true,
    };
    let mut values = core::top_k(importer, std::slice::from_ref(&site), x, axis, &layer)?;
    let found = values.pop().ok_or(NodeError::MissingInput { index: 0 })?;
    match node.flag("keepdims", true) {
        true => Ok(vec![found]),
        false => Ok(vec![squeeze(&site.sub("squeezed"), &found, Some(&[signed(axis)]))?]),
    }
}

pub(super) fn cum_sum(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let x = node.input(0)?;
    let axis = ops::axis(node.constant(1)?.integer()?, x.shape().len())?;
    let layer = CumSum {
        axis: 0,
        exclusive: node.flag("exclusive", false),
        reverse: node.flag("reverse", false),
    };
    Ok(vec![core::cum_sum(importer, &node.site(), x, axis, &layer)?])
}
