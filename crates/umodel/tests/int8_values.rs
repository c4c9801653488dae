//! Exact: what makes the int8 forms of single values and windows valid (tables, PReLU, Deconvolution, bilinear
//! resizing), and that they are read as they were written.

use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use umodel::{
    Arithmetic, BlobFormat, DType, LayerSpec, Net, NetParameter, NoSources, Phase, QuantizedNet,
    Shifts,
};

const I8: BlobFormat = BlobFormat { dtype: DType::I8, scale: 0.5 };
const U8: BlobFormat = BlobFormat { dtype: DType::U8, scale: 0.5 };

/// A net of one layer behind a bottom of 1, 4, 3, 5.
fn net(layer: &str) -> Net {
    let text = format!(
        "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, 4, 3, 5] }} }} }}
         layer {{ name: 'y' bottom: 'x' top: 'y' {layer} }}"
    );
    let model = NetParameter::parse_text(&text).expect("text");
    Net::new(&model, None, Phase::Test, &NoSources).unwrap_or_else(|error| panic!("{error:?}"))
}

fn made(
    layer: &str,
    formats: [BlobFormat; 2],
    arithmetic: Arithmetic,
) -> Result<QuantizedNet, umodel::Error> {
    QuantizedNet::new(net(layer), formats.to_vec(), vec![Arithmetic::Cast, arithmetic])
}

fn table() -> Arithmetic {
    Arithmetic::Table(Arc::new(std::array::from_fn(|index| index.to_le_bytes()[0] ^ 0x5a)))
}

fn slopes(shape: &[usize], right_shift: u8) -> Arithmetic {
    let slopes = ArrayD::from_shape_fn(IxDyn(shape), |_| -7);
    Arithmetic::Prelu { slopes: Arc::new(slopes), right_shift }
}

fn mac(shape: &[usize], bias: Option<usize>) -> Arithmetic {
    Arithmetic::MultiplyAccumulate {
        weights: Arc::new(ArrayD::from_elem(IxDyn(shape), 3)),
        bias: bias.map(|count| Arc::new(ndarray::Array1::from_elem(count, 300))),
        right_shifts: Shifts::one(4),
    }
}

const SIGMOID: &str = "type: 'Sigmoid'";
const PRELU: &str = "type: 'PReLU'";
const SHARED: &str = "type: 'PReLU' prelu_param { channel_shared: true }";
const DECONVOLUTION: &str =
    "type: 'Deconvolution' convolution_param { num_output: 6 group: 2 kernel_size: 2 stride: 2 }";
const DOUBLED: &str = "type: 'BilinearInterpolate' bilinear_interpolate_param { scale_factor: 2 align_corners: false }";

#[test]
fn forms_are_read_as_they_were_written() {
    let good = [
        (SIGMOID, [I8, U8], table()),
        ("type: 'ReLU6'", [U8, U8], table()),
        ("type: 'ReLU' relu_param { negative_slope: 0.5 }", [U8, U8], Arithmetic::Same),
        (PRELU, [I8, I8], slopes(&[4], 15)),
        (PRELU, [U8, U8], Arithmetic::Same),
        (SHARED, [I8, I8], slopes(&[], 3)),
        (DECONVOLUTION, [U8, I8], mac(&[4, 3, 2, 2], Some(6))),
        (DOUBLED, [I8, I8], Arithmetic::Interpolate),
    ];
    for (layer, formats, arithmetic) in good {
        let net = made(layer, formats, arithmetic.clone())
            .unwrap_or_else(|error| panic!("{layer}: {error:?}"));
        let weights = net.to_parameter_with_weights().to_bytes().expect("bytes");
        let weights = NetParameter::from_bytes(&weights).expect("a message");
        let read = QuantizedNet::read(&net.to_parameter(), &weights, Phase::Test, &NoSources);
        let read = read.unwrap_or_else(|error| panic!("{layer}: {error:?}"));
        assert_eq!(read.arithmetic(1), &arithmetic, "{layer}");
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let scaled = BlobFormat { scale: 0.25, ..I8 };
    let resized = "type: 'Interp' interp_param { height: 60 width: 9 }";
    let bad = [
        // Other formats: fp32, or not the bottom's.
        (SIGMOID, [I8, BlobFormat::F32], table(), "formats"),
        (PRELU, [I8, scaled], slopes(&[4], 3), "formats"),
        (PRELU, [U8, U8], slopes(&[4], 3), "formats"),
        (DOUBLED, [I8, U8], Arithmetic::Interpolate, "formats"),
        // Types that compute otherwise.
        (PRELU, [I8, I8], Arithmetic::Same, "no such int8 arithmetic"),
        (PRELU, [I8, I8], table(), "no such int8 arithmetic"),
        (SIGMOID, [I8, I8], Arithmetic::Interpolate, "no such int8 arithmetic"),
        ("type: 'ReLU' relu_param { negative_slope: 2 }", [I8, I8], Arithmetic::Same, "no such"),
        // Integers of other sizes.
        (PRELU, [I8, I8], slopes(&[3], 3), "shape [3]"),
        (SHARED, [I8, I8], slopes(&[4], 3), "shape [4]"),
        (PRELU, [I8, I8], slopes(&[4], 16), "right shift 16"),
        (DECONVOLUTION, [I8, I8], mac(&[6, 2, 2, 2], Some(6)), "shape [6, 2, 2, 2]"),
        (DECONVOLUTION, [I8, I8], mac(&[4, 3, 2, 2], Some(4)), "4 values, expected 6"),
        // A resizing that the chip does not have.
        (resized, [I8, I8], Arithmetic::Interpolate, "resizing 3 pixels to 60 has 59 different"),
    ];
    for (layer, formats, arithmetic, expected) in bad {
        let what = format!("{layer} {formats:?} {arithmetic:?}");
        let mut error: &dyn std::error::Error = &made(layer, formats, arithmetic).expect_err(&what);
        let mut text = error.to_string();
        while let Some(cause) = error.source() {
            text = format!("{text}: {cause}");
            error = cause;
        }
        assert!(text.contains(expected), "{what}: {text}");
    }
}

/// A damaged table of an int8umodel.
#[test]
fn a_short_table_is_an_error() {
    let net = made(SIGMOID, [I8, I8], table()).expect("valid");
    let text = net.to_parameter_with_weights().to_text();
    let start = text.find("table: \"").expect("a table") + 8;
    let end = start + text[start..].find("\"\n").expect("its end");
    let short = format!("{}abc{}", &text[..start], &text[end..]);
    let weights = NetParameter::parse_text(&short).expect("text");
    let read = QuantizedNet::read(&net.to_parameter(), &weights, Phase::Test, &NoSources);
    let error = format!("{:?}", read.expect_err("3 bytes"));
    assert!(error.contains("quantization_param.table"), "{error}");
}

/// The same layer with other shifts.
fn shifted(arithmetic: &Arithmetic, shifts: &[u8]) -> Arithmetic {
    let Arithmetic::MultiplyAccumulate { weights, bias, .. } = arithmetic.clone() else {
        panic!("no shifts: {arithmetic:?}")
    };
    Arithmetic::MultiplyAccumulate { weights, bias, right_shifts: Shifts::of_blocks(shifts) }
}

/// The int8umodel as text, and the net that is read from it after `edit`.
fn read_edited(
    net: &QuantizedNet,
    edit: impl Fn(&str) -> String,
) -> (String, Result<QuantizedNet, umodel::Error>) {
    let text = net.to_parameter_with_weights().to_text();
    let weights = NetParameter::parse_text(&edit(&text)).expect("text");
    let bytes = NetParameter::from_bytes(&weights.to_bytes().expect("bytes")).expect("a message");
    (text, QuantizedNet::read(&net.to_parameter(), &bytes, Phase::Test, &NoSources))
}

/// Every type of layer with a shift takes as many as it has blocks of 64 output channels, or one, of 31 bits at most, and
/// no other number. What is taken is read as it was written.
#[test]
fn blocks_of_output_channels_have_shifts_of_their_own() {
    for outputs in [1, 63, 64, 65, 128, 132, 256, 300] {
        let convolution = format!(
            "type: 'Convolution' convolution_param {{ num_output: {outputs} kernel_size: 1 }}"
        );
        let inner = format!(
            "type: 'InnerProduct' inner_product_param {{ num_output: {outputs} bias_term: false }}"
        );
        let turned = format!(
            "type: 'Deconvolution' convolution_param {{ num_output: {outputs} kernel_size: 1 bias_term: false }}"
        );
        let mut layers = vec![
            (convolution, mac(&[outputs, 4, 1, 1], Some(outputs))),
            (inner, mac(&[outputs, 60], None)),
            (turned, mac(&[4, outputs, 1, 1], None)),
        ];
        if outputs.is_multiple_of(4) {
            let groups = format!(
                "type: 'Deconvolution' convolution_param {{ num_output: {outputs} group: 4 kernel_size: 1 }}"
            );
            layers.push((groups, mac(&[4, outputs / 4, 1, 1], Some(outputs))));
        }
        let blocks = outputs.div_ceil(64);
        for (layer, arithmetic) in layers {
            for count in 0..8 {
                let shifts: Vec<u8> = (0..count).map(|block| 31 - block).collect();
                let shifts = shifted(&arithmetic, &shifts);
                let made = made(&layer, [I8, U8], shifts.clone());
                let what = format!("{layer}, {count} shifts");
                if count != 1 && usize::from(count) != blocks {
                    let error = format!("{:?}", made.expect_err(&what));
                    let expected =
                        format!("outputs: {outputs}, expected: {blocks}, found: {count}");
                    assert!(error.contains(&expected), "{what}: {error}");
                    continue;
                }
                let (text, read) = read_edited(&made.expect(&what), str::to_owned);
                assert_eq!(read.expect(&what).arithmetic(1), &shifts, "{what}");
                assert_eq!(text.contains("block_right_shift"), count > 1, "{what}");
                assert_eq!(text.contains(" right_shift: 31"), count == 1, "{what}");
            }
            if blocks > 1 {
                let mut shifts = vec![3; blocks];
                shifts[blocks - 1] = 32;
                let error = made(&layer, [I8, U8], shifted(&arithmetic, &shifts)).expect_err("32");
                assert!(format!("{error:?}").contains("right_shift: 32"), "{error:?}");
            }
        }
    }
}

/// Exact: shifts by channel have the shape of the Scale's own bottom, of four channels: one block.
#[test]
fn a_scale_of_one_block_has_one_shift() {
    let layer = "type: 'Scale'";
    assert!(made(layer, [I8, I8], shifted(&mac(&[4], None), &[9])).is_ok());
    assert!(made(layer, [I8, I8], shifted(&mac(&[4], None), &[9, 9])).is_err());
}

/// What nobody writes: both forms, shifts of more than 8 bits, too few, too many.
#[test]
fn damaged_lists_of_shifts_are_errors() {
    let layer = "type: 'Convolution' convolution_param { num_output: 130 kernel_size: 1 }";
    let arithmetic = shifted(&mac(&[130, 4, 1, 1], Some(130)), &[7, 8, 9]);
    let net = made(layer, [I8, I8], arithmetic.clone()).expect("three blocks");
    let line = "block_right_shift: 7";
    for (text, expected) in [
        ("block_right_shift: 7 right_shift: 7", "not beside right_shift"),
        ("block_right_shift: 300", "300: does not fit into 8 bits"),
        ("block_right_shift: 4294967295", "4294967295: does not fit into 8 bits"),
        ("block_right_shift: 263", "263: does not fit into 8 bits"),
        ("block_right_shift: 32", "right shift 32 exceeds 31"),
        ("", "130 output channels have 1 or 3 right shifts, not 2"),
        ("block_right_shift: [7, 7]", "130 output channels have 1 or 3 right shifts, not 4"),
    ] {
        let (written, read) = read_edited(&net, |whole| whole.replacen(line, text, 1));
        assert!(written.contains(line), "{written}");
        let mut error: &dyn std::error::Error = &read.expect_err(text);
        let mut found = error.to_string();
        while let Some(cause) = error.source() {
            found = format!("{found}: {cause}");
            error = cause;
        }
        assert!(found.contains(expected), "{text}: {found}");
    }
    // Damaged bytes give an error or a valid net, never a panic.
    let whole = net.to_parameter_with_weights().to_bytes().expect("bytes");
    let model = net.to_parameter();
    let read = |bytes: &[u8]| {
        let weights = NetParameter::from_bytes(bytes).ok()?;
        QuantizedNet::read(&model, &weights, Phase::Test, &NoSources).ok()
    };
    assert_eq!(read(&whole).expect("whole").arithmetic(1), &arithmetic);
    for length in 0..whole.len() {
        read(&whole[..length]);
    }
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        read(&flipped);
    }
}

/// The function of a layer in double precision, for those whose form says that there is one.
#[test]
fn layers_of_values_have_a_function() {
    for layer in [
        "Sigmoid",
        "TanH",
        "Swish",
        "HardSwish",
        "HardSigmoid",
        "ELU",
        "BNLL",
        "Exp",
        "Log",
        "Erf",
        "Gelu",
        "AbsVal",
        "Power",
    ] {
        let net = net(&format!("type: '{layer}'"));
        let op = &net.layers()[1].op;
        assert_eq!(op.int8_form(), umodel::layers::Int8Form::Value, "{layer}");
        assert!(op.value(0.5).is_some(), "{layer}");
    }
    let spec: LayerSpec = net("type: 'Softmax'").specs().remove(1);
    assert_eq!(spec.op.value(0.5), None);
}

/// Integers stay; an average over another number of values would need others.
#[test]
fn int8_nets_are_reshaped() {
    let max = "type: 'Pooling' pooling_param { pool: MAX kernel_size: 2 }";
    let net = made(max, [I8, I8], Arithmetic::Same).expect("valid");
    let wide = net.reshaped(&[("x", &[2, 4, 6, 9])]).expect("fits");
    let top = wide.net().outputs()[0];
    assert_eq!(wide.net().blob(top).shape, [2, 4, 5, 8]);
    assert_eq!((wide.format(top), wide.arithmetic(1)), (I8, &Arithmetic::Same));
    let average = Arithmetic::AveragePool { multiplier: 17, right_shift: 8 };
    let global = "type: 'Pooling' pooling_param { pool: AVE global_pooling: true }";
    let net = made(global, [I8, I8], average.clone()).expect("valid");
    net.reshaped(&[("x", &[7, 4, 3, 5])]).expect("as many values");
    let error = net.reshaped(&[("x", &[1, 4, 3, 6])]).expect_err("more values");
    let expected =
        "its integers are for averages over 15 values, not 18: calibrate the net at these sizes";
    let umodel::Error::Layer { source, .. } = &error else { panic!("{error}") };
    assert_eq!(source.to_string(), expected);
    let sliding = "type: 'Pooling' pooling_param { pool: AVE kernel_size: 2 }";
    let net = made(sliding, [I8, I8], average).expect("valid");
    net.reshaped(&[("x", &[1, 4, 8, 8])]).expect("each average is over as many values");
    let error = net.reshaped(&[("y", &[1])]).expect_err("no input");
    assert!(matches!(error, umodel::Error::UnknownInput { .. }), "{error}");
    let error =
        made(SIGMOID, [I8, U8], table()).expect("valid").reshaped(&[("x", &[usize::MAX; 4])]);
    assert!(error.is_err());
}

/// Windows that reach beyond the padding have factors for their own areas.
#[test]
fn clipped_averages_are_reshaped() {
    let factor = umodel::PoolFactor { multiplier: 17, right_shift: 8 };
    let clipped = |layer| made(layer, [I8, I8], Arithmetic::ClippedAveragePool([factor; 4]));
    // Of 3 x 5 the last windows have half of their rows and columns.
    let two = "type: 'Pooling' pooling_param { pool: AVE kernel_size: 2 stride: 2 }";
    let net = clipped(two).expect("valid");
    net.reshaped(&[("x", &[1, 4, 5, 7])]).expect("the same areas");
    net.reshaped(&[("x", &[1, 4, 4, 6])]).expect("no clipped windows");
    net.reshaped(&[("x", &[1, 4, 4, 7])]).expect("some of the same clipped windows");
    // Of 3 x 5 no window is clipped; of 6 x 5 the last ones have two of three rows.
    let three = "type: 'Pooling' pooling_param { pool: AVE kernel_size: 3 stride: 2 }";
    let error = clipped(three).expect("valid").reshaped(&[("x", &[1, 4, 6, 5])]);
    let error = error.expect_err("other areas");
    let umodel::Error::Layer { source, .. } = &error else { panic!("{error}") };
    let expected =
        "its integers are for averages over 9 values, not 6: calibrate the net at these sizes";
    assert_eq!(source.to_string(), expected);
}
