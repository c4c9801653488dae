use crate::histogram::Histogram;

/// The smallest bin's end that this share of all values, zeros among them, does not exceed.
pub(super) fn threshold(histogram: &Histogram, share: f64) -> f32 {
    let total =
        histogram.zeros() as f64 + histogram.counts().iter().map(|&n| n as f64).sum::<f64>();
    let mut inside = histogram.zeros() as f64;
    for (bin, &count) in histogram.counts().iter().enumerate() {
        inside += count as f64;
        if inside >= share * total && inside > 0.0 {
            return super::narrow((bin as f64 + 1.0) * f64::from(histogram.bin_width()));
        }
    }
    histogram.absolute_maximum()
}
