use super::{Facts, Int8Form, LayerParam, Role, one_top, pair};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, broadcast_binary_parameter::Operation as ProtoOp};
use crate::quant::float::{Float, Step};

/// How the bottoms of a [`BroadcastBinary`] layer are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `a + b`
    Add,
    /// `a − b`
    Sub,
    /// `a · b`
    Mul,
    /// `a / b`
    Div,
    /// The larger one.
    Max,
    /// The smaller one.
    Min,
    /// `a` to the power of `b`.
    Pow,
}

/// Joins two bottoms element by element; axes of length 1 are repeated as often as needed.
///
/// # Shapes
/// Aligned at the last axis; missing axes in front have length 1. Axes of both bottoms have one length, or
/// one of them has 1; the top's is the other.
///
/// # Source
/// numpy's broadcasting, as in ONNX and TensorFlow. Constants come from a
/// [`Parameter`](super::Parameter) layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BroadcastBinary {
    /// What is computed.
    pub operation: BinaryOp,
}

impl LayerParam for BroadcastBinary {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let operation = match layer.broadcast_binary_param.operation() {
            ProtoOp::ADD => BinaryOp::Add,
            ProtoOp::SUB => BinaryOp::Sub,
            ProtoOp::MUL => BinaryOp::Mul,
            ProtoOp::DIV => BinaryOp::Div,
            ProtoOp::MAX => BinaryOp::Max,
            ProtoOp::MIN => BinaryOp::Min,
            ProtoOp::POW => BinaryOp::Pow,
        };
        Ok(BroadcastBinary { operation })
    }

    fn write(&self, layer: &mut LayerParameter) {
        layer.broadcast_binary_param.mut_or_insert_default().set_operation(match self.operation {
            BinaryOp::Add => ProtoOp::ADD,
            BinaryOp::Sub => ProtoOp::SUB,
            BinaryOp::Mul => ProtoOp::MUL,
            BinaryOp::Div => ProtoOp::DIV,
            BinaryOp::Max => ProtoOp::MAX,
            BinaryOp::Min => ProtoOp::MIN,
            BinaryOp::Pow => ProtoOp::POW,
        });
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = match self.operation {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Max | BinaryOp::Min => {
                Int8Form::Broadcast(self.operation)
            }
            BinaryOp::Div | BinaryOp::Pow => Int8Form::Float,
        };
        Facts { role: Role::Computes, int8 }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.combine(|bottoms| {
            let [a, b] = bottoms else { return None };
            Some(match self.operation {
                BinaryOp::Add => *a + *b,
                BinaryOp::Sub => *a - *b,
                BinaryOp::Mul => *a * *b,
                BinaryOp::Div => *a * b.inverse(),
                BinaryOp::Max => a.max(*b),
                BinaryOp::Min => a.min(*b),
                BinaryOp::Pow => return None,
            })
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [a, b] = pair(bottoms)?;
        one_top(tops, broadcast(a, b)?)
    }
}

/// The common shape of two blobs that are repeated along axes of length 1.
pub(super) fn broadcast(a: &[usize], b: &[usize]) -> Result<Shape, LayerError> {
    let axes = a.len().max(b.len());
    let at = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(axes).map_or(1, |axis| shape[axis])
    };
    (0..axes)
        .map(|axis| match (at(a, axis), at(b, axis)) {
            (a, b) if a == b || b == 1 => Ok(a),
            (1, b) => Ok(b),
            _ => Err(super::mismatch(a, b)),
        })
        .collect()
}
