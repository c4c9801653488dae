use super::{Erf, Facts, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

/// √(2 / π).
const GELU_FACTOR: f32 = 0.797_884_6;

layer! {
    /// Gaussian error linear unit, element by element.
    ///
    /// # Formula
    /// `y = x / 2 · (1 + erf(x / √2))`, or with `tanh`
    /// `y = x / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 · x³)))`
    ///
    /// # Source
    /// ONNX Gelu.
    Gelu from gelu_param {
        /// Whether the approximation by the hyperbolic tangent is meant.
        tanh: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(self.of(x))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| {
            let part = match self.tanh {
                true => ((x * x * x * 0.044_715 + x) * GELU_FACTOR).tanh(),
                false => (x * std::f32::consts::FRAC_1_SQRT_2).erf(),
            };
            x * 0.5 * (part + 1.0)
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}

impl Gelu {
    /// The function itself.
    pub fn of(&self, x: f64) -> f64 {
        let gate = match self.tanh {
            true => {
                let factor = (2.0 / std::f64::consts::PI).sqrt();
                (factor * (x + 0.044_715 * x * x * x)).tanh()
            }
            false => Erf::of(x * std::f64::consts::FRAC_1_SQRT_2),
        };
        0.5 * x * (1.0 + gate)
    }
}
