//! Int8 forms of single values and windows, of which there is no code yet: compiling says what is missing, and what
//! moves nothing compiles.

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;

use bm1684_codegen::compile;
use ndarray::{ArrayD, IxDyn};
use umodel::{Arithmetic, BlobFormat, DType, Net, NetParameter, NoSources, Phase, QuantizedNet};

fn net(layer: &str, dtypes: [DType; 2], arithmetic: Arithmetic) -> QuantizedNet {
    let text = format!(
        "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, 2, 3, 5] }} }} }}
         layer {{ name: 'y' bottom: 'x' top: 'y' {layer} }}"
    );
    let model = NetParameter::parse_text(&text).expect("text");
    let net = Net::new(&model, None, Phase::Test, &NoSources).expect("net");
    let formats = dtypes.map(|dtype| BlobFormat { dtype, scale: 0.5 }).to_vec();
    QuantizedNet::new(net, formats, vec![Arithmetic::Cast, arithmetic]).expect("valid")
}

#[test]
fn what_there_is_no_code_for_is_said() {
    let table = Arithmetic::Table(Arc::new([7; 256]));
    let weights = Arc::new(ArrayD::from_elem(IxDyn(&[2, 3, 2, 2]), 1));
    let mac = Arithmetic::MultiplyAccumulate { weights, bias: None, right_shift: 1 };
    let slopes = Arc::new(ArrayD::from_elem(IxDyn(&[2]), 1));
    let prelu = Arithmetic::Prelu { slopes, right_shift: 1 };
    let (signed, unsigned) = ([DType::I8; 2], [DType::U8; 2]);
    let this_type = "there is no BM1684 code yet for this type in int8: compute it on the host";
    let of_table =
        "there is no BM1684 code yet for a table of the results of its 256 values in int8";
    let rows = [
        ("type: 'Sigmoid'", signed, table.clone(), this_type),
        ("type: 'Swish'", unsigned, table.clone(), this_type),
        ("type: 'Power' power_param { power: 2 }", signed, table.clone(), this_type),
        ("type: 'ReLU6'", unsigned, table.clone(), of_table),
        ("type: 'Clip' clip_param { min: 0 max: 1 }", signed, table.clone(), of_table),
        ("type: 'Clip' clip_param { min: -1 max: 1 }", signed, table.clone(), of_table),
        ("type: 'ReLU' relu_param { negative_slope: 200 }", signed, table, of_table),
        ("type: 'PReLU'", signed, prelu, this_type),
        ("type: 'PReLU'", unsigned, Arithmetic::Same, this_type),
        (
            "type: 'Deconvolution' convolution_param { num_output: 3 kernel_size: 2 bias_term: false }",
            signed,
            mac,
            this_type,
        ),
        (
            "type: 'Interp' interp_param { zoom_factor: 2 }",
            signed,
            Arithmetic::Interpolate,
            this_type,
        ),
        (
            "type: 'Resize' resize_param { height: 6 width: 5 }",
            signed,
            Arithmetic::Interpolate,
            this_type,
        ),
        (
            "type: 'Resample' resample_param { method: LINEAR height: 6 width: 5 }",
            signed,
            Arithmetic::Interpolate,
            this_type,
        ),
    ];
    for (layer, dtypes, arithmetic, expected) in rows {
        let error = compile(&net(layer, dtypes, arithmetic)).expect_err(layer);
        let causes = successors(Some(&error as &dyn Error), |&error| error.source());
        let text = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        assert!(text.starts_with("layer \"y\"") && text.contains(expected), "{layer}: {text}");
    }
}

#[test]
fn a_leaky_relu_of_an_unsigned_blob_is_that_blob() {
    let leaky = "type: 'ReLU' relu_param { negative_slope: 0.3 }";
    compile(&net(leaky, [DType::U8; 2], Arithmetic::Same)).expect("no commands");
}
