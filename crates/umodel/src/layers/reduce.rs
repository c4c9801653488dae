use super::{Facts, Int8Form, LayerParam, Role, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{LayerParameter, reduce_parameter::Operation as ProtoOp};
use crate::quant::float::{Float, Fold, Step};

/// What a [`Reduce`] layer does with the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReduceOp {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// Their product.
    Product,
    /// The sum of their squares.
    SumOfSquares,
    /// The sum of their absolute values.
    L1,
    /// The square root of the sum of their squares.
    L2,
}

/// Reduces any axes.
///
/// # Shapes
/// `axes` of the bottom become 1, or are left out without `keep_dims`.
///
/// # Source
/// ONNX's and TensorFlow's reductions; [`Reduction`](super::Reduction) is Caffe's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduce {
    /// What is computed.
    pub operation: ReduceOp,
    /// The axes that are reduced, none twice; negative ones count from the end. Without any, nothing is
    /// reduced.
    pub axes: Vec<i32>,
    /// Whether reduced axes stay, with length 1.
    pub keep_dims: bool,
}

impl Reduce {
    /// For each axis of a bottom whether it is reduced.
    ///
    /// # Errors
    /// For an axis that the bottom does not have, or that is given twice.
    pub fn reduced(&self, bottom: &[usize]) -> Result<Vec<bool>, LayerError> {
        let mut reduced = vec![false; bottom.len()];
        for &axis in &self.axes {
            let index = canonical_axis("reduce_param.axis", axis, bottom.len())?;
            if std::mem::replace(&mut reduced[index], true) {
                let axes = format_args!("{:?}", self.axes);
                return Err(LayerError::bad("reduce_param.axis", axes, ValueError::Twice(index)));
            }
        }
        Ok(reduced)
    }

    /// How many values become one in int8, if one pooling command of BM1684 computes that: images stay apart, and
    /// between axes that are reduced and axes that are not there are no more borders than the command has axes.
    ///
    /// # Errors
    /// As [`Reduce::reduced`].
    pub fn window(&self, bottom: &[usize]) -> Result<Option<usize>, LayerError> {
        Ok(window(bottom, &self.reduced(bottom)?))
    }
}

/// The number of values that one pooling command sums up or compares, if there is such a command.
pub(super) fn window(shape: &[usize], reduced: &[bool]) -> Option<usize> {
    let axes = || shape.iter().zip(reduced).filter(|(size, _)| **size != 1);
    let images = shape.first().is_some_and(|&images| images > 1);
    if shape.is_empty() || shape.contains(&0) || (images && reduced.first() == Some(&true)) {
        return None;
    }
    let mut kinds: Vec<bool> =
        axes().skip(usize::from(images)).map(|(_, &reduced)| reduced).collect();
    kinds.dedup();
    let count = axes().filter(|(_, reduced)| **reduced).map(|(&size, _)| size).product();
    // Channels, height and width.
    (kinds.len() <= 3).then_some(count)
}

impl LayerParam for Reduce {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.reduce_param;
        let operation = match p.operation() {
            ProtoOp::MEAN => ReduceOp::Mean,
            ProtoOp::SUM => ReduceOp::Sum,
            ProtoOp::MAX => ReduceOp::Max,
            ProtoOp::MIN => ReduceOp::Min,
            ProtoOp::PROD => ReduceOp::Product,
            ProtoOp::SUM_OF_SQUARES => ReduceOp::SumOfSquares,
            ProtoOp::L1 => ReduceOp::L1,
            ProtoOp::L2 => ReduceOp::L2,
        };
        Ok(Reduce { operation, axes: p.axis.clone(), keep_dims: p.keep_dims() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.reduce_param.mut_or_insert_default();
        p.set_operation(match self.operation {
            ReduceOp::Mean => ProtoOp::MEAN,
            ReduceOp::Sum => ProtoOp::SUM,
            ReduceOp::Max => ProtoOp::MAX,
            ReduceOp::Min => ProtoOp::MIN,
            ReduceOp::Product => ProtoOp::PROD,
            ReduceOp::SumOfSquares => ProtoOp::SUM_OF_SQUARES,
            ReduceOp::L1 => ProtoOp::L1,
            ReduceOp::L2 => ProtoOp::L2,
        });
        p.axis = self.axes.clone();
        p.keep_dims = (!self.keep_dims).then_some(false);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = match self.operation {
            ReduceOp::Mean | ReduceOp::Sum | ReduceOp::Max | ReduceOp::Min => {
                Int8Form::Reduce(self)
            }
            ReduceOp::Product | ReduceOp::SumOfSquares | ReduceOp::L1 | ReduceOp::L2 => {
                Int8Form::Float
            }
        };
        Facts { role: Role::Computes, int8 }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let reduced = self.reduced(float.bottoms.first()?).ok()?;
        let lengths = float.bottoms.first()?.iter().zip(&reduced);
        let count: usize = lengths.filter(|axis| *axis.1).map(|axis| *axis.0).product();
        let share = 1.0 / count as f32;
        match self.operation {
            ReduceOp::Sum => float.reduced(&reduced, Fold::Sum, &|x| x, &|sum| sum),
            ReduceOp::Mean => float.reduced(&reduced, Fold::Sum, &|x| x, &|sum| sum * share),
            ReduceOp::Max => float.reduced(&reduced, Fold::Max, &|x| x, &|most| most),
            ReduceOp::Min => float.reduced(&reduced, Fold::Min, &|x| x, &|least| least),
            ReduceOp::Product => float.reduced(&reduced, Fold::Product, &|x| x, &|product| product),
            ReduceOp::SumOfSquares => float.reduced(&reduced, Fold::Sum, &|x| x * x, &|sum| sum),
            ReduceOp::L1 => float.reduced(&reduced, Fold::Sum, &|x| x.abs(), &|sum| sum),
            ReduceOp::L2 => float.reduced(&reduced, Fold::Sum, &|x| x * x, &|sum| sum.sqrt()),
        }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let axes = bottom.iter().zip(self.reduced(bottom)?);
        let top = axes.filter_map(|(&size, reduced)| match (reduced, self.keep_dims) {
            (false, _) => Some(size),
            (true, keep) => keep.then_some(1),
        });
        one_top(tops, top.collect())
    }
}
