use super::mse::Bins;
use crate::histogram::Histogram;

/// The distribution that values are taken to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Normal.
    Gauss,
    /// Double exponential.
    Laplace,
}

/// The threshold with the smallest mean square error, if the values were distributed like this.
///
/// # Formula
/// The error of a threshold T is that of rounding, `T² / (12 · levels²)`, and that of clipping. Laplace, with b the mean of |x|:
/// clipping is `2·b²·e^(−T/b)`, so `T = t·b` with `t / (12 · levels²) = e^(−t)`. Gauss, with σ the root of the mean of x²:
/// `T = t·σ` with `t / (12 · levels²) = 2·∫_t^∞ (x − t) φ(x) dx`.
///
/// # Source
/// R. Banner et al., "Post-training 4-bit quantization of convolution networks for rapid-deployment", 2019.
pub(super) fn threshold(histogram: &Histogram, levels: usize, shape: Shape) -> f32 {
    let width = f64::from(histogram.bin_width());
    let bins = Bins::of(histogram).0;
    let middle = |bin: usize| (bin as f64 + 0.5) * width;
    let count: f64 = bins.iter().map(|(_, count)| count).sum::<f64>().max(1.0);
    let mean =
        |power: i32| bins.iter().map(|&(bin, n)| middle(bin).powi(power) * n).sum::<f64>() / count;
    let rounding = 1.0 / (12.0 * (levels as f64).powi(2));
    super::narrow(match shape {
        Shape::Laplace => {
            let slope = |t: f64| rounding * t - (-t).exp();
            mean(1) * root(slope)
        }
        Shape::Gauss => {
            let slope = |t: f64| rounding * t - 2.0 * beyond(t);
            mean(2).sqrt() * root(slope)
        }
    })
}

/// Where a rising function is zero, between 0 and 20.
fn root(slope: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if slope(middle) < 0.0 { low = middle } else { high = middle }
    }
    low
}

/// `∫_t^∞ (x − t) φ(x) dx` of the normal distribution, by Simpson's rule up to t + 8.
fn beyond(t: f64) -> f64 {
    const STEPS: u32 = 400;
    let width = 8.0 / f64::from(STEPS);
    let value = |step: u32| {
        let distance = f64::from(step) * width;
        distance * (-(t + distance).powi(2) / 2.0).exp() / std::f64::consts::TAU.sqrt()
    };
    let weight = |step: u32| match step {
        0 | STEPS => 1.0,
        step if step % 2 == 1 => 4.0,
        _ => 2.0,
    };
    (0..=STEPS).map(|step| weight(step) * value(step)).sum::<f64>() * width / 3.0
}
