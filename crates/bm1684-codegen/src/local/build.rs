//! From layers to operations on tensors in local memory.

use std::collections::HashMap;
use std::rc::Rc;

use bm1684_isa::memory::{COEFFICIENT_BASE, LANES};
use umodel::BlobId;

use super::bands::{convert, repeated, tensor as like};
use super::sequence::{Action, Sequence, Space, StorageId};
use super::tensor::{Rows, Tensor};
use super::words::{Part, WordOp, words};
use super::{Facts, Own};
use crate::lower::{Halo, Pool, Work};

/// A sequence as it grows.
pub(super) struct Builder<'a, 'b> {
    pub(super) facts: &'b Facts<'a>,
    /// The form of each blob in local memory.
    pub(super) forms: &'b [Rows],
    /// Where coefficients go; none if only the cost is of interest.
    pub(super) pool: Option<&'b mut Pool>,
    pub(super) sequence: Sequence<'a>,
    /// What is in local memory now.
    pub(super) tensors: HashMap<(usize, Rows), Tensor>,
    pub(super) layer: usize,
    /// The group of four images that is worked on.
    pub(super) group: usize,
}

impl<'a, 'b> Builder<'a, 'b> {
    pub(super) fn new(facts: &'b Facts<'a>, forms: &'b [Rows], pool: Option<&'b mut Pool>) -> Self {
        Builder {
            facts,
            forms,
            pool,
            sequence: Sequence::default(),
            tensors: HashMap::new(),
            layer: 0,
            group: 0,
        }
    }

    /// The operations of all layers.
    pub(super) fn build(mut self) -> Sequence<'a> {
        let mut start = 0;
        let owns = &self.facts.owns;
        while start < owns.len() {
            if matches!(owns[start], Own::Through) {
                self.sequence.push(start, Vec::new(), Action::Through);
                start += 1;
                continue;
            }
            let later = owns[start..].iter().position(|own| matches!(own, Own::Through));
            let end = later.map_or(owns.len(), |count| start + count);
            for group in 0..self.facts.groups(start..end) {
                self.group = group;
                self.tensors.clear();
                (start..end).for_each(|layer| self.local(layer));
            }
            self.tensors.clear();
            start = end;
        }
        self.sequence
    }

    /// Adds a layer that works in local memory.
    pub(super) fn local(&mut self, layer: usize) {
        let facts = self.facts;
        let Own::Local(own) = &facts.owns[layer] else { return };
        let own = Rc::clone(own);
        self.layer = layer;
        let node = &facts.net.net().layers()[layer];
        let top = facts.owner(node.tops[0]);
        // Layers behind another input may have fewer images.
        if self.group >= facts.images[top].div_ceil(4) {
            return;
        }
        let form = self.forms[top];
        match &own.work {
            Work::Window(window) => {
                let (window, input) = self.slide(window, node.bottoms[0], form);
                let output = self.fresh(top, form);
                if window.gathers() {
                    let (window, pool) = window.gathered(&own.pool);
                    self.window(Rc::new(window), &pool, input, output);
                } else {
                    self.window(Rc::new(window), &own.pool, input, output);
                }
            }
            Work::Elements(work) => {
                let inputs: Vec<Tensor> =
                    node.bottoms.iter().map(|&bottom| self.operand(bottom, top, form)).collect();
                let output = self.fresh(top, form);
                self.elements(&own, work, &inputs, output);
            }
            Work::Concat(rescales) => {
                let output = self.fresh(top, form);
                let mut first = 0;
                for (index, &bottom) in node.bottoms.iter().enumerate() {
                    let input = self.tensor(bottom, form);
                    let channels = input.channels;
                    if rescales[index].is_none() {
                        self.place(input, output, first);
                    } else {
                        let scaled = if first.is_multiple_of(LANES) {
                            output.at_row(first / LANES, channels)
                        } else {
                            like(&mut self.sequence, &input, input.rows)
                        };
                        self.rescale(rescales[index], input, scaled);
                        self.place(scaled, output, first);
                    }
                    first += channels;
                }
            }
            Work::Repeat([down, right]) => {
                let input = self.tensor(node.bottoms[0], form.shrunk(*down));
                let output = self.fresh(top, form);
                for y in 0..*down {
                    for x in 0..*right {
                        let to = Part {
                            tensor: output,
                            first: y * output.width + x,
                            strides: [down * output.width, *right],
                        };
                        let from = Part { strides: [input.width, 1], ..Part::rows(input, 0) };
                        let sizes = [input.rows, input.width];
                        words(&mut self.sequence, layer, WordOp::Copy, [to, from], sizes);
                    }
                }
            }
            Work::Sample([[first_row, down], [first_column, right]]) => {
                let input = self.tensor(node.bottoms[0], form.grown(*down));
                let output = self.fresh(top, form);
                let from = Part {
                    tensor: input,
                    first: first_row * input.width + first_column,
                    strides: [down * input.width, *right],
                };
                let to = Part { strides: [output.width, 1], ..Part::rows(output, 0) };
                let sizes = [output.rows, output.width];
                words(&mut self.sequence, layer, WordOp::Copy, [to, from], sizes);
            }
            Work::Slice(starts) => {
                for (&top, &start) in node.tops.iter().zip(starts) {
                    let top = facts.owner(top);
                    let input = self.tensor(node.bottoms[0], form);
                    let channels = facts.sizes[top][0];
                    if start.is_multiple_of(LANES) {
                        let part = input.at_row(start / LANES, channels);
                        self.tensors.insert((top, form), part);
                    } else {
                        let output = self.fresh(top, form);
                        self.cut_out(input, start, output);
                    }
                }
            }
        }
        for &top in &node.tops {
            self.store(facts.owner(top));
        }
    }

    pub(super) fn push(&mut self, uses: Vec<StorageId>, action: Action<'a>) {
        self.sequence.push(self.layer, uses, action);
    }

    /// Something new that takes memory.
    pub(super) fn storage(&mut self, space: Space, bytes: usize) -> StorageId {
        self.sequence.storage(space, bytes)
    }

    /// Whether a blob is in local memory in this form.
    pub(super) fn is_here(&self, blob: usize, form: Rows) -> bool {
        self.tensors.contains_key(&(blob, form))
    }

    /// A tensor for a blob: a place of its own, or its part of the Concat that it is in.
    pub(super) fn fresh(&mut self, blob: usize, form: Rows) -> Tensor {
        if let Some(&tensor) = self.tensors.get(&(blob, form)) {
            return tensor;
        }
        let [channels, height, width] = self.facts.sizes[blob];
        let tensor = match self.facts.homes[blob] {
            Some((home, row)) if self.forms[home] == form => {
                self.fresh(home, form).at_row(row, channels)
            }
            _ => {
                let rows = form.of(height);
                let tensor = Tensor { storage: 0, offset: 0, channels, rows, width };
                let storage = self.sequence.storage(Space::Lanes, tensor.bytes());
                Tensor { storage, ..tensor }
            }
        };
        self.tensors.insert((blob, form), tensor);
        tensor
    }

    /// A bottom of a layer that works value by value: in the top's form, or a word for each channel.
    pub(super) fn operand(&mut self, blob: BlobId, top: usize, form: Rows) -> Tensor {
        let owner = self.facts.owner(blob);
        if self.facts.sizes[owner] == self.facts.sizes[top] {
            return self.tensor(blob, form);
        }
        let words = self.tensor(blob, Rows::Images);
        match form {
            Rows::Images => words,
            Rows::Bands(_) => repeated(&mut self.sequence, self.layer, words),
        }
    }

    /// A blob in a form, brought here or converted if it is not there yet.
    pub(super) fn tensor(&mut self, blob: BlobId, form: Rows) -> Tensor {
        let owner = self.facts.owner(blob);
        if let Some(&tensor) = self.tensors.get(&(owner, form)) {
            return tensor;
        }
        let [channels, height, width] = self.facts.sizes[owner];
        let have =
            [self.forms[owner], Rows::Images].into_iter().find(|&form| self.is_here(owner, form));
        let tensor = match (have, form) {
            (Some(have), _) => {
                let tensor = self.tensors[&(owner, have)];
                convert(&mut self.sequence, self.layer, tensor, [have, form], height)
            }
            (None, Rows::Images) => {
                let tensor = Tensor { storage: 0, offset: 0, channels, rows: height, width };
                self.load(owner, tensor, 0)
            }
            (None, Rows::Bands(rows)) => self.load_bands(owner, rows, Halo { above: 0, below: 0 }),
        };
        self.tensors.insert((owner, form), tensor);
        tensor
    }

    /// Images or bands of the blob that is worked on.
    pub(super) fn images(&self) -> usize {
        let top = self.facts.owner(self.facts.net.net().layers()[self.layer].tops[0]);
        match self.forms[top] {
            Rows::Images => self.facts.images[top].min(4),
            Rows::Bands(_) => 4,
        }
    }

    /// Puts bytes among the coefficients.
    pub(super) fn coefficients(&mut self, bytes: &[u8]) -> u64 {
        let Some(pool) = self.pool.as_mut() else { return COEFFICIENT_BASE };
        let address = pool.add(bytes);
        let end = pool.0.len();
        self.sequence.coefficients.push(end - bytes.len()..end);
        address
    }
}
