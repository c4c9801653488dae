//! Compiling: files, figures, mistakes.

use std::fs;
use std::sync::Arc;

use quantization_tools::ndarray::{ArrayD, IxDyn};
use quantization_tools::prelude::*;

use crate::place::{OUTPUTS, Place};

const DEPLOY: [&str; 2] =
    ["-model=lenet_deploy_int8_unique_top.prototxt", "-weight=lenet.int8umodel"];
const FILES: [&str; 3] = ["compilation.bmodel", "input_ref_data.dat", "output_ref_data.dat"];
const SUMS: &str = "compilation.sha256";
const LAYERS: &str = "compilation.layers.json";
const INFO: &str = "io_info.json";

/// What the net makes of the inputs in a reference file, as the executor computes it.
fn expected_outputs(place: &Place, images: usize, inputs: &[u8]) -> Vec<u8> {
    let mut model = NetParameter::read(place.path(OUTPUTS[2])).expect("prototxt");
    let weights = NetParameter::read(place.path(OUTPUTS[0])).expect("int8umodel");
    model.set_input_shapes(&[vec![images, 1, 28, 28]]).expect("one input");
    let net = QuantizedNet::read(&model, &weights, Phase::Test, &NoSources).expect("valid");
    let id = net.net().blob_id("data").expect("the input");
    let values = inputs.iter().map(|byte| byte.cast_signed()).collect();
    let values = ArrayD::from_shape_vec(IxDyn(&[images, 1, 28, 28]), values).expect("fits");
    let executor = Executor::quantized(Arc::new(net)).expect("executable");
    let outputs = executor.outputs(vec![(id, Value::I8(values))]).expect("runs");
    outputs.iter().flat_map(Value::to_bytes).collect()
}

#[test]
fn an_int8_net_compiles() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=5", "-th_method=MAX"]);
    let compile = |arguments: &[&str]| place.good("bmnetu", &[&DEPLOY, arguments].concat()).out;
    let printed = compile(&["-v=1", "-net_name=digits"]);
    let lines: Vec<Vec<&str>> = printed.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["layer", "type", "where", "TIU", "GDMA", "DDR", "bytes"]);
    for (line, layer) in lines[1..].iter().zip([
        ["data", "Input"],
        ["conv1", "Convolution"],
        ["pool1", "Pooling"],
        ["conv2", "Convolution"],
        ["pool2", "Pooling"],
        ["ip1", "InnerProduct"],
        ["ip2", "InnerProduct"],
    ]) {
        assert_eq!(line[..2], layer);
    }
    for line in [
        "input data: [1, 1, 28, 28] int8, step 0.007843258",
        "28 TIU and 20 GDMA commands in 1 group(s)",
        "coefficients: 448944 bytes, blobs: 4096 bytes",
        "DDR traffic: 452000 bytes read, 40 written, 0 copied",
    ] {
        assert!(printed.lines().any(|found| found == line), "{line}: {printed}");
    }
    assert!(printed.contains("\noutput ip2: [1, 10] int8, step 0.2"), "{printed}");
    let written = [&FILES[..1], &[LAYERS, INFO], &FILES[1..], &[SUMS]].concat();
    let paths: Vec<String> = written.iter().map(|file| format!("compilation/{file}\n")).collect();
    assert!(printed.ends_with(&paths.concat()), "{printed}");
    let mut all = written.clone();
    all.sort_unstable();
    assert_eq!(place.names("compilation"), all);
    let inputs = place.read("compilation/input_ref_data.dat");
    assert_eq!(inputs.len(), 28 * 28);
    let outputs = place.read("compilation/output_ref_data.dat");
    assert_eq!(outputs, expected_outputs(&place, 1, &inputs));

    compile(&["-outdir", "again", "-net_name=digits"]);
    compile(&["-outdir=other", "-net_name=digits", "-seed=1"]);
    compile(&["-outdir=without", "-net_name=digits", "--nocmp"]);
    compile(&["-outdir=four", "-max_n=4"]);
    compile(&["-outdir=shaped", "-shapes=[4,1,28,28]"]);
    for file in FILES {
        let [first, again] = ["compilation", "again"].map(|f| place.read(&format!("{f}/{file}")));
        assert!(first == again, "{file}: the same twice");
        let [four, shaped] = ["four", "shaped"].map(|f| place.read(&format!("{f}/{file}")));
        assert!(four == shaped, "{file}: the same batch in two ways");
    }
    let program = place.read("compilation/compilation.bmodel");
    assert!(program == place.read("other/compilation.bmodel"), "the seed is not for the program");
    assert!(inputs != place.read("other/input_ref_data.dat"), "another seed, other inputs");
    assert_eq!(place.names("without"), [FILES[0], LAYERS, SUMS, INFO]);
    assert!(program == place.read("without/compilation.bmodel"));
    let inputs = place.read("four/input_ref_data.dat");
    assert_eq!(place.read("four/output_ref_data.dat"), expected_outputs(&place, 4, &inputs));
    assert_eq!(inputs.len(), 4 * 28 * 28);
}

/// What `bm_model` tells of a real program.
#[test]
fn a_program_is_listed_and_described() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=5"]);
    place.good("bmnetu", &[&DEPLOY[..], &["-net_name=digits"]].concat());
    let model = |arguments: &[&str]| place.good("bm_model", arguments).out;
    let listing = model(&["--disassemble", "compilation/compilation.bmodel"]);
    let lines: Vec<&str> = listing.lines().collect();
    assert_eq!(lines[0], "; net digits stage 0 group 0");
    assert_eq!(lines[1], "; DDR traffic: 461264 bytes read, 40 written, 0 copied");
    let commands = &lines[2..];
    let of = |engine: char| commands.iter().filter(|line| line.starts_with(engine)).count();
    assert_eq!((of('B'), of('D'), commands.len()), (22, 14, 36), "those that bmnetu counts");
    let count = |word: &str| {
        commands.iter().filter(|line| line.split_whitespace().any(|found| found == word)).count()
    };
    assert_eq!((count("conv"), count("maxpool"), count("relu")), (4, 2, 17), "{listing}");
    assert!(!listing.contains("never starts"), "{listing}");

    // Two batches of one net in one file.
    place.good(
        "bmnetu",
        &[&DEPLOY[..], &["-outdir=fours", "-max_n=4", "-net_name=digits"]].concat(),
    );
    let models = ["compilation/compilation.bmodel", "fours/compilation.bmodel"];
    model(&[&["--combine"], &models[..], &["-o=both.bmodel"]].concat());
    let both = model(&["--info", "both.bmodel"]);
    let tensors: Vec<&str> = both
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("input data: "))
        .filter_map(|line| line.split(" int8").next())
        .collect();
    assert_eq!(tensors, ["[1, 1, 28, 28]", "[4, 1, 28, 28]"], "{both}");
    let stages: Vec<&str> = both.lines().filter(|line| line.starts_with("stage")).collect();
    assert_eq!(stages, ["stage 0: static", "stage 1: static"], "{both}");
}

#[test]
fn compiling_writes_all_or_nothing() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=5"]);
    let fails = |code, arguments: &[&str], expected| {
        place.fails(code, "bmnetu", &[&DEPLOY, arguments].concat(), expected);
    };
    fails(2, &["-prec=FP16"], "FP16");
    fails(2, &["-target=BM1684X"], "BM1684X");
    fails(2, &["-shapes=1,1,28,28"], "[1,3,224,224]");
    fails(2, &["-max_n=0"], "0 is not in 1..");
    fails(1, &["-shapes=[[1,1,28,28],[1]]"], "2 input shapes were given, the net has 1 input");
    fails(1, &["-shapes=[1,3,28,28]"], "layer \"conv1\" (Convolution)");
    fails(1, &["-outdir=lenet.prototxt"], "cannot write lenet.prototxt");
    fails(1, &["-outdir=lenet.prototxt/deeper"], "cannot write lenet.prototxt/deeper");
    let other = ["-model=lenet_deploy_fp32_unique_top.prototxt", "-weight=none"];
    place.fails(1, "bmnetu", &other, "cannot read none");
    // A folder stands where a file should go.
    fs::create_dir_all(place.path("taken/output_ref_data.dat")).expect("folder");
    fails(1, &["-outdir=taken"], "output_ref_data.dat");
}
