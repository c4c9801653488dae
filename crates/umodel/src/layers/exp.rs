use super::{Facts, same_shape};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::quant::float::{Float, Step};

layer! {
    /// Exponential of a linear function.
    ///
    /// # Formula
    /// `y = base ^ (shift + scale · x)`; base −1 stands for e.
    ///
    /// # Source
    /// BVLC Caffe, ExpLayer.
    Exp from exp_param {
        /// The base; −1 is e.
        base: f32,
        /// Factor on the input.
        scale: f32,
        /// Added to the exponent.
        shift: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        check_base("exp_param.base", self.base)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        let base = if self.base == -1.0 { 1.0 } else { f64::from(self.base).ln() };
        Some(((f64::from(self.shift) + f64::from(self.scale) * x) * base).exp())
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let base = if self.base == -1.0 { 1.0 } else { self.base.ln() };
        let [scale, shift] = [self.scale * base, self.shift * base];
        float.map(|x| (x * scale + shift).exp())
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}

/// The base of an exponential or a logarithm: −1 for e, or positive.
pub(super) fn check_base(field: &'static str, base: f32) -> Result<(), LayerError> {
    if base == -1.0 || (base > 0.0 && base.is_finite()) {
        return Ok(());
    }
    Err(LayerError::bad(field, base, ValueError::Base))
}
