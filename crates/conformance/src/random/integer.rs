//! int8 layers that are neither windows nor movements.

use std::sync::Arc;

use quantization_tools::umodel::{Arithmetic, DType, PoolFactor};

use super::{Draw, Layer, any_shape, pair};

fn table(random: &mut Draw) -> Arc<[u8; 256]> {
    Arc::new(std::array::from_fn(|_| random.size(0, 255) as u8))
}

/// A function of one value, whose results are in a table.
pub(super) fn function(random: &mut Draw) -> Layer {
    let text = random.pick(&[
        "type: 'Sigmoid'",
        "type: 'ReLU' relu_param { negative_slope: 3 }",
        "type: 'ReLU6'",
        "type: 'Clip' clip_param { min: 0 max: 1 }",
        "type: 'Swish'",
    ]);
    Layer {
        text: text.into(),
        bottoms: vec![(any_shape(random, 1), random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::Table(table(random)),
    }
}

pub(super) fn prelu(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 2);
    let shared = random.once_in(4);
    let slopes = if shared { vec![] } else { vec![shape[1]] };
    Layer {
        text: format!("type: 'PReLU' prelu_param {{ channel_shared: {shared} }}"),
        bottoms: vec![(shape, DType::I8)],
        tops: vec![DType::I8],
        arithmetic: Arithmetic::Prelu {
            slopes: random.weights(&slopes),
            right_shift: random.size(0, 9) as u8,
        },
    }
}

/// Two bottoms, of which either may lack axes or have a length of 1 along them.
pub(super) fn broadcast(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 2);
    let mut shapes = [shape.clone(), shape.clone()];
    let repeated = random.size(0, 1);
    for size in &mut shapes[repeated] {
        if random.once_in(2) {
            *size = 1;
        }
    }
    if random.once_in(3) {
        let lacks = random.size(1, shape.len() - 1);
        shapes[repeated].drain(..lacks);
    }
    let operation = random.pick(&["ADD", "SUB", "MUL", "MAX", "MIN"]);
    let arithmetic = match operation {
        "MUL" => Arithmetic::Product(random.rescale()),
        _ => Arithmetic::Rescaled(vec![random.rescale(), random.rescale()]),
    };
    Layer {
        text: format!(
            "type: 'BroadcastBinary' broadcast_binary_param {{ operation: {operation} }}"
        ),
        bottoms: shapes.into_iter().map(|shape| (shape, random.int8())).collect(),
        tops: vec![random.int8()],
        arithmetic,
    }
}

/// A second bottom that covers some axes of the first.
pub(super) fn scale(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 2);
    let axis = if random.once_in(2) { 0 } else { random.size(0, shape.len() - 1) };
    let end = random.size(axis + 1, shape.len());
    let second = shape[axis..end].to_vec();
    let bias = random.once_in(3);
    Layer {
        text: match bias {
            true => format!("type: 'Bias' bias_param {{ axis: {axis} }}"),
            false => format!("type: 'Scale' scale_param {{ axis: {axis} }}"),
        },
        bottoms: vec![(shape, random.int8()), (second, random.int8())],
        tops: vec![random.int8()],
        arithmetic: match bias {
            true => Arithmetic::Rescaled(vec![random.rescale(), random.rescale()]),
            false => Arithmetic::Product(random.rescale()),
        },
    }
}

pub(super) fn reduce(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 2);
    let mut axes: Vec<usize> = (1..shape.len()).filter(|_| random.once_in(2)).collect();
    if axes.is_empty() {
        axes.push(1);
    }
    let operation = random.pick(&["MEAN", "SUM", "MAX", "MIN"]);
    let keep = random.once_in(2);
    let same = matches!(operation, "MAX" | "MIN");
    let dtype = random.int8();
    Layer {
        text: format!(
            "type: 'Reduce' reduce_param {{ operation: {operation} axis: {axes:?} keep_dims: {keep} }}"
        ),
        bottoms: vec![(shape, dtype)],
        tops: vec![if same { dtype } else { random.int8() }],
        arithmetic: match same {
            true => Arithmetic::Same,
            false => Arithmetic::AveragePool {
                multiplier: random.size(1, 255) as u8,
                right_shift: random.size(5, 13) as u8,
            },
        },
    }
}

pub(super) fn reduction(random: &mut Draw) -> Layer {
    let shape = any_shape(random, 2);
    let axis = random.size(1, shape.len() - 1);
    Layer {
        text: format!("type: 'Reduction' reduction_param {{ operation: MEAN axis: {axis} }}"),
        bottoms: vec![(shape, random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::AveragePool {
            multiplier: random.size(1, 255) as u8,
            right_shift: random.size(5, 13) as u8,
        },
    }
}

/// Windows that reach beyond the padding.
pub(super) fn clipped_pooling(random: &mut Draw) -> Layer {
    let kernel = pair(random, 2, 6);
    let stride = pair(random, 1, 4);
    let pad = [random.size(0, kernel[0] - 1), random.size(0, kernel[1] - 1)];
    let size = pair(random, 3, 30);
    let factor = |random: &mut Draw| PoolFactor {
        multiplier: random.size(1, 255) as u8,
        right_shift: random.size(5, 13) as u8,
    };
    Layer {
        text: format!(
            "type: 'Pooling' pooling_param {{ pool: AVE kernel_h: {} kernel_w: {} stride_h: {} \
             stride_w: {} pad_h: {} pad_w: {} }}",
            kernel[0], kernel[1], stride[0], stride[1], pad[0], pad[1]
        ),
        bottoms: vec![(vec![random.batch(), random.size(1, 150), size[0], size[1]], random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::ClippedAveragePool([0; 4].map(|_| factor(random))),
    }
}

pub(super) fn deconvolution(random: &mut Draw) -> Layer {
    let group = random.pick(&[1, 1, 2, 0]);
    let inputs = random.size(1, 40) * group.max(1);
    // As many groups as channels.
    let group = if group == 0 { inputs } else { group };
    let outputs = if group == inputs { inputs } else { random.size(1, 40) * group };
    let kernel = pair(random, 1, 9);
    let most = if random.once_in(5) { 18 } else { 4 };
    let stride = pair(random, 1, most);
    let pad = pair(random, 0, 4);
    let dilation = if random.once_in(4) { pair(random, 1, 3) } else { [1, 1] };
    let size = if random.once_in(6) { pair(random, 40, 90) } else { pair(random, 1, 12) };
    let with_bias = !random.once_in(3);
    Layer {
        text: format!(
            "type: 'Deconvolution' convolution_param {{ num_output: {outputs} group: {group} \
             kernel_size: {kernel:?} stride: {stride:?} pad: {pad:?} dilation: {dilation:?} \
             bias_term: {with_bias} }}"
        ),
        bottoms: vec![(vec![random.batch(), inputs, size[0], size[1]], random.int8())],
        tops: vec![random.int8()],
        arithmetic: Arithmetic::MultiplyAccumulate {
            weights: random.weights(&[inputs, outputs / group, kernel[0], kernel[1]]),
            bias: with_bias.then(|| random.bias(outputs)),
            right_shifts: (random.size(6, 14) as u8).into(),
        },
    }
}

/// Bilinear resizing.
pub(super) fn resizing(random: &mut Draw) -> Layer {
    let dtype = random.int8();
    let [h, w] = pair(random, 1, 14);
    let [th, tw] = match random.size(0, 2) {
        0 => [h * 2, w * 2],
        1 => [random.size(1, 15), random.size(1, 15)],
        _ => [2 * h - 1, 2 * w - 1],
    };
    let text = match random.size(0, 3) {
        0 => format!("type: 'Interp' interp_param {{ height: {th} width: {tw} }}"),
        1 => {
            format!("type: 'Resample' resample_param {{ height: {th} width: {tw} method: LINEAR }}")
        }
        2 => format!(
            "type: 'BilinearInterpolate' bilinear_interpolate_param {{ dst_h: {th} dst_w: {tw} \
             align_corners: {} }}",
            random.once_in(2)
        ),
        _ => format!("type: 'Resize' resize_param {{ height: {th} width: {tw} }}"),
    };
    Layer {
        text,
        bottoms: vec![(vec![random.batch(), random.size(1, 80), h, w], dtype)],
        tops: vec![dtype],
        arithmetic: Arithmetic::Interpolate,
    }
}
