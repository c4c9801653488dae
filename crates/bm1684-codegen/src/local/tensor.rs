//! Blobs as tensors in local memory.

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

/// A tensor of one group of images: channel c is in lane c mod 64, row c / 64, its rows of words without gaps, and
/// planes begin on lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tensor {
    pub(super) storage: StorageId,
    /// First byte within the storage.
    pub(super) offset: usize,
    pub(super) channels: usize,
    /// Rows of words.
    pub(super) rows: usize,
    pub(super) width: usize,
}

impl Tensor {
    /// Words of a channel.
    pub(super) fn words(&self) -> usize {
        self.rows * self.width
    }

    /// Words from a channel to the next one in the same lane.
    pub(super) fn plane(&self) -> usize {
        self.words().next_multiple_of(LINE)
    }

    /// Channels of a lane.
    pub(super) fn lane_rows(&self) -> usize {
        self.channels.div_ceil(LANES)
    }

    /// Bytes of a lane.
    pub(super) fn bytes(&self) -> usize {
        4 * self.plane() * self.lane_rows()
    }

    /// Channels from a row of lanes on.
    pub(super) fn at_row(&self, row: usize, channels: usize) -> Tensor {
        Tensor { offset: self.offset + 4 * row * self.plane(), channels, ..*self }
    }
}
