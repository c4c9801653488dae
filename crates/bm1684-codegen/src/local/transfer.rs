//! Between DDR and local memory.

use bm1684_isa::commands::{Direction, Format};
use bm1684_isa::memory::{COEFFICIENT_BASE, L2_BASE, LANE_BYTES, LANES, Layout};

use super::bands::{Body, complete, join, separate};
use super::build::Builder;
use super::sequence::{Action, Emit, Space, StorageId};
use super::tensor::{Rows, Tensor};
use super::words::Part;
use crate::command::{Move, copy};
use crate::lower::{Halo, Piece, Pool, TABLES};

/// Bytes of a lane of an image that are loaded at once to become bands, or stored at once.
const PIECE_BYTES: usize = 16 << 10;
/// The most words of a plane that a command moves in one row.
const MOST: usize = u16::MAX as usize;

impl<'a> Builder<'a, '_> {
    /// Loads rows of a blob's images, those that the tensor has.
    pub(super) fn load(&mut self, owner: usize, tensor: Tensor) -> Tensor {
        let storage = self.sequence.storage(Space::Lanes, tensor.bytes());
        let tensor = Tensor { storage, ..tensor };
        let movement = self.movement(owner, tensor);
        let (id, skipped) = (self.facts.ids[owner], 4 * (tensor.start * tensor.width) as u64);
        let emit: Emit<'a> = Box::new(move |emitter, plan, buffers| {
            let load = movement(plan.blob(id) + skipped, buffers[0].offset).load();
            emitter.gdma(load, &[], &[buffers[0]]);
        });
        self.push(vec![storage], Action::Load { emit, after: self.stored_by(owner) });
        tensor
    }

    /// Loads an image as bands of so many rows and their halo, some rows of each band at a time.
    pub(super) fn load_bands(&mut self, owner: usize, rows: usize, halo: Halo) -> Tensor {
        let [channels, height, width] = self.facts.sizes[owner];
        let all = halo.above + rows + halo.below;
        let tensor = Tensor::aligned(channels, 0..all, width);
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
                    let part = Tensor::aligned(channels, start..start + count, width);
                    parts.push(self.load(owner, part));
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

    /// Stores a blob if something outside of its group needs it in DDR.
    pub(super) fn store(&mut self, blob: usize) {
        if !self.facts.is_stored(blob, &self.span) {
            return;
        }
        let form = self.form(blob);
        let tensor = match self.tensors.get(&(blob, Rows::Images)) {
            Some(&tensor) => tensor,
            None => self.tensor(self.facts.ids[blob], form),
        };
        match form {
            Rows::Bands(rows) if !self.is_here(blob, Rows::Images) => {
                self.store_bands(blob, tensor, rows);
            }
            _ => {
                // Slices overlap; what is stored is not stored again.
                let rows = self.rows(blob);
                let done = self.stored.insert(blob, rows.end).unwrap_or(0);
                self.store_rows(blob, tensor.cut(&(rows.start.max(done)..rows.end)));
            }
        }
    }

    /// Stores rows of a blob's images, those that the tensor has.
    pub(super) fn store_rows(&mut self, blob: usize, tensor: Tensor) {
        if tensor.rows == 0 {
            return;
        }
        let movement = self.movement(blob, tensor);
        let (id, skipped) = (self.facts.ids[blob], 4 * (tensor.start * tensor.width) as u64);
        let emit: Emit<'a> = Box::new(move |emitter, plan, buffers| {
            let store = movement(plan.blob(id) + skipped, buffers[0].offset).store();
            emitter.gdma(store, &[buffers[0]], &[]);
        });
        self.push(vec![tensor.storage], Action::Move(emit));
        self.stores.insert(blob, self.sequence.ops.len());
    }

    /// Stores bands as an image, some rows of a band at a time.
    pub(super) fn store_bands(&mut self, blob: usize, tensor: Tensor, rows: usize) {
        let height = self.facts.sizes[blob][1];
        let step = (PIECE_BYTES / (4 * tensor.width * tensor.lane_rows())).clamp(1, rows);
        for band in 0..4 {
            let end = height.saturating_sub(band * rows).min(rows);
            for first in (0..end).step_by(step) {
                let own = first..(first + step).min(end);
                let place = band * rows + first;
                // The upper bytes of an image's words may be anything.
                let image = match band {
                    0 => tensor.cut(&own),
                    _ => separate(&mut self.sequence, self.layer, tensor, own, band),
                };
                self.store_rows(blob, Tensor { start: place, ..image });
            }
        }
    }

    /// How a blob's images of this group move between DDR and a place in local memory.
    pub(super) fn movement(
        &self,
        owner: usize,
        tensor: Tensor,
    ) -> impl Fn(u64, usize) -> Move + use<> {
        let group = self.group_bytes(owner);
        let [_, height, width] = self.facts.sizes[owner];
        move |address: u64, offset: usize| {
            let image = height * width;
            let whole = [1, tensor.channels, 1, tensor.words()];
            let rows = [1, tensor.channels, tensor.rows, tensor.width];
            let sizes = if tensor.words() > MOST { rows } else { whole };
            Move {
                format: Format::Word,
                sizes,
                ddr: address + group,
                ddr_strides: [0, image, sizes[3], 1],
                local: offset + tensor.offset,
                local_strides: [tensor.plane * tensor.lane_rows(), tensor.plane, sizes[3], 1],
            }
        }
    }

    /// Bytes of the groups of images in front of the one that is worked on.
    pub(super) fn group_bytes(&self, blob: usize) -> u64 {
        let words: usize = self.facts.sizes[blob].iter().product();
        4 * (self.group * words) as u64
    }

    /// Loads what stands lane by lane in DDR.
    pub(super) fn load_piece(&mut self, piece: &Piece) -> StorageId {
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
        self.push(vec![storage], Action::Load { emit, after: 0 });
        storage
    }

    /// A word for each channel, each on a line of its own.
    pub(super) fn load_words(&mut self, pool: &Pool, address: u64, channels: usize) -> StorageId {
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
        self.push(vec![storage], Action::Load { emit, after: 0 });
        storage
    }

    pub(super) fn load_tables(&mut self, tables: &[Vec<u32>]) -> StorageId {
        let count = tables.iter().map(Vec::len).sum();
        let from = match self.pool {
            Some(_) => {
                let words = tables.iter().flatten();
                self.coefficients(&words.flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>())
            }
            None => COEFFICIENT_BASE,
        };
        let storage = self.sequence.storage(Space::Tables, 4 * count);
        let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
            let sizes = [1, 1, 1, count];
            let side = |address| (address, sizes, [0, 0, count, 1], Format::Word);
            let place = L2_BASE + u64::from(TABLES) + (buffers[0].offset - LANE_BYTES) as u64;
            let command = copy(Direction::DdrToDdr, side(from), side(place));
            emitter.gdma(command, &[], &[buffers[0]]);
        });
        self.push(vec![storage], Action::Load { emit, after: 0 });
        storage
    }
}
