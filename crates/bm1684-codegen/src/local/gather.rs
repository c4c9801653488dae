//! Rows of the input that become channels, for convolutions of few channels.

use bm1684_isa::commands::{Direction, Format, Gdma};
use bm1684_isa::memory::{Layout, local_address};

use super::build::Builder;
use super::sequence::{Action, Emit, Space};
use super::tensor::Tensor;
use crate::command::{copy, fill};
use crate::emit::{Buffer, Emitter};
use crate::lower::{KernelRow, WindowLayer};
use crate::plan::Plan;

/// How rows become channels.
#[derive(Clone)]
struct Gather {
    /// Channels of the input.
    channels: usize,
    /// Of the input.
    stride: usize,
    rows: Vec<KernelRow>,
    /// What they become.
    to: Tensor,
}

impl Gather {
    /// The copy of a row of the kernel, from where a channel's rows begin.
    fn copy(&self, number: usize, from: impl Fn(usize) -> Source, place: usize) -> Gdma {
        let KernelRow { outputs, input } = &self.rows[number];
        let width = self.to.width;
        let sizes = [1, self.channels, outputs.len(), width];
        let lane = number * self.channels;
        let offset = place + self.to.offset + 4 * outputs.start * width;
        let destination = (
            u64::from(local_address(lane, offset)),
            sizes,
            [self.to.plane, self.to.plane, width, 1],
            Format::Word,
        );
        let Source { direction, address, plane } = from(input * width);
        let source = (address, sizes, [plane, plane, self.stride * width, 1], Format::Word);
        copy(direction, source, destination)
    }

    /// Zeros for rows that some row of the kernel does not find.
    fn clear(&self, place: usize) -> Vec<Gdma> {
        let Tensor { channels, rows, width, .. } = self.to;
        let first = self.rows.iter().map(|row| row.outputs.start).max().unwrap_or(0);
        let last = self.rows.iter().map(|row| row.outputs.end).min().unwrap_or(rows);
        let missing = [0..first.min(rows), last.max(first)..rows];
        let zeros = missing.into_iter().filter(|missing| !missing.is_empty()).map(|missing| {
            let sizes = [1, channels, missing.len(), width];
            let strides = [self.to.plane, self.to.plane, width, 1];
            let offset = place + self.to.offset + 4 * missing.start * width;
            fill(Format::Word, 0, offset, Layout { sizes, strides, unit: 4 })
        });
        zeros.collect()
    }
}

/// Where a command reads.
struct Source {
    direction: Direction,
    address: u64,
    /// Words from channel to channel.
    plane: usize,
}

impl<'a> Builder<'a, '_> {
    /// What a layer slides over when its kernel's rows are channels, from DDR; its input begins at a row of the blob.
    pub(super) fn gather_images(
        &mut self,
        window: &WindowLayer,
        blob: usize,
        first: usize,
    ) -> Tensor {
        let gather = self.gather(window, self.facts.sizes[blob][2]);
        let to = gather.to;
        let [_, height, width] = self.facts.sizes[blob];
        let (id, group) = (self.facts.ids[blob], self.group_bytes(blob));
        let emit: Emit<'a> =
            Box::new(move |emitter: &mut Emitter, plan: &Plan, buffers: &[Buffer]| {
                let buffer = buffers[0];
                for command in gather.clear(buffer.offset) {
                    emitter.gdma(command, &[], &[buffer]);
                }
                let address = plan.blob(id) + group + 4 * (first * width) as u64;
                let from = |word: usize| Source {
                    direction: Direction::DdrToLocal,
                    address: address + 4 * word as u64,
                    plane: height * width,
                };
                for number in 0..gather.rows.len() {
                    emitter.gdma(gather.copy(number, from, buffer.offset), &[], &[buffer]);
                }
            });
        self.push(vec![to.storage], Action::Load { emit, after: self.stored_by(blob) });
        to
    }

    /// The same from local memory.
    pub(super) fn gather_local(&mut self, window: &WindowLayer, input: Tensor) -> Tensor {
        let gather = self.gather(window, input.width);
        let to = gather.to;
        let emit: Emit<'a> =
            Box::new(move |emitter: &mut Emitter, _: &Plan, buffers: &[Buffer]| {
                let (read, written) = (buffers[0], buffers[1]);
                for command in gather.clear(written.offset) {
                    emitter.gdma(command, &[], &[written]);
                }
                let from = |word: usize| Source {
                    direction: Direction::LocalToLocal,
                    address: local_address(0, read.offset + input.offset + 4 * word).into(),
                    plane: input.plane,
                };
                for number in 0..gather.rows.len() {
                    emitter.gdma(gather.copy(number, from, written.offset), &[read], &[written]);
                }
            });
        self.push(vec![input.storage, to.storage], Action::Move(emit));
        to
    }

    fn gather(&mut self, window: &WindowLayer, width: usize) -> Gather {
        let rows = window.kernel_rows();
        let channels = window.input_channels;
        let to = Tensor::aligned(channels * rows.len(), 0..window.axes[0].output, width);
        let storage = self.storage(Space::Lanes, to.bytes());
        Gather { channels, stride: window.axes[0].stride, rows, to: Tensor { storage, ..to } }
    }
}
