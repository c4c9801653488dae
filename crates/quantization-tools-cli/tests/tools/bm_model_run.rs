//! `bm_model --run`: bit-exact, what `ufw run` makes of the same net.

use bmodel::Bmodel;
use ndarray::ArrayD;
use quantization_tools_cli::cli::read_npz;

use crate::place::{Place, fixture};

const SHAPE: &str = "(1, 1, 28, 28)";

/// An array as `numpy.save` writes it.
fn npy(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).expect("short").to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

/// A compiled LeNet in int8, and arrays for its input.
fn place() -> Place {
    let place = Place::new();
    for file in ["lenet.prototxt", "lenet.int8umodel"] {
        let path = fixture("bm1684/nets").join(file);
        std::fs::copy(path, place.path(file)).expect("copy");
    }
    place.good("bmnetu", &["-model=lenet.prototxt", "-weight=lenet.int8umodel", "-outdir=."]);
    let pixel = |index: u32| u8::try_from(index * index % 251 / 2).expect("small");
    let pixels: Vec<u8> = (0..784).map(pixel).collect();
    let real = pixels.iter().flat_map(|pixel| (f32::from(*pixel) / 127.0).to_le_bytes());
    place.write("real.npy", npy("<f4", SHAPE, &real.collect::<Vec<u8>>()));
    place.write("whole.npy", npy("|i1", SHAPE, &pixels));
    place
}

fn arrays(place: &Place, name: &str) -> Vec<(String, ArrayD<f32>)> {
    read_npz(&place.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn a_bmodel_computes_what_its_net_does() {
    let place = place();
    for input in ["real.npy", "whole.npy"] {
        let arguments = ["--run=compilation.bmodel", "--input", input, "--output=chip.npz"];
        let printed = place.good("bm_model", &arguments);
        assert_eq!((printed.out.as_str(), printed.err.as_str()), ("chip.npz\n", ""));
        let found = arrays(&place, "chip.npz");
        assert!(!found.is_empty());
        let blobs: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        let blobs = format!("-output_blobs={}", blobs.join(","));
        let input = format!("-input={input}");
        let net = ["run", "-model=lenet.prototxt", "-weights=lenet.int8umodel"];
        place.good("ufw", &[&net[..], &[&input, &blobs, "-out=net.npz"]].concat());
        assert_eq!(found, arrays(&place, "net.npz"));
        assert!(found.iter().any(|(_, values)| values.iter().any(|value| *value != 0.0)));
    }
}

/// One with a stage for each batch: the input's shape chooses.
#[test]
fn the_inputs_choose_the_stage() {
    let place = place();
    place.good(
        "bmnetu",
        &["-model=lenet.prototxt", "-weight=lenet.int8umodel", "-outdir=two", "-max_n=2"],
    );
    let both = ["--combine", "compilation.bmodel", "two/compilation.bmodel", "-o=both.bmodel"];
    place.good("bm_model", &both);
    place.write("two.npy", npy("|i1", "(2, 1, 28, 28)", &[9; 2 * 784]));
    for (input, batch) in [("two.npy", 2), ("real.npy", 1)] {
        let arguments = ["--run=both.bmodel", "--input", input, "--output=chip.npz"];
        place.good("bm_model", &arguments);
        assert!(arrays(&place, "chip.npz").iter().all(|(_, values)| values.shape()[0] == batch));
    }
}

#[test]
fn what_cannot_run_is_told() {
    let place = place();
    place.write("wrong.npy", npy("|i1", "(1, 1, 28, 27)", &[0; 28 * 27]));
    place.write("complex.npy", npy("<c8", SHAPE, &[0; 784 * 8]));
    place.write("short.npy", npy("|i1", SHAPE, &[0; 783]));
    place.write("text.npz", "no archive");
    place.write("bad.bmodel", [0; 64]);
    std::fs::create_dir(place.path("folder.npz")).expect("folder");
    // One whose first command moves what is not there.
    let mut broken = Bmodel::read(place.path("compilation.bmodel")).expect("a bmodel");
    let stage = &mut broken.model.net[0].parameter.as_mut().expect("stages")[0];
    stage.ctx_addr += 1 << 20;
    broken.write(place.path("broken.bmodel")).expect("written");
    // Names that are not those of the inputs.
    let net = ["run", "-model=lenet.prototxt", "-weights=lenet.int8umodel", "-input=real.npy"];
    place.good("ufw", &[&net[..], &["-output_blobs=pool1,pool2", "-out=names.npz"]].concat());
    let run = |model, input, output| ["--run", model, "--input", input, "--output", output];
    let good = "compilation.bmodel";
    for (code, arguments, expected) in [
        (1, &run("none.bmodel", "real.npy", "o.npz")[..], "cannot read none.bmodel"),
        (1, &run("bad.bmodel", "real.npy", "o.npz"), "not a bmodel"),
        (1, &run(good, "none.npz", "o.npz"), "cannot read none.npz"),
        (1, &run(good, "text.npz", "o.npz"), "text.npz: no npz file"),
        (1, &run(good, "wrong.npy", "o.npz"), "inputs are \"data\" 1x1x28x28; the arrays are"),
        (1, &run(good, "names.npz", "o.npz"), "inputs are \"data\" 1x1x28x28; the arrays are"),
        (1, &run(good, "complex.npy", "o.npz"), "arrays of type <c8 are not supported"),
        (1, &run(good, "short.npy", "o.npz"), "783 values for shape"),
        (1, &run(good, "real.npy", "no/o.npz"), "no/o.npz"),
        (1, &run(good, "real.npy", "folder.npz"), "folder.npz"),
        (1, &run("broken.bmodel", "real.npy", "o.npz"), "outside the program's memory"),
        (2, &["--run", good, "--output=o.npz"], "--input"),
        (2, &["--run", good, "--input=real.npy"], "--output"),
        (2, &["--info", good, "--input=real.npy"], "--input"),
        (2, &["--run", good, "--info", good], "cannot be used with"),
    ] {
        place.fails(code, "bm_model", arguments, expected);
    }
}
