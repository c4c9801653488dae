//! A window over tensors that are in local memory as a whole.

use std::ops::Range;

use bm1684_isa::memory::{COEFFICIENT_BASE, LANES};

use super::tiling::{MAX_SIZE, Tile, check_kernel};
use super::{Bias, Element, MAX_CHANNELS, NIBBLE, Unit, Weights, WindowLayer};
use crate::emit::{Buffer, Emitter};
use crate::lower::Pool;
use crate::tile::{Axis, Span};

/// Weights of a lane that are loaded at once, unless a single channel has more.
const WEIGHT_BYTES: usize = 8 << 10;

/// Some output channels, whose weights and biases are loaded by one command.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    tile: Tile,
    /// Lanes that have weights.
    pub(crate) lanes: usize,
    /// Bytes of a lane.
    pub(crate) length: usize,
    /// Weights and biases, lane by lane.
    pub(crate) bytes: Vec<u8>,
    /// Where in a lane biases begin.
    bias_at: usize,
}

impl Piece {
    /// Rows of 64 channels in front of the first.
    pub(crate) fn first_row(&self) -> usize {
        self.tile.channels.start / LANES
    }
}

/// Rows of a band of one image, from top to bottom of what its outputs need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Halo {
    /// Rows of the band above.
    pub(crate) above: usize,
    /// Rows of the band below.
    pub(crate) below: usize,
}

impl WindowLayer {
    /// Whether commands can take the whole input of a group of images, and have no need of padding in memory.
    pub(crate) fn is_local(&self) -> bool {
        let deep = match self.unit {
            Unit::Convolution { groups, .. } => groups != 1 || self.input_channels > MAX_CHANNELS,
            Unit::Depthwise { .. } | Unit::Max => false,
        };
        let awkward = |axis: &Axis| {
            let Span { inside, before, after } = axis.span(&(0..axis.output));
            axis.part != [0, axis.output]
                || inside.is_empty()
                || inside.start > 0
                || before.max(after).max(axis.insert) > NIBBLE
                || (axis.stride > NIBBLE && axis.output > 1)
                || axis.input.max(axis.output) > MAX_SIZE
        };
        self.element == Element::Int8
            && !deep
            && !self.axes.iter().any(awkward)
            && check_kernel(self.axes.map(|axis| axis.kernel), self.weight_bytes()).is_ok()
    }

    /// Rows that bands of so many inputs need of their neighbours for so many outputs; `None` if more than the band
    /// beside has, or if bands do not go together with the layer.
    pub(crate) fn halo(&self, [inputs, outputs]: [usize; 2]) -> Option<Halo> {
        let Axis { insert, stride, kernel, pad, dilation, .. } = self.axes[0];
        if insert > 0 || outputs * stride != inputs {
            return None;
        }
        let above = usize::try_from(pad).ok()?;
        let reach = (outputs - 1) * stride + dilation * (kernel - 1) + 1;
        let below = reach.saturating_sub(above + inputs);
        (above.max(below) <= inputs).then_some(Halo { above, below })
    }

    /// The layer on bands of one image that stand in the places of four, with their halo in memory.
    pub(crate) fn on_bands(&self, [inputs, outputs]: [usize; 2], halo: Halo) -> WindowLayer {
        let [rows, columns] = self.axes;
        let input = halo.above + inputs + halo.below;
        let rows = Axis { input, pad: 0, ..rows }.to(outputs);
        WindowLayer { images: 4, axes: [rows, columns], ..self.clone() }
    }

    /// The same of so many images.
    pub(crate) fn of_images(&self, images: usize) -> WindowLayer {
        WindowLayer { images, ..self.clone() }
    }

    /// The layer for some of its output rows, and the rows of the input that they need; `None` if those are padding alone.
    pub(crate) fn on_rows(&self, outputs: &Range<usize>) -> Option<(WindowLayer, Range<usize>)> {
        let [rows, columns] = self.axes;
        if *outputs == (0..rows.output) {
            return Some((self.clone(), 0..rows.input));
        }
        let Span { inside, before, .. } = rows.span(outputs);
        let axis = Axis { input: inside.len(), pad: before.cast_signed(), ..rows };
        let axes = [axis.to(outputs.len()), columns];
        (!inside.is_empty()).then(|| (WindowLayer { axes, ..self.clone() }, inside))
    }

    /// The layer on an input of so many rows, with this distance between planes.
    pub(crate) fn on_input(&self, rows: usize, plane: Option<usize>) -> WindowLayer {
        let [own, columns] = self.axes;
        WindowLayer { axes: [Axis { input: rows, ..own }, columns], plane, ..self.clone() }
    }

    /// The value of padding in all bytes of a word.
    pub(crate) fn padding(&self) -> u32 {
        match self.unit {
            Unit::Max if self.input_signed => 0x8080_8080,
            _ => 0,
        }
    }

    /// Whether output channels read the input's channel of the same number only.
    pub(crate) fn by_channel(&self) -> bool {
        !matches!(self.unit, Unit::Convolution { .. })
    }

    /// The output channels in pieces, each with a shift of its own, and with coefficients if there is the layer's own pool.
    pub(crate) fn pieces(&self, pool: Option<&Pool>) -> Vec<Piece> {
        let rows = (WEIGHT_BYTES / self.weight_bytes().max(1)).clamp(1, MAX_CHANNELS / LANES);
        // The input lies there as a whole, with rows and columns behind the last that a window reaches.
        let spans =
            self.axes.map(|axis| Span { inside: 0..axis.input, ..axis.span(&(0..axis.output)) });
        let pieces = self.channel_pieces(rows * LANES).into_iter();
        pieces
            .map(|(part, channels)| {
                let tile = Tile {
                    images: 0..1,
                    part,
                    channels,
                    rows: 0..self.axes[0].output,
                    columns: 0..self.axes[1].output,
                    spans: spans.clone(),
                };
                self.piece(tile, pool)
            })
            .collect()
    }

    fn piece(&self, tile: Tile, pool: Option<&Pool>) -> Piece {
        let channels = tile.channels.clone();
        let (lanes, rows) = (channels.len().min(LANES), channels.len().div_ceil(LANES));
        let each = self.weight_bytes();
        let (weights, bias) = match &self.unit {
            Unit::Convolution { weights, bias, .. } => {
                (Some(Weights::Each(*weights)), bias.map_or(Bias::None, Bias::Each))
            }
            Unit::Depthwise { weights, bias } => (Some(*weights), *bias),
            Unit::Max => (None, Bias::None),
        };
        let bias_at = match weights {
            Some(_) => (rows * each).next_multiple_of(4),
            None => 0,
        };
        let length = match bias {
            Bias::None => bias_at,
            Bias::Each(_) | Bias::Zero => (bias_at + 2 * rows).next_multiple_of(4),
        };
        let (Some(pool), true) = (pool, length > 0) else {
            return Piece { tile, lanes, length, bytes: Vec::new(), bias_at };
        };
        let all = &pool.0;
        let at = |address: u64, channel: usize, bytes: usize| {
            let start = usize::try_from(address - COEFFICIENT_BASE).unwrap_or(usize::MAX);
            &all[start + channel * bytes..][..bytes]
        };
        let mut bytes = vec![0; lanes * length];
        for (offset, channel) in channels.enumerate() {
            let (lane, row) = (offset % LANES, offset / LANES);
            let own = &mut bytes[lane * length..(lane + 1) * length];
            let place = &mut own[row * each..];
            match weights {
                Some(Weights::Each(address)) => {
                    place[..each].copy_from_slice(at(address, channel, each));
                }
                Some(Weights::All(value)) => place[..each].fill(value),
                Some(Weights::Number(_)) | None => {}
            }
            if let Bias::Each(address) = bias {
                own[bias_at + 2 * row..][..2].copy_from_slice(at(address, channel, 2));
            }
        }
        Piece { tile, lanes, length, bytes, bias_at }
    }

    /// Adds the command of a piece; buffers begin at its first channels.
    pub(crate) fn run(
        &self,
        emitter: &mut Emitter,
        piece: &Piece,
        [input, coefficients, output]: [Buffer; 3],
    ) {
        let bias = coefficients.from(piece.bias_at);
        self.compute(emitter, &piece.tile, false, [input, coefficients, bias, output]);
    }
}
