//! FusedBatchNorm with stored statistics, and LRN. Written-out batch norms are arithmetic with constants.

use umodel::layers::{Lrn, LrnRegion};

use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::{Layout, Result};
use crate::ops::affine::{self, Normalization};
use crate::ops::normalize;

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(match call.node.op.as_str() {
        "FusedBatchNorm" | "FusedBatchNormV2" | "FusedBatchNormV3" => {
            if call.constant(3)?.len() == 0 {
                // A training graph; the attribute's default is true.
                return Err(NodeError::unsupported("statistics of the batch (is_training)"));
            }
            let norm = Normalization {
                channel: call.layout()?.channel_axis(call.input(0)?.shape().len()),
                factor: Some(call.constant(1)?.clone()),
                offset: Some(call.constant(2)?.clone()),
                mean: call.constant(3)?.clone(),
                variance: call.constant(4)?.clone(),
                epsilon: call.node.float("epsilon").unwrap_or(1e-4),
            };
            let x = call.input(0)?.clone();
            affine::batch_norm(call.importer, call.site, &x, &norm)?.into()
        }
        "BatchNormWithGlobalNormalization" => {
            let scaled = call.node.flag("scale_after_normalization");
            let norm = Normalization {
                channel: Layout::ChannelsLast.channel_axis(call.input(0)?.shape().len()),
                mean: call.constant(1)?.clone(),
                variance: call.constant(2)?.clone(),
                offset: Some(call.constant(3)?.clone()),
                factor: if scaled { Some(call.constant(4)?.clone()) } else { None },
                epsilon: call.node.float("variance_epsilon").unwrap_or(0.0),
            };
            let x = call.input(0)?.clone();
            affine::batch_norm(call.importer, call.site, &x, &norm)?.into()
        }
        "LRN" => {
            let radius = call.node.int("depth_radius").unwrap_or(5);
            let radius = usize::try_from(radius).ok().filter(|&radius| radius < 1 << 12);
            let radius = radius.ok_or_else(|| NodeError::attribute("depth_radius", "too large"))?;
            let local_size = 2 * radius + 1;
            let lrn = Lrn {
                local_size,
                // Caffe divides by the number of channels.
                alpha: call.node.float("alpha").unwrap_or(1.0) * local_size as f32,
                beta: call.node.float("beta").unwrap_or(0.5),
                region: LrnRegion::AcrossChannels,
                k: call.node.float("bias").unwrap_or(1.0),
            };
            let x = call.input(0)?.clone();
            normalize::lrn(call.importer, call.site, &x, Layout::ChannelsLast, lrn)?.into()
        }
        _ => Outcome::Unknown,
    })
}
