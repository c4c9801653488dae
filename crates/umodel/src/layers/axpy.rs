use super::{legacy, mismatch, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Scales channels and adds.
    ///
    /// # Shapes
    /// a `[N, C]` (or with axes of 1 behind), x and b `[N, C, H, W]`, top as x.
    ///
    /// # Formula
    /// `y = a · x + b`, a by image and channel
    ///
    /// # Source
    /// SENet, AxpyLayer.
    Axpy;

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [scale, x, b] = bottoms else {
            return Err(LayerError::BottomCount { expected: "3", found: bottoms.len() });
        };
        if x != b {
            return Err(mismatch(x, b));
        }
        if x.len() < 2 || legacy(scale)? != [x[0], x[1], 1, 1] {
            return Err(mismatch(x, scale));
        }
        one_top(tops, x.to_vec())
    }
}
