//! Bit-exact: what our own simulator of the chip (bm1684-sim) makes of our bmodels is what our int8 executor computes, for
//! all single layers, fp32 layers, whole nets and stages that the vendor's simulator runs in the tests beside this one, the
//! int8 ones at all levels of optimization.
//!
//! With BM1684_ORACLE, which names the folder of the vendor's libraries (`crates/conformance/oracle/fetch.py`), both
//! simulators run some of them and give the same bytes; all with `BM1684_ALL=1`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use bm1684_codegen::Package;
use bm1684_sim::{Program, Tensor};
use bmodel::{Bmodel, DataType};
use conformance::cases::{Cases, MORE};
use conformance::chip::{
    LEVELS, Simulator, execute, optimization, program, program_at, same_bytes, simulate_bytes,
    simulate_here,
};
use conformance::compiled::Compiled;
use conformance::random::{DrawLayer, KINDS, draw, seed};
use conformance::{chain, fixtures, needs, none};
use libtest_mimic::{Arguments, Failed, Trial};
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools::umodel::BlobId;

const RUNNER: &str = env!("CARGO_BIN_EXE_run_bmodel");

/// Images at a time: less and more than the four of a word.
const BATCHES: [usize; 2] = [1, 5];

/// fp32 layers by Caffe, onnxruntime and numpy.
const SETS: [&str; 3] = ["caffe-layers", MORE, "onnx-layers"];

/// Of how many layers one runs on the vendor's simulator.
const LIVE: usize = 23;

fn main() -> ExitCode {
    let mut trials = Vec::new();
    for &(kind, count, layer) in KINDS {
        trials.push(Trial::test(kind, move || random_layers(kind, count, layer)));
    }
    for set in SETS {
        trials.push(Trial::test(format!("{set} in fp32"), move || float_layers(set)));
    }
    for path in nets() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        trials.push(Trial::test(name, move || kept_net(&path)));
    }
    trials.push(Trial::test("stages of one bmodel", stages));
    trials.push(needs(&["BM1684_ORACLE"], "both simulators", |folders| live(&folders[0])));
    let variables = ["BM1684_ORACLE", "VENDOR_BMODELS"];
    trials.push(needs(&variables, "bmodels of the vendor's compiler", |folders| {
        vendor_bmodels(&folders[0], &folders[1])
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Our simulator against the executor.
fn agree(bmodel: &[u8], net: &Arc<QuantizedNet>, inputs: &[(BlobId, Value)]) -> Result<(), Failed> {
    same_bytes(&simulate_here(bmodel, 0, inputs)?, &execute(net, inputs)?)
}

type Case = (Arc<QuantizedNet>, Vec<(BlobId, Value)>);

fn case(kind: &str, layer: DrawLayer, index: usize) -> Case {
    let seed = seed(&format!("{kind} {index}"), index);
    let net = Arc::new(draw(layer, seed));
    let inputs = Random::new(seed).inputs(&net);
    (net, inputs)
}

fn random_layers(kind: &str, count: usize, layer: DrawLayer) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for index in 0..count {
        let (net, inputs) = case(kind, layer, index);
        for level in LEVELS {
            let bmodel = program_at(level, &net)?.to_bmodel()?.to_bytes()?;
            if let Err(error) = agree(&bmodel, &net, &inputs) {
                let error = error.message().unwrap_or_default().to_owned();
                wrong.push(format!("{index}, {level:?}: {error}"));
            }
        }
    }
    none(wrong)
}

fn float_layers(set: &str) -> Result<(), Failed> {
    let cases = Cases::read(set);
    let (mut wrong, mut ran) = (Vec::new(), 0);
    for case in &cases.cases {
        let name = case["name"].as_str().unwrap_or_default();
        let (net, inputs) = cases.net_and_inputs(case).map_err(|error| chain(error.as_ref()))?;
        let net = QuantizedNet::from_float(net)?;
        let graph = net.net();
        let named = |(id, value): &(BlobId, Value)| (graph.blob(*id).name.clone(), value.clone());
        let given = inputs.iter().map(named).collect();
        let Ok(Some(compiled)) = Compiled::if_placed(&net) else { continue };
        let inputs = compiled.inputs(&given)?;
        ran += 1;
        if let Err(error) = agree(&compiled.bmodel, &Arc::new(compiled.cut.chip.clone()), &inputs) {
            wrong.push(format!("{name}: {}", error.message().unwrap_or_default()));
        }
    }
    none(wrong)?;
    if ran == 0 { Err("no layer can be placed".into()) } else { Ok(()) }
}

/// The nets that were calibrated once.
fn nets() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(fixtures().join("bm1684/nets")).expect("the folder of nets");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "prototxt"));
    paths.sort();
    paths
}

fn read(path: &Path) -> Result<QuantizedNet, Failed> {
    let model = NetParameter::read(path)?;
    let weights = NetParameter::read(path.with_extension("int8umodel"))?;
    Ok(QuantizedNet::read(&model, &weights, Phase::Test, &NoSources)?)
}

fn with_batch(net: &QuantizedNet, batch: usize) -> Result<QuantizedNet, Failed> {
    let graph = net.net();
    let shapes: Vec<(String, Vec<usize>)> = graph
        .inputs()
        .into_iter()
        .map(|id| {
            let blob = graph.blob(id);
            let rest = blob.shape.iter().skip(1).copied();
            (blob.name.clone(), std::iter::once(batch).chain(rest).collect())
        })
        .collect();
    let shapes: Vec<(&str, &[usize])> =
        shapes.iter().map(|(name, shape)| (name.as_str(), shape.as_slice())).collect();
    net.reshaped(&shapes).map_err(|error| chain(&error).into())
}

fn kept_net(path: &Path) -> Result<(), Failed> {
    let net = read(path)?;
    for (batch, level) in BATCHES.into_iter().flat_map(|batch| LEVELS.map(|level| (batch, level))) {
        let compiled = Compiled::at(level, &with_batch(&net, batch)?)?;
        let inputs = Random::new(1684).inputs(&compiled.cut.chip);
        agree(&compiled.bmodel, &Arc::new(compiled.cut.chip.clone()), &inputs)?;
    }
    Ok(())
}

/// Every stage of a bmodel that has one for each batch.
fn stages() -> Result<(), Failed> {
    let net = read(&fixtures().join("bm1684/nets/lenet.prototxt"))?;
    let stages = [1, 2, 3, 4, 5, 8].into_iter().map(|batch| with_batch(&net, batch));
    let stages = stages.collect::<Result<Vec<_>, _>>()?;
    let (package, cuts) = Package::build(&stages, optimization())?;
    let bmodel = package.to_bmodel()?.to_bytes()?;
    for (stage, cut) in cuts.iter().enumerate() {
        let chip = Arc::new(cut.chip.clone());
        let inputs = Random::new(stage as u64).inputs(&chip);
        same_bytes(&simulate_here(&bmodel, stage, &inputs)?, &execute(&chip, &inputs)?)?;
    }
    Ok(())
}

/// Our simulator against the vendor's.
fn live(oracle: &Path) -> Result<(), Failed> {
    let step = if std::env::var_os("BM1684_ALL").is_some() { 1 } else { LIVE };
    let all = KINDS
        .iter()
        .flat_map(|&(kind, count, layer)| (0..count).map(move |index| (kind, layer, index)));
    let vendor = Simulator::Vendor { runner: RUNNER.into(), folder: oracle.to_owned() };
    let mut wrong = Vec::new();
    for (kind, layer, index) in all.step_by(step) {
        let (net, inputs) = case(kind, layer, index);
        let bmodel = program(&net)?.to_bmodel()?.to_bytes()?;
        let expected = vendor.run(&bmodel, 0, &inputs)?;
        let found =
            simulate_here(&bmodel, 0, &inputs).and_then(|found| same_bytes(&found, &expected));
        if let Err(error) = found {
            wrong.push(format!("{kind} {index}: {}", error.message().unwrap_or_default()));
        }
    }
    none(wrong)
}

/// Random values of an input; fp32 ones from -4 to 4.
fn values(tensor: &Tensor, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40).to_le_bytes()
    };
    if tensor.data_type != DataType::F32 {
        return (0..tensor.bytes()).map(|_| next()[1]).collect();
    }
    let number = |[low, high, ..]: [u8; 8]| f32::from(i16::from_le_bytes([low, high])) / 8192.0;
    (0..tensor.bytes() / 4).flat_map(|_| number(next()).to_le_bytes()).collect()
}

/// Both simulators on the BM1684 files of a folder; `BM1684_ALL=1` takes all. Lists what ours does not understand.
fn vendor_bmodels(oracle: &Path, folder: &Path) -> Result<(), Failed> {
    let step = if std::env::var_os("BM1684_ALL").is_some() { 1 } else { LIVE };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "bmodel"));
    paths.sort();
    let (mut wrong, mut same) = (Vec::new(), 0);
    for path in paths.iter().step_by(step) {
        let bytes = std::fs::read(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let run = || -> Result<(), Failed> {
            let program = Program::load(&Bmodel::from_bytes(&bytes)?, 0, 0)?.lenient();
            let inputs = program.inputs.iter().zip(1..).map(|(tensor, seed)| values(tensor, seed));
            let inputs: Vec<Vec<u8>> = inputs.collect();
            let slices: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
            let found = program.run(&slices).map_err(|error| chain(&error))?.concat();
            same_bytes(&found, &simulate_bytes(Path::new(RUNNER), oracle, &bytes, 0, &inputs)?)
        };
        match run() {
            Ok(()) => same += 1,
            Err(error) => wrong.push(format!("{name}: {}", error.message().unwrap_or_default())),
        }
    }
    println!("{same} of {} bmodels give the same bytes", same + wrong.len());
    none(wrong)
}
