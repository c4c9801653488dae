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
