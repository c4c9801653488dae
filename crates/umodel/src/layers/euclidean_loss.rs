use super::{Facts, loss, mismatch, pair, product};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Half the mean squared distance.
    ///
    /// # Shapes
    /// bottoms `[N, ...]` of equally many values, top a scalar.
    ///
    /// # Formula
    /// `Σ (a − b)² / (2 N)`
    ///
    /// # Source
    /// BVLC Caffe, EuclideanLossLayer.
    EuclideanLoss;

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [a, b] = pair(bottoms)?;
        let values = |shape: &[usize]| product(shape.get(1..).unwrap_or_default());
        if values(a) != values(b) {
            return Err(mismatch(a, b));
        }
        loss(bottoms, tops)
    }
}
