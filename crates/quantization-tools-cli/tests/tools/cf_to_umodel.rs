//! `cf_to_umodel`. Bit-exact.

use quantization_tools::prelude::*;

use crate::place::{Place, argument};

fn arguments<'a>(model: &'a str, weights: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["-m", model, "-w", weights, "-n", "lenet"], more].concat()
}

#[test]
fn a_caffe_net_becomes_a_umodel() {
    let place = Place::new();
    let [model, weights] = ["lenet/lenet.prototxt", "lenet/lenet.caffemodel"].map(argument);
    let line = arguments(&model, &weights, &["-s", "(1, 1, 28, 28)", "-D", "elsewhere"]);
    let printed = place.good("cf_to_umodel", &line).out;
    assert_eq!(
        printed,
        "input data [1, 1, 28, 28]: blob data [1, 1, 28, 28]\n\
         input label [1]: blob label [1]\n\
         output accuracy []: blob accuracy []\n\
         output accuracy_top5 []: blob accuracy_top5 []\n\
         output loss []: blob loss []\n\
         12 layers\n\
         compilation/lenet.fp32umodel\n\
         compilation/lenet.prototxt\n"
    );
    assert_eq!(place.names("compilation"), ["lenet.fp32umodel", "lenet.prototxt"]);

    let read = |name: &str| NetParameter::read(place.path(name)).expect(name);
    let prototxt = read("compilation/lenet.prototxt");
    let layers: Vec<(&str, &str)> =
        prototxt.layers().map(|layer| (layer.name(), layer.kind())).collect();
    assert_eq!(
        layers,
        [
            ("data", "Data"),
            ("conv1", "Convolution"),
            ("pool1", "Pooling"),
            ("conv2", "Convolution"),
            ("pool2", "Pooling"),
            ("ip1", "InnerProduct"),
            ("relu1", "ReLU"),
            ("drop1", "Dropout"),
            ("ip2", "InnerProduct"),
            ("accuracy", "Accuracy"),
            ("accuracy_top5", "Accuracy"),
            ("loss", "SoftmaxWithLoss"),
        ]
    );
    let text = place.read_text("compilation/lenet.prototxt");
    assert_eq!(text.matches("source: ").count(), 1);
    assert!(text.contains("source: \"elsewhere\""), "{text}");

    // Every learnt number is there.
    let old = NetParameter::read(&weights).expect("weights");
    let new = read("compilation/lenet.fp32umodel");
    let mut compared = 0;
    for layer in old.layers() {
        let found = new.layers().find(|found| found.name() == layer.name()).expect("the layer");
        let (old, new) = (layer.weights().expect("read"), found.weights().expect("read"));
        assert_eq!(old.len(), new.len(), "{}", layer.name());
        for (old, new) in old.iter().zip(&new) {
            assert_eq!(old.shape(), new.shape(), "{}", layer.name());
            let bits = |value: &f32| value.to_bits();
            assert!(old.iter().map(bits).eq(new.iter().map(bits)), "{}", layer.name());
            compared += old.len();
        }
    }
    assert_eq!(compared, 431_080);
}

#[test]
fn inputs_get_their_shapes() {
    let place = Place::new();
    place.write(
        "net.prototxt",
        "name: 'net' layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 3, 8, 8] } } }
         layer { name: 'r' type: 'ReLU' bottom: 'x' top: 'x' }",
    );
    place.write("none.prototxt", "name: 'net'");
    let shapes = |file: &str| NetParameter::read(place.path(file)).expect(file).input_shapes();
    place.good("cf_to_umodel", &arguments("net.prototxt", "none.prototxt", &["-d", "as_it_is"]));
    assert_eq!(shapes("as_it_is/lenet.prototxt"), [vec![1, 3, 8, 8]]);
    place.good("cf_to_umodel", &arguments("net.prototxt", "none.prototxt", &["-s", "[4,3,8,8]"]));
    assert_eq!(shapes("compilation/lenet.prototxt"), [vec![4, 3, 8, 8]]);
    // The in-place ReLU writes a top of its own.
    let text = place.read_text("compilation/lenet.prototxt");
    assert!(text.contains("top: \"x_1\""), "{text}");

    let fails = |more: &[&str], expected: &str| {
        place.fails(1, "cf_to_umodel", &arguments("net.prototxt", "none.prototxt", more), expected);
    };
    fails(&["-s", "[1,3,8,8],[1]"], "2 input shapes");
    fails(&["-a"], "give -D");
    let arguments = ["-m", "net.prototxt", "-w", "none.prototxt", "-n", ""];
    place.fails(1, "cf_to_umodel", &arguments, "the net's name \"\" cannot be a file's");
}

/// Exact: which layers are left between blobs in the middle of a net.
#[test]
fn nets_are_cut_at_any_blob() {
    let place = Place::new();
    let [model, weights] = ["lenet/lenet.prototxt", "lenet/lenet.caffemodel"].map(argument);
    let convert = |more: &[&str]| {
        let line = arguments(&model, &weights, &[&["-D", "elsewhere"], more].concat());
        place.good("cf_to_umodel", &line).out
    };
    let printed = convert(&["-i", "data", "-o", "pool2"]);
    assert!(printed.contains("output pool2 [1, 50, 4, 4]"), "{printed}");

    let more = ["-D", "elsewhere", "-i", "pool1", "-o", "ip1", "-s", "[2,20,12,12]", "-d", "cut"];
    let printed = place.good("cf_to_umodel", &arguments(&model, &weights, &more)).out;
    assert!(printed.contains("input pool1 [2, 20, 12, 12]"), "{printed}");
    let prototxt = NetParameter::read(place.path("cut/lenet.prototxt")).expect("prototxt");
    let kinds: Vec<&str> = prototxt.layers().map(|layer| layer.kind()).collect();
    // What layers do in place belongs to the blob.
    let expected = ["Data", "Convolution", "Pooling", "InnerProduct", "ReLU", "Dropout"];
    assert_eq!(kinds, expected);

    for (more, expected) in [
        (&["-i", "pol1"][..], "no input \"pol1\"; did you mean \"pool1\" or \"pool2\"?"),
        (&["-o", "pol2"], "no output \"pol2\"; did you mean \"pool2\""),
        (&["-i", "pool2", "-o", "pool1"], "output \"pool1\" needs \"data\", too"),
        (&["-i", "pool1", "-s", "[2,20,12]"], ""),
    ] {
        let line = arguments(&model, &weights, &[&["-D", "elsewhere"], more].concat());
        place.fails(1, "cf_to_umodel", &line, expected);
    }
}
