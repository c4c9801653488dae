use crate::pixels::Pixels;

/// Fraction bits of OpenCV's interpolation weights.
const BITS: u32 = 11;

/// `cv::resize` with INTER_LINEAR on 8-bit pictures, bit for bit. `size` is (h, w), at least 1.
///
/// # Formula
/// Half-pixel centres; weights in 11-bit fixed point, rounded half to even; rows are interpolated
/// first, then columns by `(((w0·(a >> 4)) >> 16) + ((w1·(b >> 4)) >> 16) + 2) >> 2`. Halving both
/// sides exactly is the mean of 2×2 pixels, `(sum + 2) >> 2`, as OpenCV switches to INTER_AREA.
pub fn resize_linear(picture: &Pixels<u8>, size: [usize; 2]) -> Pixels<u8> {
    let [c, h, w] = picture.shape();
    let [height, width] = size;
    if [h, w] == size {
        return picture.clone();
    }
    let mut out = Vec::with_capacity(c * height * width);
    let planes = picture.data().chunks_exact((h * w).max(1));
    if h == 2 * height && w == 2 * width {
        for plane in planes {
            for pair in plane.chunks_exact(2 * w) {
                let (upper, lower) = pair.split_at(w);
                out.extend(upper.chunks_exact(2).zip(lower.chunks_exact(2)).map(|(a, b)| {
                    let sum: u32 = a.iter().chain(b).map(|&value| u32::from(value)).sum();
                    ((sum + 2) >> 2) as u8
                }));
            }
        }
    } else {
        let columns = taps(w, width, true);
        let rows = taps(h, height, false);
        for plane in planes {
            linear_plane(plane, w, &columns, &rows, &mut out);
        }
    }
    Pixels::from_planes([c, height, width], out)
}

/// One output position: the two inputs that it lies between and their weights.
struct Tap {
    index: [usize; 2],
    weight: [i32; 2],
}

/// `clamp_weight`: OpenCV gives a column outside the picture all of its weight at the edge; a row
/// keeps its fraction and meets the edge row twice.
fn taps(input: usize, output: usize, clamp_weight: bool) -> Vec<Tap> {
    let scale = 1.0 / (output as f64 / input as f64);
    let last = input as i64 - 1;
    let tap = |position: usize| {
        let exact = ((position as f64 + 0.5) * scale - 0.5) as f32;
        let mut start = exact.floor() as i64;
        let mut fraction = exact - exact.floor();
        if clamp_weight && start < 0 {
            (start, fraction) = (0, 0.0);
        }
        if clamp_weight && start >= last {
            (start, fraction) = (last, 0.0);
        }
        let clip = |index: i64| index.clamp(0, last) as usize;
        let fixed = |weight: f32| (weight * (1 << BITS) as f32).round_ties_even() as i32;
        Tap {
            index: [clip(start), clip(start + 1)],
            weight: [fixed(1.0 - fraction), fixed(fraction)],
        }
    };
    (0..output).map(tap).collect()
}

fn linear_plane(plane: &[u8], width: usize, columns: &[Tap], rows: &[Tap], out: &mut Vec<u8>) {
    let horizontal = |row: usize| -> Vec<i32> {
        let row = &plane[row * width..(row + 1) * width];
        let value = |tap: &Tap, side: usize| i32::from(row[tap.index[side]]) * tap.weight[side];
        columns.iter().map(|tap| value(tap, 0) + value(tap, 1)).collect()
    };
    // Neighbouring output rows mostly need the same two input rows.
    let mut kept: [(usize, Vec<i32>); 2] = [(usize::MAX, Vec::new()), (usize::MAX, Vec::new())];
    for row in rows {
        if kept[0].0 != row.index[0] && kept[1].0 == row.index[0] {
            kept.swap(0, 1);
        }
        for (slot, &index) in kept.iter_mut().zip(&row.index) {
            if slot.0 != index {
                *slot = (index, horizontal(index));
            }
        }
        let [w0, w1] = row.weight;
        out.extend(kept[0].1.iter().zip(&kept[1].1).map(|(&a, &b)| {
            ((((w0 * (a >> 4)) >> 16) + ((w1 * (b >> 4)) >> 16) + 2) >> 2).clamp(0, 255) as u8
        }));
    }
}
