//! The cheapest way to cut a sliding layer into tiles that fit into local memory.

use std::ops::Range;

use bm1684_isa::memory::{LANE_BYTES, LANES, Layout};

use super::{MAX_CHANNELS, NIBBLE, Unit, WindowLayer};
use crate::error::{Reason, Remedy, Size};
use crate::schedule::Demand;
use crate::tile::{Axis, Span, candidates, chunks, cost, pieces};

/// The largest number of output channels of a tile: whole rows of lanes.
const TILE_CHANNELS: usize = MAX_CHANNELS / LANES * LANES;
/// The largest size along N, H and W in a command.
pub(super) const MAX_SIZE: usize = u16::MAX as usize;
/// The largest output along H and W: the tiler looks at every way to cut it.
const MAX_OUTPUT: usize = 1 << 20;

/// One tile: some output channels of one group, some images, rows and columns.
#[derive(Clone, Debug)]
pub(super) struct Tile {
    /// Groups of four images.
    pub(super) images: Range<usize>,
    pub(super) part: usize,
    pub(super) channels: Range<usize>,
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
    pub(super) spans: [Span; 2],
}

/// Sizes of a tile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steps {
    pub(super) images: usize,
    pub(super) channels: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
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
        let pieces: Vec<_> = pieces(axis.part, step)
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
pub(in crate::lower) struct Choice {
    pub(super) steps: Steps,
    pub(super) padded: bool,
    pub(super) demand: Demand,
    /// Tiles of one channel chunk follow each other, so that its weights stay.
    pub(super) channels_first: bool,
    /// See [`cost`].
    pub(super) cost: usize,
}

impl WindowLayer {
    /// Input channels that a tile of so many output channels needs.
    fn tile_inputs(&self, channels: usize) -> usize {
        match self.unit {
            Unit::Convolution { groups, .. } => self.input_channels / groups,
            Unit::Depthwise { .. } | Unit::Max => channels,
        }
    }

    /// The output channels of the tiles, with their group: at most `step`, and cut where the shift changes.
    ///
    /// A run of channels of one shift could share a tile with the next one. Its own tile is as good: what the tiles
    /// have in common stays in local memory, and the commands take the same time.
    pub(super) fn channel_pieces(&self, step: usize) -> Vec<(usize, Range<usize>)> {
        let outputs = self.output_channels / self.parts();
        let chunks = chunks(outputs, step);
        let mut pieces = Vec::with_capacity(self.parts() * chunks.len());
        for part in 0..self.parts() {
            let first = part * outputs;
            for chunk in &chunks {
                let runs = self.right_shifts.runs(first + chunk.start..first + chunk.end);
                pieces.extend(
                    runs.into_iter().map(|(run, _)| (part, run.start - first..run.end - first)),
                );
            }
        }
        pieces
    }

    /// The cheapest way to cut the layer into tiles that fit.
    pub(in crate::lower) fn choose(&self) -> Result<Choice, Reason> {
        if let Unit::Convolution { groups, .. } = self.unit {
            let found = self.input_channels / groups;
            if found > MAX_CHANNELS {
                return Err(Reason::InputChannels { found, limit: MAX_CHANNELS });
            }
        }
        check_kernel(self.axes.map(|axis| axis.kernel), self.weight_bytes())?;
        for (size, axis) in [Size::OutputHeight, Size::OutputWidth].into_iter().zip(self.axes) {
            if axis.output > MAX_OUTPUT {
                return Err(Reason::Size { size, found: axis.output, limit: MAX_OUTPUT });
            }
        }
        let lengths = |axis: &Axis| {
            if axis.stride > NIBBLE { vec![1] } else { candidates(axis.len()) }
        };
        let groups = self.image_words();
        let outputs = self.output_channels / self.parts();
        let channel_steps: Vec<(usize, usize)> = candidates(outputs.div_ceil(LANES))
            .into_iter()
            .map(|rows| (rows * LANES).min(outputs))
            .filter(|&channels| channels <= TILE_CHANNELS)
            .map(|channels| (channels, self.channel_pieces(channels).len()))
            .collect();
        let rows = lengths(&self.axes[0]);
        let row_cuts: Vec<Cut> = rows.iter().map(|&step| Cut::new(&self.axes[0], step)).collect();
        let mut smallest = usize::MAX;
        for columns in lengths(&self.axes[1]) {
            let column_cut = Cut::new(&self.axes[1], columns);
            let mut best: Option<Choice> = None;
            for (&rows, row_cut) in rows.iter().zip(&row_cuts) {
                for &(channels, pieces) in &channel_steps {
                    for images in candidates(groups) {
                        let steps = Steps { images, channels, rows, columns };
                        let choice = self.evaluate(steps, pieces, row_cut, &column_cut);
                        smallest = smallest.min(choice.demand.bytes());
                        let (height, width) = (row_cut.longest[1], column_cut.longest[1]);
                        let sizes = [4 * images, rows, columns, height, width];
                        let inserts = self.axes.iter().any(|axis| axis.insert > 0);
                        let fits = choice.demand.fits()
                            // The command would insert zeros between those of the padding, too.
                            && !(inserts && choice.padded)
                            && sizes.into_iter().all(|size| size <= MAX_SIZE);
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
        let remedy = Remedy::KernelOrChannels;
        Err(Reason::LocalMemory { needed, available: LANE_BYTES, remedy })
    }

    /// What a way to cut costs; `chunks` is the number of pieces of the output channels, of all groups.
    fn evaluate(&self, steps: Steps, chunks: usize, rows: &Cut, columns: &Cut) -> Choice {
        let padded = rows.awkward || columns.awkward;
        let groups = self.image_words();
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
            .and(lane_rows * self.bias_bytes(), chunks.min(2));
        let loaded = rows.loaded * columns.loaded * groups * self.input_channels * 4;
        let weights = self.output_channels * self.weight_bytes();
        let repeated = |bytes: usize, times: usize, other: usize| {
            if other == 1 { bytes } else { bytes * times }
        };
        // Every chunk of channels reads all inputs, and every tile of inputs reads all weights.
        let again = if shares_input { chunks / self.parts() } else { 1 };
        let positions = self.axes[0].len() * self.axes[1].len();
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

    pub(super) fn tiles(&self, choice: &Choice) -> Vec<Tile> {
        let Steps { images, channels, rows, columns } = choice.steps;
        let groups = chunks(self.image_words(), images);
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
        let channels = self.channel_pieces(channels);
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
}

/// Whether a command can count a kernel, and the weights of an output.
pub(in crate::lower) fn check_kernel(
    [height, width]: [usize; 2],
    weight_bytes: usize,
) -> Result<(), Reason> {
    for (size, found) in [
        (Size::KernelHeight, height),
        (Size::KernelWidth, width),
        (Size::Weights, weight_bytes / 4),
    ] {
        if found > MAX_SIZE {
            return Err(Reason::Size { size, found, limit: MAX_SIZE });
        }
    }
    Ok(())
}

/// Bytes of a lane that an aligned tensor of words covers, gaps included.
fn lane_bytes(sizes: [usize; 4]) -> usize {
    Layout::local_aligned(sizes, 4, 0).strides[0] * sizes[0] * 4
}
