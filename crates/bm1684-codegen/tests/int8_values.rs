//! int8 forms of single values and windows: all of them compile, into the form that their parameters ask for.

use std::sync::Arc;

use bm1684_codegen::{Form, compile};
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
fn all_forms_compile() {
    let table = Arithmetic::Table(Arc::new([7; 256]));
    let weights = Arc::new(ArrayD::from_elem(IxDyn(&[2, 3, 2, 2]), 1));
    let mac = Arithmetic::MultiplyAccumulate { weights, bias: None, right_shifts: 1.into() };
    let slopes = Arc::new(ArrayD::from_elem(IxDyn(&[2]), 1));
    let prelu = Arithmetic::Prelu { slopes, right_shift: 1 };
    let (signed, unsigned) = ([DType::I8; 2], [DType::U8; 2]);
    let deconvolution =
        "type: 'Deconvolution' convolution_param { num_output: 3 kernel_size: 2 bias_term: false }";
    let bilinear = Arithmetic::Interpolate;
    let rows = [
        ("type: 'Sigmoid'", signed, table.clone(), Form::Table),
        ("type: 'Swish'", unsigned, table.clone(), Form::Table),
        ("type: 'Power' power_param { power: 2 }", signed, table.clone(), Form::Table),
        ("type: 'ReLU6'", unsigned, table.clone(), Form::Table),
        ("type: 'Clip' clip_param { min: 0 max: 1 }", signed, table.clone(), Form::Table),
        ("type: 'Clip' clip_param { min: -1 max: 1 }", signed, table.clone(), Form::Table),
        ("type: 'ReLU' relu_param { negative_slope: 200 }", signed, table, Form::Table),
        ("type: 'PReLU'", signed, prelu, Form::Prelu),
        ("type: 'PReLU'", unsigned, Arithmetic::Same, Form::Renamed),
        (deconvolution, signed, mac, Form::Deconvolution),
        (
            "type: 'Interp' interp_param { zoom_factor: 2 }",
            signed,
            bilinear.clone(),
            Form::Interpolate,
        ),
        (
            "type: 'Resize' resize_param { height: 6 width: 5 }",
            signed,
            bilinear.clone(),
            Form::Interpolate,
        ),
        (
            "type: 'Resample' resample_param { method: LINEAR height: 6 width: 5 }",
            signed,
            bilinear,
            Form::Interpolate,
        ),
    ];
    for (layer, dtypes, arithmetic, expected) in rows {
        let program = compile(&net(layer, dtypes, arithmetic)).expect(layer);
        assert_eq!(program.costs[1].form, expected, "{layer}");
    }
}

#[test]
fn a_leaky_relu_of_an_unsigned_blob_is_that_blob() {
    let leaky = "type: 'ReLU' relu_param { negative_slope: 0.3 }";
    compile(&net(leaky, [DType::U8; 2], Arithmetic::Same)).expect("no commands");
}
