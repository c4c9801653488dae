//! Bit-exact: whole nets, calibrated, cut where they have to be, compiled: what the vendor's runtime and simulator make of
//! them is what our int8 executor computes.
//!
//! BM1684_ORACLE names the folder of the vendor's libraries (`crates/conformance/oracle/fetch.py`). Without it bm1684-sim is the
//! simulator. The nets in `fixtures/bm1684/nets`, calibrated once, are compared with the recorded runs in `fixtures/bm1684/nets.json`. `BLESS=1` with
//! the oracle calibrates and records anew. CHIP_NETS names a folder with further nets (`oracle/chip_nets.py`), which are
//! not kept here.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use conformance::chip::Simulator;
use conformance::compiled::Compiled;
use conformance::runs::{Runs, blessing};
use conformance::small::{self, SMALL_NETS};
use conformance::whole::{Whole, read_with_pictures, stems, with_pictures};
use conformance::{chain, fixtures, needs, simulates};
use libtest_mimic::{Arguments, Failed, Trial};
use ndarray::ArrayD;
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools::umodel::{LayerOp, Shape, Sources, passes};

const RUNNER: &str = env!("CARGO_BIN_EXE_run_bmodel");

/// Nets of the fixtures. The first four are trained, the last has the vendor's structures and seeded weights.
const BUNDLED: [&str; 4] = ["lenet", "ssd", "segment", "yolo"];

/// Images at a time: less and more than the four of a word.
const BATCHES: [usize; 2] = [1, 5];

fn main() -> ExitCode {
    let kept = || SMALL_NETS.into_iter().chain(BUNDLED);
    let names = kept().flat_map(|name| BATCHES.map(|batch| run_name(name, batch))).collect();
    let runs = match Runs::read("nets.json", names) {
        Ok(runs) => Arc::new(runs),
        Err(error) => {
            eprintln!("nets.json: {}", error.message().unwrap_or_default());
            return ExitCode::FAILURE;
        }
    };
    let mut trials = Vec::new();
    for name in kept() {
        let recorded = runs.clone();
        // What is recorded anew is run instead.
        if !blessing() {
            let trial = move || as_recorded(&recorded, name);
            trials.push(Trial::test(format!("{name}, recorded"), trial));
        }
        let new = runs.clone();
        let trial = move |simulator: &Simulator, _: &[PathBuf]| live(simulator, &new, name);
        trials.push(simulates(RUNNER, &[], name, trial));
    }
    trials.extend(fetched());
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    let written = match Arc::into_inner(runs) {
        Some(runs) if !conclusion.has_failed() => runs.write(),
        _ => Ok(()),
    };
    if let Err(error) = written {
        eprintln!("nets.json: {}", error.message().unwrap_or_default());
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

fn run_name(name: &str, batch: usize) -> String {
    format!("{name}, batch {batch}")
}

/// Both files of a net that is kept.
fn files(name: &str) -> [PathBuf; 2] {
    ["prototxt", "int8umodel"]
        .map(|kind| fixtures().join("bm1684/nets").join(format!("{name}.{kind}")))
}

fn as_recorded(runs: &Runs, name: &str) -> Result<(), Failed> {
    let [model, weights] = files(name);
    let model = NetParameter::read(model)?;
    let weights = NetParameter::read(weights)?;
    let net = QuantizedNet::read(&model, &weights, Phase::Test, &NoSources)?;
    for batch in BATCHES {
        let compiled = Compiled::new(&with_batch(&net, batch)?)?;
        let inputs = Random::new(1684).inputs(&compiled.cut.chip);
        runs.compare(&run_name(name, batch), &compiled.execute(&inputs)?)?;
    }
    Ok(())
}

fn with_batch(net: &QuantizedNet, batch: usize) -> Result<QuantizedNet, Failed> {
    let graph = net.net();
    let mut shapes = Vec::new();
    for id in graph.inputs() {
        let mut shape = graph.blob(id).shape.clone();
        shape[0] = batch;
        shapes.push((graph.blob(id).name.as_str(), shape));
    }
    let shapes: Vec<(&str, &[usize])> =
        shapes.iter().map(|(name, shape)| (*name, shape.as_slice())).collect();
    net.reshaped(&shapes).map_err(|error| chain(&error).into())
}

/// Calibrated anew; random inputs, and a picture.
fn live(simulator: &Simulator, runs: &Runs, name: &str) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let net = if SMALL_NETS.contains(&name) {
        small::net(folder.path(), &small::layers(name))?
    } else {
        bundled(name, &folder.path().join("db"))?
    };
    let whole = Whole::calibrate(&net, &Options::default().iterations(8))?;
    if blessing() {
        let [model, weights] = files(name);
        std::fs::create_dir_all(fixtures().join("bm1684/nets"))?;
        std::fs::write(model, whole.net.to_parameter().to_text())?;
        std::fs::write(weights, whole.net.to_parameter_with_weights().to_bytes()?)?;
    }
    for batch in BATCHES {
        let run = run_name(name, batch);
        let compiled = Compiled::new(&with_batch(&whole.net, batch)?)?;
        let inputs = Random::new(1684).inputs(&compiled.cut.chip);
        runs.note(&run, compiled.agrees_and_varies(&run, simulator, &inputs)?);
    }
    let compiled = Compiled::new(&whole.net)?;
    let inputs = compiled.inputs(&whole.inputs)?;
    compiled.agrees_and_varies(&format!("{name}, a picture"), simulator, &inputs).map(|_| ())
}

/// Shapes of a Data layer without its database.
struct Known(Shape);

impl Sources for Known {
    fn shapes(
        &self,
        _: &str,
        op: &LayerOp,
        tops: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        let label = if op.kind() == "AnnotatedData" { vec![1, 1, 1, 8] } else { vec![1] };
        Ok([self.0.clone(), label].into_iter().take(tops.len()).collect())
    }
}

/// A net of the fixtures in fp32, reading a database of pictures.
fn bundled(name: &str, database: &Path) -> Result<Net, Failed> {
    let (folder, pictures, shape) = match name {
        "lenet" => ("lenet", "lenet/calibration", vec![1, 1, 28, 28]),
        _ => ("shapes", "shapes-map/pictures", vec![1, 3, 96, 96]),
    };
    let path = |kind: &str| fixtures().join(folder).join(format!("{name}.{kind}"));
    let net = if path("onnx").exists() {
        let options = quantization_tools::umodel_import::Options::default();
        let imported = quantization_tools::umodel_import::onnx::read(path("onnx"), &options);
        imported.map_err(|error| chain(&error))?.net
    } else {
        let model = NetParameter::read(path("prototxt"))?;
        let weights = NetParameter::read(path("caffemodel"))?;
        passes::deploy(&Net::new(&model, Some(&weights), Phase::Test, &Known(shape.clone()))?)?
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(fixtures().join(pictures))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let (mean, scale) = if name == "lenet" { (0.0, 1.0 / 256.0) } else { (127.5, 1.0 / 127.5) };
    let options = PictureOptions::default().gray(name == "lenet");
    let picture = |path: &PathBuf| -> Result<ArrayD<f32>, Failed> {
        let datum = picture_to_datum(path, &options)?;
        let DatumData::Bytes(bytes) = datum.data() else { return Err("no pixels".into()) };
        let values = bytes.iter().map(|&byte| (f32::from(byte) - mean) * scale).collect();
        Ok(ArrayD::from_shape_vec(&shape[1..], values)?)
    };
    let pictures = files.iter().take(8).map(picture).collect::<Result<Vec<_>, _>>()?;
    with_pictures(&net, &pictures, database)
}

/// The nets in the folder that CHIP_NETS names, a trial for each.
fn fetched() -> Vec<Trial> {
    let variables = ["CHIP_NETS"];
    let folder = std::env::var_os("CHIP_NETS").map(PathBuf::from);
    let names = folder.and_then(|folder| stems(&folder, "npz").ok()).unwrap_or_default();
    if names.is_empty() {
        return vec![needs(&variables, "whole nets of packages", |_| {
            Err("CHIP_NETS holds no nets".into())
        })];
    }
    let all = std::env::var_os("BM1684_ALL").is_some();
    let variants = if all { VARIANTS } else { &VARIANTS[..1] };
    let mut trials = Vec::new();
    for name in names {
        let name: &str = name.leak();
        for &variant in variants {
            let title = format!("{name}, {variant}");
            trials.push(simulates(RUNNER, &variables, &title, move |simulator, folders| {
                whole(simulator, &folders[0], name, variant)
            }));
        }
    }
    trials
}

/// What is done with each fetched net; with `BM1684_ALL` all of it, without, the first.
const VARIANTS: &[&str] = &["int8", "int8 by KL", "int8 with recover", "int8, 5 images", "fp32"];

fn whole(simulator: &Simulator, nets: &Path, name: &str, variant: &str) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let net = read_with_pictures(nets, name, &folder.path().join("db"))?;
    let method = if variant.contains("KL") { Method::Kl } else { Method::Max };
    let recover = variant.contains("recover");
    let options = Options::default().iterations(9).method(method).recover(recover);
    let mut whole = match variant {
        "fp32" => Whole::float(&net)?,
        _ => Whole::calibrate(&net, &options)?,
    };
    let images = if variant.contains("images") { 5 } else { 1 };
    whole.net = with_batch(&whole.net, images)?;
    let compiled = Compiled::new(&whole.net)?;
    let inputs = compiled.repeated(&whole.inputs)?;
    let title = format!("{name}, {variant}");
    compiled.agrees_and_varies(&title, simulator, &inputs).map(|_| ())
}
