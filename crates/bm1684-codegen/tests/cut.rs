//! Nets of which a part cannot be placed: what is said, and where they are cut. Exact.

use std::error::Error as _;
use std::iter::successors;

use bm1684_codegen::{Error, Place, compile, cut, cut_stages, unplaced};
use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

const INT8: &str = "top { dtype: INT8 scale: 0.5 }";

fn net(text: &str) -> QuantizedNet {
    let model = NetParameter::parse_text(text).expect("text");
    QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("net")
}

/// An int8 input x, a pooling p of it, and these layers.
fn pooled(layers: &str) -> QuantizedNet {
    net(&format!(
        "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, 4, 6, 6] }} }}
           quantization_param {{ arithmetic: CAST {INT8} }} }}
         layer {{ name: 'p' type: 'Pooling' bottom: 'x' top: 'p' pooling_param {{ kernel_size: 2 stride: 2 }}
           quantization_param {{ arithmetic: SAME {INT8} }} }} {layers}"
    ))
}

fn cast(bottom: &str, top: &str) -> String {
    format!(
        "layer {{ name: '{top}' type: 'Dequantize' bottom: '{bottom}' top: '{top}'
           quantization_param {{ arithmetic: CAST top {{ dtype: FLOAT32 }} }} }}"
    )
}

fn float(kind: &str, bottom: &str, top: &str) -> String {
    format!("layer {{ name: '{top}' type: '{kind}' bottom: '{bottom}' top: '{top}' }}")
}

fn said(error: &Error) -> String {
    let causes = successors(Some(error as &dyn std::error::Error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// TopK and Accuracy never run on the chip.
const TOP_K: &str = "top_k_param { k: 2 }";

fn top_k(bottom: &str, name: &str) -> String {
    format!(
        "layer {{ name: '{name}' type: 'TopK' bottom: '{bottom}' top: '{name}' top: '{name}_at' {TOP_K} }}"
    )
}

#[test]
fn all_layers_that_cannot_be_placed_are_named() {
    let layers = [cast("p", "f"), top_k("f", "k"), float("Softmax", "k", "s"), top_k("s", "l")];
    let net = pooled(&layers.concat());
    let names: Vec<String> = unplaced(&net).into_iter().map(|unplaced| unplaced.layer).collect();
    assert_eq!(names, ["k", "l"]);
    let error = compile(&net).expect_err("two layers");
    let Error::Layers { unplaced: all, layers: 6 } = &error else { panic!("{error:?}") };
    assert_eq!(all, &unplaced(&net));
    let text = error.to_string();
    for part in [
        "2 of 6 layers cannot be placed: ",
        "layer \"k\" (TopK): it is computed in fp32, for which there is no BM1684 code yet",
        "; layer \"l\" (TopK): it is computed",
    ] {
        assert!(text.contains(part), "{text}");
    }
    // One alone is the whole sentence.
    let one = compile(&pooled(&[cast("p", "f"), top_k("f", "k")].concat())).expect_err("one");
    assert!(one.to_string().starts_with("layer \"k\" (TopK): it is computed"), "{one}");
    assert!(one.source().is_none());
}

#[test]
fn a_net_that_can_be_placed_stays_whole() {
    let cut = cut(&pooled("")).expect("whole");
    assert!(cut.host.is_none() && cut.unplaced.is_empty() && cut.on_host.is_empty());
    assert_eq!(cut.chip.net().layers().len(), 2);
    assert_eq!((&cut.inputs[..], &cut.outputs[..]), (&["x".to_owned()][..], &["p".to_owned()][..]));
}

/// A cast that only the host reads is the host's; one that the chip reads, too, is both's.
#[test]
fn casts_at_the_border() {
    let alone = pooled(&[cast("p", "f"), top_k("f", "k")].concat());
    let softmax = [cast("p", "f"), top_k("f", "k"), float("Softmax", "f", "s")].concat();
    for (net, chip, host) in [
        (alone, &["p INT8"][..], &["f", "k"][..]),
        (pooled(&softmax), &["s FLOAT32", "f FLOAT32"], &["k"]),
    ] {
        let cut = cut(&net).expect("cut");
        assert_eq!(cut.on_host, host);
        let program = compile(&cut.chip).expect("compiles");
        let outputs: Vec<String> = program
            .outputs
            .iter()
            .map(|port| {
                let dtype = match port.format.dtype {
                    umodel::DType::F32 => "FLOAT32",
                    umodel::DType::I8 => "INT8",
                    umodel::DType::U8 => "UINT8",
                };
                format!("{} {dtype}", port.name)
            })
            .collect();
        assert_eq!(outputs, chip);
        let inputs: Vec<usize> =
            cut.host.expect("host").net().inputs().iter().map(|id| id.index()).collect();
        assert_eq!(inputs, [0], "one blob crosses");
        assert_eq!(cut.outputs.len(), net.net().outputs().len());
    }
}

/// What stands behind the first layer that cannot be placed, and what stands beside it.
#[test]
fn everything_that_does_not_depend_on_it_stays() {
    let layers = [
        cast("p", "f"),
        top_k("f", "k"),
        float("Softmax", "k", "after"),
        float("Softmax", "f", "beside"),
        "layer { name: 'j' type: 'Concat' bottom: 'after' bottom: 'beside' top: 'j'
           concat_param { axis: 3 } }"
            .to_owned(),
    ];
    let cut = cut(&pooled(&layers.concat())).expect("cut");
    assert_eq!(cut.on_host, ["k", "after", "j"]);
    let program = compile(&cut.chip).expect("compiles");
    let names: Vec<&str> = program.outputs.iter().map(|port| port.name.as_str()).collect();
    assert_eq!(names, ["beside", "f"]);
    // An output that is read inside takes no place of its own.
    let cost = |name: &str| program.costs.iter().find(|cost| cost.layer == name).expect(name);
    assert_eq!((cost("f_output").place, cost("f_output").gdma), (Place::Renamed, 0));
    assert_eq!((cost("beside").place, cost("x").place), (Place::Float, Place::Input));
    assert_eq!(cost("p").place, Place::Int8);
    let sum = program.costs.iter().map(|cost| cost.traffic).sum::<bm1684_isa::commands::Traffic>();
    assert_eq!(sum, program.traffic());
}

#[test]
fn what_cutting_cannot_help() {
    // Nothing is left but inputs, renamed blobs and casts.
    let first = net(&format!(
        "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, 4] }} }} }}
         {} {}",
        "layer { name: 'r' type: 'Reshape' bottom: 'x' top: 'r' reshape_param { shape { dim: [2, 2] } } }",
        top_k("r", "k")
    ));
    let error = cut(&first).expect_err("nothing is left");
    assert!(matches!(error, Error::NothingPlaced { .. }));
    assert!(
        said(&error)
            .starts_with("nothing of the net can run on the chip: layer \"k\" (TopK): it is"),
        "{error}"
    );
    // A layer for testing or training is a mistake; the others are not what is wrong.
    let layers =
        [cast("p", "f"), top_k("f", "k"), "layer { name: 'q' type: 'Silence' bottom: 'k' }".into()];
    let error = cut(&pooled(&layers.concat())).expect_err("a mistake");
    assert_eq!(
        said(&error),
        "layer \"q\" (Silence): this type is not for deployment: compile the deploy prototxt"
    );
    assert!(matches!(cut_stages(&[]), Err(Error::NoStages)));
}

/// What cannot be placed for one shape is cut off for all: here the largest value of a whole picture that is too large.
#[test]
fn stages_are_cut_at_one_place() {
    let small = pooled(&format!(
        "layer {{ name: 's' type: 'Pooling' bottom: 'p' top: 's' pooling_param {{ global_pooling: true }}
           quantization_param {{ arithmetic: SAME {INT8} }} }}"
    ));
    let nets = [small.reshaped(&[("x", &[1, 4, 1400, 1400])]).expect("larger"), small];
    assert!(compile(&nets[1]).is_ok());
    for order in [[0, 1], [1, 0]] {
        let nets = order.map(|index: usize| nets[index].clone());
        let cuts = cut_stages(&nets).expect("cut");
        for (cut, net) in cuts.iter().zip(&nets) {
            assert_eq!(cut.on_host, ["s"]);
            let text = cut.unplaced[0].to_string();
            assert!(text.starts_with("layer \"s\" (Pooling): its smallest tile needs "), "{text}");
            compile(&cut.chip).expect("compiles");
            let shape = net.net().blob(net.net().blob_id("p").expect("a blob")).shape.clone();
            let host = cut.host.as_ref().expect("host").to_parameter();
            assert_eq!(host.input_shapes(), [shape]);
        }
    }
}

/// A PriorBox and what is made of it is the host's, whole.
#[test]
fn boxes_of_a_detector() {
    let layers = [
        "layer { name: 'b' type: 'PriorBox' bottom: 'p' bottom: 'x' top: 'b' prior_box_param { min_size: 2 } }".into(),
        "layer { name: 'c' type: 'Concat' bottom: 'b' bottom: 'b' top: 'c' concat_param { axis: 2 } }".into(),
        cast("p", "f"),
        "layer { name: 'm' type: 'Reshape' bottom: 'f' top: 'm' reshape_param { shape { dim: [1, 36] } } }".into(),
        "layer { name: 'n' type: 'Softmax' bottom: 'f' top: 'n' }".into(),
        "layer { name: 'o' type: 'Reshape' bottom: 'n' top: 'o' reshape_param { shape { dim: [1, 36] } } }".into(),
        "layer { name: 'd' type: 'DetectionOutput' bottom: 'm' bottom: 'o' bottom: 'b' top: 'd'
           detection_output_param { num_classes: 4 nms_param { nms_threshold: 0.5 top_k: 9 } keep_top_k: 5 } }".into(),
    ];
    let net = pooled(&layers.concat());
    let cut = cut(&net).expect("cut");
    let names: Vec<&str> = cut.unplaced.iter().map(|unplaced| unplaced.layer.as_str()).collect();
    assert!(names.contains(&"d"), "{names:?}");
    let causes: Vec<&str> = cut.causes().iter().map(|cause| cause.layer.as_str()).collect();
    assert_eq!(causes, ["d"]);
    let chip = cut.chip.net();
    assert!(chip.layers().iter().all(|layer| !["b", "c", "d"].contains(&layer.name.as_str())));
    let host = cut.host.expect("host");
    let inputs: Vec<&str> =
        host.net().inputs().iter().map(|&id| host.net().blob(id).name.as_str()).collect();
    assert_eq!(inputs, ["m", "o"]);
}

/// The whole is too large, although each layer is not: the layer where most is alive.
#[test]
fn nets_beyond_the_addresses() {
    let mut text = "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 1, 16384, 16384] } } }".to_owned();
    for name in ["a", "b", "c", "d"] {
        text += &float("Softmax", "x", name);
    }
    let net = net(&text);
    let error = compile(&net).expect_err("5 GiB");
    assert!(matches!(error, Error::Memory { .. }));
    let text = said(&error);
    for part in [
        "need 5368709120 bytes, more than the 4 GiB of addresses",
        "most are alive at layer \"d\" (Softmax), 5368709120 bytes: use a smaller batch",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(cut(&net).expect("each by itself").host.is_none(), "cutting does not help");
}
