//! A net in two parts, of which the second takes what the first gives.

use std::collections::{BTreeSet, HashSet};

use super::edit::{Names, QuantizedSpec, needed};
use super::ports::expose;
use super::{Arithmetic, BlobFormat, DType, QuantizedNet};
use crate::builder::LayerSpec;
use crate::error::Error;
use crate::layers::{DummyData, Input, LayerOp};
use crate::net::{BlobId, Layer};

/// A net in two parts. See [`QuantizedNet::divide`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Division {
    /// The layers from the inputs on; none if the second part has all.
    pub front: QuantizedNet,
    /// The layers behind them; none if the first part has all. Its inputs have the names and formats of outputs of
    /// the first part, or of inputs of the whole net.
    pub back: QuantizedNet,
}

impl QuantizedNet {
    /// Divides the net: `back` says for each layer whether it belongs to the second part. What depends on such a layer
    /// belongs there, too. Both parts together compute what the net computes, bit for bit.
    ///
    /// - Blobs that cross the border are outputs of the first part and inputs of the second one, under their own names and
    ///   in their own formats: an int8 blob stays int8. Those that the first part reads as well are made outputs as
    ///   [`QuantizedNet::with_outputs`] does it.
    /// - An input of the net that the second part reads is an input of the second part.
    /// - What depends on shapes only (a PriorBox, a Parameter, and a Concat of them) the second part computes itself. Where
    ///   it reads no more of a blob than its shape, a DummyData layer of that shape stands in for the blob.
    /// - The net's outputs are those of both parts: look for them by name. A part may have more outputs than these.
    ///
    /// ```text
    /// data ─┬► conv ─┬► Permute ─► loc ─┐       data ─► conv ─► Permute ─► loc
    ///       │        ▼                  ├► detection   ⇒
    ///       └────► PriorBox ────────────┘       loc ─────────────────────────┬► detection
    ///                                           DummyData ─► PriorBox ───────┘
    /// ```
    ///
    /// # Errors
    /// None for a net that was valid before; both parts are checked again all the same.
    pub fn divide(&self, back: &[bool]) -> Result<Division, Error> {
        let layers = self.net.layers();
        let mut is_back: Vec<bool> =
            (0..layers.len()).map(|layer| back.get(layer).copied().unwrap_or(false)).collect();
        for (index, layer) in layers.iter().enumerate() {
            let depends = layer.bottoms.iter().any(|&id| is_back[self.net.producer(id)]);
            is_back[index] = is_back[index] || depends;
        }
        let Reads { copied, values, shapes } = self.reads(&is_back);
        let from_input = |id: BlobId| matches!(layers[self.net.producer(id)].op, LayerOp::Input(_));
        let name = |id: BlobId| self.net.blob(id).name.clone();

        let crossing = values.iter().copied().filter(|&id| !from_input(id));
        let outputs = self.net.outputs().into_iter();
        let outputs = outputs.filter(|&id| !is_back[self.net.producer(id)]);
        let wanted: HashSet<String> = crossing.clone().chain(outputs).map(name).collect();
        let front = self.specs().into_iter().zip(&is_back);
        let front = front.filter(|(_, back)| !**back).map(|(spec, _)| spec).collect();
        let mut front = needed(front, &wanted);
        let read: HashSet<&String> = front.iter().flat_map(|spec| &spec.spec.bottoms).collect();
        let inside: Vec<String> = crossing.map(name).filter(|name| read.contains(name)).collect();
        expose(&mut front, &inside);

        let specs = self.specs().into_iter().enumerate();
        let own: Vec<QuantizedSpec> = specs
            .filter(|(index, _)| is_back[*index] || copied.contains(index))
            .map(|(_, spec)| spec)
            .collect();
        let mut names = Names::of(&own);
        let inputs = values.iter().map(|&id| self.input(id, &mut names));
        let mut specs: Vec<QuantizedSpec> = inputs.collect();
        specs.extend(shapes.iter().map(|&id| self.stand_in(id, &mut names)));
        specs.extend(own);
        Ok(Division {
            front: QuantizedNet::from_specs(self.net.name(), front)?,
            back: QuantizedNet::from_specs(self.net.name(), specs)?,
        })
    }

    /// What the second part needs of the first one.
    fn reads(&self, is_back: &[bool]) -> Reads {
        let layers = self.net.layers();
        let mut constant = vec![false; layers.len()];
        for (index, layer) in layers.iter().enumerate() {
            let source = matches!(layer.op, LayerOp::Input(_)) || layer.op.pictures().is_some();
            let fixed = |(_, id): (bool, BlobId)| constant[self.net.producer(id)];
            constant[index] = !source && values_of(layer).filter(|(read, _)| *read).all(fixed);
        }
        let mut reads = Reads::default();
        let mut queue: Vec<usize> = (0..layers.len()).filter(|&layer| is_back[layer]).collect();
        while let Some(index) = queue.pop() {
            for (read, id) in values_of(&layers[index]) {
                let producer = self.net.producer(id);
                if is_back[producer] {
                    continue;
                }
                if !read {
                    reads.shapes.insert(id);
                } else if !constant[producer] {
                    reads.values.insert(id);
                } else if reads.copied.insert(producer) {
                    queue.push(producer);
                }
            }
        }
        let Reads { copied, values, shapes } = &mut reads;
        shapes.retain(|id| !values.contains(id) && !copied.contains(&self.net.producer(*id)));
        reads
    }

    /// An Input layer for a blob of the first part.
    fn input(&self, id: BlobId, names: &mut Names) -> QuantizedSpec {
        let (blob, format) = (self.net.blob(id), self.format(id));
        let int8_scale = (format.dtype != DType::F32).then_some(1.0 / format.scale);
        let input = Input { shapes: vec![blob.shape.clone()], int8_scale };
        QuantizedSpec {
            spec: LayerSpec::new(&names.layer(&blob.name), input, &[], &[&blob.name]),
            arithmetic: Arithmetic::Cast,
            formats: vec![format],
        }
    }

    /// A blob of the same shape.
    fn stand_in(&self, id: BlobId, names: &mut Names) -> QuantizedSpec {
        let blob = self.net.blob(id);
        let dummy = DummyData { shapes: vec![blob.shape.clone()], fillers: Vec::new() };
        QuantizedSpec {
            spec: LayerSpec::new(&names.layer(&blob.name), dummy, &[], &[&blob.name]),
            arithmetic: Arithmetic::Float,
            formats: vec![BlobFormat::F32],
        }
    }
}

/// What the second part needs of the first one.
#[derive(Debug, Default)]
struct Reads {
    /// Layers that depend on shapes only: both parts may have them.
    copied: BTreeSet<usize>,
    /// Blobs whose values are read.
    values: BTreeSet<BlobId>,
    /// Blobs of which only the shapes are read.
    shapes: BTreeSet<BlobId>,
}

/// The bottoms, and whether the layer reads their values.
fn values_of(layer: &Layer) -> impl Iterator<Item = (bool, BlobId)> {
    let bottoms = layer.bottoms.iter().enumerate();
    bottoms.map(|(index, &id)| (layer.op.reads_values(index), id))
}
