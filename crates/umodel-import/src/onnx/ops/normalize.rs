use umodel::layers::{Lrn, LrnRegion};

use crate::error::{AttributeError, NodeError, Unsupported};
use crate::graph::{Importer, Layout, Result, Value, signed};
use crate::onnx::node::Node;
use crate::ops;
use crate::ops::affine::{self, Normalization};
use crate::ops::normalize as core;
use crate::ops::softmax as classes;

/// Channels of an LRN's region at most.
const MAX_REGION: usize = (1 << 16) - 1;

pub(super) fn batch_normalization(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    if node.flag("training_mode", false) || !node.flag("spatial", true) {
        return Err(Unsupported::BatchStatistics.into());
    }
    node.outputs_up_to(1)?;
    let norm = Normalization {
        channel: 1,
        factor: Some(node.constant(1)?.clone()),
        offset: Some(node.constant(2)?.clone()),
        mean: node.constant(3)?.clone(),
        variance: node.constant(4)?.clone(),
        epsilon: node.float("epsilon", 1e-5),
    };
    Ok(vec![affine::batch_norm(importer, &node.site(), node.input(0)?, &norm)?])
}

pub(super) fn instance_normalization(
    importer: &mut Importer,
    node: &Node<'_>,
) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let (factor, offset) = (node.constant(1)?, node.constant(2)?);
    let epsilon = node.float("epsilon", 1e-5);
    Ok(vec![core::instance_norm(importer, &site, x, factor, offset, epsilon)?])
}

pub(super) fn lrn(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let size = node.int("size", 0);
    let local_size = usize::try_from(size).ok().filter(|size| (1..=MAX_REGION).contains(size));
    let local_size = local_size.ok_or_else(|| {
        let (found, highest) = (size.into(), signed(MAX_REGION));
        AttributeError::Range { found, lowest: 1, highest }.of("size")
    })?;
    let p = Lrn {
        local_size,
        alpha: node.float("alpha", 1e-4),
        beta: node.float("beta", 0.75),
        k: node.float("bias", 1.0),
        region: LrnRegion::AcrossChannels,
    };
    Ok(vec![core::lrn(importer, &node.site(), node.input(0)?, Layout::ChannelsFirst, p)?])
}

/// Before operator set 13 over all axes from one on, from then on along one axis.
pub(super) fn softmax(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    Ok(vec![match node.opset {
        ..13 => classes::flat_softmax(importer, &site, x, node.int("axis", 1))?,
        _ => classes::softmax(importer, &site, x, node.int("axis", -1))?,
    }])
}

pub(super) fn log_softmax(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let inner = site.sub("softmax");
    let softmax = match node.opset {
        ..13 => classes::flat_softmax(importer, &inner, x, node.int("axis", 1))?,
        _ => classes::softmax(importer, &inner, x, node.int("axis", -1))?,
    };
    Ok(vec![classes::log(importer, &site, &softmax)?])
}

pub(super) fn layer_normalization(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    node.outputs_up_to(1)?;
    let (site, x) = (node.site(), node.input(0)?);
    let axis = ops::axis(node.int("axis", -1), x.shape().len())?;
    let scaled = [node.optional(1), node.optional(2)];
    let epsilon = node.float("epsilon", 1e-5);
    Ok(vec![core::layer_norm(importer, &site, x, axis, scaled, epsilon)?])
}

/// A factor and an offset for each group before operator set 21, for each channel from then on.
pub(super) fn group_normalization(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let groups = node.int("num_groups", 0);
    let channels = x.shape().get(1).copied().unwrap_or(0);
    let count = usize::try_from(groups).ok().filter(|&count| count > 0);
    let count = count.filter(|&count| channels.is_multiple_of(count) && channels > 0);
    let count = count.ok_or_else(|| NodeError::attribute("num_groups", groups))?;
    let scaled = [node.constant(1)?, node.constant(2)?];
    let epsilon = node.float("epsilon", 1e-5);
    Ok(vec![core::group_norm(importer, &site, x, count, scaled, epsilon)?])
}
