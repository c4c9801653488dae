//! Bilinear resizing in integers; the definition is [`umodel::quant::interpolate`].

use umodel::quant::interpolate::Interpolation;

use super::Int8;
use super::requantize::rsh;

/// Bits of the weights' sum.
const SHIFT: u8 = 8;

/// What of an [`Interpolation`] belongs to one row or column of the top.
#[derive(Clone, Copy, Debug)]
struct Pixel {
    /// Its neighbours in the bottom; the length of the bottom's axis where zero stands.
    neighbours: [usize; 2],
    phase: usize,
}

/// An [`Interpolation`], ready to be used.
#[derive(Clone, Debug)]
pub(crate) struct Interpolator {
    /// Height and width of the bottom.
    from: [usize; 2],
    rows: Vec<Pixel>,
    columns: Vec<Pixel>,
    /// For each phase of the rows the weights of each column.
    weights: Vec<Vec<[i32; 4]>>,
}

impl Interpolator {
    /// `from` is the bottom's height and width.
    pub(crate) fn new(plan: &Interpolation, from: [usize; 2]) -> Self {
        let pixels = |axis: usize| -> Vec<Pixel> {
            let places = &plan.axes[axis];
            let pixel = |(index, neighbours): (usize, &[Option<usize>; 2])| Pixel {
                neighbours: neighbours.map(|place| place.unwrap_or(from[axis])),
                phase: places.phase(index),
            };
            places.neighbours.iter().enumerate().map(pixel).collect()
        };
        let (rows, columns) = (pixels(0), pixels(1));
        let phases = rows.iter().map(|row| row.phase + 1).max().unwrap_or(0);
        let weights = |phase| {
            let of = |column: &Pixel| plan.weights([phase, column.phase]).map(i32::from);
            columns.iter().map(of).collect()
        };
        let weights = (0..phases).map(weights).collect();
        Interpolator { from, rows, columns, weights }
    }

    /// Resizes every plane; `scratch` is a buffer.
    pub(crate) fn run<T: Int8>(&self, input: &[T], scratch: &mut Vec<i32>, output: &mut [T]) {
        let [h, w] = self.from;
        let (height, width) = (self.rows.len(), self.columns.len());
        let planes = input.chunks_exact((h * w).max(1));
        // The bottom's planes with a row and a column of zeros behind.
        let stride = w + 1;
        scratch.clear();
        scratch.resize((h + 1) * stride, 0);
        for (input, output) in planes.zip(output.chunks_exact_mut((height * width).max(1))) {
            for (row, line) in scratch.chunks_exact_mut(stride).zip(input.chunks_exact(w.max(1))) {
                row.iter_mut().zip(line).for_each(|(to, &x)| *to = x.into());
            }
            for (row, output) in self.rows.iter().zip(output.chunks_exact_mut(width.max(1))) {
                let [upper, lower] = row.neighbours.map(|at| &scratch[at * stride..][..stride]);
                let columns = self.columns.iter().zip(&self.weights[row.phase]);
                for (y, (column, weights)) in output.iter_mut().zip(columns) {
                    let [left, right] = column.neighbours;
                    let [a, b, c, d] = weights;
                    let sum =
                        a * upper[left] + b * upper[right] + c * lower[left] + d * lower[right];
                    *y = T::saturate(rsh(sum, SHIFT));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use umodel::layers::Coordinates;
    use umodel::quant::interpolate::Linear;

    use super::*;

    /// Exact: numbers by hand. Twice the size, half pixels: 3/4 and 1/4, edges kept.
    #[test]
    fn doubles_a_plane() {
        let linear = Linear {
            coordinates: Coordinates::HalfPixel,
            scale: None,
            cut: [0, 0],
            zeros_behind: false,
        };
        let plan = linear.plan(&[1, 1, 1, 2], &[1, 1, 2, 4]).expect("two phases");
        let mut top = [0i8; 8];
        Interpolator::new(&plan, [1, 2]).run(&[-100i8, 100], &mut vec![7], &mut top);
        assert_eq!(top, [-100, -50, 50, 100, -100, -50, 50, 100]);
        // Halves are rounded up: 2.5 and −2.5.
        let plan = linear.plan(&[1, 1, 1, 2], &[1, 1, 1, 1]).expect("one phase");
        let mut top = [0i8; 2];
        Interpolator::new(&plan, [1, 2]).run(&[2i8, 3, -2, -3], &mut vec![], &mut top);
        assert_eq!(top, [3, -2]);
    }
}
