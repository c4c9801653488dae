//! Layers that slide a window: convolution, depthwise convolution, pooling, inner product.

use std::ops::Range;

use bm1684_isa::commands::Format;
use bm1684_isa::memory::{LANE_BYTES, LANES, LINE_BYTES, Layout};

use super::Job;
use crate::command::{Move, WindowCommand, fill};
use crate::emit::{Buffer, Emitter};
use crate::error::Reason;
use crate::schedule::{Demand, pipeline, slots};
use crate::tile::{Axis, Span, candidates, chunks, cost};

/// The largest value of a command's 4-bit fields.
pub(super) const NIBBLE: usize = 15;
/// The largest number of channels in a command.
pub(super) const MAX_CHANNELS: usize = 4095;
/// The largest number of output channels of a tile: whole rows of lanes.
const TILE_CHANNELS: usize = MAX_CHANNELS / LANES * LANES;
/// The largest size along N, H and W in a command.
const MAX_SIZE: usize = u16::MAX as usize;
/// The largest output along H and W: the tiler looks at every way to cut it.
const MAX_OUTPUT: usize = 1 << 20;

/// A layer as the tiler sees it.
#[derive(Clone, Debug)]
pub(super) struct WindowLayer {
    /// Addresses in DDR.
    pub(super) input: u64,
    pub(super) output: u64,
    pub(super) images: usize,
    pub(super) input_channels: usize,
    pub(super) output_channels: usize,
    /// H and W.
    pub(super) axes: [Axis; 2],
    pub(super) input_signed: bool,
    /// Clips to 0…255 instead of to the type that the operands give.
    pub(super) relu: bool,
    pub(super) right_shift: u8,
    pub(super) unit: Unit,
}

/// What happens under the window.
#[derive(Clone, Debug)]
pub(super) enum Unit {
    /// A sum over all input channels of a group.
    Convolution {
        groups: usize,
        /// Address of i8 `[outputs][kh][kw][inputs of a group, padded to 4]`.
        weights: u64,
        /// Address of i16 `[outputs]`.
        bias: Option<u64>,
    },
    /// A sum over each channel by itself.
    Depthwise { weights: Weights, bias: Bias },
    /// The largest value.
    Max,
}

/// Weights of a depthwise convolution.
#[derive(Clone, Copy, Debug)]
pub(super) enum Weights {
    /// Address of i8 `[channels][kh][kw]`.
    Each(u64),
    /// One unsigned value for all.
    All(u8),
}

/// The bias of a depthwise convolution.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bias {
    None,
    /// Address of i16 `[channels]`.
    Each(u64),
    /// Zeros: with a signed operand the result is signed.
    Zero,
}

/// One tile: some output channels of one group, some images, rows and columns.
#[derive(Clone, Debug)]
struct Tile {
    /// Groups of four images.
    images: Range<usize>,
    part: usize,
    channels: Range<usize>,
    rows: Range<usize>,
    columns: Range<usize>,
    spans: [Span; 2],
}

/// Sizes of a tile.
#[derive(Clone, Copy, Debug)]
struct Steps {
    images: usize,
    channels: usize,
    rows: usize,
    columns: usize,
}

/// An axis cut into pieces of one length.
struct Cut {
    pieces: Vec<(Range<usize>, Span)>,
    /// Longest input of a piece, without and with padding.
    longest: [usize; 2],
    /// Inputs of all pieces.
    loaded: usize,
    /// Whether padding must stand in local memory, because a command could not state it.
    awkward: bool,
}

impl Cut {
    fn new(axis: &Axis, step: usize) -> Cut {
        let pieces: Vec<_> = chunks(axis.output, step)
            .into_iter()
            .map(|outputs| (outputs.clone(), axis.span(&outputs)))
            .collect();
        let most = |length: &dyn Fn(&Span) -> usize| {
            pieces.iter().map(|(_, span)| length(span)).max().unwrap_or(0)
        };
        let awkward = pieces
            .iter()
            .any(|(_, span)| span.inside.is_empty() || span.before > NIBBLE || span.after > NIBBLE);
        Cut {
            longest: [most(&|span| span.inside.len()), most(&Span::padded)],
            loaded: pieces.iter().map(|(_, span)| span.inside.len()).sum(),
            awkward,
            pieces,
        }
    }
}

/// A way to cut a layer, with what it costs.
struct Choice {
    steps: Steps,
    padded: bool,
    demand: Demand,
    /// Tiles of one channel chunk follow each other, so that its weights stay.
    channels_first: bool,
    /// See [`cost`].
    cost: usize,
}

impl WindowLayer {
    fn parts(&self) -> usize {
        match self.unit {
            Unit::Convolution { groups, .. } => groups,
            Unit::Depthwise { .. } | Unit::Max => 1,
        }
    }

    /// Input channels that a tile of so many output channels needs.
    fn tile_inputs(&self, channels: usize) -> usize {
        match self.unit {
            Unit::Convolution { groups, .. } => self.input_channels / groups,
            Unit::Depthwise { .. } | Unit::Max => channels,
        }
    }

    /// Bytes of weights for each output channel, and their count.
    fn weight_bytes(&self) -> usize {
        let kernel = self.axes[0].kernel * self.axes[1].kernel;
        match self.unit {
            Unit::Convolution { groups, .. } => {
                kernel * (self.input_channels / groups).next_multiple_of(4)
            }
            Unit::Depthwise { .. } => kernel,
            Unit::Max => 0,
        }
    }

    /// The cheapest way to cut the layer into tiles that fit.
    fn choose(&self) -> Result<Choice, Reason> {
        if let Unit::Convolution { groups, .. } = self.unit {
            let found = self.input_channels / groups;
            if found > MAX_CHANNELS {
                return Err(Reason::InputChannels { found, limit: MAX_CHANNELS });
            }
        }
        check_kernel(self.axes.map(|axis| axis.kernel), self.weight_bytes())?;
        for (what, axis) in ["the output's height", "the output's width"].into_iter().zip(self.axes)
        {
            if axis.output > MAX_OUTPUT {
                let (found, limit, advice) = (axis.output, MAX_OUTPUT, "cut the pictures");
                return Err(Reason::Size { what, found, limit, advice });
            }
        }
        let lengths = |axis: &Axis| {
            if axis.stride > NIBBLE { vec![1] } else { candidates(axis.output) }
        };
        let groups = self.images.div_ceil(4);
        let outputs = self.output_channels / self.parts();
        let channel_steps: Vec<usize> = candidates(outputs.div_ceil(LANES))
            .into_iter()
            .map(|rows| (rows * LANES).min(outputs))
            .filter(|&channels| channels <= TILE_CHANNELS)
            .collect();
        let rows = lengths(&self.axes[0]);
        let row_cuts: Vec<Cut> = rows.iter().map(|&step| Cut::new(&self.axes[0], step)).collect();
        let mut smallest = usize::MAX;
        for columns in lengths(&self.axes[1]) {
            let column_cut = Cut::new(&self.axes[1], columns);
            let mut best: Option<Choice> = None;
            for (&rows, row_cut) in rows.iter().zip(&row_cuts) {
                for &channels in &channel_steps {
                    for images in candidates(groups) {
                        let steps = Steps { images, channels, rows, columns };
                        let choice = self.evaluate(steps, row_cut, &column_cut);
                        smallest = smallest.min(choice.demand.bytes());
                        let (height, width) = (row_cut.longest[1], column_cut.longest[1]);
                        let sizes = [4 * images, rows, columns, height, width];
                        let fits =
                            choice.demand.fits() && sizes.into_iter().all(|size| size <= MAX_SIZE);
                        if fits && best.as_ref().is_none_or(|best| choice.cost < best.cost) {
                            best = Some(choice);
                        }
                    }
                }
            }
            // Narrower tiles only where whole rows do not fit: they load margins twice.
            if let Some(best) = best {
                return Ok(best);
            }
        }
        let needed = smallest.max(LANE_BYTES + 1);
        Err(Reason::LocalMemory { needed, available: LANE_BYTES, what: "kernel or fewer channels" })
    }

    fn evaluate(&self, steps: Steps, rows: &Cut, columns: &Cut) -> Choice {
        let padded = rows.awkward || columns.awkward;
        let groups = self.images.div_ceil(4);
        let outputs = self.output_channels / self.parts();
        let chunks = outputs.div_ceil(steps.channels) * self.parts();
        let spatial = rows.pieces.len() * columns.pieces.len() * groups.div_ceil(steps.images);
        let shares_input = matches!(self.unit, Unit::Convolution { .. });
        let inputs = if shares_input { spatial * self.parts() } else { spatial * chunks };
        let sizes = |channels, [height, width]: [usize; 2]| {
            lane_bytes([steps.images, channels, height, width])
        };
        let at = usize::from(padded);
        let input =
            sizes(self.tile_inputs(steps.channels), [rows.longest[at], columns.longest[at]]);
        let output = sizes(steps.channels, [steps.rows, steps.columns]);
        let lane_rows = steps.channels.div_ceil(LANES);
        let demand = Demand::default()
            .and(input, inputs.min(2))
            .and(lane_rows * self.weight_bytes(), chunks.min(2))
            .and(output, (spatial * chunks).min(2))
            .and(lane_rows * 2, chunks.min(2));
        let loaded = rows.loaded * columns.loaded * groups * self.input_channels * 4;
        let weights = self.output_channels * self.weight_bytes();
        let repeated = |bytes: usize, times: usize, other: usize| {
            if other == 1 { bytes } else { bytes * times }
        };
        // Each chunk of channels sees all inputs again, or each tile of inputs all weights.
        let again = if shares_input { chunks / self.parts() } else { 1 };
        let positions = self.axes[0].output * self.axes[1].output;
        let stored = groups * self.output_channels * positions * 4;
        let channels_first = repeated(loaded, again, spatial) + weights;
        let spatial_first = loaded + repeated(weights, spatial, chunks);
        Choice {
            steps,
            padded,
            demand,
            channels_first: channels_first <= spatial_first,
            cost: cost(channels_first.min(spatial_first), stored, spatial * chunks),
        }
    }

    fn tiles(&self, choice: &Choice) -> Vec<Tile> {
        let Steps { images, channels, rows, columns } = choice.steps;
        let groups = chunks(self.images.div_ceil(4), images);
        let outputs = self.output_channels / self.parts();
        let row_pieces = Cut::new(&self.axes[0], rows).pieces;
        let column_pieces = Cut::new(&self.axes[1], columns).pieces;
        // Every place, without channels as yet.
        let mut places = Vec::new();
        for images in &groups {
            for (rows, row_span) in &row_pieces {
                for (columns, column_span) in &column_pieces {
                    places.push(Tile {
                        images: images.clone(),
                        part: 0,
                        channels: 0..0,
                        rows: rows.clone(),
                        columns: columns.clone(),
                        spans: [row_span.clone(), column_span.clone()],
                    });
                }
            }
        }
        let channels = chunks(outputs, channels);
        let channels = (0..self.parts())
            .flat_map(|part| channels.iter().map(move |channels| (part, channels.clone())));
        let channels: Vec<(usize, Range<usize>)> = channels.collect();
        let tile = |place: &Tile, (part, channels): &(usize, Range<usize>)| Tile {
            part: *part,
            channels: channels.clone(),
            ..place.clone()
        };
        if choice.channels_first {
            let tiles = channels.iter().flat_map(|own| places.iter().map(move |at| tile(at, own)));
            tiles.collect()
        } else {
            let tiles = places.iter().flat_map(|at| channels.iter().map(move |own| tile(at, own)));
            tiles.collect()
        }
    }

    /// Adds the commands of the whole layer.
    pub(super) fn lower(&self, job: &mut Job<'_>) -> Result<(), Reason> {
        let choice = self.choose()?;
        let tiles = self.tiles(&choice);
        let emitter = &mut *job.emitter;
        let Some(buffers) = choice.demand.buffers(emitter) else {
            let needed = choice.demand.bytes();
            let what = "kernel or fewer channels";
            return Err(Reason::LocalMemory { needed, available: LANE_BYTES, what });
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
                    self.load_input(emitter, tile, choice.padded, input);
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
                self.store(emitter, tile, output);
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

    fn load_input(&self, emitter: &mut Emitter, tile: &Tile, padded: bool, buffer: Buffer) {
        let layout = self.input_layout(tile, padded);
        let [rows, columns] = &tile.spans;
        let mut local = buffer.offset;
        if padded {
            // Whole lines, so that the fill's sizes are small.
            let lines = (layout.strides[0] * layout.sizes[0] * 4).div_ceil(LINE_BYTES);
            let whole = Layout::local_aligned([1, LANES, lines, LINE_BYTES / 4], 4, 0);
            let padding = match (&self.unit, self.input_signed) {
                (Unit::Max, true) => 0x8080_8080,
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
            ddr: self.input + 4 * start as u64,
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
                let sizes = [1, outputs.len(), 1, each / 4];
                let command = load(*weights, Format::Word, sizes, weight);
                emitter.gdma(command, &[], &[weight]);
                *bias
            }
            Unit::Depthwise { weights, bias } => {
                if let Weights::Each(address) = weights {
                    let [height, width] = self.axes.map(|axis| axis.kernel);
                    let sizes = [1, outputs.len(), height, width];
                    emitter.gdma(load(*address, Format::I8, sizes, weight), &[], &[weight]);
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
            emitter.gdma(load(address, Format::I16, sizes, bias), &[], &[bias]);
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
                (!matches!(bias, Bias::None), matches!(weights, Weights::Each(_)))
            }
            Unit::Max => (false, false),
        };
        // One output along an axis has no stride; the field could not hold a large one.
        let stride = |axis: usize, outputs: &Range<usize>| {
            if outputs.len() == 1 { 1 } else { self.axes[axis].stride }
        };
        let command = WindowCommand {
            output: [
                4 * tile.images.len(),
                tile.channels.len(),
                tile.rows.len(),
                tile.columns.len(),
            ],
            input: [channels, height, width],
            kernel: self.axes.map(|axis| axis.kernel),
            stride: [stride(0, &tile.rows), stride(1, &tile.columns)],
            dilation: self.axes.map(|axis| axis.dilation),
            pad: if padded {
                [0; 4]
            } else {
                [rows.before, rows.after, columns.before, columns.after]
            },
            right_shift: self.right_shift,
            relu: self.relu,
            input_signed: self.input_signed,
            weights_signed,
            output_at: output.offset,
            input_at: input.offset,
            weights_at: weight.offset,
            bias_at: with_bias.then_some(bias.offset),
        };
        let (command, reads) = match &self.unit {
            Unit::Convolution { .. } => (command.convolution(), vec![input, weight]),
            Unit::Depthwise { .. } => (command.depthwise(), vec![input, weight]),
            Unit::Max => (command.max_pooling(), vec![input]),
        };
        let reads = reads.into_iter().chain(with_bias.then_some(bias)).collect::<Vec<_>>();
        emitter.tiu(command, &reads, &[output]);
    }

    fn store(&self, emitter: &mut Emitter, tile: &Tile, buffer: Buffer) {
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
            ddr: self.output + 4 * start as u64,
            ddr_strides: [self.output_channels * plane, plane, width, 1],
            local: buffer.offset,
            local_strides: Layout::local_aligned(sizes, 4, 0).strides,
        };
        emitter.gdma(store.store(), &[buffer], &[]);
    }
}

/// Whether a command can count a kernel, and the weights of an output.
pub(super) fn check_kernel([height, width]: [usize; 2], weight_bytes: usize) -> Result<(), Reason> {
    for (what, found) in [
        ("the kernel's height", height),
        ("the kernel's width", width),
        ("the number of weights of an output, in words,", weight_bytes / 4),
    ] {
        if found > MAX_SIZE {
            let advice = "use a smaller kernel";
            return Err(Reason::Size { what, found, limit: MAX_SIZE, advice });
        }
    }
    Ok(())
}

/// Bytes of a lane that an aligned tensor of words covers, gaps included.
fn lane_bytes(sizes: [usize; 4]) -> usize {
    Layout::local_aligned(sizes, 4, 0).strides[0] * sizes[0] * 4
}
