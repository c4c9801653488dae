//! Histogram equalisation of one plane, over the whole picture and by tiles.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of pixels and grey values, which OpenCV rounds in the same places"
)]

/// `cv::equalizeHist`: grey values are spread so that each is as frequent as the next, as far as that goes.
pub(crate) fn equalize(plane: &mut [u8]) {
    let histogram = histogram(plane.iter().copied());
    let Some(first) = histogram.iter().position(|&count| count > 0) else { return };
    let rest = plane.len() - histogram[first] as usize;
    if rest == 0 {
        return; // one grey value stays as it is
    }
    let scale = 255.0 / rest as f32;
    let mut table = [0u8; 256];
    let mut sum = 0;
    for value in first + 1..256 {
        sum += histogram[value];
        table[value] = (sum as f32 * scale).round_ties_even() as u8;
    }
    plane.iter_mut().for_each(|value| *value = table[usize::from(*value)]);
}

/// Tiles of CLAHE in each direction.
const TILES: usize = 8;

/// `cv::CLAHE` with 8 × 8 tiles: equalisation by tiles whose histograms are cut at `limit` times their
/// mean, interpolated between tiles.
pub(crate) fn equalize_by_tiles(plane: &[u8], [h, w]: [usize; 2], limit: f64) -> Vec<u8> {
    // A picture that does not divide into tiles is mirrored to the right and below.
    let divides = h % TILES == 0 && w % TILES == 0;
    let whole = |length: usize| if divides { length } else { length + TILES - length % TILES };
    let tile = [whole(h) / TILES, whole(w) / TILES];
    let mirror = |at: usize, length: usize| {
        let period = (2 * (length.max(2) - 1)).max(1);
        let at = at % period;
        if length == 1 { 0 } else { at.min(period - at) }
    };
    let area = tile[0] * tile[1];
    let cut = ((limit * area as f64 / 256.0) as u32).max(1);
    let scale = 255.0 / area as f32;
    let mut tables = Vec::with_capacity(TILES * TILES);
    for ty in 0..TILES {
        for tx in 0..TILES {
            let rows = ty * tile[0]..(ty + 1) * tile[0];
            let pixels = rows.flat_map(|y| {
                let row = mirror(y, h) * w;
                (tx * tile[1]..(tx + 1) * tile[1]).map(move |x| plane[row + mirror(x, w)])
            });
            let mut histogram = histogram(pixels);
            spread_excess(&mut histogram, cut);
            let mut sum = 0;
            let table = histogram.map(|count| {
                sum += count;
                (sum as f32 * scale).round_ties_even().min(255.0) as u8
            });
            tables.push(table);
        }
    }
    // Between which tiles a place lies, and the weight of the second.
    let neighbours = |at: usize, tile: usize| {
        let place = at as f32 * (1.0 / tile as f32) - 0.5;
        let first = place.floor();
        let weight = place - first;
        let clip = |index: f32| (index.max(0.0) as usize).min(TILES - 1);
        (clip(first), clip(first + 1.0), weight)
    };
    let columns: Vec<_> = (0..w).map(|x| neighbours(x, tile[1])).collect();
    let mut out = Vec::with_capacity(h * w);
    for (y, row) in plane.chunks_exact(w.max(1)).enumerate() {
        let (top, bottom, down) = neighbours(y, tile[0]);
        for (&value, &(left, right, along)) in row.iter().zip(&columns) {
            let of = |ty: usize, tx: usize| f32::from(tables[ty * TILES + tx][usize::from(value)]);
            let upper = of(top, left) * (1.0 - along) + of(top, right) * along;
            let lower = of(bottom, left) * (1.0 - along) + of(bottom, right) * along;
            let mixed = upper * (1.0 - down) + lower * down;
            out.push(mixed.round_ties_even().clamp(0.0, 255.0) as u8);
        }
    }
    out
}

/// Counts above `cut` are cut off. What was cut off is spread evenly over all values; the remainder of that
/// division goes to values at equal distances.
fn spread_excess(histogram: &mut [u32; 256], cut: u32) {
    let mut excess = 0;
    for count in histogram.iter_mut().filter(|count| **count > cut) {
        excess += *count - cut;
        *count = cut;
    }
    let share = excess / 256;
    let rest = (excess - share * 256) as usize;
    histogram.iter_mut().for_each(|count| *count += share);
    if let Some(step) = 256usize.checked_div(rest) {
        histogram.iter_mut().step_by(step.max(1)).take(rest).for_each(|count| *count += 1);
    }
}

fn histogram(values: impl Iterator<Item = u8>) -> [u32; 256] {
    let mut histogram = [0; 256];
    values.for_each(|value| histogram[usize::from(value)] += 1);
    histogram
}
