#![deny(clippy::wildcard_enum_match_arm)]

use umodel::layers::{BinaryOp, Int8Form};
use umodel::{BlobId, Layer, LayerOp, Net};

use super::classes::Classes;
use super::linear::Linear;
use super::range::Ranges;

/// How the channels of a layer's tops depend on those of its bottoms.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Link {
    /// Pairs of a channel of a bottom and one of a top that are scaled alike: multiplied by the same factor in all its
    /// bottoms, the layer's top is, too.
    Tied(Vec<(usize, usize)>),
    /// Weights take any factors.
    Linear(Linear),
    /// No factors but 1.
    Fixed,
}

/// Channels of all blobs, and which of them have to have the same factor. A channel is a place as in [`Ranges`].
pub(super) struct Ties {
    nodes: Vec<std::ops::Range<usize>>,
    /// One for each layer.
    pub(super) links: Vec<Link>,
    /// Channels that have the same factor; fixed ones have 1.
    classes: Classes,
}

impl Ties {
    /// Of a net. The blobs that are `fixed` keep the factor 1.
    pub(super) fn of(net: &Net, ranges: &Ranges, fixed: impl Fn(&str) -> bool) -> Ties {
        let count = ranges.channels().len();
        let mut ties = Ties {
            nodes: net.blob_ids().map(|id| ranges.nodes(id)).collect(),
            links: Vec::new(),
            classes: Classes::new(count),
        };
        for layer in net.layers() {
            let link = ties.link(net, layer);
            match &link {
                Link::Tied(pairs) => {
                    pairs.iter().for_each(|&(bottom, top)| ties.classes.join(bottom, top));
                }
                Link::Linear(_) => {}
                Link::Fixed => {
                    let read = layer.bottoms.iter().enumerate();
                    let read = read.filter(|(index, _)| layer.op.reads_values(*index));
                    let blobs = read.map(|(_, &id)| id).chain(layer.tops.iter().copied());
                    blobs.for_each(|id| ties.fix(id));
                }
            }
            ties.links.push(link);
        }
        net.outputs().into_iter().for_each(|id| ties.fix(id));
        for blob in net.blob_ids() {
            if net.blob(blob).shape.len() < 2 || fixed(&net.blob(blob).name) {
                ties.fix(blob);
            }
        }
        ties
    }

    /// The channels of a blob.
    pub(super) fn nodes(&self, blob: BlobId) -> std::ops::Range<usize> {
        self.nodes[blob.index()].clone()
    }

    /// The channel that stands for all those that have the same factor as this one.
    pub(super) fn class(&self, node: usize) -> usize {
        self.classes.class(node)
    }

    /// Whether the channel's factor is 1.
    pub(super) fn is_fixed(&self, node: usize) -> bool {
        self.classes.is_fixed(node)
    }

    fn fix(&mut self, blob: BlobId) {
        self.classes.fix(self.nodes[blob.index()].clone());
    }

    fn link(&self, net: &Net, layer: &Layer) -> Link {
        let shape = |id: &BlobId| net.blob(*id).shape.as_slice();
        let [bottom, ..] = layer.bottoms[..] else { return Link::Fixed };
        let linear = || Linear::of(&layer.op, layer.weights.first()?.shape(), shape(&bottom));
        let tied = match layer.op.int8_form() {
            Int8Form::Float
            | Int8Form::Source { .. }
            | Int8Form::Quantize
            | Int8Form::Dequantize
            | Int8Form::Value
            | Int8Form::Constant
            | Int8Form::Product
            | Int8Form::Reduction(_)
            | Int8Form::Broadcast(BinaryOp::Div | BinaryOp::Pow) => None,
            Int8Form::MultiplyAccumulate { .. } => {
                return linear().map_or(Link::Fixed, Link::Linear);
            }
            Int8Form::ChannelScale { .. } if layer.bottoms.len() == 1 => {
                return linear().map_or(Link::Fixed, Link::Linear);
            }
            Int8Form::Same | Int8Form::Cut => {
                // Windows and nearest neighbours stay in their channel; all others say where values go.
                let windows = matches!(
                    layer.op,
                    LayerOp::Pooling(_) | LayerOp::Resample(_) | LayerOp::Upsample(_)
                );
                if windows { self.channelwise(layer) } else { self.moved(net, layer) }
            }
            Int8Form::Clip { .. }
            | Int8Form::LeakyRelu { .. }
            | Int8Form::Prelu
            | Int8Form::Interpolate(_)
            | Int8Form::AveragePool(_)
            | Int8Form::Max
            | Int8Form::Sum(_) => self.channelwise(layer),
            Int8Form::Reduce(reduce) => {
                let reduced = reduce.reduced(shape(&bottom)).unwrap_or_default();
                let channels = reduced.iter().take(2).any(|&reduced| reduced);
                if channels { None } else { self.channelwise(layer) }
            }
            Int8Form::Concat => self.side_by_side(net, layer),
            // `a · b` with the second bottom as it is.
            Int8Form::ChannelScale { .. }
            | Int8Form::Factor { .. }
            | Int8Form::Offset
            | Int8Form::Broadcast(
                BinaryOp::Mul | BinaryOp::Add | BinaryOp::Sub | BinaryOp::Max | BinaryOp::Min,
            ) => None,
        };
        tied.map_or(Link::Fixed, Link::Tied)
    }

    /// Channel by channel, of all bottoms.
    fn channelwise(&self, layer: &Layer) -> Option<Vec<(usize, usize)>> {
        let mut pairs = Vec::new();
        for &top in &layer.tops {
            for (index, &bottom) in layer.bottoms.iter().enumerate() {
                if !layer.op.reads_values(index) {
                    continue;
                }
                let (bottom, top) = (self.nodes(bottom), self.nodes(top));
                if bottom.len() != top.len() {
                    return None;
                }
                pairs.extend(bottom.zip(top));
            }
        }
        Some(pairs)
    }

    /// Of bottoms that follow each other along axis 1, or along any other.
    fn side_by_side(&self, net: &Net, layer: &Layer) -> Option<Vec<(usize, usize)>> {
        let LayerOp::Concat(concat) = &layer.op else { return None };
        let [top] = layer.tops[..] else { return None };
        let axes = i32::try_from(net.blob(top).shape.len()).ok()?;
        if concat.axis.rem_euclid(axes.max(1)) != 1 {
            return self.channelwise(layer);
        }
        let bottoms = layer.bottoms.iter().flat_map(|&bottom| self.nodes(bottom));
        let pairs: Vec<(usize, usize)> = bottoms.zip(self.nodes(top)).collect();
        (pairs.len() == self.nodes(top).len()).then_some(pairs)
    }

    /// Wherever values of a channel go.
    fn moved(&self, net: &Net, layer: &Layer) -> Option<Vec<(usize, usize)>> {
        let &bottom = layer.bottoms.first()?;
        let from = net.blob(bottom).shape.as_slice();
        let tops: Vec<&[usize]> =
            layer.tops.iter().map(|&id| net.blob(id).shape.as_slice()).collect();
        let inner: usize = from.iter().skip(2).product();
        let mut pairs = Vec::new();
        for (index, &top) in layer.tops.iter().enumerate() {
            let movement = layer.op.movement(from, &tops, index).ok()??;
            let mut channels: Vec<u32> = Vec::with_capacity(from.iter().product());
            for place in 0..from.iter().product::<usize>() {
                channels.push(u32::try_from(place / inner.max(1) % self.nodes(bottom).len()).ok()?);
            }
            let mut moved = vec![u32::MAX; tops.get(index)?.iter().product()];
            movement.run(&channels, u32::MAX, &mut moved);
            let (first, to) = (self.nodes(bottom).start, self.nodes(top));
            let inner: usize = tops.get(index)?.iter().skip(2).product();
            let mut found: Vec<(usize, usize)> = Vec::new();
            for (place, &channel) in moved.iter().enumerate() {
                if channel != u32::MAX {
                    let pair =
                        (first + channel as usize, to.start + place / inner.max(1) % to.len());
                    if found.last() != Some(&pair) {
                        found.push(pair);
                    }
                }
            }
            found.sort_unstable();
            found.dedup();
            pairs.extend(found);
        }
        Some(pairs)
    }
}
