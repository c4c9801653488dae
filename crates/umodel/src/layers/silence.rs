use super::Facts;
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Reads blobs so that they are no outputs of the net.
    ///
    /// # Source
    /// BVLC Caffe, SilenceLayer.
    Silence;

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn reads_shape_only(&self, _: usize) -> bool {
        true
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        match (bottoms.len(), tops) {
            (0, _) => Err(LayerError::bottoms(Count::AtLeast(1), 0)),
            (_, 0) => Ok(Vec::new()),
            (_, found) => Err(LayerError::tops(Count::Exactly(0), found)),
        }
    }
}
