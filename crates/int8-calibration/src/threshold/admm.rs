use super::mse::Bins;
use crate::histogram::Histogram;

const ROUNDS: usize = 100;

/// The threshold whose integers fit the values best, found by turns: integers for a step, then a step for the integers.
///
/// # Formula
/// `q = min(round(x / Δ), levels)`, `Δ ← Σ x·q / Σ q²`, from `Δ = largest / levels`, until it stays; `T = Δ · levels`.
///
/// # Source
/// C. Leng et al., "Extremely low bit neural network: squeeze the last bit out with ADMM", 2018: its projection onto a scaled
/// grid.
pub(super) fn threshold(histogram: &Histogram, levels: usize) -> f32 {
    let width = f64::from(histogram.bin_width());
    let bins = Bins::of(histogram).0;
    let most = levels as f64;
    let mut step = f64::from(histogram.absolute_maximum()) / most;
    for _ in 0..ROUNDS {
        let (mut products, mut squares) = (0.0, 0.0);
        for &(bin, count) in &bins {
            let x = (bin as f64 + 0.5) * width;
            let q = (x / step).round().min(most);
            products += count * x * q;
            squares += count * q * q;
        }
        let next = products / squares;
        if !next.is_finite() || (next / step - 1.0).abs() < 1e-6 {
            break;
        }
        step = next;
    }
    super::narrow(step * most)
}
