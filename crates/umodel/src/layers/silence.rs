use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Reads blobs so that they are no outputs of the net.
    ///
    /// # Source
    /// BVLC Caffe, SilenceLayer.
    Silence;

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        match (bottoms.len(), tops) {
            (0, _) => Err(LayerError::BottomCount { expected: "1 or more", found: 0 }),
            (_, 0) => Ok(Vec::new()),
            (_, found) => Err(LayerError::TopCount { expected: "0", found }),
        }
    }
}
