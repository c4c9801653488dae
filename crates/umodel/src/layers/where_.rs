use super::broadcast_binary::broadcast;
use super::{Facts, one_top};
use crate::Shape;
use crate::error::{Count, LayerError};
use crate::quant::float::{Float, Step};

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

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.combine(|bottoms| {
            let [condition, a, b] = bottoms else { return None };
            let [mut ones, mut zeros] = [[0.0; 256]; 2];
            (ones[1], zeros[0]) = (f32::from_bits(u32::MAX), f32::from_bits(u32::MAX));
            let [yes, no] = [ones, zeros].map(|masks| condition.is_not_zero(&masks));
            Some(a.and_value(yes).or(b.and_value(no)))
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let &[condition, a, b] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(3), bottoms.len()));
        };
        one_top(tops, broadcast(condition, &broadcast(a, b)?)?)
    }
}
