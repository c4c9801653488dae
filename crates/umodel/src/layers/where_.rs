use super::broadcast_binary::broadcast;
use super::{Facts, one_top};
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Chooses between two blobs, element by element.
    ///
    /// # Shapes
    /// bottoms: condition, a, b, broadcast as in [`BroadcastBinary`](super::BroadcastBinary)
    ///
    /// # Formula
    /// `y = a` where the condition is not 0, else `y = b`
    ///
    /// # Source
    /// ONNX Where.
    Where;

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let &[condition, a, b] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(3), bottoms.len()));
        };
        one_top(tops, broadcast(condition, &broadcast(a, b)?)?)
    }
}
