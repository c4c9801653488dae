//! Stages of one bmodel, and the files that are written. Exact.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use bm1684_codegen::{
    Cut, Error, IoInfo, LayersInfo, Optimization, Package, References, TensorType, compile,
    compile_stages, cut_stages, foreign_files,
};
use bm1684_isa::commands::{Streams, Traffic};
use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

const INT8: &str = "top { dtype: INT8 scale: 0.5 }";

/// Two convolutions, the second again by the first one's weights, and a layer that the chip cannot do.
fn net(images: usize, size: usize, last: &str) -> QuantizedNet {
    let convolution = |bottom: &str, top: &str| {
        format!(
            "layer {{ name: '{top}' type: 'Convolution' bottom: '{bottom}' top: '{top}'
               convolution_param {{ num_output: 64 kernel_size: 3 pad: 1 bias_term: false }}
               quantization_param {{ arithmetic: MULTIPLY_ACCUMULATE right_shift: 7 {INT8} }}
               blobs {{ shape {{ dim: [64, 64, 3, 3] }} int8_data: '{}' }} }}",
            "a".repeat(64 * 64 * 9)
        )
    };
    let text = format!(
        "name: 'two/stages'
         layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [{images}, 64, {size}, {size}] }} }}
           quantization_param {{ arithmetic: CAST {INT8} }} }} {} {} {last}",
        convolution("x", "a"),
        convolution("a", "b")
    );
    let model = NetParameter::parse_text(&text).expect("text");
    QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("net")
}

const HOST: &str = "
    layer { name: 'f' type: 'Dequantize' bottom: 'b' top: 'f'
      quantization_param { arithmetic: CAST top { dtype: FLOAT32 } } }
    layer { name: 'k' type: 'TopK' bottom: 'f' top: 'k' top: 'at' top_k_param { k: 2 } }";

/// Weights that several layers or stages have are in the bmodel once, whatever the batch and the size.
#[test]
fn coefficients_are_shared() {
    let sizes = [(1, 16), (4, 16), (16, 16), (3, 40)];
    let nets: Vec<QuantizedNet> =
        sizes.iter().map(|&(images, size)| net(images, size, "")).collect();
    let alone = compile(&nets[0]).expect("compiles");
    let weights = 64 * 64 * 9;
    assert_eq!(alone.coefficients.len(), weights, "both convolutions have the same");
    let programs = compile_stages(&nets, Optimization::default()).expect("compiles");
    for (program, net) in programs.iter().zip(&nets) {
        assert_eq!(program.coefficients, alone.coefficients);
        assert_eq!(program.inputs[0].shape, net.net().blob(net.net().inputs()[0]).shape);
    }
    let cuts: Vec<Cut> = nets.iter().map(Cut::none).collect();
    let package = Package::new(&cuts, OPTIMIZATION).expect("compiles");
    let bmodel = package.to_bmodel().expect("four stages");
    let stages = bmodel.model.net[0].parameter.as_ref().expect("stages");
    let of_stage = |index: usize| {
        let memory = stages[index].coeff_mem.as_ref().expect("coefficients");
        (memory.binary_coeff, memory.check_code.clone())
    };
    assert_eq!(stages.len(), 4);
    assert!((1..4).all(|stage| of_stage(stage) == of_stage(0)));
    let commands = |program: &bm1684_codegen::Program| {
        program.groups.iter().map(|group| 128 * (group.tiu.len() + group.gdma.len())).sum::<usize>()
    };
    let most = weights + package.programs.iter().map(commands).sum::<usize>();
    assert!(bmodel.data.len() <= most, "{} of {most}", bmodel.data.len());
}

#[test]
fn stages_that_are_none() {
    assert!(matches!(compile_stages(&[], Optimization::default()).as_deref(), Ok([])));
    assert!(matches!(Package::new(&[], OPTIMIZATION), Err(Error::NoStages)));
    assert!(matches!(Package::build(&[], OPTIMIZATION), Err(Error::NoStages)));
    let (_, whole) = Package::build(&[net(1, 8, "")], OPTIMIZATION).expect("whole");
    assert!(whole[0].host.is_none());
    let same = [net(1, 8, ""), net(1, 8, "")].map(|net| Cut::none(&net));
    let error = Package::new(&same, OPTIMIZATION)
        .expect("compiles")
        .to_bmodel()
        .expect_err("the same shapes");
    assert!(matches!(&error, Error::Bmodel(bmodel::Error::SameShapes { .. })), "{error:?}");
    // The one that cannot be compiled is named by its shapes.
    let error = compile_stages(&[net(1, 8, ""), net(2, 8, HOST)], Optimization::default())
        .expect_err("TopK");
    let Error::Stage { shapes, source } = &error else { panic!("{error:?}") };
    assert_eq!(shapes[..], [[2, 64, 8, 8]]);
    assert!(source.to_string().starts_with("layer \"k\" (TopK)"), "{source}");
    assert_eq!(error.to_string(), "inputs of shapes [[2, 64, 8, 8]]");
}

const OPTIMIZATION: Optimization = Optimization::Search;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("folder");
    let name =
        |entry: std::io::Result<fs::DirEntry>| entry.expect("entry").file_name().into_string();
    let mut names: Vec<String> = entries.map(|entry| name(entry).expect("UTF-8")).collect();
    names.sort();
    names
}

#[test]
fn files_of_both_parts() {
    let folder = tempfile::tempdir().expect("folder");
    let folder = folder.path();
    let (mut package, cuts) = Package::build(&[net(1, 8, HOST), net(4, 8, HOST)], OPTIMIZATION)
        .expect("cut and compiled");
    assert_eq!(cuts.len(), 2);
    assert_eq!(cuts[0].on_host, ["f", "k"]);
    let references = [References::new(vec![1, 2], vec![3]), References::new(vec![4, 5], vec![6])];
    let paths = package.write(folder, &references).expect("written");
    assert_eq!(
        names(folder),
        [
            "compilation.bmodel",
            "compilation.layers.json",
            "compilation.sha256",
            "input_ref_data.dat",
            "io_info.json",
            "output_ref_data.dat",
            "two_stages_host.prototxt",
            "two_stages_host.umodel",
            "two_stages_host_stage1.prototxt",
        ]
    );
    assert_eq!(paths.len(), names(folder).len());
    assert_eq!(fs::read(folder.join("input_ref_data.dat")).expect("there"), [1, 2, 4, 5]);
    assert_eq!(fs::read(folder.join("output_ref_data.dat")).expect("there"), [3, 6]);

    let text = fs::read_to_string(folder.join("io_info.json")).expect("there");
    let info = IoInfo::from_json(&text).expect("JSON");
    assert_eq!(info, package.info());
    assert_eq!((&info.net[..], &info.target[..]), ("two/stages", "BM1684"));
    for (stage, images) in info.stages.iter().zip([1, 4]) {
        assert_eq!(
            (&stage.inputs[..], &stage.outputs[..]),
            (&["x".to_owned()][..], &["k".to_owned(), "at".to_owned()][..])
        );
        let output = &stage.chip.outputs[0];
        assert_eq!((&output.name[..], output.dtype, output.scale), ("b", TensorType::Int8, 0.5));
        assert_eq!(output.shape, [images, 64, 8, 8]);
        assert_eq!(output.bytes(), Some(images as u64 * 64 * 64));
        let host = stage.host.as_ref().expect("host");
        assert_eq!(&host.inputs[..], &stage.chip.outputs[..]);
        assert_eq!(host.weights.as_deref(), Some("two_stages_host.umodel"));
        assert_eq!(host.outputs[0].shape, [images, 64, 8, 2]);
        // The files are the host's part.
        let [model, weights] = [&host.prototxt, host.weights.as_ref().expect("integers")]
            .map(|name| NetParameter::read(folder.join(name)).expect("a model"));
        let read = QuantizedNet::read(&model, &weights, Phase::Test, &NoSources).expect("a net");
        let id = read.net().blob_id("b").expect("an input");
        assert_eq!(read.net().blob(id).shape, output.shape);
        assert_eq!(read.format(id).scale, 0.5);
    }

    // All commands belong to a layer.
    let text = fs::read_to_string(folder.join("compilation.layers.json")).expect("there");
    let layers = LayersInfo::from_json(&text).expect("JSON");
    assert_eq!(layers, package.layers());
    for (stage, program) in layers.stages.iter().zip(&package.programs) {
        let sum = stage.layers.iter().fold([0, 0], |[t, g], layer| [t + layer.tiu, g + layer.gdma]);
        let all = program
            .groups
            .iter()
            .fold([0, 0], |[t, g], group| [t + group.tiu.len(), g + group.gdma.len()]);
        assert_eq!(sum, all);
        // The commands that the file gives to a layer move the bytes that the layer moves.
        let mut gdma = program.groups.iter().flat_map(|group| &group.gdma);
        let mut moved = HashMap::<&str, Traffic>::new();
        for layer in &stage.layers {
            let gdma = gdma.by_ref().take(layer.gdma).copied().collect();
            let own = moved.entry(&layer.name).or_default();
            *own = [*own, Streams { tiu: vec![], gdma }.traffic()].into_iter().sum();
        }
        for cost in &program.costs {
            let own = moved.remove(cost.layer.as_str()).unwrap_or_default();
            assert_eq!(own, cost.traffic, "{}", cost.layer);
        }
    }

    // A file that is not this program's is told; one that an earlier program has left goes.
    let bmodel = folder.join("compilation.bmodel");
    assert!(foreign_files(&bmodel).expect("readable").is_empty());
    let host = folder.join("two_stages_host.prototxt");
    fs::write(&host, "name: 'other'").expect("written");
    assert_eq!(foreign_files(&bmodel).expect("readable"), [host]);
    package.rename("other");
    package.write(folder, &[]).expect("written");
    let left =
        ["compilation.bmodel", "compilation.layers.json", "compilation.sha256", "io_info.json"];
    let host = ["other_host.prototxt", "other_host.umodel", "other_host_stage1.prototxt"];
    assert_eq!(names(folder), [&left[..], &host].concat());
    compile(&net(1, 8, "")).expect("compiles").write(folder, None).expect("written");
    assert_eq!(names(folder), left);
}

/// Whatever stands in an old description, no other files than those of a host's part are removed.
#[test]
fn a_description_removes_no_strangers() {
    let folder = tempfile::tempdir().expect("folder");
    let cuts = cut_stages(&[net(1, 8, HOST)]).expect("cut");
    let package = Package::new(&cuts, OPTIMIZATION).expect("compiles");
    let inside = folder.path().join("inside");
    package.write(&inside, &[]).expect("written");
    let text = fs::read_to_string(inside.join("io_info.json")).expect("there");
    let strangers = ["../mine_host.prototxt", "notes.prototxt", "my_host.txt"];
    for stranger in strangers {
        fs::write(inside.join(stranger), "mine").expect("written");
        let changed = text.replace("two_stages_host.prototxt", stranger);
        fs::write(inside.join("io_info.json"), changed).expect("written");
        package.write(&inside, &[]).expect("written");
        assert!(inside.join(stranger).exists(), "{stranger}");
    }
}
