//! Bands: one image in the four bytes of a word.

use std::ops::Range;

use super::sequence::{Sequence, Space};
use super::tensor::{Rows, Tensor};
use super::words::{Part, WordOp, words};
use crate::lower::Halo;

/// Bands of a word.
const BANDS: usize = 4;

/// A tensor of these rows and of the same channels and width.
pub(super) fn tensor(sequence: &mut Sequence<'_>, like: &Tensor, rows: usize) -> Tensor {
    let tensor = Tensor::aligned(like.channels, 0..rows, like.width);
    let storage = sequence.storage(Space::Lanes, tensor.bytes());
    Tensor { storage, ..tensor }
}

/// A blob of so many rows in another form.
pub(super) fn convert(
    sequence: &mut Sequence<'_>,
    layer: usize,
    from: Tensor,
    [have, want]: [Rows; 2],
    height: usize,
) -> Tensor {
    match (have, want) {
        (Rows::Images, Rows::Bands(rows)) => to_bands(sequence, layer, from, rows),
        (Rows::Bands(_), Rows::Images) => to_image(sequence, layer, from, height),
        (Rows::Bands(a), Rows::Bands(b)) if a != b => {
            let image = to_image(sequence, layer, from, height);
            to_bands(sequence, layer, image, b)
        }
        _ => from,
    }
}

/// The lowest byte of each word becomes a byte of a band's word; bands beyond the image are zeros.
fn to_bands(sequence: &mut Sequence<'_>, layer: usize, from: Tensor, rows: usize) -> Tensor {
    let to = tensor(sequence, &from, rows);
    let body = Body { to, above: 0, rows };
    join(sequence, layer, body, 0..rows, from.rows, |rows| Part::rows(from, rows.start));
    to
}

/// Bands of so many rows within a tensor, behind some rows for those of the bands above.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    pub(super) to: Tensor,
    pub(super) above: usize,
    pub(super) rows: usize,
}

/// Some rows of bands, of an image of so many rows; `image` gives the part of it that begins with a row, of which a band
/// needs so many.
pub(super) fn join(
    sequence: &mut Sequence<'_>,
    layer: usize,
    body: Body,
    rows: Range<usize>,
    height: usize,
    mut image: impl FnMut(Range<usize>) -> Part,
) {
    let Body { to, above, rows: each } = body;
    let width = to.width;
    let own = Part::rows(to, above + rows.start);
    let mut spare = None;
    for band in 0..BANDS {
        let first = band * each + rows.start;
        let count = height.saturating_sub(first).min(rows.len());
        if count == 0 {
            continue;
        }
        let source = image(first..first + count);
        let columns = [1, count * width];
        if band == 0 {
            words(sequence, layer, WordOp::And(0xff), [own, source], columns);
            if count < rows.len() {
                // The rest has to be something.
                let rest = [Part::rows(to, above + rows.start + count), source];
                clear(sequence, layer, rest, [(rows.len() - count) * width, count * width]);
            }
            continue;
        }
        let spare = *spare.get_or_insert_with(|| tensor(sequence, &to, rows.len()));
        let part = Part::rows(spare, 0);
        if band + 1 < BANDS {
            words(sequence, layer, WordOp::And(0xff), [part, source], columns);
            words(sequence, layer, WordOp::Left(band), [part, part], columns);
        } else {
            words(sequence, layer, WordOp::Left(band), [part, source], columns);
        }
        words(sequence, layer, WordOp::Join, [own, part], columns);
    }
}

/// So many zeros, made of so many words of any value.
fn clear(
    sequence: &mut Sequence<'_>,
    layer: usize,
    [to, from]: [Part; 2],
    [count, any]: [usize; 2],
) {
    let mut done = 0;
    while done < count {
        let step = (count - done).min(any);
        let to = Part { first: to.first + done, ..to };
        words(sequence, layer, WordOp::And(0), [to, from], [1, step]);
        done += step;
    }
}

/// Bands one below the other, in the lowest bytes.
fn to_image(sequence: &mut Sequence<'_>, layer: usize, from: Tensor, height: usize) -> Tensor {
    let (rows, width) = (from.rows, from.width);
    let to = tensor(sequence, &from, height);
    for band in 0..BANDS {
        let count = height.saturating_sub(band * rows).min(rows);
        if count > 0 {
            let parts = [Part::rows(to, band * rows), Part::rows(from, 0)];
            words(sequence, layer, lowest(band), parts, [1, count * width]);
        }
    }
    to
}

/// Some rows of one band, in the lowest bytes.
pub(super) fn separate(
    sequence: &mut Sequence<'_>,
    layer: usize,
    from: Tensor,
    rows: Range<usize>,
    band: usize,
) -> Tensor {
    let to = tensor(sequence, &from, rows.len());
    let parts = [Part::rows(to, 0), Part::rows(from, rows.start)];
    words(sequence, layer, lowest(band), parts, [1, rows.len() * from.width]);
    to
}

/// Brings a band to the lowest byte.
fn lowest(band: usize) -> WordOp {
    if band == 0 { WordOp::Copy } else { WordOp::Right(band) }
}

/// The lowest byte of each word, in all of its bytes.
pub(super) fn repeated(sequence: &mut Sequence<'_>, layer: usize, from: Tensor) -> Tensor {
    let [to, spare] = [(); 2].map(|()| tensor(sequence, &from, from.rows));
    let columns = [1, from.words()];
    let [whole, part, source] = [to, spare, from].map(|tensor| Part::rows(tensor, 0));
    words(sequence, layer, WordOp::And(0xff), [whole, source], columns);
    for bytes in [1, 2] {
        words(sequence, layer, WordOp::Left(bytes), [part, whole], columns);
        words(sequence, layer, WordOp::Join, [whole, part], columns);
    }
    to
}

/// The same bands between the rows that they need of their neighbours. What lies beyond the image of so many rows, and
/// above it, becomes `padding`.
pub(super) fn with_halo(
    sequence: &mut Sequence<'_>,
    layer: usize,
    from: Tensor,
    height: usize,
    halo: Halo,
    padding: u32,
) -> Tensor {
    let (rows, width) = (from.rows, from.width);
    let to = tensor(sequence, &from, halo.above + rows + halo.below);
    // Rows of which as many bands are in the image.
    let inside = |row: usize| (0..BANDS).filter(|band| band * rows + row < height).count();
    let mut row = 0;
    while row < rows {
        let bands = inside(row);
        let end = (row..rows).find(|&later| inside(later) != bands).unwrap_or(rows);
        let own = Part::rows(to, halo.above + row);
        let columns = [1, (end - row) * width];
        let kept = low_bytes(bands);
        let operation = if bands == BANDS { WordOp::Copy } else { WordOp::And(kept) };
        words(sequence, layer, operation, [own, Part::rows(from, row)], columns);
        fill(sequence, layer, own, columns, padding & !kept);
        row = end;
    }
    complete(sequence, layer, to, rows, halo, padding);
    to
}

/// The rows above and below bands, from the bands beside them.
pub(super) fn complete(
    sequence: &mut Sequence<'_>,
    layer: usize,
    to: Tensor,
    rows: usize,
    halo: Halo,
    padding: u32,
) {
    let width = to.width;
    if halo.above > 0 {
        // The last rows of the band above, which is the byte before.
        let (own, last) = (Part::rows(to, 0), Part::rows(to, rows));
        let columns = [1, halo.above * width];
        words(sequence, layer, WordOp::Left(1), [own, last], columns);
        fill(sequence, layer, own, columns, padding & low_bytes(1));
    }
    if halo.below > 0 {
        let (own, first) = (Part::rows(to, halo.above + rows), Part::rows(to, halo.above));
        let columns = [1, halo.below * width];
        words(sequence, layer, WordOp::Right(1), [own, first], columns);
        fill(sequence, layer, own, columns, padding & !low_bytes(BANDS - 1));
    }
}

fn fill(sequence: &mut Sequence<'_>, layer: usize, part: Part, columns: [usize; 2], bits: u32) {
    if bits != 0 {
        words(sequence, layer, WordOp::Set(bits), [part, part], columns);
    }
}

/// The lowest bytes of a word.
fn low_bytes(count: usize) -> u32 {
    if count >= BANDS { u32::MAX } else { (1 << (8 * count)) - 1 }
}
