//! fp32 sums and maxima under a window, added in the order of BM1684's commands.

use std::ops::Range;

use umodel::quant::float::{Factor, Slide, Unit, Window};

use super::arithmetic::{add, exact_product, flushed};

/// The weights and the bias that a window reads; empty if it has none.
pub(super) struct Weights<'a> {
    pub(super) weights: &'a [f32],
    pub(super) bias: &'a [f32],
}

/// What a tap reaches along the columns of a row: the outputs that have a value there, the first one's place, and how far
/// apart these places are.
struct Reach {
    outputs: Range<usize>,
    first: usize,
    step: usize,
}

impl Reach {
    fn of(slide: &Slide, tap: usize) -> Reach {
        let place = |output: &usize| slide.place(*output, tap);
        let first = (0..slide.output).find(|output| place(output).is_some());
        let start = first.unwrap_or(0);
        let count = (start..slide.output).take_while(|output| place(output).is_some()).count();
        let first = first.and_then(|output| place(&output)).unwrap_or(0);
        Reach { outputs: start..start + count, first, step: slide.stride }
    }

    /// The inputs of the outputs, in their order.
    fn inputs<'a>(&self, line: &'a [f32]) -> impl Iterator<Item = &'a f32> {
        line.get(self.first..).unwrap_or_default().iter().step_by(self.step)
    }

    /// `sum += x · weight` for a row of sums.
    fn add_products(&self, sums: &mut [f32], line: &[f32], weight: f32) {
        let sums = sums[self.outputs.clone()].iter_mut();
        if self.step == 1 {
            // The compiler makes vectors of this.
            let inputs = &line[self.first..self.first + self.outputs.len()];
            sums.zip(inputs).for_each(|(sum, x)| *sum += x * weight);
        } else {
            sums.zip(self.inputs(line)).for_each(|(sum, x)| *sum += x * weight);
        }
    }
}

/// Computes all outputs.
pub(super) fn run_window(window: &Window, input: &[f32], from: &Weights<'_>, output: &mut [f32]) {
    let [rows, columns] = &window.axes;
    let plane = rows.input * columns.input;
    let width = columns.output;
    let reaches: Vec<Reach> = (0..columns.kernel).map(|tap| Reach::of(columns, tap)).collect();
    let outputs = window.outputs();
    let mut sums_of_row = vec![0.0f32; 4 * width];
    let planes = output.chunks_exact_mut((rows.output * width).max(1));
    for (index, top) in planes.enumerate() {
        let (image, channel) = (index / outputs, index % outputs);
        for (row, top) in top.chunks_exact_mut(width.max(1)).enumerate() {
            let line = |channel: usize, place: usize| {
                let start = (image * window.channels + channel) * plane + place * columns.input;
                &input[start..start + columns.input]
            };
            // The rows of the kernel that lie on a row of the input.
            let taps = (0..rows.kernel).filter_map(|tap| Some((tap, rows.place(row, tap)?)));
            match &window.unit {
                Unit::Max => {
                    top.fill(f32::MIN);
                    for (_, place) in taps {
                        for reach in &reaches {
                            let tops = top[reach.outputs.clone()].iter_mut();
                            for (y, &x) in tops.zip(reach.inputs(line(channel, place))) {
                                *y = if x > *y { x } else { *y };
                            }
                        }
                    }
                }
                Unit::Depthwise { weights, .. } => {
                    sums_of_row.fill(0.0);
                    for (tap_row, place) in taps {
                        for (tap_column, reach) in reaches.iter().enumerate() {
                            let tap = tap_row * columns.kernel + tap_column;
                            let weight = match weights {
                                Factor::All(weight) => *weight,
                                Factor::Each(_) => {
                                    from.weights[channel * rows.kernel * columns.kernel + tap]
                                }
                            };
                            let sums = &mut sums_of_row[tap % 2 * width..][..width];
                            reach.add_products(sums, line(channel, place), weight);
                        }
                    }
                    let (even, odd) = sums_of_row.split_at(width);
                    top.iter_mut().zip(even.iter().zip(odd)).for_each(|(y, (e, o))| *y = e + o);
                }
                Unit::Convolution { groups, .. } => {
                    sums_of_row.fill(0.0);
                    let each = window.channels / groups;
                    let first = channel / (outputs / groups) * each;
                    let kernel = rows.kernel * columns.kernel;
                    let weights = &from.weights[channel * each * kernel..][..each * kernel];
                    for (tap_row, place) in taps {
                        for (tap_column, reach) in reaches.iter().enumerate() {
                            let tap = tap_row * columns.kernel + tap_column;
                            for own in 0..each {
                                let step = tap * each.div_ceil(2) + own / 2;
                                let sums = 2 * (own % 2) + step % 2;
                                let sums = &mut sums_of_row[sums * width..][..width];
                                let line = line(first + own, place);
                                reach.add_products(sums, line, weights[own * kernel + tap]);
                            }
                        }
                    }
                    let (even, odd) = sums_of_row.split_at(2 * width);
                    let pair = |sums: &[f32], at: usize| sums[at] + sums[width + at];
                    for (at, y) in top.iter_mut().enumerate() {
                        *y = pair(even, at) + pair(odd, at);
                    }
                }
            }
            if let Some(bias) = from.bias.get(channel) {
                top.iter_mut().for_each(|y| *y += bias);
            }
            // Only sums as small as these can differ from the chip's, for which numbers below the normal ones are zeros.
            for (column, y) in top.iter_mut().enumerate() {
                if *y != 0.0 && y.abs() < SMALL {
                    *y = small(window, input, from, [image, channel, row, column]);
                }
            }
        }
    }
}

/// Sums of numbers of which one is at least as large as the least normal one lose nothing of what is below that.
const SMALL: f32 = 1e-29;

/// One output, every product and every sum of which is flushed to zero as the chip does it.
fn small(window: &Window, input: &[f32], from: &Weights<'_>, at: [usize; 4]) -> f32 {
    let [image, channel, row, column] = at;
    let [rows, columns] = &window.axes;
    let (first, each, convolves) = match window.unit {
        Unit::Convolution { groups, outputs, .. } => {
            let each = window.channels / groups;
            (channel / (outputs / groups) * each, each, true)
        }
        Unit::Depthwise { .. } => (channel, 1, false),
        Unit::Max => {
            let start = (image * window.channels + channel) * rows.input * columns.input;
            let taps = (0..rows.kernel).filter_map(|tap| rows.place(row, tap)).flat_map(|y| {
                let places = (0..columns.kernel).filter_map(|tap| columns.place(column, tap));
                places.map(move |x| input[start + y * columns.input + x])
            });
            return flushed(taps.fold(f32::MIN, |most, x| if x > most { x } else { most }));
        }
    };
    let kernel = rows.kernel * columns.kernel;
    let mut sums = [0.0; 4];
    for tap in 0..kernel {
        let y = rows.place(row, tap / columns.kernel);
        let x = columns.place(column, tap % columns.kernel);
        let Some((y, x)) = y.zip(x) else { continue };
        for own in 0..each {
            let plane = (image * window.channels + first + own) * rows.input;
            let value = input[(plane + y) * columns.input + x];
            let weight = match &window.unit {
                Unit::Depthwise { weights: Factor::All(weight), .. } => *weight,
                _ => from.weights[(channel * each + own) * kernel + tap],
            };
            let sum = match convolves {
                true => 2 * (own % 2) + (tap * each.div_ceil(2) + own / 2) % 2,
                false => tap % 2,
            };
            sums[sum] = add(sums[sum], exact_product(value, weight));
        }
    }
    let sum = add(add(sums[0], sums[1]), add(sums[2], sums[3]));
    from.bias.get(channel).map_or(sum, |&bias| add(sum, bias))
}
