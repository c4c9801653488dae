//! What the tools say of command lines that are right but may not be meant.

use clap::builder::RangedU64ValueParser;
use uframework::data::Batches;
use umodel::Net;

use super::{Failure, note};

/// Reads a number of iterations: at least one.
pub fn iterations() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

/// Warns of databases and lists that so many iterations read more than once.
///
/// # Errors
/// If one cannot be read.
pub fn note_repeats(net: &Net, iterations: usize) -> Result<(), Failure> {
    for supply in Batches::repeats(net, iterations)? {
        let passes = supply.passes(iterations as u64);
        let remedy = match supply.iterations() {
            0 => "they are fewer than a batch".to_owned(),
            once => format!("-iterations={once} reads none twice"),
        };
        note!("warning: {supply}: {iterations} iterations read them {passes:.1} times; {remedy}");
    }
    Ok(())
}
