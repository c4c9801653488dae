//! Nets in two parts. Bit-exact: wherever a net is divided, both parts together compute what the whole computes.

use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use uframework::{Error, Executor, HostPart, Random, Value};
use umodel::{DType, NetParameter, NoSources, Phase, QuantizedNet};

/// An SSD in small, in int8 up to its boxes, with a blob that several layers read, one that only its shape is read of,
/// constants, and outputs on the way.
const NET: &str = "
    layer { name: 'data' type: 'Input' top: 'data' top: 'more'
      input_param { shape { dim: [2, 3, 12, 12] } shape { dim: [2, 36] } }
      quantization_param { arithmetic: CAST top { dtype: INT8 scale: 0.02 } top { dtype: FLOAT32 } } }
    layer { name: 'conv' type: 'Convolution' bottom: 'data' top: 'conv'
      convolution_param { num_output: 4 kernel_size: 3 stride: 2 pad: 1 bias_term: false }
      quantization_param { arithmetic: MULTIPLY_ACCUMULATE right_shift: 6 top { dtype: UINT8 scale: 0.03 } }
      blobs { shape { dim: [4, 3, 3, 3] } int8_data: 'WEIGHTS' } }
    layer { name: 'loc_map' type: 'Pooling' bottom: 'conv' top: 'loc_map' pooling_param { kernel_size: 2 stride: 2 }
      quantization_param { arithmetic: SAME top { dtype: UINT8 scale: 0.03 } } }
    layer { name: 'loc_perm' type: 'Permute' bottom: 'loc_map' top: 'loc_perm' permute_param { order: [0, 2, 3, 1] }
      quantization_param { arithmetic: SAME top { dtype: UINT8 scale: 0.03 } } }
    layer { name: 'loc_flat' type: 'Flatten' bottom: 'loc_perm' top: 'loc_flat'
      quantization_param { arithmetic: SAME top { dtype: UINT8 scale: 0.03 } } }
    layer { name: 'loc8' type: 'Dequantize' bottom: 'loc_flat' top: 'loc8'
      quantization_param { arithmetic: CAST top { dtype: FLOAT32 } } }
    layer { name: 'loc' type: 'Eltwise' bottom: 'loc8' bottom: 'more' top: 'loc' }
    layer { name: 'conf_map' type: 'Pooling' bottom: 'conv' top: 'conf_map'
      pooling_param { pool: MAX kernel_size: 3 stride: 2 pad: 0 }
      quantization_param { arithmetic: SAME top { dtype: UINT8 scale: 0.03 } } }
    layer { name: 'conf_rows' type: 'Reshape' bottom: 'conf_map' top: 'conf_rows'
      reshape_param { shape { dim: [2, 9, 4] } }
      quantization_param { arithmetic: SAME top { dtype: UINT8 scale: 0.03 } } }
    layer { name: 'conf8' type: 'Dequantize' bottom: 'conf_rows' top: 'conf8'
      quantization_param { arithmetic: CAST top { dtype: FLOAT32 } } }
    layer { name: 'conf_soft' type: 'Softmax' bottom: 'conf8' top: 'conf_soft' softmax_param { axis: 2 } }
    layer { name: 'conf' type: 'Flatten' bottom: 'conf_soft' top: 'conf' }
    layer { name: 'prior' type: 'PriorBox' bottom: 'loc_map' bottom: 'data' top: 'prior'
      prior_box_param { min_size: 3 variance: [0.1, 0.1, 0.2, 0.2] } }
    layer { name: 'priors' type: 'Concat' bottom: 'prior' top: 'priors' concat_param { axis: 2 } }
    layer { name: 'boxes' type: 'DetectionOutput' bottom: 'loc' bottom: 'conf' bottom: 'priors' top: 'boxes'
      detection_output_param { num_classes: 4 nms_param { nms_threshold: 0.4 top_k: 20 } keep_top_k: 10
        confidence_threshold: 0.2 code_type: CENTER_SIZE } }
    layer { name: 'side' type: 'Split' bottom: 'conf_map' top: 'side'
      quantization_param { arithmetic: SAME top { dtype: UINT8 scale: 0.03 } } }
";

fn net() -> QuantizedNet {
    let mut random = Random::new(7);
    let byte = |bits: u64| format!("\\{:03o}", bits & 255);
    let weights: String = (0..4 * 27).map(|_| byte(random.bits())).collect();
    let model = NetParameter::parse_text(&NET.replace("WEIGHTS", &weights)).expect("text");
    QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("net")
}

type Named = Vec<(String, Value)>;

/// What a net computes, by name.
fn outputs(net: QuantizedNet, given: &Named) -> Named {
    let executor = Executor::quantized(Arc::new(net)).expect("executable");
    let graph = executor.net();
    let source = |&id: &umodel::BlobId| {
        let name = &graph.blob(id).name;
        (id, given.iter().find(|(other, _)| other == name).expect(name).1.clone())
    };
    let sources = graph.inputs().iter().map(source).collect();
    let values = executor.outputs(sources).expect("runs");
    let names = graph.outputs().into_iter().map(|id| graph.blob(id).name.clone());
    names.zip(values).collect()
}

#[test]
fn parts_compute_what_the_whole_computes() {
    let net = net();
    let graph = net.net();
    let random = Random::new(1).inputs(&net);
    let given: Named =
        random.into_iter().map(|(id, value)| (graph.blob(id).name.clone(), value)).collect();
    let whole = outputs(net.clone(), &given);
    let names: Vec<String> = whole.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, ["boxes", "side"]);
    assert!(whole[0].1.shape()[2] > 3, "there are boxes: {:?}", whole[0].1.shape());
    let layers = graph.layers().len();
    // Every layer alone, and some sets of several.
    let mut draw = Random::new(2);
    let mut sets: Vec<Vec<bool>> =
        (0..layers).map(|at| (0..layers).map(|layer| layer == at).collect()).collect();
    sets.extend((0..60).map(|_| (0..layers).map(|_| draw.bits().is_multiple_of(6)).collect()));
    sets.push(vec![false; layers]);
    for back in sets {
        let parts = net.divide(&back).expect("valid");
        let crossing: Vec<String> =
            parts.back.to_parameter().layers().map(|l| l.name().to_owned()).collect();
        let mut between = outputs(parts.front, &given);
        between.extend(given.iter().cloned());
        let host = HostPart::new(Arc::new(parts.back), names.clone()).expect("executable");
        let results = host.run(between).unwrap_or_else(|error| panic!("{back:?}: {error}"));
        for ((name, expected), found) in whole.iter().zip(&results) {
            assert!(expected == found, "{name} differs, divided at {back:?}: {crossing:?}");
        }
    }
}

#[test]
fn what_is_not_given_is_named() {
    let parts = net().divide(&[vec![false; 14], vec![true]].concat()).expect("valid");
    let host = HostPart::new(Arc::new(parts.back), vec!["boxes".into()]).expect("executable");
    let error = host.run(Vec::new()).expect_err("nothing was given");
    assert!(matches!(&error, Error::MissingSource { blob } if blob == "loc"), "{error}");
}

/// Exact: bytes become the values that they were, and others none.
#[test]
fn bytes_and_values() {
    let shape = [3, 5];
    let format = |dtype, scale| umodel::BlobFormat { dtype, scale };
    for format in [format(DType::I8, 0.5), format(DType::U8, 0.5), umodel::BlobFormat::F32] {
        let value = Random::new(3).value(&shape, format);
        let bytes = value.to_bytes();
        let read = |shape: &[usize], bytes: &[u8]| Value::from_bytes(format.dtype, shape, bytes);
        assert_eq!(read(&shape, &bytes), Some(value));
        assert_eq!(read(&[3, 4], &bytes), None);
        assert_eq!(read(&shape, &bytes[1..]), None);
        assert_eq!(read(&[usize::MAX, 4], &bytes), None);
    }
    let scalar = Value::F32(ArrayD::from_elem(IxDyn(&[]), 1.5));
    assert_eq!(Value::from_bytes(DType::F32, &[], &scalar.to_bytes()), Some(scalar));
}
