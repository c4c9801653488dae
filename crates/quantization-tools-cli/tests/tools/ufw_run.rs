//! `ufw run`, `ufw extract` and `-output`: what they write. All values are exact: the same kernels compute the same
//! blobs, whatever way they come in and out.
#![expect(clippy::cast_possible_truncation, reason = "sums become fp32, values integers")]

use ndarray::ArrayD;
use quantization_tools_cli::cli::read_npz;

use crate::place::{OUTPUTS, Place, argument};

/// The arrays of a file, by name.
fn arrays(place: &Place, name: &str) -> Vec<(String, ArrayD<f32>)> {
    read_npz(&place.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn array(place: &Place, file: &str, name: &str) -> ArrayD<f32> {
    let found = arrays(place, file).into_iter().find(|(other, _)| other == name);
    found.unwrap_or_else(|| panic!("{file} has no {name}")).1
}

/// The bytes of an array as `numpy.save` writes it.
fn npy(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).expect("short").to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

const FP32: [&str; 2] = ["-model=lenet.prototxt", "-weights=lenet.caffemodel"];

fn int8_test() -> [String; 2] {
    [format!("-model={}", OUTPUTS[4]), format!("-weights={}", OUTPUTS[0])]
}

fn int8_deploy() -> [String; 2] {
    [format!("-model={}", OUTPUTS[2]), format!("-weights={}", OUTPUTS[0])]
}

fn words<'a>(mode: &'a str, net: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    let net = net.iter().map(String::as_str);
    std::iter::once(mode).chain(net).chain(more.iter().copied()).collect()
}

/// Exact: the means that are printed are those of what is written.
#[test]
fn outputs_of_every_iteration() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=5"]);
    let arguments = [&["test_fp32"][..], &FP32, &["-iterations=7", "-output=o.npz"]].concat();
    let printed = place.good("ufw", &arguments).out;
    assert!(printed.ends_with("\no.npz\n"), "{printed}");
    let found = arrays(&place, "o.npz");
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["accuracy", "accuracy_top5", "loss"]);
    for (name, values) in &found {
        assert_eq!(values.shape(), [7], "{name}");
        let sum: f64 = values.iter().map(|&value| f64::from(value)).sum();
        let mean = format!("{name} = {}", (sum / 7.0) as f32);
        assert!(printed.lines().any(|line| line.starts_with(&mean)), "{mean}: {printed}");
    }
    let [model, weights] = int8_test();
    let int8 = [format!("-int8_{}", &model[1..]), format!("-int8_{}", &weights[1..])];
    let fp32: Vec<String> = FP32.iter().map(|&flag| flag.to_owned()).collect();
    let all = [fp32, int8.to_vec()].concat();
    place.good("ufw", &words("compare", &all, &["-iterations=4", "-output=c.npz"]));
    let names: Vec<String> = arrays(&place, "c.npz").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    let first = array(&place, "o.npz", "loss").slice(ndarray::s![..4]).to_owned().into_dyn();
    assert_eq!(array(&place, "c.npz", "fp32/loss"), first);
    place.good("ufw", &words("test_int8", &int8_test(), &["-iterations=4", "-output=i.npz"]));
    assert_eq!(array(&place, "c.npz", "int8/loss"), array(&place, "i.npz", "loss"));
    // A file that cannot be written is told before the work is done.
    let arguments = [&["test_fp32"][..], &FP32, &["-output=none/o.npz"]].concat();
    let error = place.fails(1, "ufw", &arguments, "none/o.npz");
    assert!(!error.contains("testing: "), "{error}");
}

/// The picture of a database's first record, as a file, as an array and as integers.
#[test]
fn one_forward_pass() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=5"]);
    let list = place.read_text("short.txt");
    let digit = argument(&format!("lenet/{}", list.split_whitespace().next().expect("a path")));
    let digit = format!("-input={digit}");
    let fp32: Vec<String> = FP32.iter().map(|&flag| flag.to_owned()).collect();
    let fp32_deploy = [format!("-model={}", OUTPUTS[1]), FP32[1].to_owned()];
    for (test, deploy) in [(&fp32[..], &fp32_deploy[..]), (&int8_test(), &int8_deploy())] {
        let extracted = ["-iterations=1", "-blobs=ip2,pool1,data", "-out=all.npz"];
        place.good("ufw", &words("extract", test, &extracted));
        let expected = array(&place, "all.npz", "ip2");
        assert_eq!(expected.shape(), [1, 10]);
        // The Data layer says how the picture is preprocessed.
        let printed = place
            .good("ufw", &words("run", test, &[&digit, "-output_blobs=ip2,pool1", "-out=a.npz"]));
        assert!(printed.out.starts_with("ip2 1x10: min "), "{}", printed.out);
        assert!(printed.out.ends_with("\na.npz\n"), "{}", printed.out);
        assert_eq!(array(&place, "a.npz", "ip2"), expected);
        assert_eq!(array(&place, "a.npz", "pool1"), array(&place, "all.npz", "pool1"));
        // The deploy net is told.
        let flags = [digit.as_str(), "-scale=0.00390625", "-output_blobs=ip2", "-out=b.npz"];
        place.good("ufw", &words("run", deploy, &flags));
        assert_eq!(array(&place, "b.npz", "ip2"), expected);
        // Preprocessed values, among others.
        let flags = ["-input=all.npz", "-output_blobs=ip2", "-out=c.npz"];
        for net in [test, deploy] {
            place.good("ufw", &words("run", net, &flags));
            assert_eq!(array(&place, "c.npz", "ip2"), expected);
        }
    }
    // What the int8 net makes of fp32 values are the integers that its input holds.
    let text = place.read_text(OUTPUTS[2]);
    let scale = text.split_once("int8_scale: ").and_then(|(_, rest)| rest.lines().next());
    let scale: f32 = scale.expect("int8_scale").trim().parse().expect("a number");
    let data = array(&place, "all.npz", "data");
    let integers: Vec<i8> = data.iter().map(|&value| (value * scale).round() as i8).collect();
    let bytes: Vec<u8> = integers.iter().map(|value| value.cast_unsigned()).collect();
    place.write("raw.npy", npy("|i1", "(1, 1, 28, 28)", &bytes));
    place.good(
        "ufw",
        &words("run", &int8_deploy(), &["-input=raw.npy", "-output_blobs=ip2", "-out=raw.npz"]),
    );
    assert_eq!(array(&place, "raw.npz", "ip2"), array(&place, "a.npz", "ip2"));
    // Two pictures at a time, and the net's own output.
    let twice: Vec<u8> = [&bytes[..], &bytes].concat();
    place.write("two.npy", npy("|i1", "(2, 1, 28, 28)", &twice));
    place.good("ufw", &words("run", &int8_deploy(), &["-input=two.npy", "-out=two.npz"]));
    let both = array(&place, "two.npz", "ip2");
    assert_eq!(both.shape(), [2, 10]);
    for row in both.outer_iter() {
        assert!(row.iter().eq(&array(&place, "a.npz", "ip2")));
    }
}

/// A net's second half on what its first half made: the same values, and a calibration.
#[test]
fn records_of_blobs_feed_another_net() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=5"]);
    let text = place.read_text("lenet.prototxt");
    let (_, rest) = text.split_once("name: \"ip1\"").expect("ip1");
    let (head, _) = rest.split_once("layer {\n  name: \"accuracy\"").expect("accuracy");
    let data = "layer { name: 'data' type: 'Data' top: 'pool2' top: 'label'
                data_param { source: 'pool2_lmdb' batch_size: 1 backend: LMDB } }";
    place.write("head.prototxt", format!("{data}\nlayer {{ name: \"ip1\"{head}"));
    let arguments = [
        &["extract"][..],
        &FP32,
        &["-iterations=6", "-blobs=pool2,ip2", "-out=pool2_lmdb,ip2.npz"],
    ];
    let printed = place.good("ufw", &arguments.concat());
    let expected = "pool2_lmdb: 6 records of blob pool2, 50x4x4\nip2.npz\n";
    assert_eq!(printed.out, expected);
    assert!(printed.err.contains("-source=pool2_lmdb"), "{}", printed.err);
    let head = ["extract", "-model=head.prototxt", "-weights=lenet.caffemodel", "-iterations=6"];
    place.good("ufw", &[&head[..], &["-blobs=ip2", "-out=again.npz"]].concat());
    let whole = array(&place, "ip2.npz", "ip2");
    assert_eq!(whole.shape(), [6, 10]);
    assert_eq!(array(&place, "again.npz", "ip2"), whole);
    // Rows stay rows.
    place.good("ufw", &[&head[..], &["-blobs=ip1", "-out=ip1_lmdb"]].concat());
    place.write(
        "last.prototxt",
        "layer { name: 'data' type: 'Data' top: 'x' data_param { source: 'ip1_lmdb' batch_size: 2
         backend: LMDB } } layer { name: 'y' type: 'AbsVal' bottom: 'x' top: 'y' }",
    );
    let last = ["extract", "-model=last.prototxt", "-weights=last.prototxt", "-iterations=3"];
    place.good("ufw", &[&last[..], &["-blobs=x", "-out=x.npz"]].concat());
    assert_eq!(array(&place, "x.npz", "x").shape(), [6, 500]);
    let calibrate =
        ["release", "-model=head.prototxt", "-weights=lenet.caffemodel", "-iterations=6"];
    place.good("calibration_use_pb", &calibrate);
    // Blobs of an int8 net are what its integers stand for, here without factors of channels.
    place.calibrate(&["-iterations=5", "-equalize=false"]);
    let flags = ["-iterations=2", "-blobs=conv1", "-out=conv1.npz"];
    place.good("ufw", &words("extract", &int8_test(), &flags));
    let values = array(&place, "conv1.npz", "conv1");
    let step = values.iter().map(|value| value.abs()).filter(|&v| v > 0.0).fold(f32::MAX, f32::min);
    let whole = |value: &f32| (value / step - (value / step).round()).abs() < 1e-3;
    assert!(values.iter().all(whole), "multiples of one step");
}

/// One line each, and nothing written.
#[test]
fn what_cannot_be_run_or_extracted() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=2"]);
    let out = "-out=x.npz";
    let fails = |arguments: &[&str], expected: &str| place.fails(1, "ufw", arguments, expected);
    let fp32 = |mode: &'static str, more: &[&'static str]| [&[mode][..], &FP32, more].concat();
    let deploy = |more: &[&'static str]| {
        let net = [&format!("-model={}", OUTPUTS[1]), FP32[1]];
        let net: Vec<String> = net.iter().map(|&flag| flag.to_owned()).collect();
        let net: Vec<&'static str> = net.into_iter().map(|flag| &*flag.leak()).collect();
        [&["run"][..], &net, more].concat()
    };
    let near = "the net has no blob \"conv_1\"; did you mean \"conv1\" or \"conv2\"";
    fails(&fp32("extract", &["-blobs=data,conv_1", "-out=a,b"]), near);
    fails(
        &fp32("extract", &["-blobs=data,conv1", "-out=a"]),
        "-blobs names 2 blobs, -out 1 outputs",
    );
    fails(&fp32("extract", &["-blobs=data,data", out]), "-blobs names \"data\" twice");
    fails(
        &fp32("extract", &["-blobs=data", "-out=calibration_lmdb"]),
        "give -overwrite to replace it",
    );
    fails(&fp32("extract", &["-blobs=data", "-out=none/a"]), "none/a");
    fails(&fp32("extract", &["-blobs=data", "-out=lenet.prototxt"]), "lenet.prototxt");
    place.fails(2, "ufw", &fp32("extract", &["-blobs=data"]), "--out");
    place.fails(2, "ufw", &fp32("run", &[out]), "--input");
    place.write("a.npy", npy("<f4", "(1, 1, 28, 28)", &[0; 4 * 784]));
    place.write("wide.npy", npy("<f4", "(1, 1, 28, 29)", &[0; 4 * 28 * 29]));
    place.write("small.npy", npy("<f4", "(1, 1, 3, 3)", &[0; 4 * 9]));
    place.write("cut.npy", &npy("<f4", "(1, 1, 28, 28)", &[0; 4 * 784])[..500]);
    fails(
        &deploy(&["-input=a.npy", "-output_blobs=ip3", out]),
        "the net has no blob \"ip3\"; did you mean \"ip1\" or \"ip2\"",
    );
    fails(&deploy(&["-input=cut.npy", out]), "cut.npy");
    fails(&deploy(&["-input=none.npy", out]), "cannot read none.npy");
    fails(&deploy(&["-input=none.png", out]), "cannot read none.png");
    fails(&deploy(&["-input=lenet.prototxt", out]), "lenet.prototxt");
    fails(&deploy(&["-input=a.npy", "-out=none/x.npz"]), "none/x.npz");
    let shape = "the net cannot have the shape of the input: small.npy has \"data\" 1x1x3x3, the prototxt \"data\" 1x1x28x28: ";
    fails(&deploy(&["-input=small.npy", out]), shape);
    let wide = fails(&deploy(&["-input=wide.npy", out]), "wide.npy has \"data\" 1x1x28x29");
    assert!(wide.contains("ip1"), "{wide}");
    fails(&fp32("run", &["-input=small.npy", out]), "conv1");
    // A colour picture for a net of grey ones, by the Data layer's word.
    fails(&fp32("run", &["-input=lenet.caffemodel", out]), "lenet.caffemodel");
    place.write(
        "two.prototxt",
        "layer { name: 'i' type: 'Input' top: 'left' top: 'right' input_param { shape { dim: [1, 3] } } }
         layer { name: 's' type: 'Eltwise' bottom: 'left' bottom: 'right' top: 's' }",
    );
    let two = |more: &[&'static str]| {
        [&["run", "-model=two.prototxt", "-weights=two.prototxt"][..], more].concat()
    };
    place.good("ufw", &fp32("extract", &["-blobs=data,label", "-iterations=1", "-out=d.npz"]));
    let names = "d.npz has no array for input \"left\"; there are \"data\", \"label\"";
    fails(&two(&["-input=d.npz", out]), names);
    fails(&two(&["-input=a.npy", out]), "a.npy has no array for input \"left\"");
    let digit = argument("lenet/test/0_000.png");
    let digit: &'static str = format!("-input={digit}").leak();
    fails(&two(&[digit, out]), "the net has 2 inputs, \"left\", \"right\": give an .npz file");
    // Records that are no pictures of the layer's kind.
    place.good("ufw", &fp32("extract", &["-blobs=ip2", "-iterations=2", "-out=ip2_lmdb"]));
    fails(&fp32("extract", &["-source=ip2_lmdb", "-blobs=ip2", out]), "conv1");
    let annotated = place.read_text("lenet.prototxt").replace("\"Data\"", "\"AnnotatedData\"");
    place.write("annotated.prototxt", annotated);
    let annotated =
        ["extract", "-model=annotated.prototxt", "-weights=lenet.caffemodel", "-blobs=ip2", out];
    fails(&annotated, "calibration_lmdb");
}
