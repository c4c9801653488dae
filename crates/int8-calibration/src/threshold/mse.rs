use crate::histogram::Histogram;

/// Candidates are this many bins apart.
const STEP: usize = 8;

/// The threshold with the smallest mean square error of what is stored.
///
/// # Formula
/// For each candidate T and `Δ = T / levels`: `Σ count · (x − Δ · min(round(x / Δ), levels))²` over the bins, x the middle of
/// a bin. The smallest sum wins, the larger threshold on a tie.
pub(super) fn threshold(histogram: &Histogram, levels: usize) -> f32 {
    let width = f64::from(histogram.bin_width());
    let bins = Bins::of(histogram);
    let mut best = (f64::INFINITY, f64::from(histogram.absolute_maximum()));
    let last = bins.0.last().map_or(0, |&(bin, _)| bin) + 1;
    for end in (STEP..=last).step_by(STEP).chain([last]) {
        let threshold = (end as f64 * width).min(f64::from(histogram.absolute_maximum()));
        let error = bins.error(width, threshold, levels);
        if error <= best.0 {
            best = (error, threshold);
        }
    }
    super::narrow(best.1)
}

/// The bins that are not empty.
pub(super) struct Bins(pub(super) Vec<(usize, f64)>);

impl Bins {
    pub(super) fn of(histogram: &Histogram) -> Self {
        let counts = histogram.counts().iter().enumerate();
        let filled = counts.filter(|(_, count)| **count > 0);
        Bins(filled.map(|(bin, &count)| (bin, count as f64)).collect())
    }

    /// The sum of the square errors for a threshold.
    fn error(&self, width: f64, threshold: f64, levels: usize) -> f64 {
        let step = threshold / levels as f64;
        let error = self.0.iter().map(|&(bin, count)| {
            let x = (bin as f64 + 0.5) * width;
            let stored = (x / step).round().min(levels as f64) * step;
            count * (x - stored).powi(2)
        });
        error.sum()
    }
}
