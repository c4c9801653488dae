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
            Some(1) => match *rest[0] {
                [m, ref values @ ..] if m == n => Some(product(values)),
                _ => {
                    let (expected, found) = (vec![n], rest[0].to_vec());
                    return Err(LayerError::BottomShape { index: 2, expected, found });
                }
            },
            _ => return Err(LayerError::bottoms(Count::Sequence, bottoms.len())),
        };
        Ok(Sequence { size: [t, n], inputs: product(inputs), constants })
    }

    /// Refuses states that are bottoms of other shapes than those that are tops.
    pub(super) fn check_states(
        &self,
        outputs: usize,
        states: usize,
        bottoms: &[&[usize]],
    ) -> Result<(), LayerError> {
        let expected = [1, self.size[1], outputs];
        let first = bottoms.len().saturating_sub(states);
        match bottoms.iter().enumerate().skip(first).find(|(_, state)| ***state != expected) {
            None => Ok(()),
            Some((index, state)) => {
                let (expected, found) = (expected.to_vec(), state.to_vec());
                Err(LayerError::BottomShape { index, expected, found })
            }
        }
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
