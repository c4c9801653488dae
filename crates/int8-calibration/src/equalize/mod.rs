//! A scale for every channel, and an order of channels: cross-layer equalization.
//!
//! A blob has one scale, but a channel may be stored as a multiple of its real values: the layer that writes it divides its
//! weights and bias by the channel's factor, layers that read it multiply theirs. That costs nothing on the chip. Channels
//! of small values then use all integers, as those of large values do, and rows of small weights keep more bits.
//! Likewise channels may stand in another order, in which those that need the same shift share a command.
//!
//! # Source
//! M. Nagel et al., "Data-free quantization through weight equalization and bias correction", 2019, for the idea. The
//! factors are chosen by a model of the rounding errors, see `plan`.

mod classes;
mod gains;
mod linear;
mod order;
mod plan;
mod range;
mod seats;
mod ties;

use ndarray::ArrayD;
use std::collections::HashMap;
use umodel::layers::Int8Form;
use umodel::{BlobId, Channels, Layer, Net};

pub(crate) use linear::Linear;
pub(crate) use range::Ranges;

use crate::error::Error;
use linear::{Stored, narrow};
use plan::Planned;
use ties::{Link, Ties};

/// How the channels of blobs are stored, by the names of the blobs. Those that are stored as they were are not there.
pub(crate) type StoredChannels = HashMap<String, Channels>;

/// A net with like ranges of channels.
pub(crate) struct Equalized {
    pub(crate) net: Net,
    pub(crate) channels: StoredChannels,
}

/// The same net with blobs whose channels have like ranges, and stand beside others that need the same shift, by the ranges of
/// a prepared net; `counted` tells the blobs that are stored as integers, those that are left when ReLUs are fused, `fixed`
/// those whose channels keep the factor 1, and `block` how many output channels have a shift of their own.
///
/// Its outputs are those of the net, but for rounding. A ReLU6 keeps its limit, which no channel of a factor below 1
/// reached: values that the pictures did not have are clipped at the limit times the factor.
///
/// # Errors
/// None for a net that was valid before; the new net is checked again all the same.
pub(crate) fn equalize(
    net: &Net,
    ranges: &Ranges,
    counted: impl Fn(&str) -> bool,
    fixed: impl Fn(&str) -> bool,
    block: usize,
) -> Result<Equalized, Error> {
    let ties = Ties::of(net, ranges, fixed);
    let sets = order::exchangeable(net, &ties);
    let Planned { factors, places } = plan::plan(net, &ties, ranges, counted, &sets, block);
    let mut came_from = vec![0; places.len()];
    places.iter().enumerate().for_each(|(node, &place)| came_from[place] = node);
    let stored = |blob: BlobId| -> Vec<Stored> {
        let nodes = ties.nodes(blob);
        let first = nodes.start;
        let of = |node: usize| Stored { channel: node - first, factor: factors[node] };
        nodes.map(|place| of(came_from[place])).collect()
    };
    let mut specs = net.specs();
    for ((spec, layer), link) in specs.iter_mut().zip(net.layers()).zip(&ties.links) {
        let [Some(&bottom), Some(&top)] = [layer.bottoms.first(), layer.tops.first()] else {
            continue;
        };
        if let Link::Linear(linear) = link {
            spec.set_weights(linear.rewritten(&layer.weights, &stored(bottom), &stored(top)));
        } else if let Some(slopes) = slopes(layer) {
            let moved = stored(top).into_iter().map(|stored| slopes[stored.channel]);
            spec.set_weights([moved.collect::<ndarray::Array1<f32>>().into_dyn()]);
        }
    }
    let named = net.blob_ids().map(|id| {
        let stored = stored(id);
        let factors = stored.iter().map(|stored| narrow(stored.factor)).collect();
        let order = stored.iter().map(|stored| u32::try_from(stored.channel).unwrap_or(0));
        (net.blob(id).name.clone(), Channels { factors, order: order.collect() })
    });
    let channels = named.filter(|(_, channels)| !channels.are_plain()).collect();
    Ok(Equalized { net: Net::from_specs(net.name(), specs)?, channels })
}

/// The slopes of a PReLU that has one for each channel.
fn slopes(layer: &Layer) -> Option<&ArrayD<f32>> {
    let slopes = layer.weights.first().filter(|slopes| slopes.len() > 1)?;
    (layer.op.int8_form() == Int8Form::Prelu).then_some(slopes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ndarray::Axis;
    use uframework::{Executor, Random, Value, Workspace};
    use umodel::{NetParameter, NoSources, Phase};

    use super::*;

    /// So that ranges are known well and ask for no headroom.
    const VERY_OFTEN: u64 = 1_000_000;

    /// A net with layers of all links, with weights and channels of very different sizes.
    const NET: &str = "
        layer { name: 'data' type: 'Input' top: 'data' input_param { shape { dim: 2 dim: 3 dim: 12 dim: 12 } } }
        layer { name: 'c1' type: 'Convolution' bottom: 'data' top: 'c1' convolution_param { num_output: 8 kernel_size: 3 pad: 1 } }
        layer { name: 'r1' type: 'ReLU6' bottom: 'c1' top: 'r1' }
        layer { name: 'dw' type: 'DepthwiseConvolution' bottom: 'r1' top: 'dw' convolution_param { num_output: 8 group: 8 kernel_size: 3 pad: 1 } }
        layer { name: 'r2' type: 'ReLU6' bottom: 'dw' top: 'r2' }
        layer { name: 'c2' type: 'Convolution' bottom: 'r2' top: 'c2' convolution_param { num_output: 8 kernel_size: 1 } }
        layer { name: 'c3' type: 'Convolution' bottom: 'r2' top: 'c3' convolution_param { num_output: 8 kernel_size: 3 pad: 1 group: 2 } }
        layer { name: 'sum' type: 'Eltwise' bottom: 'c2' bottom: 'c3' top: 'sum' }
        layer { name: 'pr' type: 'PReLU' bottom: 'sum' top: 'pr' }
        layer { name: 'sl' type: 'Slice' bottom: 'pr' top: 's1' top: 's2' slice_param { slice_point: 3 } }
        layer { name: 'p1' type: 'Pooling' bottom: 's1' top: 'p1' pooling_param { kernel_size: 2 stride: 2 } }
        layer { name: 'p2' type: 'Pooling' bottom: 's2' top: 'p2' pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
        layer { name: 'cat' type: 'Concat' bottom: 'p2' bottom: 'p1' bottom: 'p2' top: 'cat' }
        layer { name: 'c4' type: 'Convolution' bottom: 'cat' top: 'c4' convolution_param { num_output: 12 kernel_size: 1 } }
        layer { name: 'shuffle' type: 'ShuffleChannel' bottom: 'c4' top: 'shuffle' shuffle_channel_param { group: 3 } }
        layer { name: 'up' type: 'Deconvolution' bottom: 'shuffle' top: 'up' convolution_param { num_output: 6 group: 3 kernel_size: 2 stride: 2 } }
        layer { name: 'scale' type: 'Scale' bottom: 'up' top: 'scale' scale_param { bias_term: true } }
        layer { name: 'pool' type: 'Pooling' bottom: 'scale' top: 'pool' pooling_param { pool: AVE kernel_size: 6 stride: 6 } }
        layer { name: 'flat' type: 'Flatten' bottom: 'pool' top: 'flat' }
        layer { name: 'i1' type: 'InnerProduct' bottom: 'flat' top: 'i1' inner_product_param { num_output: 7 } }
        layer { name: 'r3' type: 'ReLU' bottom: 'i1' top: 'r3' }
        layer { name: 'i2' type: 'InnerProduct' bottom: 'r3' top: 'i2' inner_product_param { num_output: 4 transpose: true } }
        layer { name: 'i3' type: 'InnerProduct' bottom: 'pool' top: 'i3' inner_product_param { num_output: 3 } }";

    /// The net, its rows of weights of four sizes.
    #[expect(clippy::cast_possible_truncation, reason = "weights are fp32")]
    fn net() -> Net {
        let model = NetParameter::parse_text(NET).expect("a prototxt");
        let plain = Net::new(&model, None, Phase::Test, &NoSources).expect("a net");
        let mut random = Random::new(18);
        let mut specs = plain.specs();
        for (spec, layer) in specs.iter_mut().zip(plain.layers()) {
            let bottoms: Vec<&[usize]> =
                layer.bottoms.iter().map(|&id| plain.blob(id).shape.as_slice()).collect();
            let shapes = layer.op.weight_shapes(&bottoms).expect("shapes");
            spec.set_weights(shapes.into_iter().map(|shape| {
                ArrayD::from_shape_fn(shape, |index| {
                    0.3 * random.normal() as f32
                        / 3f32.powi(i32::try_from(3 * index[0] % 4).unwrap_or(0))
                })
            }));
        }
        Net::from_specs("", specs).expect("a net")
    }

    fn run(net: &Net, tap: &mut impl uframework::Tap) -> Vec<(String, ArrayD<f32>)> {
        let executor = Executor::new(Arc::new(net.clone())).expect("an executor");
        let data = Random::new(7).value(&[2, 3, 12, 12], umodel::BlobFormat::F32);
        let id = net.blob_id("data").expect("the input");
        let mut seen = Vec::new();
        let mut both = |id, blob: &umodel::Blob, value: &Value| {
            tap.blob(id, blob, value);
            seen.push((blob.name.clone(), value.to_f32(1.0)));
        };
        executor.forward(&mut Workspace::default(), vec![(id, data)], &mut both).expect("runs");
        seen
    }

    /// 1e-4 of the largest value: each blob is that of the net divided by its factors, the outputs are the same. And the
    /// factors differ, where weights can take them up, and nowhere else.
    #[test]
    fn blobs_are_those_of_the_net() {
        let net = net();
        let mut ranges = Ranges::new(&net);
        let before = run(&net, &mut ranges);
        ranges.repeat(VERY_OFTEN);
        let Equalized { net: equalized, channels } =
            equalize(&net, &ranges, |_| true, |_| false, 2).expect("equalizes");
        let after = run(&equalized, &mut ());
        for ((name, before), (_, stored)) in before.iter().zip(&after) {
            let mut after = stored.clone();
            if let Some(Channels { factors, order }) = channels.get(name) {
                for (place, &channel) in order.iter().enumerate() {
                    let real = &stored.index_axis(Axis(1), place) * factors[place];
                    after.index_axis_mut(Axis(1), channel as usize).assign(&real);
                }
            }
            let largest = before.iter().fold(0f32, |most, value| most.max(value.abs()));
            let error = (before - &after).iter().fold(0f32, |most, value| most.max(value.abs()));
            assert!(largest > 0.0 && error < 1e-4 * largest, "{name}: {error} of {largest}");
        }
        for changed in ["c1", "r1", "dw", "c2", "pr", "s1", "cat", "c4", "shuffle", "up"] {
            assert!(channels[changed].are_scaled(), "{changed} has factors");
        }
        for sorted in ["c1", "r1", "dw", "r2", "c4", "shuffle", "i1", "r3"] {
            assert!(channels[sorted].are_sorted(), "{sorted} has another order");
        }
        for fixed in ["data", "i2", "i3"] {
            assert!(!channels.contains_key(fixed), "{fixed} is given or an output");
        }
        assert_eq!(channels["c2"], channels["sum"]);
        assert_eq!(channels["c3"], channels["sum"]);
    }

    /// Exact: a blob that is fixed has no factors, nor have those that its channels are tied to. Others still do.
    #[test]
    fn fixed_blobs_keep_their_channels() {
        let net = net();
        let mut ranges = Ranges::new(&net);
        run(&net, &mut ranges);
        ranges.repeat(VERY_OFTEN);
        let equalized = equalize(&net, &ranges, |_| true, |blob| blob == "sum", 64);
        let channels = equalized.expect("equalizes").channels;
        assert!(["c2", "c3", "sum", "pr"].iter().all(|blob| !channels.contains_key(*blob)));
        assert!(channels.contains_key("c1") && channels.contains_key("c4"));
    }

    /// Exact: no channel is scaled so that it exceeds what its blob's largest channel has, or reaches a ReLU6's limit
    /// otherwise than before.
    #[test]
    fn factors_are_at_most_one() {
        let net = net();
        let mut ranges = Ranges::new(&net);
        run(&net, &mut ranges);
        ranges.repeat(VERY_OFTEN);
        let equalized = equalize(&net, &ranges, |_| true, |_| false, 64).expect("equalizes");
        let all = equalized.channels.values().flat_map(|channels| channels.factors.iter().copied());
        let all: Vec<f32> = all.collect();
        assert!(all.iter().all(|&factor| factor > 0.0 && factor <= 1.0));
        for blob in ["r1", "r2", "sum"] {
            let id = net.blob_id(blob).expect("a blob");
            let channels = &ranges.channels()[ranges.nodes(id)];
            let most = channels.iter().fold(0.0, |most: f64, channel| most.max(channel.largest()));
            let stored = &equalized.channels[blob];
            for (&channel, &factor) in stored.order.iter().zip(stored.factors.iter()) {
                let channel = &channels[channel as usize];
                assert!(channel.largest() / f64::from(factor) <= most * (1.0 + 1e-6), "{blob}");
            }
        }
    }
}
