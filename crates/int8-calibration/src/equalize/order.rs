//! Which channels may change places.
//!
//! A command has one right shift for 64 output channels. Which channels these are is free, as long as all blobs that share
//! them, and all weights that write or read them, agree. So channels that need like shifts can stand side by side.

#![deny(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;

use umodel::layers::Int8Form;
use umodel::{BlobId, Layer, LayerOp, Net};

use super::classes::Classes;
use super::linear::Linear;
use super::ties::{Link, Ties};

/// Classes that may change places, each with its channels, one in each of the same blobs: the first ones of two classes
/// change places, the second ones, and so on.
pub(super) type Set = Vec<Vec<usize>>;

/// Where a channel has to stay: in a blob, or in a group of one of a layer's blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Home {
    Blob(usize),
    Inputs { layer: usize, group: usize },
    Outputs { layer: usize, group: usize },
}

/// The sets of classes that may change places. Outputs of the net keep their order, and what meets a layer that does not
/// treat all of its channels alike.
pub(super) fn exchangeable(net: &Net, ties: &Ties) -> Vec<Set> {
    let mut homes: Vec<Vec<Home>> = Vec::new();
    for id in net.blob_ids() {
        homes.extend(ties.nodes(id).map(|_| vec![Home::Blob(id.index())]));
    }
    let mut together = Classes::new(homes.len());
    for (index, (layer, link)) in net.layers().iter().zip(&ties.links).enumerate() {
        let pairs = match link {
            Link::Tied(pairs) => Some(pairs.clone()),
            Link::Linear(linear) => Some(linked(linear, layer, index, ties, &mut homes)),
            Link::Fixed => alike(net, layer, ties),
        };
        match pairs {
            Some(pairs) => pairs.into_iter().for_each(|(one, other)| together.join(one, other)),
            None => {
                let blobs = layer.bottoms.iter().chain(&layer.tops);
                blobs.for_each(|&id| together.fix(ties.nodes(id)));
            }
        }
    }
    net.outputs().into_iter().for_each(|id| together.fix(ties.nodes(id)));
    let mut classes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for node in (0..homes.len()).filter(|&node| !together.is_fixed(node)) {
        classes.entry(together.class(node)).or_default().push(node);
    }
    let mut sets: BTreeMap<Vec<Home>, Set> = BTreeMap::new();
    for nodes in classes.into_values() {
        let mut all: Vec<Home> = nodes.iter().flat_map(|&node| homes[node].clone()).collect();
        all.sort_unstable();
        // Of two channels in one blob nobody knows which of them stands for which of another class.
        let twice = |pair: &[Home]| pair[0] == pair[1] && matches!(pair[0], Home::Blob(_));
        if !all.windows(2).any(twice) {
            sets.entry(all).or_default().push(nodes);
        }
    }
    sets.into_values().collect()
}

/// Pairs of channels of a layer with weights that move together: those of a depthwise layer. Channels of groups stay in
/// their group.
fn linked(
    linear: &Linear,
    layer: &Layer,
    index: usize,
    ties: &Ties,
    homes: &mut [Vec<Home>],
) -> Vec<(usize, usize)> {
    let (bottom, top) = (ties.nodes(layer.bottoms[0]), ties.nodes(layer.tops[0]));
    let Some([outputs, inputs]) = linear.group() else { return Vec::new() };
    if [outputs, inputs] == [1, 1] {
        return bottom.zip(top).collect();
    }
    for (at, node) in bottom.enumerate() {
        homes[node].push(Home::Inputs { layer: index, group: at / inputs });
    }
    for (at, node) in top.enumerate() {
        homes[node].push(Home::Outputs { layer: index, group: at / outputs });
    }
    Vec::new()
}

/// Pairs of channels of a layer whose channels cannot be scaled, but move together; none if they cannot move.
fn alike(net: &Net, layer: &Layer, ties: &Ties) -> Option<Vec<(usize, usize)>> {
    let axes = |id: &BlobId| net.blob(*id).shape.len();
    let [top] = layer.tops[..] else { return None };
    let alike = match layer.op.int8_form() {
        Int8Form::Value | Int8Form::Product => true,
        Int8Form::Broadcast(_) => layer.bottoms.iter().all(|bottom| axes(bottom) == axes(&top)),
        Int8Form::Factor { .. } | Int8Form::ChannelScale { .. } => {
            matches!(&layer.op, LayerOp::Scale(scale) if scale.axis == 0)
                && layer.weights.is_empty()
                && layer.bottoms.iter().all(|bottom| axes(bottom) > 1)
        }
        Int8Form::Float
        | Int8Form::Source { .. }
        | Int8Form::Quantize
        | Int8Form::Dequantize
        | Int8Form::Same
        | Int8Form::Clip { .. }
        | Int8Form::LeakyRelu { .. }
        | Int8Form::Prelu
        | Int8Form::Interpolate(_)
        | Int8Form::MultiplyAccumulate { .. }
        | Int8Form::Offset
        | Int8Form::Constant
        | Int8Form::Cut
        | Int8Form::AveragePool(_)
        | Int8Form::Reduce(_)
        | Int8Form::Reduction(_)
        | Int8Form::Concat
        | Int8Form::Max
        | Int8Form::Sum(_) => false,
    };
    if !alike {
        return None;
    }
    let mut pairs = Vec::new();
    for &bottom in &layer.bottoms {
        let (bottom, top) = (ties.nodes(bottom), ties.nodes(top));
        // What is repeated for all channels has no order.
        if bottom.len() > 1 {
            (bottom.len() == top.len()).then_some(())?;
            pairs.extend(bottom.zip(top));
        }
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use umodel::{NetParameter, NoSources, Phase};

    use super::super::range::Ranges;
    use super::*;

    /// The sets of a net, each as the blobs that it is in and the number of its classes.
    fn sets(text: &str) -> Vec<(String, usize)> {
        let model = NetParameter::parse_text(text).expect("a prototxt");
        let net = Net::new(&model, None, Phase::Test, &NoSources).expect("a net");
        let mut specs = net.specs();
        for (spec, layer) in specs.iter_mut().zip(net.layers()) {
            let bottoms: Vec<&[usize]> =
                layer.bottoms.iter().map(|&id| net.blob(id).shape.as_slice()).collect();
            let shapes = layer.op.weight_shapes(&bottoms).expect("shapes");
            spec.set_weights(shapes.into_iter().map(ndarray::ArrayD::zeros));
        }
        let net = Net::from_specs("", specs).expect("a net");
        let ranges = Ranges::new(&net);
        let ties = Ties::of(&net, &ranges, |_| false);
        let name = |node: usize| {
            let id = net.blob_ids().find(|&id| ties.nodes(id).contains(&node)).expect("a blob");
            net.blob(id).name.as_str()
        };
        let of = |set: &Set| {
            let blobs: Vec<&str> = set[0].iter().map(|&node| name(node)).collect();
            (blobs.join(" "), set.len())
        };
        exchangeable(&net, &ties).iter().map(of).collect()
    }

    const INPUT: &str =
        "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 3, 8, 8] } } }";

    /// Exact: convolutions start a new order, depthwise ones, sums and functions of single values keep one.
    #[test]
    fn channels_move_together() {
        let found = sets(&format!(
            "{INPUT}
             layer {{ name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param {{ num_output: 6 kernel_size: 1 }} }}
             layer {{ name: 'b' type: 'DepthwiseConvolution' bottom: 'a' top: 'b' convolution_param {{ num_output: 6 group: 6 kernel_size: 1 }} }}
             layer {{ name: 's' type: 'Sigmoid' bottom: 'b' top: 's' }}
             layer {{ name: 'p' type: 'Eltwise' bottom: 's' bottom: 'b' top: 'p' eltwise_param {{ operation: PROD }} }}
             layer {{ name: 'c' type: 'Convolution' bottom: 'p' top: 'c' convolution_param {{ num_output: 4 kernel_size: 1 }} }}
             layer {{ name: 'd' type: 'Convolution' bottom: 'x' top: 'd' convolution_param {{ num_output: 4 kernel_size: 1 }} }}
             layer {{ name: 't' type: 'Eltwise' bottom: 'c' bottom: 'd' top: 't' }}
             layer {{ name: 'e' type: 'Convolution' bottom: 't' top: 'e' convolution_param {{ num_output: 5 kernel_size: 1 }} }}"
        ));
        assert_eq!(found, [("a b s p".to_owned(), 6), ("c d t".to_owned(), 4)]);
    }

    /// Exact: channels stay in their bottom of a Concat and in their group; what LRN or a position reads, or a blob twice,
    /// keeps its order.
    #[test]
    fn channels_stay_where_they_must() {
        let found = sets(&format!(
            "{INPUT}
             layer {{ name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param {{ num_output: 6 kernel_size: 1 }} }}
             layer {{ name: 'b' type: 'Convolution' bottom: 'x' top: 'b' convolution_param {{ num_output: 2 kernel_size: 1 }} }}
             layer {{ name: 'k' type: 'Concat' bottom: 'a' bottom: 'b' top: 'k' }}
             layer {{ name: 'c' type: 'Convolution' bottom: 'k' top: 'c' convolution_param {{ num_output: 4 group: 2 kernel_size: 1 }} }}
             layer {{ name: 'd' type: 'Convolution' bottom: 'c' top: 'd' convolution_param {{ num_output: 4 kernel_size: 1 }} }}
             layer {{ name: 'l' type: 'LRN' bottom: 'd' top: 'l' }}
             layer {{ name: 'e' type: 'Convolution' bottom: 'l' top: 'e' convolution_param {{ num_output: 4 kernel_size: 1 }} }}
             layer {{ name: 'm' type: 'Concat' bottom: 'e' bottom: 'e' top: 'm' }}
             layer {{ name: 'f' type: 'Convolution' bottom: 'm' top: 'f' convolution_param {{ num_output: 4 kernel_size: 1 }} }}
             layer {{ name: 'n' type: 'Flatten' bottom: 'f' top: 'n' }}
             layer {{ name: 'o' type: 'InnerProduct' bottom: 'n' top: 'o' inner_product_param {{ num_output: 4 }} }}"
        ));
        let expected = [("a k", 4), ("a k", 2), ("b k", 2), ("c", 2), ("c", 2)];
        assert_eq!(found, expected.map(|(blobs, count)| (blobs.to_owned(), count)));
    }
}
