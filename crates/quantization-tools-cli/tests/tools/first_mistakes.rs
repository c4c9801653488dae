//! What a new user does wrong first: each is one line that says what is wrong and what to do.

use std::fs;

use crate::place::{Place, argument, fixture};

/// A command that fails: tool and arguments, exit code, what it says.
type Mistake<'a> = (&'a str, i32, &'a str);

/// Every command must fail as the table says, on one line and without repeating itself.
fn all_fail(place: &Place, mistakes: &[Mistake<'_>]) {
    for &(command, code, expected) in mistakes {
        let words: Vec<&str> = command.split_whitespace().collect();
        let [tool, arguments @ ..] = &words[..] else { panic!("no tool") };
        let error = place.fails(code, tool, arguments, expected);
        no_stutter(&error);
    }
}

/// No part between colons may stand twice, one after the other.
fn no_stutter(error: &str) {
    for line in error.lines().filter(|line| line.starts_with("error")) {
        let parts: Vec<&str> = line.split(": ").collect();
        assert!(parts.windows(2).all(|pair| pair[0] != pair[1]), "{line}");
    }
}

/// The tool must succeed, and say this on the standard error. Returns what it printed.
fn warns(place: &Place, command: &str, expected: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let printed = place.good(words[0], &words[1..]);
    assert!(printed.err.contains(expected), "{command}: {:?} lacks {expected:?}", printed.err);
    printed.out
}

/// Writes a changed copy of LeNet's prototxt.
fn variant(place: &Place, name: &str, changes: &[(&str, &str)]) {
    let mut text = place.read_text("lenet.prototxt");
    for (from, to) in changes {
        assert!(text.contains(from), "there is no {from:?}");
        text = text.replace(from, to);
    }
    place.write(&format!("{name}.prototxt"), text);
}

const CALIBRATE: &str = "calibration_use_pb release -weights=lenet.caffemodel -model=";
const SCALE: &str = "scale: 0.00390625";
const DATABASE: &str = "source: \"calibration_lmdb\" batch_size: 1";

/// Weights, prototxts and files of other frameworks that do not belong to each other.
#[test]
fn the_wrong_file() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=2"]);
    place.write("net.pt", b"PK\x03\x04archive");
    place.write("net.tflite", b"\x1c\0\0\0TFL3");
    fs::create_dir(place.path("saved")).expect("folder");
    place.write("saved/saved_model.pb", b"\x08\x01");
    fs::copy(fixture("onnx/channels_last.onnx"), place.path("net.onnx")).expect("copy");
    fs::copy(fixture("tensorflow/cases/add.pb"), place.path("net.pb")).expect("copy");
    let torch = "torch.onnx.export(model.eval(), example_input, \"net.onnx\"), then on_to_umodel -m \
                 net.onnx";
    let misfit = "lenet_test_fp32_unique_top.prototxt is not the net of this int8umodel: only one of the two has layer";
    let deploy = "take the deploy prototxt, which has an Input layer in its place (for bmnetu the \
                  *_deploy_int8_unique_top.prototxt)";
    let swapped = "lenet.caffemodel holds weights, lenet.prototxt none: the two are given the wrong way \
                   round";
    let untrained = "expected 2 weight blobs, found 0: in lenet.prototxt the layer of this name has \
                     none; take the trained caffemodel or umodel";
    all_fail(
        &place,
        &[
            (
                "ufw test_fp32 -model=lenet.prototxt -weights=lenet.int8umodel",
                1,
                "lenet.int8umodel holds the integers of an int8 net: it goes with a *_int8_unique_top",
            ),
            (
                "calibration_use_pb release -model=lenet.prototxt -weights=lenet.int8umodel",
                1,
                "this fp32 net takes the fp32umodel or caffemodel",
            ),
            (
                "ufw test_int8 -model=lenet.prototxt -weights=lenet.caffemodel",
                1,
                "lenet.caffemodel holds fp32 weights: an int8 net takes the int8umodel that calibration",
            ),
            (
                "ufw test_int8 -model=lenet_test_fp32_unique_top.prototxt -weights=lenet.int8umodel",
                1,
                misfit,
            ),
            (
                "bmnetu -model=lenet_deploy_int8_unique_top.prototxt -weight=lenet.caffemodel",
                1,
                "lenet.caffemodel holds fp32 weights",
            ),
            (
                "bmnetu -model=lenet_deploy_fp32_unique_top.prototxt -weight=lenet.int8umodel",
                1,
                "take the *_int8_unique_top.prototxt",
            ),
            (
                "bmnetu -model=lenet_test_int8_unique_top.prototxt -weight=lenet.int8umodel",
                1,
                deploy,
            ),
            ("bmnetu -model=net.onnx -weight=lenet.int8umodel", 1, "net.onnx is an ONNX model"),
            ("on_to_umodel -m net.pt", 1, torch),
            ("pb_to_umodel -m net.pt", 1, torch),
            ("cf_to_umodel -m net.pt -w lenet.caffemodel", 1, torch),
            ("cf_to_umodel -m lenet.prototxt -w net.pt", 1, torch),
            ("on_to_umodel -m net.tflite", 1, "tf2onnx.convert --tflite FILE --output net.onnx"),
            ("on_to_umodel -m net.pb", 1, "not an ONNX model; pb_to_umodel -m takes it"),
            ("pb_to_umodel -m net.onnx", 1, "not a TensorFlow graph; on_to_umodel -m takes it"),
            ("pb_to_umodel -m saved", 1, "saved is a SavedModel of TensorFlow"),
            ("on_to_umodel -m lenet.caffemodel", 1, "cf_to_umodel -m NET.prototxt -w takes it"),
            ("on_to_umodel -m lenet.prototxt", 1, "takes it, with its weights behind -w"),
            ("cf_to_umodel -m net.onnx -w lenet.caffemodel", 1, "on_to_umodel -m takes it"),
            ("cf_to_umodel -m lenet.prototxt -w lenet.prototxt", 1, untrained),
            ("cf_to_umodel -m lenet.caffemodel -w lenet.prototxt", 1, swapped),
            ("ufw test_fp32 -model=lenet.caffemodel -weights=lenet.prototxt", 1, swapped),
            (
                "bmnetu -model=lenet.int8umodel -weight=lenet_deploy_int8_unique_top.prototxt",
                1,
                "the two are given the wrong way round",
            ),
            (
                "ufw test_fp32 -model=lenet_deploy_fp32_unique_top.prototxt -weights=lenet.caffemodel",
                1,
                "no Data layer to read pictures from: take the prototxt with the Data layer",
            ),
        ],
    );
}

/// Prototxts with one mistake.
#[test]
fn the_wrong_prototxt() {
    let place = Place::with_digits();
    let root = argument("lenet/");
    place.good("convert_imageset", &[&root, "short.txt", "color_lmdb"]);
    place.good("convert_imageset", &["--gray", "-backend=leveldb", &root, "short.txt", "db"]);
    place.good("convert_annoset", &["--gray", &root, "short.txt", "annotated_lmdb"]);
    let list = place.read_text("short.txt");
    let first = list.split_whitespace().next().expect("a path");
    place.write("far.txt", format!("{first} 99\n"));
    place.good("convert_imageset", &["--gray", &root, "far.txt", "far_lmdb"]);
    let database = "calibration_lmdb";
    for (name, changes) in [
        ("black", &[(SCALE, "scale: 0")][..]),
        ("color", &[(database, "color_lmdb")]),
        ("name", &[("name: \"conv1\"", "name: \"conv_1\"")]),
        ("backend", &[(" backend: LMDB", "")]),
        ("leveldb", &[(database, "db")]),
        ("annotated", &[(database, "annotated_lmdb")]),
        ("plain", &[("type: \"Data\"", "type: \"AnnotatedData\"")]),
        ("type", &[("\"Convolution\"", "\"convolution\"")]),
        ("pooling", &[("\"Pooling\"", "\"Poling\"")]),
        ("crop", &[(SCALE, "crop_size: 14 crop_h: 3")]),
        ("op", &[(SCALE, "transform_op { resize_h: 28 resize_w: 28 }")]),
        ("far", &[(database, "far_lmdb")]),
    ] {
        variant(&place, name, changes);
    }
    let calibrate = |name: &str| format!("{CALIBRATE}{name}.prototxt -iterations=1");
    let black = "blob \"data\" is 0 in every picture of layer \"data\" (Data): look at scale and \
                 mean_value of its transform_param, and at the pictures";
    let color = "bottom \"data\" has 3 channels, the weights are for 1: make the database with \
                 convert_imageset -gray, or write force_gray: true";
    let name =
        "the weights of lenet.caffemodel have no layer of this name, did you mean \"conv1\"?";
    let backend = "layer \"data\" (Data): calibration_lmdb is an LMDB: write backend: LMDB into \
                   data_param";
    let annotated = "is of type AnnotatedDatum, not Datum: a Data layer reads the Datum records of \
                     convert_imageset";
    all_fail(
        &place,
        &[
            (&calibrate("black"), 1, black),
            (&calibrate("color"), 1, color),
            (&calibrate("name"), 1, name),
            (&calibrate("backend"), 1, backend),
            (&calibrate("leveldb"), 1, "db is a LevelDB: write backend: LEVELDB into data_param"),
            (&calibrate("annotated"), 1, annotated),
            (&calibrate("plain"), 1, "is of type Datum, not AnnotatedDatum"),
            (&calibrate("type"), 1, "layer type is not supported, did you mean \"Convolution\"?"),
            (&calibrate("pooling"), 1, "not supported, did you mean \"Pooling\""),
            (&calibrate("crop"), 1, "layer \"data\" (Data): transform_param: crop_size: give it"),
            (
                &calibrate("op"),
                1,
                "the step has no op, so that it would do nothing: write op: RESIZE",
            ),
            // Found only while the net runs.
            (&calibrate("far"), 1, "far.prototxt:"),
            (&calibrate("far"), 1, "(Accuracy): label 99 is not one of 10 classes"),
            (&format!("{CALIBRATE}lenet.prototxt -iterations=0"), 2, "--iterations"),
        ],
    );
}

/// The integers of a calibrated net meet coloured pictures.
#[test]
fn int8_weights_of_another_number_of_channels() {
    let place = Place::with_digits();
    place.good("convert_imageset", &[&argument("lenet/"), "short.txt", "color_lmdb"]);
    place.calibrate(&["-iterations=2"]);
    let text = place.read_text("lenet_test_int8_unique_top.prototxt");
    place.write("color.prototxt", text.replace("calibration_lmdb", "color_lmdb"));
    let command = "ufw test_int8 -model=color.prototxt -weights=lenet.int8umodel";
    all_fail(&place, &[(command, 1, "bottom \"data\" has 3 channels, the weights are for 1")]);
}

/// More iterations than pictures, a batch that nobody chose, layers that stay fp32.
#[test]
fn what_is_right_but_may_not_be_meant() {
    let place = Place::with_digits();
    variant(&place, "batch", &[(DATABASE, "source: \"calibration_lmdb\" batch_size: 4")]);
    let repeats = "warning: calibration_lmdb has 30 records, which is 7.5 batches of 4: 20 iterations \
                   read them 2.7 times; -iterations=7 reads none twice";
    let printed = warns(&place, &format!("{CALIBRATE}batch.prototxt -iterations=20"), repeats);
    let reason = "fp32: loss (SoftmaxWithLoss): its type has no int8 form; only in the test net";
    assert!(printed.contains(reason), "{printed}");
    let compile = "bmnetu -model=lenet_deploy_int8_unique_top.prototxt -weight=lenet.int8umodel";
    let batch = "the bmodel takes 4 images at a time, as the prototxt says; -max_n=1 makes one for \
                 single images";
    warns(&place, compile, batch);
    let printed = place
        .good("bmnetu", &[&compile.split(' ').collect::<Vec<_>>()[1..], &["-max_n=1"]].concat());
    assert!(!printed.err.contains("at a time"), "{}", printed.err);
    // A LevelDB does not know how many records it has.
    let root = argument("lenet/");
    place.good("convert_imageset", &["--gray", "-backend=leveldb", &root, "short.txt", "db"]);
    variant(
        &place,
        "leveldb",
        &[("calibration_lmdb", "db"), ("backend: LMDB", "backend: LEVELDB")],
    );
    let repeats =
        "warning: db has 30 records, which is 30.0 batches of 1: 31 iterations read them 1.0 times";
    warns(&place, &format!("{CALIBRATE}leveldb.prototxt -iterations=31"), repeats);
    let printed = place.good(
        "calibration_use_pb",
        &["release", "-weights=lenet.caffemodel", "-model=leveldb.prototxt", "-iterations=30"],
    );
    assert!(!printed.err.contains("warning"), "{}", printed.err);
}

/// Layers that are kept in fp32, and whether bmnetu has code for them; what there is no int8 code for.
#[test]
fn why_layers_stay_in_fp32_and_what_bmnetu_makes_of_them() {
    let place = Place::with_digits();
    let text = place.read_text("lenet.prototxt");
    let head = text.find("layer {\n  name: \"accuracy\"").expect("the accuracy layer");
    let more = "layer { name: 'sigmoid' type: 'Sigmoid' bottom: 'ip2' top: 'sigmoid' }
                layer { name: 'prob' type: 'Softmax' bottom: 'sigmoid' top: 'prob' }
                layer { name: 'best' type: 'ArgMax' bottom: 'prob' top: 'best' }";
    let asked =
        text[..head].replace("  name: \"conv2\"", "  name: \"conv2\" forward_with_float: true");
    place.write("float.prototxt", format!("{asked}{more}"));
    let printed = warns(&place, &format!("{CALIBRATE}float.prototxt -iterations=2"), "next:");
    for line in [
        "fp32: conv2 (Convolution): forward_with_float: true; ",
        "fp32: pool2 (Pooling): its bottom conv2 is fp32, and a cast costs more than it saves",
        "fp32: prob (Softmax): its type has no int8 form; BM1684 computes it in fp32",
        "fp32: best (ArgMax): its type has no int8 form; bmnetu leaves it, and what follows it, to the host",
    ] {
        assert!(printed.contains(line), "{printed} lacks {line}");
    }
    assert!(!printed.contains("sigmoid"), "{printed}: a Sigmoid of integers is a table");
}

/// Lists, folders and flags of the converters of pictures.
#[test]
fn pictures_that_are_not_found_or_not_alike() {
    let place = Place::new();
    fs::create_dir(place.path("pictures")).expect("folder");
    let picture = fixture("lenet/calibration.txt");
    let list = fs::read_to_string(&picture).expect("list");
    let first = list.split_whitespace().next().expect("a path");
    fs::copy(fixture("lenet").join(first), place.path("pictures/a.png")).expect("copy");
    place.write("pictures/b.ppm", b"P6 2 3 255 aaabbbcccdddeeefff");
    place.write("list.txt", "a.png 0\nb.ppm 1\n");
    place.write("none.txt", "a.png 0\nc.png 1\n");
    place.write("boxes.txt", "a.png a.xml\nb.ppm b.xml\n");
    place.write("map.txt", "item { name: \"a\" label: 1 display_name: \"a\" }");
    place.good("convert_imageset", &["pictures/", "list.txt", "db"]);
    place.write(
        "data.prototxt",
        "layer { name: \"data\" type: \"Data\" top: \"data\" data_param { source: \"db\" batch_size: 2 backend: LMDB } }
         layer { name: \"i\" type: \"ImageData\" top: \"i\" image_data_param { source: \"list.txt\" batch_size: 1 } }
         layer { name: \"r\" type: \"ReLU\" bottom: \"data\" top: \"r\" }
         layer { name: \"q\" type: \"ReLU\" bottom: \"i\" top: \"q\" }",
    );
    let text = place.read_text("data.prototxt");
    place.write(
        "folder.prototxt",
        text.replace("batch_size: 1", "root_folder: \"pictures\" batch_size: 1"),
    );
    place.write(
        "sizes.prototxt",
        text.replace("batch_size: 1", "root_folder: \"pictures/\" batch_size: 1"),
    );
    place.write("empty.prototxt", "name: 'x'");
    let slash = "picturesa.png is not there, but pictures/a.png is: the root folder and the path are put \
                 together as they are, so write a slash behind the folder: pictures/";
    let sizes = "pictures of one batch need one size; convert them with -resize_height and -resize_width, \
                 or write a size into transform_param";
    let encode = "cannot encode the picture as gif: png, jpg, bmp, tif and ppm are known";
    all_fail(
        &place,
        &[
            ("convert_imageset pictures list.txt new", 1, slash),
            ("convert_annoset pictures list.txt new", 1, slash),
            (
                "ufw test_fp32 -model=folder.prototxt -weights=empty.prototxt -iterations=1",
                1,
                slash,
            ),
            ("ufw test_fp32 -model=sizes.prototxt -weights=empty.prototxt -iterations=1", 1, sizes),
            (
                "convert_imageset pictures/ list.txt db",
                1,
                "db exists already: give --overwrite to replace it",
            ),
            ("convert_imageset pictures/ list.txt new -encode_type=gif", 2, encode),
            ("convert_annoset pictures/ list.txt new -encode_type=gif", 2, encode),
        ],
    );
    // Caffe ignores these, too, but without a word.
    let alone = "warning: nothing is resized: -resize_height and -resize_width go together";
    for (tool, flag) in [("convert_imageset", "height"), ("convert_annoset", "width")] {
        warns(&place, &format!("{tool} -resize_{flag}=3 pictures/ list.txt alone_{flag}"), alone);
    }
    let both = "-min_dim=3 -resize_height=3 -resize_width=3";
    let ways =
        "warning: -resize_height and -resize_width have no effect beside -min_dim and -max_dim";
    warns(&place, &format!("convert_annoset {both} pictures/ list.txt both"), ways);
    // The reason is told, and each picture is read once.
    let skipped = "skipped c.png: cannot read pictures/c.png: No such file";
    warns(&place, "convert_imageset pictures/ none.txt skipping", skipped);
    let command =
        "convert_annoset -anno_type=detection -label_map_file=map.txt pictures/ boxes.txt boxes";
    let missing = "warning: 2 of 2 files of annotations are not there, the first is pictures/a.xml: their \
                   pictures have no boxes";
    assert!(warns(&place, command, missing).ends_with("2 warnings.\n"));
}

/// Nothing that is given is ignored without a word.
#[test]
fn flags_of_the_importers() {
    let place = Place::new();
    for file in ["lenet.caffemodel", "lenet.prototxt"] {
        fs::copy(fixture("lenet").join(file), place.path(file)).expect("copy");
    }
    fs::copy(fixture("onnx/channels_last.onnx"), place.path("net.onnx")).expect("copy");
    place.write(
        "three.prototxt",
        "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 3, 8, 8] } } }
         layer { name: 'r' type: 'ReLU' bottom: 'x' top: 'r' }",
    );
    let convert = |more: &str| format!("cf_to_umodel -m lenet.prototxt -w lenet.caffemodel {more}");
    let shape =
        "missing_db is not there, so that the shape of the net's input is not known: give it";
    let alone = "-p is the preprocessing of a Data layer, and the net gets none: give -D";
    all_fail(
        &place,
        &[
            (&convert("-s (1,1,28,28) -i dta"), 1, "no input \"dta\"; did you mean \"data\"?"),
            (&convert("-s (1,1,28,28) -o ip22"), 1, "no output \"ip22\"; did you mean \"ip2\""),
            (
                &convert("-s (1,1,28,28) -a"),
                1,
                "-a adds Accuracy layers to nets with an Input layer",
            ),
            (&convert("-D missing_db -p VGG"), 1, shape),
            ("cf_to_umodel -m three.prototxt -w three.prototxt -p VGG", 1, alone),
            ("on_to_umodel -m net.onnx -p VGG", 1, alone),
        ],
    );
    let run = |command: &str| {
        let words: Vec<&str> = command.split_whitespace().collect();
        place.good(words[0], &words[1..])
    };
    // The database need not be there; the case of the issue.
    let printed = run(&convert("-d missing -n x -D missing_db"));
    assert!(
        printed.err.contains("missing_db is not there: the shapes above suit"),
        "{}",
        printed.err
    );
    assert!(place.read_text("missing/x.prototxt").contains("source: \"missing_db\""));
    // What the outputs do not need goes. ip1 is written in place.
    let printed = run(&convert("-s (1,1,28,28) -d cut -n x -i data -o ip1"));
    assert!(printed.out.contains("output ip1_2 [1, 500]"), "{}", printed.out);
    let text = place.read_text("cut/x.prototxt");
    assert!(!text.contains("\"ip2\"") && !text.contains("\"label\""), "{text}");
    // A preset goes into the Data layer that is there.
    run(&convert("-s (1,1,28,28) -d preset -n x -p INCEPTION"));
    let text = place.read_text("preset/x.prototxt");
    assert!(text.contains("crop_fraction: 0.875") && !text.contains(SCALE), "{text}");
    // Caffe's nets want B, G, R, as databases have it.
    run("cf_to_umodel -m three.prototxt -w three.prototxt -d bgr -n x -D db -p VGG");
    let text = place.read_text("bgr/x.prototxt");
    assert!(text.contains("op: STAND") && !text.contains("bgr2rgb"), "{text}");
}

/// Recorded tensors whose names are not the net's.
#[test]
fn names_of_recorded_tensors() {
    let place = Place::new();
    let model = |name: &str| {
        format!(
            "layer {{ name: 'i' type: 'Input' top: '{name}' input_param {{ shape {{ dim: [1, 3, 20] }} }} }}
             layer {{ name: 'r' type: 'ReLU' bottom: '{name}' top: 'r' }}"
        )
    };
    let recorded = argument("onnx/line.npz");
    for (input, expected) in [
        ("data", "no recorded values of input \"data\"; the file has \"AveragePool_4\", "),
        ("x", "none of the recorded tensors is one of the net's: the file has \"AveragePool_4\", "),
        ("x", " and 4 more, the net \"r\", \"x\"; name the arrays after the net's tensors"),
    ] {
        place.write("net.prototxt", model(input));
        let arguments = ["-m", "net.prototxt", "-w", "net.prototxt", "-d", "out"];
        place.good("cf_to_umodel", &arguments);
        let arguments = [&arguments[..], &["--cmp", &recorded]].concat();
        no_stutter(&place.fails(1, "cf_to_umodel", &arguments, expected));
    }
}
