use super::{Facts, one_top, pair};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Picks images by index.
    ///
    /// # Shapes
    /// bottoms `[N, ...]` and indices `[M]`, top `[M, ...]`.
    ///
    /// # Formula
    /// `y[m] = x[indices[m]]`
    ///
    /// # Source
    /// BVLC Caffe, BatchReindexLayer.
    BatchReindex;

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [data, indices] = pair(bottoms)?;
        let ([count], [_, rest @ ..]) = (indices, data) else {
            return Err(LayerError::AxisCount { expected: 1, found: indices.to_vec() });
        };
        one_top(tops, [&[*count], rest].concat())
    }
}
