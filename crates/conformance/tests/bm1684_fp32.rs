//! Single fp32 layers of the fixtures as fp32 nets for the chip: what cannot be placed is listed in
//! `fixtures/bm1684/fp32_unplaced.txt`; all others compute what Caffe, onnxruntime or numpy gave (mixed error 1e-4), and the
//! vendor's runtime and simulator make of them what our executor computes (bit-exact; as recorded in
//! `fixtures/bm1684/fp32.json`). `BLESS=1` with BM1684_ORACLE writes both files anew.
//!
//! A few layers of each set run live, on the vendor's simulator with BM1684_ORACLE, else on bm1684-sim, all with `BM1684_ALL=1`; likewise the small models of `fixtures/onnx`,
//! and the ONNX package's tests of single operators in the folder that ONNX_NODE_TESTS names (oracle/onnx_nodes.py).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bm1684_codegen::{Reason, unplaced};
use conformance::cases::{Cases, Inputs, MORE, SETS, array};
use conformance::chip::Simulator;
use conformance::compiled::Compiled;
use conformance::runs::{Runs, blessing};
use conformance::whole::{read_with_inputs, stems};
use conformance::{chain, fixtures, mixed_error, none, simulates};
use libtest_mimic::{Arguments, Failed, Trial};
use quantization_tools::prelude::*;
use quantization_tools::umodel::BlobId;
use serde_json::Value as Json;

const RUNNER: &str = env!("CARGO_BIN_EXE_run_bmodel");
const BOUND: f32 = 1e-4;

/// Those of [`SETS`] with layers that can be placed.
const PLACED: [&str; 3] = ["caffe-layers", MORE, "onnx-layers"];

fn main() -> ExitCode {
    let mut names = Vec::new();
    for set in SETS {
        names.extend(Cases::read(set).cases.iter().map(|case| title(set, case)));
    }
    let runs = match Runs::read("fp32.json", names) {
        Ok(runs) => Arc::new(runs),
        Err(error) => {
            eprintln!("fp32.json: {}", error.message().unwrap_or_default());
            return ExitCode::FAILURE;
        }
    };
    let mut trials = vec![Trial::test("what cannot be placed is listed", listed)];
    for set in SETS {
        trials.push(Trial::test(format!("{set} equals recorded references"), move || exact(set)));
        let recorded = runs.clone();
        if !blessing() {
            trials.push(Trial::test(format!("{set}, recorded"), move || {
                each(set, |title, case| {
                    let Some((compiled, inputs)) = case.compiled()? else { return Ok(()) };
                    recorded.compare(title, &compiled.execute(&inputs)?)
                })
            }));
        }
    }
    for set in PLACED {
        let new = runs.clone();
        let title = format!("{set}, live");
        let trial = move |simulator: &Simulator, _: &[PathBuf]| live(simulator, &new, set);
        trials.push(simulates(RUNNER, &[], &title, trial));
    }
    trials.push(simulates(RUNNER, &[], "the small ONNX models, live", |simulator, _| {
        models(simulator, &fixtures().join("onnx"))
    }));
    let variables = ["ONNX_NODE_TESTS"];
    trials.push(simulates(RUNNER, &variables, "ONNX's node tests, live", |simulator, folders| {
        models(simulator, &folders[0])
    }));
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    let written = match Arc::into_inner(runs) {
        Some(runs) if !conclusion.has_failed() => runs.write(),
        _ => Ok(()),
    };
    if let Err(error) = written {
        eprintln!("fp32.json: {}", error.message().unwrap_or_default());
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

fn title(set: &str, case: &Json) -> String {
    format!("{set}: {}", case["name"].as_str().unwrap_or_default())
}

/// A case's net as the chip would compute it.
struct Float<'a> {
    case: &'a Json,
    data: &'a [u8],
    net: QuantizedNet,
    inputs: Inputs,
}

impl Float<'_> {
    /// The program and its inputs; nothing if none of the layers can be placed.
    fn compiled(&self) -> Result<Option<(Compiled, Inputs)>, Failed> {
        let Some(compiled) = Compiled::if_placed(&self.net)? else { return Ok(None) };
        let graph = self.net.net();
        let named = |(id, value): &(BlobId, Value)| (graph.blob(*id).name.clone(), value.clone());
        let inputs = compiled.inputs(&self.inputs.iter().map(named).collect())?;
        Ok(Some((compiled, inputs)))
    }
}

/// All failures of a set together.
fn each(set: &str, run: impl Fn(&str, &Float<'_>) -> Result<(), Failed>) -> Result<(), Failed> {
    let cases = Cases::read(set);
    let mut wrong = Vec::new();
    for case in &cases.cases {
        let title = title(set, case);
        let (net, inputs) = cases.net_and_inputs(case).map_err(|error| chain(error.as_ref()))?;
        let net = QuantizedNet::from_float(net)?;
        // Losses and the like.
        if unplaced(&net).iter().any(|unplaced| unplaced.reason == Reason::Type) {
            continue;
        }
        let float = Float { case, data: &cases.data, net, inputs };
        if let Err(error) = run(&title, &float) {
            wrong.push(format!("{title}: {}", error.message().unwrap_or_default()));
        }
    }
    none(wrong)
}

/// Of how many layers one runs live: each takes about two seconds.
fn step() -> usize {
    if blessing() || std::env::var_os("BM1684_ALL").is_some() { 1 } else { 40 }
}

fn live(simulator: &Simulator, runs: &Runs, set: &str) -> Result<(), Failed> {
    let placed = AtomicUsize::new(0);
    each(set, |title, case| {
        let Some((compiled, inputs)) = case.compiled()? else { return Ok(()) };
        if placed.fetch_add(1, Ordering::Relaxed).is_multiple_of(step()) {
            let run = compiled.agrees(simulator, &inputs)?;
            runs.note(title, run.hashes);
        }
        Ok(())
    })?;
    if placed.into_inner() == 0 { Err("no layer can be placed".into()) } else { Ok(()) }
}

/// Bit-exact: all models of a folder compile in fp32, and one of so many runs. What the importer refuses has its own test.
fn models(simulator: &Simulator, folder: &Path) -> Result<(), Failed> {
    let (mut wrong, mut placed, mut ran) = (Vec::new(), 0_usize, 0);
    for name in stems(folder, "onnx")? {
        let Ok((net, inputs)) = read_with_inputs(folder, &name) else { continue };
        let net = QuantizedNet::from_float(net)?;
        let model = Float { case: &Json::Null, data: &[], net, inputs };
        let mut run = || -> Result<(), Failed> {
            let Some((compiled, inputs)) = model.compiled()? else { return Ok(()) };
            if placed.is_multiple_of(step()) {
                compiled.agrees(simulator, &inputs)?;
                ran += 1;
            }
            placed += 1;
            Ok(())
        };
        if let Err(error) = run() {
            wrong.push(format!("{name}: {}", error.message().unwrap_or_default()));
        }
    }
    println!("{placed} models of {} compiled, {ran} ran", folder.display());
    none(wrong)?;
    if ran == 0 { Err("no model ran".into()) } else { Ok(()) }
}

/// Mixed error 1e-4.
fn exact(set: &str) -> Result<(), Failed> {
    each(set, |_, case| {
        let graph = case.net.net();
        let outputs = graph.outputs();
        let values =
            Executor::quantized(Arc::new(case.net.clone()))?.outputs(case.inputs.clone())?;
        let (mut wrong, mut compared) = (Vec::new(), 0);
        for (id, value) in outputs.into_iter().zip(values) {
            let name = &graph.blob(id).name;
            let json = &case.case["tops"][name];
            if json.is_null() {
                continue;
            }
            compared += 1;
            let error = mixed_error(&value.to_f32(1.0), &array(json, case.data));
            if error > BOUND {
                wrong.push(format!("{name}: {error:e}"));
            }
        }
        if compared == 0 {
            return Err("no output is recorded".into());
        }
        none(wrong)
    })
}

/// Exact.
fn listed() -> Result<(), Failed> {
    let found: Mutex<BTreeMap<String, String>> = Mutex::default();
    for set in SETS {
        each(set, |title, case| {
            let unplaced = unplaced(&case.net);
            let reasons: Vec<String> = unplaced
                .iter()
                .map(|unplaced| format!("{}: {}", unplaced.kind, unplaced.reason))
                .collect();
            if !reasons.is_empty() {
                let mut found = found.lock().map_err(|_| "poisoned")?;
                found.insert(title.to_owned(), reasons.join("; "));
            }
            Ok(())
        })?;
    }
    let found = found.into_inner().map_err(|_| "poisoned")?;
    let text: String = found.iter().map(|(title, reason)| format!("{title}: {reason}\n")).collect();
    let path: PathBuf = fixtures().join("bm1684/fp32_unplaced.txt");
    if blessing() {
        std::fs::write(&path, &text)?;
    }
    let expected = std::fs::read_to_string(path)?;
    let missing = text.lines().filter(|line| !expected.lines().any(|other| other == *line));
    let gone = expected.lines().filter(|line| !text.lines().any(|other| other == *line));
    none(
        missing.map(|line| format!("+{line}")).chain(gone.map(|line| format!("-{line}"))).collect(),
    )
}
