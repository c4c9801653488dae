//! What recurrent layers have in common.

use super::{mismatch, product};
use crate::Shape;
use crate::error::{Count, LayerError};

/// The bottoms of a recurrent layer.
pub(super) struct Sequence {
    /// Steps and sequences side by side.
    size: [usize; 2],
    /// Values of x at each step.
    pub(super) inputs: usize,
    /// Values of the static input, if there is one.
    pub(super) constants: Option<usize>,
}

impl Sequence {
    pub(super) fn of(bottoms: &[&[usize]], states: usize) -> Result<Sequence, LayerError> {
        let [x, continuation, rest @ ..] = bottoms else {
            return Err(LayerError::bottoms(Count::AtLeast(2), bottoms.len()));
        };
        let &[t, n, ref inputs @ ..] = *x else {
            return Err(LayerError::AxisCount { expected: 2, found: x.to_vec() });
        };
        if *continuation != [t, n] {
            return Err(mismatch(&[t, n], continuation));
        }
        let constants = match rest.len().checked_sub(states) {
            Some(0) => None,
            Some(1) => Some(product(rest[0].get(1..).unwrap_or_default())),
            _ => return Err(LayerError::bottoms(Count::Sequence, bottoms.len())),
        };
        Ok(Sequence { size: [t, n], inputs: product(inputs), constants })
    }

    pub(super) fn tops(
        &self,
        outputs: usize,
        states: usize,
        tops: usize,
    ) -> Result<Vec<Shape>, LayerError> {
        if tops != 1 + states {
            return Err(LayerError::tops(Count::States, tops));
        }
        let [t, n] = self.size;
        let mut shapes = vec![vec![t, n, outputs]];
        shapes.resize(1 + states, vec![1, n, outputs]);
        Ok(shapes)
    }
}
