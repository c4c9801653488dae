use umodel::layers::{Cell, Direction, Recurrence};

use super::{Call, Work, f32_top, fp32_only};
use crate::error::KernelError;
use crate::kernels::{Matrix, gemm_f32};
use crate::value::ViewMut;

fp32_only!(Recurrence);

fn logistic(x: f32) -> f32 {
    0.5 * (0.5 * x).tanh() + 0.5
}

/// The weights of one direction.
struct Weights<'a> {
    /// H, and the rows of all gates together.
    h: usize,
    rows: usize,
    w: &'a [f32],
    r: &'a [f32],
    /// Those of W, then those of R; empty without.
    bias: &'a [f32],
    /// Empty without.
    peepholes: &'a [f32],
}

/// What a direction knows at a step, and buffers; a row for each sequence.
struct State<'a> {
    hidden: &'a mut [f32],
    cell: &'a mut [f32],
    /// What the hidden state gives to the gates.
    from_h: &'a mut [f32],
    /// A GRU's hidden state behind its reset gate.
    reset: &'a mut [f32],
}

impl Weights<'_> {
    /// What x gives to the gates at every step, with all biases that are only added.
    fn of_inputs(&self, layer: &Recurrence, x: &[f32], inputs: usize, from_x: &mut [f32]) {
        let steps = from_x.len() / self.rows;
        let columns = Matrix::transposed(self.w, inputs);
        gemm_f32([steps, self.rows, inputs], Matrix::rows(x, inputs), columns, from_x);
        if self.bias.is_empty() {
            return;
        }
        // A reset gate behind the matrix is applied to the second bias, too.
        let added = if layer.linear_before_reset { 2 * self.h } else { self.rows };
        let (of_w, of_r) = self.bias.split_at(self.rows);
        for row in from_x.chunks_exact_mut(self.rows) {
            row.iter_mut().zip(of_w).for_each(|(y, b)| *y += b);
            row.iter_mut().zip(&of_r[..added]).for_each(|(y, b)| *y += b);
        }
    }

    /// `rows · R'` for some rows of R.
    fn times_r(&self, rows: &[f32], [from, to]: [usize; 2], top: &mut [f32]) {
        let r = &self.r[from * self.h..to * self.h];
        let size = [rows.len() / self.h, to - from, self.h];
        gemm_f32(size, Matrix::rows(rows, self.h), Matrix::transposed(r, self.h), top);
    }

    fn simple(&self, state: &mut State<'_>, x: &[f32], function: fn(f32) -> f32) {
        self.times_r(state.hidden, [0, self.rows], state.from_h);
        let gates = x.iter().zip(&*state.from_h);
        state.hidden.iter_mut().zip(gates).for_each(|(h, (x, y))| *h = function(x + y));
    }

    fn lstm(&self, state: &mut State<'_>, x: &[f32]) {
        let h = self.h;
        self.times_r(state.hidden, [0, self.rows], state.from_h);
        let peephole = |gate: usize, k: usize| self.peepholes.get(gate * h + k).unwrap_or(&0.0);
        for (index, (hidden, cell)) in state.hidden.iter_mut().zip(&mut *state.cell).enumerate() {
            let (row, k) = (index / h * self.rows, index % h);
            let gate = |gate: usize| {
                let place = row + gate * h + k;
                x[place] + state.from_h[place]
            };
            let input = logistic(gate(0) + peephole(0, k) * *cell);
            let forget = logistic(gate(2) + peephole(2, k) * *cell);
            *cell = forget * *cell + input * gate(3).tanh();
            *hidden = logistic(gate(1) + peephole(1, k) * *cell) * cell.tanh();
        }
    }

    fn gru(&self, state: &mut State<'_>, x: &[f32], linear_before_reset: bool) {
        let h = self.h;
        let (gates, last) = state.from_h.split_at_mut(2 * state.hidden.len());
        self.times_r(state.hidden, [0, 2 * h], gates);
        // Both gates, in the place of what the hidden state gives to them.
        for (gates, x) in gates.chunks_exact_mut(2 * h).zip(x.chunks_exact(self.rows)) {
            gates.iter_mut().zip(x).for_each(|(gate, x)| *gate = logistic(*gate + x));
        }
        let reset = |index: usize| gates[index / h * 2 * h + h + index % h];
        let operand: &[f32] = if linear_before_reset {
            state.hidden
        } else {
            let values = state.reset.iter_mut().zip(&*state.hidden).enumerate();
            values.for_each(|(index, (r, hidden))| *r = reset(index) * hidden);
            state.reset
        };
        self.times_r(operand, [2 * h, 3 * h], last);
        let late = self.bias.get(self.rows + 2 * h..).unwrap_or_default();
        for (index, (hidden, last)) in state.hidden.iter_mut().zip(&*last).enumerate() {
            let (row, k) = (index / h, index % h);
            let seen = match linear_before_reset {
                true => reset(index) * (last + late.get(k).unwrap_or(&0.0)),
                false => *last,
            };
            let new = (x[row * self.rows + 2 * h + k] + seen).tanh();
            let update = gates[row * 2 * h + k];
            *hidden = (1.0 - update) * new + update * *hidden;
        }
    }
}

impl Work for Recurrence {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (&[steps, n, inputs], h) = (call.bottom_shape(0), self.num_output) else {
            return Ok(());
        };
        let (rows, size) = (self.gates() * h, n * h);
        let initial = |index: usize| self.initial_state.then(|| call.f32(index));
        let is_lstm = self.cell == Cell::Lstm;
        let first = [initial(1), if is_lstm { initial(2) } else { None }];
        let x = call.f32(0);
        let weights = |index: usize, has: bool, direction: usize, length: usize| -> &[f32] {
            if has { &call.weights(index)[direction * length..][..length] } else { &[] }
        };
        let place = 2 + usize::from(self.bias);
        let all: Vec<Weights<'_>> = (0..self.directions())
            .map(|direction| Weights {
                h,
                rows,
                w: weights(0, true, direction, rows * inputs),
                r: weights(1, true, direction, rows * h),
                bias: weights(2, self.bias, direction, 2 * rows),
                peepholes: weights(place, self.peepholes, direction, 3 * h),
            })
            .collect();
        let floats = &mut call.scratch.floats;
        floats.clear();
        floats.resize((steps + 1) * n * rows + 3 * size, 0.0);
        let (from_x, rest) = floats.split_at_mut(steps * n * rows);
        let (from_h, rest) = rest.split_at_mut(n * rows);
        let (hidden, rest) = rest.split_at_mut(size);
        let (cell, reset) = rest.split_at_mut(size);
        let (y, last) = call.tops.split_at_mut(1);
        let y = f32_top(y);
        let mut state = State { hidden, cell, from_h, reset };
        for (direction, weights) in all.iter().enumerate() {
            weights.of_inputs(self, x, inputs, from_x);
            for (values, first) in [&mut *state.hidden, &mut *state.cell].into_iter().zip(first) {
                match first {
                    Some(first) => values.copy_from_slice(&first[direction * size..][..size]),
                    None => values.fill(0.0),
                }
            }
            let backwards = self.direction == Direction::Reverse || direction == 1;
            for step in 0..steps {
                let at = if backwards { steps - 1 - step } else { step };
                let x = &from_x[at * n * rows..][..n * rows];
                match self.cell {
                    Cell::Tanh => weights.simple(&mut state, x, f32::tanh),
                    Cell::Relu => weights.simple(&mut state, x, |x| x.max(0.0)),
                    Cell::Lstm => weights.lstm(&mut state, x),
                    Cell::Gru => weights.gru(&mut state, x, self.linear_before_reset),
                }
                let place = (at * self.directions() + direction) * size;
                y[place..][..size].copy_from_slice(state.hidden);
            }
            if let Some(ViewMut::F32(last)) = last.first_mut() {
                last[direction * size..][..size].copy_from_slice(state.cell);
            }
        }
        Ok(())
    }
}
