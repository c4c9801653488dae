//! Bit-exact: what the vendor's runtime and simulator make of our bmodels is what our int8 executor
//! computes.
//!
//! BM1684_ORACLE names the folder of the vendor's libraries (`crates/conformance/oracle/fetch.py`).
//! Without it bm1684-sim is the simulator. In both cases the recorded runs are compared: `fixtures/bm1684/runs.json` has, for some layers, the
//! hashes of a bmodel and of what the simulator made of it. `BLESS=1` with the oracle records anew.
//! Some more layers of each kind run live; `BM1684_ALL=1` runs all that are drawn, which takes minutes.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use bm1684_isa::commands::Streams;
use conformance::chip::{Simulator, execute, program, same_bytes};
use conformance::random::{DrawLayer, KINDS, draw, seed};
use conformance::runs::{Hashes, Runs, blessing, hashes};
use conformance::{fixtures, make_lmdb, needs, read_net, simulates};
use libtest_mimic::{Arguments, Failed, Trial};
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools::umodel::BlobId;

const RUNNER: &str = env!("CARGO_BIN_EXE_run_bmodel");

/// How many layers of each kind are recorded.
const RECORDED: usize = 6;

/// Of how many kinds one runs a layer live, after the recorded ones.
const LIVE: usize = 3;

fn main() -> ExitCode {
    let mut trials = Vec::new();
    let names = KINDS.iter().flat_map(|(kind, count, _)| {
        (0..RECORDED.min(*count)).map(move |index| format!("{kind} {index}"))
    });
    let runs = match Runs::read("runs.json", names.collect()) {
        Ok(runs) => Arc::new(runs),
        Err(error) => {
            eprintln!("runs.json: {}", error.message().unwrap_or_default());
            return ExitCode::FAILURE;
        }
    };
    let live = match std::env::var_os("BM1684_ALL") {
        _ if blessing() => 0,
        Some(_) => usize::MAX,
        None => 1,
    };
    let few = live == 1;
    for (number, &(kind, count, layer)) in KINDS.iter().enumerate() {
        let live = if few && number % LIVE > 0 { 0 } else { live };
        for index in 0..count.min(live.saturating_add(RECORDED)) {
            let name: &str = format!("{kind} {index}").leak();
            if index < RECORDED {
                let recorded = runs.clone();
                // What is recorded anew is run instead.
                if !blessing() {
                    trials.push(Trial::test(format!("{name}, recorded"), move || {
                        equals_recorded(&recorded, name, layer, index)
                    }));
                    continue;
                }
            }
            let new = runs.clone();
            trials.push(simulates(RUNNER, &[], name, move |simulator, _| {
                single_layer(simulator, &new, name, layer, index)
            }));
        }
    }
    for batch in [1, 4].into_iter().filter(|_| !blessing()) {
        let lenet = format!("lenet, batch {batch}");
        trials.push(simulates(RUNNER, &[], &lenet, move |simulator, _| {
            let root = fixtures().join("lenet");
            let options = PictureOptions::default().gray(true);
            whole_network(simulator, &root, "lenet", &options, batch)
        }));
        let resnet = format!("resnet_50_1by2, batch {batch}");
        trials.push(simulates(RUNNER, &["RESNET_50_1BY2"], &resnet, move |simulator, folders| {
            let options = PictureOptions::default().resize(Some([256, 256]));
            whole_network(simulator, &folders[0], "resnet_50_1by2", &options, batch)
        }));
    }
    trials.push(needs(&["VENDOR_BMODELS"], "commands of the vendor's compiler", |folders| {
        vendor_commands(&folders[0])
    }));
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    let written = match Arc::into_inner(runs) {
        Some(runs) if !conclusion.has_failed() => runs.write(),
        _ => Ok(()),
    };
    if let Err(error) = written {
        eprintln!("runs.json: {}", error.message().unwrap_or_default());
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

type Case = (Arc<QuantizedNet>, Vec<(BlobId, Value)>);

fn case(name: &str, layer: DrawLayer, index: usize) -> Case {
    let seed = seed(name, index);
    let net = Arc::new(draw(layer, seed));
    let inputs = Random::new(seed).inputs(&net);
    (net, inputs)
}

fn single_layer(
    simulator: &Simulator,
    runs: &Runs,
    name: &str,
    layer: DrawLayer,
    index: usize,
) -> Result<(), Failed> {
    let (net, inputs) = case(name, layer, index);
    runs.note(name, agrees(simulator, &net, &inputs)?);
    Ok(())
}

/// Compiles, executes in both ways, compares.
fn agrees(
    simulator: &Simulator,
    net: &Arc<QuantizedNet>,
    inputs: &[(BlobId, Value)],
) -> Result<Hashes, Failed> {
    let bmodel = program(net)?.to_bmodel()?.to_bytes()?;
    let expected = execute(net, inputs)?;
    let found = simulator.run(&bmodel, 0, inputs)?;
    same_bytes(&found, &expected)?;
    Ok(hashes(&bmodel, inputs, &found))
}

/// The very bmodel that the simulator once executed, and the executor's result for its input.
fn equals_recorded(
    recorded: &Runs,
    name: &str,
    layer: DrawLayer,
    index: usize,
) -> Result<(), Failed> {
    let (net, inputs) = case(name, layer, index);
    let bmodel = program(&net)?.to_bmodel()?.to_bytes()?;
    let found = hashes(&bmodel, &inputs, &execute(&net, &inputs)?);
    recorded.compare(name, &found)
}

/// A net from its fp32 files: calibrated, compiled for a batch, run on random input.
fn whole_network(
    simulator: &Simulator,
    root: &Path,
    name: &str,
    options: &PictureOptions,
    batch: usize,
) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("calibration_lmdb");
    make_lmdb(root, "calibration.txt", 5, options, &database)?;
    let [model, weights] =
        ["prototxt", "caffemodel"].map(|kind| root.join(format!("{name}.{kind}")));
    let net = read_net(&model, &weights, &database, 1)?;
    let options = Options::default().iterations(5);
    let deploy = calibrate(&net, &options, |_| ())?.quantized.deploy()?;
    let weights = deploy.to_parameter_with_weights();
    let mut model = deploy.to_parameter();
    let mut shapes = model.input_shapes();
    shapes.iter_mut().for_each(|shape| shape[0] = batch);
    model.set_input_shapes(&shapes)?;
    let net = Arc::new(QuantizedNet::read(&model, &weights, Phase::Test, &NoSources)?);
    let inputs = Random::new(1684).inputs(&net);
    agrees(simulator, &net, &inputs).map(|_| ())
}

/// Bit-exact: every command of every BM1684 file of a folder decodes and encodes to the same bytes,
/// every file of any chip reads and writes to an equal model.
fn vendor_commands(folder: &Path) -> Result<(), Failed> {
    let mut commands = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "bmodel") {
            continue;
        }
        let model = Bmodel::read(&path)?;
        model.check_coefficients()?;
        if Bmodel::from_bytes(&model.to_bytes()?)? != model {
            return Err(format!("{} is another after writing", path.display()).into());
        }
        if model.model.chip != "BM1684" {
            continue;
        }
        let stages = model.model.net.iter().flat_map(|net| net.parameter.iter().flatten());
        for group in stages.flat_map(|stage| stage.cmd_group.iter().flatten()) {
            let [tiu, gdma] = model.commands(group)?;
            let streams = Streams::decode(tiu, gdma)?;
            if streams.encode()? != [tiu, gdma] {
                return Err(format!("{}: a command changes", path.display()).into());
            }
            commands += streams.tiu.len() + streams.gdma.len();
        }
    }
    if commands == 0 { Err("no commands were found".into()) } else { Ok(()) }
}
