//! Bit-exact: cut nets, stages of one bmodel, several inputs and outputs, in fp32 and int8.
//!
//! Both parts of a cut net, our executor in the chip's place, give what the whole net gives. A simulator runs the chip's
//! part and every stage, and gives the executor's bytes: with BM1684_ORACLE, which names the folder of the vendor's
//! libraries (`crates/conformance/oracle/fetch.py`), the vendor's, else bm1684-sim.

use std::process::ExitCode;
use std::sync::Arc;

use bm1684_codegen::{Cut, Optimization, Package, cut};
use bm1684_isa::commands::Traffic;
use conformance::chip::{Simulator, execute, optimization, program_at, same_bytes};
use conformance::{fixtures, make_lmdb, none, simulates, with_database};
use libtest_mimic::{Arguments, Failed, Trial};
use quantization_tools::prelude::*;
use quantization_tools::uframework::{HostPart, Random};
use quantization_tools::umodel::BlobId;

const RUNNER: &str = env!("CARGO_BIN_EXE_run_bmodel");

fn main() -> ExitCode {
    let trials = vec![
        Trial::test("ssd, cut wherever it can be", ssd_everywhere),
        Trial::test("ssd, both parts", || ssd(None)),
        simulates(RUNNER, &[], "ssd, both parts, the chip's on the simulator", |simulator, _| {
            ssd(Some(simulator))
        }),
        simulates(RUNNER, &[], "ssd, stages of three batches and sizes", |simulator, _| {
            let net = calibrated_ssd()?;
            let shapes = [vec![1, 3, 96, 96], vec![4, 3, 96, 96], vec![3, 3, 64, 128]];
            let stage = |shape: &Vec<usize>| net.reshaped(&[("data", shape)]);
            stages(simulator, &shapes.iter().map(stage).collect::<Result<Vec<_>, _>>()?)
        }),
        simulates(RUNNER, &[], "batches from 1 to 16 as stages", |simulator, _| {
            let net = two_inputs(&[])?;
            let stage = |images: usize| {
                let [a, b] = [[images, 2, 9, 9], [images, 2, 5, 7]];
                net.reshaped(&[("a", &a[..]), ("b", &b[..])])
            };
            stages(
                simulator,
                &[1, 2, 3, 4, 5, 8, 9, 16].map(stage).into_iter().collect::<Result<Vec<_>, _>>()?,
            )
        }),
        simulates(RUNNER, &[], "outputs that are read inside, in their order", |simulator, _| {
            let net = two_inputs(&["q", "p", "r"])?;
            stages(simulator, &[net.clone(), net.reshaped(&[("a", &[5, 2, 8, 3])])?])
        }),
        simulates(RUNNER, &[], "inputs and outputs in fp32", |simulator, _| {
            let net = two_inputs(&["p", "q", "r"])?;
            let net = net.with_float_inputs(&["a", "b"])?.with_float_outputs(&["p", "r"])?;
            stages(simulator, &[net.clone(), net.reshaped(&[("b", &[6, 2, 8, 3])])?])
        }),
        simulates(RUNNER, &[], "twelve images between layers from DDR to DDR", |simulator, _| {
            // The second layer's blob grows: its first images must not take the place of the last ones that it reads.
            let same = "quantization_param { arithmetic: SAME top { dtype: INT8 scale: 0.5 } }";
            let model = NetParameter::parse_text(&format!(
                "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [12, 8, 4, 4] }} }}
                   quantization_param {{ arithmetic: CAST top {{ dtype: INT8 scale: 0.5 }} }} }}
                 layer {{ name: 'p' type: 'Permute' bottom: 'x' top: 'p'
                   permute_param {{ order: [0, 2, 3, 1] }} {same} }}
                 layer {{ name: 'a' type: 'Pooling' bottom: 'p' top: 'a'
                   pooling_param {{ pool: MAX kernel_size: 1 stride: 1 }} {same} }}
                 layer {{ name: 'b' type: 'Upsample' bottom: 'a' top: 'b'
                   upsample_param {{ scale: 2 }} {same} }}
                 layer {{ name: 'q' type: 'Permute' bottom: 'b' top: 'q'
                   permute_param {{ order: [0, 3, 1, 2] }} {same} }}",
            ))?;
            let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources)?;
            stages(simulator, &[net])
        }),
        simulates(RUNNER, &[], "slices along the height", |simulator, _| {
            let net = tall()?;
            stages(simulator, &[net.clone(), net.reshaped(&[("x", &[6, 4, 260, 300])])?])
        }),
        Trial::test("slices spare traffic", || {
            let net = tall()?;
            let bytes = |level| -> Result<u64, Failed> {
                let costs = program_at(level, &net)?.costs;
                let all: Traffic = costs.iter().map(|cost| cost.traffic).sum();
                Ok(all.read + all.written + all.copied)
            };
            let [layers, groups] = [bytes(Optimization::Layers)?, bytes(Optimization::Groups)?];
            match 2 * groups < layers {
                true => Ok(()),
                false => Err(format!("{groups} bytes in groups, {layers} layer by layer").into()),
            }
        }),
        simulates(RUNNER, &[], "an fp32 net", |simulator, _| {
            let model = NetParameter::parse_text(
                "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [2, 5, 4, 4] } } }
                 layer { name: 's' type: 'Softmax' bottom: 'x' top: 's' }
                 layer { name: 'g' type: 'Sigmoid' bottom: 's' top: 'g' }
                 layer { name: 'f' type: 'Flatten' bottom: 'g' top: 'f' }",
            )?;
            let net = Net::new(&model, None, Phase::Test, &NoSources)?;
            let net = QuantizedNet::from_float(net)?;
            stages(simulator, &[net.clone(), net.reshaped(&[("x", &[1, 3, 7, 2])])?])
        }),
        simulates(RUNNER, &[], "short vectors, several in a lane", |simulator, _| {
            let model = NetParameter::parse_text(
                "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [2, 101, 5] } } }
                 layer { name: 's' type: 'Softmax' bottom: 'x' top: 's' softmax_param { axis: 2 } }",
            )?;
            let net = QuantizedNet::from_float(Net::new(&model, None, Phase::Test, &NoSources)?)?;
            let shapes = [[2, 101, 5], [1, 65, 2], [1, 1000, 21], [1, 129, 128], [3, 6000, 4]];
            let stage = |shape: &[usize; 3]| net.reshaped(&[("x", &shape[..])]);
            stages(simulator, &shapes.iter().map(stage).collect::<Result<Vec<_>, _>>()?)
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Blobs of four images of which local memory has no room for two. Layers read the same rows with windows of different sizes.
fn tall() -> Result<QuantizedNet, Failed> {
    let top = "top { dtype: INT8 scale: 0.5 }";
    let same = format!("quantization_param {{ arithmetic: SAME {top} }}");
    let convolution = |name: &str, bottom: &str, [outputs, inputs]: [usize; 2], rest: &str| {
        let kernel = if rest.contains("kernel_size: 3") { 3 } else { 1 };
        let count = outputs * inputs * kernel * kernel;
        let weights: String =
            (0..count).map(|at| format!("\\{:03o}", (41 * at + 7) % 256)).collect();
        format!(
            "layer {{ name: '{name}' type: 'Convolution' bottom: '{bottom}' top: '{name}'
               convolution_param {{ num_output: {outputs} bias_term: false {rest} }}
               quantization_param {{ arithmetic: MULTIPLY_ACCUMULATE right_shift: 9 {top} }}
               blobs {{ shape {{ dim: [{outputs}, {inputs}, {kernel}, {kernel}] }} int8_data: '{weights}' }} }}"
        )
    };
    let pooling = |name: &str, bottom: &str, param: &str| {
        format!(
            "layer {{ name: '{name}' type: 'Pooling' bottom: '{bottom}' top: '{name}'
               pooling_param {{ pool: MAX {param} }} {same} }}"
        )
    };
    let text = [
        format!(
            "layer {{ name: 'x' type: 'Input' top: 'x' input_param {{ shape {{ dim: [4, 4, 300, 300] }} }}
               quantization_param {{ arithmetic: CAST {top} }} }}"
        ),
        convolution("a", "x", [4, 4], "kernel_size: 3 pad: 1"),
        pooling("m", "a", "kernel_size: 3 stride: 1 pad: 1"),
        pooling("n", "a", "kernel_size: 1 stride: 1"),
        convolution("b", "a", [4, 4], "kernel_size: 1"),
        format!(
"layer {{ name: 'c' type: 'Concat' bottom: 'm' bottom: 'n' bottom: 'b' top: 'c'
               quantization_param {{ arithmetic: RESCALED {top}
                 rescale {{ }} rescale {{ multiplier: 3 right_shift: 2 }} rescale {{ }} }} }}"
        ),
        convolution("d", "c", [12, 1], "kernel_size: 3 stride: 2 pad: 1 group: 12"),
        format!(
            "layer {{ name: 'u' type: 'Upsample' bottom: 'd' top: 'u' upsample_param {{ scale: 2 }} {same} }}"
        ),
        format!(
            "layer {{ name: 's' type: 'Slice' bottom: 'u' top: 's0' top: 's1'
               slice_param {{ slice_point: 8 }}
               quantization_param {{ arithmetic: SAME {top} {top} }} }}"
        ),
        convolution("y", "s0", [2, 8], "kernel_size: 3 pad: 1"),
        convolution("t", "s1", [2, 4], "kernel_size: 1"),
        pooling("z", "t", "kernel_size: 2 stride: 2"),
    ];
    let model = NetParameter::parse_text(&text.concat())?;
    Ok(QuantizedNet::read(&model, &model, Phase::Test, &NoSources)?)
}

/// The small SSD in int8, from its input to its boxes.
fn calibrated_ssd() -> Result<QuantizedNet, Failed> {
    let folder = tempfile::tempdir()?;
    let list: String = std::fs::read_to_string(fixtures().join("shapes-map/test.txt"))?
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .take(20)
        .map(|picture| format!("{picture} 0\n"))
        .collect();
    let root = fixtures().join("shapes-map");
    let names = folder.path().join("list.txt");
    std::fs::write(&names, list)?;
    let database = folder.path().join("calibration_lmdb");
    let name = names.to_str().ok_or("a path")?;
    make_lmdb(&root, name, 20, &PictureOptions::default(), &database)?;
    // Without labels and without what scores the boxes.
    let text = std::fs::read_to_string(fixtures().join("shapes/ssd.prototxt"))?;
    let (text, _) = text.split_once("layer {\n  name: \"detection_eval\"").ok_or("a score")?;
    let text = text
        .replace("\"AnnotatedData\"", "\"Data\"")
        .replace("  top: \"label\"\n", "")
        .replace("  annotated_data_param {\n    label_map_file: \"labelmap.prototxt\"\n  }\n", "")
        .replace("test_lmdb", "calibration_lmdb");
    let model = NetParameter::parse_text(&with_database(&text, &database, 10))?;
    let weights = NetParameter::read(fixtures().join("shapes/ssd.caffemodel"))?;
    let net = Net::new(&model, Some(&weights), Phase::Test, &DatabaseSources)?;
    let options = Options::default().iterations(2);
    let deploy = calibrate(&net, &options, |_| ())?.quantized.deploy()?;
    Ok(deploy.reshaped(&[("data", &[2, 3, 96, 96])])?)
}

/// Random pictures with blocks of one colour, in which an SSD finds boxes.
fn pictures(net: &QuantizedNet, seed: u64) -> Vec<(BlobId, Value)> {
    let mut random = Random::new(seed);
    let mut inputs = random.inputs(net);
    for (_, value) in &mut inputs {
        if let Value::I8(values) = value {
            for (index, value) in values.indexed_iter_mut() {
                let block = (index[2] / 24 + index[3] / 24 + index[1]) % 4;
                *value = [-100, 90, 20, -30][block];
            }
        }
    }
    inputs
}

type Named = Vec<(String, Value)>;

/// What a part computes, by name; its inputs are looked up among what is given.
fn computed(net: &QuantizedNet, given: &Named) -> Result<Named, Failed> {
    let executor = Executor::quantized(Arc::new(net.clone()))?;
    let graph = executor.net();
    let mut sources = Vec::new();
    for id in graph.inputs() {
        let name = &graph.blob(id).name;
        let value = given.iter().find(|(other, _)| other == name).ok_or("not given")?;
        sources.push((id, value.1.clone()));
    }
    let values = executor.outputs(sources)?;
    let names = graph.outputs().into_iter().map(|id| graph.blob(id).name.clone());
    Ok(names.zip(values).collect())
}

fn named(net: &QuantizedNet, inputs: Vec<(BlobId, Value)>) -> Named {
    inputs.into_iter().map(|(id, value)| (net.net().blob(id).name.clone(), value)).collect()
}

/// Cut before each layer in turn, the SSD gives the same boxes.
fn ssd_everywhere() -> Result<(), Failed> {
    let net = calibrated_ssd()?;
    let given = named(&net, pictures(&net, 3));
    let whole = computed(&net, &given)?;
    let [(name, boxes)] = &whole[..] else { return Err("one output".into()) };
    if boxes.shape()[2] < 4 {
        return Err(format!("{:?} are too few boxes for a test", boxes.shape()).into());
    }
    let layers = net.net().layers();
    let mut wrong = Vec::new();
    for first in 0..layers.len() {
        let back: Vec<bool> = (0..layers.len()).map(|layer| layer == first).collect();
        let parts = net.divide(&back)?;
        let mut between = computed(&parts.front, &given)?;
        between.extend(given.iter().cloned());
        let found = HostPart::new(Arc::new(parts.back), vec![name.clone()])?.run(between)?;
        if found[0] != *boxes {
            wrong.push(format!("cut before {}", layers[first].name));
        }
    }
    none(wrong)
}

/// The SSD as bmnetu cuts it: the chip's part, on the simulator or on our executor, and the host's part.
fn ssd(simulator: Option<&Simulator>) -> Result<(), Failed> {
    let net = calibrated_ssd()?;
    let Cut { chip, host, outputs, .. } = cut(&net)?;
    let host = HostPart::new(Arc::new(host.ok_or("nothing was cut off")?), outputs)?;
    for seed in [1, 2] {
        let inputs = if seed == 1 { pictures(&net, seed) } else { Random::new(seed).inputs(&net) };
        let given = named(&net, inputs);
        let whole = computed(&net, &given)?;
        let mut between = computed(&chip, &given)?;
        if let Some(simulator) = simulator {
            let bmodel = bm1684_codegen::compile(&chip)?.to_bmodel()?.to_bytes()?;
            let sources = vec![(chip.net().inputs()[0], given[0].1.clone())];
            let found = simulator.run(&bmodel, 0, &sources)?;
            let expected: Vec<u8> =
                between.iter().flat_map(|(_, value)| value.to_bytes()).collect();
            same_bytes(&found, &expected)?;
            // From here on with the simulator's bytes.
            let mut rest = &found[..];
            for (_, value) in &mut between {
                let (bytes, behind) = rest.split_at(value.to_bytes().len());
                rest = behind;
                *value = Value::from_bytes(value.dtype(), value.shape(), bytes).ok_or("bytes")?;
            }
        }
        let found = host.run(between)?;
        let bytes = |values: &mut dyn Iterator<Item = &Value>| -> Vec<u8> {
            values.flat_map(Value::to_bytes).collect()
        };
        let expected = bytes(&mut whole.iter().map(|(_, value)| value));
        same_bytes(&bytes(&mut found.iter()), &expected)?;
    }
    Ok(())
}

/// Poolings and a convolution of two inputs of several types, with these outputs.
fn two_inputs(outputs: &[&str]) -> Result<QuantizedNet, Failed> {
    let int8 = "top { dtype: INT8 scale: 0.5 }";
    let unsigned = "top { dtype: UINT8 scale: 0.25 }";
    let text = format!(
        "layer {{ name: 'a' type: 'Input' top: 'a' input_param {{ shape {{ dim: [1, 2, 9, 9] }} }}
           quantization_param {{ arithmetic: CAST {int8} }} }}
         layer {{ name: 'b' type: 'Input' top: 'b' input_param {{ shape {{ dim: [1, 2, 5, 7] }} }}
           quantization_param {{ arithmetic: CAST {unsigned} }} }}
         layer {{ name: 'p' type: 'Convolution' bottom: 'a' top: 'p'
           convolution_param {{ num_output: 3 kernel_size: 1 bias_term: false }}
           quantization_param {{ arithmetic: MULTIPLY_ACCUMULATE right_shift: 6 {int8} }}
           blobs {{ shape {{ dim: [3, 2, 1, 1] }} int8_data: 'aBc\\201Ef' }} }}
         layer {{ name: 'q' type: 'Pooling' bottom: 'p' top: 'q' pooling_param {{ kernel_size: 2 }}
           quantization_param {{ arithmetic: SAME {int8} }} }}
         layer {{ name: 'r' type: 'Pooling' bottom: 'b' top: 'r' pooling_param {{ kernel_size: 2 stride: 2 }}
           quantization_param {{ arithmetic: SAME {unsigned} }} }}"
    );
    let model = NetParameter::parse_text(&text)?;
    let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources)?;
    Ok(if outputs.is_empty() { net } else { net.with_outputs(outputs)? })
}

/// Every stage of one bmodel on the simulator, against the executor.
fn stages(simulator: &Simulator, nets: &[QuantizedNet]) -> Result<(), Failed> {
    let (package, cuts) = Package::build(nets, optimization())?;
    let bmodel = package.to_bmodel()?.to_bytes()?;
    let mut wrong = Vec::new();
    for (stage, cut) in cuts.iter().enumerate() {
        let chip = Arc::new(cut.chip.clone());
        let inputs = Random::new(stage as u64).inputs(&chip);
        let expected = execute(&chip, &inputs)?;
        let found = simulator.run(&bmodel, stage, &inputs)?;
        if let Err(difference) = same_bytes(&found, &expected) {
            wrong.push(format!("stage {stage}: {}", difference.message().unwrap_or_default()));
        }
    }
    none(wrong)
}
