use super::mse::Bins;
use crate::histogram::Histogram;

const ROUNDS: usize = 50;

/// The threshold with the smallest mean square error by a model of it: rounding makes `Δ²/12` wherever nothing is clipped.
///
/// # Formula
/// `T ← Σ_{x > T} x / (n_{0 < x ≤ T} / (12 · levels²) + n_{x > T})`, from the mean of what is not zero, until it stays: where
/// the derivative of `n·T² / (12 · levels²) + Σ_{x > T} (x − T)²` is zero.
///
/// # Source
/// C. Sakr et al., "Optimal clipping and magnitude-aware differentiation for improved quantization-aware training", 2022.
pub(super) fn threshold(histogram: &Histogram, levels: usize) -> f32 {
    let width = f64::from(histogram.bin_width());
    let bins = Bins::of(histogram).0;
    let middle = |bin: usize| (bin as f64 + 0.5) * width;
    let count: f64 = bins.iter().map(|(_, count)| count).sum();
    let sum: f64 = bins.iter().map(|&(bin, count)| middle(bin) * count).sum();
    let mut threshold = sum / count.max(1.0);
    for _ in 0..ROUNDS {
        let beyond = bins.iter().filter(|(bin, _)| middle(*bin) > threshold);
        let (clipped, clipped_sum) = beyond
            .fold((0.0, 0.0), |(n, sum), &(bin, count)| (n + count, sum + middle(bin) * count));
        let rounded = (count - clipped) / (12.0 * (levels as f64).powi(2));
        let next = clipped_sum / (rounded + clipped);
        if !next.is_finite() || (next - threshold).abs() < width / 16.0 {
            break;
        }
        threshold = next;
    }
    super::narrow(threshold)
}
