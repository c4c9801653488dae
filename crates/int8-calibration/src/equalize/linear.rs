use std::ops::Range;
use std::sync::Arc;

use ndarray::ArrayD;
use umodel::LayerOp;
use umodel::layers::{Affine, Convolution, Role};

/// Which channels each weight of a layer that multiplies by weights belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Linear {
    kind: Kind,
    /// How many values of the first weight share an index of axis 0, and of axes 0 and 1.
    inner: [usize; 2],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// `[outputs, inputs of a group, …]`, how many outputs and inputs a group has.
    Outputs { group: [usize; 2] },
    /// `[inputs, outputs of a group, …]`, likewise.
    Inputs { group: [usize; 2] },
    /// `[outputs, channels · positions]`, how many positions there are.
    Matrix { positions: usize },
    /// `[channels · positions, outputs]`.
    Turned { positions: usize },
    /// `[channels]`.
    Each,
}

impl Linear {
    /// Of a layer whose first weight and bottom have these shapes; none if its channels cannot be told apart.
    pub(crate) fn of(op: &LayerOp, shape: &[usize], bottom: &[usize]) -> Option<Linear> {
        let after = |axes: usize| shape.iter().skip(axes).product::<usize>();
        let &channels = bottom.get(1)?;
        let linear = |kind| Some(Linear { kind, inner: [after(1).max(1), after(2).max(1)] });
        let convolution = |p: &Convolution| {
            let group = [p.num_output / p.group, channels / p.group];
            linear(Kind::Outputs { group })
        };
        match op {
            LayerOp::Convolution(p) => convolution(p),
            LayerOp::ConvolutionDepthwise(p) => convolution(&p.convolution),
            LayerOp::DepthwiseConvolution(p) => convolution(&p.convolution),
            LayerOp::Deconvolution(p) => {
                let p = &p.convolution;
                let group = [p.num_output / p.group, channels / p.group];
                linear(Kind::Inputs { group })
            }
            LayerOp::InnerProduct(p) => {
                let Role::Linear { .. } = op.role() else { return None };
                let positions = bottom.iter().skip(2).product();
                let kind = if p.transpose {
                    Kind::Turned { positions }
                } else {
                    Kind::Matrix { positions }
                };
                linear(kind)
            }
            op => match op.role() {
                Role::Affine(Affine::Learnt { axis: 1, num_axes: 1, factor: true, .. }) => {
                    linear(Kind::Each)
                }
                _ => None,
            },
        }
    }

    /// How many outputs and inputs belong together, if not all do.
    pub(super) fn group(&self) -> Option<[usize; 2]> {
        match self.kind {
            Kind::Outputs { group } | Kind::Inputs { group } => Some(group),
            Kind::Each => Some([1, 1]),
            Kind::Matrix { .. } | Kind::Turned { .. } => None,
        }
    }

    /// The place of the weight that has these channels and the position of the weight at `place`.
    pub(super) fn moved(&self, place: usize, output: usize, input: usize) -> usize {
        let [first, second] = self.inner;
        let at = |row: usize, column: usize| row * first + column * second + place % second;
        match self.kind {
            Kind::Outputs { group: [_, inputs] } => at(output, input % inputs),
            Kind::Inputs { group: [outputs, _] } => at(input, output % outputs),
            Kind::Matrix { positions } => {
                at(output, input * positions + place % first / second % positions)
            }
            Kind::Turned { positions } => at(input * positions + place / first % positions, output),
            Kind::Each => output,
        }
    }

    /// The output and the input channel of the weight at this place.
    pub(crate) fn channels(&self, place: usize) -> (usize, usize) {
        let [first, second] = self.inner;
        let (row, column) = (place / first, place % first / second);
        match self.kind {
            Kind::Outputs { group: [outputs, inputs] } => (row, row / outputs * inputs + column),
            Kind::Inputs { group: [outputs, inputs] } => (row / inputs * outputs + column, row),
            Kind::Matrix { positions } => (row, column / positions),
            Kind::Turned { positions } => (column, row / positions),
            Kind::Each => (row, row),
        }
    }

    /// The largest weights of so many outputs, each with so many inputs or with those of its group.
    pub(super) fn largest(&self, weights: &[f32], outputs: usize, inputs: usize) -> Largest {
        let group = self.group().unwrap_or([outputs, inputs]);
        let mut values = vec![0f32; outputs * group[1]];
        for (place, weight) in weights.iter().enumerate() {
            let (output, input) = self.channels(place);
            let value = &mut values[output * group[1] + input % group[1]];
            *value = value.max(weight.abs());
        }
        let taps = weights.len() / values.len().max(1);
        Largest { group, values, taps }
    }

    /// The weights and the bias for other channels of bottom and top.
    pub(super) fn rewritten(
        &self,
        weights: &[Arc<ArrayD<f32>>],
        bottom: &[Stored],
        top: &[Stored],
    ) -> Vec<ArrayD<f32>> {
        let mut rewritten: Vec<ArrayD<f32>> =
            weights.iter().map(|blob| blob.as_ref().clone()).collect();
        if let (Some(new), Some(old)) = (rewritten.first_mut(), weights.first()) {
            let old: Vec<f32> = old.iter().copied().collect();
            for (place, value) in new.iter_mut().enumerate() {
                let (output, input) = self.channels(place);
                let (output, input) = (&top[output], &bottom[input]);
                let old = old[self.moved(place, output.channel, input.channel)];
                *value = narrow(f64::from(old) * input.factor / output.factor);
            }
        }
        if let (Some(new), Some(old)) = (rewritten.get_mut(1), weights.get(1)) {
            let old: Vec<f32> = old.iter().copied().collect();
            for (value, output) in new.iter_mut().zip(top) {
                *value = narrow(f64::from(old[output.channel]) / output.factor);
            }
        }
        rewritten
    }
}

/// The largest absolute weight between any two channels.
#[derive(Clone, Debug)]
pub(super) struct Largest {
    /// How many outputs and inputs belong together.
    group: [usize; 2],
    /// For each output those of the inputs of its group.
    values: Vec<f32>,
    /// How many weights each two channels have.
    pub(super) taps: usize,
}

impl Largest {
    /// The inputs of an output, and the largest weight of each.
    pub(super) fn of(&self, output: usize) -> (Range<usize>, &[f32]) {
        let [outputs, inputs] = self.group;
        let first = output / outputs * inputs;
        (first..first + inputs, &self.values[output * inputs..][..inputs])
    }
}

/// A channel as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    /// The channel that it was before.
    pub(super) channel: usize,
    /// What its values are divided by.
    pub(super) factor: f64,
}

#[expect(clippy::cast_possible_truncation, reason = "weights are fp32")]
pub(super) fn narrow(value: f64) -> f32 {
    value as f32
}
