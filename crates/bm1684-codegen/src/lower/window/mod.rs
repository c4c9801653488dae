//! Layers that slide a window: convolution, depthwise convolution, pooling, inner product.

mod gather;
mod local;
mod tiling;

use std::ops::Range;

use bm1684_isa::commands::Format;
use bm1684_isa::memory::{LANE_BYTES, LANES, LINE_BYTES, Layout};
use umodel::Shifts;

use crate::command::{Move, WindowCommand, fill};
use crate::emit::{Buffer, Emitter};
use crate::error::{Reason, Remedy};
use crate::schedule::{pipeline, slots};
use crate::tile::{Axis, Span};

pub(crate) use self::gather::KernelRow;
pub(crate) use self::local::{Halo, Piece};
pub(super) use self::tiling::check_kernel;
use self::tiling::{Choice, Tile};

/// The largest value of a command's 4-bit fields.
pub(super) const NIBBLE: usize = 15;
/// The largest number of channels in a command.
pub(super) const MAX_CHANNELS: usize = 4095;

/// A layer as the tiler sees it.
#[derive(Clone, Debug)]
pub(crate) struct WindowLayer {
    pub(crate) images: usize,
    pub(crate) input_channels: usize,
    pub(crate) output_channels: usize,
    /// H and W.
    pub(crate) axes: [Axis; 2],
    pub(super) element: Element,
    pub(super) input_signed: bool,
    /// Clips to 0…255 instead of to the type that the operands give.
    pub(super) relu: bool,
    /// Each command has one.
    pub(super) right_shifts: Shifts,
    pub(super) unit: Unit,
    /// Words from one channel of the input to the next one in its lane, where those are not as close as lines allow.
    pub(super) plane: Option<usize>,
}

/// What is computed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    /// Bytes of four images in a word.
    Int8,
    /// fp32 numbers.
    Float,
}

/// What happens under the window.
#[derive(Clone, Debug)]
pub(crate) enum Unit {
    /// A sum over all input channels of a group.
    Convolution {
        groups: usize,
        /// Address of i8 `[outputs][kh][kw][inputs of a group, padded to 4]`, or of fp32
        /// `[outputs][kh][kw][pairs of inputs of a group][2]`.
        weights: u64,
        /// Address of i16 or fp32 `[outputs]`.
        bias: Option<u64>,
        /// Whether the kernel is to be turned by half a circle.
        turned: bool,
    },
    /// A sum over each channel by itself.
    Depthwise { weights: Weights, bias: Bias },
    /// The largest value.
    Max,
}

/// Weights of a depthwise convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weights {
    /// Address of i8 or fp32 `[channels][kh][kw]`.
    Each(u64),
    /// One unsigned value for all.
    All(u8),
    /// One fp32 number for all.
    Number(f32),
}

/// The bias of a depthwise convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bias {
    None,
    /// Address of i16 or fp32 `[channels]`.
    Each(u64),
    /// Zeros: with a signed operand the result is signed.
    Zero,
}

impl WindowLayer {
    fn parts(&self) -> usize {
        match self.unit {
            Unit::Convolution { groups, .. } => groups,
            Unit::Depthwise { .. } | Unit::Max => 1,
        }
    }

    /// Bytes of weights for each output channel, and their count.
    fn weight_bytes(&self) -> usize {
        let kernel = self.axes[0].kernel * self.axes[1].kernel;
        match (&self.unit, self.element) {
            (Unit::Convolution { groups, .. }, Element::Int8) => {
                kernel * (self.input_channels / groups).next_multiple_of(4)
            }
            (Unit::Convolution { groups, .. }, Element::Float) => {
                kernel * 4 * (self.input_channels / groups).next_multiple_of(2)
            }
            (Unit::Depthwise { .. }, Element::Int8) => kernel,
            (Unit::Depthwise { .. }, Element::Float) => 4 * kernel,
            (Unit::Max, _) => 0,
        }
    }

    /// Words along the images: int8 images share them.
    fn image_words(&self) -> usize {
        match self.element {
            Element::Int8 => self.images.div_ceil(4),
            Element::Float => self.images,
        }
    }

    /// Bytes of a bias.
    fn bias_bytes(&self) -> usize {
        match self.element {
            Element::Int8 => 2,
            Element::Float => 4,
        }
    }

    /// Adds the commands of the whole layer, from one address in DDR to another.
    pub(super) fn lower(&self, emitter: &mut Emitter, [from, to]: [u64; 2]) -> Result<(), Reason> {
        let choice = self.choose()?;
        let tiles = self.tiles(&choice);
        let Some(buffers) = choice.demand.buffers(emitter) else {
            let (needed, remedy) = (choice.demand.bytes(), Remedy::KernelOrChannels);
            return Err(Reason::LocalMemory { needed, available: LANE_BYTES, remedy });
        };
        let [inputs, weights, outputs, biases] =
            [0, 1, 2, 3].map(|index| buffers[index].as_slice());
        self.fill_constants(emitter, &choice, weights, biases);
        let mut inputs = slots(inputs);
        // A bias belongs to its weights, so both alternate together.
        let mut weights = slots(weights);
        let mut biases = slots(biases);
        let mut outputs = slots(outputs);
        let mut count = 0usize;
        pipeline(
            emitter,
            &tiles,
            |emitter, tile| {
                let own = self.input_channels_of(tile);
                let key = (own.start, tile.images.start, tile.rows.start, tile.columns.start);
                let (input, fresh) = inputs.get(key);
                if fresh {
                    self.load_input(emitter, from, tile, choice.padded, input);
                }
                let (weight, fresh) = weights.get((tile.part, tile.channels.start));
                let (bias, _) = biases.get((tile.part, tile.channels.start));
                if fresh {
                    self.load_weights(emitter, tile, weight, bias);
                }
                (input, weight, bias)
            },
            |emitter, tile, (input, weight, bias)| {
                count += 1;
                let (output, _) = outputs.get(count);
                self.compute(emitter, tile, choice.padded, [input, weight, bias, output]);
                self.store(emitter, to, tile, output);
            },
        )
    }

    fn input_channels_of(&self, tile: &Tile) -> Range<usize> {
        match self.unit {
            Unit::Convolution { groups, .. } => {
                let each = self.input_channels / groups;
                tile.part * each..(tile.part + 1) * each
            }
            Unit::Depthwise { .. } | Unit::Max => tile.channels.clone(),
        }
    }

    /// Output channels among all groups.
    fn output_channels_of(&self, tile: &Tile) -> Range<usize> {
        let first = tile.part * (self.output_channels / self.parts());
        first + tile.channels.start..first + tile.channels.end
    }

    /// The input's layout in local memory: with or without its padding.
    fn input_layout(&self, tile: &Tile, padded: bool) -> Layout {
        let length = |span: &Span| if padded { span.padded() } else { span.inside.len() };
        let channels = self.input_channels_of(tile).len();
        let [height, width] = [0, 1].map(|axis| length(&tile.spans[axis]));
        Layout::local_aligned([tile.images.len(), channels, height, width], 4, 0)
    }

    fn load_input(
        &self,
        emitter: &mut Emitter,
        from: u64,
        tile: &Tile,
        padded: bool,
        buffer: Buffer,
    ) {
        let layout = self.input_layout(tile, padded);
        let [rows, columns] = &tile.spans;
        let mut local = buffer.offset;
        if padded {
            // Whole lines, so that the fill's sizes are small.
            let lines = (layout.strides[0] * layout.sizes[0] * 4).div_ceil(LINE_BYTES);
            let whole = Layout::local_aligned([1, LANES, lines, LINE_BYTES / 4], 4, 0);
            let padding = match (&self.unit, self.element) {
                (Unit::Max, Element::Float) => f32::MIN.to_bits(),
                (Unit::Max, Element::Int8) if self.input_signed => 0x8080_8080,
                _ => 0,
            };
            emitter.gdma(fill(Format::Word, padding, local, whole), &[], &[buffer]);
            local += (rows.before * layout.strides[2] + columns.before) * 4;
        }
        if rows.inside.is_empty() || columns.inside.is_empty() {
            return;
        }
        let [height, width] = self.axes.map(|axis| axis.input);
        let channels = self.input_channels_of(tile);
        let plane = height * width;
        let start = (tile.images.start * self.input_channels + channels.start) * plane
            + rows.inside.start * width
            + columns.inside.start;
        let load = Move {
            format: Format::Word,
            sizes: [tile.images.len(), channels.len(), rows.inside.len(), columns.inside.len()],
            ddr: from + 4 * start as u64,
            ddr_strides: [self.input_channels * plane, plane, width, 1],
            local,
            local_strides: layout.strides,
        };
        emitter.gdma(load.load(), &[], &[buffer]);
    }

    /// Weights and biases that are the same for all channels stand in local memory from the start.
    fn fill_constants(
        &self,
        emitter: &mut Emitter,
        choice: &Choice,
        weights: &[Buffer],
        biases: &[Buffer],
    ) {
        let Unit::Depthwise { weights: values, bias } = &self.unit else { return };
        let channels = choice.steps.channels;
        let [height, width] = self.axes.map(|axis| axis.kernel);
        if let Weights::All(value) = values {
            let layout = Layout::local_compact([1, channels, height, width], 1, 0);
            for buffer in weights {
                let fill = fill(Format::I8, (*value).into(), buffer.offset, layout);
                emitter.gdma(fill, &[], &[*buffer]);
            }
        }
        if let Bias::Zero = bias {
            let layout = Layout::local_compact([1, channels, 1, 1], 2, 0);
            for buffer in biases {
                emitter.gdma(fill(Format::I16, 0, buffer.offset, layout), &[], &[*buffer]);
            }
        }
    }

    fn load_weights(&self, emitter: &mut Emitter, tile: &Tile, weight: Buffer, bias: Buffer) {
        let outputs = self.output_channels_of(tile);
        let each = self.weight_bytes();
        let load = |address: u64, format: Format, sizes: [usize; 4], buffer: Buffer| {
            let [_, _, height, width] = sizes;
            let count = height * width;
            let start = (outputs.start * count * format.bytes()) as u64;
            Move {
                format,
                sizes,
                ddr: address + start,
                ddr_strides: [0, count, width, 1],
                local: buffer.offset,
                local_strides: Layout::local_compact(sizes, format.bytes(), 0).strides,
            }
            .load()
        };
        let bias_address = match &self.unit {
            Unit::Convolution { weights, bias, .. } => {
                let [height, width] = self.axes.map(|axis| axis.kernel);
                let sizes = match self.element {
                    Element::Int8 => [1, outputs.len(), 1, each / 4],
                    Element::Float => {
                        [1, outputs.len(), height * width, each / 4 / (height * width)]
                    }
                };
                let command = load(*weights, Format::Word, sizes, weight);
                emitter.gdma(command, &[], &[weight]);
                *bias
            }
            Unit::Depthwise { weights, bias } => {
                if let Weights::Each(address) = weights {
                    let [height, width] = self.axes.map(|axis| axis.kernel);
                    let sizes = [1, outputs.len(), height, width];
                    let format = match self.element {
                        Element::Int8 => Format::I8,
                        Element::Float => Format::Word,
                    };
                    emitter.gdma(load(*address, format, sizes, weight), &[], &[weight]);
                }
                match bias {
                    Bias::Each(address) => Some(*address),
                    Bias::None | Bias::Zero => None,
                }
            }
            Unit::Max => None,
        };
        if let Some(address) = bias_address {
            let sizes = [1, outputs.len(), 1, 1];
            let format = match self.element {
                Element::Int8 => Format::I16,
                Element::Float => Format::Word,
            };
            emitter.gdma(load(address, format, sizes, bias), &[], &[bias]);
        }
    }

    fn compute(
        &self,
        emitter: &mut Emitter,
        tile: &Tile,
        padded: bool,
        [input, weight, bias, output]: [Buffer; 4],
    ) {
        let [_, channels, height, width] = self.input_layout(tile, padded).sizes;
        let [rows, columns] = &tile.spans;
        let (with_bias, weights_signed) = match &self.unit {
            Unit::Convolution { bias, .. } => (bias.is_some(), true),
            Unit::Depthwise { weights, bias } => {
                (!matches!(bias, Bias::None), !matches!(weights, Weights::All(_)))
            }
            Unit::Max => (false, false),
        };
        // A tile of one output along an axis needs no stride. Strides that are too large for the field are cut
        // into such tiles.
        let stride = |axis: usize, outputs: &Range<usize>| {
            if outputs.len() == 1 { 1 } else { self.axes[axis].stride }
        };
        let command = WindowCommand {
            output: [
                match self.element {
                    // Of more than four images all words are full, so that commands can take several.
                    Element::Int8 if self.images <= 4 => self.images,
                    Element::Int8 => 4 * tile.images.len(),
                    Element::Float => tile.images.len(),
                },
                tile.channels.len(),
                tile.rows.len(),
                tile.columns.len(),
            ],
            input: [channels, height, width],
            plane: self.plane,
            kernel: self.axes.map(|axis| axis.kernel),
            stride: [stride(0, &tile.rows), stride(1, &tile.columns)],
            dilation: self.axes.map(|axis| axis.dilation),
            pad: if padded {
                [0; 4]
            } else {
                [rows.before, rows.after, columns.before, columns.after]
            },
            float: self.element == Element::Float,
            number: match self.unit {
                Unit::Depthwise { weights: Weights::Number(number), .. } => Some(number),
                _ => None,
            },
            right_shift: self.right_shifts.of_channel(self.output_channels_of(tile).start),
            relu: self.relu,
            input_signed: self.input_signed,
            weights_signed,
            output_at: output.offset,
            insert: self.axes.map(|axis| axis.insert),
            turned: matches!(self.unit, Unit::Convolution { turned: true, .. }),
            input_at: input.offset,
            weights_at: weight.offset,
            bias_at: with_bias.then_some(bias.offset),
        };
        let (command, reads) = match &self.unit {
            Unit::Convolution { .. } => (command.convolution(), vec![input, weight]),
            Unit::Depthwise { weights: Weights::Number(_), .. } => {
                (command.depthwise(), vec![input])
            }
            Unit::Depthwise { .. } => (command.depthwise(), vec![input, weight]),
            Unit::Max => (command.max_pooling(), vec![input]),
        };
        let reads = reads.into_iter().chain(with_bias.then_some(bias)).collect::<Vec<_>>();
        emitter.tiu(command, &reads, &[output]);
    }

    fn store(&self, emitter: &mut Emitter, to: u64, tile: &Tile, buffer: Buffer) {
        let [height, width] = self.axes.map(|axis| axis.output);
        let plane = height * width;
        let channels = self.output_channels_of(tile);
        let sizes = [tile.images.len(), channels.len(), tile.rows.len(), tile.columns.len()];
        let start = (tile.images.start * self.output_channels + channels.start) * plane
            + tile.rows.start * width
            + tile.columns.start;
        let store = Move {
            format: Format::Word,
            sizes,
            ddr: to + 4 * start as u64,
            ddr_strides: [self.output_channels * plane, plane, width, 1],
            local: buffer.offset,
            local_strides: Layout::local_aligned(sizes, 4, 0).strides,
        };
        emitter.gdma(store.store(), &[buffer], &[]);
    }
}
