use super::{Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

layer! {
    /// The error function, element by element.
    ///
    /// # Formula
    /// `y = 2 / √π · ∫₀ˣ exp(−t²) dt`
    ///
    /// # Source
    /// ONNX Erf.
    Erf;

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(Erf::of(x))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| x.erf())
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}

impl Erf {
    /// The function itself, to about 12 digits: a series whose terms are all positive.
    pub fn of(x: f64) -> f64 {
        // Beyond, the result is 1 in fp32.
        if x.abs() > 4.0 {
            return x.signum();
        }
        // 2 / √π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2 n + 1))
        let (mut term, mut sum, mut odd) = (x, x, 1.0);
        while term.abs() > 1e-12 * sum.abs() {
            odd += 2.0;
            term *= 2.0 * x * x / odd;
            sum += term;
        }
        std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative 1e-9: values of the error function as Python's math.erf has them.
    #[test]
    fn the_error_function() {
        for (x, expected) in [
            (0.0, 0.0),
            (1e-3, 0.001_128_378_790_969_236_5),
            (0.5, 0.520_499_877_813_046_5),
            (-1.0, -0.842_700_792_949_714_9),
            (2.5, 0.999_593_047_982_555),
            (3.9, 0.999_999_965_207_751_4),
        ] {
            let found = Erf::of(x);
            assert!((found - expected).abs() <= 1e-9 * expected.abs(), "erf({x}) = {found}");
        }
        assert_eq!([Erf::of(9.0), Erf::of(f64::NEG_INFINITY)], [1.0, -1.0]);
        assert!(Erf::of(f64::NAN).is_nan());
    }
}
