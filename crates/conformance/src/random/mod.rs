//! Random single-layer int8 nets, the same on every machine for the same seed.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "draws from small ranges, and bits of which a part is taken"
)]

mod float;
mod integer;
mod moving;
mod shifts;

use std::sync::Arc;

use ndarray::{Array1, ArrayD, IxDyn};
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools::umodel::{Arithmetic, BlobFormat, BlobId, DType, Rescale, Shifts};

/// Random numbers for geometries.
#[derive(Clone, Debug)]
pub struct Draw(Random);

impl Draw {
    /// A sequence of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Draw(Random::new(seed))
    }

    fn bits(&mut self) -> u64 {
        self.0.bits()
    }

    /// A number of this range, both ends included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + (self.bits() % (most - least + 1) as u64) as i64
    }

    /// A size of this range, both ends included.
    pub fn size(&mut self, least: usize, most: usize) -> usize {
        self.between(least as i64, most as i64) as usize
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.size(0, choices.len() - 1)]
    }

    /// True one time in `count`.
    pub fn once_in(&mut self, count: u64) -> bool {
        self.bits().is_multiple_of(count)
    }

    /// Any type.
    fn dtype(&mut self) -> DType {
        self.pick(&[DType::I8, DType::U8, DType::F32])
    }

    fn int8(&mut self) -> DType {
        self.pick(&[DType::I8, DType::U8])
    }

    fn batch(&mut self) -> usize {
        self.pick(&[1, 1, 1, 2, 4, 4, 5, 9])
    }

    fn weights(&mut self, shape: &[usize]) -> Arc<ArrayD<i8>> {
        Arc::new(ArrayD::from_shape_simple_fn(IxDyn(shape), || self.bits() as i8))
    }

    fn bias(&mut self, count: usize) -> Arc<Array1<i16>> {
        Arc::new(Array1::from_shape_simple_fn(count, || self.bits() as i16))
    }

    fn rescale(&mut self) -> Rescale {
        if self.once_in(5) {
            return Rescale::ONE;
        }
        let multiplier = match self.between(-128, 127) as i8 {
            0 => 1,
            multiplier => multiplier,
        };
        Rescale { multiplier, right_shift: self.size(0, 15) as u8 }
    }
}

/// One layer between Input layers and its top.
pub struct Layer {
    /// Type and parameters, as in a prototxt.
    pub text: String,
    /// Shapes and types of the bottoms.
    pub bottoms: Vec<(Vec<usize>, DType)>,
    /// Types of the tops.
    pub tops: Vec<DType>,
    /// What it computes with.
    pub arithmetic: Arithmetic,
}

impl Layer {
    /// The net of this layer alone.
    ///
    /// # Errors
    /// What umodel reports.
    pub fn net(&self, random: &mut Draw) -> Result<QuantizedNet, Box<dyn std::error::Error>> {
        let mut text = String::new();
        let mut reads = String::new();
        for (index, (shape, _)) in self.bottoms.iter().enumerate() {
            text += &format!(
                "layer {{ name: 'x{index}' type: 'Input' top: 'x{index}' \
                 input_param {{ shape {{ dim: {shape:?} }} }} }}\n"
            );
            reads += &format!("bottom: 'x{index}' ");
        }
        let tops: String = match self.tops.len() {
            1 => "top: 'y' ".into(),
            count => (0..count).map(|index| format!("top: 'y{index}' ")).collect(),
        };
        text += &format!("layer {{ name: 'layer' {tops}{reads} {} }}\n", self.text);
        let model = NetParameter::parse_text(&text)?;
        let net = Net::new(&model, None, Phase::Test, &NoSources)?;
        let net = if self.arithmetic == Arithmetic::Float { learnt(&net, random)? } else { net };
        let scale = random.between(1, 1000) as f32 / 500.0;
        let format = |dtype| match dtype {
            DType::F32 => BlobFormat::F32,
            DType::I8 | DType::U8 => BlobFormat { dtype, scale },
        };
        let types = self.bottoms.iter().map(|(_, dtype)| *dtype).chain(self.tops.iter().copied());
        let mut arithmetic = vec![Arithmetic::Cast; self.bottoms.len()];
        arithmetic.push(self.arithmetic.clone());
        Ok(QuantizedNet::new(net, types.map(format).collect(), arithmetic)?)
    }
}

/// The net with weights: numbers above 0, as variances are, and small.
fn learnt(net: &Net, random: &mut Draw) -> Result<Net, Box<dyn std::error::Error>> {
    let shape_of = |id: &BlobId| net.blob(*id).shape.as_slice();
    let mut specs = net.specs();
    for (spec, layer) in specs.iter_mut().zip(net.layers()) {
        let bottoms: Vec<&[usize]> = layer.bottoms.iter().map(shape_of).collect();
        let weight = |shape: Vec<usize>| {
            let value = || (random.bits() % 4096 + 1) as f32 / 2048.0;
            Arc::new(ArrayD::from_shape_simple_fn(shape, value))
        };
        spec.weights = spec.op.weight_shapes(&bottoms)?.into_iter().map(weight).collect();
    }
    Ok(Net::from_specs(net.name(), specs)?)
}

/// Draws a layer of some kind.
pub type DrawLayer = fn(&mut Draw) -> Layer;

/// A kind of layer, the number of cases, and how to draw one.
pub type Kind = (&'static str, usize, DrawLayer);

/// All kinds, with the number of cases of each.
pub const KINDS: &[Kind] = &[
    ("convolution", 40, convolution),
    ("large convolution", 14, large_convolution),
    ("odd convolution", 14, odd_convolution),
    ("grouped convolution", 16, grouped_convolution),
    ("depthwise convolution", 20, depthwise_convolution),
    ("depthwise layer", 8, depthwise_layer),
    ("limited relu", 6, limited_relu),
    ("unsqueeze", 4, unsqueeze),
    ("inner product", 24, inner_product),
    ("max pooling", 22, max_pooling),
    ("average pooling", 22, average_pooling),
    ("global pooling", 10, global_pooling),
    ("scale", 14, scale),
    ("relu", 6, relu),
    ("leaky relu", 8, leaky_relu),
    ("eltwise sum", 24, eltwise_sum),
    ("eltwise max", 14, eltwise_max),
    ("eltwise product", 16, eltwise_product),
    ("concat", 26, concat),
    ("reshape", 12, reshape),
    ("softmax", 16, softmax),
    ("quantize", 10, quantize),
    ("dequantize", 10, dequantize),
    ("permute", 20, moving::permute),
    ("large permute", 8, moving::large_permute),
    ("slice", 16, moving::slice),
    ("strided slice", 16, moving::strided_slice),
    ("tile", 12, moving::tile),
    ("crop", 10, moving::crop),
    ("pad", 20, moving::pad),
    ("shuffle channel", 10, moving::shuffle_channel),
    ("pixel shuffle", 10, moving::pixel_shuffle),
    ("reorg", 10, moving::reorg),
    ("reverse", 8, moving::reverse),
    ("upsample", 12, moving::upsample),
    ("nearest resample", 12, moving::resample),
    ("table", 20, integer::function),
    ("prelu", 14, integer::prelu),
    ("int8 broadcast", 40, integer::broadcast),
    ("scale by a bottom", 24, integer::scale),
    ("reduce", 24, integer::reduce),
    ("reduction", 10, integer::reduction),
    ("clipped pooling", 16, integer::clipped_pooling),
    ("deconvolution", 24, integer::deconvolution),
    ("resizing", 30, integer::resizing),
    ("fp32 function", 50, float::function),
    ("fp32 eltwise", 12, float::eltwise),
    ("fp32 broadcast", 24, float::broadcast),
    ("fp32 compare", 12, float::compare),
    ("fp32 convolution", 40, float::convolution),
    ("fp32 inner product", 16, float::inner_product),
    ("fp32 matmul", 16, float::mat_mul),
    ("fp32 pooling", 24, float::pooling),
    ("fp32 normalization", 40, float::normalization),
    ("fp32 weighted", 20, float::weighted),
    ("fp32 resizing", 16, float::resizing),
    ("convolution with shifts", 24, shifts::convolution),
    ("grouped with shifts", 24, shifts::grouped),
    ("depthwise with shifts", 24, shifts::depthwise),
    ("inner product with shifts", 24, shifts::inner_product),
    ("deconvolution with shifts", 24, shifts::deconvolution),
    ("scale with shifts", 16, shifts::scale),
];

/// A seed for each case of a kind, by its name and number.
pub fn seed(name: &str, index: usize) -> u64 {
    let text = name.bytes().chain(index.to_le_bytes());
    text.fold(1684, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

/// Draws layers until one is a valid net: geometry may leave nothing to compute.
pub fn draw(kind: DrawLayer, seed: u64) -> QuantizedNet {
    let mut random = Draw::new(seed);
    loop {
        let layer = kind(&mut random);
        if let Ok(net) = layer.net(&mut random) {
            return net;
        }
    }
}

struct Geometry {
    channels: [usize; 2],
    group: usize,
    size: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    pad: [usize; 2],
    dilation: [usize; 2],
}

fn convolve(random: &mut Draw, batch: usize, geometry: &Geometry) -> Layer {
    let Geometry { channels: [inputs, outputs], group, size, kernel, stride, pad, dilation } =
        geometry;
    let with_bias = !random.once_in(3);
    let reach = inputs / group * kernel[0] * kernel[1];
    let shift = (usize::BITS - (reach * 64).leading_zeros()) as i64;
    let text = format!(
        "type: 'Convolution' convolution_param {{ num_output: {outputs} group: {group} \
         kernel_size: {kernel:?} stride: {stride:?} pad: {pad:?} dilation: {dilation:?} \
         bias_term: {with_bias} }}"
    );
    Layer {
        text,
        bottoms: vec![(vec![batch, *inputs, size[0], size[1]], random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::MultiplyAccumulate {
            weights: random.weights(&[*outputs, inputs / group, kernel[0], kernel[1]]),
            bias: with_bias.then(|| random.bias(*outputs)),
            right_shifts: (random.between((shift - 5).max(0), shift + 3) as u8).into(),
        },
    }
}

fn pair(random: &mut Draw, least: usize, most: usize) -> [usize; 2] {
    [random.size(least, most), random.size(least, most)]
}

fn convolution(random: &mut Draw) -> Layer {
    let geometry = Geometry {
        channels: [random.size(1, 140), random.size(1, 140)],
        group: 1,
        size: pair(random, 1, 18),
        kernel: pair(random, 1, 5),
        stride: pair(random, 1, 3),
        pad: pair(random, 0, 3),
        dilation: if random.once_in(3) { pair(random, 1, 3) } else { [1, 1] },
    };
    let batch = random.batch();
    convolve(random, batch, &geometry)
}

/// More than local memory holds: rows, channels or images are cut.
fn large_convolution(random: &mut Draw) -> Layer {
    let (channels, size, kernel) = random.pick(&[
        ([64, 64], [120, 120], 1),
        ([3, 32], [224, 224], 3),
        ([512, 600], [7, 7], 3),
        ([1000, 300], [10, 10], 1),
        ([64, 70], [60, 60], 3),
        ([2048, 70], [9, 9], 1),
        ([3, 8], [20, 3000], 3),
    ]);
    let geometry = Geometry {
        channels,
        group: 1,
        size: [size[0] + random.size(0, 9), size[1] + random.size(0, 9)],
        kernel: [kernel, kernel],
        stride: [random.pick(&[1, 2]); 2],
        pad: pair(random, 0, 1),
        dilation: [1, 1],
    };
    let batch = random.pick(&[1, 1, 4]);
    convolve(random, batch, &geometry)
}

/// Values beyond the command's fields of four bits.
fn odd_convolution(random: &mut Draw) -> Layer {
    let geometry = Geometry {
        channels: [random.size(1, 20), random.size(1, 80)],
        group: 1,
        size: pair(random, 1, 60),
        kernel: pair(random, 1, 18),
        stride: pair(random, 1, 20),
        pad: pair(random, 0, 20),
        dilation: [random.pick(&[1, 2, 17, 20]), random.pick(&[1, 16, 18])],
    };
    convolve(random, 1, &geometry)
}

fn grouped_convolution(random: &mut Draw) -> Layer {
    let group = random.size(2, 9);
    let geometry = Geometry {
        channels: [group * random.size(1, 20), group * random.size(1, 20)],
        group,
        size: pair(random, 3, 12),
        kernel: pair(random, 1, 3),
        stride: pair(random, 1, 2),
        pad: pair(random, 0, 2),
        dilation: [1, 1],
    };
    let batch = random.batch();
    convolve(random, batch, &geometry)
}

fn depthwise_convolution(random: &mut Draw) -> Layer {
    let channels = random.size(2, 200);
    let large = random.once_in(4);
    let geometry = Geometry {
        channels: [channels; 2],
        group: channels,
        size: if large { pair(random, 100, 160) } else { pair(random, 3, 20) },
        kernel: pair(random, 1, 5),
        stride: pair(random, 1, 3),
        pad: pair(random, 0, 3),
        dilation: if random.once_in(4) { [1, 2] } else { [1, 1] },
    };
    let batch = if large { 1 } else { random.batch() };
    convolve(random, batch, &geometry)
}

/// A depthwise convolution as forks' layer types.
fn depthwise_layer(random: &mut Draw) -> Layer {
    let layer = depthwise_convolution(random);
    let kind = random.pick(&["'ConvolutionDepthwise'", "'DepthwiseConvolution'"]);
    Layer { text: layer.text.replacen("'Convolution'", kind, 1), ..layer }
}

/// The limit lies beyond what any scale of these nets reaches.
fn limited_relu(random: &mut Draw) -> Layer {
    let layer = relu(random);
    let text = random.pick(&[
        "type: 'ReLU6' relu6_param { threshold: 600 }",
        "type: 'Clip' clip_param { min: 0 max: 600 }",
    ]);
    Layer { text: text.into(), ..layer }
}

fn unsqueeze(random: &mut Draw) -> Layer {
    let dtype = random.int8();
    let shape = vec![random.batch(), random.size(1, 50), random.size(1, 9)];
    Layer {
        text: format!("type: 'Unsqueeze' unsqueeze_param {{ dim: {} }}", random.size(0, 3)),
        bottoms: vec![(shape, dtype)],
        tops: vec![dtype],
        arithmetic: Arithmetic::Same,
    }
}

fn inner_product(random: &mut Draw) -> Layer {
    let outputs = random.size(1, 300);
    let bottom = match random.size(0, 7) {
        0 => vec![random.batch(), random.size(4096, 9000)],
        1 => vec![random.batch(), 512, 5, 5],
        2 => vec![1, 4099],
        3 => vec![random.batch(), random.size(1, 9), random.size(1, 5)],
        _ => vec![random.batch(), random.size(1, 100), random.size(1, 6), random.size(1, 6)],
    };
    product(random, outputs, bottom, |random| (random.size(6, 16) as u8).into())
}

/// An InnerProduct of this bottom, with shifts that are drawn last.
fn product(
    random: &mut Draw,
    outputs: usize,
    bottom: Vec<usize>,
    shifts: impl FnOnce(&mut Draw) -> Shifts,
) -> Layer {
    let axis = if bottom.len() == 3 { random.size(0, 2) } else { 1 };
    let length: usize = bottom[axis..].iter().product();
    let with_bias = !random.once_in(3);
    Layer {
        text: format!(
            "type: 'InnerProduct' inner_product_param {{ num_output: {outputs} axis: {axis} \
             bias_term: {with_bias} }}"
        ),
        bottoms: vec![(bottom, random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::MultiplyAccumulate {
            weights: random.weights(&[outputs, length]),
            bias: with_bias.then(|| random.bias(outputs)),
            right_shifts: shifts(random),
        },
    }
}

fn pool(random: &mut Draw, method: &str) -> (String, Vec<usize>) {
    let kernel = pair(random, 1, 6);
    let stride = pair(random, 1, 4);
    let pad = [random.size(0, kernel[0] - 1), random.size(0, kernel[1] - 1)];
    let large = random.once_in(5);
    let size = if large { pair(random, 60, 130) } else { pair(random, 1, 20) };
    let text = format!(
        "type: 'Pooling' pooling_param {{ pool: {method} kernel_h: {} kernel_w: {} stride_h: {} \
         stride_w: {} pad_h: {} pad_w: {} }}",
        kernel[0], kernel[1], stride[0], stride[1], pad[0], pad[1]
    );
    let batch = if large { 1 } else { random.batch() };
    (text, vec![batch, random.size(1, 150), size[0], size[1]])
}

fn max_pooling(random: &mut Draw) -> Layer {
    let (text, shape) = pool(random, "MAX");
    let dtype = random.int8();
    Layer { text, bottoms: vec![(shape, dtype)], tops: vec![dtype], arithmetic: Arithmetic::Same }
}

fn average(random: &mut Draw, text: String, shape: Vec<usize>) -> Layer {
    Layer {
        text,
        bottoms: vec![(shape, random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::AveragePool {
            multiplier: random.size(1, 255) as u8,
            right_shift: random.size(5, 13) as u8,
        },
    }
}

fn average_pooling(random: &mut Draw) -> Layer {
    let (text, shape) = pool(random, "AVE");
    average(random, text, shape)
}

fn global_pooling(random: &mut Draw) -> Layer {
    let shape = vec![random.batch(), random.size(1, 300), random.size(1, 60), random.size(1, 60)];
    average(
        random,
        "type: 'Pooling' pooling_param { pool: AVE global_pooling: true }".into(),
        shape,
    )
}

fn scale(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 2);
    let channels = shape[1];
    let with_bias = !random.once_in(3);
    Layer {
        text: format!("type: 'Scale' scale_param {{ bias_term: {with_bias} }}"),
        bottoms: vec![(shape, random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::MultiplyAccumulate {
            weights: random.weights(&[channels]),
            bias: with_bias.then(|| random.bias(channels)),
            right_shifts: (random.size(0, 9) as u8).into(),
        },
    }
}

/// A blob of at least so many axes; one in six is large.
fn any_shape(random: &mut Draw, axes: usize) -> Vec<usize> {
    if random.once_in(6) {
        return vec![random.pick(&[1, 5]), random.size(64, 130), random.size(40, 70), 50];
    }
    let mut shape = vec![random.batch()];
    for _ in 1..random.size(axes, 5) {
        shape.push(random.size(1, 24));
    }
    shape
}

fn relu(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 1);
    let dtype = random.pick(&[DType::I8, DType::I8, DType::U8]);
    let bottoms = vec![(shape, dtype)];
    Layer { text: "type: 'ReLU'".into(), bottoms, tops: vec![dtype], arithmetic: Arithmetic::Same }
}

fn leaky_relu(random: &mut Draw) -> Layer {
    Layer {
        text: "type: 'ReLU' relu_param { negative_slope: 0.1 }".into(),
        bottoms: vec![(any_shape(random, 1), DType::I8)],
        tops: vec![DType::I8],
        arithmetic: Arithmetic::LeakyRelu(random.rescale()),
    }
}

fn eltwise(random: &mut Draw, operation: &str, count: usize) -> Layer {
    let shape = any_shape(random, 1);
    Layer {
        text: format!("type: 'Eltwise' eltwise_param {{ operation: {operation} }}"),
        bottoms: (0..count).map(|_| (shape.clone(), random.int8())).collect(),
        tops: vec![random.int8()],
        arithmetic: Arithmetic::Rescaled((0..count).map(|_| random.rescale()).collect()),
    }
}

fn eltwise_sum(random: &mut Draw) -> Layer {
    let count = random.pick(&[2, 2, 3, 5]);
    eltwise(random, "SUM", count)
}

fn eltwise_max(random: &mut Draw) -> Layer {
    let count = random.pick(&[2, 2, 3]);
    eltwise(random, "MAX", count)
}

fn eltwise_product(random: &mut Draw) -> Layer {
    let arithmetic = Arithmetic::Product(random.rescale());
    Layer { arithmetic, ..eltwise(random, "PROD", 2) }
}

fn concat(random: &mut Draw) -> Layer {
    let count = random.pick(&[1, 2, 2, 3, 4]);
    let shape = any_shape(random, 2);
    let axis = random.size(0, shape.len() - 1);
    let axis = if random.once_in(2) { 1 } else { axis };
    let bottoms = (0..count)
        .map(|_| {
            let mut shape = shape.clone();
            shape[axis] = random.size(1, shape[axis].max(3));
            (shape, random.int8())
        })
        .collect();
    Layer {
        text: format!("type: 'Concat' concat_param {{ axis: {axis} }}"),
        bottoms,
        tops: vec![random.int8()],
        arithmetic: Arithmetic::Rescaled((0..count).map(|_| random.rescale()).collect()),
    }
}

/// Between shapes of any numbers of images.
fn reshape(random: &mut Draw) -> Layer {
    let factors = [random.size(1, 6), random.size(1, 9), random.size(1, 9), random.size(1, 30)];
    let [a, b, c, d] = factors;
    let from = random.pick(&[[a, b, c, d], [b, a, d, c], [a * b, 1, c, d]]);
    let to = random.pick(&[[c, b, a, d], [1, 1, a * b, c * d], [a, b * c, d, 1]]);
    let dtype = random.int8();
    let text = if random.once_in(4) {
        format!("type: 'Flatten' flatten_param {{ axis: {} }}", random.size(0, 1))
    } else {
        format!("type: 'Reshape' reshape_param {{ shape {{ dim: {to:?} }} }}")
    };
    let bottoms = vec![(from.to_vec(), dtype)];
    Layer { text, bottoms, tops: vec![dtype], arithmetic: Arithmetic::Same }
}

fn softmax(random: &mut Draw) -> Layer {
    let shape = match random.size(0, 4) {
        0 => vec![random.size(1, 200), random.size(1, 40)],
        1 => vec![1, 1000],
        2 => vec![2, 21, random.size(1, 80), random.size(1, 80)],
        _ => vec![random.batch(), random.size(1, 200), random.size(1, 6), random.size(1, 6)],
    };
    let axis = random.size(0, shape.len() - 1);
    let axis = if random.once_in(3) { axis } else { 1 };
    Layer {
        text: format!("type: 'Softmax' softmax_param {{ axis: {axis} }}"),
        bottoms: vec![(shape, DType::F32)],
        tops: vec![DType::F32],
        arithmetic: Arithmetic::Float,
    }
}

fn quantize(random: &mut Draw) -> Layer {
    Layer {
        text: "type: 'Quantize'".into(),
        bottoms: vec![(any_shape(random, 1), DType::F32)],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::Cast,
    }
}

fn dequantize(random: &mut Draw) -> Layer {
    Layer {
        text: "type: 'Dequantize'".into(),
        bottoms: vec![(any_shape(random, 1), random.int8())],
        tops: vec![DType::F32],
        arithmetic: Arithmetic::Cast,
    }
}
