//! From layers to operations on tensors in local memory.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use bm1684_isa::memory::{COEFFICIENT_BASE, LANES};
use umodel::BlobId;

use super::bands::{convert, repeated, tensor as like};
use super::groups::Group;
use super::sequence::{Action, Sequence, Space, StorageId};
use super::tensor::{Rows, Tensor};
use super::words::{Part, WordOp, words};
use super::{Facts, Own, slices};
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
    /// The steps that are worked on together.
    pub(super) span: Range<usize>,
    /// The rows of blobs that are worked on; of blobs that are not there all.
    slice: HashMap<usize, Range<usize>>,
    /// The first row of each blob that is not stored yet.
    pub(super) stored: HashMap<usize, usize>,
    /// The number of operations up to the last one that stores a blob.
    pub(super) stores: HashMap<usize, usize>,
    /// What is loaded once for all slices, by layer and number; none if each slice loads its own.
    kept: Option<HashMap<(usize, usize), StorageId>>,
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
            span: 0..0,
            slice: HashMap::new(),
            stored: HashMap::new(),
            stores: HashMap::new(),
            kept: None,
        }
    }

    /// The operations of all groups of layers.
    pub(super) fn build(mut self, groups: &[Group]) -> Sequence<'a> {
        groups.iter().for_each(|group| self.group(group));
        self.sequence
    }

    fn group(&mut self, group: &Group) {
        let Group { steps, slices, keeps } = group;
        self.sequence.borders.push(self.sequence.ops.len());
        if *slices == 0 {
            self.sequence.push(self.facts.order[steps.start], Vec::new(), Action::Through);
            return;
        }
        self.span = steps.clone();
        self.kept = keeps.then(HashMap::new);
        for images in 0..self.facts.groups(steps.clone()) {
            self.group = images;
            self.stored.clear();
            for slice in 0..*slices {
                self.slice = slices::rows(self.facts, steps, [slice, *slices]);
                self.tensors.clear();
                steps.clone().for_each(|step| self.local(self.facts.order[step]));
            }
        }
        self.tensors.clear();
    }

    /// Adds a layer that works in local memory.
    pub(super) fn local(&mut self, layer: usize) {
        let facts = self.facts;
        let Own::Local(own) = &facts.owns[layer] else { return };
        let own = Rc::clone(own);
        self.layer = layer;
        let node = &facts.net.net().layers()[layer];
        let top = facts.owner(node.tops[0]);
        // Layers behind another input may have fewer images, and low blobs fewer slices.
        if self.group >= facts.images[top].div_ceil(4) || self.rows(top).is_empty() {
            return;
        }
        let form = self.form(top);
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
                    let input = self.input(bottom, form, self.rows(top));
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
                let rows = self.rows(top);
                let needed = rows.start / down..rows.end / down;
                let input = self.input(node.bottoms[0], form.shrunk(*down), needed);
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
                let rows = self.rows(top);
                let needed = first_row + down * rows.start..first_row + down * (rows.end - 1) + 1;
                let input = self.input(node.bottoms[0], form.grown(*down), needed);
                // Of bands nothing has been cut off.
                let row = if form == Rows::Images { 0 } else { *first_row };
                let output = self.fresh(top, form);
                let from = Part {
                    tensor: input,
                    first: row * input.width + first_column,
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
                    if self.rows(top).is_empty() {
                        continue;
                    }
                    if start.is_multiple_of(LANES) {
                        let part = input.at_row(start / LANES, channels);
                        self.tensors.insert((top, form), part);
                    } else {
                        let output = self.fresh(top, form);
                        let input = self.input(node.bottoms[0], form, self.rows(top));
                        self.cut_out(input, start, output);
                    }
                }
            }
        }
        for &top in &node.tops {
            self.store(facts.owner(top));
        }
    }

    /// The form of a blob: slices are images.
    pub(super) fn form(&self, blob: usize) -> Rows {
        if self.is_sliced() { Rows::Images } else { self.forms[blob] }
    }

    pub(super) fn is_sliced(&self) -> bool {
        !self.slice.is_empty()
    }

    /// The rows of a blob that are worked on.
    pub(super) fn rows(&self, blob: usize) -> Range<usize> {
        self.slice.get(&blob).cloned().unwrap_or(0..self.facts.sizes[blob][1])
    }

    /// The operation before which a blob is not in DDR.
    pub(super) fn stored_by(&self, blob: usize) -> usize {
        self.stores.get(&blob).copied().unwrap_or(0)
    }

    /// Some rows of a blob, or its bands.
    pub(super) fn input(&mut self, blob: BlobId, form: Rows, rows: Range<usize>) -> Tensor {
        let tensor = self.tensor(blob, form);
        if form == Rows::Images { tensor.cut(&rows) } else { tensor }
    }

    /// Something that a layer loads and that slices have in common.
    pub(super) fn constant(
        &mut self,
        number: usize,
        load: impl FnOnce(&mut Self) -> StorageId,
    ) -> StorageId {
        let key = (self.layer, number);
        if let Some(&known) = self.kept.as_ref().and_then(|kept| kept.get(&key)) {
            return known;
        }
        let storage = load(self);
        if let Some(kept) = &mut self.kept {
            kept.insert(key, storage);
        }
        storage
    }

    /// Whether slices before this one have loaded what a layer needs.
    pub(super) fn has_constants(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.contains_key(&(self.layer, 0)))
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
        let [channels, _, width] = self.facts.sizes[blob];
        let rows = self.rows(blob);
        let home = self.facts.homes[blob].filter(|home| {
            let same = self.form(home.blob) == form && self.rows(home.blob) == rows;
            same && self.span.contains(&home.concat)
        });
        let tensor = match home {
            Some(home) => self.fresh(home.blob, form).at_row(home.row, channels),
            None => {
                let rows = if form == Rows::Images { rows } else { 0..form.of(rows.len()) };
                let tensor = Tensor::aligned(channels, rows, width);
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
            return self.input(blob, form, self.rows(top));
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
            [self.form(owner), Rows::Images].into_iter().find(|&form| self.is_here(owner, form));
        let tensor = match (have, form) {
            (Some(have), _) => {
                let tensor = self.tensors[&(owner, have)];
                convert(&mut self.sequence, self.layer, tensor, [have, form], height)
            }
            (None, Rows::Images) => {
                let tensor = Tensor::aligned(channels, self.rows(owner), width);
                self.load(owner, tensor)
            }
            (None, Rows::Bands(rows)) => self.load_bands(owner, rows, Halo { above: 0, below: 0 }),
        };
        self.tensors.insert((owner, form), tensor);
        tensor
    }

    /// Images or bands of the blob that is worked on.
    pub(super) fn images(&self) -> usize {
        let top = self.facts.owner(self.facts.net.net().layers()[self.layer].tops[0]);
        match self.form(top) {
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
