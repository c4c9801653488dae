/// The geometry of one convolution over one picture.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Height and width of the picture.
    pub input: [usize; 2],
    /// Kernel height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Padding above and left.
    pub pad: [usize; 2],
    /// Vertical and horizontal dilation.
    pub dilation: [usize; 2],
    /// Height and width of the result.
    pub output: [usize; 2],
}

impl Window {
    /// Whether the columns are the picture itself: a 1×1 kernel with stride 1 and no padding.
    pub fn is_identity(&self) -> bool {
        self.kernel == [1, 1] && self.stride == [1, 1] && self.pad == [0, 0]
    }
}

/// Lays out the patches under the kernel as the columns of a matrix: rows are (c, kh, kw), columns
/// (oh, ow), padding is `T::default()`. `picture` is C, H, W.
pub fn im2col<T: Copy + Default>(picture: &[T], window: &Window, columns: &mut Vec<T>) {
    let Window { input: [h, w], kernel, stride, pad, dilation, output: [oh, ow] } = *window;
    columns.clear();
    for plane in picture.chunks_exact((h * w).max(1)) {
        for ky in 0..kernel[0] {
            for kx in 0..kernel[1] {
                // Input x = ox · stride + offset − pad, inside the map for ox in first..end.
                let offset = kx * dilation[1];
                let first = pad[1].saturating_sub(offset).div_ceil(stride[1]).min(ow);
                let end = (w + pad[1]).saturating_sub(offset).div_ceil(stride[1]);
                let end = end.clamp(first, ow);
                for y in 0..oh {
                    let iy = (y * stride[0] + ky * dilation[0]).wrapping_sub(pad[0]);
                    if iy >= h || first == end {
                        columns.resize(columns.len() + ow, T::default());
                        continue;
                    }
                    let row = &plane[iy * w..(iy + 1) * w];
                    columns.resize(columns.len() + first, T::default());
                    let start = first * stride[1] + offset - pad[1];
                    if stride[1] == 1 {
                        columns.extend_from_slice(&row[start..start + end - first]);
                    } else {
                        columns.extend(row[start..].iter().step_by(stride[1]).take(end - first));
                    }
                    columns.resize(columns.len() + ow - end, T::default());
                }
            }
        }
    }
}

/// Adds columns up where [`im2col`] takes them from: its transpose. `picture` is C, H, W.
pub fn col2im(columns: &[f32], window: &Window, picture: &mut [f32]) {
    scatter(columns, window, picture, |sum, x| sum + x);
}

/// [`col2im`] of integers, whose sums wrap at 2^31.
pub(crate) fn col2im_wrapping(columns: &[i32], window: &Window, picture: &mut [i32]) {
    scatter(columns, window, picture, i32::wrapping_add);
}

fn scatter<T: Copy>(columns: &[T], window: &Window, picture: &mut [T], add: impl Fn(T, T) -> T) {
    let Window { input: [h, w], kernel, stride, pad, dilation, output: [oh, ow] } = *window;
    let mut rows = columns.chunks_exact((oh * ow).max(1));
    for plane in picture.chunks_exact_mut((h * w).max(1)) {
        for ky in 0..kernel[0] {
            for kx in 0..kernel[1] {
                let Some(row) = rows.next() else { return };
                for (y, row) in row.chunks_exact(ow).enumerate() {
                    let iy = (y * stride[0] + ky * dilation[0]).wrapping_sub(pad[0]);
                    let Some(line) = (iy < h).then(|| &mut plane[iy * w..(iy + 1) * w]) else {
                        continue;
                    };
                    for (x, value) in row.iter().enumerate() {
                        let ix = (x * stride[1] + kx * dilation[1]).wrapping_sub(pad[1]);
                        if let Some(place) = line.get_mut(ix) {
                            *place = add(*place, *value);
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Exact against the definition.
        #[test]
        fn agrees_with_the_definition(
            c in 1usize..3,
            h in 1usize..9,
            w in 1usize..9,
            kernel in [1usize..4, 1usize..4],
            stride in [1usize..4, 1usize..4],
            pad in [0usize..4, 0usize..4],
            dilation in [1usize..3, 1usize..3],
        ) {
            let size = |axis: usize, length: usize| {
                let extent = dilation[axis] * (kernel[axis] - 1) + 1;
                (length + 2 * pad[axis]).checked_sub(extent).map(|room| room / stride[axis] + 1)
            };
            let (Some(oh), Some(ow)) = (size(0, h), size(1, w)) else { return Ok(()) };
            let window = Window { input: [h, w], kernel, stride, pad, dilation, output: [oh, ow] };
            let picture: Vec<i32> = (1..).take(c * h * w).collect();
            let mut columns = vec![99; 5];
            im2col(&picture, &window, &mut columns);
            let mut expected = Vec::new();
            for row in 0..c * kernel[0] * kernel[1] {
                let (kx, ky) = (row % kernel[1], row / kernel[1] % kernel[0]);
                let plane = row / (kernel[0] * kernel[1]) * h * w;
                for position in 0..oh * ow {
                    let (y, x) = (position / ow * stride[0], position % ow * stride[1]);
                    let iy = (y + ky * dilation[0]).wrapping_sub(pad[0]);
                    let ix = (x + kx * dilation[1]).wrapping_sub(pad[1]);
                    let inside = iy < h && ix < w;
                    expected.push(if inside { picture[plane + iy * w + ix] } else { 0 });
                }
            }
            prop_assert_eq!(columns, expected);
        }

        /// Exact, in integers: the inner products of a transpose.
        #[test]
        fn col2im_is_the_transpose(
            c in 1usize..3,
            h in 1usize..7,
            w in 1usize..7,
            kernel in [1usize..4, 1usize..4],
            stride in [1usize..4, 1usize..4],
            pad in [0usize..3, 0usize..3],
            dilation in [1usize..3, 1usize..3],
        ) {
            let size = |axis: usize, length: usize| {
                let extent = dilation[axis] * (kernel[axis] - 1) + 1;
                (length + 2 * pad[axis]).checked_sub(extent).map(|room| room / stride[axis] + 1)
            };
            let (Some(oh), Some(ow)) = (size(0, h), size(1, w)) else { return Ok(()) };
            let window = Window { input: [h, w], kernel, stride, pad, dilation, output: [oh, ow] };
            let picture: Vec<f32> = (0..c * h * w).map(|k| (k * 7 % 11) as f32 - 5.0).collect();
            let mut columns = Vec::new();
            im2col(&picture, &window, &mut columns);
            let other: Vec<f32> = (0..columns.len()).map(|k| (k * 5 % 13) as f32 - 6.0).collect();
            let mut back = vec![0.0; picture.len()];
            col2im(&other, &window, &mut back);
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            prop_assert_eq!(dot(&columns, &other), dot(&picture, &back));
        }
    }
}
