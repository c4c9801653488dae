//! Bit-exact: what the vendor's runtime and simulator make of our bmodels is what our int8 executor
//! computes.
//!
//! BM1684_ORACLE names the folder of the vendor's libraries (`crates/conformance/oracle/fetch.py`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use conformance::chip::{execute, program, random_inputs, same_bytes, simulate};
use conformance::needs;
use conformance::random::{KINDS, draw};
use libtest_mimic::{Arguments, Failed, Trial};

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
    let _: &Vec<Trial> = &trials;
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Different for every case.
fn seed(kind: &str, index: usize) -> u64 {
    let text = kind.bytes().chain(index.to_le_bytes());
    text.fold(1684, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

fn single_layer(
    folder: &Path,
    layer: fn(&mut conformance::random::Random) -> conformance::random::Layer,
    seed: u64,
) -> Result<(), Failed> {
    let (net, mut random) = draw(layer, seed);
    let net = Arc::new(net);
    let program = program(&net)?;
    let inputs = random_inputs(&net, &program, &mut random);
    let expected = execute(&net, &program, &inputs)?;
    let bmodel = program.to_bmodel()?.to_bytes();
    let found = simulate(Path::new(RUNNER), folder, &bmodel, &inputs)?;
    same_bytes(&found, &expected)
}
