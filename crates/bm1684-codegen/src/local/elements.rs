//! Layers that work value by value.

use std::rc::Rc;

use bm1684_isa::memory::{LANE_BYTES, LANES};
use umodel::{DType, Rescale};

use super::LocalLayer;
use super::build::Builder;
use super::sequence::{Action, Emit, Space, StorageId};
use super::tensor::Tensor;
use crate::lower::{Block, Cell, ElementWork, TABLES, Work};

/// Bytes of temporary buffers that an operation should not need more of.
const TEMPORARY_BYTES: usize = 24 << 10;
/// The most words of a plane that a command works on.
const MOST: usize = u16::MAX as usize / 32 * 32;

impl<'a> Builder<'a, '_> {
    pub(super) fn elements(
        &mut self,
        own: &Rc<LocalLayer<'a>>,
        work: &ElementWork<'a>,
        inputs: &[Tensor],
        output: Tensor,
    ) {
        let mut constants = Vec::new();
        if let Some(address) = work.channel_words {
            let load = |builder: &mut Self| builder.load_words(&own.pool, address, output.channels);
            constants.push(self.constant(0, load));
        }
        let tables = (!work.tables.is_empty())
            .then(|| self.constant(1, |builder| builder.load_tables(&work.tables)));
        let per_word: usize = work.temporaries.iter().sum();
        let limit = TEMPORARY_BYTES.checked_div(4 * per_word).unwrap_or(usize::MAX);
        // Rows of lanes at once, or a part of one plane.
        let rows = (limit / output.plane).clamp(1, output.lane_rows());
        let run = if rows * output.plane <= limit { MOST } else { (limit / 32 * 32).max(32) };
        let run = run.min(MOST);
        for row in (0..output.lane_rows()).step_by(rows) {
            let channels = (output.channels - row * LANES).min(rows * LANES);
            for start in (0..output.words()).step_by(run) {
                let count = (output.words() - start).min(run);
                let lane_rows = channels.div_ceil(LANES);
                // Something that has a word for each channel has no planes.
                let part = |tensor: &Tensor| {
                    let part = tensor.at_row(row, channels);
                    match tensor.words() == output.words() {
                        true => (tensor.storage, part.offset + 4 * start, Some(tensor.plane)),
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

    /// Brings a bottom of a Concat to the top's scale.
    pub(super) fn rescale(&mut self, by: Option<(Rescale, [DType; 2])>, from: Tensor, to: Tensor) {
        let Some((by, types)) = by else { return };
        let images = self.images();
        let wide = self.sequence.storage(Space::Lanes, 2 * from.bytes());
        let uses = vec![from.storage, to.storage, wide];
        let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
            let [x, y] = [(0, from), (1, to)].map(|(index, tensor): (usize, Tensor)| {
                Cell::plane_of(buffers[index].from(tensor.offset), Some(tensor.plane))
            });
            let wide = Cell::plane_of(buffers[2], None);
            let sizes = [from.channels, images, from.words()];
            let block = Block::of_planes(sizes, vec![x], vec![wide], y, None);
            block.rescale(emitter, (x, types[0]), by, (y, types[1]), wide);
        });
        self.push(uses, Action::Compute(emit));
    }
}
