//! Calibration: five files, or none and a reason.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use quantization_tools::datum_store::{Annotation, AnnotationGroup, AnnotationType};
use quantization_tools::prelude::*;
use quantization_tools::uframework::data::Batches;
use quantization_tools::umodel::{Blob, LayerRecord};

use crate::place::{OUTPUTS, Place, RELEASE, argument, fixture, text};

/// The layers of a prototxt: name, type, bottoms, tops.
fn layers(model: &NetParameter) -> Vec<[String; 4]> {
    let layer = |layer: LayerRecord<'_>| {
        let (bottoms, tops) = (layer.bottoms().join(" "), layer.tops().join(" "));
        [layer.name().to_owned(), layer.kind().to_owned(), bottoms, tops]
    };
    model.layers().map(layer).collect()
}

const HIDDEN: [[&str; 4]; 6] = [
    ["conv1", "Convolution", "data", "conv1"],
    ["pool1", "Pooling", "conv1", "pool1"],
    ["conv2", "Convolution", "pool1", "conv2"],
    ["pool2", "Pooling", "conv2", "pool2"],
    ["ip1", "InnerProduct", "pool2", "ip1_1"],
    ["ip2", "InnerProduct", "ip1_1", "ip2"],
];

const TEST_ONLY: &str = ": its type has no int8 form; only in the test net";

#[test]
fn five_files_are_written() {
    let place = Place::with_digits();
    let before = place.names(".");
    let printed = place.calibrate(&["-iterations=30", "-bitwidth=TO_INT8", "-th_method=MAX"]);
    let (before_check, check) =
        printed.out.split_once("int8 beside fp32, 5 batches: ").expect("compared");
    let (cosine, paths) = check.split_once('\n').expect("a line");
    assert!(cosine.starts_with("cosine of output \"ip2\" 0.999"), "{cosine}");
    assert_eq!(
        format!("{before_check}{paths}"),
        format!(
            "calibrating with calibration_lmdb, 30 batches\n11 layers, 3 of them in fp32\n  fp32: accuracy (Accuracy){TEST_ONLY}\n  \
             fp32: accuracy_top5 (Accuracy){TEST_ONLY}\n  fp32: loss (SoftmaxWithLoss){TEST_ONLY}\n{}\n",
            OUTPUTS.join("\n")
        )
    );
    let mut after = [&before[..], &OUTPUTS.map(str::to_owned)].concat();
    after.sort();
    assert_eq!(place.names("."), after, "nothing else");

    let read = |name: &str| NetParameter::read(place.path(name)).expect(name);
    let deploy = read("lenet_deploy_int8_unique_top.prototxt");
    assert_eq!(deploy.name(), "LeNet");
    assert_eq!(deploy.input_shapes(), [vec![1, 1, 28, 28]]);
    assert_eq!(layers(&deploy)[1..], HIDDEN.map(|layer| layer.map(str::to_owned)));
    assert_eq!(layers(&deploy)[0], ["data", "Input", "", "data"].map(str::to_owned));
    // The largest grey value, 255, times the scale 1/256 is the threshold: 127 / 0.99609375. Bit-exact.
    let text = place.read_text("lenet_deploy_int8_unique_top.prototxt");
    assert_eq!(text.matches("int8_scale: 127.498039").count(), 2, "of the layer and of the net");

    let test = read("lenet_test_int8_unique_top.prototxt");
    let ends = [
        ["accuracy", "Accuracy", "ip2 label", "accuracy"],
        ["accuracy_top5", "Accuracy", "ip2 label", "accuracy_top5"],
        ["loss", "SoftmaxWithLoss", "ip2 label", "loss"],
    ];
    let found = layers(&test);
    assert_eq!(found[0], ["data", "Data", "", "data label"].map(str::to_owned));
    assert_eq!(found[1..7], HIDDEN.map(|layer| layer.map(str::to_owned)));
    let casts = |layer: &&[String; 4]| !matches!(layer[1].as_str(), "Dequantize" | "Quantize");
    let rest: Vec<&str> = found[7..].iter().filter(casts).map(|layer| layer[0].as_str()).collect();
    assert_eq!(rest, ends.map(|layer| layer[0]));
    let text = place.read_text("lenet_test_int8_unique_top.prototxt");
    assert!(text.contains("source: \"calibration_lmdb\"") && !text.contains("int8_scale"));

    // In the fp32 nets the ReLU and the Dropout are still layers, each with a top of its own.
    for (name, first, last) in [
        ("lenet_deploy_fp32_unique_top.prototxt", "Input", &[][..]),
        ("lenet_test_fp32_unique_top.prototxt", "Data", &ends[..]),
    ] {
        let found = layers(&read(name));
        assert_eq!(found[0][1], first, "{name}");
        assert_eq!(found[6], ["relu1", "ReLU", "ip1", "ip1_1"].map(str::to_owned), "{name}");
        let names: Vec<&str> = found.iter().map(|layer| layer[0].as_str()).collect();
        let inner = ["data", "conv1", "pool1", "conv2", "pool2", "ip1", "relu1"];
        assert!(names.starts_with(&inner), "{name}: {names:?}");
        assert!(names.ends_with(&last.iter().map(|layer| layer[0]).collect::<Vec<_>>()), "{name}");
        let mut tops: Vec<&str> = found.iter().flat_map(|layer| layer[3].split(' ')).collect();
        let count = tops.len();
        tops.sort_unstable();
        tops.dedup();
        assert_eq!(tops.len(), count, "{name}: every top is unique");
    }
    // Weights and biases of four layers, eight and sixteen bits.
    let net = quantized(&place);
    let records = net.net().layers();
    let integers = |name: &str| {
        let index = records.iter().position(|layer| layer.name == name).expect(name);
        net.to_parameter_with_weights()
            .layers()
            .nth(index)
            .expect(name)
            .weight_counts()
            .sum::<usize>()
    };
    for (name, least) in [("conv1", 520), ("conv2", 25_050), ("ip1", 400_500), ("ip2", 5_010)] {
        assert!(integers(name) >= least, "{name}: {} integers", integers(name));
    }
}

/// The int8 net that a calibration has written.
fn quantized(place: &Place) -> QuantizedNet {
    let model = NetParameter::read(place.path(OUTPUTS[2])).expect("prototxt");
    let weights = NetParameter::read(place.path(OUTPUTS[0])).expect("int8umodel");
    QuantizedNet::read(&model, &weights, Phase::Test, &NoSources).expect("valid")
}

/// SSD's records, with boxes and without: the same digits, so the same int8umodel.
#[test]
fn annotated_data_calibrates_like_data() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=10", "-bitwidth=TO_INT8"]);
    // Its Data layer apart, which the net keeps, and the mark, which tells the nets apart.
    let int8umodel = || {
        let model = NetParameter::read(place.path(OUTPUTS[0])).expect("int8umodel").to_text();
        let model =
            model.replace("annotated_lmdb", "calibration_lmdb").replace("AnnotatedData", "Data");
        let lines = model.lines().filter(|line| !line.starts_with("calibration_id"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let int8 = int8umodel();
    let test_int8 = || {
        let model = ["-model", OUTPUTS[4], "-weights", OUTPUTS[0], "-iterations", "10"];
        place.good("ufw", &[&["test_int8"], &model[..]].concat()).out
    };
    let tested = test_int8();
    let model = fs::read_to_string(fixture("lenet/lenet.prototxt")).expect("text");
    for annotation_type in [None, Some(AnnotationType::Bbox)] {
        let mut digits = open(place.path("calibration_lmdb"), Backend::Lmdb).expect("opens");
        let database = place.path("annotated_lmdb");
        let mut writer = create(&database, Backend::Lmdb, Existing::Overwrite).expect("new");
        while let Some(record) = digits.next_record().expect("sound") {
            let annotations = vec![Annotation::default(); record.key.len() % 3];
            let groups = vec![AnnotationGroup { label: 1, annotations }];
            let datum = record.datum().expect("a datum");
            let annotated = AnnotatedDatum { datum, annotation_type, groups };
            writer.put(&record.key, &annotated.to_wire()).expect("put");
        }
        writer.finish().expect("finished");
        let model = model.replace("calibration_lmdb", "annotated_lmdb");
        let mut model = model.replace("type: \"Data\"", "type: \"AnnotatedData\"");
        if annotation_type.is_some() {
            // Boxes are no classes.
            model.truncate(model.find("layer {\n  name: \"accuracy\"").expect("the end"));
        }
        place.write("lenet.prototxt", model);
        place.calibrate(&["-iterations=10", "-bitwidth=TO_INT8"]);
        let [test, deploy] = [OUTPUTS[4], OUTPUTS[2]]
            .map(|name| layers(&NetParameter::read(place.path(name)).expect(name)));
        assert_eq!(test[0], ["data", "AnnotatedData", "", "data label"].map(str::to_owned));
        assert_eq!(deploy[0], ["data", "Input", "", "data"].map(str::to_owned));
        if annotation_type.is_none() {
            assert!(int8umodel() == int8, "another int8umodel");
            assert_eq!(test_int8(), tested, "the labels, too, are those of the Data layer");
        }
    }
}

/// Exact: a net of both phases is calibrated with the database that is asked for, and a line says with which.
#[test]
fn the_database_of_a_phase() {
    let place = Place::with_digits();
    let model = place.read_text("lenet.prototxt");
    let swapped =
        model.replace("calibration_lmdb", "other_lmdb").replace("train_lmdb", "calibration_lmdb");
    place.write("lenet.prototxt", swapped);
    let run = ["release", "-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=2"];
    place.fails(1, "calibration_use_pb", &run, "other_lmdb");
    let train = [&run[..], &["-phase=TRAIN"]].concat();
    let printed = place.good("calibration_use_pb", &train).out;
    assert!(printed.starts_with("calibrating with calibration_lmdb, 2 batches\n"), "{printed}");
    let printed = place.good("calibration_use_pb", &[&train[..], &["-recover=true"]].concat());
    assert!(printed.err.contains("-recover=true changed nothing"), "{}", printed.err);
    place.write("lenet.prototxt", model.replace("phase: TRAIN", "phase: TEST"));
    place.fails(1, "calibration_use_pb", &train, "-phase=TRAIN");
}

/// Exact: the vendor's command lines work, and what cannot be done says why and writes nothing.
#[test]
fn flags_of_the_vendors_tool() {
    let place = Place::with_digits();
    let int8umodel = || place.read(OUTPUTS[0]);
    place.calibrate(&["-iterations=2"]);
    let plain = int8umodel();
    let nothing = [
        "-target=BM1684",
        "-th_binnum=4096",
        "-per_channel=true",
        "-conv_group=true",
        "-winograd=false",
        "-graph_transform=true",
        "-fuse_preprocess=false",
        "-merge_scale_to_conv=true",
        "-fold_concat_scale=true",
        "-save_test_proto=true",
        "-save_model=true",
        "-fp32_diff=0.01",
        "-pad_value=0",
    ];
    place.calibrate(&[&["-iterations=2"], &nothing[..]].concat());
    assert!(int8umodel() == plain, "flags that change nothing");
    let model = ["-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=2"];
    let run = |mode: &'static str, flags: &[&'static str]| -> Vec<&'static str> {
        [&[mode], &model[..], flags].concat()
    };
    place.good("calibration_use_pb", &run("quantize", &[]));
    assert!(int8umodel() == plain, "quantize is another name of release");
    for (flag, expected) in [
        ("-th_binnum=2048", "4096 bins"),
        ("-fuse_preprocess=true", "int8_scale"),
        ("-merge_scale_to_conv=false", "folded"),
        ("-save_test_proto=false", "all five files"),
        ("-save_model=false", "all five files"),
        ("-pad_value=1", "padding is 0"),
    ] {
        place.fails(1, "calibration_use_pb", &run("release", &[flag]), expected);
    }
    place.fails(2, "calibration_use_pb", &run("release", &["-target=BM1686"]), "BM1684");
    let before = place.names(".");
    place.good("calibration_use_pb", &run("graph_transform", &[]));
    let written = ["lenet.caffemodel_optimized", "lenet.prototxt_optimized"].map(str::to_owned);
    let mut after = [&before[..], &written].concat();
    after.sort();
    assert_eq!(place.names("."), after);
    let [model, weights] =
        ["-model=lenet.prototxt_optimized", "-weights=lenet.caffemodel_optimized"];
    place.good("calibration_use_pb", &["release", model, weights, "-iterations=2"]);
}

/// Exact: the vendor's rules are one shift a layer and KL thresholds, without factors and regression.
#[test]
fn the_vendors_rules() {
    let place = Place::with_digits();
    let int8umodel = |flags: &[&str]| {
        place.calibrate(&[&["-iterations=5"], flags].concat());
        let model = NetParameter::read(place.path(OUTPUTS[0])).expect("int8umodel").to_text();
        let lines = model.lines().filter(|line| !line.starts_with("calibration_id"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let ours = int8umodel(&[]);
    let rules = int8umodel(&["-vendor_rules=true"]);
    let spelt = ["-vendor_rules=true", "-th_method=KL", "-equalize=false", "-regress=false"];
    assert!(rules == int8umodel(&spelt));
    assert!(rules != ours && rules != int8umodel(&["-vendor_rules=true", "-th_method=MAX"]));
    assert!(!rules.contains("channel_factor") && ours.contains("channel_factor"));
}

#[test]
fn one_and_two_threads_give_the_same_bytes() {
    let outputs = ["1", "2"].map(|threads| {
        let place = Place::with_digits();
        let run = |tool: &str, arguments: &[&str]| {
            let mut command = place.command(tool);
            let output = command.env("RAYON_NUM_THREADS", threads).args(arguments).output();
            let output = output.expect("runs");
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            output.stdout
        };
        let root = argument("lenet/");
        run("convert_imageset", &["--gray", "--shuffle", &root, "short.txt", "shuffled_lmdb"]);
        run("calibration_use_pb", &[&RELEASE[..], &["-iterations=30"]].concat());
        let mut all: Vec<Vec<u8>> = OUTPUTS.iter().map(|name| place.read(name)).collect();
        all.push(place.read("shuffled_lmdb/data.mdb"));
        for (mode, kind, weights) in
            [("test_fp32", "fp32", "lenet.caffemodel"), ("test_int8", "int8", "lenet.int8umodel")]
        {
            let model = format!("-model=lenet_test_{kind}_unique_top.prototxt");
            let weights = format!("-weights={weights}");
            all.push(run("ufw", &[mode, &model, &weights, "-iterations=30"]));
        }
        all
    });
    let [one, two] = &outputs;
    for (index, (one, two)) in one.iter().zip(two).enumerate() {
        assert!(one == two, "output {index}: the number of threads shows");
    }
}

/// Relative 1e-6: with MAX a step is the largest value of all pictures over 127; with KL some are smaller.
#[test]
fn both_threshold_methods_are_known() {
    let place = Place::with_digits();
    let net = {
        let model = NetParameter::read(place.path("lenet.prototxt")).expect("prototxt");
        let weights = NetParameter::read(place.path("lenet.caffemodel")).expect("weights");
        let database = place.path("calibration_lmdb").display().to_string();
        let text = model.to_text().replace("calibration_lmdb", &database);
        let model = NetParameter::parse_text(&text).expect("text");
        Net::with_weights(&model, weights, Phase::Test, &DatabaseSources).expect("valid")
    };
    let mut largest: BTreeMap<String, f32> = BTreeMap::new();
    let executor = Executor::new(Arc::new(net.clone())).expect("executable");
    let mut batches = Batches::open(&net).expect("database");
    for _ in 0..5 {
        let batch = batches.read().expect("record");
        let sources = batches.transform(&batch).expect("picture");
        let mut tap = |_, blob: &Blob, value: &Value| {
            let largest = largest.entry(blob.name.clone()).or_default();
            *largest = value.to_f32(1.0).iter().fold(*largest, |most, value| most.max(value.abs()));
        };
        executor.forward(&mut Workspace::default(), sources, &mut tap).expect("runs");
    }
    let steps = |method: &str| -> BTreeMap<String, f32> {
        place.calibrate(&["-iterations=5", method]);
        let quantized = quantized(&place);
        let blobs = ["data", "conv2", "ip2"].map(|name| {
            let id = quantized.net().blob_id(name).expect(name);
            (name.to_owned(), quantized.format(id).scale)
        });
        blobs.into()
    };
    let max = steps("-th_method=MAX");
    for (name, step) in &max {
        let expected = largest[name] / 127.0;
        assert!((step / expected - 1.0).abs() < 1e-6, "{name}: {step}, not {expected}");
    }
    let kl = steps("-th_method=KL");
    assert!(kl.iter().all(|(name, step)| *step <= max[name] * (1.0 + 1e-6)), "{kl:?} {max:?}");
    place.fails(2, "calibration_use_pb", &[&RELEASE[..], &["-th_method=AVG"]].concat(), "AVG");
}

#[test]
fn bad_models_name_the_place() {
    let place = Place::with_digits();
    let good = place.read_text("lenet.prototxt");
    let release = |model: &str| {
        ["release".to_owned(), format!("-model={model}"), "-weights=lenet.caffemodel".to_owned()]
    };
    let line = |needle: &str| 1 + good.lines().position(|l| l.contains(needle)).expect("line");
    let first_kernel = line("kernel_size: 5");
    for (name, changed, expected) in [
        (
            "syntax",
            good.replace("kernel_size: 5", "kernel_size 5"),
            format!("syntax:{first_kernel}:"),
        ),
        (
            "unknown",
            good.replacen("kernel_size", "kernal_size", 1),
            format!(
                "unknown:{first_kernel}:38: message \"net.layer.convolution_param\" has no field \
                 \"kernal_size\", did you mean \"kernel_size\"?"
            ),
        ),
        (
            "type",
            good.replace("\"Pooling\"", "\"Pulling\""),
            format!(
                "type:{}:1: layer \"pool1\" (Pulling): layer type is not supported",
                line("pool1") - 1
            ),
        ),
        (
            "shape",
            good.replacen("num_output: 500", "num_output: 400", 1),
            format!(
                "shape:{}:1: layer \"ip1\" (InnerProduct): weight blob 0 has shape [500, 800], \
                 expected [400, 800]",
                line("name: \"ip1\"") - 1
            ),
        ),
        (
            "bottom",
            good.replace("bottom: \"pool1\"", "bottom: \"pool9\""),
            format!("bottom:{}:1: layer \"conv2\" (Convolution)", line("name: \"conv2\"") - 1),
        ),
        ("source", good.replace("calibration_lmdb", "no_lmdb"), "cannot open no_lmdb".to_owned()),
        (
            "leveldb",
            good.replace("LMDB", "LEVELDB"),
            "calibration_lmdb is an LMDB: write backend: LMDB".to_owned(),
        ),
        (
            "crop",
            good.replace("scale: 0.00390625", "crop_size: 99"),
            "cannot crop [99, 99]".to_owned(),
        ),
        ("empty", String::new(), "no Data layer".to_owned()),
    ] {
        place.write(name, changed);
        place.fails(
            1,
            "calibration_use_pb",
            &release(name).each_ref().map(String::as_str),
            &expected,
        );
    }
    place.fails(
        1,
        "calibration_use_pb",
        &release("missing.prototxt").each_ref().map(String::as_str),
        "cannot read missing.prototxt",
    );
}

#[test]
fn bad_weights_are_refused() {
    let place = Place::with_digits();
    let whole = place.read("lenet.caffemodel");
    place.write("half", &whole[..whole.len() / 2]);
    place.write("junk", vec![0xA5; 4096]);
    place.write("none", []);
    for (name, expected) in [
        ("half", "half: not a readable caffemodel or umodel"),
        ("junk", "junk: not a readable caffemodel or umodel"),
        ("none", "the weights of none have no layer of this name"),
        ("missing", "cannot read missing"),
    ] {
        let weights = format!("-weights={name}");
        let arguments = ["release", "-model=lenet.prototxt", weights.as_str()];
        place.fails(1, "calibration_use_pb", &arguments, expected);
    }
    // An fp32 caffemodel is no int8umodel.
    place.calibrate(&["-iterations=2"]);
    let model = "-model=lenet_test_int8_unique_top.prototxt";
    let arguments = ["test_int8", model, "-weights=lenet.caffemodel"];
    place.fails(1, "ufw", &arguments, "error: lenet.caffemodel holds fp32 weights");
}

#[test]
fn no_iterations_no_result() {
    let place = Place::with_digits();
    let model = ["-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=0"];
    let release = [&["release"], &model[..]].concat();
    place.fails(2, "calibration_use_pb", &release, "--iterations");
    let test = [&["test_fp32"], &model[..]].concat();
    place.fails(2, "ufw", &test, "--iterations");
}

#[test]
fn bad_databases_are_refused() {
    let place = Place::with_digits();
    let data = place.path("calibration_lmdb/data.mdb");
    let whole = fs::read(&data).expect("database");
    fs::write(&data, &whole[..whole.len() / 2]).expect("write");
    place.fails(1, "calibration_use_pb", &RELEASE, "truncated");
    fs::write(&data, vec![0; 9000]).expect("write");
    place.fails(1, "calibration_use_pb", &RELEASE, "not a sound LMDB database");
    fs::remove_file(&data).expect("remove");
    place.fails(1, "calibration_use_pb", &RELEASE, "cannot open calibration_lmdb/data.mdb");
}

#[test]
fn an_output_that_cannot_be_written_leaves_nothing() {
    let place = Place::with_digits();
    // A folder stands where the last file shall be.
    fs::create_dir(place.path(OUTPUTS[4])).expect("folder");
    let expected = format!("cannot write {}", OUTPUTS[4]);
    place.fails(1, "calibration_use_pb", &[&RELEASE[..], &["-iterations=2"]].concat(), &expected);
}

/// Writes LeNet's weights with some of them changed: the layer, which of its arrays, and what becomes of each value.
fn changed_weights(place: &Place, name: &str, layer: &str, array: usize, to: impl Fn(f32) -> f32) {
    let model = NetParameter::read(place.path("lenet.prototxt")).expect("prototxt");
    let weights = NetParameter::read(place.path("lenet.caffemodel")).expect("weights");
    let text = model.to_text();
    let database = place.path("calibration_lmdb").display().to_string();
    let model = NetParameter::parse_text(&text.replace("calibration_lmdb", &database));
    let net = Net::with_weights(&model.expect("text"), weights, Phase::Test, &DatabaseSources);
    let net = net.expect("valid");
    let mut specs = net.specs();
    let spec = specs.iter_mut().find(|spec| spec.name == layer).expect(layer);
    let mut arrays: Vec<_> = spec.weights.iter().map(|array| array.as_ref().clone()).collect();
    arrays[array].mapv_inplace(to);
    spec.set_weights(arrays);
    let net = Net::from_specs(net.name(), specs).expect("valid");
    place.write(name, net.to_parameter_with_weights().to_bytes().expect("small"));
}

/// Exact, but for what is reached: the layers that cost most stay fp32, as many as are asked for or as a target needs, and what
/// cannot be reached leaves no files.
#[test]
fn targets_keep_as_few_layers_in_fp32_as_they_need() {
    let place = Place::with_digits();
    let costs = |printed: &str| -> Vec<f64> {
        let lines = printed.lines().filter(|line| line.contains("  alone in int8: "));
        let number = |line: &str| line.split(' ').rev().nth(1).and_then(|n| n.parse().ok());
        lines.map(|line| number(line).expect("a number")).collect()
    };
    let kept = |printed: &str| printed.matches("it costs most: alone in int8").count();
    for (flag, expected) in [("-fp32_layers=0", 0), ("-fp32_layers=2", 2), ("-fp32_layers=9", 3)] {
        let printed = place.calibrate(&["-iterations=5", flag]).out;
        let costs = costs(&printed);
        assert!(costs.len() == 4 && costs.is_sorted(), "{printed}");
        assert_eq!(kept(&printed), expected, "{printed}");
    }
    let reached = |printed: &str| -> f64 {
        let (_, rest) = printed.split_once("reached on pictures held out: ").expect("told");
        rest.lines().next().and_then(|number| number.parse().ok()).expect("a number")
    };
    let easy = place.calibrate(&["-iterations=5", "-target_cosine=0.5"]).out;
    assert!(kept(&easy) == 0 && reached(&easy) >= 0.5, "{easy}");
    let wanted = reached(&easy) + 0.3 * (1.0 - reached(&easy));
    let hard = place.calibrate(&["-iterations=5", &format!("-target_cosine={wanted}")]).out;
    assert!((1..4).contains(&kept(&hard)) && reached(&hard) >= wanted, "{hard}");
    let best = place.calibrate(&["-iterations=5", "-target_top1=1"]).out;
    assert_eq!(reached(&best), 1.0, "{best}");
    for file in &OUTPUTS {
        fs::remove_file(place.path(file)).expect("written");
    }
    let arguments =
        ["release", "-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=5"];
    let fails = |code: i32, flags: &[&str], expected: &str| {
        place.fails(code, "calibration_use_pb", &[&arguments[..], flags].concat(), expected);
    };
    fails(1, &["-target_cosine=1"], "the target 1 cannot be reached: with 3 layers in fp32");
    fails(2, &["-target_cosine=1.5"], "expected a number from 0 to 1");
    fails(2, &["-target_cosine=0.9", "-target_top1=0.9"], "cannot be used with");
    assert!(!place.path(OUTPUTS[0]).exists());
}

/// Exact: a layer whose biases need a smaller shift than its weights is named, and what they cost it.
#[test]
fn weight_bits_that_biases_cost_are_told() {
    let place = Place::with_digits();
    let told = |weights: &str| -> Vec<String> {
        let weights = format!("-weights={weights}");
        let flags =
            ["release", "-model=lenet.prototxt", &weights, "-iterations=5", "-equalize=false"];
        let printed = place.good("calibration_use_pb", &flags).out;
        let lines = printed.lines().filter(|line| line.starts_with("  bias: "));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(told("lenet.caffemodel"), [""; 0]);
    changed_weights(&place, "biased", "conv2", 0, |w| w / 1000.0);
    let line = "  bias: conv2 (Convolution): weight bits lost to biases of 16 bits: ";
    let told = told("biased");
    let [lost, ..] = &told[..] else { panic!("{told:?}") };
    let bits = lost.strip_prefix(line).and_then(|rest| rest.strip_suffix(", in 1 of 1 shifts"));
    assert!(bits.and_then(|bits| bits.parse().ok()).is_some_and(|bits: u32| bits > 0), "{lost}");
}

/// Exact: the first layer and array, or layer and blob, that have values which are no numbers, and nothing is written.
#[test]
fn values_that_are_no_numbers_name_where_they_come_from() {
    let place = Place::with_digits();
    let run = |weights: &str, flags: &[&str], expected: &str| {
        let weights = format!("-weights={weights}");
        let arguments = ["release", "-model=lenet.prototxt", &weights, "-iterations=2"];
        place.fails(1, "calibration_use_pb", &[&arguments[..], flags].concat(), expected);
    };
    changed_weights(&place, "nan", "conv2", 1, |_| f32::NAN);
    changed_weights(&place, "infinite", "ip1", 0, |w| if w > 0.0 { f32::INFINITY } else { w });
    // Finite weights whose sums are not.
    changed_weights(&place, "large", "conv2", 0, |w| w * 1e38);
    for flags in [&[][..], &["-recover=true"], &["-vendor_rules=true"]] {
        run(
            "nan",
            flags,
            "layer \"conv2\": weight blob 1 has 50 values that are infinite or not a number",
        );
        run("infinite", flags, "layer \"ip1\": weight blob 0 has ");
        run("large", flags, "layer \"conv2\" (Convolution): blob \"conv2\" has ");
    }
}

/// Exact, but for cosines: one picture, pictures of one value, weights that make blobs 0, more iterations than pictures.
#[test]
fn pictures_and_blobs_of_little_information() {
    let place = Place::with_digits();
    fs::create_dir(place.path("plain")).expect("folder");
    for (name, grey) in [("a", 255), ("b", 7)] {
        let picture = [&b"P5 28 28 255\n"[..], &[grey; 784]].concat();
        place.write(&format!("plain/{name}.pgm"), picture);
    }
    place.write("one.txt", "a.pgm 0\n");
    place.write("same.txt", "a.pgm 0\na.pgm 1\n");
    place.write("plain.txt", "a.pgm 0\nb.pgm 1\n");
    let first = place.read_text("short.txt").lines().next().expect("a line").to_owned();
    place.write("digit.txt", first);
    let cosine = |printed: &str| -> f64 {
        let (_, rest) = printed.split_once("cosine of output \"ip2\" ").expect("compared");
        rest.lines().next().and_then(|number| number.parse().ok()).expect("a number")
    };
    for (list, root) in [
        ("digit.txt", argument("lenet/")),
        ("one.txt", "plain/".to_owned()),
        ("same.txt", "plain/".to_owned()),
        ("plain.txt", "plain/".to_owned()),
    ] {
        let database = format!("{list}_lmdb");
        place.good("convert_imageset", &["--gray", &root, list, &database]);
        let source = format!("-source={database}");
        for flags in [&[][..], &["-vendor_rules=true"], &["-recover=true"]] {
            let printed = place.calibrate(&[&["-iterations=3", &source], flags].concat());
            let repeats = "3 iterations read them";
            assert!(printed.err.contains(repeats), "{list} {flags:?}: {}", printed.err);
            let cosine = cosine(&printed.out);
            assert!(cosine > 0.99, "{list} {flags:?}: {cosine}");
        }
    }
    // Without weights and biases of conv2 its blob is 0.
    for array in [0, 1] {
        changed_weights(&place, "lenet.caffemodel", "conv2", array, |_| 0.0);
    }
    let text = "blob conv2 and 1 more was 0 in every picture, so that its threshold means nothing";
    for flags in [&[][..], &["-vendor_rules=true"], &["-recover=true"]] {
        let printed = place.calibrate(&[&["-iterations=3"], flags].concat());
        assert!(printed.err.contains(text), "{flags:?}: {}", printed.err);
        assert!(!printed.out.contains("fp32: conv"), "{flags:?}: {}", printed.out);
    }
}

/// Exact, thresholds relative 1e-6: fields of layers act, fp32 prototxts keep them, int8 ones have none, and what cannot be is
/// an error that names the place.
#[test]
fn fields_of_layers_ask_for_thresholds() {
    let place = Place::with_digits();
    let plain = place.read_text("lenet.prototxt");
    let line = |needle: &str| plain.lines().position(|line| line.contains(needle)).expect("line");
    let variant = |changes: &[(&str, &str)]| {
        let mut text = plain.clone();
        for (layer, field) in changes {
            let name = format!("  name: \"{layer}\"");
            assert!(text.contains(&name), "{layer}");
            text = text.replace(&name, &format!("{name} {field}"));
        }
        place.write("lenet.prototxt", text);
    };
    let steps = |blob: &str| {
        let quantized = quantized(&place);
        quantized.format(quantized.net().blob_id(blob).expect(blob)).scale
    };
    variant(&[
        ("conv1", "threshold: 2"),
        ("conv2", "th_strategy: USE_MAX"),
        ("ip1", "th_scale: 3"),
    ]);
    let docs = fs::read_to_string(fixture("../docs/quantization.md")).expect("docs");
    let (_, section) = docs.split_once("## Fields of a layer").expect("a section");
    let example = section.split("```").nth(1).expect("an example").trim_start_matches("text");
    let example = NetParameter::parse_text(example).expect("a layer");
    assert_eq!((example.layers().count(), example.unknown().count()), (1, 0));
    let run = ["-iterations=3", "-th_method=MAX"];
    place.calibrate(&run);
    assert!((steps("conv1") * 127.0 / 2.0 - 1.0).abs() < 1e-6);
    let tripled = steps("ip1_1");
    let kept = ["threshold: 2\n", "th_strategy: USE_MAX\n", "th_scale: 3\n"];
    for (output, fp32) in
        [(OUTPUTS[1], true), (OUTPUTS[2], false), (OUTPUTS[3], true), (OUTPUTS[4], false)]
    {
        let text = place.read_text(output);
        assert!(kept.iter().all(|field| text.contains(field) == fp32), "{output}: {text}");
    }
    variant(&[("conv1", "threshold: 2")]);
    place.calibrate(&run);
    assert!(
        (tripled / steps("ip1_1") - 3.0).abs() < 0.1,
        "MAX of values that were rounded a little otherwise"
    );
    for (field, why) in [
        ("threshold: 1e-30", "fp32: conv2 (Convolution): its largest weight, "),
        (
            "threshold: 1e30",
            "fp32: conv2 (Convolution): with the threshold that is asked for, one step of its top",
        ),
    ] {
        variant(&[("conv2", field)]);
        let printed = place.calibrate(&run);
        assert!(printed.out.contains(why), "{field}: {}", printed.out);
        assert!(!printed.err.contains("change nothing"), "{field}: {}", printed.err);
    }
    variant(&[("conv1", "th_scale: 2"), ("ip1", "threshold: 5")]);
    let printed = place.calibrate(&[&run[..], &["-fpfwd_outputs=ip?"]].concat()).err;
    let notes: Vec<&str> = printed.lines().filter(|line| line.contains("change nothing")).collect();
    let expected =
        "note: th_strategy, threshold and th_scale of layer ip1 change nothing: its tops stay fp32";
    assert_eq!(notes, [expected]);
    let at = line("name: \"conv2\"");
    for (changes, expected) in [
        (&[("conv2", "threshold: -3")][..], format!("lenet.prototxt:{at}:1: layer \"conv2\" (Convolution): threshold: -3: must be a finite number above 0")),
        (&[("conv2", "th_scale: 0")], format!("lenet.prototxt:{at}:1: layer \"conv2\" (Convolution): th_scale: 0: must be")),
        (&[("conv2", "th_strategy: USE_AVG")], format!("lenet.prototxt:{}:", at + 1)),
        (
            &[("conv2", "threshold: 3"), ("pool2", "threshold: 4")],
            "layer \"conv2\" has threshold: 3 for blob \"conv2\" and layer \"pool2\" has threshold: 4 for blob \"pool2\"".to_owned(),
        ),
    ] {
        variant(changes);
        place.fails(1, "calibration_use_pb", &RELEASE, &expected);
    }
}

/// AUTO says what it found, tries all scales if it has time, and none if it has none.
#[test]
fn thresholds_are_searched_within_a_time() {
    let place = Place::with_digits();
    let found = place.calibrate(&["-iterations=5", "-th_method=AUTO"]);
    let numbers = |printed: &str| -> Vec<f64> {
        let (_, rest) = printed.split_once("outputs on pictures held out: ").expect("told");
        let line = rest.lines().next().unwrap_or_default();
        line.split(' ').filter_map(|word| word.parse().ok()).collect()
    };
    let [before, after] = numbers(&found.out)[..] else { panic!("{}", found.out) };
    assert!(found.out.contains("AUTO: ") && after >= before && before > 10.0, "{}", found.out);
    assert!(!found.err.contains("-auto_seconds"), "{}", found.err);
    let stopped = place.calibrate(&["-iterations=5", "-th_method=AUTO", "-auto_seconds=0"]);
    let [before, after] = numbers(&stopped.out)[..] else { panic!("{}", stopped.out) };
    assert_eq!(before, after, "{}", stopped.out);
    let note = "note: -auto_seconds=0 ended the search when 0 of ";
    assert!(stopped.err.contains(note), "{}", stopped.err);
}
