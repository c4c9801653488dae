//! How many pictures there are, and how often they are read.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::fmt;

/// What a database or a list has for its layer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Supply {
    /// The layer.
    pub layer: String,
    /// The database or list.
    pub source: String,
    /// How many records it has.
    pub records: u64,
    /// How many an iteration reads.
    pub batch: u64,
}

impl Supply {
    /// How often so many iterations read each record.
    pub fn passes(&self, iterations: u64) -> f64 {
        ratio(iterations.saturating_mul(self.batch), self.records)
    }

    /// Iterations that read no record twice.
    pub fn iterations(&self) -> u64 {
        self.records.checked_div(self.batch).unwrap_or(0)
    }
}

impl fmt::Display for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Supply { source, records, batch, .. } = self;
        let batches = ratio(*records, *batch);
        write!(f, "{source} has {records} records, which is {batches:.1} batches of {batch}")
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a rounded figure for people; counts are far below 2^53"
)]
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_and_batches() {
        let supply = |records, batch| Supply {
            layer: "data".to_owned(),
            source: "db".to_owned(),
            records,
            batch,
        };
        assert_eq!(supply(30, 4).passes(15), 2.0);
        assert_eq!((supply(30, 4).iterations(), supply(3, 4).iterations()), (7, 0));
        assert_eq!(supply(30, 4).to_string(), "db has 30 records, which is 7.5 batches of 4");
    }
}
