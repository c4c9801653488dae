//! Tests that need several crates: see `tests/`. This library holds what they share.

pub mod cases;
pub mod chip;
pub mod compiled;
pub mod random;
pub mod runs;
pub mod single;
pub mod small;
pub mod whole;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use ndarray::ArrayD;
use quantization_tools::prelude::*;
use quantization_tools::uframework::data::Batches;

use crate::chip::Simulator;

/// The fixtures of the workspace.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// An error's message with those of all its causes.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Fails with all that is wrong, if anything is.
///
/// # Errors
/// If the list is not empty.
pub fn none(wrong: Vec<String>) -> Result<(), Failed> {
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{} wrong:\n{}", wrong.len(), wrong.join("\n")).into())
}

/// A test that needs something that may not be installed, named by an environment variable that
/// holds its folder. Without it the test shows as ignored, and fails if REQUIRE_ORACLE is 1.
pub fn needs(
    variables: &[&'static str],
    name: &'static str,
    test: impl FnOnce(&[PathBuf]) -> Result<(), Failed> + Send + 'static,
) -> Trial {
    let folders: Option<Vec<PathBuf>> =
        variables.iter().map(|name| std::env::var_os(name).map(PathBuf::from)).collect();
    let required = std::env::var("REQUIRE_ORACLE").is_ok_and(|value| value == "1");
    let missing = format!("{} must name a folder", variables.join(" and "));
    let ignored = folders.is_none() && !required;
    let title = if ignored { format!("{name} (NOT RUN: {missing})") } else { name.to_owned() };
    let run = move || match folders {
        Some(folders) => test(&folders),
        None => Err(missing.into()),
    };
    Trial::test(title, run).with_ignored_flag(ignored)
}

/// A test that runs bmodels: on the vendor's simulator if BM1684_ORACLE names the folder of its libraries, else on bm1684-sim,
/// as the test's name then says. What is recorded anew, and what REQUIRE_ORACLE=1 demands, needs the vendor's. `runner` is
/// the program run_bmodel; `others` are further variables that must name folders.
pub fn simulates(
    runner: &'static str,
    others: &[&'static str],
    name: &str,
    test: impl FnOnce(&Simulator, &[PathBuf]) -> Result<(), Failed> + Send + 'static,
) -> Trial {
    const VENDORS: &str = "BM1684_ORACLE";
    let required = std::env::var("REQUIRE_ORACLE").is_ok_and(|value| value == "1");
    if std::env::var_os(VENDORS).is_none() && !required && !runs::blessing() {
        let name = format!("{name} (on bm1684-sim, for {VENDORS} names no folder)");
        return needs(others, name.leak(), |folders| test(&Simulator::Own, folders));
    }
    let variables = [&[VENDORS], others].concat();
    needs(&variables, name.to_owned().leak(), move |folders| match folders {
        [folder, others @ ..] => {
            let (runner, folder) = (runner.into(), folder.clone());
            test(&Simulator::Vendor { runner, folder }, others)
        }
        [] => Err(format!("{VENDORS} must name a folder").into()),
    })
}

/// Makes a database of the first pictures of a list.
///
/// # Errors
/// What the tools report.
pub fn make_lmdb(
    root: &Path,
    list: &str,
    count: usize,
    options: &PictureOptions,
    database: &Path,
) -> Result<(), Failed> {
    let mut entries = imageset::read_list(root.join(list))?.entries;
    entries.truncate(count);
    let writer = create(database, Backend::Lmdb, Existing::Refuse)?;
    let to_datum = |path: &Path| picture_to_datum(path, options);
    let strict = imageset::ConvertOptions::default().check_size(true);
    imageset::convert(&root.join(""), &entries, writer, &strict, to_datum, |_| ())?;
    Ok(())
}

/// Reads a net of which the database stands elsewhere than its prototxt says.
///
/// # Errors
/// What umodel reports.
pub fn read_net(
    model: &Path,
    weights: &Path,
    database: &Path,
    batch: usize,
) -> Result<Net, Failed> {
    let text = with_database(&std::fs::read_to_string(model)?, database, batch);
    let model = NetParameter::parse_text(&text)?;
    let weights = NetParameter::read(weights)?;
    Ok(Net::new(&model, Some(&weights), Phase::Test, &DatabaseSources)?)
}

/// A prototxt with another database and batch size.
pub fn with_database(text: &str, database: &Path, batch: usize) -> String {
    text.replace("\"calibration_lmdb\"", &format!("{:?}", database.display().to_string()))
        .replace("batch_size: 1", &format!("batch_size: {batch}"))
}

/// All blobs of the first forward pass, by name.
///
/// # Errors
/// What uframework reports.
pub fn first_pass(net: &Net) -> Result<Vec<(String, ArrayD<f32>)>, Failed> {
    let executor = Executor::new(Arc::new(net.clone()))?;
    let mut batches = Batches::open(net)?;
    let batch = batches.read()?;
    let sources = batches.transform(&batch)?;
    let mut blobs = Vec::new();
    let mut tap = |_, blob: &quantization_tools::umodel::Blob, value: &Value| {
        blobs.push((blob.name.clone(), value.to_f32(1.0)));
    };
    executor.forward(&mut Workspace::default(), sources, &mut tap)?;
    Ok(blobs)
}

/// The share of a channel's largest value below which [`mixed_error`] takes differences as absolute ones.
pub const SMALL: f32 = 1.0 / 64.0;

/// The largest difference of two blobs, mixed: relative to the expected value, or to [`SMALL`] times the largest one
/// of its channel (axis 1; all values of a blob with less than two axes) if that is more. A channel without values
/// counts as one whose largest is [`SMALL`]² times the blob's.
///
/// So neither a channel of small values nor small values in a channel hide behind large ones. Sums that cancel each
/// other out have errors of the size of their terms, which is why the smallest values are not compared to themselves.
///
/// Infinite if a value is NaN or the shapes differ. Infinite values have to be the same.
pub fn mixed_error(found: &ArrayD<f32>, expected: &ArrayD<f32>) -> f32 {
    if found.shape() != expected.shape() {
        return f32::INFINITY;
    }
    let channels = if expected.ndim() < 2 { 1 } else { expected.shape()[1] };
    let inner: usize = expected.shape().iter().skip(2).product();
    let channel = |index: usize| if expected.ndim() < 2 { 0 } else { index / inner % channels };
    let mut largest = vec![0.0f32; channels];
    for (index, value) in expected.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        largest[channel(index)] = largest[channel(index)].max(value.abs());
    }
    let most = largest.iter().fold(0.0f32, |most, value| most.max(*value));
    let error = |(index, (&a, &b)): (usize, (&f32, &f32))| {
        let least = SMALL * largest[channel(index)].max(SMALL * SMALL * most);
        difference(a, b, least)
    };
    found.iter().zip(expected).enumerate().map(error).fold(0.0, f32::max)
}

/// The difference of two values, relative to the expected one or to `least`; infinite for NaN.
pub fn difference(found: f32, expected: f32, least: f32) -> f32 {
    if found == expected {
        return 0.0;
    }
    let error = (found - expected).abs() / expected.abs().max(least).max(f32::MIN_POSITIVE);
    if error.is_nan() { f32::INFINITY } else { error }
}
