//! Nets that cannot be placed: which error they give, in little time and memory.

use std::error::Error;
use std::iter::successors;

use bm1684_codegen::{Optimization, Program, compile_with};
use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

/// These layers behind an input x of this shape and type.
fn compiled(shape: &[usize], dtype: &str, layers: &str) -> Result<Program, bm1684_codegen::Error> {
    compiled_with(Optimization::default(), shape, dtype, layers)
}

fn compiled_with(
    optimization: Optimization,
    shape: &[usize],
    dtype: &str,
    layers: &str,
) -> Result<Program, bm1684_codegen::Error> {
    let format = if dtype == "FLOAT32" { "" } else { "scale: 0.5" };
    let text = format!(
        "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: {shape:?} }} }}
         quantization_param {{ arithmetic: CAST top {{ dtype: {dtype} {format} }} }} }} {layers}"
    );
    let model = NetParameter::parse_text(&text).expect("text");
    let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("net");
    compile_with(&net, optimization)
}

/// What compiling says about them.
fn failure(shape: &[usize], dtype: &str, layers: &str) -> String {
    causes(&compiled(shape, dtype, layers).expect_err(layers))
}

fn causes(error: &dyn Error) -> String {
    let causes = successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Fails with all rows whose error does not contain what is expected.
fn check(rows: Vec<(Vec<usize>, &str, String, &str)>) {
    let wrong = |(shape, dtype, layers, expected): &(Vec<usize>, &str, String, &str)| {
        let error = failure(shape, dtype, layers);
        (!error.contains(expected))
            .then(|| format!("{layers} {shape:?}: {error:?}, not {expected:?}"))
    };
    let wrong: Vec<String> = rows.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const SOFTMAX: &str = "layer { name: 's' type: 'Softmax' bottom: 'x' top: 's' }";

#[test]
fn too_large() {
    let row = |shape: &[usize], expected| (shape.to_vec(), "FLOAT32", SOFTMAX.to_owned(), expected);
    check(vec![
        row(&[4, 0], "blob \"x\" has no values: its shape is [4, 0]"),
        row(
            &[1 << 25, 2, 3],
            "layer \"s\" (Softmax): the program would have more than 3840000 commands: use a smaller",
        ),
        row(
            &[1 << 15, 1 << 15],
            "need 21483487232 bytes, more than the 4 GiB of addresses: use a smaller batch",
        ),
    ]);
}

/// What is said beforehand of layers in fp32 is what compiling does.
#[test]
fn layers_in_fp32() {
    for (kind, parameters, expected) in [
        ("Softmax", "", true),
        ("Flatten", "", true),
        ("Reshape", "reshape_param { shape { dim: [1, 8] } }", true),
        ("Dropout", "", true),
        ("Split", "", true),
        ("Sigmoid", "", true),
        ("ArgMax", "", false),
    ] {
        let layer =
            format!("layer {{ name: 's' type: '{kind}' bottom: 'x' top: 's' {parameters} }}");
        let text = format!(
            "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, 2, 2, 2] }} }} }} {layer}"
        );
        let model = NetParameter::parse_text(&text).expect("text");
        let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("net");
        let said = bm1684_codegen::unplaced(&net);
        match bm1684_codegen::compile(&net) {
            Ok(_) => assert!(expected && said.is_empty(), "{kind}: {said:?}"),
            Err(bm1684_codegen::Error::Layers { unplaced, .. }) => {
                assert_eq!(unplaced, said);
                let [one] = &unplaced[..] else { panic!("{kind}: {unplaced:?}") };
                let reason = (&one.reason, expected);
                assert_eq!(reason, (&bm1684_codegen::Reason::Float, false), "{kind}");
            }
            Err(error) => panic!("{kind}: {error}"),
        }
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
    let row = |shape: [usize; 4], layer, expected| (shape.to_vec(), "INT8", layer, expected);
    check(vec![
        row(
            [1, 1, 10, 10],
            convolution(1, "pad_h: 65536 pad_w: 1 dilation: [40000, 1]"),
            "layer \"c\" (Convolution): the kernel's height is 80001, more than the command's 65535: \
             use a smaller kernel",
        ),
        row(
            [1, 5000, 3, 3],
            convolution(5000, ""),
            "can sum over 4095 input channels at most, not 5000",
        ),
        row(
            [1, 1, 500, 500],
            pooling(500, 1),
            "its smallest tile needs 1000320 bytes of the 524288 of a lane: use a smaller kernel or",
        ),
        row(
            [1, 1, 1 << 22, 1],
            pooling(1, 1),
            "the output's height is 4194304, more than the command's 1048576: cut the pictures",
        ),
    ]);
}

/// A layer of x of this type.
fn layer(kind: &str, tops: &str, parameters: &str) -> String {
    format!("layer {{ name: 'y' type: '{kind}' bottom: 'x' {tops} {parameters} }}")
}

const FLOAT: &str = "it is computed in fp32, for which there is no BM1684 code yet";
const DEPLOY: &str = "this type is not for deployment";

/// The arithmetic decides: in int8, in fp32, or not at all on the chip.
#[test]
fn layers_without_code() {
    let top = "top { dtype: INT8 scale: 0.5 }";
    let int8 = |kind: &str, count: usize, parameters: &str, expected| {
        let tops = ["top: 'y'", "top: 'y' top: 'z'"][count - 1];
        let quantized = format!("quantization_param {{ arithmetic: SAME {} }}", top.repeat(count));
        let layer = layer(kind, tops, &format!("{parameters} {quantized}"));
        (vec![1, 4, 4, 4], "INT8", layer, expected)
    };
    let float = |kind: &str, parameters: &str, expected| {
        (vec![1, 4, 4, 4], "FLOAT32", layer(kind, "top: 'y'", parameters), expected)
    };
    check(vec![
        int8(
            "Pooling",
            2,
            "pooling_param { pool: MAX kernel_size: 2 }",
            "for the positions of largest values in int8",
        ),
        float("ArgMax", "", FLOAT),
        float("CumSum", "", FLOAT),
        (vec![1, 4], "FLOAT32", layer("Silence", "", ""), DEPLOY),
        (vec![1, 4], "FLOAT32", layer("EuclideanLoss", "top: 'y'", "bottom: 'x'"), DEPLOY),
        (
            vec![1],
            "FLOAT32",
            "layer { name: 'd' type: 'DummyData' top: 'd' dummy_data_param { shape { dim: 1 } } }"
                .into(),
            DEPLOY,
        ),
    ]);
}

/// One tile has more commands than ids are left, so the group ends within it; each group has passed the
/// checker.
#[test]
fn many_bottoms() {
    let layer = |index: usize, count: usize| {
        format!(
            "layer {{ name: 'm{index}' type: 'Eltwise' top: 'm{index}' {} eltwise_param {{ operation: MAX }}
               quantization_param {{ arithmetic: RESCALED {} top {{ dtype: UINT8 scale: 0.5 }} }} }}",
            "bottom: 'x' ".repeat(count),
            "rescale { multiplier: 1 } ".repeat(count),
        )
    };
    let layers: String = (0..5).map(|index| layer(index, 3500)).collect();
    let program = compiled(&[1, 8], "INT8", &layers).expect("compiled");
    let counts: Vec<_> = program.groups.iter().map(|group| group.tiu.len()).collect();
    assert_eq!(counts, [65_535, 4_460]);
    // In local memory the bottoms, which are one blob, take its place once.
    assert!(compiled(&[1, 8], "INT8", &layer(0, 5000)).is_ok());
    let error = compiled_with(Optimization::Layers, &[1, 8], "INT8", &layer(0, 5000));
    let error = causes(&error.expect_err("too many"));
    assert!(error.contains("of a lane: use fewer bottoms"), "{error}");
}
