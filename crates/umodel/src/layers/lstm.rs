use super::recurrent::Sequence;
use super::{Facts, LayerParam, check_given, size, wire};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Long short-term memory over a sequence.
///
/// # Shapes
/// bottoms: x `[T, N, ...]`, continuation `[T, N]`, optionally a static input `[N, ...]`; top
/// `[T, N, num_output]`. With `expose_hidden` further bottoms and tops `[1, N, num_output]`: hidden and cell.
/// With I and S values of x and of the static input, and D = num_output, the weights are
/// `[4·D, I]`, `[4·D]`, with a static input `[4·D, S]`, `[4·D, D]`.
///
/// # Formula
/// At each step, with the continuation k of the sequence, the gates i, f, o, g are D rows each of
/// `Wx·x + b + Ws·static + Wh·(k·h)`; then `c = k·σ(f)·c + σ(i)·tanh(g)` and `h = σ(o)·tanh(c)`. Without `expose_hidden`
/// both states are zero before the first step of every pass.
///
/// # Source
/// BVLC Caffe, LSTMLayer; there, without `expose_hidden`, a pass goes on with the states of the pass before, which a
/// continuation of 0 at the first step hides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lstm {
    /// Length of the hidden state.
    pub num_output: usize,
    /// Whether the first and the last state are bottoms and tops.
    pub expose_hidden: bool,
}

impl LayerParam for Lstm {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.recurrent_param;
        Ok(Lstm { num_output: size(p.num_output()), expose_hidden: p.expose_hidden() })
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
        let gates = d.saturating_mul(4);
        let mut shapes = vec![vec![gates, sequence.inputs], vec![gates]];
        shapes.extend(sequence.constants.map(|constants| vec![gates, constants]));
        shapes.push(vec![gates, d]);
        Ok(shapes)
    }
}

impl Lstm {
    /// How many states there are as bottoms and tops.
    pub fn states(&self) -> usize {
        if self.expose_hidden { 2 } else { 0 }
    }
}
