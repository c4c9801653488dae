//! Nets with HDF5Data layers, with the feature `hdf5` and without.

use crate::place::{Place, fixture};

fn prototxt(list: &str) -> String {
    format!(
        "name: 'rows' layer {{ name: 'rows' type: 'HDF5Data' top: 'data' top: 'label' \
           hdf5_data_param {{ source: '{list}' batch_size: 3 shuffle: true }} }} \
         layer {{ name: 'ip' type: 'InnerProduct' bottom: 'data' top: 'ip' \
           inner_product_param {{ num_output: 60 }} }} \
         layer {{ name: 'accuracy' type: 'Accuracy' bottom: 'ip' bottom: 'label' top: 'accuracy' }}"
    )
}

/// A folder with a list of HDF5 files and a net that reads them.
fn place() -> Place {
    let place = Place::new();
    let files = ["contiguous.h5", "gzip.h5"];
    let paths = files.map(|name| fixture("hdf5-data").join(name).display().to_string());
    place.write("list.txt", paths.join("\n"));
    place.write("rows.prototxt", prototxt("list.txt"));
    place
}

const MODEL: [&str; 3] = ["-model=rows.prototxt", "-weights=rows.caffemodel", "-iterations=6"];

/// The error names the layer, the file and what to install.
#[cfg(not(feature = "hdf5"))]
#[test]
fn without_the_feature_the_error_says_what_to_install() {
    let place = place();
    place.write("rows.caffemodel", []);
    let expected = "cargo install quantization-tools-cli --features hdf5";
    let error = place.fails(1, "ufw", &[&["test_fp32"], &MODEL[..]].concat(), expected);
    assert!(error.contains("layer \"rows\" (HDF5Data): "), "{error}");
    assert_eq!(error.matches("layer \"rows\"").count(), 1, "{error}");
    assert!(error.contains("contiguous.h5: "), "{error}");
    let release = [&["release"], &MODEL[..]].concat();
    place.fails(1, "calibration_use_pb", &release, expected);
}

/// From calibration to the int8 net's results.
#[cfg(feature = "hdf5")]
#[test]
fn nets_that_read_hdf5_files() {
    use quantization_tools::ndarray::ArrayD;
    use quantization_tools::prelude::*;

    let place = place();
    let list = place.path("list.txt").display().to_string();
    let model = NetParameter::parse_text(&prototxt(&list)).expect("text");
    let net = Net::new(&model, None, Phase::Test, &DatabaseSources);
    let mut specs = net.expect("valid").specs();
    let array = |shape: &[usize]| {
        let value = |i: usize| ((i * 37 % 101) as f32 - 50.0) / 200.0;
        let values = (0..shape.iter().product()).map(value).collect();
        ArrayD::from_shape_vec(shape.to_vec(), values).expect("fits")
    };
    specs[1].set_weights([array(&[60, 24]), array(&[60])]);
    let net = Net::from_specs("rows", specs).expect("valid");
    place.write("rows.caffemodel", net.to_parameter_with_weights().to_bytes().expect("fits"));

    place.good("calibration_use_pb", &[&["release"], &MODEL[..]].concat());
    let layer = |file: &str| {
        let model = NetParameter::read(place.path(file)).expect(file);
        let first = model.layers().next().expect("a layer");
        (first.kind().to_owned(), first.tops().to_vec(), model.input_shapes())
    };
    let (kind, tops, _) = layer("rows_test_int8_unique_top.prototxt");
    assert_eq!((kind.as_str(), tops), ("HDF5Data", vec!["data".to_owned(), "label".to_owned()]));
    let (kind, tops, shapes) = layer("rows_deploy_int8_unique_top.prototxt");
    assert_eq!((kind.as_str(), tops), ("Input", vec!["data".to_owned()]));
    assert_eq!(shapes.first().and_then(|shape| shape.first()), Some(&3));

    // As the library computes it.
    let executor = Executor::new(std::sync::Arc::new(net)).expect("executable");
    let expected = evaluate(&executor, 6, |_| ()).expect("runs");
    let line = format!("accuracy = {}\n", expected[0].values[0]);
    let printed = place.good("ufw", &[&["test_fp32"], &MODEL[..]].concat()).out;
    assert!(printed.ends_with(&line), "{printed}, not {line}");
    let int8 =
        ["-model=rows_test_int8_unique_top.prototxt", "-weights=rows.int8umodel", "-iterations=6"];
    let printed = place.good("ufw", &[&["test_int8"], &int8[..]].concat()).out;
    let accuracy = printed.split("accuracy = ").nth(1).map(|value| value.trim().parse::<f32>());
    let accuracy = accuracy.expect("a line").expect("a number");
    // 18 rows, of which rounding can decide one or two otherwise.
    assert!((accuracy - expected[0].values[0]).abs() <= 2.5 / 18.0, "{accuracy}, not {line}");

    place.write("list.txt", "nowhere.h5");
    let expected = "layer \"rows\" (HDF5Data): nowhere.h5: No such file";
    place.fails(1, "ufw", &[&["test_fp32"], &MODEL[..]].concat(), expected);
}
