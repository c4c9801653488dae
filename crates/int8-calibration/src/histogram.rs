use std::borrow::Cow;

/// Number of bins. The range is a power of two above the largest value, so at least half of them
/// are in use.
const BINS: usize = 4096;
/// Values whose bins are found together, as vector code.
const BATCH: usize = 256;
/// The smallest exponent of a bin width: below, the scaling factor would not be a normal f32.
const LEAST_EXPONENT: i32 = -100;

/// The distribution of |x|, in bins whose width is a power of two.
///
/// When a value does not fit, pairs of bins are merged and the width doubles. The result depends
/// only on the values, not on their order: histograms of parts of the data can be added up.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    exponent: i32,
    counts: Vec<u64>,
    zeros: u64,
    largest: f32,
    not_finite: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram {
            exponent: LEAST_EXPONENT,
            counts: vec![0; BINS],
            zeros: 0,
            largest: 0.0,
            not_finite: 0,
        }
    }
}

impl Histogram {
    /// Counts values.
    pub fn add(&mut self, values: &[f32]) {
        let (values, largest) = self.finite(values);
        self.count(&values, largest);
    }

    /// Takes note of the largest value, and of those that are not finite, alone.
    pub(crate) fn add_extremes(&mut self, values: &[f32]) {
        let (_, largest) = self.finite(values);
        self.largest = self.largest.max(largest);
    }

    /// The finite values and the largest magnitude among them; the other values are noted.
    fn finite<'a>(&mut self, values: &'a [f32]) -> (Cow<'a, [f32]>, f32) {
        // Without their sign, floats stand in the order of their bits, NaN above infinity above all
        // others; comparing integers is vector code.
        let bits = |value: &f32| (value.to_bits() & 0x7FFF_FFFF).cast_signed();
        let largest = values.iter().map(bits).fold(0, i32::max);
        let largest = f32::from_bits(largest.cast_unsigned());
        if largest.is_finite() {
            return (values.into(), largest);
        }
        let finite: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
        self.not_finite += (values.len() - finite.len()) as u64;
        let largest = finite.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        (finite.into(), largest)
    }

    /// Counts finite values of which the largest is known.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bins are below BINS"
    )]
    fn count(&mut self, values: &[f32], largest: f32) {
        self.largest = self.largest.max(largest);
        self.widen(exponent_for(largest));
        // Exact: the scale is a power of two.
        let scale = (-self.exponent as f32).exp2();
        let mut bins = [0u16; BATCH];
        // Neighbours often fall into one bin, and each count waits for the one before it. Two tables halve that.
        let mut second = if values.len() > BINS { vec![0u64; BINS] } else { Vec::new() };
        let mut zeros = 0;
        for batch in values.chunks(BATCH) {
            for (bin, &value) in bins.iter_mut().zip(batch) {
                *bin = (value.abs() * scale) as i32 as u16;
            }
            zeros += batch.iter().filter(|&&value| value == 0.0).count() as u64;
            let bins = &bins[..batch.len()];
            if second.is_empty() {
                bins.iter().for_each(|&bin| self.counts[usize::from(bin)] += 1);
            } else {
                let mut pairs = bins.chunks_exact(2);
                for pair in &mut pairs {
                    self.counts[usize::from(pair[0])] += 1;
                    second[usize::from(pair[1])] += 1;
                }
                pairs.remainder().iter().for_each(|&bin| self.counts[usize::from(bin)] += 1);
            }
        }
        self.counts.iter_mut().zip(&second).for_each(|(count, more)| *count += more);
        // Zeros fell into the first bin.
        self.counts[0] -= zeros;
        self.zeros += zeros;
    }

    /// Adds the counts of another histogram.
    pub fn merge(&mut self, other: &Histogram) {
        self.widen(other.exponent);
        let shift = self.exponent - other.exponent;
        for (index, &count) in other.counts.iter().enumerate() {
            self.counts[index >> shift.min(31)] += count;
        }
        self.zeros += other.zeros;
        self.not_finite += other.not_finite;
        self.largest = self.largest.max(other.largest);
    }

    fn widen(&mut self, exponent: i32) {
        while self.exponent < exponent {
            // Empty histograms need not be merged step by step.
            if self.counts.iter().all(|&count| count == 0) {
                self.exponent = exponent;
                return;
            }
            for index in 0..BINS / 2 {
                self.counts[index] = self.counts[2 * index] + self.counts[2 * index + 1];
            }
            self.counts[BINS / 2..].fill(0);
            self.exponent += 1;
        }
    }

    /// Values in each bin; bin i covers `[i, i + 1) · bin_width`. Exact zeros are left out: every
    /// scale represents them without error.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The width of a bin, a power of two.
    pub fn bin_width(&self) -> f32 {
        (self.exponent as f32).exp2()
    }

    /// The largest |x|; 0 if there is none.
    pub fn absolute_maximum(&self) -> f32 {
        self.largest
    }

    /// How many values were exactly zero.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// How many values were infinite or no number.
    pub fn not_finite(&self) -> u64 {
        self.not_finite
    }
}

/// The smallest exponent with `value < BINS · 2^exponent`.
fn exponent_for(value: f32) -> i32 {
    if !value.is_finite() || value == 0.0 {
        return LEAST_EXPONENT;
    }
    // 2^floor(log2 value) ≤ value < 2^(floor + 1), from the bits, so that it is exact.
    let biased = (value.to_bits() >> 23).cast_signed() & 0xFF;
    (biased - 127 + 1 - BINS.ilog2().cast_signed()).max(LEAST_EXPONENT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn extremes_need_no_counts() {
        let mut histogram = Histogram::default();
        histogram.add_extremes(&[0.0, -3.0, 1.0]);
        histogram.add_extremes(&[f32::INFINITY, f32::NAN, 2.0, -4.0]);
        assert_eq!((histogram.absolute_maximum(), histogram.not_finite()), (4.0, 2));
        assert!(histogram.counts().iter().all(|&count| count == 0));
    }

    #[test]
    fn bins_are_powers_of_two() {
        let mut histogram = Histogram::default();
        histogram.add(&[0.0, 1.0, -3.0]);
        assert_eq!(histogram.bin_width(), 4.0 / 4096.0);
        assert_eq!(histogram.counts()[1024], 1);
        assert_eq!(histogram.counts()[3072], 1);
        histogram.add(&[4.0, f32::NAN]);
        assert_eq!(histogram.bin_width(), 8.0 / 4096.0);
        assert_eq!([512, 1536, 2048].map(|bin| histogram.counts()[bin]), [1, 1, 1]);
        assert_eq!(histogram.absolute_maximum(), 4.0);
        assert_eq!(histogram.not_finite(), 1);
    }

    proptest! {
        /// Exact: any split of the data, in any order, gives the same histogram.
        #[test]
        fn merging_is_exact_and_free_of_order(
            values in proptest::collection::vec(prop_oneof![
                any::<f32>().prop_filter("finite", |v| v.is_finite()), -2.0f32..2.0, Just(0.0)
            ], 0..60),
            cut in 0usize..60,
        ) {
            let whole = { let mut h = Histogram::default(); h.add(&values); h };
            let (a, b) = values.split_at(cut.min(values.len()));
            let part = |values: &[f32]| {
                let mut h = Histogram::default();
                values.iter().for_each(|&v| h.add(&[v]));
                h
            };
            let (mut left, mut right) = (part(a), part(b));
            let swapped = { right.merge(&left); right };
            left.merge(&part(b));
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&swapped, &whole);
        }
    }
}
