//! Channels that a calibration has sorted: from pictures to int8, through files, and back to the fp32 net's channels.
//! Statistical: cosine of blobs.

#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels and weights")]

use std::sync::Arc;

use ndarray::ArrayD;
use quantization_tools::int8_calibration::Calibration;
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools::umodel::{Blob, Channels};

const NET: &str = "
    layer { name: 'data' type: 'Data' top: 'data' transform_param { scale: 0.0078125 mean_value: 128 }
            data_param { source: 'SOURCE' batch_size: 2 backend: LMDB } }
    layer { name: 'c1' type: 'Convolution' bottom: 'data' top: 'c1' convolution_param { num_output: 96 kernel_size: 3 pad: 1 } }
    layer { name: 'r1' type: 'ReLU' bottom: 'c1' top: 'r1' }
    layer { name: 'dw' type: 'DepthwiseConvolution' bottom: 'r1' top: 'dw' convolution_param { num_output: 96 group: 96 kernel_size: 3 pad: 1 } }
    layer { name: 'pr' type: 'PReLU' bottom: 'dw' top: 'pr' }
    layer { name: 'c2' type: 'Convolution' bottom: 'pr' top: 'c2' convolution_param { num_output: 80 kernel_size: 1 } }
    layer { name: 'c3' type: 'Convolution' bottom: 'pr' top: 'c3' convolution_param { num_output: 80 kernel_size: 1 } }
    layer { name: 'sum' type: 'Eltwise' bottom: 'c2' bottom: 'c3' top: 'sum' }
    layer { name: 'cat' type: 'Concat' bottom: 'sum' bottom: 'r1' top: 'cat' }
    layer { name: 'c4' type: 'Convolution' bottom: 'cat' top: 'c4' convolution_param { num_output: 96 kernel_size: 1 group: 4 } }
    layer { name: 'shuffle' type: 'ShuffleChannel' bottom: 'c4' top: 'shuffle' shuffle_channel_param { group: 4 } }
    layer { name: 'c5' type: 'Convolution' bottom: 'shuffle' top: 'c5' convolution_param { num_output: 70 kernel_size: 1 } }
    layer { name: 'pool' type: 'Pooling' bottom: 'c5' top: 'pool' pooling_param { pool: AVE global_pooling: true } }
    layer { name: 'ip' type: 'InnerProduct' bottom: 'pool' top: 'ip' inner_product_param { num_output: 9 } }";

/// The net over a database of noise, with rows of weights of very different sizes.
fn net(folder: &tempfile::TempDir) -> Net {
    let database = folder.path().join("db");
    let mut random = Random::new(4);
    let mut writer = create(&database, Backend::Lmdb, Existing::Refuse).expect("new");
    for index in 0..8 {
        let bytes = (0..3 * 12 * 12).map(|_| random.normal().mul_add(40.0, 128.0) as u8).collect();
        let datum = Datum::new([3, 12, 12], DatumData::Bytes(bytes), 0).expect("fits");
        writer.put(format!("{index:04}").as_bytes(), &datum.to_wire()).expect("put");
    }
    writer.finish().expect("finish");
    let text = NET.replace("SOURCE", &database.display().to_string());
    let model = NetParameter::parse_text(&text).expect("a prototxt");
    let plain = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("a net");
    let mut specs = plain.specs();
    for (spec, layer) in specs.iter_mut().zip(plain.layers()) {
        let bottoms: Vec<&[usize]> =
            layer.bottoms.iter().map(|&id| plain.blob(id).shape.as_slice()).collect();
        let shapes = layer.op.weight_shapes(&bottoms).expect("shapes");
        spec.set_weights(shapes.into_iter().map(|shape| {
            let inner: usize = shape.iter().skip(1).product();
            let sizes: Vec<f32> =
                (0..shape[0]).map(|_| (1.5 * random.normal()).exp() as f32).collect();
            ArrayD::from_shape_fn(shape, |index| {
                random.normal() as f32 * sizes[index[0]] / (inner as f32).sqrt()
            })
        }));
    }
    Net::from_specs("", specs).expect("a net")
}

#[test]
fn sorted_channels_are_those_of_the_net() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let net = net(&folder);
    let options = Options::default().iterations(4);
    let Calibration { quantized, .. } = calibrate(&net, &options, |_| ()).expect("calibrates");
    let bytes = |parameter: NetParameter| parameter.to_bytes().expect("bytes");
    let read = |bytes: Vec<u8>| NetParameter::from_bytes(&bytes).expect("a message");
    let model = read(bytes(quantized.to_parameter()));
    let weights = read(bytes(quantized.to_parameter_with_weights()));
    let quantized =
        QuantizedNet::read(&model, &weights, Phase::Test, &DatabaseSources).expect("an int8 net");
    let channels = |blob: &str| quantized.channels(quantized.net().blob_id(blob).expect(blob));
    for sorted in ["r1", "pr", "sum", "cat", "c4", "shuffle", "c5", "pool"] {
        assert!(channels(sorted).is_some_and(Channels::are_sorted), "{sorted}");
    }
    for kept in ["data", "ip"] {
        assert!(channels(kept).is_none(), "{kept}");
    }

    let float = Executor::new(Arc::new(net)).expect("an executor");
    let int8 = Executor::quantized(Arc::new(quantized.clone())).expect("an executor");
    let mut batches =
        quantization_tools::uframework::data::Batches::open(float.net()).expect("database");
    let batch = batches.read().expect("batch");
    let sources = |executor: &Executor| {
        let pictures = batches.transform(&batch).expect("pictures");
        let named = pictures.into_iter().map(|(id, value)| {
            let id = executor.net().blob_id(&float.net().blob(id).name).expect("the pictures");
            (id, value)
        });
        named.collect::<Vec<_>>()
    };
    let mut reals: Vec<(String, ArrayD<f32>)> = Vec::new();
    let mut tap =
        |id, blob: &Blob, value: &Value| reals.push((blob.name.clone(), float.real(id, value)));
    float.forward(&mut Workspace::default(), sources(&float), &mut tap).expect("runs");
    let mut compared = 0;
    let mut tap = |id, blob: &Blob, value: &Value| {
        if let Some((name, real)) = reals.iter().find(|(name, _)| *name == blob.name)
            && !["c1", "data", "label"].contains(&name.as_str())
        {
            let found = cosine(real, &int8.real(id, value));
            assert!(found > 0.99, "{name}: {found}");
            compared += 1;
        }
    };
    int8.forward(&mut Workspace::default(), sources(&int8), &mut tap).expect("runs");
    assert!(compared > 9, "{compared}");
}

fn cosine(a: &ArrayD<f32>, b: &ArrayD<f32>) -> f32 {
    let power = |v: &ArrayD<f32>| (v * v).sum();
    (a * b).sum() / (power(a) * power(b)).sqrt()
}
