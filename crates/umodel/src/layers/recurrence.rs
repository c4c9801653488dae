use super::{Facts, LayerParam, check_given, macs_at, size, wire};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::LayerParameter;
use crate::proto::recurrence_parameter::{Cell as ProtoCell, Direction as ProtoDirection};

/// What a [`Recurrence`] computes at each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Long short-term memory.
    Lstm,
    /// A gated recurrent unit.
    Gru,
    /// A hyperbolic tangent.
    Tanh,
    /// A rectifier.
    Relu,
}

/// In which order a [`Recurrence`] goes through a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the first step on.
    Forward,
    /// From the last step on.
    Reverse,
    /// Both, each with its own weights.
    Both,
}

/// A recurrent layer over whole sequences.
///
/// # Shapes
/// With T steps, N sequences, I values a step, H = num_output, D directions and G gates (4 of an LSTM, 3 of a GRU, else
/// 1). Bottoms: x `[T, N, I]`; with `initial_state` h `[D, N, H]` and, of an LSTM, c `[D, N, H]`. Tops: y `[T, D, N, H]`;
/// with `final_cell`, of an LSTM only, the last c `[D, N, H]`. The last h is a part of y. Weights: W `[D, G·H, I]`,
/// R `[D, G·H, H]`; with `bias` `[D, 2·G·H]`, those of W, then those of R; with `peepholes`, of an LSTM only, P
/// `[D, 3·H]`.
///
/// # Formula
/// With `g = W_g x + B_g + R_g h + B'_g` for each gate g, σ the logistic function, products element by element. States
/// start at 0 if they are no bottoms.
///
/// * LSTM, gates i, o, f, c: `c' = σ(f + P_f c) c + σ(i + P_i c) tanh(c_gate)`, `h' = σ(o + P_o c') tanh(c')`; P has the
///   order i, o, f.
/// * GRU, gates z, r, h: `n = tanh(W_h x + B_h + R_h (σ(r) h) + B'_h)`, or, with `linear_before_reset`,
///   `n = tanh(W_h x + B_h + σ(r) (R_h h + B'_h))`; `h' = (1 − σ(z)) n + σ(z) h`
/// * Tanh, Relu: `h' = tanh(g)`, `h' = max(g, 0)`
///
/// # Source
/// ONNX LSTM, GRU and RNN with their default functions. [`Lstm`](super::Lstm) and [`Rnn`](super::Rnn) are Caffe's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recurrence {
    /// What is computed at each step.
    pub cell: Cell,
    /// In which order.
    pub direction: Direction,
    /// Length of the hidden state.
    pub num_output: usize,
    /// Whether there are biases.
    pub bias: bool,
    /// Whether the first states are bottoms.
    pub initial_state: bool,
    /// Whether an LSTM's last cell state is a top.
    pub final_cell: bool,
    /// Whether an LSTM's gates see its cell.
    pub peepholes: bool,
    /// Whether a GRU's reset gate is applied behind the matrix.
    pub linear_before_reset: bool,
}

impl Recurrence {
    /// How many directions there are.
    pub fn directions(&self) -> usize {
        if self.direction == Direction::Both { 2 } else { 1 }
    }

    /// How many gates a cell has.
    pub fn gates(&self) -> usize {
        match self.cell {
            Cell::Lstm => 4,
            Cell::Gru => 3,
            Cell::Tanh | Cell::Relu => 1,
        }
    }

    fn states(&self) -> usize {
        match (self.initial_state, self.cell) {
            (false, _) => 0,
            (true, Cell::Lstm) => 2,
            (true, _) => 1,
        }
    }

    /// T, N and I.
    fn sequence(&self, bottoms: &[&[usize]]) -> Result<[usize; 3], LayerError> {
        let expected = 1 + self.states();
        let [x, states @ ..] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(expected), 0));
        };
        if bottoms.len() != expected {
            return Err(LayerError::bottoms(Count::Exactly(expected), bottoms.len()));
        }
        let sequence = <[usize; 3]>::try_from(*x)
            .map_err(|_| LayerError::AxisCount { expected: 3, found: x.to_vec() })?;
        let expected = [self.directions(), sequence[1], self.num_output];
        match states.iter().position(|state| *state != expected) {
            Some(index) => {
                let (expected, found) = (expected.to_vec(), states[index].to_vec());
                Err(LayerError::BottomShape { index: index + 1, expected, found })
            }
            None => Ok(sequence),
        }
    }
}

impl LayerParam for Recurrence {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.recurrence_param;
        Ok(Recurrence {
            cell: match p.cell() {
                ProtoCell::LSTM => Cell::Lstm,
                ProtoCell::GRU => Cell::Gru,
                ProtoCell::TANH => Cell::Tanh,
                ProtoCell::RELU => Cell::Relu,
            },
            direction: match p.direction() {
                ProtoDirection::FORWARD => Direction::Forward,
                ProtoDirection::REVERSE => Direction::Reverse,
                ProtoDirection::BOTH => Direction::Both,
            },
            num_output: size(p.num_output()),
            bias: p.bias_term(),
            initial_state: p.initial_state(),
            final_cell: p.final_cell(),
            peepholes: p.peepholes(),
            linear_before_reset: p.linear_before_reset(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.recurrence_param.mut_or_insert_default();
        p.set_cell(match self.cell {
            Cell::Lstm => ProtoCell::LSTM,
            Cell::Gru => ProtoCell::GRU,
            Cell::Tanh => ProtoCell::TANH,
            Cell::Relu => ProtoCell::RELU,
        });
        p.set_direction(match self.direction {
            Direction::Forward => ProtoDirection::FORWARD,
            Direction::Reverse => ProtoDirection::REVERSE,
            Direction::Both => ProtoDirection::BOTH,
        });
        p.set_num_output(wire(self.num_output));
        p.bias_term = (!self.bias).then_some(false);
        p.initial_state = self.initial_state.then_some(true);
        p.final_cell = self.final_cell.then_some(true);
        p.peepholes = self.peepholes.then_some(true);
        p.linear_before_reset = self.linear_before_reset.then_some(true);
    }

    fn check(&self) -> Result<(), LayerError> {
        for (field, set, cell) in [
            ("recurrence_param.final_cell", self.final_cell, Cell::Lstm),
            ("recurrence_param.peepholes", self.peepholes, Cell::Lstm),
            ("recurrence_param.linear_before_reset", self.linear_before_reset, Cell::Gru),
        ] {
            if set && self.cell != cell {
                let reason = ValueError::Beside("this recurrence_param.cell");
                return Err(LayerError::bad(field, true, reason));
            }
        }
        check_given("recurrence_param.num_output", self.num_output)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [steps, sequences, _] = self.sequence(bottoms)?;
        let (directions, outputs) = (self.directions(), self.num_output);
        let mut shapes = vec![vec![steps, directions, sequences, outputs]];
        if self.final_cell {
            shapes.push(vec![directions, sequences, outputs]);
        }
        if tops != shapes.len() {
            return Err(LayerError::tops(Count::Exactly(shapes.len()), tops));
        }
        Ok(shapes)
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let [_, _, inputs] = self.sequence(bottoms)?;
        let (d, h) = (self.directions(), self.num_output);
        let gates = h.saturating_mul(self.gates());
        let mut shapes = vec![vec![d, gates, inputs], vec![d, gates, h]];
        if self.bias {
            shapes.push(vec![d, gates.saturating_mul(2)]);
        }
        if self.peepholes {
            shapes.push(vec![d, h.saturating_mul(3)]);
        }
        Ok(shapes)
    }

    fn macs(&self, bottoms: &[&[usize]], _: &[&[usize]]) -> u64 {
        let Ok([steps, sequences, inputs]) = self.sequence(bottoms) else { return 0 };
        let gates = self.num_output.saturating_mul(self.gates());
        let weights = vec![self.directions(), gates, inputs.saturating_add(self.num_output)];
        macs_at(&[steps, sequences], Ok(vec![weights]))
    }
}
