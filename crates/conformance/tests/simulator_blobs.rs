//! Bit-exact: int8 layers that join, cut and reduce whole blobs (broadcast operands, cuts, average pooling under the
//! ceil rule, reductions) against the vendor's BM1684 simulator, as recorded, and cases that `record_blobs.py` has just
//! made.

use conformance::{fixtures, needs, single};
use libtest_mimic::{Arguments, Failed, Trial};

fn recorded() -> Result<(), Failed> {
    let kinds =
        single::check(&fixtures().join("simulator"), "blobs").map_err(|wrong| wrong.join("\n"))?;
    if kinds.len() != 16 || kinds.values().any(|&count| count < 4) {
        return Err(format!("not all kinds are there: {kinds:?}").into());
    }
    Ok(())
}

fn main() {
    let recorded = Trial::test("recorded_blobs_equal_the_simulator", recorded);
    let made = needs(&["SIMULATOR_CASES"], "made_blobs_equal_the_simulator", |folders| {
        let kinds = single::check(&folders[0], "blobs").map_err(|wrong| wrong.join("\n"))?;
        eprintln!("equal: {kinds:?}");
        Ok(())
    });
    libtest_mimic::run(&Arguments::from_args(), vec![recorded, made]).exit();
}
