//! `pb_to_umodel`, as a tool and as a library. Bit-exact where files are compared.

use std::fs;

use quantization_tools::ndarray::ArrayD;
use quantization_tools::pb_to_umodel;
use quantization_tools::prelude::*;
use quantization_tools::umodel::layers::Data;
use quantization_tools::umodel::{LayerOp, Shape, Sources};

use crate::place::{Place, argument, fixture};

/// The seed's command line, with a net of the fixtures in place of ResNet-50.
fn arguments<'a>(model: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments =
        vec!["-m", model, "-i", "x:0", "-o", "output:0", "-n", "net", "-p", "INCEPTION"];
    arguments.extend(["-D", "../no such folder/lmdb", "-t"]);
    arguments.extend(more);
    arguments
}

/// Shapes of a database that is not there.
struct Known(Vec<Shape>);

impl Sources for Known {
    fn shapes(
        &self,
        _: &str,
        _: &LayerOp,
        _: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.0.clone())
    }
}

/// The net of the two files.
fn written(place: &Place, shapes: &[Shape]) -> Net {
    let model = NetParameter::read(place.path("compilation/net.prototxt")).expect("prototxt");
    let weights = NetParameter::read(place.path("compilation/net.fp32umodel")).expect("weights");
    Net::with_weights(&model, weights, Phase::Test, &Known(shapes.to_vec())).expect("valid")
}

#[test]
fn a_graph_becomes_a_test_net() {
    let place = Place::new();
    let model = argument("tensorflow/cases/conv_same_stride.pb");
    let line = arguments(&model, &["-s", "(1, 8, 8, 3)"]);
    let printed = place.good("pb_to_umodel", &line).out;
    assert_eq!(
        printed,
        "input x [1, 8, 8, 3]: blob x [1, 3, 8, 8]\n\
         output output [1, 4, 4, 5]: blob Conv2D [1, 5, 4, 4]\n2 layers\n\
         compilation/net.fp32umodel\ncompilation/net.prototxt\n"
    );
    assert_eq!(place.names("."), ["compilation"]);
    assert_eq!(place.names("compilation"), ["net.fp32umodel", "net.prototxt"]);
    let net = written(&place, &[vec![1, 3, 8, 8]]);
    assert_eq!(net.name(), "net");
    let [data, convolution] = net.layers() else { panic!("two layers") };
    let LayerOp::Data(Data { source, batch_size, .. }) = &data.op else { panic!("Data first") };
    assert_eq!((source.as_str(), *batch_size), ("../no such folder/lmdb", 1));
    assert_eq!(convolution.name, "Conv2D", "TensorFlow's names stay");
    let LayerOp::Convolution(op) = &convolution.op else { panic!("a convolution") };
    assert_eq!((op.num_output, op.kernel, op.stride), (5, [4, 4], [2, 2]));
    let output = net.blob(net.outputs()[0]);
    assert_eq!((output.name.as_str(), &output.shape), ("Conv2D", &vec![1, 5, 4, 4]));
    // INCEPTION: the middle, the input's size, (x − 127.5) / 127.5 in R, G, B.
    let text = place.read_text("compilation/net.prototxt");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = "transform_param { transform_op { op: CROP crop_fraction: 0.875 } transform_op { op: RESIZE \
                    resize_h: 8 resize_w: 8 } transform_op { op: STAND mean_value: 127.5 div: 127.5 \
                    bgr2rgb: true } }";
    assert!(words.contains(expected), "{words}");

    // The same by the library, to the same bytes, as the seed's example has it.
    let outdir = place.path("library").display().to_string();
    let same = arguments(&model, &["-s", "(1, 8, 8, 3)", "-d", &outdir]);
    let parsed = pb_to_umodel::parse_args(same).expect("arguments");
    let converted = pb_to_umodel::convert_pb_to_umodelv2(&parsed).expect("converted");
    assert_eq!(converted.paths.len(), 2);
    for path in converted.paths {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert_eq!(fs::read(&path).expect("a file"), place.read(&format!("compilation/{name}")));
    }
}

/// Relative 1e-5: what the written net computes is what TensorFlow recorded.
#[test]
fn the_two_files_compute_what_tensorflow_does() {
    let place = Place::new();
    let model = argument("tensorflow/cases/conv_same_stride.pb");
    place.good("pb_to_umodel", &["-m", &model, "-s", "(1, 8, 8, 3)", "-n", "net", "-o", "output"]);
    let cases = fs::read_to_string(fixture("tensorflow/cases.json")).expect("cases");
    let cases: Vec<serde_json::Value> = serde_json::from_str(&cases).expect("JSON");
    let case = cases.iter().find(|case| case["name"] == "conv_same_stride").expect("recorded");
    let data = fs::read(fixture("tensorflow/data.bin")).expect("values");
    let array = |json: &serde_json::Value| {
        let shape: Vec<usize> = serde_json::from_value(json["shape"].clone()).expect("shape");
        let span: [usize; 2] = serde_json::from_value(json["span"].clone()).expect("span");
        let bytes = data[span[0]..span[0] + span[1]].as_chunks::<4>().0;
        let values = bytes.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        ArrayD::from_shape_vec(shape, values).expect("whole")
    };
    let nchw =
        |nhwc: ArrayD<f32>| nhwc.permuted_axes(vec![0, 3, 1, 2]).as_standard_layout().into_owned();
    let net = written(&place, &[]);
    let input = (net.inputs()[0], Value::F32(nchw(array(&case["inputs"]["x"]))));
    let executor = Executor::new(std::sync::Arc::new(net)).expect("executable");
    let found = executor.outputs(vec![input]).expect("runs").remove(0).to_f32(1.0);
    let expected = nchw(array(&case["output"]));
    assert_eq!(found.shape(), expected.shape());
    let largest = expected.iter().fold(0f32, |most, value| most.max(value.abs()));
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() <= 1e-5 * largest, "{found}, not {expected}");
    }
}

#[test]
fn accuracy_layers_read_the_label() {
    let place = Place::new();
    let model = argument("tensorflow/cases/flatten_dense.pb");
    place.good("pb_to_umodel", &arguments(&model, &["-s", "(2, 7, 6, 4)", "-a"]));
    let net = written(&place, &[vec![2, 4, 7, 6], vec![2]]);
    let found: Vec<_> = net
        .layers()
        .iter()
        .filter_map(|layer| match &layer.op {
            LayerOp::Accuracy(accuracy) => {
                let bottoms = layer.bottoms.iter().map(|&id| net.blob(id).name.clone()).collect();
                Some((layer.name.clone(), accuracy.top_k, bottoms))
            }
            _ => None,
        })
        .collect();
    let bottoms: Vec<String> = ["MatMul", "label"].map(str::to_owned).into();
    let expected = [("accuracy_top1", 1), ("accuracy_top5", 5)];
    assert_eq!(found, expected.map(|(name, k)| (name.to_owned(), k, bottoms.clone())));
}

/// The library reads the same flags without clap; both must agree.
#[test]
fn the_tool_and_the_library_take_the_same_flags() {
    let model = argument("tensorflow/cases/conv_same_stride.pb");
    for line in [
        &["-m", &model, "-s", "[1,8,8,3]"][..],
        &["--model", &model, "--shapes=[[1,8,8,3]]", "-outdir=x", "--net_name", "other"],
        &[
            "-model",
            &model,
            "-i",
            "x",
            "--outputs=output",
            "-D",
            "db",
            "-preset=VGG",
            "-s",
            "(1,8,8,3)",
        ],
        &["-m", &model, "-s", "(2, 8, 8, 3)", "-lmdb=db", "--accuracy=false", "-t", "--net-name=n"],
        &["-m", &model, "-a"],
        &["-m", &model, "-s", "1x2"],
        &["-m", &model, "-p", "VGG16"],
        &["-m", &model, "--no_such_flag"],
        &["-m"],
    ] {
        let (by_tool, by_library) = (Place::new(), Place::new());
        let tool = by_tool.run("pb_to_umodel", line).status.success();
        // Relative paths are the library's working directory's, which tests share.
        let library = pb_to_umodel::parse_args(line).map_err(drop).and_then(|mut parsed| {
            parsed.outdir = by_library.folder().join(&parsed.outdir);
            pb_to_umodel::convert_pb_to_umodelv2(&parsed).map_err(drop)
        });
        assert_eq!(tool, library.is_ok(), "{line:?}");
        let files = |place: &Place| -> Vec<_> {
            let relative = |path: std::path::PathBuf| {
                path.strip_prefix(place.folder()).expect("inside").to_owned()
            };
            place.contents().into_iter().map(|(path, bytes)| (relative(path), bytes)).collect()
        };
        assert!(files(&by_tool) == files(&by_library), "{line:?}");
    }
}

#[test]
fn mistakes_are_told_on_one_line_and_write_nothing() {
    let place = Place::new();
    let good = argument("tensorflow/cases/conv_same_stride.pb");
    let whole = fs::read(&good).expect("a file");
    // The last five bytes are a field of their own.
    place.write("cut.pb", &whole[..whole.len() - 6]);
    for (arguments, part, code) in [
        (&["-m", "missing.pb"][..], "cannot read missing.pb", 1),
        (&["-m", "cut.pb"], "cut.pb: not a readable frozen TensorFlow graph (GraphDef)", 1),
        (&["-m", &good, "-i", "y"], "no input \"y\"", 1),
        (&["-m", &good, "-o", "outptu"], "no output \"outptu\"; did you mean \"output\"?", 1),
        (&["-m", &good, "-s", "(1, 8, 8, 4)"], "cannot have input \"x\" of shape [1, 8, 8, 4]", 1),
        (&["-m", &good, "-s", "(1, 8, 8)"], "shape [1, 8, 8], the model has [", 1),
        (&["-m", &good, "-s", "(1, 8, 8, 3), (1, 2)"], "2 input shapes", 1),
        (&["-m", &good, "-a"], "give -D", 1),
        (&["-m", &good, "-p", "VGG16"], "VGG16", 2),
        (&["-m", &good, "-s", "1x2"], "no list of shapes", 2),
        (&[], "--model", 2),
    ] {
        let message = place.fails(code, "pb_to_umodel", arguments, part);
        assert!(code == 2 || message.lines().count() == 1, "{message}");
    }
}
