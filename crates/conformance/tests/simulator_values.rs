//! Bit-exact: int8 layers that compute with single values or windows (tables, PReLU, Deconvolution, bilinear resizing)
//! against the vendor's BM1684 simulator, as recorded, and cases that `record_values.py` has just made.

use conformance::{fixtures, needs, single};
use libtest_mimic::{Arguments, Failed, Trial};

fn recorded() -> Result<(), Failed> {
    let kinds =
        single::check(&fixtures().join("simulator"), "values").map_err(|wrong| wrong.join("\n"))?;
    if kinds.len() != 12 || kinds.values().any(|&count| count < 4) {
        return Err(format!("not all kinds are there: {kinds:?}").into());
    }
    Ok(())
}

fn main() {
    let recorded = Trial::test("recorded_values_equal_the_simulator", recorded);
    let made = needs(&["SIMULATOR_CASES"], "made_values_equal_the_simulator", |folders| {
        let kinds = single::check(&folders[0], "values").map_err(|wrong| wrong.join("\n"))?;
        eprintln!("equal: {kinds:?}");
        Ok(())
    });
    libtest_mimic::run(&Arguments::from_args(), vec![recorded, made]).exit();
}
