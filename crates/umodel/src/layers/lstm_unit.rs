use super::{Facts, mismatch};
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// One step of an LSTM.
    ///
    /// # Shapes
    /// cell `[1, N, D]`, gates `[1, N, 4·D]`, continuation `[1, N]`; tops: new cell and hidden state, both
    /// `[1, N, D]`.
    ///
    /// # Formula
    /// With the continuation k and D values each of the gates i, f, o, g: `c = k·σ(f)·c + σ(i)·tanh(g)`,
    /// `h = σ(o)·tanh(c)`.
    ///
    /// # Source
    /// BVLC Caffe, LSTMUnitLayer.
    LstmUnit;

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [cell, gates, continuation] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(3), bottoms.len()));
        };
        let (&[1, n, d], &[1, m, four], &[1, k]) = (*cell, *gates, *continuation) else {
            return Err(mismatch(cell, gates));
        };
        if [m, k, four] != [n, n, d.saturating_mul(4)] {
            return Err(mismatch(cell, gates));
        }
        if tops != 2 {
            return Err(LayerError::tops(Count::Exactly(2), tops));
        }
        Ok(vec![cell.to_vec(); 2])
    }
}
