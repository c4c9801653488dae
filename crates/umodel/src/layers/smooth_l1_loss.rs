use super::{Facts, legacy, loss};
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Huber loss.
    ///
    /// # Shapes
    /// two bottoms `[N, C, H, W]`, optionally weights of that shape; top a scalar.
    ///
    /// # Formula
    /// mean over N of the sum of `0.5·(sigma·d)²` where |d| < 1/sigma², else `|d| − 0.5/sigma²`
    ///
    /// # Source
    /// Fast R-CNN, SmoothL1LossLayer; the SSD fork has it without sigma.
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
        if !(2..=3).contains(&bottoms.len()) {
            return Err(LayerError::bottoms(Count::Either(2, 3), bottoms.len()));
        }
        let [_, c, h, w] = legacy(bottoms[0])?;
        for (index, other) in bottoms.iter().enumerate().skip(1) {
            let [_, oc, oh, ow] = legacy(other)?;
            if [c, h, w] != [oc, oh, ow] {
                let (expected, found) = (bottoms[0].to_vec(), other.to_vec());
                return Err(LayerError::BottomShape { index, expected, found });
            }
        }
        loss(bottoms, tops)
    }
}
