//! Small nets of structures that users have: NVCaffe's BatchNorm, LightCNN's maxima, normalized pictures, a segmenter,
//! MTCNN's first layers, squeeze and excite, a weighted loss. Each loads with weights from a caffemodel, runs in fp32 and
//! calibrates. Exact unless a test says otherwise.
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]

use std::path::Path;
use std::sync::Arc;

use conformance::{first_pass, mixed_error};
use ndarray::{ArrayD, IxDyn};
use quantization_tools::int8_calibration::prepare;
use quantization_tools::prelude::*;
use quantization_tools::umodel::{Arithmetic, LayerSpec};

/// A number between 0 and 1 for each index.
fn number(index: usize) -> f32 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32 / (1 << 24) as f32
}

/// Weights of a layer, by its type: positive where they divide or multiply, else around 0.
fn weight(kind: &str, index: usize, shape: &[usize], seed: usize) -> ArrayD<f32> {
    let values = |value: &dyn Fn(f32) -> f32| {
        let count = shape.iter().product();
        let all = (0..count).map(|place| value(number(seed * 7919 + place))).collect();
        ArrayD::from_shape_vec(IxDyn(shape), all).expect("fits")
    };
    match (kind, index) {
        ("BatchNorm", 1) => values(&|x| 0.5 + x),
        ("BatchNorm", 2) => values(&|_| 1.0),
        ("BatchNorm", 3) | ("Scale", 0) => values(&|x| 1.0 + x),
        ("PReLU" | "Deconvolution", _) => values(&|x| x * 0.3),
        _ => values(&|x| (x - 0.5) * 0.7),
    }
}

/// The net of some layers behind eight pictures of 3, 32, 32, read from a prototxt and a caffemodel.
fn net(folder: &Path, layers: &str) -> Net {
    let database = folder.join("db");
    let mut writer = create(&database, Backend::Lmdb, Existing::Refuse).expect("new");
    for picture in 0..8 {
        let pixel = |place: usize| (255.0 * number(picture * 3072 + place)) as u8;
        let bytes = (0..3 * 32 * 32).map(pixel).collect();
        let label = i32::try_from(picture % 3).expect("small");
        let datum = Datum::new([3, 32, 32], DatumData::Bytes(bytes), label).expect("fits");
        writer.put(format!("{picture}").as_bytes(), &datum.to_wire()).expect("put");
    }
    writer.finish().expect("finish");
    let source = database.display();
    let text = format!(
        "layer {{ name: 'data' type: 'Data' top: 'data' top: 'label'
                  transform_param {{ scale: 0.0078125 mean_value: 128 }}
                  data_param {{ source: '{source}' batch_size: 1 backend: LMDB }} }} {layers}"
    );
    let model = NetParameter::parse_text(&text).expect("text");
    let plain = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("valid");
    let mut specs = plain.specs();
    for (seed, (spec, layer)) in specs.iter_mut().zip(plain.layers()).enumerate() {
        let bottoms: Vec<&[usize]> =
            layer.bottoms.iter().map(|&id| plain.blob(id).shape.as_slice()).collect();
        let shapes = layer.op.weight_shapes(&bottoms).expect("shapes");
        let weights = shapes.iter().enumerate();
        spec.set_weights(weights.map(|(at, shape)| weight(layer.op.kind(), at, shape, seed)));
    }
    let weights = Net::from_specs("", specs).expect("valid").to_parameter_with_weights();
    let bytes = weights.to_bytes().expect("bytes");
    let weights = NetParameter::from_bytes(&bytes).expect("binary");
    Net::with_weights(&model, weights, Phase::Test, &DatabaseSources).expect("fits")
}

fn convolution(name: &str, bottom: &str, outputs: usize, more: &str) -> String {
    format!(
        "layer {{ name: '{name}' type: 'Convolution' bottom: '{bottom}' top: '{name}'
                  convolution_param {{ num_output: {outputs} {more} }} }} "
    )
}

/// Runs in fp32, and in int8 after its calibration. Gives both blobs of that name.
fn both(net: &Net, blob: &str) -> [ArrayD<f32>; 2] {
    let blobs = first_pass(net).expect("runs");
    let (_, float) = blobs.into_iter().find(|(name, _)| name == blob).expect("blob");
    let options = Options::default().iterations(8).method(Method::Max);
    let quantized = Arc::new(calibrate(net, &options, |_| ()).expect("calibrates").quantized);
    let executor = Executor::quantized(quantized.clone()).expect("executor");
    let mut batches = quantization_tools::uframework::data::Batches::open(net).expect("database");
    let batch = batches.read().expect("batch");
    let sources = batches.transform(&batch).expect("pictures");
    let by_name = |(id, value): (_, Value)| {
        let name = &net.blob(id).name;
        quantized.net().blob_id(name).map(|id| (id, value))
    };
    let sources = sources.into_iter().filter_map(by_name).collect();
    let mut found = None;
    let mut tap = |id, seen: &quantization_tools::umodel::Blob, value: &Value| {
        if seen.name == blob {
            found = Some(value.to_f32(quantized.format(id).scale));
        }
    };
    executor.forward(&mut Workspace::default(), sources, &mut tap).expect("runs");
    [float, found.expect("blob")]
}

fn cosine(a: &ArrayD<f32>, b: &ArrayD<f32>) -> f64 {
    let dot = |a: &ArrayD<f32>, b: &ArrayD<f32>| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// Statistical: the cosine of fp32 and int8.
fn alike(layers: &str, blob: &str, least: f64) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let [float, int8] = both(&net(folder.path(), layers), blob);
    let found = cosine(&float, &int8);
    assert!(found > least, "{found}");
}

/// NVCaffe's five blobs against BatchNorm and Scale: mixed error 1e-5 in fp32, 1e-6 of the folded weights. The folded
/// net against the one that is not: 5e-5.
#[test]
fn nvcaffes_batch_norm_is_folded() {
    let bn = "layer { name: 'bn' type: 'BatchNorm' bottom: 'c1' top: 'bn' batch_norm_param { scale_bias: true } } ";
    let tail = |bottom: &str| {
        format!("layer {{ name: 'r' type: 'ReLU' bottom: '{bottom}' top: 'r' }} ")
            + &convolution("c2", "r", 4, "kernel_size: 3")
    };
    let head = convolution("c1", "data", 8, "kernel_size: 3 pad: 1");
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path(), &(head + bn + &tail("bn")));
    let norm = net.layers().iter().find(|layer| layer.name == "bn").expect("layer");
    assert_eq!(norm.weights.len(), 5);

    let mut specs = net.specs();
    let at = specs.iter().position(|spec| spec.name == "bn").expect("spec");
    let mut plain = specs.remove(at);
    let learnt = plain.weights.split_off(3);
    plain.op = umodel::layers::BatchNorm { eps: 1e-5, scale_bias: false }.into();
    let mut scale = LayerSpec::new(
        "scale",
        umodel::layers::Scale { axis: 1, num_axes: 1, bias: true },
        &["before"],
        &["bn"],
    );
    plain.tops = vec!["before".to_owned()];
    scale.weights = learnt;
    specs.insert(at, scale);
    specs.insert(at, plain);
    let two = Net::from_specs("", specs).expect("valid");
    let blob = |net: &Net| {
        let blobs = first_pass(net).expect("runs");
        blobs.into_iter().find(|(name, _)| name == "c2").expect("blob").1
    };
    assert!(mixed_error(&blob(&net), &blob(&two)) < 1e-5);

    let prepared = prepare(&net).expect("prepared");
    assert!(prepared.layers().iter().all(|layer| layer.op.kind() != "BatchNorm"));
    let error = mixed_error(&blob(&prepared), &blob(&net));
    // Folded weights are rounded once more.
    assert!(error < 5e-5, "{error:e}");
    let again = prepare(&two).expect("prepared");
    for (one, other) in prepared.layers().iter().zip(again.layers()) {
        for (one, other) in one.weights.iter().zip(&other.weights) {
            assert!(mixed_error(one, other) < 1e-6, "{:?}", one.shape());
        }
    }
    let options = Options::default().iterations(8);
    let quantized = calibrate(&net, &options, |_| ()).expect("calibrates").quantized;
    let floats = quantized
        .net()
        .layers()
        .iter()
        .enumerate()
        .filter(|(index, _)| matches!(quantized.arithmetic(*index), Arithmetic::Float));
    assert_eq!(floats.count(), 0, "all of it is int8");
}

#[test]
fn light_cnn_and_normalized_pictures() {
    let layers = convolution("c1", "data", 16, "kernel_size: 5 pad: 2")
        + "layer { name: 's' type: 'Slice' bottom: 'c1' top: 's1' top: 's2' slice_param { slice_dim: 1 } }
           layer { name: 'e' type: 'Eltwise' bottom: 's1' bottom: 's2' top: 'e' eltwise_param { operation: MAX } }
           layer { name: 'p' type: 'Pooling' bottom: 'e' top: 'p' pooling_param { kernel_size: 2 stride: 2 } } "
        + &convolution("c2", "p", 4, "kernel_size: 3");
    alike(&layers, "c2", 0.99);
    let layers = "layer { name: 'bn' type: 'BatchNorm' bottom: 'data' top: 'bn' }
                  layer { name: 'sc' type: 'Scale' bottom: 'bn' top: 'sc' scale_param { bias_term: true } } "
        .to_owned()
        + &convolution("c1", "sc", 8, "kernel_size: 3 pad: 1 stride: 2")
        + "layer { name: 'r' type: 'ReLU' bottom: 'c1' top: 'r' } "
        + &convolution("c2", "r", 4, "kernel_size: 3");
    alike(&layers, "c2", 0.99);
}

#[test]
fn segmenter_and_slopes() {
    let layers = convolution("c1", "data", 8, "kernel_size: 3 pad: 1 stride: 2")
        + "layer { name: 'r' type: 'ReLU' bottom: 'c1' top: 'r' }
           layer { name: 'up' type: 'Deconvolution' bottom: 'r' top: 'up'
                   convolution_param { num_output: 8 group: 8 kernel_size: 4 stride: 2 bias_term: false } }
           layer { name: 'crop' type: 'Crop' bottom: 'up' bottom: 'data' top: 'crop' crop_param { axis: 2 offset: 1 } } "
        + &convolution("c2", "crop", 2, "kernel_size: 1")
        + "layer { name: 'sm' type: 'Softmax' bottom: 'c2' top: 'sm' } ";
    alike(&layers, "c2", 0.99);
    let layers = convolution("c1", "data", 10, "kernel_size: 3")
        + "layer { name: 'pr' type: 'PReLU' bottom: 'c1' top: 'pr' }
           layer { name: 'p' type: 'Pooling' bottom: 'pr' top: 'p' pooling_param { kernel_size: 2 stride: 2 } } "
        + &convolution("c2", "p", 4, "kernel_size: 3");
    alike(&layers, "c2", 0.99);
}

#[test]
fn squeeze_and_excite_and_a_weighted_loss() {
    let layers = convolution("c1", "data", 8, "kernel_size: 3 pad: 1")
        + "layer { name: 'r' type: 'ReLU' bottom: 'c1' top: 'r' }
           layer { name: 'g' type: 'Pooling' bottom: 'r' top: 'g' pooling_param { pool: AVE global_pooling: true } } "
        + &convolution("f1", "g", 4, "kernel_size: 1")
        + "layer { name: 'fr' type: 'ReLU' bottom: 'f1' top: 'fr' } "
        + &convolution("f2", "fr", 8, "kernel_size: 1")
        + "layer { name: 'sg' type: 'Sigmoid' bottom: 'f2' top: 'sg' }
           layer { name: 'fl' type: 'Flatten' bottom: 'sg' top: 'fl' }
           layer { name: 'm' type: 'Scale' bottom: 'r' bottom: 'fl' top: 'm' scale_param { axis: 0 } } "
        + &convolution("c2", "m", 4, "kernel_size: 3");
    alike(&layers, "c2", 0.98);
    let layers = convolution("c1", "data", 8, "kernel_size: 3 pad: 1")
        + "layer { name: 'g' type: 'Pooling' bottom: 'c1' top: 'g' pooling_param { pool: AVE global_pooling: true } }
           layer { name: 'ip' type: 'InnerProduct' bottom: 'g' top: 'ip' inner_product_param { num_output: 3 } }
           layer { name: 'l1' type: 'SoftmaxWithLoss' bottom: 'ip' bottom: 'label' top: 'l1' loss_weight: 0.3 } ";
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(folder.path(), &layers);
    let loss = net.blob_id("l1").expect("loss");
    assert!((net.loss_weight(loss) - 0.3).abs() < 1e-6);
    let [float, int8] = both(&net, "l1");
    let (float, int8) = (float.sum(), int8.sum());
    assert!((float - int8).abs() < 0.05, "{float} {int8}");
}
