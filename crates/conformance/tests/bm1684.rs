//! Bit-exact: what the vendor's runtime and simulator make of our bmodels is what our int8 executor
//! computes.
//!
//! BM1684_ORACLE names the folder of the vendor's libraries (`crates/conformance/oracle/fetch.py`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use conformance::chip::{execute, program, same_bytes, simulate};
use conformance::needs;
use conformance::random::{DrawLayer, KINDS, draw};
use libtest_mimic::{Arguments, Failed};
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools::umodel::BlobId;

const RUNNER: &str = env!("CARGO_BIN_EXE_run_bmodel");

fn main() {
    let mut trials = Vec::new();
    for &(kind, count, layer) in KINDS {
        for index in 0..count {
            let seed = seed(kind, index);
            let name = format!("{kind} {index}");
            trials.push(needs(&["BM1684_ORACLE"], name.leak(), move |folders: &[PathBuf]| {
                single_layer(&folders[0], layer, seed)
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Different for every case.
fn seed(kind: &str, index: usize) -> u64 {
    let text = kind.bytes().chain(index.to_le_bytes());
    text.fold(1684, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

fn single_layer(folder: &Path, layer: DrawLayer, seed: u64) -> Result<(), Failed> {
    let net = Arc::new(draw(layer, seed));
    let inputs = Random::new(seed).inputs(&net);
    agrees(folder, &net, &inputs)
}

/// Compiles, executes in both ways, compares.
fn agrees(
    folder: &Path,
    net: &Arc<QuantizedNet>,
    inputs: &[(BlobId, Value)],
) -> Result<(), Failed> {
    let bmodel = program(net)?.to_bmodel()?.to_bytes();
    let expected = execute(net, inputs)?;
    let found = simulate(Path::new(RUNNER), folder, &bmodel, inputs)?;
    same_bytes(&found, &expected)
}
