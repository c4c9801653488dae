//! fp32 sums and maxima under a sliding window, in the order in which BM1684's commands add.

use std::sync::Arc;

use super::{Float, Input, Source, Stage, Step};
use crate::layers::Convolution;
use crate::movement::{Axis, Movement};
use crate::quant::float::program::Build;

/// The largest dilation of a command. Beyond it the kernel itself has the zeros, which are counted in the order of a
/// sum like all others.
const MAX_DILATION: usize = 16;
/// The most input channels of a command.
const MAX_CHANNELS: usize = 4095;

/// How a window slides along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slide {
    /// Values along the bottom.
    pub input: usize,
    /// Windows.
    pub output: usize,
    /// Values under a window.
    pub kernel: usize,
    /// From one window to the next.
    pub stride: usize,
    /// Zeros in front of the first value. If negative, so many are left out.
    pub pad: isize,
    /// From one value under a window to the next.
    pub dilation: usize,
}

impl Slide {
    /// The place in the bottom of a value under a window; none where a zero is.
    pub fn place(&self, output: usize, tap: usize) -> Option<usize> {
        let at = (output * self.stride + tap * self.dilation).checked_add_signed(-self.pad)?;
        (at < self.input).then_some(at)
    }
}

/// What is computed under a window.
#[derive(Clone, Debug, PartialEq)]
pub enum Unit {
    /// A sum over the channels of a group. With taps (rows of the kernel one after the other) and pairs of channels
    /// counted together, taps first, there are four sums, all rounded after each product and each addition: of the even
    /// channels of even pairs (e₀) and of odd ones (e₁), and of the odd channels likewise (o₀, o₁). The result is
    /// `((e₀ + e₁) + (o₀ + o₁)) + bias`.
    Convolution {
        /// Groups of channels.
        groups: usize,
        /// Channels of the top.
        outputs: usize,
        /// `[outputs, channels of a group, kh, kw]`. Those that are not known before have a kernel of 1 × 1 and an even
        /// number of channels.
        weights: Source,
        /// `[outputs]`.
        bias: Option<Source>,
    },
    /// A sum over each channel by itself: one sum of even taps and one of odd ones, then `(e + o) + bias`.
    Depthwise {
        /// `[channels, kh, kw]`, or one for all.
        weights: Factor,
        /// `[channels]`.
        bias: Option<Source>,
    },
    /// The largest value; padding is the least fp32 number.
    Max,
}

/// Weights of a depthwise window.
#[derive(Clone, Debug, PartialEq)]
pub enum Factor {
    /// `[channels, kh, kw]`.
    Each(Source),
    /// One number.
    All(f32),
}

/// A window that slides over pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// `[N, C, H, W]`.
    pub input: Source,
    /// N.
    pub images: usize,
    /// C.
    pub channels: usize,
    /// Along H and W.
    pub axes: [Slide; 2],
    /// What is computed.
    pub unit: Unit,
}

impl Window {
    /// Channels of the result.
    pub fn outputs(&self) -> usize {
        match self.unit {
            Unit::Convolution { outputs, .. } => outputs,
            Unit::Depthwise { .. } | Unit::Max => self.channels,
        }
    }

    /// How many values the result has.
    pub fn len(&self) -> usize {
        self.images * self.outputs() * self.axes[0].output * self.axes[1].output
    }

    /// Whether there is nothing to compute.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Weights `[a, b, kh, kw]`, changed place by place.
struct Kernel {
    sizes: [usize; 4],
    values: Vec<f32>,
}

impl Kernel {
    fn at(&self, [a, b, y, x]: [usize; 4]) -> f32 {
        let [_, n, h, w] = self.sizes;
        self.values[((a * n + b) * h + y) * w + x]
    }

    fn of(sizes: [usize; 4], value: impl Fn([usize; 4]) -> f32) -> Kernel {
        let [n, c, h, w] = sizes;
        let mut values = Vec::with_capacity(n * c * h * w);
        for a in 0..n {
            for b in 0..c {
                for y in 0..h {
                    values.extend((0..w).map(|x| value([a, b, y, x])));
                }
            }
        }
        Kernel { sizes, values }
    }

    /// With zeros between the values, so that a dilation becomes 1.
    fn spread(self, dilation: [usize; 2]) -> Kernel {
        let [n, c, h, w] = self.sizes;
        let reach = |size: usize, dilation: usize| (size - 1) * dilation + 1;
        let sizes = [n, c, reach(h, dilation[0]), reach(w, dilation[1])];
        Kernel::of(sizes, |[a, b, y, x]| {
            let inside = y.is_multiple_of(dilation[0]) && x.is_multiple_of(dilation[1]);
            if inside { self.at([a, b, y / dilation[0], x / dilation[1]]) } else { 0.0 }
        })
    }
}

impl Float<'_> {
    /// A convolution, or, `transposed`, the backward pass of one.
    pub(crate) fn convolution(&self, p: &Convolution, transposed: bool) -> Option<Vec<Step>> {
        let &[bottom] = self.bottoms else { return None };
        let (&[images, channels, ..], &[_, outputs, ..]) = (bottom, self.top) else { return None };
        let each = channels / p.group;
        let depthwise = p.group > 1 && p.group == channels && p.group == outputs;
        let [kh, kw] = p.kernel;
        let kernel = if transposed {
            // Turned by half a circle, and inputs and outputs changed.
            let given =
                Kernel { sizes: [channels, outputs / p.group, kh, kw], values: self.numbers(0)? };
            let each_output = outputs / p.group;
            Kernel::of([outputs, each, kh, kw], |[output, input, y, x]| {
                let (part, output) = (output / each_output, output % each_output);
                given.at([part * each + input, output, kh - 1 - y, kw - 1 - x])
            })
        } else {
            Kernel { sizes: [outputs, each, kh, kw], values: self.numbers(0)? }
        };
        let spread = p.dilation.map(|dilation| if dilation > MAX_DILATION { dilation } else { 1 });
        let kernel = kernel.spread(spread);
        let mut steps = Vec::new();
        let mut input = Source::Bottom(0);
        let mut sizes = [bottom[2], bottom[3]];
        if transposed && p.stride != [1, 1] {
            // The window slides over the bottom with stride − 1 zeros between its values.
            let movement = spread_axes([images * channels, sizes[0], sizes[1]], p.stride);
            steps.push(Step::Move { from: input, movement });
            input = Source::Step(0);
            sizes = [0, 1].map(|axis| (sizes[axis] - 1) * p.stride[axis] + 1);
        }
        let axes = [0, 1].map(|axis| {
            let dilation = p.dilation[axis] / spread[axis];
            let reach = (p.dilation[axis] * (p.kernel[axis] - 1)).cast_signed();
            let pad = p.pad[axis].cast_signed();
            Slide {
                input: sizes[axis],
                output: self.top[2 + axis],
                kernel: kernel.sizes[2 + axis],
                stride: if transposed { 1 } else { p.stride[axis] },
                pad: if transposed { reach - pad } else { pad },
                dilation,
            }
        });
        let bias = if p.bias { Some(self.weight(1)?) } else { None };
        let weights = Source::Values(Arc::new(kernel.values));
        let unit = match depthwise {
            true => Unit::Depthwise { weights: Factor::Each(weights), bias },
            false => Unit::Convolution { groups: p.group, outputs, weights, bias },
        };
        steps.push(Step::Window(Window { input, images, channels, axes, unit }));
        Some(steps)
    }

    /// The product of a bottom of `rows` times `length` values with learnt weights `[outputs, length]`: a convolution
    /// whose kernel covers each row, which is seen as channels and a width.
    pub(crate) fn rows(
        &self,
        [rows, length]: [usize; 2],
        outputs: usize,
        bias: bool,
        transposed: bool,
    ) -> Option<Vec<Step>> {
        let least = length.div_ceil(MAX_CHANNELS);
        let width = (least..=length).find(|&width| length.is_multiple_of(width))?;
        let mut values = self.numbers(0)?;
        if transposed {
            let given = values;
            let places = (0..outputs).flat_map(|output| (0..length).map(move |at| (at, output)));
            values = places.map(|(at, output)| given[at * outputs + output]).collect();
        }
        let slide = |input: usize| Slide {
            input,
            output: 1,
            kernel: input,
            stride: 1,
            pad: 0,
            dilation: 1,
        };
        let unit = Unit::Convolution {
            groups: 1,
            outputs,
            weights: Source::Values(Arc::new(values)),
            bias: if bias { Some(self.weight(1)?) } else { None },
        };
        let (input, channels) = (Source::Bottom(0), length / width);
        let axes = [slide(1), slide(width)];
        Some(vec![Step::Window(Window { input, images: rows, channels, axes, unit })])
    }

    /// Products of matrices `[M, K]` and `[K, N]`, of which there are `count` on either side. Either may be given with
    /// its axes changed.
    ///
    /// They are convolutions with kernels of 1 × 1 in `count` groups: of `[K, M]` by `[N, K]`.
    pub(crate) fn products(
        &self,
        count: usize,
        [m, k, n]: [usize; 3],
        [turned_a, turned_b]: [bool; 2],
        repeated: [Option<Movement>; 2],
    ) -> Option<Vec<Step>> {
        let mut steps: Vec<Step> = Vec::new();
        let [repeat_a, repeat_b] = repeated;
        let mut operand =
            |index: usize, repeat: Option<Movement>, turn: bool, sizes: [usize; 2]| {
                let mut from = Source::Bottom(index);
                if let Some(movement) = repeat {
                    steps.push(Step::Move { from, movement });
                    from = Source::Step(steps.len() - 1);
                }
                if turn && sizes[0] > 1 && sizes[1] > 1 {
                    let movement = Movement::permuted(&[count, sizes[0], sizes[1]], &[0, 2, 1]);
                    steps.push(Step::Move { from, movement });
                    from = Source::Step(steps.len() - 1);
                }
                from
            };
        // A bottom that is turned already has the order that is wanted of the first, and not of the second.
        let input = operand(0, repeat_a, !turned_a, [m, k]);
        let weights = operand(1, repeat_b, !turned_b, [k, n]);
        let even = k.next_multiple_of(2);
        let [input, weights] = if even == k {
            [input, weights]
        } else {
            // A channel of zeros makes pairs.
            [(input, [count, k, m]), (weights, [count * n, k, 1])].map(|(from, sizes)| {
                steps.push(Step::Move { from, movement: with_zeros(sizes) });
                Source::Step(steps.len() - 1)
            })
        };
        let slide = |length: usize| Slide {
            input: length,
            output: length,
            kernel: 1,
            stride: 1,
            pad: 0,
            dilation: 1,
        };
        let unit = Unit::Convolution { groups: count, outputs: count * n, weights, bias: None };
        let axes = [slide(1), slide(m)];
        steps.push(Step::Window(Window { input, images: 1, channels: count * even, axes, unit }));
        if m > 1 && n > 1 {
            let movement = Movement::permuted(&[count, n, m], &[0, 2, 1]);
            steps.push(Step::Move { from: Source::Step(steps.len() - 1), movement });
        }
        Some(steps)
    }

    /// Maxima or averages under windows over the last two axes.
    pub(crate) fn pooling(&self, axes: [Slide; 2], average: bool) -> Option<Vec<Step>> {
        let &[&[images, channels, ..]] = self.bottoms else { return None };
        let window = |unit| Window { input: Source::Bottom(0), images, channels, axes, unit };
        if !average {
            return Some(vec![Step::Window(window(Unit::Max))]);
        }
        // A window's area is what lies in the padded map.
        let areas = axes.map(|axis| {
            let end = axis.input + 2 * axis.pad.unsigned_abs();
            let length = move |output: usize| {
                (output * axis.stride + axis.kernel).min(end) - output * axis.stride
            };
            (0..axis.output).map(length).collect::<Vec<usize>>()
        });
        let factors: Vec<f32> = areas[0]
            .iter()
            .flat_map(|height| areas[1].iter().map(move |width| 1.0 / (height * width) as f32))
            .collect();
        let &first = factors.first()?;
        if factors.iter().all(|&factor| factor == first) {
            let unit = Unit::Depthwise { weights: Factor::All(first), bias: None };
            return Some(vec![Step::Window(window(unit))]);
        }
        let sum = Unit::Depthwise { weights: Factor::All(1.0), bias: None };
        let sizes = [images * channels, axes[0].output * axes[1].output];
        let build = Build::default();
        let product = build.input() * build.input();
        let program = build.finish(product);
        let inputs = vec![
            Input::dense(Source::Step(0), &sizes),
            Input::along(Source::Values(Arc::new(factors)), 1, 2),
        ];
        let stage = Stage { sizes: sizes.to_vec(), fold: None, inputs, program };
        Some(vec![Step::Window(window(sum)), Step::Compute(stage)])
    }
}

/// `[planes, height, width]` with zeros between rows and columns, so that they are so far apart.
fn spread_axes([planes, height, width]: [usize; 3], distance: [usize; 2]) -> Movement {
    let places = |size: usize, distance: usize, stride: usize| {
        let place = move |at: usize| at.is_multiple_of(distance).then_some(at / distance * stride);
        Axis::of((0..(size - 1) * distance + 1).map(place))
    };
    Movement::new(vec![
        Axis::run(0, height * width, planes),
        places(height, distance[0], width),
        places(width, distance[1], 1),
    ])
}

/// `[outer, middle, inner]` with zeros behind the middle.
fn with_zeros([outer, middle, inner]: [usize; 3]) -> Movement {
    let rows = (0..middle).map(|at| Some(at * inner)).chain([None]);
    Movement::new(vec![Axis::run(0, middle * inner, outer), Axis::of(rows), Axis::run(0, 1, inner)])
}
