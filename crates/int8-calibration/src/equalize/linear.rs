use umodel::layers::{Affine, Convolution, Role};
use umodel::{LayerOp, Weights};

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
    /// Of a layer with a bottom of this shape; none if its channels cannot be told apart.
    pub(crate) fn of(op: &LayerOp, weights: &Weights, bottom: &[usize]) -> Option<Linear> {
        let shape = weights.first()?.shape();
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
}
