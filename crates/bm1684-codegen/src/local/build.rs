//! From layers to operations on tensors in local memory.

use std::collections::HashMap;
use std::rc::Rc;

use bm1684_isa::commands::{Direction, Format};
use bm1684_isa::memory::{COEFFICIENT_BASE, L2_BASE, LANE_BYTES, LANES, Layout, local_address};
use umodel::{BlobId, DType, Rescale};

use super::bands::{Body, complete, convert, join, repeated, separate, with_halo};
use super::sequence::{Action, Emit, Sequence, Space, StorageId};
use super::tensor::{Rows, Tensor};
use super::words::{Part, WordOp, words};
use super::{Facts, LocalLayer, Own};
use crate::command::{Move, copy};
use crate::lower::{Block, Cell, ElementWork, Halo, Piece, Pool, TABLES, WindowLayer, Work};

/// Bytes of temporary buffers that an operation should not need more of.
const TEMPORARY_BYTES: usize = 24 << 10;
/// Bytes of a lane of an image that are loaded at once to become bands, or stored at once.
const PIECE_BYTES: usize = 16 << 10;
/// The most words of a plane that a command works on.
const MOST: usize = u16::MAX as usize / 32 * 32;

/// A sequence as it grows.
pub(super) struct Builder<'a, 'b> {
    pub(super) facts: &'b Facts<'a>,
    /// The form of each blob in local memory.
    forms: &'b [Rows],
    /// Where coefficients go; none if only the cost is of interest.
    pool: Option<&'b mut Pool>,
    sequence: Sequence<'a>,
    /// What is in local memory now.
    tensors: HashMap<(usize, Rows), Tensor>,
    layer: usize,
    /// The group of four images that is worked on.
    group: usize,
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
    fn local(&mut self, layer: usize) {
        let facts = self.facts;
        let Own::Local(own) = &facts.owns[layer] else { return };
        let own = Rc::clone(own);
        self.layer = layer;
        let node = &facts.net.net().layers()[layer];
        let top = facts.owner(node.tops[0]);
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
                        let scaled = if first % LANES == 0 {
                            output.from_row(first / LANES, channels)
                        } else {
                            super::bands::tensor(&mut self.sequence, &input, input.rows)
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
                    if start % LANES == 0 {
                        let part = input.from_row(start / LANES, channels);
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

    /// Puts bytes among the coefficients.
    fn coefficients(&mut self, bytes: &[u8]) -> u64 {
        self.pool.as_mut().map_or(COEFFICIENT_BASE, |pool| pool.add(bytes))
    }

    /// A tensor for a blob: a place of its own, or its part of the Concat that it is in.
    fn fresh(&mut self, blob: usize, form: Rows) -> Tensor {
        if let Some(&tensor) = self.tensors.get(&(blob, form)) {
            return tensor;
        }
        let [channels, height, width] = self.facts.sizes[blob];
        let tensor = match self.facts.homes[blob] {
            Some((home, row)) if self.forms[home] == form => {
                self.fresh(home, form).from_row(row, channels)
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
    fn operand(&mut self, blob: BlobId, top: usize, form: Rows) -> Tensor {
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
    fn tensor(&mut self, blob: BlobId, form: Rows) -> Tensor {
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

    /// Loads rows of a blob's images from this one on.
    fn load(&mut self, owner: usize, tensor: Tensor, first: usize) -> Tensor {
        let storage = self.sequence.storage(Space::Lanes, tensor.bytes());
        let tensor = Tensor { storage, ..tensor };
        let movement = self.movement(owner, tensor);
        let (id, skipped) = (self.facts.ids[owner], 4 * (first * tensor.width) as u64);
        let emit: Emit<'a> = Box::new(move |emitter, plan, buffers| {
            let load = movement(plan.blob(id) + skipped, buffers[0].offset).load();
            emitter.gdma(load, &[], &[buffers[0]]);
        });
        self.push(vec![storage], Action::Load(emit));
        tensor
    }

    /// Loads an image as bands of so many rows and their halo, some rows of each band at a time.
    fn load_bands(&mut self, owner: usize, rows: usize, halo: Halo) -> Tensor {
        let [channels, height, width] = self.facts.sizes[owner];
        let all = halo.above + rows + halo.below;
        let tensor = Tensor { storage: 0, offset: 0, channels, rows: all, width };
        let storage = self.sequence.storage(Space::Lanes, tensor.bytes());
        let to = Tensor { storage, ..tensor };
        let step = (PIECE_BYTES / (4 * width * to.lane_rows())).clamp(1, rows);
        for first in (0..rows).step_by(step) {
            let own = first..(first + step).min(rows);
            let mut parts = Vec::new();
            for band in 0..4 {
                let start = band * rows + own.start;
                let count = height.saturating_sub(start).min(own.len());
                if count > 0 {
                    parts.push(self.load(owner, Tensor { rows: count, ..tensor }, start));
                }
            }
            let mut parts = parts.into_iter();
            let body = Body { to, above: halo.above, rows };
            join(&mut self.sequence, self.layer, body, own, height, |_| {
                Part::rows(parts.next().unwrap_or(to), 0)
            });
        }
        complete(&mut self.sequence, self.layer, to, rows, halo, 0);
        to
    }

    /// How a blob's images of this group move between DDR and a place in local memory.
    fn movement(&self, owner: usize, tensor: Tensor) -> impl Fn(u64, usize) -> Move + use<> {
        let group = self.group_bytes(owner);
        let [_, height, width] = self.facts.sizes[owner];
        move |address: u64, offset: usize| {
            let plane = height * width;
            let whole = [1, tensor.channels, 1, tensor.words()];
            let rows = [1, tensor.channels, tensor.rows, tensor.width];
            let sizes = if tensor.words() > MOST { rows } else { whole };
            Move {
                format: Format::Word,
                sizes,
                ddr: address + group,
                ddr_strides: [0, plane, sizes[3], 1],
                local: offset + tensor.offset,
                local_strides: [tensor.plane() * tensor.lane_rows(), tensor.plane(), sizes[3], 1],
            }
        }
    }

    /// Stores a blob if something needs it in DDR.
    fn store(&mut self, blob: usize) {
        if !self.facts.stored[blob] {
            return;
        }
        let form = self.forms[blob];
        let tensor = match self.tensors.get(&(blob, Rows::Images)) {
            Some(&tensor) => tensor,
            None => self.tensor(self.facts.ids[blob], form),
        };
        match form {
            Rows::Bands(rows) if !self.is_here(blob, Rows::Images) => {
                self.store_bands(blob, tensor, rows);
            }
            _ => self.store_rows(blob, tensor, 0),
        }
    }

    /// Stores rows of a blob's images from this one on.
    fn store_rows(&mut self, blob: usize, tensor: Tensor, first: usize) {
        let movement = self.movement(blob, tensor);
        let (id, skipped) = (self.facts.ids[blob], 4 * (first * tensor.width) as u64);
        let emit: Emit<'a> = Box::new(move |emitter, plan, buffers| {
            let store = movement(plan.blob(id) + skipped, buffers[0].offset).store();
            emitter.gdma(store, &[buffers[0]], &[]);
        });
        self.push(vec![tensor.storage], Action::Move(emit));
    }

    /// Stores bands as an image, some rows of a band at a time.
    fn store_bands(&mut self, blob: usize, tensor: Tensor, rows: usize) {
        let height = self.facts.sizes[blob][1];
        let step = (PIECE_BYTES / (4 * tensor.width * tensor.lane_rows())).clamp(1, rows);
        for band in 0..4 {
            let end = height.saturating_sub(band * rows).min(rows);
            for first in (0..end).step_by(step) {
                let own = first..(first + step).min(end);
                let image = separate(&mut self.sequence, self.layer, tensor, own, band);
                self.store_rows(blob, image, band * rows + first);
            }
        }
    }

    /// A window for the images of this group or for bands, and what it slides over.
    fn slide(&mut self, window: &WindowLayer, bottom: BlobId, form: Rows) -> (WindowLayer, Tensor) {
        let bands = match form {
            Rows::Bands(rows) => {
                let sizes = [rows * window.axes[0].stride, rows];
                window.halo(sizes).map(|halo| (sizes, halo))
            }
            Rows::Images => None,
        };
        let Some((sizes, halo)) = bands else {
            let images = window.images.saturating_sub(4 * self.group).min(4);
            let window = window.of_images(images);
            let owner = self.facts.owner(bottom);
            if window.gathers() && self.from_ddr(owner, Rows::Images) {
                let input = self.gather_images(&window, owner);
                return (window, input);
            }
            let input = self.tensor(bottom, Rows::Images);
            return self.with_rows(window, input);
        };
        let owner = self.facts.owner(bottom);
        let known = [self.forms[owner], Rows::Images, Rows::Bands(sizes[0])];
        let here = known.into_iter().any(|form| self.is_here(owner, form));
        if window.axes[0].kernel > 1 && !here && window.padding() == 0 {
            let window = window.on_bands(sizes, halo);
            let input = self.load_bands(owner, sizes[0], halo);
            return self.with_rows(window, input);
        }
        let input = self.tensor(bottom, Rows::Bands(sizes[0]));
        let window = window.on_bands(sizes, halo);
        if window.axes[0].kernel == 1 && halo.above + halo.below == 0 {
            return (window, input);
        }
        let height = self.facts.sizes[self.facts.owner(bottom)][1];
        let padding = window.padding();
        let input = with_halo(&mut self.sequence, self.layer, input, height, halo, padding);
        self.with_rows(window, input)
    }

    /// The rows that a kernel's rows meet, if they are to be channels.
    fn with_rows(&mut self, window: WindowLayer, input: Tensor) -> (WindowLayer, Tensor) {
        let input = if window.gathers() { self.gather_local(&window, input) } else { input };
        (window, input)
    }

    /// Whether a blob is in local memory in this form.
    pub(super) fn is_here(&self, blob: usize, form: Rows) -> bool {
        self.tensors.contains_key(&(blob, form))
    }

    /// Something new that takes memory.
    pub(super) fn storage(&mut self, space: Space, bytes: usize) -> StorageId {
        self.sequence.storage(space, bytes)
    }

    /// Bytes of the groups of images in front of the one that is worked on.
    pub(super) fn group_bytes(&self, blob: usize) -> u64 {
        let words: usize = self.facts.sizes[blob].iter().product();
        4 * (self.group * words) as u64
    }

    fn window(&mut self, window: Rc<WindowLayer>, pool: &Pool, input: Tensor, output: Tensor) {
        for piece in window.pieces(self.pool.is_some().then_some(pool)) {
            let mut uses = vec![input.storage, output.storage];
            if piece.length > 0 {
                uses.push(self.load_piece(&piece));
            }
            let row = piece.first_row();
            let from = if window.by_channel() { input.from_row(row, 0) } else { input };
            let to = output.from_row(row, 0);
            let window = Rc::clone(&window);
            let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
                let coefficients = *buffers.get(2).unwrap_or(&buffers[0]);
                let places =
                    [buffers[0].from(from.offset), coefficients, buffers[1].from(to.offset)];
                window.run(emitter, &piece, places);
            });
            self.push(uses, Action::Compute(emit));
        }
    }

    /// Loads what stands lane by lane in DDR.
    fn load_piece(&mut self, piece: &Piece) -> StorageId {
        let (lanes, bytes) = (piece.lanes, piece.length);
        let address = self.coefficients(&piece.bytes);
        let storage = self.sequence.storage(Space::Lanes, bytes);
        let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
            let count = bytes / 4;
            let load = Move {
                format: Format::Word,
                sizes: [1, lanes, 1, count],
                ddr: address,
                ddr_strides: [0, count, count, 1],
                local: buffers[0].offset,
                local_strides: [count, count, count, 1],
            };
            emitter.gdma(load.load(), &[], &[buffers[0]]);
        });
        self.push(vec![storage], Action::Load(emit));
        storage
    }

    fn elements(
        &mut self,
        own: &Rc<LocalLayer<'a>>,
        work: &ElementWork<'a>,
        inputs: &[Tensor],
        output: Tensor,
    ) {
        let mut constants = Vec::new();
        if let Some(address) = work.channel_words {
            constants.push(self.load_words(&own.pool, address, output.channels));
        }
        let tables = (!work.tables.is_empty()).then(|| self.load_tables(&work.tables));
        let per_word: usize = work.temporaries.iter().sum();
        let limit = TEMPORARY_BYTES.checked_div(4 * per_word).unwrap_or(usize::MAX);
        // Rows of lanes at once, or a part of one plane.
        let rows = (limit / output.plane()).clamp(1, output.lane_rows());
        let run = if rows * output.plane() <= limit { MOST } else { (limit / 32 * 32).max(32) };
        let run = run.min(MOST);
        for row in (0..output.lane_rows()).step_by(rows) {
            let channels = (output.channels - row * LANES).min(rows * LANES);
            for start in (0..output.words()).step_by(run) {
                let count = (output.words() - start).min(run);
                let lane_rows = channels.div_ceil(LANES);
                // Something that has a word for each channel has no planes.
                let part = |tensor: &Tensor| {
                    let part = tensor.from_row(row, channels);
                    match tensor.words() == output.words() {
                        true => (tensor.storage, part.offset + 4 * start, Some(tensor.plane())),
                        false => (tensor.storage, part.offset, None),
                    }
                };
                let cells: Vec<(StorageId, usize, Option<usize>)> =
                    inputs.iter().map(part).collect();
                let to = part(&output);
                let temporaries: Vec<StorageId> = work
                    .temporaries
                    .iter()
                    .map(|words| {
                        let bytes = 4 * words * count.next_multiple_of(32) * lane_rows;
                        self.sequence.storage(Space::Lanes, bytes)
                    })
                    .collect();
                let mut uses: Vec<StorageId> = cells.iter().map(|cell| cell.0).collect();
                uses.push(to.0);
                uses.extend(&temporaries);
                uses.extend(&constants);
                uses.extend(tables);
                let (own, images) = (Rc::clone(own), self.images());
                let (many, spare, constant) = (cells.len(), temporaries.len(), constants.len());
                let has_tables = tables.is_some();
                let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
                    let Work::Elements(work) = &own.work else { return };
                    let plane =
                        |index: usize, (_, offset, plane): (StorageId, usize, Option<usize>)| {
                            let buffer = buffers[index].from(offset);
                            match plane {
                                Some(_) => Cell::plane_of(buffer, plane),
                                None => Cell::word_of_channel(buffer),
                            }
                        };
                    let mut inputs: Vec<Cell> =
                        cells.iter().enumerate().map(|(index, &cell)| plane(index, cell)).collect();
                    let output = plane(many, to);
                    let temporaries = buffers[many + 1..][..spare].iter();
                    let temporaries =
                        temporaries.map(|&buffer| Cell::plane_of(buffer, None)).collect();
                    for &buffer in &buffers[many + 1 + spare..][..constant] {
                        inputs.push(Cell::word_of_channel(buffer.from(4 * 32 * row)));
                    }
                    let tables = has_tables.then(|| {
                        let buffer = buffers[many + 1 + spare + constant];
                        let byte = u32::try_from(buffer.offset - LANE_BYTES).unwrap_or_default();
                        (buffer, TABLES + byte)
                    });
                    let block = Block::of_planes(
                        [channels, images, count],
                        inputs,
                        temporaries,
                        output,
                        tables,
                    );
                    (work.compute)(emitter, &block);
                });
                self.push(uses, Action::Compute(emit));
            }
        }
    }

    /// Images or bands of the blob that is worked on.
    fn images(&self) -> usize {
        let top = self.facts.owner(self.facts.net.net().layers()[self.layer].tops[0]);
        match self.forms[top] {
            Rows::Images => self.facts.images[top].saturating_sub(4 * self.group).min(4),
            Rows::Bands(_) => 4,
        }
    }

    /// A word for each channel, each on a line of its own.
    fn load_words(&mut self, pool: &Pool, address: u64, channels: usize) -> StorageId {
        let start = usize::try_from(address - COEFFICIENT_BASE).unwrap_or(0);
        let address = self.coefficients(&pool.0[start..][..4 * channels]);
        let bytes = 128 * channels.div_ceil(LANES);
        let storage = self.sequence.storage(Space::Lanes, bytes);
        let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
            let sizes = [1, channels, 1, 1];
            let load = Move {
                format: Format::Word,
                sizes,
                ddr: address,
                ddr_strides: [0, 1, 1, 1],
                local: buffers[0].offset,
                local_strides: Layout::local_aligned(sizes, 4, 0).strides,
            };
            emitter.gdma(load.load(), &[], &[buffers[0]]);
        });
        self.push(vec![storage], Action::Load(emit));
        storage
    }

    fn load_tables(&mut self, tables: &[Vec<u32>]) -> StorageId {
        let bytes: Vec<u8> = tables.iter().flatten().flat_map(|word| word.to_le_bytes()).collect();
        let from = self.coefficients(&bytes);
        let storage = self.sequence.storage(Space::Tables, bytes.len());
        let count = bytes.len() / 4;
        let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
            let sizes = [1, 1, 1, count];
            let side = |address| (address, sizes, [0, 0, count, 1], Format::Word);
            let place = L2_BASE + u64::from(TABLES) + (buffers[0].offset - LANE_BYTES) as u64;
            let command = copy(Direction::DdrToDdr, side(from), side(place));
            emitter.gdma(command, &[], &[buffers[0]]);
        });
        self.push(vec![storage], Action::Load(emit));
        storage
    }

    /// Brings a bottom of a Concat to the top's scale.
    fn rescale(&mut self, by: Option<(Rescale, [DType; 2])>, from: Tensor, to: Tensor) {
        let Some((by, types)) = by else { return };
        let images = self.images();
        let wide = self.sequence.storage(Space::Lanes, 2 * from.bytes());
        let uses = vec![from.storage, to.storage, wide];
        let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
            let [x, y] = [(0, from), (1, to)].map(|(index, tensor): (usize, Tensor)| {
                Cell::plane_of(buffers[index].from(tensor.offset), Some(tensor.plane()))
            });
            let wide = Cell::plane_of(buffers[2], None);
            let sizes = [from.channels, images, from.words()];
            let block = Block::of_planes(sizes, vec![x], vec![wide], y, None);
            block.rescale(emitter, (x, types[0]), by, (y, types[1]), wide);
        });
        self.push(uses, Action::Compute(emit));
    }

    /// Copies channels to where they begin in another tensor, unless they are there.
    fn place(&mut self, from: Tensor, to: Tensor, first: usize) {
        if first % LANES == 0 {
            let to = to.from_row(first / LANES, from.channels);
            if (from.storage, from.offset) != (to.storage, to.offset) {
                let parts = [Part::rows(to, 0), Part::rows(from, 0)];
                words(&mut self.sequence, self.layer, WordOp::Copy, parts, [1, from.words()]);
            }
            return;
        }
        self.shuffle([from, to], [0, first], from.channels);
    }

    fn cut_out(&mut self, from: Tensor, first: usize, to: Tensor) {
        self.shuffle([from, to], [first, 0], to.channels);
    }

    /// Moves channels to other lanes.
    fn shuffle(&mut self, [from, to]: [Tensor; 2], [read, write]: [usize; 2], channels: usize) {
        let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
            let side = |tensor: Tensor, first: usize, offset: usize| {
                let (lane, row) = (first % LANES, first / LANES);
                let plane = tensor.plane();
                let offset = offset + tensor.offset + 4 * row * plane;
                let sizes = [1, channels, 1, tensor.words()];
                let strides = [plane * (lane + channels).div_ceil(LANES), plane, sizes[3], 1];
                (u64::from(local_address(lane, offset)), sizes, strides, Format::Word)
            };
            let source = side(from, read, buffers[0].offset);
            let destination = side(to, write, buffers[1].offset);
            let command = copy(Direction::LocalToLocal, source, destination);
            emitter.gdma(command, &[buffers[0]], &[buffers[1]]);
        });
        self.push(vec![from.storage, to.storage], Action::Move(emit));
    }
}
