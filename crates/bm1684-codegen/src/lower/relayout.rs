//! int8 blobs between the 4N form of one number of images and that of another.

use bm1684_isa::commands::{Direction, Format};

use crate::command::{copy, fill_ddr};
use crate::emit::Emitter;
use crate::error::Reason;

/// The most elements of one copy.
const ROW: usize = 1 << 15;

/// Moves a blob of `(images, values of each)` to another such form of the same values in the same
/// order, through plain bytes in `scratch`.
pub(super) fn relayout(
    emitter: &mut Emitter,
    [from, to]: [u64; 2],
    [old, new]: [(usize, usize); 2],
    scratch: u64,
) -> Result<(), Reason> {
    to_plain(emitter, from, old, scratch)?;
    from_plain(emitter, scratch, new, to)
}

/// Bytes of scratch memory for such a blob.
pub(super) fn scratch_bytes((images, values): (usize, usize)) -> usize {
    images * values
}

/// 4N words to bytes without gaps.
pub(super) fn to_plain(
    emitter: &mut Emitter,
    from: u64,
    (images, values): (usize, usize),
    to: u64,
) -> Result<(), Reason> {
    for image in 0..images {
        let words = from + byte_of(image, values);
        copy_bytes(emitter, (words, 4), (to + (image * values) as u64, 1), values)?;
    }
    Ok(())
}

/// Bytes without gaps to 4N words.
pub(super) fn from_plain(
    emitter: &mut Emitter,
    from: u64,
    (images, values): (usize, usize),
    to: u64,
) -> Result<(), Reason> {
    for image in 0..images {
        let words = to + byte_of(image, values);
        copy_bytes(emitter, (from + (image * values) as u64, 1), (words, 4), values)?;
    }
    Ok(())
}

/// 4N words to words that hold one value each, in their lowest byte.
pub(super) fn expand(
    emitter: &mut Emitter,
    from: u64,
    (images, values): (usize, usize),
    to: u64,
) -> Result<(), Reason> {
    // The other bytes are moved along, so they must hold something.
    for start in (0..images * values).step_by(ROW) {
        let width = ROW.min(images * values - start);
        let strides = [0, 0, width, 1];
        let address = to + 4 * start as u64;
        emitter.gdma(fill_ddr(0, address, [1, 1, 1, width], strides), &[], &[]);
    }
    for image in 0..images {
        let words = from + byte_of(image, values);
        copy_bytes(emitter, (words, 4), (to + 4 * (image * values) as u64, 4), values)?;
    }
    Ok(())
}

/// The inverse of [`expand`].
pub(super) fn collapse(
    emitter: &mut Emitter,
    from: u64,
    (images, values): (usize, usize),
    to: u64,
) -> Result<(), Reason> {
    for image in 0..images {
        let words = to + byte_of(image, values);
        copy_bytes(emitter, (from + 4 * (image * values) as u64, 4), (words, 4), values)?;
    }
    Ok(())
}

/// Where an image's first byte lies in a 4N blob.
pub(super) fn byte_of(image: usize, values: usize) -> u64 {
    (image / 4 * values * 4 + image % 4) as u64
}

/// Copies `count` bytes within DDR, each side with its distance between bytes.
fn copy_bytes(
    emitter: &mut Emitter,
    from: (u64, usize),
    to: (u64, usize),
    count: usize,
) -> Result<(), Reason> {
    let mut start = 0;
    while start < count {
        // Rows as long as possible, as many as there are.
        let width = ROW.min(count - start);
        let height = ((count - start) / width).min(ROW);
        let side = |(address, step): (u64, usize)| {
            let strides = [0, 0, width * step, step];
            (address + (start * step) as u64, [1, 1, height, width], strides, Format::I8)
        };
        emitter.gdma(copy(Direction::DdrToDdr, side(from), side(to)), &[], &[]);
        emitter.tile_border()?;
        start += width * height;
    }
    Ok(())
}
