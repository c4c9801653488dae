//! Layers that stay in fp32.

use quantization_tools::umodel::{Arithmetic, DType};

use super::{Draw, Layer, any_shape};

fn layer(text: &str, shapes: Vec<Vec<usize>>) -> Layer {
    Layer {
        text: text.into(),
        bottoms: shapes.into_iter().map(|shape| (shape, DType::F32)).collect(),
        tops: vec![DType::F32],
        arithmetic: Arithmetic::Float,
    }
}

/// A function of one value.
pub(super) fn function(random: &mut Draw) -> Layer {
    let text = random.pick(&[
        "type: 'AbsVal'",
        "type: 'BNLL'",
        "type: 'Clip' clip_param { min: -0.3 max: 0.7 }",
        "type: 'ELU' elu_param { alpha: 0.7 }",
        "type: 'Erf'",
        "type: 'Exp' exp_param { base: 2 scale: 1.5 shift: 0.25 }",
        "type: 'Gelu'",
        "type: 'Gelu' gelu_param { tanh: true }",
        "type: 'HardSigmoid'",
        "type: 'HardSwish'",
        "type: 'Log' log_param { base: 10 scale: 0.5 shift: 3 }",
        "type: 'Power' power_param { power: 1 scale: 2 shift: 1 }",
        "type: 'Power' power_param { power: 2 scale: 0.5 shift: -1 }",
        "type: 'Power' power_param { power: -0.5 scale: 0.5 shift: 3 }",
        "type: 'Power' power_param { power: 1.7 scale: 0.5 shift: 3 }",
        "type: 'ReLU'",
        "type: 'ReLU' relu_param { negative_slope: 0.1 }",
        "type: 'ReLU6'",
        "type: 'Round' round_param { mode: FLOOR }",
        "type: 'Round' round_param { mode: CEIL }",
        "type: 'Round'",
        "type: 'Sigmoid'",
        "type: 'Swish' swish_param { beta: 1.3 }",
        "type: 'TanH'",
        "type: 'Threshold' threshold_param { threshold: 0.1 }",
    ]);
    let shape = any_shape(random, 1);
    layer(text, vec![shape])
}

pub(super) fn eltwise(random: &mut Draw) -> Layer {
    let count = random.size(2, 4);
    let operation = random.pick(&["SUM", "MAX", "PROD"]);
    let factors = if operation == "SUM" && random.once_in(2) {
        (0..count).map(|index| format!("coeff: {} ", 0.5 - index as f32)).collect()
    } else {
        String::new()
    };
    let text = format!("type: 'Eltwise' eltwise_param {{ operation: {operation} {factors} }}");
    let shape = any_shape(random, 1);
    layer(&text, vec![shape; count])
}

/// Two bottoms of which either may be repeated along any axes.
fn repeated(random: &mut Draw, count: usize) -> Vec<Vec<usize>> {
    let shape = any_shape(random, 2);
    (0..count)
        .map(|index| {
            let repeat = |size: usize, random: &mut Draw| {
                if index > 0 && random.once_in(2) { 1 } else { size }
            };
            shape.iter().map(|&size| repeat(size, random)).collect()
        })
        .collect()
}

pub(super) fn broadcast(random: &mut Draw) -> Layer {
    let operation = random.pick(&["ADD", "SUB", "MUL", "DIV", "MAX", "MIN"]);
    let text =
        format!("type: 'BroadcastBinary' broadcast_binary_param {{ operation: {operation} }}");
    let shapes = repeated(random, 2);
    layer(&text, shapes)
}

pub(super) fn compare(random: &mut Draw) -> Layer {
    if random.once_in(3) {
        let shapes = repeated(random, 3);
        return layer("type: 'Where'", shapes);
    }
    let operation = random.pick(&[
        "EQUAL",
        "LESS",
        "LESS_OR_EQUAL",
        "GREATER",
        "GREATER_OR_EQUAL",
        "AND",
        "OR",
        "XOR",
    ]);
    let text = format!("type: 'Compare' compare_param {{ operation: {operation} }}");
    let shapes = repeated(random, 2);
    layer(&text, shapes)
}

fn pair(random: &mut Draw, least: usize, most: usize) -> [usize; 2] {
    super::pair(random, least, most)
}

/// Convolutions of all kinds.
pub(super) fn convolution(random: &mut Draw) -> Layer {
    let kind = random.pick(&["Convolution", "Convolution", "Deconvolution"]);
    let group = random.pick(&[1, 1, 3, 0]);
    let inputs = random.size(1, 70) * group.max(1);
    // As many groups as channels.
    let group = if group == 0 { inputs } else { group };
    let outputs = if group == inputs { inputs } else { random.size(1, 50) * group };
    let kernel = pair(random, 1, 5);
    let stride = pair(random, 1, 3);
    let pad = pair(random, 0, 3);
    let dilation = if random.once_in(4) { pair(random, 1, 18) } else { [1, 1] };
    let size = if random.once_in(6) { pair(random, 30, 60) } else { pair(random, 1, 14) };
    let bias = !random.once_in(3);
    let text = format!(
        "type: '{kind}' convolution_param {{ num_output: {outputs} group: {group} \
         kernel_size: {kernel:?} stride: {stride:?} pad: {pad:?} dilation: {dilation:?} \
         bias_term: {bias} }}"
    );
    let batch = random.pick(&[1, 1, 2, 3]);
    layer(&text, vec![vec![batch, inputs, size[0], size[1]]])
}

pub(super) fn inner_product(random: &mut Draw) -> Layer {
    let shape = match random.size(0, 3) {
        0 => vec![random.size(1, 9), random.size(1, 5000)],
        1 => vec![random.size(1, 3), random.size(1, 70), 5, 4],
        _ => vec![random.size(1, 4), random.size(1, 30), random.size(1, 40)],
    };
    let axis = random.size(1, shape.len() - 1);
    let (outputs, bias, transpose) = (random.size(1, 150), random.once_in(2), random.once_in(2));
    let text = format!(
        "type: 'InnerProduct' inner_product_param {{ num_output: {outputs} axis: {axis} \
         bias_term: {bias} transpose: {transpose} }}"
    );
    layer(&text, vec![shape])
}

pub(super) fn mat_mul(random: &mut Draw) -> Layer {
    let [m, k, n] = [0; 3].map(|_: usize| random.size(1, 70));
    let front = vec![random.size(1, 3), random.size(1, 4)];
    let [a, b] = [random.once_in(2), random.once_in(2)];
    let first = if a { [k, m] } else { [m, k] };
    let second = if b { [n, k] } else { [k, n] };
    let mut fronts = [front.clone(), front.clone()];
    match random.size(0, 4) {
        0 => fronts[1] = vec![],
        1 => fronts[0] = vec![1, front[1]],
        2 => fronts[1] = vec![front[0], 1],
        _ => {}
    }
    let text = format!("type: 'MatMul' mat_mul_param {{ transpose_a: {a} transpose_b: {b} }}");
    let [front_a, front_b] = fronts;
    layer(&text, vec![[front_a, first.to_vec()].concat(), [front_b, second.to_vec()].concat()])
}

pub(super) fn pooling(random: &mut Draw) -> Layer {
    let method = random.pick(&["MAX", "AVE"]);
    if random.once_in(4) {
        let text =
            format!("type: 'Pooling' pooling_param {{ pool: {method} global_pooling: true }}");
        let shape =
            vec![random.size(1, 3), random.size(1, 140), random.size(1, 40), random.size(1, 40)];
        return layer(&text, vec![shape]);
    }
    let (text, mut shape) = super::pool(random, method);
    shape[0] = shape[0].min(3);
    layer(&text, vec![shape])
}

/// Normalization by the values themselves, and sums along axes.
pub(super) fn normalization(random: &mut Draw) -> Layer {
    let shape = vec![random.size(1, 3), random.size(1, 90), random.size(1, 40), random.size(1, 40)];
    let operation =
        random.pick(&["MEAN", "SUM", "MAX", "MIN", "PROD", "SUM_OF_SQUARES", "L1", "L2"]);
    let axis = random.size(0, 3);
    let text = match random.size(0, 8) {
        0 => "type: 'MVN'".into(),
        1 => "type: 'MVN' mvn_param { across_channels: true }".into(),
        2 => "type: 'MVN' mvn_param { normalize_variance: false }".into(),
        3 => "type: 'InstanceNorm'".into(),
        4 => format!("type: 'LayerNorm' layer_norm_param {{ axis: {} }}", random.size(1, 3)),
        5 => "type: 'LRN' lrn_param { local_size: 5 alpha: 0.01 beta: 0.75 }".into(),
        6 => "type: 'LRN' lrn_param { local_size: 3 alpha: 0.5 beta: 0.6 norm_region: WITHIN_CHANNEL }".into(),
        7 => format!("type: 'Reduction' reduction_param {{ operation: ASUM axis: {axis} coeff: 0.5 }}"),
        _ => format!("type: 'Reduce' reduce_param {{ operation: {operation} axis: [{axis}, {}] }}", (axis + 2) % 4),
    };
    layer(&text, vec![shape])
}

/// Layers with a weight for each channel.
pub(super) fn weighted(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 4);
    let text = match random.size(0, 6) {
        0 => format!("type: 'Scale' scale_param {{ axis: {} bias_term: true }}", random.size(0, 3)),
        1 => "type: 'Scale' scale_param { num_axes: 0 }".into(),
        2 => "type: 'Bias'".into(),
        3 => "type: 'PReLU'".into(),
        4 => "type: 'BatchNorm'".into(),
        5 => format!("type: 'Normalize' norm_param {{ across_spatial: {} }}", random.once_in(2)),
        _ => "type: 'PReLU' prelu_param { channel_shared: true }".into(),
    };
    layer(&text, vec![shape])
}

/// Resizing whose weights differ from pixel to pixel.
pub(super) fn resizing(random: &mut Draw) -> Layer {
    let [h, w] = pair(random, 1, 20);
    let [th, tw] = pair(random, 1, 40);
    let text = match random.size(0, 4) {
        0 => format!("type: 'Interp' interp_param {{ height: {th} width: {tw} }}"),
        1 => {
            format!("type: 'Resample' resample_param {{ height: {th} width: {tw} method: LINEAR }}")
        }
        2 => {
            format!("type: 'Resample' resample_param {{ height: {th} width: {tw} method: CUBIC }}")
        }
        3 => format!(
            "type: 'BilinearInterpolate' bilinear_interpolate_param {{ dst_h: {th} dst_w: {tw} }}"
        ),
        _ => format!("type: 'Resize' resize_param {{ height: {th} width: {tw} }}"),
    };
    layer(&text, vec![vec![random.size(1, 3), random.size(1, 40), h, w]])
}
