//! Layers that share a name, or have none: their names in a net, and which weights they get. Exact.

use std::error::Error as _;

use ndarray::{ArrayD, IxDyn, arr1};
use umodel::layers::{InnerProduct, Relu};
use umodel::{
    Arithmetic, BlobFormat, DType, Error, LayerError, LayerSpec, Net, NetBuilder, NetParameter,
    NoSources, Phase, QuantizedNet, Rescale,
};

fn model(layers: &str) -> NetParameter {
    let input =
        "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2, 1, 1] } } }";
    NetParameter::parse_text(&format!("{input}\n{layers}")).expect("text")
}

fn build(model: &NetParameter) -> Result<Net, Error> {
    Net::new(model, None, Phase::Test, &NoSources)
}

fn layer_names(net: &Net) -> Vec<&str> {
    net.layers().iter().map(|layer| layer.name.as_str()).collect()
}

fn ip(name: &str, top: &str, more: &str) -> String {
    format!(
        "layer {{ {name} type: 'InnerProduct' bottom: 'x' top: '{top}' {more} \
         inner_product_param {{ num_output: 1 }} }}\n"
    )
}

/// Weights of an InnerProduct of [`ip`], told apart by their number; as a model would hold them.
fn trained(name: &str, number: f32) -> String {
    let shape = |dims: &str| format!("shape {{ dim: {dims} }}");
    format!(
        "layer {{ {name} type: 'InnerProduct' blobs {{ {} data: [{number}, 0.5] }} \
         blobs {{ {} data: -{number} }} }}\n",
        shape("[1, 2]"),
        shape("1"),
    )
}

fn weights(text: &str) -> NetParameter {
    NetParameter::parse_text(text).expect("weights")
}

/// The first weight of each layer that has any, by the layer's name; or what is wrong, as text. The same from
/// weights that are borrowed and weights that move.
fn matched(net: &NetParameter, trained: &NetParameter) -> Result<Vec<(String, f32)>, String> {
    let told = |net: Result<Net, Error>| match net {
        Ok(net) => {
            let with = net.layers().iter().filter(|layer| !layer.weights.is_empty());
            let first = |array: &ArrayD<f32>| array.iter().next().copied().unwrap_or(f32::NAN);
            Ok(with.map(|layer| (layer.name.clone(), first(&layer.weights[0]))).collect())
        }
        Err(error) => {
            Err(format!("{error}: {}", error.source().map(ToString::to_string).unwrap_or_default()))
        }
    };
    let borrowed = told(Net::new(net, Some(trained), Phase::Test, &NoSources));
    let moved = told(Net::with_weights(net, trained.clone(), Phase::Test, &NoSources));
    assert_eq!(borrowed, moved);
    borrowed
}

const TWINS: &str = "
    layer { name: 'e' type: 'Eltwise' bottom: 'x' bottom: 'x' top: 'e1' }
    layer { name: 'e' type: 'Eltwise' bottom: 'x' bottom: 'e1' top: 'e2' }
    layer { type: 'ReLU' bottom: 'e2' top: 'e2' }
    layer { name: 'c' type: 'Concat' bottom: 'x' bottom: 'e1' top: 'c1' }
    layer { name: 'c' type: 'Concat' bottom: 'e2' bottom: 'c1' top: 'c2' }
    layer { name: 'e_1' type: 'TanH' bottom: 'c2' top: 't' }
    layer { type: 'ReLU' bottom: 't' top: 'r' }
    layer { name: '' type: 'TanH' bottom: 'r' top: 's' }";

const TWIN_NAMES: [&str; 9] = ["x", "e", "e_2", "", "c", "c_1", "e_1", "_1", "_2"];

#[test]
fn every_layer_has_a_name_of_its_own() {
    let net = build(&model(TWINS)).expect("valid");
    assert_eq!(layer_names(&net), TWIN_NAMES);
    for (index, name) in TWIN_NAMES.iter().enumerate() {
        assert_eq!(net.layer_index(name), Some(index));
    }
    let text = net.to_parameter().to_text();
    let again = build(&NetParameter::parse_text(&text).expect("text")).expect("valid");
    assert_eq!((layer_names(&again), again.blobs()), (TWIN_NAMES.to_vec(), net.blobs()));
    let bytes = net.to_parameter_with_weights().to_bytes().expect("bytes");
    let again = build(&NetParameter::from_bytes(&bytes).expect("message")).expect("valid");
    assert_eq!(layer_names(&again), TWIN_NAMES);
}

/// The layers of one name that most nets have: one for each phase.
#[test]
fn layers_of_another_phase_take_no_name_away() {
    let text = ip("name: 'a'", "y", "include { phase: TRAIN }")
        + &ip("name: 'a'", "y", "include { phase: TEST }");
    assert_eq!(layer_names(&build(&model(&text)).expect("valid")), ["x", "a"]);
}

#[test]
fn the_builder_takes_each_name_once() {
    let mut builder = NetBuilder::new("");
    let input = umodel::layers::Input { shapes: vec![vec![1, 2]], int8_scale: None };
    builder.add(LayerSpec::new("x", input, &[], &["x"])).expect("new");
    let relu = |top: &str| LayerSpec::new("x", Relu { negative_slope: 0.0 }, &["x"], &[top]);
    let Err(Error::Layer { source, .. }) = builder.add(relu("y")) else { panic!("taken") };
    assert!(
        matches!(*source, LayerError::DuplicateName { first, second } if (first.number, second.number) == (1, 2))
    );
    assert_eq!(builder.finish().layers().len(), 1, "the net stays as it was");
}

/// As Caffe's `Net::CopyTrainedLayersFrom` matches them.
#[test]
fn weights_find_their_layers_as_in_caffe() {
    let (a, b, none) = ("name: 'a'", "name: 'b'", "");
    let relu = "layer { name: 'a' type: 'ReLU' bottom: 'x' top: 'r' }\n";
    let empty = "layer { name: 'a' type: 'ReLU' }\n";
    let shared = "param { name: 'w' } param { name: 'v' }";
    let half = "param { name: 'w' }";
    for (net, sources, expected) in [
        (ip(a, "y", ""), trained(a, 1.0), &[("a", 1.0)][..]),
        // The last one of a name wins, and others are passed over.
        (
            ip(a, "y", ""),
            [trained(a, 1.0), trained(b, 2.0), trained(a, 3.0)].concat(),
            &[("a", 3.0)],
        ),
        (ip(none, "y", ""), trained(none, 1.0), &[("", 1.0)]),
        // Layers without weights may share names among themselves.
        (relu.to_owned() + &relu.replace("'r'", "'s'"), [empty, empty].concat(), &[]),
        // Shared weights: from one layer, or from the one that comes last.
        (ip(a, "y", shared) + &ip(b, "z", shared), trained(a, 1.0), &[("a", 1.0), ("b", 1.0)]),
        (ip(a, "y", shared) + &ip(b, "z", shared), trained(b, 1.0), &[("a", 1.0), ("b", 1.0)]),
        (
            ip(a, "y", shared) + &ip(b, "z", shared),
            trained(b, 2.0) + &trained(a, 1.0),
            &[("a", 1.0), ("b", 1.0)],
        ),
        // The layer that has none stands there, too.
        (
            ip(a, "y", shared) + &ip(b, "z", shared),
            trained(a, 1.0) + "layer { name: 'b' type: 'InnerProduct' }",
            &[("a", 1.0), ("b", 1.0)],
        ),
        (
            ip(a, "y", shared) + &ip(b, "z", shared),
            "layer { name: 'a' type: 'InnerProduct' }".to_owned() + &trained(b, 1.0),
            &[("a", 1.0), ("b", 1.0)],
        ),
        (ip(a, "y", shared) + &ip(a, "z", shared), trained(a, 1.0), &[("a", 1.0), ("a_1", 1.0)]),
        (
            ip(a, "y", half) + &ip(b, "z", half),
            trained(a, 1.0) + &trained(b, 2.0),
            &[("a", 2.0), ("b", 2.0)],
        ),
    ] {
        let found = matched(&model(&net), &weights(&sources));
        let expected = expected.iter().map(|&(name, first)| (name.to_owned(), first)).collect();
        assert_eq!(found, Ok(expected), "{net}{sources}");
    }
}

#[test]
fn layers_that_caffe_leaves_untrained_are_errors_with_both_places() {
    let a = "name: 'a'";
    let relu = "layer { name: 'a' type: 'ReLU' bottom: 'x' top: 'r' }\n".to_owned();
    let empty = "layer { name: 'a' type: 'ReLU' }\n";
    let half = "param { name: 'w' }";
    let two = |expected: usize, found: usize| {
        format!(
            "layers 2 (2:1) and 3 (3:1) have this name, and weights of this name go to layer 2 (2:1) alone: \
             expected {expected} weight blobs, found {found}"
        )
    };
    let second = format!("3:1: layer \"a_1\" (InnerProduct): {}", two(2, 0));
    let one = ip(a, "y", "");
    let pair = one.clone() + &ip(a, "z", "");
    let missing = "2:1: layer \"a\" (InnerProduct): expected 2 weight blobs, found 0: the layer of this name \
                   has none; take the trained caffemodel or umodel";
    let unknown = |nearest: &str| {
        format!("2:1: layer \"a\" (InnerProduct): the weights have no layer of this name{nearest}")
    };
    for (net, sources, expected) in [
        (pair.clone(), trained(a, 1.0), second.clone()),
        (pair, trained(a, 1.0) + &trained(a, 2.0), second),
        (
            relu.clone() + &ip(a, "z", ""),
            trained(a, 1.0),
            format!("2:1: layer \"a\" (ReLU): {}", two(0, 2)),
        ),
        (
            ip("", "y", "") + &ip("", "z", ""),
            trained("", 1.0),
            format!("3:1: layer \"_1\" (InnerProduct): {}", two(2, 0)),
        ),
        (
            ip(a, "y", half) + &ip(a, "z", half),
            trained(a, 1.0),
            format!("3:1: layer \"a_1\" (InnerProduct): {}", two(2, 1)),
        ),
        (
            one.clone() + &relu,
            trained(a, 1.0) + empty,
            "layer \"a\" (InnerProduct): layers 1 (1:1) and 2 (2:1) of the weights have this name, \
             with 2 and 0 weight blobs"
                .to_owned(),
        ),
        (one.clone(), trained("name: 'b'", 1.0), unknown(", did you mean \"b\"?")),
        (one.clone(), trained("name: 'other'", 1.0), unknown("")),
        (one, empty.to_owned(), missing.to_owned()),
    ] {
        assert_eq!(matched(&model(&net), &weights(&sources)), Err(expected), "{net}{sources}");
    }
    // Without weights there is nothing to miss.
    let net = build(&model(&(ip(a, "y", "") + &ip(a, "z", "")))).expect("valid");
    assert_eq!(layer_names(&net), ["x", "a", "a_1"]);
}

/// A net with two layers of each name, each with integers of its own.
fn quantized() -> QuantizedNet {
    let net = build(&model(TWINS)).expect("valid");
    let int8 = |scale: f32| BlobFormat { dtype: DType::I8, scale };
    let rescale = |multiplier: i8| Rescale { multiplier, right_shift: 3 };
    let mut formats = vec![BlobFormat::F32; net.blobs().len()];
    for (name, format) in [
        ("x", int8(0.5)),
        ("e1", int8(0.25)),
        ("e2", int8(0.125)),
        ("e2_1", int8(0.125)),
        ("c1", int8(2.0)),
        ("c2", int8(4.0)),
    ] {
        formats[net.blob_id(name).expect(name).index()] = format;
    }
    let rescaled = |a: i8, b: i8| Arithmetic::Rescaled(vec![rescale(a), rescale(b)]);
    let arithmetic = vec![
        Arithmetic::Cast,
        rescaled(1, 2),
        rescaled(3, 4),
        Arithmetic::Same,
        rescaled(5, 6),
        rescaled(7, 8),
        Arithmetic::Cast,
        Arithmetic::Float,
        Arithmetic::Float,
        Arithmetic::Float,
    ];
    // A border in front of the fp32 layers.
    let mut specs = net.specs();
    specs.insert(6, LayerSpec::new("cast", umodel::layers::Dequantize, &["c2"], &["c2_fp32"]));
    specs[7].bottoms = vec!["c2_fp32".to_owned()];
    formats.insert(net.blob_id("c2").expect("c2").index() + 1, BlobFormat::F32);
    QuantizedNet::new(Net::from_specs("", specs).expect("valid"), formats, arithmetic)
        .expect("fits")
}

fn same(a: &QuantizedNet, b: &QuantizedNet) {
    assert_eq!(layer_names(a.net()), layer_names(b.net()));
    assert_eq!(a.net().blobs(), b.net().blobs());
    for index in 0..a.net().layers().len() {
        assert_eq!(a.arithmetic(index), b.arithmetic(index), "layer {index}");
    }
    for id in a.net().blob_ids() {
        assert_eq!(a.format(id), b.format(id), "{:?}", a.net().blob(id));
    }
}

#[test]
fn layers_of_one_name_keep_their_integers() {
    let net = quantized();
    let read = |structure: &QuantizedNet| {
        let text = structure.to_parameter().to_text();
        let structure = NetParameter::parse_text(&text).expect("text");
        let bytes = net.to_parameter_with_weights().to_bytes().expect("bytes");
        let records = NetParameter::from_bytes(&bytes).expect("message");
        QuantizedNet::read(&structure, &records, Phase::Test, &NoSources).expect("reads")
    };
    same(&read(&net), &net);
    let deployed = net.deploy().expect("deploys");
    same(&read(&deployed), &deployed);
    let integers = |net: &QuantizedNet| {
        (0..net.net().layers().len()).map(|index| net.arithmetic(index).clone()).collect::<Vec<_>>()
    };
    assert_eq!(integers(&deployed), integers(&net));
}

#[test]
fn records_of_one_name_are_an_error_with_both_places() {
    let net = quantized();
    let text = net.to_parameter_with_weights().to_text().replace("\"c_1\"", "\"c\"");
    let records = NetParameter::parse_text(&text).expect("text");
    let error = QuantizedNet::read(&net.to_parameter(), &records, Phase::Test, &NoSources);
    let Err(Error::Layer { source, layer, .. }) = error else { panic!("two records") };
    let message = source.to_string();
    assert!(message.starts_with("layers 5 (") && message.contains(") and 6 ("), "{message}");
    assert_eq!(layer, "c");
}

/// Weights of layers that stay fp32 in an int8 net are found by the layer's unique name.
#[test]
fn float_weights_of_an_int8_net() {
    let dense = |name: &str, top: &str, weight: f32| {
        let op = InnerProduct { num_output: 1, bias: false, axis: 1, transpose: false };
        let weights = ArrayD::from_elem(IxDyn(&[1, 2]), weight);
        LayerSpec::new(name, op, &["x"], &[top]).with_weights([weights])
    };
    let input = umodel::layers::Input { shapes: vec![vec![1, 2]], int8_scale: None };
    let specs =
        vec![LayerSpec::new("x", input, &[], &["x"]), dense("a", "y", 1.0), dense("a_1", "z", 2.0)];
    let net = Net::from_specs("", specs).expect("valid");
    let arithmetic = vec![Arithmetic::Cast, Arithmetic::Float, Arithmetic::Float];
    let net = QuantizedNet::new(net, vec![BlobFormat::F32; 3], arithmetic).expect("fits");
    let records = net.to_parameter_with_weights();
    // Also where the prototxt has one name for both.
    let text = net.to_parameter().to_text().replace("\"a_1\"", "\"a\"");
    for structure in [net.to_parameter(), NetParameter::parse_text(&text).expect("text")] {
        let read =
            QuantizedNet::read(&structure, &records, Phase::Test, &NoSources).expect("reads");
        let first: Vec<f32> =
            read.net().layers()[1..].iter().map(|layer| layer.weights[0][[0, 0]]).collect();
        assert_eq!(arr1(&first), arr1(&[1.0, 2.0]));
    }
}

/// 100,000 layers in place, all of one name, on one blob. Exact; the number of names that are tried is tested
/// where they are made. Looking for a reader or writer of a blob takes no walk through the net either.
#[test]
fn long_chains_in_place_load() {
    const LAYERS: usize = 100_000;
    let text = "layer { name: 'r' type: 'ReLU' bottom: 'x' top: 'x' }\n".repeat(LAYERS);
    let net = build(&model(&text)).expect("valid");
    for id in net.blob_ids() {
        assert_eq!(net.producer(id), id.index());
        assert_eq!(net.consumers(id).len(), usize::from(id.index() < LAYERS));
        assert_eq!(net.blob_id(&net.blob(id).name), Some(id));
    }
    assert_eq!(net.layers()[LAYERS].name, format!("r_{}", LAYERS - 1));
}
