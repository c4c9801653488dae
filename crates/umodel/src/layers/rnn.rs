use super::recurrent::Sequence;
use super::{Facts, LayerParam, check_given, size, wire};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// A simple recurrent net over a sequence.
///
/// # Shapes
/// bottoms: x `[T, N, ...]`, continuation `[T, N]`, optionally a static input `[N, ...]`; top
/// `[T, N, num_output]`. With `expose_hidden` further bottoms and tops `[1, N, num_output]`: hidden.
/// With I and S values of x and of the static input, and D = num_output, the weights are
/// `[D, I]`, `[D]`, with a static input `[D, S]`, `[D, D]`, `[D, D]`, `[D]`.
///
/// # Formula
/// At each step, with the continuation k of the sequence, `h = tanh(Wx·x + b + Ws·static + Wh·(k·h))`, the result
/// `tanh(Wo·h + bo)`. Without `expose_hidden` h is zero before the first step of every pass.
///
/// # Source
/// BVLC Caffe, RNNLayer; there, without `expose_hidden`, a pass goes on with the state of the pass before, which a
/// continuation of 0 at the first step hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rnn {
    /// Length of the hidden state.
    pub num_output: usize,
    /// Whether the first and the last state are bottoms and tops.
    pub expose_hidden: bool,
}

impl LayerParam for Rnn {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.recurrent_param;
        Ok(Rnn { num_output: size(p.num_output()), expose_hidden: p.expose_hidden() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.recurrent_param.mut_or_insert_default();
        p.set_num_output(wire(self.num_output));
        p.expose_hidden = self.expose_hidden.then_some(true);
    }

    fn check(&self) -> Result<(), LayerError> {
        check_given("recurrent_param.num_output", self.num_output)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let sequence = Sequence::of(bottoms, self.states())?;
        sequence.check_states(self.num_output, self.states(), bottoms)?;
        sequence.tops(self.num_output, self.states(), tops)
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let (sequence, d) = (Sequence::of(bottoms, self.states())?, self.num_output);
        let mut shapes = vec![vec![d, sequence.inputs], vec![d]];
        shapes.extend(sequence.constants.map(|constants| vec![d, constants]));
        shapes.extend([vec![d, d], vec![d, d], vec![d]]);
        Ok(shapes)
    }
}

impl Rnn {
    /// How many states there are as bottoms and tops.
    pub fn states(&self) -> usize {
        if self.expose_hidden { 1 } else { 0 }
    }
}
