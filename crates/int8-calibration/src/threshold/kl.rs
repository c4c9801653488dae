use crate::histogram::Histogram;

/// Candidates are this many bins apart.
const STEP: usize = 4;

/// How two distributions are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Kullback and Leibler's divergence, `Σ P · ln(P / Q)`.
    Kl,
    /// That of both directions, `Σ (P − Q) · ln(P / Q)`.
    Symmetric,
    /// Jensen and Shannon's: the mean of the divergences of both from their mean.
    JensenShannon,
}

impl Measure {
    fn term(self, p: f64, q: f64) -> f64 {
        let mean = (p + q) / 2.0;
        match self {
            Measure::Kl => p * (p / q).ln(),
            Measure::Symmetric => (p - q) * (p / q).ln(),
            Measure::JensenShannon => (p * (p / mean).ln() + q * (q / mean).ln()) / 2.0,
        }
    }
}

/// The threshold whose clipped distribution differs least from its quantized form.
///
/// # Formula
/// For each candidate of i bins: P is the first i bins, what lies beyond added to the last of
/// them; Q spreads what the first i bins hold over `levels` equal steps, each step's mass evenly
/// over its non-empty bins. The candidate with the smallest measure wins, `Σ P · ln(P / Q)` for KL, the larger one
/// on a tie; its threshold is `(i + 0.5) · bin width`.
///
/// # Source
/// S. Migacz, "8-bit inference with TensorRT", 2017; the half bin as in the vendor's printed
/// thresholds.
pub(super) fn threshold(histogram: &Histogram, levels: usize, measure: Measure) -> f32 {
    let used = histogram.counts().iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
    let counts: Vec<f64> = histogram.counts()[..used].iter().map(|&count| count as f64).collect();
    if used <= levels {
        return histogram.absolute_maximum();
    }
    let mut best = (f64::INFINITY, used);
    let mut beyond: f64 = counts[levels..].iter().sum();
    let mut from = levels;
    for bins in (levels..=used).step_by(STEP).chain([used]) {
        beyond -= counts[from..bins].iter().sum::<f64>();
        from = bins;
        let divergence = divergence(&counts[..bins], beyond.max(0.0), levels, measure);
        if divergence <= best.0 {
            best = (divergence, bins);
        }
    }
    (best.1 as f32 + 0.5) * histogram.bin_width()
}

/// The measure of the clipped distribution from its quantized form, up to the
/// common normalization of both.
fn divergence(counts: &[f64], beyond: f64, levels: usize, measure: Measure) -> f64 {
    let inside: f64 = counts.iter().sum();
    let total = inside + beyond;
    let bins = counts.len();
    let mut sum = 0.0;
    for level in 0..levels {
        let range = level * bins / levels..(level + 1) * bins / levels;
        let last_level = range.end == bins;
        let step = &counts[range];
        let mass: f64 = step.iter().sum();
        let filled = step.iter().filter(|&&count| count > 0.0).count();
        if filled == 0 {
            if last_level && beyond > 0.0 {
                return f64::INFINITY;
            }
            continue;
        }
        let q = mass / filled as f64 / inside;
        for (index, &count) in step.iter().enumerate() {
            let clipped = if last_level && index + 1 == step.len() { beyond } else { 0.0 };
            let p = (count + clipped) / total;
            if p > 0.0 {
                if count == 0.0 {
                    return f64::INFINITY;
                }
                sum += measure.term(p, q);
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values: impl Iterator<Item = f32>) -> Histogram {
        let mut histogram = Histogram::default();
        histogram.add(&values.collect::<Vec<f32>>());
        histogram
    }

    #[test]
    fn even_values_are_not_clipped() {
        let even = histogram((1..=40_000).map(|i| i as f32 / 40_000.0));
        let threshold = threshold(&even, 127, Measure::Kl);
        assert!((0.99..=1.01).contains(&threshold), "{threshold}");
    }

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "values are fp32")]
    fn a_lonely_outlier_is_clipped() {
        // A bell of width 1 and one value at 100.
        let bell = (0..100_000).map(|i| {
            let u = (i as f64 + 0.5) / 100_000.0;
            // Logistic quantile: close to a normal distribution, simple to write down.
            ((u / (1.0 - u)).ln() * 0.55) as f32
        });
        let threshold = threshold(&histogram(bell.chain([100.0])), 127, Measure::Kl);
        assert!((1.5..20.0).contains(&threshold), "{threshold}");
    }
}
