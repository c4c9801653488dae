use super::{Facts, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Running sums along an axis.
    ///
    /// # Shapes
    /// top as the bottom
    ///
    /// # Formula
    /// `y[k] = x[0] + … + x[k]`; `exclusive` leaves out `x[k]`, `reverse` begins at the end.
    ///
    /// # Source
    /// ONNX CumSum.
    CumSum from cum_sum_param {
        /// The axis; negative counts from the end.
        axis: i32,
        /// Whether a sum leaves out the value at its own place.
        exclusive: bool,
        /// Whether sums begin at the end.
        reverse: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        canonical_axis("cum_sum_param.axis", self.axis, bottom.len())?;
        one_top(tops, bottom.to_vec())
    }
}
