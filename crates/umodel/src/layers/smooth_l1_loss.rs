use super::{Facts, legacy, loss};
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Huber loss.
    ///
    /// # Shapes
    /// two bottoms `[N, C, H, W]`, optionally inner and then outer weights of that shape; top a scalar.
    ///
    /// # Formula
    /// With d the difference of the first two, multiplied by the inner weights: the sum over all values, divided by
    /// N, of `0.5·(sigma·d)²` where |d| < 1/sigma², else `|d| − 0.5/sigma²`, each multiplied by the outer weights.
    ///
    /// # Source
    /// Fast R-CNN, SmoothL1LossLayer; the SSD fork has it without sigma and outer weights.
    SmoothL1Loss from smooth_l1_loss_param or 148 {
        /// Width of the quadratic part.
        sigma: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        if !(2..=4).contains(&bottoms.len()) {
            return Err(LayerError::bottoms(Count::Within(2, 4), bottoms.len()));
        }
        let expected = legacy(bottoms[0])?;
        for (index, other) in bottoms.iter().enumerate().skip(1) {
            if legacy(other)? != expected {
                let (expected, found) = (bottoms[0].to_vec(), other.to_vec());
                return Err(LayerError::BottomShape { index, expected, found });
            }
        }
        loss(bottoms, tops)
    }
}
