//! Thresholds: the largest |x| that the integers shall represent.

mod aciq;
mod admm;
mod kl;
mod mse;
mod octav;
mod percentile;

use std::fmt;
use std::str::FromStr;

pub use aciq::Shape;

use crate::error::Error;
use crate::histogram::Histogram;
use kl::Measure;

/// How a blob's threshold follows from its distribution. None is larger than the largest |x|.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The clipping that loses the least information, by Kullback-Leibler divergence.
    Kl,
    /// Likewise, by the divergences of both directions.
    SymmetricKl,
    /// Likewise, by Jensen-Shannon divergence.
    JensenShannon,
    /// The scale whose integers fit the values best, by alternating projections.
    Admm,
    /// The smallest mean square error for values distributed in this way.
    Aciq(Shape),
    /// The largest |x|: nothing is clipped.
    Max,
    /// This many billionths of all values are not clipped.
    Percentile(u32),
    /// The smallest mean square error. Other methods clip more, and lose detectors' boxes by it, or nothing, and lose
    /// steps to a few outliers.
    #[default]
    Mse,
    /// The smallest mean square error, if rounding errors are spread evenly.
    Octav,
    /// In a calibration: for each blob, and those that share its scale, whichever of MSE, MAX, OCTAV, PERCENTILE9999 and KL
    /// makes the outputs of the int8 net best, see [`Options::search_time`](crate::Options::search_time). As MSE otherwise.
    Auto,
}

/// All of one.
const BILLION: u32 = 1_000_000_000;

impl Method {
    /// The names that [`Method::from_str`] takes; `PERCENTILE` with the digits behind a `0.`, as `PERCENTILE9999`.
    pub const NAMES: [&'static str; 11] = [
        "KL",
        "SYMKL",
        "JSD",
        "ADMM",
        "ACIQ_GAUSS",
        "ACIQ_LAPLACE",
        "MAX",
        "PERCENTILE9999",
        "MSE",
        "OCTAV",
        "AUTO",
    ];

    /// The method of entropy that goes with this one: itself, or KL.
    pub(crate) fn entropy(self) -> Method {
        match self {
            Method::Kl | Method::SymmetricKl | Method::JensenShannon => self,
            Method::Admm
            | Method::Aciq(_)
            | Method::Max
            | Method::Percentile(_)
            | Method::Mse
            | Method::Octav
            | Method::Auto => Method::Kl,
        }
    }

    /// The threshold of one blob, positive. `levels` is the number of steps from 0 to it: 127 for
    /// signed, 255 for unsigned integers.
    pub fn threshold(self, histogram: &Histogram, levels: usize) -> f32 {
        let maximum = histogram.absolute_maximum();
        let threshold = match self {
            Method::Max => maximum,
            Method::Kl => kl::threshold(histogram, levels, Measure::Kl),
            Method::SymmetricKl => kl::threshold(histogram, levels, Measure::Symmetric),
            Method::JensenShannon => kl::threshold(histogram, levels, Measure::JensenShannon),
            Method::Admm => admm::threshold(histogram, levels),
            Method::Aciq(shape) => aciq::threshold(histogram, levels, shape),
            Method::Percentile(share) => {
                percentile::threshold(histogram, f64::from(share) / f64::from(BILLION))
            }
            Method::Mse | Method::Auto => mse::threshold(histogram, levels),
            Method::Octav => octav::threshold(histogram, levels),
        };
        let threshold = threshold.min(maximum);
        // A blob that is always zero can have any scale.
        if threshold.is_normal() { threshold } else { 1.0 }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "thresholds are fp32")]
fn narrow(value: f64) -> f32 {
    value as f32
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let unknown = || Error::Method { name: name.to_owned() };
        Ok(match name {
            "KL" => Method::Kl,
            "SYMKL" => Method::SymmetricKl,
            "JSD" => Method::JensenShannon,
            "ADMM" => Method::Admm,
            "ACIQ_GAUSS" => Method::Aciq(Shape::Gauss),
            "ACIQ_LAPLACE" => Method::Aciq(Shape::Laplace),
            "MAX" => Method::Max,
            "MSE" => Method::Mse,
            "OCTAV" => Method::Octav,
            "AUTO" => Method::Auto,
            _ => {
                let digits = name.strip_prefix("PERCENTILE").ok_or_else(unknown)?;
                let known = matches!(digits.len(), 1..=9)
                    && digits.bytes().all(|digit| digit.is_ascii_digit());
                let share: u32 = format!("{digits:0<9}").parse().map_err(|_| unknown())?;
                if !known || share == 0 {
                    return Err(unknown());
                }
                Method::Percentile(share)
            }
        })
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::Kl => "KL",
            Method::SymmetricKl => "SYMKL",
            Method::JensenShannon => "JSD",
            Method::Admm => "ADMM",
            Method::Aciq(Shape::Gauss) => "ACIQ_GAUSS",
            Method::Aciq(Shape::Laplace) => "ACIQ_LAPLACE",
            Method::Max => "MAX",
            Method::Mse => "MSE",
            Method::Octav => "OCTAV",
            Method::Auto => "AUTO",
            Method::Percentile(share) => {
                let digits = format!("{share:09}");
                return write!(f, "PERCENTILE{}", digits.trim_end_matches('0'));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of a bell of width 1, by the logistic quantile, and zeros.
    #[expect(clippy::cast_possible_truncation, reason = "values are fp32")]
    fn bell(more: &[f32]) -> Histogram {
        let mut values: Vec<f32> = (0..50_000)
            .map(|i| {
                let u = (f64::from(i) + 0.5) / 50_000.0;
                ((u / (1.0 - u)).ln() * 0.55) as f32
            })
            .collect();
        values.extend_from_slice(more);
        let mut histogram = Histogram::default();
        histogram.add(&values);
        histogram
    }

    fn error(values: &[f32], threshold: f32) -> f64 {
        let step = f64::from(threshold) / 127.0;
        let error = |&x: &f32| {
            let x = f64::from(x.abs());
            (x - (x / step).round().min(127.0) * step).powi(2)
        };
        values.iter().map(error).sum()
    }

    #[test]
    fn names_are_read_and_written() {
        for name in Method::NAMES.into_iter().chain(["PERCENTILE999", "PERCENTILE5"]) {
            assert_eq!(name.parse::<Method>().expect(name).to_string(), name);
        }
        for name in
            ["", "kl", "PERCENTILE", "PERCENTILE0", "PERCENTILE99.9", "PERCENTILE1234567890"]
        {
            assert!(name.parse::<Method>().is_err(), "{name}");
        }
    }

    /// Statistical: what no method may do to a bell, and what all but MAX do to one value far outside.
    #[test]
    fn thresholds_of_a_bell() {
        let (plain, outlier) = (bell(&[]), bell(&[60.0]));
        for name in Method::NAMES {
            let method: Method = name.parse().expect("a name");
            let threshold = method.threshold(&plain, 127);
            assert!((1.5..=plain.absolute_maximum()).contains(&threshold), "{name}: {threshold}");
            let clipped = method.threshold(&outlier, 127);
            if method == Method::Max {
                assert_eq!(clipped, 60.0);
            } else {
                assert!(clipped < 55.0, "{name}: {clipped}");
            }
        }
    }

    /// Statistical: the three that look for the smallest square error find one near that of the best of many thresholds.
    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "values are fp32")]
    fn square_errors_are_small() {
        let values: Vec<f32> =
            (0..20_000).map(|i| (-(1.0 - (f64::from(i) + 0.5) / 20_000.0).ln()) as f32).collect();
        let mut histogram = Histogram::default();
        histogram.add(&values);
        let best = (1..400).map(|i| error(&values, i as f32 * 0.03)).fold(f64::INFINITY, f64::min);
        for method in [Method::Mse, Method::Octav, Method::Admm, Method::Aciq(Shape::Laplace)] {
            let found = error(&values, method.threshold(&histogram, 127));
            assert!(found < best * 1.3, "{method}: {found} {best}");
        }
    }

    /// Exact, to a bin: 1,000 values from 1 to 1,000 and as many zeros.
    #[test]
    fn percentiles_count_zeros() {
        let mut histogram = Histogram::default();
        histogram.add(&(1..=1000).map(|i| i as f32).collect::<Vec<f32>>());
        histogram.add(&[0.0; 1000]);
        let found = |name: &str| name.parse::<Method>().expect("a name").threshold(&histogram, 127);
        assert!((found("PERCENTILE75") - 500.0).abs() < 1.0);
        assert!((found("PERCENTILE9") - 800.0).abs() < 1.0);
    }
}
