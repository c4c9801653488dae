use std::ops::Range;

use rayon::prelude::*;
use uframework::Value;

use super::samples::OfLayer;
use super::window::Window;

/// Rows that a thread gathers at a time.
const LEAST_ROWS: usize = 32;

/// What a layer reads in int8 at the positions at which the fp32 layer was sampled.
pub(super) struct Patches<'a> {
    window: Window,
    /// One blob for each iteration.
    integers: &'a [Value],
    /// Iterations, pictures and pixels of the top.
    positions: Vec<(usize, usize, usize)>,
    /// For each position what the fp32 layer gave there, by output.
    tops: Vec<f32>,
}

/// Some of the channels that a group of a layer reads.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) group: usize,
    channels: Range<usize>,
}

impl<'a> Patches<'a> {
    pub(super) fn new(window: &Window, integers: &'a [Value], samples: &[&OfLayer]) -> Self {
        let mut positions = Vec::new();
        for (iteration, sample) in samples.iter().enumerate() {
            let of_sample = sample.positions.iter();
            positions.extend(of_sample.map(|&(picture, pixel)| (iteration, picture, pixel)));
        }
        let tops = samples.iter().flat_map(|sample| sample.values.iter().copied()).collect();
        Patches { window: *window, integers, positions, tops }
    }

    pub(super) fn groups(&self) -> usize {
        self.window.groups()
    }

    /// How many weights each sum has.
    pub(super) fn weights(&self) -> usize {
        self.window.weights()
    }

    /// Equal parts of the groups, one group after the other, of at most so many weights if that is possible.
    pub(super) fn parts(&self, most: usize) -> Vec<Part> {
        let channels = self.window.channels();
        let count = self.weights().div_ceil(most).clamp(1, channels.max(1));
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
        let first = self.positions.partition_point(|&(iteration, ..)| iteration < half);
        [first, self.positions.len()]
    }

    /// The integers that a part of the layer reads for these positions, a row for each.
    pub(super) fn rows(&self, part: &Part, range: Range<usize>) -> Vec<f32> {
        let weights = self.places(part).len();
        let mut rows = vec![0f32; range.len() * weights];
        let positions = self.positions[range].par_iter();
        let each = rows.par_chunks_exact_mut(weights.max(1)).with_min_len(LEAST_ROWS);
        each.zip(positions).for_each(|(row, &(iteration, picture, pixel))| {
            let at = (picture, pixel);
            match &self.integers[iteration] {
                Value::F32(values) => self.gather(part, at, row, values.as_slice(), |v| v),
                Value::I8(values) => self.gather(part, at, row, values.as_slice(), f32::from),
                Value::U8(values) => self.gather(part, at, row, values.as_slice(), f32::from),
            }
        });
        rows
    }

    fn gather<T: Copy>(
        &self,
        part: &Part,
        position: (usize, usize),
        row: &mut [f32],
        values: Option<&[T]>,
        number: impl Fn(T) -> f32,
    ) {
        let values = values.unwrap_or_default();
        let value = |at: usize| values.get(at).map_or(0.0, |&v| number(v));
        self.window.gather((part.group, &part.channels), position, row, value);
    }

    /// What the fp32 layer gave at a position, for these outputs.
    pub(super) fn tops(&self, position: usize, outputs: Range<usize>) -> &[f32] {
        let all = self.tops.len() / self.positions.len().max(1);
        &self.tops[position * all..][outputs]
    }
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayD;
    use uframework::{Executor, Random, Workspace};
    use umodel::{BlobFormat, LayerOp, Net, NetParameter, NoSources, Phase};

    use super::super::samples::{Sample, Samples};
    use super::*;

    /// Layers of all windows: stride, padding, dilation, groups, and rows of any axis.
    const LAYERS: [&str; 5] = [
        "type: 'Convolution' convolution_param { num_output: 6 kernel_h: 3 kernel_w: 2 stride: 2 pad: 1 }",
        "type: 'Convolution' convolution_param { num_output: 4 group: 2 kernel_size: 3 dilation: 2 pad: 2 bias_term: false }",
        "type: 'DepthwiseConvolution' convolution_param { num_output: 4 group: 4 kernel_size: 3 pad_h: 1 }",
        "type: 'InnerProduct' inner_product_param { num_output: 5 }",
        "type: 'InnerProduct' inner_product_param { num_output: 5 axis: -1 transpose: true }",
    ];

    /// A net with an input of 2 pictures of 4 channels, 7 rows and 6 columns, and one layer with random weights.
    fn net_of(layer: &str, random: &mut Random) -> Net {
        let text = format!(
            "layer {{ name: 'data' type: 'Input' top: 'data' input_param {{ shape {{ dim: 2 dim: 4 dim: 7 dim: 6 }} }} }}
             layer {{ name: 'y' bottom: 'data' top: 'y' {layer} }}"
        );
        let model = NetParameter::parse_text(&text).expect("a prototxt");
        let net = Net::new(&model, None, Phase::Test, &NoSources).expect("a net");
        let mut specs = net.specs();
        let shapes = net.layers()[1].op.weight_shapes(&[&[2, 4, 7, 6]]).expect("shapes");
        #[expect(clippy::cast_possible_truncation, reason = "weights are fp32")]
        let weight = |shape: &umodel::Shape| {
            ArrayD::from_shape_fn(shape.as_slice(), |_| random.normal() as f32)
        };
        specs[1].set_weights(shapes.iter().map(weight).collect::<Vec<ArrayD<f32>>>());
        Net::from_specs("", specs).expect("a net")
    }

    /// Mixed error 1e-5: each row times the weights is what the layer gave at its position, and there is a row for every
    /// position, since the tops have fewer than are asked for.
    #[test]
    fn rows_times_weights_are_the_samples() {
        for layer in LAYERS {
            let mut random = Random::new(3);
            let executor = Executor::new(net_of(layer, &mut random).into()).expect("an executor");
            let net = executor.net();
            let (input, y) = (net.blob_id("data").expect("a blob"), &net.layers()[1]);
            let values: Vec<Value> =
                (0..3).map(|_| random.value(&[2, 4, 7, 6], BlobFormat::F32)).collect();
            let mut samples = Samples::new(net, values.len());
            let mut workspace = Workspace::default();
            for value in &values {
                let mut sample = Sample::new(samples.plan());
                let sources = vec![(input, value.clone())];
                executor.forward(&mut workspace, sources, &mut sample).expect("runs");
                samples.add(sample);
            }
            let (window, of_layer) = samples.of_layer(1).expect("a layer with samples");
            let patches = Patches::new(window, &values, &of_layer);
            let turned = matches!(&y.op, LayerOp::InnerProduct(p) if p.transpose);
            let matrix = if turned { y.weights[0].t() } else { y.weights[0].view() };
            let matrix: Vec<f32> = matrix.iter().copied().collect();
            let width = patches.weights();
            let outputs = matrix.len() / width;
            let bias = |output: usize| y.weights.get(1).map_or(0.0, |bias| bias[output]);
            let [half, all] = patches.halves();
            let positions = values.len() * net.blob(y.tops[0]).shape.iter().product::<usize>();
            assert_eq!(([half * 3, all * outputs]), [all, positions], "{layer}");
            let each = outputs / patches.groups();
            for part in patches.parts(usize::MAX) {
                let rows = patches.rows(&part, 0..all);
                for (position, row) in rows.chunks_exact(width).enumerate() {
                    let outputs = part.group * each..(part.group + 1) * each;
                    let tops = patches.tops(position, outputs.clone());
                    for (output, top) in outputs.zip(tops) {
                        let weights = &matrix[output * width..][..width];
                        let sum: f32 = row.iter().zip(weights).map(|(x, w)| x * w).sum();
                        let sum = sum + bias(output);
                        let close = (sum - top).abs() < 1e-5 * (1.0 + top.abs());
                        assert!(close, "{layer}: {sum} {top}");
                    }
                }
            }
        }
    }

    /// Bit-exact: the parts of a group hold its rows, one beside the other.
    #[test]
    fn parts_hold_the_rows_of_a_group() {
        let mut random = Random::new(5);
        let net = net_of(LAYERS[0], &mut random);
        let shape = |id: umodel::BlobId| net.blob(id).shape.clone();
        let y = &net.layers()[1];
        let window = Window::of(&y.op, &shape(y.bottoms[0]), &shape(y.tops[0])).expect("a window");
        let values = [random.value(&[2, 4, 7, 6], BlobFormat::F32)];
        let sample =
            OfLayer { positions: vec![(0, 0), (1, 7)], values: vec![0.0; 2 * window.groups() * 6] };
        let patches = Patches::new(&window, &values, &[&sample]);
        let [whole] = &patches.parts(usize::MAX)[..] else { panic!("one part") };
        let parts = patches.parts(window.weights() / 2);
        assert_eq!(parts.len(), 2);
        let rows = patches.rows(whole, 0..2);
        for part in &parts {
            let places = patches.places(part);
            let of_part = patches.rows(part, 0..2);
            for (row, of_part) in rows.chunks(window.weights()).zip(of_part.chunks(places.len())) {
                assert_eq!(&row[places.clone()], of_part);
            }
        }
    }
}
