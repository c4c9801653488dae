//! Blobs as tensors in local memory.

use std::ops::Range;

use bm1684_isa::memory::{LANES, LINE_BYTES};

use super::sequence::StorageId;

/// Words of a line.
const LINE: usize = LINE_BYTES / 4;

/// What the bytes of a word are, and so how many rows of words a blob has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Rows {
    /// Up to four images.
    Images,
    /// Four bands of one image, of so many rows each: byte b of row r is row `b·rows + r`.
    Bands(usize),
}

impl Rows {
    /// The form of a blob whose rows are repeated so often to give this one.
    pub(super) fn shrunk(self, times: usize) -> Rows {
        match self {
            Rows::Images => Rows::Images,
            Rows::Bands(rows) => Rows::Bands(rows / times),
        }
    }

    /// The form of a blob of whose rows this has one in so many.
    pub(super) fn grown(self, times: usize) -> Rows {
        match self {
            Rows::Images => Rows::Images,
            Rows::Bands(rows) => Rows::Bands(rows * times),
        }
    }

    /// Rows of words of a blob of so many rows.
    pub(super) fn of(self, height: usize) -> usize {
        match self {
            Rows::Images => height,
            Rows::Bands(rows) => rows,
        }
    }
}

/// A tensor of one group of images: channel c is in lane c mod 64, row c / 64, its rows of words without gaps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tensor {
    pub(super) storage: StorageId,
    /// First byte within the storage.
    pub(super) offset: usize,
    pub(super) channels: usize,
    /// The blob's row that is its first one.
    pub(super) start: usize,
    /// Rows of words.
    pub(super) rows: usize,
    pub(super) width: usize,
    /// Words from a channel to the next one in the same lane.
    pub(super) plane: usize,
}

impl Tensor {
    /// So many channels of these rows of a blob, whose planes begin on lines.
    pub(super) fn aligned(channels: usize, rows: Range<usize>, width: usize) -> Tensor {
        let plane = (rows.len() * width).next_multiple_of(LINE);
        let (start, rows) = (rows.start, rows.len());
        Tensor { storage: 0, offset: 0, channels, start, rows, width, plane }
    }

    /// Some of the blob's rows that it holds.
    pub(super) fn cut(&self, rows: &Range<usize>) -> Tensor {
        let skipped = 4 * (rows.start - self.start) * self.width;
        Tensor { offset: self.offset + skipped, start: rows.start, rows: rows.len(), ..*self }
    }

    /// Whether its planes are as close as lines allow.
    pub(super) fn is_aligned(&self) -> bool {
        self.plane == self.words().next_multiple_of(LINE)
    }

    /// Words of a channel.
    pub(super) fn words(&self) -> usize {
        self.rows * self.width
    }

    /// Channels of a lane.
    pub(super) fn lane_rows(&self) -> usize {
        self.channels.div_ceil(LANES)
    }

    /// Bytes of a lane.
    pub(super) fn bytes(&self) -> usize {
        4 * self.plane * self.lane_rows()
    }

    /// Channels from a row of lanes on.
    pub(super) fn at_row(&self, row: usize, channels: usize) -> Tensor {
        Tensor { offset: self.offset + 4 * row * self.plane, channels, ..*self }
    }
}
