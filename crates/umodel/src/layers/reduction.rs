use super::reduce::window;
use super::{Facts, Int8Form, LayerParam, Role, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, reduction_parameter::ReductionOp as ProtoOp};
use crate::quant::float::{Float, Fold, Step};

/// What a [`Reduction`] does with the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReductionOp {
    /// Their sum.
    Sum,
    /// The sum of their absolute values.
    SumOfAbsolutes,
    /// The sum of their squares.
    SumOfSquares,
    /// Their mean.
    Mean,
}

/// Reduces all axes from one on to a number.
///
/// # Shapes
/// bottom `[d0, ..., d(axis), ...]`, top `[d0, ..., d(axis − 1)]`.
///
/// # Source
/// BVLC Caffe, ReductionLayer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reduction {
    /// What is computed.
    pub operation: ReductionOp,
    /// The first axis that is reduced; negative counts from the end.
    pub axis: i32,
    /// Factor on the result.
    pub coeff: f32,
}

impl Reduction {
    /// For each axis of a bottom whether it is reduced.
    ///
    /// # Errors
    /// For an axis that the bottom does not have.
    pub fn reduced(&self, bottom: &[usize]) -> Result<Vec<bool>, LayerError> {
        let axis = canonical_axis("reduction_param.axis", self.axis, bottom.len())?;
        Ok((0..bottom.len()).map(|index| index >= axis).collect())
    }

    /// As [`Reduce::window`](super::Reduce::window).
    ///
    /// # Errors
    /// For an axis that the bottom does not have.
    pub fn window(&self, bottom: &[usize]) -> Result<Option<usize>, LayerError> {
        Ok(window(bottom, &self.reduced(bottom)?))
    }
}

impl LayerParam for Reduction {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.reduction_param;
        let operation = match p.operation() {
            ProtoOp::SUM => ReductionOp::Sum,
            ProtoOp::ASUM => ReductionOp::SumOfAbsolutes,
            ProtoOp::SUMSQ => ReductionOp::SumOfSquares,
            ProtoOp::MEAN => ReductionOp::Mean,
        };
        Ok(Reduction { operation, axis: p.axis(), coeff: p.coeff() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.reduction_param.mut_or_insert_default();
        p.set_operation(match self.operation {
            ReductionOp::Sum => ProtoOp::SUM,
            ReductionOp::SumOfAbsolutes => ProtoOp::ASUM,
            ReductionOp::SumOfSquares => ProtoOp::SUMSQ,
            ReductionOp::Mean => ProtoOp::MEAN,
        });
        p.axis = (self.axis != 0).then_some(self.axis);
        p.coeff = (self.coeff != 1.0).then_some(self.coeff);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let sums = matches!(self.operation, ReductionOp::Sum | ReductionOp::Mean);
        let int8 = match sums && self.coeff > 0.0 && self.coeff.is_finite() {
            true => Int8Form::Reduction(self),
            false => Int8Form::Float,
        };
        Facts { role: Role::Computes, int8 }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let reduced = self.reduced(float.bottoms.first()?).ok()?;
        let lengths = float.bottoms.first()?.iter().zip(&reduced);
        let count: usize = lengths.filter(|axis| *axis.1).map(|axis| *axis.0).product();
        let [coeff, share] = [self.coeff, self.coeff / count as f32];
        match self.operation {
            ReductionOp::Sum => float.reduced(&reduced, Fold::Sum, &|x| x, &|sum| sum * coeff),
            ReductionOp::Mean => float.reduced(&reduced, Fold::Sum, &|x| x, &|sum| sum * share),
            ReductionOp::SumOfAbsolutes => {
                float.reduced(&reduced, Fold::Sum, &|x| x.abs(), &|sum| sum * coeff)
            }
            ReductionOp::SumOfSquares => {
                float.reduced(&reduced, Fold::Sum, &|x| x * x, &|sum| sum * coeff)
            }
        }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let axis = canonical_axis("reduction_param.axis", self.axis, bottom.len())?;
        one_top(tops, bottom[..axis].to_vec())
    }
}
