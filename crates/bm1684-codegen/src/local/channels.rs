//! Channels that go to other channels, which mostly means to other lanes.

use bm1684_isa::commands::{Direction, Format};
use bm1684_isa::memory::{LANES, local_address};

use super::build::Builder;
use super::sequence::{Action, Emit};
use super::tensor::Tensor;
use super::words::{Part, WordOp, words};
use crate::command::copy;

impl<'a> Builder<'a, '_> {
    /// Copies channels to where they begin in another tensor, unless they are there.
    pub(super) fn place(&mut self, from: Tensor, to: Tensor, first: usize) {
        if first.is_multiple_of(LANES) {
            let to = to.at_row(first / LANES, from.channels);
            if (from.storage, from.offset) != (to.storage, to.offset) {
                let parts = [Part::rows(to, 0), Part::rows(from, 0)];
                words(&mut self.sequence, self.layer, WordOp::Copy, parts, [1, from.words()]);
            }
            return;
        }
        self.shuffle([from, to], [0, first], from.channels);
    }

    pub(super) fn cut_out(&mut self, from: Tensor, first: usize, to: Tensor) {
        self.shuffle([from, to], [first, 0], to.channels);
    }

    /// Moves channels to other lanes.
    pub(super) fn shuffle(
        &mut self,
        [from, to]: [Tensor; 2],
        [read, write]: [usize; 2],
        channels: usize,
    ) {
        let emit: Emit<'a> = Box::new(move |emitter, _, buffers| {
            let side = |tensor: Tensor, first: usize, offset: usize| {
                let (lane, row) = (first % LANES, first / LANES);
                let plane = tensor.plane;
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
