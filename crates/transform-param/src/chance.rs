//! What random steps draw from.

use datum_store::SplitMix64;

/// The source of chance for one picture.
///
/// [`Chance::none`] is for the TEST phase. Nothing is random there: an event happens only if its probability is 1 or
/// more, a value from a range is the middle of the range, and one of several is the first. So a step whose
/// parameters leave nothing open runs as in training, and any other step has the same result every time.
///
/// [`Chance::new`] serves the TRAIN phase. A picture's draws depend on its seed and index only, never on
/// threads or on the pictures before it.
#[derive(Clone, Debug)]
pub struct Chance(Option<SplitMix64>);

impl Chance {
    /// Nothing is left to chance.
    pub fn none() -> Self {
        Chance(None)
    }

    /// The draws of picture `index` of a sequence that is told apart by `seed`.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut of_index = SplitMix64::new(index);
        Chance(Some(SplitMix64::new(seed ^ of_index.bits())))
    }

    pub(crate) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Whether an event of this probability happens.
    pub(crate) fn happens(&mut self, probability: f32) -> bool {
        match &mut self.0 {
            None => probability >= 1.0,
            Some(sequence) => sequence.unit() < f64::from(probability),
        }
    }

    /// A value from `low` to `high`.
    #[expect(clippy::cast_possible_truncation, reason = "fp64 is rounded to fp32 at the end")]
    pub(crate) fn uniform(&mut self, low: f32, high: f32) -> f32 {
        match &mut self.0 {
            None => low + (high - low) / 2.0,
            Some(sequence) => (f64::from(low) + sequence.unit() * f64::from(high - low)) as f32,
        }
    }

    /// One of `count` things; 0 if there are none.
    #[expect(clippy::cast_possible_truncation, reason = "less than a usize")]
    pub(crate) fn below(&mut self, count: usize) -> usize {
        match &mut self.0 {
            None => 0,
            // The modulus favours small indices by less than count / 2^64.
            Some(sequence) => (sequence.bits() % (count as u64).max(1)) as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn no_chance_has_one_outcome() {
        let mut chance = Chance::none();
        assert!(chance.happens(1.0) && !chance.happens(0.99));
        assert_eq!(chance.uniform(-3.0, 5.0), 1.0);
        assert_eq!(chance.uniform(0.3, 0.3), 0.3);
        assert_eq!(chance.below(7), 0);
    }

    /// Statistical: 10,000 draws, five standard deviations.
    #[test]
    fn draws_are_uniform_and_depend_on_seed_and_index_only() {
        let hits = (0..10_000).filter(|&i| Chance::new(1, i).happens(0.25)).count();
        assert!(hits.abs_diff(2_500) < 217, "{hits}");
        let mean: f32 =
            (0..10_000).map(|i| Chance::new(2, i).uniform(-1.0, 3.0)).sum::<f32>() / 1e4;
        assert!((mean - 1.0).abs() < 0.06, "{mean}");
        let draw = |seed, index| Chance::new(seed, index).below(1 << 30);
        assert_eq!(draw(3, 4), draw(3, 4));
        assert_ne!(draw(3, 4), draw(3, 5));
        assert_ne!(draw(3, 4), draw(4, 4));
    }
}
