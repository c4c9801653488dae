//! The graph: phases, unique tops, shapes, weights, passes. Exact.

use ndarray::{ArrayD, IxDyn};
use umodel::layers::{Convolution, Dropout, InnerProduct, Relu, Scale};
use umodel::{
    Arithmetic, BlobFormat, DType, Layer, LayerOp, LayerSpec, Net, NetParameter, NoSources,
    Obstacle, Phase, QuantizedNet, Rescale, Shifts, Sources, passes,
};

struct Digits;

impl Sources for Digits {
    fn shapes(
        &self,
        layer: &str,
        op: &LayerOp,
        _: &[String],
    ) -> Result<Vec<Vec<usize>>, Box<dyn std::error::Error + Send + Sync>> {
        let LayerOp::Data(data) = op else { return Err("not a Data layer".into()) };
        assert_eq!((layer, data.source.as_str()), ("data", "db"));
        Ok(vec![vec![data.batch_size, 1, 8, 8], vec![data.batch_size]])
    }
}

fn build(text: &str, phase: Phase) -> Result<Net, String> {
    let model = NetParameter::parse_text(text).map_err(|error| error.to_string())?;
    Net::new(&model, None, phase, &Digits).map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        format!("{error}: {}", cause.unwrap_or_default())
    })
}

const TEST_NET: &str = r#"
name: "small"
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN }
        data_param { source: "elsewhere" batch_size: 9 backend: LMDB } }
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST }
        transform_param { scale: 0.5 } data_param { source: "db" batch_size: 2 backend: LMDB } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
        param { lr_mult: 3 } convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "drop" type: "Dropout" bottom: "conv" top: "conv" exclude { phase: TRAIN } }
layer { name: "conv_1" type: "TanH" bottom: "conv" top: "conv_1" }
layer { name: "ip" type: "InnerProduct" bottom: "conv_1" top: "ip"
        inner_product_param { num_output: 10 } }
layer { name: "accuracy" type: "Accuracy" bottom: "ip" bottom: "label" top: "accuracy" }
layer { name: "prob" type: "Softmax" bottom: "ip" top: "prob" }
"#;

#[test]
fn phases_unique_tops_and_shapes() {
    let net = build(TEST_NET, Phase::Test).expect("valid");
    let blobs: Vec<(&str, &[usize])> =
        net.blobs().iter().map(|blob| (blob.name.as_str(), blob.shape.as_slice())).collect();
    // conv_1 is taken by another layer, so the in-place tops are conv_2 and conv_3.
    let expected: [(&str, &[usize]); 9] = [
        ("data", &[2, 1, 8, 8]),
        ("label", &[2]),
        ("conv", &[2, 4, 6, 6]),
        ("conv_2", &[2, 4, 6, 6]),
        ("conv_3", &[2, 4, 6, 6]),
        ("conv_1", &[2, 4, 6, 6]),
        ("ip", &[2, 10]),
        ("accuracy", &[]),
        ("prob", &[2, 10]),
    ];
    assert_eq!(blobs, expected);
    let outputs: Vec<&str> = net.outputs().iter().map(|&id| net.blob(id).name.as_str()).collect();
    assert_eq!(outputs, ["accuracy", "prob"]);
    let ip = net.blob_id("ip").expect("a blob");
    let names = |layers: &[Layer], at: &[usize]| -> Vec<String> {
        at.iter().map(|&index| layers[index].name.clone()).collect()
    };
    assert_eq!(names(net.layers(), net.consumers(ip)), ["accuracy", "prob"]);
    assert_eq!(names(net.layers(), &[net.producer(ip)]), ["ip"]);
}

#[test]
fn the_written_net_reads_back_alike() {
    let net = build(TEST_NET, Phase::Test).expect("valid");
    let text = net.to_parameter().to_text();
    assert!(text.contains("lr_mult: 3"), "what the trainer said is kept: {text}");
    assert!(text.contains("scale: 0.5") && !text.contains("include"));
    let again = build(&text, Phase::Test).expect("valid");
    assert_eq!(again.to_parameter().to_text(), text);
    assert_eq!(again.blobs(), net.blobs());
}

#[test]
fn deploy_drops_labels_and_what_needs_them() {
    let net = build(TEST_NET, Phase::Test).expect("valid");
    let deployed = passes::deploy(&net).expect("valid");
    let kinds: Vec<&str> = deployed.layers().iter().map(|layer| layer.op.kind()).collect();
    let expected = ["Input", "Convolution", "ReLU", "Dropout", "TanH", "InnerProduct", "Softmax"];
    assert_eq!(kinds, expected);
    assert_eq!(deployed.layers()[0].name, "data");
    assert!(!deployed.to_parameter().to_text().contains("transform_param"));
    let plain = passes::remove_identities(&deployed).expect("valid");
    assert!(plain.layers().iter().all(|layer| layer.op != Dropout { ratio: 0.5 }.into()));
}

#[test]
fn mistakes_name_the_layer_its_type_and_line() {
    let net = |layer: &str| {
        format!(
            "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1,4,5,5] }} }} }}\n{layer}"
        )
    };
    let fails = |layer: &str, expected: &str| {
        let error = build(&net(layer), Phase::Test).expect_err(layer);
        assert!(error.contains(expected), "{error:?} lacks {expected:?}");
    };
    let tanh = |name: &str, top: &str| {
        format!("layer {{ name: '{name}' type: 'TanH' bottom: 'x' top: '{top}' }}\n")
    };
    let twice = tanh("a", "x") + &tanh("b", "y") + &tanh("c", "y");
    fails(&twice, "4:1: layer \"c\" (TanH): top \"y\" is already written");
    let magic = "2:1: layer \"a\" (Magic): layer type is not supported";
    fails("layer { name: 'a' type: 'Magic' bottom: 'x' top: 'y' }", magic);
    let unknown = "bottom \"z\" is not the top of any layer above";
    fails("layer { name: 'a' type: 'ReLU' bottom: 'z' top: 'y' }", unknown);
    for (kind, parameters, expected) in [
        ("Convolution", "kernel_size: 3", "convolution_param.num_output is missing"),
        ("Convolution", "num_output: 4", "convolution_param.kernel_size is missing"),
        ("Convolution", "num_output: 4 kernel_size: 9", "covers 9 pixels, the padded bottom has 5"),
        ("Convolution", "num_output: 4 kernel_size: 0", "must be at least 1"),
        (
            "Convolution",
            "num_output: 6 kernel_size: 1 group: 3",
            "does not divide the bottom's 4 channels",
        ),
        ("Convolution", "num_output: 6 kernel_size: 1 kernel_h: 1 kernel_w: 1", "not both"),
        ("Convolution", "num_output: 4 kernel_size: 1 stride: [1,1,1]", "one value or two"),
        ("Pooling", "pool: STOCHASTIC kernel_size: 2", "only MAX and AVE"),
        ("Pooling", "kernel_size: 2 pad: 2", "must be smaller than the kernel"),
        (
            "Pooling",
            "kernel_size: 1 stride: 3",
            "pooling_param.stride: 3: the last of 3 windows of 1 would lie beyond the bottom's 5",
        ),
        ("Eltwise", "", "expected 2 or more bottoms, found 1"),
        ("Softmax", "axis: 4", "softmax_param.axis: 4: outside the 4 axes"),
        ("Reshape", "shape { dim: [7, -1] }", "does not divide the 100 values"),
        ("Batch_Norm", "use_global_stats: false", "statistics of the batch"),
    ] {
        let (kind, field) = (kind.replace('_', ""), kind.to_lowercase());
        fails(
            &format!(
                "layer {{ name: 'a' type: '{kind}' bottom: 'x' top: 'y' {field}_param {{ {parameters} }} }}"
            ),
            expected,
        );
    }
    for (kind, parameters, expected) in [
        ("Input", "input_param { shape { dim: [65536, 65536] } }", "2^31"),
        ("Data", "data_param { batch_size: 2 }", "data_param.source is missing"),
        ("HDF5Data", "hdf5_data_param { batch_size: 2 }", "hdf5_data_param.source is missing"),
        (
            "HDF5Data",
            "hdf5_data_param { source: 's' }",
            "hdf5_data_param.batch_size: 0: must be from 1 to 65536",
        ),
        (
            "HDF5Data",
            "transform_param { scale: 2 } hdf5_data_param { source: 's' batch_size: 2 }",
            "transform_param: scale: 2: HDF5Data layers do not transform data",
        ),
        (
            "Pooling",
            "bottom: 'x' top: 'mask' pooling_param { pool: AVE kernel_size: 2 }",
            "expected 1 tops, found 2",
        ),
        ("ReLU", "bottom: 'x' include { phase: TEST } exclude { phase: TRAIN }", "not both"),
    ] {
        fails(&format!("layer {{ name: 'a' type: '{kind}' top: 'y' {parameters} }}"), expected);
    }
}

#[test]
fn rules_of_phase_level_and_stage() {
    let kept = |state: &str, rule: &str| {
        let text = format!(
            "{state} layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: 1 }} }} {rule} }}"
        );
        build(&text, Phase::Test).expect("valid").layers().len() == 1
    };
    for (state, rule, expected) in [
        ("", "", true),
        ("", "include { phase: TRAIN }", false),
        ("", "include { phase: TRAIN } include { phase: TEST }", true),
        ("", "exclude { phase: TEST }", false),
        ("state { level: 2 }", "include { min_level: 3 }", false),
        ("state { level: 2 }", "include { max_level: 2 }", true),
        ("state { stage: 'deploy' }", "include { stage: 'deploy' }", true),
        ("", "include { stage: 'deploy' }", false),
        ("state { stage: 'deploy' }", "exclude { not_stage: 'deploy' }", true),
    ] {
        assert_eq!(kept(state, rule), expected, "{state} {rule}");
    }
}

fn ramp(shape: &[usize], start: f32) -> ArrayD<f32> {
    let count: usize = shape.iter().product();
    let values = (0..count).map(|i| start + 0.25 * i as f32).collect();
    ArrayD::from_shape_vec(IxDyn(shape), values).expect("fits")
}

fn convolution(num_output: usize, bias: bool) -> Convolution {
    Convolution {
        num_output,
        bias,
        kernel: [1, 1],
        stride: [1, 1],
        pad: [0, 0],
        dilation: [1, 1],
        group: 1,
    }
}

fn input() -> LayerSpec {
    let op = umodel::layers::Input { shapes: vec![vec![1, 2, 1, 1]], int8_scale: None };
    LayerSpec::new("x", op, &[], &["x"])
}

#[test]
fn weights_fit_or_are_refused() {
    let with = |weights: Vec<ArrayD<f32>>| {
        let conv = LayerSpec::new("c", convolution(3, true), &["x"], &["y"]).with_weights(weights);
        Net::from_specs("", vec![input(), conv])
    };
    // Caffe's older files pad shapes with ones in front.
    let net = with(vec![ramp(&[3, 2, 1, 1], 0.0), ramp(&[1, 1, 1, 3], 0.0)]).expect("fits");
    assert_eq!(net.layers()[1].weights[1].shape(), [3]);
    for wrong in [
        vec![ramp(&[3, 2, 1, 1], 0.0)],
        vec![ramp(&[2, 3, 1, 1], 0.0), ramp(&[3], 0.0)],
        vec![ramp(&[3, 2, 1, 1], 0.0), ramp(&[4], 0.0)],
    ] {
        assert!(with(wrong).is_err());
    }
}

#[test]
fn affine_layers_fold_into_the_weights() {
    let conv = LayerSpec::new("c", convolution(2, false), &["x"], &["c"])
        .with_weights([ramp(&[2, 2, 1, 1], 1.0)]);
    let norm = LayerSpec::new(
        "n",
        umodel::layers::BatchNorm { eps: 0.0, scale_bias: false },
        &["c"],
        &["n"],
    )
    .with_weights([ramp(&[2], 2.0), ramp(&[2], 8.0), ramp(&[1], 2.0)]);
    let scale = LayerSpec::new("s", Scale { axis: 1, num_axes: 1, bias: true }, &["n"], &["s"])
        .with_weights([ramp(&[2], 3.0), ramp(&[2], 0.5)]);
    let relu = LayerSpec::new("r", Relu { negative_slope: 0.0 }, &["s"], &["r"]);
    let specs = vec![input(), conv, norm.clone(), scale.clone(), relu];
    let folded = passes::fold_affine(&Net::from_specs("", specs).expect("valid")).expect("valid");
    let names: Vec<&str> = folded.layers().iter().map(|layer| layer.name.as_str()).collect();
    assert_eq!(names, ["x", "c", "r"]);
    let layer = &folded.layers()[1];
    assert_eq!(folded.blob(layer.tops[0]).name, "s");
    // Channel 0: mean 2/2 = 1, variance 8/2 = 4: (v − 1)/2 · 3 + 0.5 = 1.5 v − 1.
    assert_eq!(layer.weights[0].as_slice().expect("layout")[..2], [1.5, 1.875]);
    assert_eq!(layer.weights[1][[0]], -1.0);
    // Alone, they become one Scale; a blob with a second reader is not folded into.
    let alone = LayerSpec::new("e", Relu { negative_slope: 0.0 }, &["x"], &["c"]);
    let reader = LayerSpec::new("t", umodel::layers::TanH, &["n"], &["t"]);
    let specs = vec![input(), alone, norm, reader, scale];
    let joined = passes::fold_affine(&Net::from_specs("", specs).expect("valid")).expect("valid");
    let kinds: Vec<&str> = joined.layers().iter().map(|layer| layer.op.kind()).collect();
    assert_eq!(kinds, ["Input", "ReLU", "Scale", "TanH", "Scale"]);
}

#[test]
fn a_quantized_net_is_checked() {
    let net = || {
        let conv = LayerSpec::new("c", convolution(2, false), &["x"], &["c"]);
        let sum =
            umodel::layers::Eltwise { operation: umodel::layers::EltwiseOp::Sum(vec![1.0, 1.0]) };
        let sum = LayerSpec::new("e", sum, &["x", "c"], &["e"]);
        Net::from_specs("", vec![input(), conv, sum]).expect("valid")
    };
    let i8 = BlobFormat { dtype: DType::I8, scale: 0.5 };
    let mac = |shape: &[usize], right_shift| Arithmetic::MultiplyAccumulate {
        weights: ArrayD::zeros(IxDyn(shape)).into(),
        bias: None,
        right_shifts: Shifts::one(right_shift),
    };
    let rescaled = |count, right_shift| {
        Arithmetic::Rescaled(vec![Rescale { multiplier: 3, right_shift }; count])
    };
    let good = [Arithmetic::Cast, mac(&[2, 2, 1, 1], 31), rescaled(2, 15)];
    assert!(QuantizedNet::new(net(), vec![i8; 3], good.to_vec()).is_ok());
    let swap = |index: usize, arithmetic: Arithmetic| {
        let mut changed = good.to_vec();
        changed[index] = arithmetic;
        changed
    };
    let zero = Arithmetic::Rescaled(vec![Rescale { multiplier: 0, right_shift: 1 }; 2]);
    for (formats, arithmetic) in [
        (vec![i8; 2], good.to_vec()),
        (vec![i8; 3], good[..2].to_vec()),
        (vec![i8, BlobFormat::F32, i8], good.to_vec()),
        (vec![BlobFormat { scale: 0.0, ..i8 }; 3], good.to_vec()),
        (vec![BlobFormat { scale: f32::NAN, ..i8 }; 3], good.to_vec()),
        (vec![i8; 3], swap(1, mac(&[2, 1, 1, 1], 3))),
        (vec![i8; 3], swap(1, mac(&[2, 2, 1, 1], 32))),
        (vec![i8; 3], swap(1, Arithmetic::Same)),
        (vec![i8; 3], swap(1, Arithmetic::Float)),
        (vec![i8; 3], swap(2, rescaled(3, 1))),
        (vec![i8; 3], swap(2, rescaled(2, 16))),
        (vec![i8; 3], swap(2, zero)),
    ] {
        let what = format!("{formats:?} {arithmetic:?}");
        assert!(QuantizedNet::new(net(), formats, arithmetic).is_err(), "{what}");
    }
}

#[test]
fn old_forms_are_upgraded() {
    let text = r#"
        name: "old"
        input: "data"
        input_dim: 1 input_dim: 1 input_dim: 4 input_dim: 4
        layers { name: "c" type: CONVOLUTION bottom: "data" top: "c" blobs_lr: 1 blobs_lr: 2
                 convolution_param { num_output: 2 kernel_size: 3 } }
        layers { name: "r" type: RELU bottom: "c" top: "c" }
        layers { name: "p" type: SOFTMAX bottom: "c" top: "p" }
    "#;
    let model = NetParameter::parse_text(text).expect("valid");
    let net = Net::new(&model, None, Phase::Test, &NoSources).expect("valid");
    let kinds: Vec<&str> = net.layers().iter().map(|layer| layer.op.kind()).collect();
    assert_eq!(kinds, ["Input", "Convolution", "ReLU", "Softmax"]);
    assert_eq!(net.layers()[1].position.map(|at| at.line), Some(5));
    assert!(model.to_text().contains("lr_mult: 2"));
    let unknown = text.replace("RELU", "WINDOW_DATA");
    let unknown = NetParameter::parse_text(&unknown).expect("read, but not built without pictures");
    assert!(Net::new(&unknown, None, Phase::Test, &NoSources).is_err());
    let short = text.replace("input_dim: 4 input_dim: 4", "input_dim: 4");
    let model = NetParameter::parse_text(&short).expect("valid text");
    assert!(Net::new(&model, None, Phase::Test, &NoSources).is_err());
    // Preprocessing among data_param's own fields moves to transform_param.
    let moved = NetParameter::parse_text(
        "layers { name: 'd' type: DATA top: 'd' data_param { source: 's' batch_size: 1 scale: 0.5 crop_size: 3 } }",
    );
    let moved = moved.expect("valid").to_text();
    assert!(moved.contains("transform_param {\n    scale: 0.5\n    crop_size: 3"), "{moved}");
}

#[test]
fn binary_models_keep_unknown_fields_and_never_panic() {
    let specs = vec![
        input(),
        LayerSpec::new(
            "ip",
            InnerProduct { num_output: 3, bias: true, axis: 1, transpose: false },
            &["x"],
            &["y"],
        )
        .with_weights([ramp(&[3, 2], 0.0), ramp(&[3], 0.0)]),
    ];
    let net = Net::from_specs("n", specs).expect("valid");
    let mut bytes = net.to_parameter_with_weights().to_bytes().expect("small");
    // Field 9999, a string that nobody knows.
    bytes.extend([0xFA, 0xF0, 0x04, 3, b'a', b'b', b'c']);
    let model = NetParameter::from_bytes(&bytes).expect("valid");
    assert_eq!(model.to_bytes().expect("small"), bytes);
    for at in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        if let Ok(model) = NetParameter::from_bytes(&flipped) {
            let _ = Net::new(&model, Some(&model), Phase::Test, &NoSources);
        }
    }
}

/// Exact, at every byte: a model that is cut off within a layer is no model, even if the cut is behind a whole field of the
/// layer. A cut between two layers leaves a shorter model, which protobuf cannot tell from a whole one.
#[test]
fn truncated_models_are_refused() {
    let ip = |name: &str, bottom: &str| {
        let product = InnerProduct { num_output: 3, bias: true, axis: 1, transpose: false };
        LayerSpec::new(name, product, &[bottom], &[name])
    };
    let specs = vec![
        input(),
        ip("one", "x").with_weights([ramp(&[3, 2], 0.0), ramp(&[3], 0.0)]),
        ip("two", "one").with_weights([ramp(&[3, 3], 0.0), ramp(&[3], 0.0)]),
    ];
    let net = Net::from_specs("n", specs).expect("valid");
    let whole = net.to_parameter_with_weights();
    let bytes = whole.to_bytes().expect("small");
    // The name, then the layers, each with a tag of two bytes and its length.
    let mut ends = vec![2 + usize::from(bytes[1])];
    while let Some(&[_, _, length, next, ..]) = bytes.get(ends[ends.len() - 1]..) {
        let (low, high) = (usize::from(length & 127), usize::from(next) << 7);
        let (head, length) = if length < 128 { (3, low) } else { (4, low + high) };
        ends.push(ends[ends.len() - 1] + head + length);
    }
    assert_eq!((ends.len(), ends[3]), (4, bytes.len()), "a name and three layers");
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("cut.caffemodel");
    for length in 0..=bytes.len() {
        let cut = NetParameter::from_bytes(&bytes[..length]);
        std::fs::write(&path, &bytes[..length]).expect("write");
        // A short start looks like an empty text.
        assert!(length < 4 || NetParameter::read(&path).is_ok() == cut.is_ok(), "{length}");
        match ends.iter().position(|&end| end == length) {
            Some(layers @ 1..) => assert_eq!(cut.expect("shorter").layers().count(), layers),
            _ => assert!(cut.is_err(), "{length} of {} bytes", bytes.len()),
        }
    }
    let cut_off = |&end: &usize| {
        let error = NetParameter::from_bytes(&bytes[..end]).expect_err("cut").to_string();
        error.contains("it is cut off: its last layer announces more bytes")
    };
    let behind_fields = (ends[2] + 4..ends[3]).filter(cut_off).count();
    assert!(behind_fields >= 5, "behind name, type, bottom, top and blobs: {behind_fields}");
    assert_eq!(NetParameter::from_bytes(&bytes).expect("whole").to_bytes().expect("small"), bytes);
}

/// A fork's parameters under a number that is another field's here: by the layer's type.
#[test]
fn parameters_of_forks_are_found_in_binary_models() {
    let text =
        "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2, 5, 5] } } }
        layer { name: 'i' type: 'Interp' bottom: 'x' top: 'i' }";
    let model = NetParameter::parse_text(text).expect("text");
    let mut bytes = model.to_bytes().expect("small");
    // The last layer grows by field 143, input_param here and interp_param in DeepLab: zoom_factor 2.
    let grown = [0xfa, 0x08, 2, 0x18, 2];
    let at = bytes.windows(6).rposition(|part| part == b"Interp").expect("its type") - 6;
    assert_eq!(usize::from(bytes[at]), bytes[at..].len() - 1, "the layer's length");
    bytes[at] += u8::try_from(grown.len()).expect("short");
    bytes.extend(grown);
    let model = NetParameter::from_bytes(&bytes).expect("binary");
    assert_eq!(model.to_bytes().expect("small"), bytes);
    let net = Net::new(&model, None, Phase::Test, &NoSources).expect("net");
    assert_eq!(net.blob(net.outputs()[0]).shape, [1, 2, 9, 9]);
    let named = text.replace("top: 'i' }", "top: 'i' interp_param { height: 3 width: 4 } }");
    let net = build(&named, Phase::Test).expect("net");
    assert_eq!(net.blob(net.outputs()[0]).shape, [1, 2, 3, 4]);
}

/// Exact: rounding down, as forks and all other frameworks have it, survives text.
#[test]
fn poolings_may_round_down() {
    for (field, expected, round) in
        [("", 3, ""), ("ceil_mode: false", 2, "FLOOR"), ("round_mode: FLOOR", 2, "FLOOR")]
    {
        let text = format!(
            "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, 1, 6, 6] }} }} }}
             layer {{ name: 'a' type: 'Pooling' bottom: 'x' top: 'y'
                      pooling_param {{ kernel_size: 3 stride: 2 {field} }} }}"
        );
        let model = NetParameter::parse_text(&text).expect("text");
        let net = Net::new(&model, None, Phase::Test, &NoSources).expect("net");
        assert_eq!(net.blobs()[1].shape, [1, 1, expected, expected], "{field}");
        assert_eq!(
            net.to_parameter().to_text().contains("round_mode"),
            !round.is_empty(),
            "{field}"
        );
    }
}

/// Exact, as Caffe's `Layer::SetLossWeights` and `LossLayer` have it.
#[test]
fn loss_weights() {
    let net = |loss: &str, softmax: &str| {
        let text = format!(
            "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [1, 3] }} }} }}
             layer {{ name: 'y' type: 'Input' top: 'y' input_param {{ shape {{ dim: 1 }} }} }}
             layer {{ name: 'l' type: 'SoftmaxWithLoss' bottom: 'x' bottom: 'y' top: 'l' {loss} }}
             layer {{ name: 's' type: 'Softmax' bottom: 'x' top: 's' {softmax} }}"
        );
        build(&text, Phase::Test)
    };
    let zero = Some(0.0);
    for (loss, softmax, expected) in [
        ("", "", [zero, Some(1.0), None, zero]),
        ("top: 'p'", "", [zero, Some(1.0), zero, zero]),
        ("loss_weight: 0.3", "", [zero, Some(0.3), None, zero]),
        ("loss_weight: 0", "", [zero, zero, None, zero]),
        ("top: 'p' loss_weight: [0, 2]", "", [zero, zero, Some(2.0), zero]),
        ("", "loss_weight: -1", [zero, Some(1.0), None, Some(-1.0)]),
    ] {
        let net = net(loss, softmax).expect("valid");
        let weight = |name| net.blob_id(name).map(|id| net.loss_weight(id));
        assert_eq!(["x", "l", "p", "s"].map(weight), expected, "{loss} {softmax}");
        let again = build(&net.to_parameter().to_text(), Phase::Test).expect("valid");
        for id in net.blob_ids() {
            assert_eq!(again.loss_weight(id), net.loss_weight(id), "{loss} {softmax}");
        }
    }
    let error = net("top: 'p' loss_weight: 1", "").expect_err("too few");
    assert!(error.contains("loss_weight is given 1 times for 2 tops"), "{error}");
}

/// Weights for grey pictures meet coloured ones, or the other way round: behind layers without weights, in fp32 and
/// int8.
#[test]
fn weights_of_another_number_of_channels() {
    struct Color;
    impl Sources for Color {
        fn shapes(
            &self,
            _: &str,
            _: &LayerOp,
            _: &[String],
        ) -> Result<Vec<Vec<usize>>, Box<dyn std::error::Error + Send + Sync>> {
            Ok(vec![vec![1, 3, 8, 8]])
        }
    }
    let data =
        "layer { name: 'd' type: 'Data' top: 'd' data_param { source: 'db' batch_size: 1 } }";
    let input =
        "layer { name: 'd' type: 'Input' top: 'd' input_param { shape { dim: [1, 3, 8, 8] } } }";
    let dense =
        "layer { name: 'p' type: 'Pooling' bottom: 'd' top: 'p' pooling_param { kernel_size: 8 } }
                 layer { name: 'c' type: 'InnerProduct' bottom: 'p' top: 'c'
                         inner_product_param { num_output: 1 bias_term: false } }";
    let conv = "layer { name: 'c' type: 'Convolution' bottom: 'd' top: 'c'
                        convolution_param { num_output: 1 kernel_size: 1 bias_term: false } }";
    let weights = |dims: &str| {
        format!("layer {{ name: 'c' type: 'x' blobs {{ shape {{ dim: {dims} }} data: 1 }} }}")
    };
    let advice = ": make the database with convert_imageset -gray";
    for (source, layers, dims, advice) in [
        (data, dense, "[1, 1]", advice),
        (data, conv, "[1, 1, 1, 1]", advice),
        (input, conv, "[1, 1, 1, 1]", ""),
    ] {
        let model = NetParameter::parse_text(&format!("{source}\n{layers}")).expect("text");
        let weights = NetParameter::parse_text(&weights(dims)).expect("text");
        let error = Net::new(&model, Some(&weights), Phase::Test, &Color).expect_err("refused");
        let cause = std::error::Error::source(&error).expect("a reason").to_string();
        let expected = format!("bottom \"d\" has 3 channels, the weights are for 1{advice}");
        assert!(cause.starts_with(&expected), "{cause}");
        assert_eq!(cause.len() > expected.len(), !advice.is_empty(), "{cause}");
    }
}

/// Types that were probably meant, whatever their capitals.
#[test]
fn misspelt_types_have_suggestions() {
    for (kind, expected) in [
        ("convolution", ", did you mean \"Convolution\"?"),
        ("Convolutoin", ", did you mean \"Convolution\"?"),
        ("RELU", ", did you mean \"ReLU\"?"),
        ("Softmx", ", did you mean \"Softmax\"?"),
        ("Zzzzzzzzzz", ""),
    ] {
        let error = build(&format!("layer {{ name: 'a' type: '{kind}' top: 'a' }}"), Phase::Test);
        let expected = format!("layer \"a\" ({kind}): layer type is not supported{expected}");
        assert!(error.expect_err(kind).ends_with(&expected), "{kind}");
    }
}

/// Types that are read but not run say why, each its own reason.
#[test]
fn types_that_are_not_run_say_why() {
    for (layer, reason) in [
        ("type: 'Python' top: 'a' python_param { module: 'm' layer: 'L' }", Obstacle::Python),
        ("type: 'WindowData' top: 'a' top: 'b'", Obstacle::Windows),
        ("type: 'VideoData' top: 'a'", Obstacle::Video),
    ] {
        let model = NetParameter::parse_text(&format!("layer {{ name: 'x' {layer} }}"));
        let error = Net::new(&model.expect("text"), None, Phase::Test, &NoSources);
        let error = error.expect_err("cannot be run");
        let umodel::Error::Layer { source, .. } = &error else { panic!("{error}") };
        assert_eq!(source.to_string(), reason.to_string());
    }
}
