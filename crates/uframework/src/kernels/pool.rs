use std::ops::Range;

use umodel::layers::PoolWindow;

/// The part of one output position's window that lies inside the map, and the window's whole area.
struct Patch {
    rows: Range<usize>,
    columns: Range<usize>,
    /// Pixels of the window after clipping to the map and its padding, as Caffe divides by.
    area: usize,
    reach: Reach,
}

/// The edges of the padded map, right and lower, that a window reaches beyond.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reach {
    right: bool,
    below: bool,
}

impl Reach {
    /// 0 for none, 1 for the right edge, 2 for the lower one, 3 for both.
    pub(crate) fn index(self) -> usize {
        usize::from(self.right) + 2 * usize::from(self.below)
    }
}

/// Visits every output position of one plane, row by row.
fn patches([h, w]: [usize; 2], window: &PoolWindow) -> impl Iterator<Item = Patch> {
    let PoolWindow { kernel, stride, pad, output } = *window;
    let span = move |axis: usize, length: usize, position: usize| {
        // In the padded map, which begins `pad` in front of the map.
        let start = position * stride[axis];
        let end = (start + kernel[axis]).min(length + 2 * pad[axis]);
        let first = start.saturating_sub(pad[axis]);
        let inside = first..end.saturating_sub(pad[axis]).min(length).max(first);
        (inside, end.saturating_sub(start), start + kernel[axis] > end)
    };
    (0..output[0]).flat_map(move |y| {
        let (rows, tall, below) = span(0, h, y);
        (0..output[1]).map(move |x| {
            let (columns, wide, right) = span(1, w, x);
            let reach = Reach { right, below };
            Patch { rows: rows.clone(), columns, area: tall * wide, reach }
        })
    })
}

fn fold<T: Copy, A>(
    plane: &[T],
    width: usize,
    patch: &Patch,
    start: A,
    join: impl Fn(A, T) -> A + Copy,
) -> A {
    patch.rows.clone().fold(start, |value, y| {
        let row = &plane[y * width..][patch.columns.clone()];
        row.iter().fold(value, |value, &x| join(value, x))
    })
}

/// The largest value of each window; one that lies outside the map gives `least`.
pub(crate) fn max<T: Copy + PartialOrd>(
    input: &[T],
    size: [usize; 2],
    window: &PoolWindow,
    least: T,
    output: &mut [T],
) {
    each_plane(input, size, window, output, |plane, patch| {
        fold(plane, size[1], patch, least, |most, x| if x > most { x } else { most })
    });
}

/// As [`max`], with the place of each value in its plane; −1 for a window outside of the map.
pub(crate) fn max_places(
    input: &[f32],
    size: [usize; 2],
    window: &PoolWindow,
    output: &mut [f32],
    places: &mut [f32],
) {
    let each = |plane: &[f32], patch: &Patch| {
        let pixels =
            patch.rows.clone().flat_map(|y| patch.columns.clone().map(move |x| y * size[1] + x));
        pixels.fold((f32::MIN, -1.0), |(most, at), place| {
            if plane[place] > most { (plane[place], place as f32) } else { (most, at) }
        })
    };
    let planes = output.chunks_exact_mut(window.output.iter().product::<usize>().max(1));
    let inputs = input.chunks_exact((size[0] * size[1]).max(1));
    let positions = window.output.iter().product::<usize>().max(1);
    for ((plane, top), places) in inputs.zip(planes).zip(places.chunks_exact_mut(positions)) {
        for ((patch, top), at) in patches(size, window).zip(top).zip(places) {
            (*top, *at) = each(plane, &patch);
        }
    }
}

/// The sum of each window over the area that Caffe divides by.
pub(crate) fn average(input: &[f32], size: [usize; 2], window: &PoolWindow, output: &mut [f32]) {
    each_plane(input, size, window, output, |plane, patch| {
        fold(plane, size[1], patch, 0.0, |sum, x| sum + x) / patch.area as f32
    });
}

/// `finish` of the sum of each window and of what edges it reaches beyond, padding as zeros.
pub(crate) fn sum<T: Copy + Into<i32>, U>(
    input: &[T],
    size: [usize; 2],
    window: &PoolWindow,
    finish: impl Fn(i32, Reach) -> U,
    output: &mut [U],
) {
    each_plane(input, size, window, output, |plane, patch| {
        let sum = fold(plane, size[1], patch, 0i32, |sum, x| sum.wrapping_add(x.into()));
        finish(sum, patch.reach)
    });
}

fn each_plane<T, U>(
    input: &[T],
    [h, w]: [usize; 2],
    window: &PoolWindow,
    output: &mut [U],
    value: impl Fn(&[T], &Patch) -> U,
) {
    let results = (window.output[0] * window.output[1]).max(1);
    for (plane, out) in input.chunks_exact((h * w).max(1)).zip(output.chunks_exact_mut(results)) {
        for (out, patch) in out.iter_mut().zip(patches([h, w], window)) {
            *out = value(plane, &patch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: a 5×5 map, kernel 3, stride 2, pad 1 and without, worked out by hand.
    #[test]
    fn caffes_clipping() {
        let map: Vec<f32> = (1..=25).map(|value| value as f32).collect();
        let padded = PoolWindow { kernel: [3, 3], stride: [2, 2], pad: [1, 1], output: [3, 3] };
        let mut out = [0.0; 9];
        max(&map, [5, 5], &padded, f32::MIN, &mut out);
        assert_eq!(out, [7.0, 9.0, 10.0, 17.0, 19.0, 20.0, 22.0, 24.0, 25.0]);
        average(&map, [5, 5], &padded, &mut out);
        // Padding counts: 1 + 2 + 6 + 7 = 16 over 9.
        assert_eq!(out[0], 16.0 / 9.0);
        assert_eq!(out[8], (19.0 + 20.0 + 24.0 + 25.0) / 9.0);
        // Without padding, the ceil rule makes a last window of one column: its area is 1 x 2.
        let hanging = PoolWindow { kernel: [2, 2], stride: [2, 2], pad: [0, 0], output: [3, 3] };
        average(&map, [5, 5], &hanging, &mut out);
        assert_eq!(out[2], (5.0 + 10.0) / 2.0);
        assert_eq!(out[8], 25.0);
    }
}
