//! The tools as a user meets them: good runs, bad input, and the same bytes on any number of
//! threads. Bit-exact throughout.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

fn lenet() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/lenet")
}

/// A folder with the bundled net and a database of 30 digits.
struct Workplace(tempfile::TempDir);

impl Workplace {
    fn new() -> Self {
        let place = Workplace(tempfile::tempdir().expect("temporary folder"));
        for file in ["lenet.caffemodel", "lenet.prototxt"] {
            fs::copy(lenet().join(file), place.path(file)).expect("copy");
        }
        let list = fs::read_to_string(lenet().join("calibration.txt")).expect("list");
        let short: String = list.lines().take(30).map(|line| format!("{line}\n")).collect();
        fs::write(place.path("short.txt"), short).expect("write");
        let root = format!("{}/", lenet().display());
        let made =
            place.run("convert_imageset", &["--gray", &root, "short.txt", "calibration_lmdb"]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, tool: &str) -> Command {
        let mut command = Command::cargo_bin(tool).expect("built");
        command.current_dir(self.0.path());
        command
    }

    fn run(&self, tool: &str, arguments: &[&str]) -> Output {
        self.command(tool).args(arguments).output().expect("runs")
    }

    fn calibrate(&self, arguments: &[&str]) -> Output {
        let model = ["release", "-model=lenet.prototxt", "-weights=lenet.caffemodel"];
        self.run("calibration_use_pb", &[&model, arguments].concat())
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The tool must fail with this exit code, say something like `expected` on one line, and leave
    /// the folder as it was.
    fn fails(&self, code: i32, tool: &str, arguments: &[&str], expected: &str) {
        let before = self.files();
        let output = self.run(tool, arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(expected), "{arguments:?}: {error:?} lacks {expected:?}");
        let errors = error.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, 1, "{error}");
        assert_eq!(self.files(), before, "{arguments:?} left something behind");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const OUTPUTS: [&str; 5] = [
    "lenet.int8umodel",
    "lenet_deploy_fp32_unique_top.prototxt",
    "lenet_deploy_int8_unique_top.prototxt",
    "lenet_test_fp32_unique_top.prototxt",
    "lenet_test_int8_unique_top.prototxt",
];

#[test]
fn calibration_writes_five_files_that_test() {
    let place = Workplace::new();
    let output = place.calibrate(&["-iterations=30", "-bitwidth=TO_INT8"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for name in OUTPUTS {
        assert!(place.path(name).exists(), "{name}");
    }
    let read = |name: &str| fs::read_to_string(place.path(name)).expect("text");
    let deploy = read("lenet_deploy_int8_unique_top.prototxt");
    assert!(deploy.contains("type: \"Input\"") && deploy.contains("int8_scale: 127.498039"));
    assert!(!deploy.contains("\"label\"") && !deploy.contains("Accuracy"));
    let test = read("lenet_test_int8_unique_top.prototxt");
    assert!(test.contains("type: \"Data\"") && !test.contains("int8_scale"));
    for text in OUTPUTS[1..].iter().map(|name| read(name)) {
        let mut tops: Vec<&str> = text.lines().filter(|line| line.starts_with("  top:")).collect();
        let count = tops.len();
        tops.sort_unstable();
        tops.dedup();
        assert_eq!(tops.len(), count, "every top is unique");
    }
    for (mode, model, weights) in [
        ("test_fp32", "lenet_test_fp32_unique_top.prototxt", "lenet.caffemodel"),
        ("test_int8", "lenet_test_int8_unique_top.prototxt", "lenet.int8umodel"),
    ] {
        let output =
            place.run("ufw", &[mode, "-model", model, "-weights", weights, "-iterations", "30"]);
        let printed = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(printed.contains("accuracy = ") && printed.contains("loss = "), "{printed}");
    }
    let compared = place.run(
        "ufw",
        &[
            "compare",
            "-model=lenet_test_fp32_unique_top.prototxt",
            "-weights=lenet.caffemodel",
            "-int8_model=lenet_test_int8_unique_top.prototxt",
            "-int8_weights=lenet.int8umodel",
            "-iterations=5",
        ],
    );
    assert!(text(&compared.stdout).contains("ip2"), "{}", text(&compared.stderr));
}

/// SSD's records, with boxes and without: the same digits, so the same int8umodel.
#[test]
fn annotated_data_calibrates_like_data() {
    use quantization_tools::datum_store::{Annotation, AnnotationGroup, AnnotationType};
    use quantization_tools::prelude::{
        AnnotatedDatum, Backend, Existing, NetParameter, create, open,
    };
    let place = Workplace::new();
    let output = place.calibrate(&["-iterations=10", "-bitwidth=TO_INT8"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    // Its Data layer apart, which the net keeps.
    let int8umodel = || {
        let model = NetParameter::read(place.path(OUTPUTS[0])).expect("int8umodel").to_text();
        model.replace("annotated_lmdb", "calibration_lmdb").replace("AnnotatedData", "Data")
    };
    let int8 = int8umodel();
    let model = fs::read_to_string(lenet().join("lenet.prototxt")).expect("text");
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
        fs::write(place.path("lenet.prototxt"), model).expect("write");
        let output = place.calibrate(&["-iterations=10", "-bitwidth=TO_INT8"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let read = |name: &str| fs::read_to_string(place.path(name)).expect("text");
        assert!(read(OUTPUTS[4]).contains("type: \"AnnotatedData\""));
        assert!(
            read(OUTPUTS[2]).contains("type: \"Input\"") && !read(OUTPUTS[2]).contains("label")
        );
        if annotation_type.is_none() {
            assert!(int8umodel() == int8, "another int8umodel");
            let arguments =
                ["test_int8", "-model", OUTPUTS[4], "-weights", OUTPUTS[0], "-iterations", "5"];
            let output = place.run("ufw", &arguments);
            assert!(text(&output.stdout).contains("accuracy = "), "{}", text(&output.stderr));
        }
    }
}

#[test]
fn one_and_two_threads_give_the_same_bytes() {
    let outputs = ["1", "2"].map(|threads| {
        let place = Workplace::new();
        let run = |tool: &str, arguments: &[&str]| {
            let mut command = place.command(tool);
            let output = command.env("RAYON_NUM_THREADS", threads).args(arguments).output();
            let output = output.expect("runs");
            assert!(output.status.success(), "{}", text(&output.stderr));
            output.stdout
        };
        let root = format!("{}/", lenet().display());
        run("convert_imageset", &["--gray", "--shuffle", &root, "short.txt", "shuffled_lmdb"]);
        run(
            "calibration_use_pb",
            &["release", "-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=30"],
        );
        let mut all: Vec<Vec<u8>> =
            OUTPUTS.iter().map(|name| fs::read(place.path(name)).expect("file")).collect();
        all.push(fs::read(place.path("shuffled_lmdb/data.mdb")).expect("database"));
        for (mode, kind, weights) in
            [("test_fp32", "fp32", "lenet.caffemodel"), ("test_int8", "int8", "lenet.int8umodel")]
        {
            let model = format!("-model=lenet_test_{kind}_unique_top.prototxt");
            let weights = format!("-weights={weights}");
            all.push(run("ufw", &[mode, &model, &weights, "-iterations=30"]));
        }
        all
    });
    assert!(outputs[0] == outputs[1], "the number of threads shows");
}

#[test]
fn both_threshold_methods_are_known() {
    let place = Workplace::new();
    assert!(place.calibrate(&["-iterations=5", "-th_method=MAX"]).status.success());
    let arguments = ["release", "-model=lenet.prototxt", "-weights=lenet.caffemodel"];
    place.fails(2, "calibration_use_pb", &[&arguments[..], &["-th_method=AVG"]].concat(), "AVG");
}

#[test]
fn the_command_line_is_checked() {
    let place = Workplace::new();
    place.fails(2, "calibration_use_pb", &["release", "-model=a"], "--weights");
    place.fails(2, "calibration_use_pb", &["relase", "-model=a", "-weights=b"], "relase");
    place.fails(2, "ufw", &["test_fp32", "-model=a", "-wieghts=b"], "--weights");
    place.fails(2, "convert_imageset", &["a", "b"], "DB_NAME");
    place.fails(2, "convert_imageset", &["a", "b", "c", "-resize_width=big"], "big");
    for tool in ["convert_imageset", "calibration_use_pb", "ufw", "bmnetu", "bm_model"] {
        assert_eq!(place.run(tool, &["-help"]).status.code(), Some(0));
        let completions = place.run(tool, &["--completions=bash"]);
        assert!(completions.status.success() && text(&completions.stdout).contains(tool));
    }
}

#[test]
fn bad_models_name_the_place() {
    let place = Workplace::new();
    let good = fs::read_to_string(place.path("lenet.prototxt")).expect("text");
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
            "bottom \"pool9\"".to_owned(),
        ),
        ("source", good.replace("calibration_lmdb", "no_lmdb"), "cannot open no_lmdb".to_owned()),
        (
            "leveldb",
            good.replace("LMDB", "LEVELDB"),
            "cannot open calibration_lmdb/CURRENT".to_owned(),
        ),
        (
            "crop",
            good.replace("scale: 0.00390625", "crop_size: 99"),
            "cannot crop [99, 99]".to_owned(),
        ),
        ("empty", String::new(), "no Data layer".to_owned()),
    ] {
        fs::write(place.path(name), changed).expect("write");
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
    let place = Workplace::new();
    let whole = fs::read(place.path("lenet.caffemodel")).expect("weights");
    fs::write(place.path("half"), &whole[..whole.len() / 2]).expect("write");
    fs::write(place.path("junk"), vec![0xA5; 4096]).expect("write");
    fs::write(place.path("none"), []).expect("write");
    for (name, expected) in [
        ("half", "half: not a readable caffemodel or umodel"),
        ("junk", "junk: not a readable caffemodel or umodel"),
        ("none", "expected 2 weight blobs, found 0"),
        ("missing", "cannot read missing"),
    ] {
        let weights = format!("-weights={name}");
        let arguments = ["release", "-model=lenet.prototxt", weights.as_str()];
        place.fails(1, "calibration_use_pb", &arguments, expected);
    }
    // An fp32 caffemodel is no int8umodel.
    assert!(place.calibrate(&["-iterations=2"]).status.success());
    let model = "-model=lenet_test_int8_unique_top.prototxt";
    place.fails(1, "ufw", &["test_int8", model, "-weights=lenet.caffemodel"], "int8");
}

#[test]
fn no_iterations_no_result() {
    let place = Workplace::new();
    let model = ["-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=0"];
    let release = [&["release"], &model[..]].concat();
    place.fails(1, "calibration_use_pb", &release, "iterations must be at least 1");
    let test = [&["test_fp32"], &model[..]].concat();
    place.fails(1, "ufw", &test, "iterations must be at least 1");
}

#[test]
fn bad_databases_are_refused() {
    let place = Workplace::new();
    let data = place.path("calibration_lmdb/data.mdb");
    let whole = fs::read(&data).expect("database");
    let arguments = ["release", "-model=lenet.prototxt", "-weights=lenet.caffemodel"];
    fs::write(&data, &whole[..whole.len() / 2]).expect("write");
    place.fails(1, "calibration_use_pb", &arguments, "truncated");
    fs::write(&data, vec![0; 9000]).expect("write");
    place.fails(1, "calibration_use_pb", &arguments, "not a sound LMDB database");
    fs::remove_file(&data).expect("remove");
    place.fails(1, "calibration_use_pb", &arguments, "cannot open calibration_lmdb/data.mdb");
}

#[test]
fn an_output_that_cannot_be_written_leaves_nothing() {
    let place = Workplace::new();
    // A folder stands where the last file shall be.
    fs::create_dir(place.path(OUTPUTS[4])).expect("folder");
    let arguments =
        ["release", "-model=lenet.prototxt", "-weights=lenet.caffemodel", "-iterations=2"];
    place.fails(1, "calibration_use_pb", &arguments, "cannot write");
}

#[test]
fn pictures_that_cannot_be_read_are_counted() {
    let place = Workplace::new();
    fs::write(place.path("bad.png"), b"no picture").expect("write");
    fs::write(place.path("cut.jpg"), [0xFF, 0xD8, 0xFF, 0xE0, 0, 16]).expect("write");
    fs::copy(lenet().join("test/0_000.png"), place.path("good.png")).expect("copy");
    fs::write(place.path("mixed.txt"), "bad.png 0\ngood.png 1\nmissing.png 2\ncut.jpg 3\n")
        .expect("write");
    let output = place.run("convert_imageset", &["./", "mixed.txt", "mixed_lmdb"]);
    assert!(output.status.success());
    assert!(text(&output.stdout).contains("Processed 1 files, skipped 3."));
    assert!(text(&output.stderr).contains("skipped bad.png: cannot decode"));
    fs::write(place.path("all_bad.txt"), "bad.png 0\nmissing.png 2\n").expect("write");
    place.fails(1, "convert_imageset", &["./", "all_bad.txt", "x"], "none of the 2 pictures");
    fs::write(place.path("no_label.txt"), "good.png\n").expect("write");
    place.fails(
        1,
        "convert_imageset",
        &["./", "no_label.txt", "x"],
        "no_label.txt:1: expected a path",
    );
    place.fails(1, "convert_imageset", &["./", "no_list.txt", "x"], "cannot read no_list.txt");
    place.fails(
        1,
        "convert_imageset",
        &["./", "mixed.txt", "mixed_lmdb"],
        "mixed_lmdb exists already",
    );
    place.fails(
        1,
        "convert_imageset",
        &["./", "mixed.txt", "no/folder/x"],
        "cannot create no/folder/x",
    );
}

#[test]
fn pictures_are_stored_as_asked() {
    use quantization_tools::prelude::{Backend, Datum, DatumData, open};
    let place = Workplace::new();
    fs::copy(lenet().join("test/7_000.png"), place.path("seven.png")).expect("copy");
    fs::write(place.path("one.txt"), "seven.png 7\n").expect("write");
    let datum = |flags: &[&str], name: &str| -> Datum {
        let arguments = [flags, &["./", "one.txt", name]].concat();
        let output = place.run("convert_imageset", &arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let mut store = open(place.path(name), Backend::Lmdb).expect("database");
        let record = store.next_record().expect("sound").expect("record");
        assert_eq!(record.key, b"00000000_seven.png");
        let datum = record.datum().expect("a datum");
        assert_eq!(datum.label(), 7);
        datum
    };
    assert_eq!(datum(&[], "color").shape(), [3, 28, 28]);
    assert_eq!(datum(&["-gray", "--check_size"], "gray").shape(), [1, 28, 28]);
    let resized = datum(&["-gray", "-resize_height", "20", "--resize_width=14"], "small");
    assert_eq!(resized.shape(), [1, 20, 14]);
    // Caffe resizes only if both sides are given.
    assert_eq!(datum(&["-gray", "-resize_height=20"], "half").shape(), [1, 28, 28]);
    let file = fs::read(place.path("seven.png")).expect("file");
    assert_eq!(*datum(&["-encoded"], "encoded").data(), DatumData::Encoded(file));
    let DatumData::Encoded(jpeg) = datum(&["-encode_type=jpg"], "jpeg").data().clone() else {
        panic!("encode_type asks for encoded data")
    };
    assert!(jpeg.starts_with(&[0xFF, 0xD8]));
}

const DEPLOY: [&str; 2] =
    ["-model=lenet_deploy_int8_unique_top.prototxt", "-weight=lenet.int8umodel"];

#[test]
fn an_int8_net_compiles() {
    let place = Workplace::new();
    assert!(place.calibrate(&["-iterations=5"]).status.success());
    let compile = |arguments: &[&str]| {
        let output = place.run("bmnetu", &[&DEPLOY, arguments].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let printed = compile(&["-v=1", "-net_name=digits"]);
    assert!(printed.contains("conv1") && printed.contains("input data: [1, 1, 28, 28] int8"));
    let read = |name: &str| fs::read(place.path(name)).expect("file");
    assert_eq!(read("compilation/input_ref_data.dat").len(), 28 * 28);
    assert_eq!(read("compilation/output_ref_data.dat").len(), 10);

    compile(&["-outdir", "again", "-net_name=digits"]);
    compile(&["-outdir=other", "-net_name=digits", "-seed=1", "--nocmp"]);
    compile(&["-outdir=four", "-max_n=4"]);
    compile(&["-outdir=shaped", "-shapes=[4,1,28,28]"]);
    for file in ["compilation.bmodel", "input_ref_data.dat", "output_ref_data.dat"] {
        let [first, again] = ["compilation", "again"].map(|f| read(&format!("{f}/{file}")));
        assert!(first == again, "{file}: the same twice");
        let [four, shaped] = ["four", "shaped"].map(|f| read(&format!("{f}/{file}")));
        assert!(four == shaped, "{file}: the same batch in two ways");
    }
    assert!(read("compilation/compilation.bmodel") == read("other/compilation.bmodel"));
    assert_eq!(fs::read_dir(place.path("other")).expect("folder").count(), 1);
    assert_eq!(read("four/output_ref_data.dat").len(), 40);

    let model = |arguments: &[&str]| {
        let output = place.run("bm_model", arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let listing = model(&["--disassemble", "compilation/compilation.bmodel"]);
    assert!(listing.starts_with("; net digits stage 0 group 0\n; DDR traffic: "), "{listing}");
    for name in ["load", "store", " conv ", "maxpool", "relu", "stride 2,2"] {
        assert!(listing.contains(name), "{name}: {listing}");
    }
    assert!(!listing.contains("never starts"));
    // Two batches of one net in one file.
    compile(&["-outdir=fours", "-max_n=4", "-net_name=digits"]);
    model(&[
        "--combine",
        "compilation/compilation.bmodel",
        "fours/compilation.bmodel",
        "-o=both.bmodel",
    ]);
    let both = model(&["--info", "both.bmodel"]);
    assert!(both.contains("[1, 1, 28, 28]") && both.contains("[4, 1, 28, 28]"), "{both}");
    // Both tools count the bytes that are moved.
    let traffic = listing.lines().nth(1).and_then(|line| line.strip_prefix("; ")).expect("line");
    assert!(printed.contains(traffic), "{traffic}: {printed}");
}

#[test]
fn compiling_writes_all_or_nothing() {
    let place = Workplace::new();
    assert!(place.calibrate(&["-iterations=5"]).status.success());
    let fails = |code, arguments: &[&str], expected| {
        place.fails(code, "bmnetu", &[&DEPLOY, arguments].concat(), expected);
    };
    fails(2, &["-prec=FP32"], "FP32");
    fails(2, &["-target=BM1684X"], "BM1684X");
    fails(2, &["-shapes=1,1,28,28"], "[1,3,224,224]");
    fails(2, &["-max_n=0"], "0");
    fails(1, &["-shapes=[[1,1,28,28],[1]]"], "2 input shapes were given");
    fails(1, &["-shapes=[1,3,28,28]"], "conv1");
    fails(1, &["-outdir=lenet.prototxt"], "lenet.prototxt");
    let other = ["-model=lenet_deploy_fp32_unique_top.prototxt", "-weight=none"];
    place.fails(1, "bmnetu", &other, "none");
    // A folder stands where a file should go.
    fs::create_dir_all(place.path("taken/output_ref_data.dat")).expect("folder");
    fails(1, &["-outdir=taken"], "output_ref_data.dat");
    assert_eq!(fs::read_dir(place.path("taken")).expect("folder").count(), 1);

    let deploy = "lenet_deploy_int8_unique_top.prototxt";
    let deploy = fs::read_to_string(place.path(deploy)).expect("text");
    let layer = "layer { name: 's' type: 'Sigmoid' bottom: 'ip2_fp32' top: 's' }";
    let cast = "layer { name: 'ip2_fp32' type: 'Dequantize' bottom: 'ip2' top: 'ip2_fp32' }";
    fs::write(place.path("sigmoid"), format!("{deploy}{cast}{layer}")).expect("written");
    let arguments = ["-model=sigmoid", "-weight=lenet.int8umodel"];
    place.fails(1, "bmnetu", &arguments, "layer \"s\" (Sigmoid): it is computed in fp32");
}

#[test]
fn models_are_shown_converted_drawn_and_compared() {
    let place = Workplace::new();
    let run = |arguments: &[&str]| {
        let output = place.run("umodel", arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let shown = run(&["show", "lenet.prototxt"]);
    assert!(shown.contains("conv1 1x20x24x24") && shown.contains("num_output: 20"), "{shown}");
    assert!(shown.contains(" 288000 "), "multiply-accumulates of conv1: {shown}");
    assert!(run(&["show", "lenet.caffemodel"]).contains("1724320 bytes of weights"));

    run(&["convert", "lenet.caffemodel", "text.prototxt"]);
    run(&["convert", "text.prototxt", "again.caffemodel"]);
    let read = |name: &str| fs::read(place.path(name)).expect("file");
    assert!(read("again.caffemodel") == read("lenet.caffemodel"), "there and back");
    assert_eq!(run(&["diff", "lenet.caffemodel", "text.prototxt"]), "");

    fs::write(
        place.path("old.prototxt"),
        "input: '<&>' input_dim: [1, 1, 5, 5]
         layers { name: 'c' type: CONVOLUTION bottom: '<&>' top: 'c'
                  convolution_param { num_output: 2 kernel_size: 3 } }",
    )
    .expect("written");
    run(&["convert", "old.prototxt", "new.prototxt"]);
    run(&["convert", "--unchanged", "old.prototxt", "same.prototxt"]);
    assert!(text(&read("new.prototxt")).contains("type: \"Convolution\""));
    assert!(text(&read("same.prototxt")).contains("type: CONVOLUTION"));
    run(&["draw", "old.prototxt", "old.svg"]);
    run(&["draw", "lenet.prototxt", "lenet.svg"]);
    let svg = text(&read("lenet.svg"));
    assert!(svg.starts_with("<?xml") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.contains("conv2") && svg.contains("InnerProduct"));

    place.fails(1, "umodel", &["show", "none.prototxt"], "cannot read none.prototxt");
    place.fails(2, "umodel", &["shew", "lenet.prototxt"], "invalid value 'shew'");
    place.fails(1, "umodel", &["draw", "lenet.prototxt"], "a second file is needed");
    place.fails(1, "umodel", &["diff", "old.prototxt", "lenet.prototxt"], "the models differ");
    let differences = place.run("umodel", &["diff", "old.prototxt", "lenet.prototxt"]);
    assert!(text(&differences.stdout).contains("- c (Convolution)\n+ data (Data)"));
}

/// A net that reads HDF5 files, from calibration to the int8 net's results.
#[test]
fn nets_that_read_hdf5_files() {
    use umodel::{Net, NetParameter, Phase};

    let place = tempfile::tempdir().expect("temporary folder");
    let rows = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hdf5-data");
    let files = ["contiguous.h5", "gzip.h5"].map(|name| rows.join(name).display().to_string());
    fs::write(place.path().join("list.txt"), files.join("\n")).expect("write");
    let prototxt = |list: &Path| {
        format!(
            "name: 'rows' layer {{ name: 'rows' type: 'HDF5Data' top: 'data' top: 'label' \
               hdf5_data_param {{ source: '{}' batch_size: 3 shuffle: true }} }} \
             layer {{ name: 'ip' type: 'InnerProduct' bottom: 'data' top: 'ip' \
               inner_product_param {{ num_output: 60 }} }} \
             layer {{ name: 'accuracy' type: 'Accuracy' bottom: 'ip' bottom: 'label' top: 'accuracy' }}",
            list.display()
        )
    };
    let model = NetParameter::parse_text(&prototxt(&place.path().join("list.txt"))).expect("text");
    let net = Net::new(&model, None, Phase::Test, &uframework::data::DatabaseSources);
    let mut specs = net.expect("valid").specs();
    let array = |shape: &[usize]| {
        let value = |i: usize| ((i * 37 % 101) as f32 - 50.0) / 200.0;
        let values = (0..shape.iter().product()).map(value).collect();
        ndarray::ArrayD::from_shape_vec(shape.to_vec(), values).expect("fits")
    };
    specs[1].set_weights([array(&[60, 24]), array(&[60])]);
    let net = Net::from_specs("rows", specs).expect("valid");
    let weights = net.to_parameter_with_weights().to_bytes().expect("fits");
    fs::write(place.path().join("rows.caffemodel"), weights).expect("write");
    fs::write(place.path().join("rows.prototxt"), prototxt(Path::new("list.txt"))).expect("write");
    let run = |tool: &str, arguments: &[&str]| {
        let mut command = Command::cargo_bin(tool).expect("built");
        command.current_dir(place.path()).args(arguments).output().expect("runs")
    };
    let model = ["-model=rows.prototxt", "-weights=rows.caffemodel", "-iterations=6"];
    let output = run("calibration_use_pb", &[&["release"], &model[..]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let test = fs::read_to_string(place.path().join("rows_test_int8_unique_top.prototxt"));
    assert!(test.expect("written").contains("type: \"HDF5Data\""));
    let deploy = fs::read_to_string(place.path().join("rows_deploy_int8_unique_top.prototxt"));
    let deploy = deploy.expect("written");
    assert!(deploy.contains("type: \"Input\"") && !deploy.contains("HDF5Data"), "{deploy}");
    for (mode, model, weights) in [
        ("test_fp32", "rows.prototxt", "rows.caffemodel"),
        ("test_int8", "rows_test_int8_unique_top.prototxt", "rows.int8umodel"),
    ] {
        let arguments = [mode, "-model", model, "-weights", weights, "-iterations", "6"];
        let output = run("ufw", &arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("accuracy = "), "{}", text(&output.stdout));
    }
    fs::write(place.path().join("list.txt"), "nowhere.h5").expect("write");
    let output = run("ufw", &[&["test_fp32"], &model[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(error.contains("layer \"rows\" (HDF5Data): nowhere.h5: No such file"), "{error}");
}
