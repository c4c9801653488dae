//! Nets that cannot be placed: which error they give, in little time and memory.

use std::error::Error;
use std::iter::successors;

use bm1684_codegen::compile;
use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

/// What compiling says about these layers behind an input x of this shape and type.
fn failure(shape: &[usize], dtype: &str, layers: &str) -> String {
    let format = if dtype == "FLOAT32" { "" } else { "scale: 0.5" };
    let text = format!(
        "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: {shape:?} }} }}
         quantization_param {{ arithmetic: CAST top {{ dtype: {dtype} {format} }} }} }} {layers}"
    );
    let model = NetParameter::parse_text(&text).expect("text");
    let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("net");
    let error = compile(&net).expect_err(layers);
    let causes = successors(Some(&error as &dyn Error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

const SOFTMAX: &str = "layer { name: 's' type: 'Softmax' bottom: 'x' top: 's' }";

#[test]
fn too_large() {
    for (shape, expected) in [
        (vec![4, 0], "blob \"x\" has no values: its shape is [4, 0]"),
        (
            vec![1 << 27, 2],
            "layer \"s\" (Softmax): the program would have more than 3840000 commands",
        ),
        (vec![2, 1 << 20], "the number of classes is 1048576, more than the command's 32768"),
        (vec![1 << 15, 1 << 15], "need 8589934592 bytes, more than the 4 GiB of addresses"),
    ] {
        let error = failure(&shape, "FLOAT32", SOFTMAX);
        assert!(error.contains(expected), "{shape:?}: {error}");
    }
}

/// A layer with weights [1, inputs, 3, 3].
fn convolution(inputs: usize, parameters: &str) -> String {
    let bytes = "\\001".repeat(inputs * 9);
    format!(
        "layer {{ name: 'c' type: 'Convolution' bottom: 'x' top: 'c'
           convolution_param {{ num_output: 1 kernel_size: 3 bias_term: false {parameters} }}
           quantization_param {{ arithmetic: MULTIPLY_ACCUMULATE right_shift: 4
             top {{ dtype: INT8 scale: 0.5 }} }}
           blobs {{ shape {{ dim: [1, {inputs}, 3, 3] }} int8_data: \"{bytes}\" }} }}"
    )
}

#[test]
fn windows() {
    let pooling = |kernel: usize, stride: usize| {
        format!(
            "layer {{ name: 'p' type: 'Pooling' bottom: 'x' top: 'p'
               pooling_param {{ kernel_size: {kernel} stride: {stride} }}
               quantization_param {{ arithmetic: SAME top {{ dtype: INT8 scale: 0.5 }} }} }}"
        )
    };
    for (shape, layer, expected) in [
        (
            vec![1, 1, 10, 10],
            convolution(1, "pad_h: 65536 pad_w: 1 dilation: [40000, 1]"),
            "layer \"c\" (Convolution): the kernel's height is 80001, more than the command's 65535: use a smaller kernel",
        ),
        (
            vec![1, 5000, 3, 3],
            convolution(5000, ""),
            "can sum over 4095 input channels at most, not 5000",
        ),
        (
            vec![1, 1, 500, 500],
            pooling(500, 1),
            "its smallest tile needs 1000320 bytes of the 524288 of a lane",
        ),
        (vec![1, 1, 1 << 22, 1], pooling(1, 1), "the output's height is 4194304"),
    ] {
        let error = failure(&shape, "INT8", &layer);
        assert!(error.contains(expected), "{shape:?}: {error}");
    }
}
