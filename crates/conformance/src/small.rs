//! Small nets of structures that users have: NVCaffe's BatchNorm, LightCNN's maxima, normalized pictures, a segmenter,
//! MTCNN's first layers, squeeze and excite, a weighted loss.
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]

use std::path::Path;

use libtest_mimic::Failed;
use ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;

/// The names of all of them.
pub const SMALL_NETS: [&str; 7] = ["nvbn", "mfm", "databn", "fcn", "prelu", "se", "lw"];

/// The layers of a net behind pictures of 3, 32, 32: blob `data`, and `label`.
///
/// # Panics
/// For a name that is not one of [`SMALL_NETS`].
pub fn layers(name: &str) -> String {
    let relu = |name: &str, bottom: &str| {
        format!("layer {{ name: '{name}' type: 'ReLU' bottom: '{bottom}' top: '{name}' }} ")
    };
    let c2 = |bottom: &str| convolution("c2", bottom, 4, "kernel_size: 3");
    let c1 = convolution("c1", "data", 8, "kernel_size: 3 pad: 1");
    match name {
        "nvbn" => {
            let bn = "layer { name: 'bn' type: 'BatchNorm' bottom: 'c1' top: 'bn' batch_norm_param { scale_bias: true } } ";
            c1 + bn + &relu("r", "bn") + &c2("r")
        }
        "mfm" => {
            let middle = "layer { name: 's' type: 'Slice' bottom: 'c1' top: 's1' top: 's2' slice_param { slice_dim: 1 } }
                layer { name: 'e' type: 'Eltwise' bottom: 's1' bottom: 's2' top: 'e' eltwise_param { operation: MAX } }
                layer { name: 'p' type: 'Pooling' bottom: 'e' top: 'p' pooling_param { kernel_size: 2 stride: 2 } } ";
            convolution("c1", "data", 16, "kernel_size: 5 pad: 2") + middle + &c2("p")
        }
        "databn" => {
            let head = "layer { name: 'bn' type: 'BatchNorm' bottom: 'data' top: 'bn' }
                layer { name: 'sc' type: 'Scale' bottom: 'bn' top: 'sc' scale_param { bias_term: true } } ";
            let c1 = convolution("c1", "sc", 8, "kernel_size: 3 pad: 1 stride: 2");
            head.to_owned() + &c1 + &relu("r", "c1") + &c2("r")
        }
        "fcn" => {
            let up = "layer { name: 'up' type: 'Deconvolution' bottom: 'r' top: 'up'
                  convolution_param { num_output: 8 group: 8 kernel_size: 4 stride: 2 bias_term: false } }
                layer { name: 'crop' type: 'Crop' bottom: 'up' bottom: 'data' top: 'crop'
                  crop_param { axis: 2 offset: 1 } } ";
            convolution("c1", "data", 8, "kernel_size: 3 pad: 1 stride: 2")
                + &relu("r", "c1")
                + up
                + &convolution("c2", "crop", 2, "kernel_size: 1")
                + "layer { name: 'sm' type: 'Softmax' bottom: 'c2' top: 'sm' } "
        }
        "prelu" => {
            let middle = "layer { name: 'pr' type: 'PReLU' bottom: 'c1' top: 'pr' }
                layer { name: 'p' type: 'Pooling' bottom: 'pr' top: 'p' pooling_param { kernel_size: 2 stride: 2 } } ";
            convolution("c1", "data", 10, "kernel_size: 3") + middle + &c2("p")
        }
        "se" => {
            let pool = "layer { name: 'g' type: 'Pooling' bottom: 'r' top: 'g'
                  pooling_param { pool: AVE global_pooling: true } } ";
            let gate = "layer { name: 'sg' type: 'Sigmoid' bottom: 'f2' top: 'sg' }
                layer { name: 'fl' type: 'Flatten' bottom: 'sg' top: 'fl' }
                layer { name: 'm' type: 'Scale' bottom: 'r' bottom: 'fl' top: 'm' scale_param { axis: 0 } } ";
            c1 + &relu("r", "c1")
                + pool
                + &convolution("f1", "g", 4, "kernel_size: 1")
                + &relu("fr", "f1")
                + &convolution("f2", "fr", 8, "kernel_size: 1")
                + gate
                + &c2("m")
        }
        "lw" => {
            let tail = "layer { name: 'g' type: 'Pooling' bottom: 'c1' top: 'g'
                  pooling_param { pool: AVE global_pooling: true } }
                layer { name: 'ip' type: 'InnerProduct' bottom: 'g' top: 'ip' inner_product_param { num_output: 3 } }
                layer { name: 'l1' type: 'SoftmaxWithLoss' bottom: 'ip' bottom: 'label' top: 'l1' loss_weight: 0.3 } ";
            c1 + tail
        }
        name => panic!("no small net {name}"),
    }
}

fn convolution(name: &str, bottom: &str, outputs: usize, more: &str) -> String {
    format!(
        "layer {{ name: '{name}' type: 'Convolution' bottom: '{bottom}' top: '{name}'
                  convolution_param {{ num_output: {outputs} {more} }} }} "
    )
}

/// The net of these layers, with eight pictures in a database, read from a prototxt and a caffemodel.
///
/// # Errors
/// What the database's writer and umodel report.
pub fn net(folder: &Path, layers: &str) -> Result<Net, Failed> {
    let database = folder.join("db");
    let mut writer = create(&database, Backend::Lmdb, Existing::Refuse)?;
    for picture in 0..8 {
        let pixel = |place: usize| (255.0 * number(picture * 3072 + place)) as u8;
        let bytes = (0..3 * 32 * 32).map(pixel).collect();
        let datum = Datum::new([3, 32, 32], DatumData::Bytes(bytes), i32::try_from(picture % 3)?)?;
        writer.put(format!("{picture}").as_bytes(), &datum.to_wire())?;
    }
    writer.finish()?;
    let source = database.display();
    let text = format!(
        "layer {{ name: 'data' type: 'Data' top: 'data' top: 'label'
                  transform_param {{ scale: 0.0078125 mean_value: 128 }}
                  data_param {{ source: '{source}' batch_size: 1 backend: LMDB }} }} {layers}"
    );
    let model = NetParameter::parse_text(&text)?;
    let plain = Net::new(&model, None, Phase::Test, &DatabaseSources)?;
    let mut specs = plain.specs();
    for (seed, (spec, layer)) in specs.iter_mut().zip(plain.layers()).enumerate() {
        let bottoms: Vec<&[usize]> =
            layer.bottoms.iter().map(|&id| plain.blob(id).shape.as_slice()).collect();
        let shapes = layer.op.weight_shapes(&bottoms)?;
        let weights = shapes.iter().enumerate();
        spec.set_weights(weights.map(|(at, shape)| weight(layer.op.kind(), at, shape, seed)));
    }
    let weights = Net::from_specs("", specs)?.to_parameter_with_weights();
    let weights = NetParameter::from_bytes(&weights.to_bytes()?)?;
    Ok(Net::with_weights(&model, weights, Phase::Test, &DatabaseSources)?)
}

/// A number between 0 and 1 for each index.
fn number(index: usize) -> f32 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32 / (1 << 24) as f32
}

/// Weights of a layer, by its type: positive where they divide or multiply, else around 0.
fn weight(kind: &str, index: usize, shape: &[usize], seed: usize) -> ArrayD<f32> {
    let mut place = 0..;
    let mut values = |value: &dyn Fn(f32) -> f32| {
        ArrayD::from_shape_simple_fn(IxDyn(shape), || {
            value(number(seed * 7919 + place.next().unwrap_or(0)))
        })
    };
    match (kind, index) {
        ("BatchNorm", 1) => values(&|x| 0.5 + x),
        ("BatchNorm", 2) => values(&|_| 1.0),
        ("BatchNorm", 3) | ("Scale", 0) => values(&|x| 1.0 + x),
        ("PReLU" | "Deconvolution", _) => values(&|x| x * 0.3),
        _ => values(&|x| (x - 0.5) * 0.7),
    }
}
