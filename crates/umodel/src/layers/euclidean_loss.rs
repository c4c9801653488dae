use super::{loss, mismatch, pair};
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

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [a, b] = pair(bottoms)?;
        if a.iter().skip(1).product::<usize>() != b.iter().skip(1).product::<usize>() {
            return Err(mismatch(a, b));
        }
        loss(bottoms, tops)
    }
}
