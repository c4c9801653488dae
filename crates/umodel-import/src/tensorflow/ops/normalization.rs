//! FusedBatchNorm with stored statistics, and LRN. Written-out batch norms are arithmetic with constants.

use umodel::layers::{Lrn, LrnRegion};

use super::{Call, Outcome};
use crate::error::{AttributeError, Unsupported};
use crate::graph::{Layout, Result};
use crate::ops::affine::{self, Normalization};
use crate::ops::normalize;

/// Channels on each side of an LRN's region at most.
const MAX_RADIUS: u16 = (1 << 12) - 1;

pub(super) fn fused_batch_norm(call: &mut Call<'_>) -> Result<Outcome> {
    if call.constant(3)?.len() == 0 {
        // A training graph; the attribute's default is true.
        return Err(Unsupported::BatchStatistics.into());
    }
    let x = call.input(0)?;
    let norm = Normalization {
        channel: call.layout()?.channel_axis(x.shape().len()),
        factor: Some(call.constant(1)?.clone()),
        offset: Some(call.constant(2)?.clone()),
        mean: call.constant(3)?.clone(),
        variance: call.constant(4)?.clone(),
        epsilon: call.node.float("epsilon").unwrap_or(1e-4),
    };
    Ok(affine::batch_norm(call.importer, call.site, x, &norm)?.into())
}

pub(super) fn global_batch_norm(call: &mut Call<'_>) -> Result<Outcome> {
    let scaled = call.node.flag("scale_after_normalization");
    let x = call.input(0)?;
    let norm = Normalization {
        channel: Layout::ChannelsLast.channel_axis(x.shape().len()),
        mean: call.constant(1)?.clone(),
        variance: call.constant(2)?.clone(),
        offset: Some(call.constant(3)?.clone()),
        factor: if scaled { Some(call.constant(4)?.clone()) } else { None },
        epsilon: call.node.float("variance_epsilon").unwrap_or(0.0),
    };
    Ok(affine::batch_norm(call.importer, call.site, x, &norm)?.into())
}

pub(super) fn lrn(call: &mut Call<'_>) -> Result<Outcome> {
    let found = call.node.int("depth_radius").unwrap_or(5);
    let radius = u16::try_from(found).ok().filter(|&radius| radius <= MAX_RADIUS);
    let radius = radius.ok_or_else(|| {
        let (found, highest) = (found.into(), MAX_RADIUS.into());
        AttributeError::Range { found, lowest: 0, highest }.of("depth_radius")
    })?;
    let local_size = 2 * radius + 1;
    let lrn = Lrn {
        local_size: local_size.into(),
        // Caffe divides by the number of channels.
        alpha: call.node.float("alpha").unwrap_or(1.0) * f32::from(local_size),
        beta: call.node.float("beta").unwrap_or(0.5),
        region: LrnRegion::AcrossChannels,
        k: call.node.float("bias").unwrap_or(1.0),
    };
    let x = call.input(0)?;
    Ok(normalize::lrn(call.importer, call.site, x, Layout::ChannelsLast, lrn)?.into())
}
