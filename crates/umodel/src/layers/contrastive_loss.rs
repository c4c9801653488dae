use super::{Facts, legacy, loss, mismatch};
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Contrastive loss of pairs.
    ///
    /// # Shapes
    /// two features `[N, C]` and whether they are alike, `[N]`; top a scalar.
    ///
    /// # Formula
    /// mean over N of `y·d² + (1 − y)·max(margin − d, 0)²`, halved; y is 1 where the number's whole part is not 0
    ///
    /// # Source
    /// BVLC Caffe, ContrastiveLossLayer.
    ContrastiveLoss from contrastive_loss_param {
        /// The distance beyond which unlike pairs cost nothing.
        margin: f32,
        /// Whether `margin − d²` stands for the squared difference.
        legacy_version: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [a, b, alike] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(3), bottoms.len()));
        };
        let [[_, c, ..], [_, other, ..], [_, one, ..]] = [legacy(a)?, legacy(b)?, legacy(alike)?];
        let flat = |shape: &[usize]| shape.iter().skip(2).all(|&size| size == 1);
        if c != other || one != 1 || ![a, b, alike].into_iter().all(|shape| flat(shape)) {
            return Err(mismatch(a, b));
        }
        loss(bottoms, tops)
    }
}
