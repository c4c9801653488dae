//! Cutting layers into tiles.

use std::ops::Range;

use bm1684_isa::memory::LANES;

/// One spatial axis of a layer that slides a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    pub(crate) input: usize,
    /// Zeros between two inputs.
    pub(crate) insert: usize,
    pub(crate) output: usize,
    /// The outputs that are computed: from the first one to the one behind the last.
    pub(crate) part: [usize; 2],
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    /// Negative if the first inputs, or inserted zeros, are left out.
    pub(crate) pad: isize,
    pub(crate) dilation: usize,
}

/// The input that some outputs of an axis need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// The inputs that exist.
    pub(crate) inside: Range<usize>,
    /// Padding in front of it.
    pub(crate) before: usize,
    /// Padding behind it.
    pub(crate) after: usize,
}

impl Span {
    /// Length with padding.
    pub(crate) fn padded(&self) -> usize {
        self.before + self.inside.len() + self.after
    }
}

impl Axis {
    /// An axis along which nothing slides: as many outputs as inputs.
    pub(crate) fn pointwise(length: usize) -> Axis {
        Axis {
            input: length,
            insert: 0,
            output: length,
            part: [0, length],
            kernel: 1,
            stride: 1,
            pad: 0,
            dilation: 1,
        }
    }

    /// The same with so many outputs, all of which are computed.
    pub(crate) fn to(self, output: usize) -> Axis {
        Axis { output, part: [0, output], ..self }
    }

    /// How many outputs are computed.
    pub(crate) fn len(&self) -> usize {
        self.part[1] - self.part[0]
    }

    /// What the outputs of a range need.
    pub(crate) fn span(&self, outputs: &Range<usize>) -> Span {
        // Positions among inputs and inserted zeros, from the first input on.
        let position = |place: usize| place.cast_signed() - self.pad;
        let first = position(outputs.start * self.stride);
        let reach = self.dilation * (self.kernel - 1) + 1;
        let last = position((outputs.end - 1) * self.stride + reach);
        let step = self.insert + 1;
        // The first input at a position or behind it.
        let input =
            |position: isize| usize::try_from(position).unwrap_or(0).div_ceil(step).min(self.input);
        let inside = input(first)..input(last).max(input(first));
        // A window that lies in padding or inserted zeros alone has no inputs.
        let (before, after) = if inside.is_empty() {
            (last.abs_diff(first), 0)
        } else {
            let ends = [inside.start * step, (inside.end - 1) * step + 1];
            (ends[0].cast_signed().abs_diff(first), last.abs_diff(ends[1].cast_signed()))
        };
        Span { inside, before, after }
    }
}

/// A range cut into pieces of `step`, the last one shorter.
pub(crate) fn pieces(range: [usize; 2], step: usize) -> Vec<Range<usize>> {
    let move_by = |piece: Range<usize>| piece.start + range[0]..piece.end + range[0];
    chunks(range[1] - range[0], step).into_iter().map(move_by).collect()
}

/// `length` cut into pieces of `step`, the last one shorter.
pub(crate) fn chunks(length: usize, step: usize) -> Vec<Range<usize>> {
    (0..length).step_by(step.max(1)).map(|start| start..(start + step).min(length)).collect()
}

/// Piece lengths worth trying: the whole, a half, a third, a quarter, …, always 1.
pub(crate) fn candidates(length: usize) -> Vec<usize> {
    let mut sizes: Vec<usize> = (1..=length.min(32)).map(|parts| length.div_ceil(parts)).collect();
    let mut size = sizes.last().copied().unwrap_or(1);
    while size > 1 {
        size = size.div_ceil(2);
        sizes.push(size);
    }
    sizes.dedup();
    sizes
}

/// The cost of a tiling, counted in bytes that the GDMA moves: all bytes that it loads, the bytes of one tile
/// once more, because nothing computes while the first is loaded and the last is stored, and a fixed price
/// for the commands of each tile.
pub(crate) fn cost(loaded: usize, stored: usize, tiles: usize) -> usize {
    loaded + (loaded + stored) / tiles + tiles * TILE_PRICE
}

/// A guess: what the GDMA moves in the time that the few commands of a tile take by themselves, some
/// microseconds.
const TILE_PRICE: usize = 64 << 10;

/// A tile of consecutive words, spread evenly over lanes: word `lane · width + i` of it lies in that
/// lane at i.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlatTile {
    pub(crate) start: usize,
    pub(crate) lanes: usize,
    pub(crate) width: usize,
}

/// Cuts words into tiles of at most `width` words in a lane: full tiles, one of all lanes for most of
/// the rest, one of single words.
pub(crate) fn flat(words: usize, width: usize) -> Vec<FlatTile> {
    let full = LANES * width;
    let mut tiles: Vec<FlatTile> = (0..words / full)
        .map(|index| FlatTile { start: index * full, lanes: LANES, width })
        .collect();
    let mut start = words / full * full;
    let rest = (words - start) / LANES;
    if rest > 0 {
        tiles.push(FlatTile { start, lanes: LANES, width: rest });
        start += rest * LANES;
    }
    if start < words {
        tiles.push(FlatTile { start, lanes: words - start, width: 1 });
    }
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_clip_to_the_input() {
        let axis = Axis { kernel: 3, pad: 1, ..Axis::pointwise(7) };
        assert_eq!(axis.span(&(0..7)), Span { inside: 0..7, before: 1, after: 1 });
        assert_eq!(axis.span(&(2..4)), Span { inside: 1..5, before: 0, after: 0 });
        let lonely = Axis { pad: 3, ..Axis::pointwise(2) }.to(8);
        assert_eq!(lonely.span(&(0..2)), Span { inside: 0..0, before: 2, after: 0 });
        assert_eq!(lonely.span(&(6..8)).padded(), 2);
        // A pooling window that Caffe's ceil rule lets reach beyond the padding.
        let over = Axis { kernel: 3, stride: 2, ..Axis::pointwise(4) }.to(2);
        assert_eq!(over.span(&(1..2)), Span { inside: 2..4, before: 0, after: 1 });
        // Two zeros between inputs.
        let spread = Axis { insert: 2, kernel: 4, pad: 1, ..Axis::pointwise(3) }.to(6);
        assert_eq!(spread.span(&(0..6)), Span { inside: 0..3, before: 1, after: 1 });
        assert_eq!(spread.span(&(1..2)), Span { inside: 0..2, before: 0, after: 0 });
        assert_eq!(spread.span(&(2..3)), Span { inside: 1..2, before: 2, after: 1 });
    }

    #[test]
    fn pieces_cover_everything_once() {
        for words in [1, 63, 64, 65, 1000, 64 * 10, 64 * 10 + 1, 12_345] {
            let mut next = 0;
            for tile in flat(words, 10) {
                assert_eq!(tile.start, next);
                assert!(tile.width <= 10 && (1..=LANES).contains(&tile.lanes));
                next += tile.lanes * tile.width;
            }
            assert_eq!(next, words);
        }
        assert_eq!(chunks(10, 4), [0..4, 4..8, 8..10]);
        assert_eq!(candidates(7), [7, 4, 3, 2, 1]);
        assert_eq!(candidates(1), [1]);
        assert_eq!(candidates(1000).last(), Some(&1));
    }
}
