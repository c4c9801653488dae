//! The int8 forms of single values and windows beside the fp32 layers that they stand for.

use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use uframework::{Executor, Value};
use umodel::layers::Int8Form;
use umodel::{Arithmetic, BlobFormat, DType, Net, NetParameter, NoSources, Phase, QuantizedNet};

fn net(shape: &[usize], layer: &str) -> Net {
    let text = format!(
        "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: {shape:?} }} }} }}
         layer {{ name: 'y' bottom: 'x' top: 'y' {layer} }}"
    );
    let model = NetParameter::parse_text(&text).expect("text");
    Net::new(&model, None, Phase::Test, &NoSources)
        .unwrap_or_else(|error| panic!("{layer}: {error:?}"))
}

fn run(executor: &Executor, input: Value) -> Value {
    let sources = executor.net().inputs().into_iter().zip([input]).collect();
    executor.outputs(sources).expect("runs").remove(0)
}

/// Relative 2e-6, or absolute: a layer's function in double precision is what its fp32 kernel computes.
#[test]
fn functions_are_those_of_the_fp32_kernels() {
    let layers = [
        "type: 'Sigmoid'",
        "type: 'TanH'",
        "type: 'Swish' swish_param { beta: 1.5 }",
        "type: 'HardSwish'",
        "type: 'HardSigmoid'",
        "type: 'HardSigmoid' hardsigmoid_param { alpha: 0.3 beta: 0.4 }",
        "type: 'ELU' elu_param { alpha: 0.7 }",
        "type: 'BNLL'",
        "type: 'Exp'",
        "type: 'Exp' exp_param { base: 2 scale: 0.5 shift: -1 }",
        "type: 'Log' log_param { shift: 9 }",
        "type: 'Log' log_param { base: 10 scale: -0.5 shift: 5 }",
        "type: 'AbsVal'",
        "type: 'Erf'",
        "type: 'Gelu'",
        "type: 'Gelu' gelu_param { tanh: true }",
        "type: 'Threshold' threshold_param { threshold: 0.3 }",
        "type: 'Power' power_param { power: 2 scale: 0.5 shift: 1 }",
        "type: 'Power' power_param { power: 0.5 shift: 8 }",
        "type: 'Power' power_param { scale: 0.5 shift: 1 }",
        "type: 'Clip' clip_param { min: -1 max: 2.5 }",
        "type: 'Clip' clip_param { min: 0 max: 2.5 }",
        "type: 'ReLU6'",
        "type: 'ReLU6' relu6_param { negative_slope: 0.1 threshold: 3 }",
        "type: 'ReLU' relu_param { negative_slope: 0.2 }",
    ];
    for layer in layers {
        let net = Arc::new(net(&[129], layer));
        let op = net.layers()[1].op.clone();
        assert!(
            matches!(
                op.int8_form(),
                Int8Form::Value | Int8Form::Clip { .. } | Int8Form::LeakyRelu { .. }
            ),
            "{layer}"
        );
        let input = ArrayD::from_shape_fn(IxDyn(&[129]), |at| (at[0] as f32 - 64.0) / 8.0);
        let found = run(&Executor::new(net).expect("runs"), Value::F32(input.clone())).to_f32(1.0);
        for (x, y) in input.iter().zip(&found) {
            let expected = op.value(f64::from(*x)).expect("a function");
            let error = (f64::from(*y) - expected).abs() / expected.abs().max(1.0);
            assert!(error < 2e-6, "{layer}: {x} gives {y}, not {expected}");
        }
    }
}

/// Exact bounds: with factors that are powers of two the weights are exact, so that a result is the nearest integer;
/// with others each of four weights may be 1.5/256 off, and they add up to 1.
#[test]
fn resized_integers_are_near_the_fp32_layer() {
    let layers = [
        ("type: 'BilinearInterpolate' bilinear_interpolate_param { scale_factor: 2 align_corners: false }", 0.5),
        ("type: 'BilinearInterpolate' bilinear_interpolate_param { scale_factor: 4 align_corners: false }", 0.5),
        ("type: 'BilinearInterpolate' bilinear_interpolate_param { scale_factor: 0.5 align_corners: false }", 0.5),
        ("type: 'Interp' interp_param { zoom_factor: 8 }", 0.5),
        ("type: 'Interp' interp_param { height: 5 width: 3 pad_beg: -1 pad_end: -2 }", 0.5),
        ("type: 'Resize' resize_param { height: 12 width: 16 }", 0.5),
        ("type: 'Resample' resample_param { method: LINEAR coordinates: ASYMMETRIC height: 24 width: 4 }", 0.5),
        ("type: 'Resample' resample_param { method: LINEAR height: 18 width: 24 }", 2.0),
        ("type: 'Resample' resample_param { method: LINEAR coordinates: ALIGN_CORNERS height: 7 width: 11 }", 2.0),
        (
            "type: 'Resample' resample_param { method: LINEAR coordinates: PYTORCH_HALF_PIXEL height: 9 width: 4
             scale_h: 1.5 scale_w: 0.5 }",
            2.0,
        ),
    ];
    let shape = [2, 3, 6, 8];
    let bytes =
        |at: &IxDyn| ((at[0] * 89 + at[1] * 57 + at[2] * 131 + at[3] * 73) % 256).to_le_bytes()[0];
    let input = ArrayD::from_shape_fn(IxDyn(&shape), |at| bytes(&at).cast_signed());
    for (layer, bound) in layers {
        let net = net(&shape, layer);
        let format = BlobFormat { dtype: DType::I8, scale: 1.0 };
        let arithmetic = vec![Arithmetic::Cast, Arithmetic::Interpolate];
        let int8 = QuantizedNet::new(net.clone(), vec![format; 2], arithmetic).expect("valid");
        let int8 =
            run(&Executor::quantized(Arc::new(int8)).expect("runs"), Value::I8(input.clone()))
                .to_f32(1.0);
        let fp32 =
            run(&Executor::new(Arc::new(net)).expect("runs"), Value::F32(input.mapv(f32::from)))
                .to_f32(1.0);
        let worst = int8.iter().zip(&fp32).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= bound + 1e-4, "{layer}: {worst}");
    }
}

/// Statistical: an int8 Deconvolution follows the fp32 one whose weights its integers are, within half a step.
#[test]
fn a_deconvolution_follows_the_fp32_layer() {
    for (group, channels) in [(1, 4), (2, 4), (4, 4)] {
        let layer = format!(
            "type: 'Deconvolution' convolution_param {{ num_output: 4 group: {group} kernel_size: 4 stride: 2 pad: 1 }}"
        );
        let shape = [2, channels, 5, 3];
        let net = net(&shape, &layer);
        let weights = ArrayD::from_shape_fn(IxDyn(&[channels, 4 / group, 4, 4]), |at| {
            let place = at[0] * 31 + at[1] * 17 + at[2] * 7 + at[3] * 3;
            i8::try_from(place % 41).expect("small") - 20
        });
        let bias = ndarray::Array1::from_vec(vec![100i16, -200, 0, 64]);
        let mut specs = net.specs();
        specs[1].set_weights([weights.mapv(f32::from), bias.mapv(f32::from).into_dyn()]);
        let fp32 = Net::from_specs("", specs).expect("weights");
        let input = ArrayD::from_shape_fn(IxDyn(&shape), |at| {
            i8::try_from((at[0] * 13 + at[1] * 29 + at[2] * 5 + at[3] * 11) % 19).expect("small")
                - 9
        });
        let (i8, right_shift) = (BlobFormat { dtype: DType::I8, scale: 1.0 }, 4u8);
        let arithmetic = Arithmetic::MultiplyAccumulate {
            weights: weights.into(),
            bias: Some(bias.into()),
            right_shifts: right_shift.into(),
        };
        let int8 =
            QuantizedNet::new(net, vec![i8; 2], vec![Arithmetic::Cast, arithmetic]).expect("valid");
        let int8 =
            run(&Executor::quantized(Arc::new(int8)).expect("runs"), Value::I8(input.clone()))
                .to_f32(1.0);
        let fp32 =
            run(&Executor::new(Arc::new(fp32)).expect("runs"), Value::F32(input.mapv(f32::from)))
                .to_f32(1.0);
        for (a, b) in int8.iter().zip(&fp32) {
            assert!((a - (b / 16.0).clamp(-128.0, 127.0)).abs() <= 0.5, "{a} {b}");
        }
    }
}
