//! Nets that are cut, and what computes their second part. Bit-exact.

use std::fs;
use std::process::Command;

use quantization_tools::bm1684_codegen::IoInfo;

use crate::place::{Place, argument, fixture};

const NET: [&str; 2] = ["-model=ssd_deploy_int8_unique_top.prototxt", "-weight=ssd.int8umodel"];
const BMODEL: &str = "-bmodel=compilation/compilation.bmodel";

/// A folder with the small SSD, calibrated on pictures of shapes.
fn with_ssd() -> Place {
    let place = Place::new();
    for file in ["shapes/ssd.prototxt", "shapes/ssd.caffemodel", "shapes-map/labelmap.prototxt"] {
        let name = file.split_once('/').expect("a folder").1;
        fs::copy(fixture(file), place.path(name)).expect("copy");
    }
    let (root, list) = (argument("shapes-map/"), argument("shapes-map/test.txt"));
    let flags = ["--anno_type=detection", "--label_map_file=labelmap.prototxt"];
    place.good("convert_annoset", &[&flags[..], &[&root, &list, "test_lmdb"]].concat());
    let calibrate = ["release", "-model=ssd.prototxt", "-weights=ssd.caffemodel", "-iterations=2"];
    place.good("calibration_use_pb", &calibrate);
    place
}

fn picture() -> String {
    let list = fs::read_to_string(fixture("shapes-map/test.txt")).expect("list");
    let first = list.split_whitespace().next().expect("a picture");
    argument(&format!("shapes-map/{first}"))
}

fn compile(place: &Place, arguments: &[&str]) -> crate::place::Printed {
    place.good("bmnetu", &[&NET, arguments].concat())
}

/// Both parts together give what the whole net gives, from a picture and from a file of the chip's outputs.
#[test]
fn an_ssd_is_cut_before_its_boxes() {
    let place = with_ssd();
    let printed = compile(&place, &["-max_n=1", "-v=1", "-net_name=small ssd"]);
    let cut: Vec<&str> =
        printed.err.lines().filter(|line| line.contains("the net is cut at ")).collect();
    assert_eq!(cut.len(), 1, "{}", printed.err);
    for part in [
        "layer \"detection_out\" (DetectionOutput): it is computed in fp32",
        " are left for the host: small_ssd_host.prototxt",
    ] {
        assert!(cut[0].contains(part), "{} lacks {part}", cut[0]);
    }
    let row = |name: &str| -> Vec<&str> {
        let row = printed.out.lines().find(|line| line.starts_with(&format!("{name} ")));
        row.unwrap_or_else(|| panic!("{name}: {}", printed.out)).split_whitespace().collect()
    };
    assert_eq!(row("conv1")[1..4], ["Convolution", "TIU", "int8"]);
    assert_eq!(row("conv5_loc_flat")[1..4], ["Flatten", "renamed", "0"]);
    assert_eq!(row("detection_out")[1..4], ["DetectionOutput", "host", "it"]);
    assert_eq!(row("conv5_prior")[1..3], ["PriorBox", "host"]);

    let info = IoInfo::from_json(&place.read_text("compilation/io_info.json")).expect("JSON");
    assert_eq!(info.net, "small ssd");
    let [stage] = &info.stages[..] else { panic!("{info:?}") };
    assert_eq!(
        (&stage.inputs[..], &stage.outputs[..]),
        (&["data".to_owned()][..], &["detection_out".to_owned()][..])
    );
    let host = stage.host.as_ref().expect("a part for the host");
    assert_eq!(host.inputs, stage.chip.outputs);
    assert_eq!((host.outputs[0].counted_axis, host.outputs[0].shape[3]), (Some(2), 7));
    let step = stage.chip.inputs[0].scale;
    let deploy = place.read_text("ssd_deploy_int8_unique_top.prototxt");
    let scale = deploy.lines().find_map(|line| line.trim().strip_prefix("int8_scale: "));
    assert_eq!(scale.and_then(|scale| scale.parse().ok()), Some(1.0 / step));

    let input = format!("-input={}", picture());
    let net = [NET[0], "-weights=ssd.int8umodel", &input];
    let run = |arguments: &[&str]| place.good("ufw", &[&["run"], arguments].concat()).out;
    run(&[&net[..], &["-out=whole.npz"]].concat());
    run(&[&net[..], &[BMODEL, "-out=joined.npz"]].concat());
    let whole = place.read("whole.npz");
    assert!(whole == place.read("joined.npz"));
    // A test net preprocesses the picture itself; here that is to no effect but the same blob.
    let test = ["-model=ssd_test_int8_unique_top.prototxt", "-weights=ssd.int8umodel", &input];
    run(&[&test[..], &[BMODEL, "-out=test.npz"]].concat());
    run(&[&test[..], &["-out=test_whole.npz"]].concat());
    assert!(place.read("test.npz") == place.read("test_whole.npz"));

    // The references are the chip's: what a board writes goes the same way.
    let printed = run(&[BMODEL, "-chip_outputs=compilation/output_ref_data.dat", "-out=refs.npz"]);
    assert!(printed.starts_with("detection_out 1x1x"), "{printed}");
}

/// What `bmrt_test` writes: images of 8 bits in whole groups of four.
#[test]
fn raw_outputs_of_all_stages_and_groups() {
    let place = with_ssd();
    compile(&place, &["-shapes=[1,3,96,96],[5,3,96,96]"]);
    let info = IoInfo::from_json(&place.read_text("compilation/io_info.json")).expect("JSON");
    let raw = place.read("compilation/output_ref_data.dat");
    let run = |arguments: &[&str]| {
        place.good("ufw", &[&["run", BMODEL, "-chip_outputs=raw"], arguments].concat()).out
    };
    // One stage alone, as it is and in groups, and both stages one after the other.
    let mut rest = &raw[..];
    for (index, stage) in info.stages.iter().enumerate() {
        let (mut plain, mut groups) = (Vec::new(), Vec::new());
        for tensor in &stage.chip.outputs {
            let bytes = usize::try_from(tensor.bytes().expect("small")).expect("small");
            let (values, behind) = rest.split_at(bytes);
            rest = behind;
            plain.extend_from_slice(values);
            groups.extend_from_slice(values);
            if tensor.scale != 1.0 {
                let image = bytes / tensor.shape[0];
                groups.resize(
                    groups.len() + image * (tensor.shape[0].next_multiple_of(4) - tensor.shape[0]),
                    0,
                );
            }
        }
        let out = |name: &str| format!("-out={name}{index}.npz");
        place.write("raw", &plain);
        run(&[&out("plain")]);
        place.write("raw", &groups);
        assert_ne!(plain.len(), groups.len());
        run(&[&out("groups")]);
        place.write("raw", &raw);
        run(&[&out("all"), &format!("-stage={index}")]);
        let [plain, groups, all] =
            ["plain", "groups", "all"].map(|name| place.read(&format!("{name}{index}.npz")));
        assert!(plain == groups && plain == all, "stage {index}");
    }
    assert!(rest.is_empty());
    assert!(place.read("all0.npz") != place.read("all1.npz"));
    let fails = |arguments: &[&str], expected: &str| {
        place.fails(1, "ufw", &[&["run", BMODEL, "-out=o.npz"], arguments].concat(), expected);
    };
    fails(&["-chip_outputs=raw"], "can be the outputs of 2 stages: say which by -stage");
    fails(&["-chip_outputs=raw", "-stage=2"], "there is no stage 2: the bmodel has 2");
    place.write("short", b"abc");
    fails(&["-chip_outputs=short"], "short has 3 bytes, the chip's outputs have ");
    fails(&["-chip_outputs=none"], "cannot read none");
}

/// What does not go together is told in one line, and nothing is written.
#[test]
fn mistakes_with_the_hosts_part() {
    let place = with_ssd();
    compile(&place, &["-max_n=1"]);
    let input = format!("-input={}", picture());
    let usage = |arguments: &[&str], expected: &str| {
        place.fails(2, "ufw", &[&["run", "-out=o.npz"], arguments].concat(), expected);
    };
    usage(&[BMODEL], "--model");
    usage(&["-chip_outputs=x"], "--bmodel");
    usage(&[BMODEL, "-chip_outputs=x", "-model=a", "-weights=b"], "--chip_outputs");
    usage(&[BMODEL, "-chip_outputs=x", "-output_blobs=a"], "--output_blobs");
    let fails = |arguments: &[&str], expected: &str| {
        place.fails(1, "ufw", &[&["run", "-out=o.npz"], arguments].concat(), expected);
    };
    fails(
        &["-bmodel=nowhere/compilation.bmodel", "-chip_outputs=x"],
        "cannot read nowhere/io_info.json, which bmnetu writes beside a bmodel",
    );
    let info = place.read_text("compilation/io_info.json");
    place.write("compilation/io_info.json", "{}");
    fails(&[BMODEL, "-chip_outputs=x"], "io_info.json: missing field");
    // A huge shape is no reason for a huge piece of memory.
    let huge = info.replace("3024", "4611686018427387904");
    place.write("compilation/io_info.json", huge);
    fails(
        &[BMODEL, "-chip_outputs=compilation/output_ref_data.dat"],
        "bytes, the chip's outputs have ",
    );
    place.write("compilation/io_info.json", info.replace("mbox_", "other_"));
    let net = [NET[0], "-weights=ssd.int8umodel", &input, BMODEL];
    fails(&net, "which the bmodel gives: it is made of another net");
    place.write("compilation/io_info.json", info.replace("96", "97"));
    fails(&net, "the bmodel has no stage for inputs \"data\" 1x3x96x96");
    place.write("compilation/io_info.json", &info);
    let host = place.read_text("compilation/shapes_ssd_host.prototxt");
    place.write(
        "compilation/shapes_ssd_host.prototxt",
        host.replace("num_classes: 4", "num_classes: 3"),
    );
    let error = place.fails(
        1,
        "ufw",
        &[&["run", "-out=o.npz"], &net[..]].concat(),
        "shapes_ssd_host.prototxt",
    );
    assert!(error.contains("warning: compilation/shapes_ssd_host.prototxt is not what"), "{error}");
    assert!(error.contains("(DetectionOutput)"), "{error}");
}

/// Cutting can be forbidden, and an earlier part of the host goes when a net has none any more.
#[test]
fn cutting_is_a_choice() {
    let place = with_ssd();
    let error = place.fails(
        1,
        "bmnetu",
        &[&NET[..], &["-no_cut"]].concat(),
        "layers cannot be placed on the chip; without -no_cut the net is cut before them",
    );
    assert!(
        error.contains("\nlayer \"detection_out\" (DetectionOutput): it is computed"),
        "{error}"
    );
    compile(&place, &["-max_n=1"]);
    let there = |name: &str| place.path("compilation").join(name).exists();
    assert!(there("shapes_ssd_host.prototxt") && there("shapes_ssd_host.umodel"));
    let mut check = Command::new("sha256sum");
    check.args(["-c", "--quiet", "compilation.sha256"]).current_dir(place.path("compilation"));
    assert!(check.status().expect("runs").success());
    compile(&place, &["-max_n=1", "-output_names=mbox_loc", "-no_cut"]);
    assert!(!there("shapes_ssd_host.prototxt") && !there("shapes_ssd_host.umodel"));
    let info = IoInfo::from_json(&place.read_text("compilation/io_info.json")).expect("JSON");
    assert!(info.stages[0].host.is_none());
    assert_eq!(info.stages[0].outputs, ["mbox_loc"]);
    // Without a part for the host the chip's outputs are the results.
    let printed = place.good(
        "ufw",
        &["run", BMODEL, "-chip_outputs=compilation/output_ref_data.dat", "-out=loc.npz"],
    );
    assert!(printed.out.starts_with("mbox_loc 1x3024: min "), "{}", printed.out);
}

/// The host's part may read an input of the net itself: it comes from `-input`.
#[test]
fn inputs_that_only_the_host_reads() {
    let place = Place::new();
    place.write(
        "n.prototxt",
        "layer { name: 'x' type: 'Input' top: 'x' top: 'info' input_param { shape { dim: [1, 3, 4, 4] } } }
         layer { name: 's' type: 'Softmax' bottom: 'x' top: 's' }
         layer { name: 't' type: 'TopK' bottom: 's' top: 't' top: 'at' top_k_param { k: 3 axis: 1 } }
         layer { name: 'sum' type: 'Eltwise' bottom: 't' bottom: 'info' top: 'sum' }",
    );
    place.write("w.prototxt", "layer { name: 'other' type: 'ReLU' }");
    place.good("bmnetu", &["-model=n.prototxt", "-weight=w.prototxt", "-prec=FP32"]);
    let info = IoInfo::from_json(&place.read_text("compilation/io_info.json")).expect("JSON");
    let names = |tensors: &[quantization_tools::bm1684_codegen::TensorInfo]| -> Vec<String> {
        tensors.iter().map(|tensor| tensor.name.clone()).collect()
    };
    let host = info.stages[0].host.as_ref().expect("host");
    assert_eq!(
        (names(&info.stages[0].chip.inputs), names(&host.inputs)),
        (vec!["x".into()], vec!["info".into(), "s".into()])
    );
    // Arrays for both inputs, made of a picture.
    place.write(
        "make.prototxt",
        "layer { name: 'y' type: 'Input' top: 'y' input_param { shape { dim: [1, 3, 4, 4] } } }
         layer { name: 'z' type: 'Power' bottom: 'y' top: 'x' power_param { scale: 0.01 } }
         layer { name: 'i' type: 'Power' bottom: 'y' top: 'info' power_param { scale: -0.5 } }",
    );
    let run = |arguments: &[&str]| {
        place.good("ufw", &[&["run"], arguments].concat());
    };
    let input = format!("-input={}", picture());
    run(&["-model=make.prototxt", "-weights=w.prototxt", &input, "-out=both.npz"]);
    // By a file with integers, if only of fp32 layers, the net is computed as the chip does it.
    place.write(
        "int8.prototxt",
        "layer { name: 's' type: 'Softmax' quantization_param { arithmetic: FLOAT top { dtype: FLOAT32 } } }",
    );
    let net = ["-model=n.prototxt", "-weights=int8.prototxt", "-input=both.npz"];
    let chip = [&net[..], &["-output_blobs=s", "-out=s.npz"]].concat();
    run(&chip);
    let arrays = quantization_tools_cli::cli::read_npz(&place.path("s.npz")).expect("arrays");
    let raw: Vec<u8> = arrays[0].1.iter().flat_map(|value| value.to_le_bytes()).collect();
    place.write("raw", raw);
    run(&[BMODEL, "-chip_outputs=raw", "-input=both.npz", "-out=from_file.npz"]);
    run(&[&net[..], &[BMODEL, "-out=joined.npz"]].concat());
    assert!(place.read("from_file.npz") == place.read("joined.npz"));
    run(&[&net[..], &["-out=whole.npz"]].concat());
    assert!(place.read("whole.npz") == place.read("joined.npz"));
    // So it is in a chip's place whatever the weights are.
    let float = ["-model=n.prototxt", "-weights=w.prototxt", "-input=both.npz"];
    run(&[&float[..], &[BMODEL, "-out=float.npz"]].concat());
    assert!(place.read("float.npz") == place.read("joined.npz"));
    place.fails(
        1,
        "ufw",
        &["run", BMODEL, "-chip_outputs=raw", "-out=o.npz"],
        "no value was given for the source blob \"info\"",
    );
    let error = ["run", BMODEL, "-chip_outputs=raw", &input, "-out=o.npz"];
    place.fails(1, "ufw", &error, "give an .npz file with those inputs that the host's part reads");
}
