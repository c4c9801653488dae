//! Layers that go step by step over sequences: LSTM, LSTMUnit, RNN.

use umodel::layers::{Lstm, LstmUnit, Rnn};

use super::{Call, Work, fp32_only};
use crate::error::KernelError;
use crate::kernels::{Matrix, gemm_f32};
use crate::value::ViewMut;

fp32_only!(Lstm, LstmUnit, Rnn);

/// Caffe's order of operations.
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// One step of a cell: `gates` has i, f, o, g of D values each.
fn cell(continues: f32, gates: &[f32], before: &[f32], cell: &mut [f32], hidden: &mut [f32]) {
    let d = before.len();
    for k in 0..d {
        let [i, f, o] = [0, 1, 2].map(|gate| sigmoid(gates[gate * d + k]));
        // Also if the sigmoid is no number: nothing of another sequence may come through.
        let kept = if continues == 0.0 { 0.0 } else { continues * f * before[k] };
        let next = kept + i * gates[3 * d + k].tanh();
        cell[k] = next;
        hidden[k] = o * next.tanh();
    }
}

impl Work for LstmUnit {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let d = call.bottom_shape(0)[2];
        let (before, gates, continues) = (call.f32(0), call.f32(1), call.f32(2));
        let [ViewMut::F32(cells), ViewMut::F32(hidden)] = call.tops.as_mut_slice() else {
            return Ok(());
        };
        let tops = cells.chunks_exact_mut(d.max(1)).zip(hidden.chunks_exact_mut(d.max(1)));
        let bottoms = before.chunks_exact(d.max(1)).zip(gates.chunks_exact(4 * d.max(1)));
        for (((before, gates), (c, h)), &continues) in bottoms.zip(tops).zip(continues) {
            cell(continues, gates, before, c, h);
        }
        Ok(())
    }
}

/// A sequence: what all of its steps share.
struct Sequence<'a> {
    steps: usize,
    /// Sequences side by side.
    streams: usize,
    /// D.
    outputs: usize,
    /// For each step and stream, what a layer's gates get from x, the bias and the static input.
    gates: Vec<f32>,
    /// How many numbers that is.
    width: usize,
    /// Of each step and stream.
    continues: &'a [f32],
    /// What h is multiplied by, `[width, D]`.
    recurrent: &'a [f32],
}

impl<'a> Sequence<'a> {
    /// `width` gates of D values; `states` of the bottoms are states. Gives the next weight's index, too.
    fn new(call: &Call<'a>, width: usize, outputs: usize, states: usize) -> (Self, usize) {
        let shape = call.bottom_shape(0);
        let (steps, streams) = (shape[0], shape[1]);
        let inputs: usize = shape[2..].iter().product();
        let rows = steps * streams;
        let mut gates = vec![0.0; rows * width];
        let product = |rows, depth, x, weights, y: &mut [f32]| {
            let (x, weights) = (Matrix::rows(x, depth), Matrix::transposed(weights, depth));
            gemm_f32([rows, width, depth], x, weights, y);
        };
        product(rows, inputs, call.f32(0), call.weights(0), &mut gates);
        let bias = call.weights(1);
        for row in gates.chunks_exact_mut(width) {
            row.iter_mut().zip(bias).for_each(|(gate, bias)| *gate += bias);
        }
        let mut weight = 2;
        if call.bottoms.len() > 2 + states {
            let constants: usize = call.bottom_shape(2).iter().skip(1).product();
            let mut constant = vec![0.0; streams * width];
            product(streams, constants, call.f32(2), call.weights(weight), &mut constant);
            weight += 1;
            for step in gates.chunks_exact_mut((streams * width).max(1)) {
                step.iter_mut().zip(&constant).for_each(|(gate, value)| *gate += value);
            }
        }
        let (continues, recurrent) = (call.f32(1), call.weights(weight));
        let sequence = Sequence { steps, streams, outputs, gates, width, continues, recurrent };
        (sequence, weight + 1)
    }

    /// The continuations of a step.
    fn continues(&self, step: usize) -> &'a [f32] {
        &self.continues[step * self.streams..][..self.streams]
    }

    /// The gates of a step, with their part of the state before it.
    fn gates(&self, step: usize, hidden: &[f32]) -> Vec<f32> {
        let Sequence { streams, outputs, width, .. } = *self;
        let mut conted = hidden.to_vec();
        let rows = conted.chunks_exact_mut(outputs.max(1));
        for (row, &continues) in rows.zip(self.continues(step)) {
            row.iter_mut().for_each(|h| *h *= continues);
        }
        let mut gates = vec![0.0; streams * width];
        let weights = Matrix::transposed(self.recurrent, outputs);
        gemm_f32([streams, width, outputs], Matrix::rows(&conted, outputs), weights, &mut gates);
        let of_x = &self.gates[step * streams * width..][..streams * width];
        gates.iter_mut().zip(of_x).for_each(|(gate, x)| *gate += x);
        gates
    }
}

/// The states before the first step: the last bottoms, or zeros.
fn first_states<const N: usize>(call: &Call<'_>, exposed: bool, length: usize) -> [Vec<f32>; N] {
    let from = call.bottoms.len().saturating_sub(N);
    std::array::from_fn(|index| match exposed {
        true => call.f32(from + index).to_vec(),
        false => vec![0.0; length],
    })
}

/// Fills the top of all steps, and those of the last states if there are any.
fn fill(call: &mut Call<'_>, steps: &[f32], states: &[&[f32]]) {
    for (top, values) in call.tops.iter_mut().zip([&[steps], states].concat()) {
        if let ViewMut::F32(top) = top {
            top.copy_from_slice(values);
        }
    }
}

impl Work for Lstm {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let d = self.num_output;
        let (sequence, _) = Sequence::new(call, 4 * d, d, self.states());
        let length = sequence.streams * d;
        let [mut hidden, mut cells] = first_states(call, self.expose_hidden, length);
        let mut all = Vec::with_capacity(sequence.steps * length);
        for step in 0..sequence.steps {
            let gates = sequence.gates(step, &hidden);
            let before = cells.clone();
            let states = cells.chunks_exact_mut(d).zip(hidden.chunks_exact_mut(d));
            let given = gates.chunks_exact(4 * d).zip(before.chunks_exact(d));
            let streams = sequence.continues(step).iter().zip(states.zip(given));
            for (&continues, ((c, h), (gates, before))) in streams {
                cell(continues, gates, before, c, h);
            }
            all.extend_from_slice(&hidden);
        }
        fill(call, &all, &[&hidden, &cells]);
        Ok(())
    }
}

impl Work for Rnn {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let d = self.num_output;
        let (sequence, weight) = Sequence::new(call, d, d, self.states());
        let rows = sequence.streams;
        let (weights, bias) = (call.weights(weight), call.weights(weight + 1));
        let [mut hidden] = first_states(call, self.expose_hidden, rows * d);
        let mut all = vec![0.0; sequence.steps * rows * d];
        for (step, output) in all.chunks_exact_mut((rows * d).max(1)).enumerate() {
            hidden = sequence.gates(step, &hidden);
            hidden.iter_mut().for_each(|h| *h = h.tanh());
            let (h, weights) = (Matrix::rows(&hidden, d), Matrix::transposed(weights, d));
            gemm_f32([rows, d, d], h, weights, output);
            for row in output.chunks_exact_mut(d) {
                row.iter_mut().zip(bias).for_each(|(o, bias)| *o = (*o + bias).tanh());
            }
        }
        fill(call, &all, &[&hidden]);
        Ok(())
    }
}
