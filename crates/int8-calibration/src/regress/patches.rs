use std::ops::Range;

use uframework::{Random, Value};
use umodel::LayerOp;
use umodel::layers::Convolution;

/// The values that a layer multiplies by its weights, at positions of its top that were drawn from all pictures.
pub(super) struct Patches<'a> {
    integers: &'a [Value],
    reals: &'a [Value],
    /// The inverse of the real value of an integer.
    inverse: f32,
    window: Window,
    positions: Vec<Position>,
}

/// A picture and a pixel of the top.
struct Position {
    iteration: usize,
    picture: usize,
    pixel: [usize; 2],
}

/// Some of the channels that a group of a layer reads.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) group: usize,
    channels: Range<usize>,
}

/// Which values of a picture are read for a pixel of the top.
#[derive(Clone, Debug)]
struct Window {
    /// Channels of a group, height and width of the bottom.
    bottom: [usize; 3],
    groups: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    pad: [usize; 2],
    dilation: [usize; 2],
    /// Height and width of the top.
    top: [usize; 2],
}

impl Window {
    /// Of a layer with a bottom and a top of these shapes; none for other layers than Convolution and InnerProduct.
    fn of(op: &LayerOp, bottom: &[usize], top: &[usize]) -> Option<(usize, Window)> {
        let convolution = |p: &Convolution| {
            let (&[pictures, channels, h, w], &[_, _, out_h, out_w]) = (bottom, top) else {
                return None;
            };
            let bottom = [channels / p.group, h, w];
            let window = Window {
                bottom,
                groups: p.group,
                kernel: p.kernel,
                stride: p.stride,
                pad: p.pad,
                dilation: p.dilation,
                top: [out_h, out_w],
            };
            Some((pictures, window))
        };
        match op {
            LayerOp::Convolution(p) => convolution(p),
            LayerOp::ConvolutionDepthwise(p) => convolution(&p.convolution),
            LayerOp::DepthwiseConvolution(p) => convolution(&p.convolution),
            LayerOp::InnerProduct(p) => {
                let axes = i32::try_from(bottom.len()).ok()?;
                let axis = usize::try_from(p.axis.rem_euclid(axes.max(1))).ok()?;
                let rows = bottom[..axis].iter().product();
                let columns = bottom[axis..].iter().product();
                let window = Window {
                    bottom: [columns, 1, 1],
                    groups: 1,
                    kernel: [1; 2],
                    stride: [1; 2],
                    pad: [0; 2],
                    dilation: [1; 2],
                    top: [1; 2],
                };
                Some((rows, window))
            }
            _ => None,
        }
    }

    fn weights(&self) -> usize {
        self.bottom[0] * self.area()
    }

    fn area(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// The values of some channels of a group that one pixel is made of, in the order of the weights.
    fn gather(
        &self,
        part: &Part,
        position: &Position,
        row: &mut [f32],
        value: impl Fn(usize) -> f32,
    ) {
        let [channels, height, width] = self.bottom;
        let plane = height * width;
        let group = (position.picture * self.groups + part.group) * channels;
        let first = (group + part.channels.start) * plane;
        let area = self.area();
        for ky in 0..self.kernel[0] {
            for kx in 0..self.kernel[1] {
                let place = |axis: usize, tap: usize| {
                    let inside =
                        position.pixel[axis] * self.stride[axis] + tap * self.dilation[axis];
                    inside.checked_sub(self.pad[axis]).filter(|&at| at < self.bottom[axis + 1])
                };
                let at = place(0, ky).zip(place(1, kx)).map(|(y, x)| first + y * width + x);
                let taps = row[ky * self.kernel[1] + kx..].iter_mut().step_by(area);
                for (channel, tap) in taps.take(part.channels.len()).enumerate() {
                    *tap = at.map_or(0.0, |at| value(at + channel * plane));
                }
            }
        }
    }
}

impl<'a> Patches<'a> {
    /// Of about so many positions, fewer if the tops have no more. `scale` is the real value of an integer.
    pub(super) fn new(
        op: &LayerOp,
        top: &[usize],
        integers: &'a [Value],
        reals: &'a [Value],
        scale: f32,
        seed: u64,
        wanted: impl Fn(usize) -> usize,
    ) -> Option<Self> {
        let (pictures, window) = Window::of(op, integers.first()?.shape(), top)?;
        let pixels = window.top[0] * window.top[1];
        let each =
            wanted(window.weights()).div_ceil((integers.len() * pictures).max(1)).clamp(1, pixels);
        let mut random = Random::new(seed);
        let mut positions = Vec::with_capacity(each * pictures * integers.len());
        for iteration in 0..integers.len() {
            for picture in 0..pictures {
                // One of each stretch of pixels, so that no two are the same.
                for draw in 0..each {
                    let (start, end) = (draw * pixels / each, (draw + 1) * pixels / each);
                    let offset = random.bits() % (end - start).max(1) as u64;
                    let pixel = start + usize::try_from(offset).unwrap_or(0);
                    let pixel = [pixel / window.top[1], pixel % window.top[1]];
                    positions.push(Position { iteration, picture, pixel });
                }
            }
        }
        Some(Patches { integers, reals, inverse: 1.0 / scale, window, positions })
    }

    pub(super) fn groups(&self) -> usize {
        self.window.groups
    }

    /// How many weights each sum has.
    pub(super) fn weights(&self) -> usize {
        self.window.weights()
    }

    /// Equal parts of the groups, one group after the other, of at most so many weights if that is possible.
    pub(super) fn parts(&self, most: usize) -> Vec<Part> {
        let (channels, area) = (self.window.bottom[0], self.window.area());
        let count = (channels * area).div_ceil(most).clamp(1, channels.max(1));
        let part = |group: usize, part: usize| {
            let channels = part * channels / count..(part + 1) * channels / count;
            Part { group, channels }
        };
        (0..self.groups())
            .flat_map(|group| (0..count).map(move |index| part(group, index)))
            .collect()
    }

    /// The places of a part's weights among those of its group.
    pub(super) fn places(&self, part: &Part) -> Range<usize> {
        let area = self.window.area();
        part.channels.start * area..part.channels.end * area
    }

    /// How many positions there are in the iterations of the first half, and in all.
    pub(super) fn halves(&self) -> [usize; 2] {
        let half = self.integers.len() / 2;
        [self.positions.partition_point(|position| position.iteration < half), self.positions.len()]
    }

    /// The integers that a part of the layer reads for these positions, a row for each, and how far the real values are
    /// from them, in the same steps.
    pub(super) fn rows(&self, part: &Part, range: Range<usize>) -> (Vec<f32>, Vec<f32>) {
        let weights = self.places(part).len();
        let mut integers = vec![0f32; range.len() * weights];
        let mut errors = vec![0f32; range.len() * weights];
        let rows = integers.chunks_exact_mut(weights).zip(errors.chunks_exact_mut(weights));
        for (position, (integers, errors)) in self.positions[range].iter().zip(rows) {
            let stored = &self.integers[position.iteration];
            match stored {
                Value::F32(values) => {
                    gather(self, part, position, integers, values.as_slice(), |v| v)
                }
                Value::I8(values) => {
                    gather(self, part, position, integers, values.as_slice(), f32::from)
                }
                Value::U8(values) => {
                    gather(self, part, position, integers, values.as_slice(), f32::from)
                }
            }
            if let Value::F32(values) = &self.reals[position.iteration] {
                gather(self, part, position, errors, values.as_slice(), |v| v * self.inverse);
            }
            errors.iter_mut().zip(integers.iter()).for_each(|(error, &integer)| *error -= integer);
        }
        (integers, errors)
    }
}

fn gather<T: Copy>(
    patches: &Patches<'_>,
    part: &Part,
    position: &Position,
    row: &mut [f32],
    values: Option<&[T]>,
    number: impl Fn(T) -> f32,
) {
    let values = values.unwrap_or_default();
    patches.window.gather(part, position, row, |at| values.get(at).map_or(0.0, |&v| number(v)));
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;
    use uframework::Executor;
    use umodel::{Net, NetParameter, NoSources, Phase};

    use super::*;

    /// Layers of all windows: stride, padding, dilation, groups, and rows of any axis.
    const LAYERS: [&str; 5] = [
        "type: 'Convolution' convolution_param { num_output: 6 kernel_h: 3 kernel_w: 2 stride: 2 pad: 1 }",
        "type: 'Convolution' convolution_param { num_output: 4 group: 2 kernel_size: 3 dilation: 2 pad: 2 bias_term: false }",
        "type: 'DepthwiseConvolution' convolution_param { num_output: 4 group: 4 kernel_size: 3 pad_h: 1 }",
        "type: 'InnerProduct' inner_product_param { num_output: 5 }",
        "type: 'InnerProduct' inner_product_param { num_output: 5 axis: -1 transpose: true }",
    ];

    /// Mixed error 1e-5: each row times the weights is the layer's top at its position, and there is a row for every
    /// position.
    #[test]
    fn rows_times_weights_are_the_top() {
        for layer in LAYERS {
            let text = format!(
                "layer {{ name: 'data' type: 'Input' top: 'data' input_param {{ shape {{ dim: 2 dim: 4 dim: 7 dim: 6 }} }} }}
                 layer {{ name: 'y' bottom: 'data' top: 'y' {layer} }}"
            );
            let model = NetParameter::parse_text(&text).expect("a prototxt");
            let net = Net::new(&model, None, Phase::Test, &NoSources).expect("a net");
            let mut random = Random::new(3);
            let mut specs = net.specs();
            let shapes = net.layers()[1].op.weight_shapes(&[&[2, 4, 7, 6]]).expect("shapes");
            #[expect(clippy::cast_possible_truncation, reason = "weights are fp32")]
            let weights: Vec<ArrayD<f32>> = shapes
                .iter()
                .map(|shape| ArrayD::from_shape_fn(shape.as_slice(), |_| random.normal() as f32))
                .collect();
            specs[1].set_weights(weights.clone());
            let net = Net::from_specs("", specs).expect("a net");
            let executor = Executor::new(net.into()).expect("an executor");
            let values: Vec<Value> =
                (0..3).map(|_| random.value(&[2, 4, 7, 6], umodel::BlobFormat::F32)).collect();
            let id = executor.net().blob_id("data").expect("the input");
            let top = |value: &Value| {
                executor.outputs(vec![(id, value.clone())]).expect("runs")[0].to_f32(1.0)
            };
            let tops: Vec<ArrayD<f32>> = values.iter().map(top).collect();
            let op = &executor.net().layers()[1].op;
            let patches = Patches::new(op, tops[0].shape(), &values, &values, 0.5, 1, |_| 100_000)
                .expect("patches");
            let turned = matches!(op, LayerOp::InnerProduct(p) if p.transpose);
            let matrix = if turned { weights[0].t().to_owned() } else { weights[0].clone() };
            let matrix: Vec<f32> = matrix.iter().copied().collect();
            let width = patches.weights();
            let outputs = matrix.len() / width;
            let bias = |output: usize| weights.get(1).map_or(0.0, |bias| bias[output]);
            let [_, all] = patches.halves();
            let tops: Vec<f32> = tops.iter().flatten().copied().collect();
            assert_eq!(all * outputs, tops.len(), "{layer}");
            let each = outputs / patches.groups();
            let pixels = patches.window.top[0] * patches.window.top[1];
            for part in patches.parts(usize::MAX) {
                let group = part.group;
                let (rows, errors) = patches.rows(&part, 0..all);
                for (position, row) in rows.chunks_exact(width).enumerate() {
                    for output in group * each..(group + 1) * each {
                        let weights = &matrix[output * width..][..width];
                        let sum: f32 = row.iter().zip(weights).map(|(x, w)| x * w).sum();
                        let place =
                            (position / pixels * outputs + output) * pixels + position % pixels;
                        let (sum, top) = (sum + bias(output), tops[place]);
                        assert!(
                            (sum - top).abs() < 1e-5 * (1.0 + top.abs()),
                            "{layer}: {sum} {top}"
                        );
                    }
                }
                // Reals in steps of 0.5 are twice the integers, which have the same values here.
                let close = |(x, error): (&f32, &f32)| (x - error).abs() < 1e-6;
                assert!(rows.iter().zip(&errors).all(close), "{layer}");
            }
        }
    }
}
