//! Resizing of planes along two axes, each by weighted values of the input.

use umodel::Taps;

/// Resizes every plane of `[h, w]`: along rows first, then along columns. `scratch` is a buffer.
pub(crate) fn resample(
    input: &[f32],
    [h, w]: [usize; 2],
    [rows, columns]: [&Taps; 2],
    scratch: &mut Vec<f32>,
    output: &mut [f32],
) {
    let (height, width) = (rows.len(), columns.len());
    let planes = input.chunks_exact((h * w).max(1));
    for (input, output) in planes.zip(output.chunks_exact_mut((height * width).max(1))) {
        scratch.clear();
        for row in input.chunks_exact(w.max(1)) {
            let values = (0..width)
                .map(|x| columns.at(x).fold(0.0, |sum, (place, weight)| sum + row[place] * weight));
            scratch.extend(values);
        }
        for (y, output) in output.chunks_exact_mut(width.max(1)).enumerate() {
            output.fill(0.0);
            for (place, weight) in rows.at(y) {
                let row = &scratch[place * width..][..width];
                output.iter_mut().zip(row).for_each(|(y, &x)| *y += x * weight);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative 1e-6 against the sum over all pairs of taps.
    #[test]
    fn agrees_with_the_definition() {
        let input: Vec<f32> = (0..2 * 3 * 4).map(|k| ((k * 37) % 11) as f32 - 4.0).collect();
        let rows = Taps::linear(3, [0.0, 0.4, 1.7, 2.0, 9.0].into_iter());
        let columns = Taps::linear(4, [-3.0, 0.25, 2.9, 3.0].into_iter());
        let mut found = vec![9.0; 2 * 5 * 4];
        resample(&input, [3, 4], [&rows, &columns], &mut Vec::new(), &mut found);
        for (index, &found) in found.iter().enumerate() {
            let (plane, y, x) = (index / 20, index / 4 % 5, index % 4);
            let mut expected = 0.0;
            for (row, a) in rows.at(y) {
                for (column, b) in columns.at(x) {
                    expected += input[plane * 12 + row * 4 + column] * a * b;
                }
            }
            assert!((found - expected).abs() <= 1e-6 * (1.0 + expected.abs()), "{index}");
        }
    }
}
