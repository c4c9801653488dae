use super::exp::check_base;
use super::{Facts, same_shape};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::quant::float::{Float, Step};

layer! {
    /// Logarithm of a linear function.
    ///
    /// # Formula
    /// `y = log_base(shift + scale · x)`; base −1 stands for e.
    ///
    /// # Source
    /// BVLC Caffe, LogLayer.
    Log from log_param {
        /// The base; −1 is e.
        base: f32,
        /// Factor on the input.
        scale: f32,
        /// Added before the logarithm.
        shift: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        if self.base == 1.0 {
            return Err(LayerError::bad("log_param.base", self.base, ValueError::BaseOne));
        }
        check_base("log_param.base", self.base)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::VALUE
    }

    fn value(&self, x: f64) -> Option<f64> {
        let base = if self.base == -1.0 { 1.0 } else { f64::from(self.base).ln() };
        Some((f64::from(self.shift) + f64::from(self.scale) * x).ln() / base)
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let factor = if self.base == -1.0 { 1.0 } else { 1.0 / self.base.ln() };
        float.map(|x| (x * self.scale + self.shift).ln() * factor)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
