//! Layer types of which there is no recording of another framework, against their definitions. Exact: all values are
//! small integers, or halves of them.

use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use uframework::{Executor, Value};
use umodel::{Net, NetParameter, NoSources, Phase};

fn array(shape: &[usize], values: impl IntoIterator<Item = f32>) -> ArrayD<f32> {
    ArrayD::from_shape_vec(IxDyn(shape), values.into_iter().collect()).expect("whole")
}

/// Small integers, different ones in every place.
fn numbers(shape: &[usize], start: usize) -> ArrayD<f32> {
    let count: usize = shape.iter().product();
    array(shape, (0..count).map(|index| ((start + index) * 37 % 101) as f32 - 50.0))
}

/// What a layer makes of its inputs.
fn run(layer: &str, inputs: &[ArrayD<f32>], weights: Vec<ArrayD<f32>>) -> Vec<ArrayD<f32>> {
    let mut text = String::new();
    let mut reads = String::new();
    for (index, input) in inputs.iter().enumerate() {
        let shape = input.shape();
        text += &format!(
            "layer {{ name: 'x{index}' type: 'Input' top: 'x{index}' \
             input_param {{ shape {{ dim: {shape:?} }} }} }}"
        );
        reads += &format!("bottom: 'x{index}' ");
    }
    text += &format!("layer {{ name: 'layer' {reads} {layer} }}");
    let model = NetParameter::parse_text(&text).expect("text");
    let net = Net::new(&model, None, Phase::Test, &NoSources);
    let net = net.unwrap_or_else(|error| panic!("{layer}: {error:?}"));
    let mut specs = net.specs();
    specs.last_mut().expect("a layer").set_weights(weights);
    let net = Arc::new(Net::from_specs("", specs).expect("weights"));
    let executor = Executor::new(net.clone()).expect("runs");
    let sources = net.inputs().into_iter().zip(inputs.iter().cloned().map(Value::F32)).collect();
    let inputs: Vec<_> = net.inputs();
    let outputs = executor.outputs(sources).expect("runs").into_iter();
    // An input that nothing reads is an output, too.
    let outputs = outputs.zip(net.outputs()).filter(|(_, id)| !inputs.contains(id));
    outputs.map(|(value, _)| value.to_f32(1.0)).collect()
}

#[test]
fn axpy_scales_each_channel_of_each_picture() {
    let inputs =
        [&[2, 3], &[2, 3, 2, 2][..], &[2, 3, 2, 2]].map(|shape| numbers(shape, shape.len()));
    let expected = inputs[1]
        .indexed_iter()
        .map(|(at, x)| inputs[0][[at[0], at[1]]] * x + inputs[2][at.clone()]);
    let expected = array(&[2, 3, 2, 2], expected);
    assert_eq!(run("type: 'Axpy' top: 'y'", &inputs, vec![]), [expected]);
}

#[test]
fn bn_normalizes_scales_and_shifts() {
    let x = numbers(&[2, 3, 2, 2], 0);
    let weights: Vec<_> = (0..4).map(|index| numbers(&[1, 3], 10 * index)).collect();
    let expected = x.indexed_iter().map(|(at, x)| {
        let [factor, bias, mean, inverse] = [0, 1, 2, 3].map(|index| weights[index][[0, at[1]]]);
        factor * (x - mean) * inverse + bias
    });
    let expected = array(&[2, 3, 2, 2], expected);
    assert_eq!(run("type: 'BN' top: 'y'", &[x], weights), [expected]);
}

#[test]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "indices of rows")]
fn embed_looks_vectors_up() {
    let (table, bias) = (numbers(&[5, 3], 2), numbers(&[3], 7));
    let x = array(&[2, 2], [4.0, 0.0, 3.0, 3.0]);
    let rows = x.iter().flat_map(|&row| (0..3).map(move |column| (row as usize, column)));
    let expected = rows.map(|at| table[[at.0, at.1]] + bias[at.1]);
    let expected = array(&[2, 2, 3], expected.collect::<Vec<_>>());
    let layer = "type: 'Embed' top: 'y' embed_param { num_output: 3 input_dim: 5 }";
    assert_eq!(run(layer, &[x], vec![table, bias]), [expected]);
}

/// Corners stay where they are.
#[test]
fn interp_is_linear_between_corners() {
    let x = array(&[1, 1, 2, 3], [0.0, 4.0, 8.0, 2.0, 6.0, 10.0]);
    let layer = |param: &str| format!("type: 'Interp' top: 'y' interp_param {{ {param} }}");
    let rows = [0.0, 1.0, 2.0].map(|row| [0.0, 2.0, 4.0, 6.0, 8.0].map(|column| row + column));
    let expected = array(&[1, 1, 3, 5], rows.concat());
    let found = run(&layer("height: 3 width: 5"), std::slice::from_ref(&x), vec![]);
    assert_eq!(found, std::slice::from_ref(&expected));
    assert_eq!(run(&layer("zoom_factor: 2"), std::slice::from_ref(&x), vec![]), [expected]);
    // A padding below zero cuts the bottom first.
    let cut = run(&layer("height: 1 width: 2 pad_beg: -1"), &[x], vec![]);
    assert_eq!(cut, [array(&[1, 1, 1, 2], [6.0, 10.0])]);
}

/// Darknet's reorg_cpu, line by line.
#[test]
fn reorg_is_darknets() {
    let [n, c, h, w, s] = [2, 8, 4, 6, 2];
    let x = numbers(&[n, c, h, w], 1);
    let values = x.as_slice().expect("C order");
    let smaller = c / (s * s);
    let (mut forward, mut back) = (vec![0.0; values.len()], vec![0.0; values.len()]);
    for (b, k, j, i) in
        (0..n * c * h * w).map(|p| (p / (c * h * w), p / (h * w) % c, p / w % h, p % w))
    {
        let inner = i + w * (j + h * (k + c * b));
        let (channel, offset) = (k % smaller, k / smaller);
        let (x2, y2) = (i * s + offset % s, j * s + offset / s);
        let outer = x2 + w * s * (y2 + h * s * (channel + smaller * b));
        forward[inner] = values[outer];
        back[outer] = values[inner];
    }
    let layer = |param: &str| format!("type: 'Reorg' top: 'y' reorg_param {{ stride: 2 {param} }}");
    let found = run(&layer(""), std::slice::from_ref(&x), vec![]);
    assert_eq!(found, [array(&[n, c * s * s, h / s, w / s], forward)]);
    assert_eq!(
        run(&layer("reverse: true"), &[x], vec![]),
        [array(&[n, smaller, h * s, w * s], back)]
    );
}

#[test]
fn shuffle_channel_deals_groups_out() {
    let x = numbers(&[2, 6, 2, 1], 0);
    let order = [0, 2, 4, 1, 3, 5];
    let expected = x.select(ndarray::Axis(1), &order);
    let layer = "type: 'ShuffleChannel' top: 'y' shuffle_channel_param { group: 3 }";
    let found = run(layer, std::slice::from_ref(&x), vec![]);
    // Three groups of two: the first ones of each, then the second ones.
    assert_eq!(found, [expected.as_standard_layout().into_owned()]);
}

#[test]
fn depthwise_types_are_convolutions_of_single_channels() {
    let x = numbers(&[2, 4, 5, 5], 3);
    let weights = || vec![numbers(&[4, 1, 3, 3], 5), numbers(&[4], 8)];
    let layer = |kind: &str, group: &str| {
        format!(
            "type: '{kind}' top: 'y' \
             convolution_param {{ num_output: 4 kernel_size: 3 pad: 1 stride: 2 {group} }}"
        )
    };
    let expected = run(&layer("Convolution", "group: 4"), std::slice::from_ref(&x), weights());
    for (kind, group) in [("ConvolutionDepthwise", ""), ("DepthwiseConvolution", "group: 4")] {
        let found = run(&layer(kind, group), std::slice::from_ref(&x), weights());
        assert_eq!(found, expected, "{kind}");
    }
}

#[test]
fn parameter_gives_its_weights_and_silence_nothing() {
    let weights = numbers(&[2, 3], 4);
    let layer = "type: 'Parameter' top: 'y' parameter_param { shape { dim: 2 dim: 3 } }";
    assert!(run("type: 'Silence'", std::slice::from_ref(&weights), vec![]).is_empty());
    assert_eq!(run(layer, &[], vec![weights.clone()]), [weights]);
}
