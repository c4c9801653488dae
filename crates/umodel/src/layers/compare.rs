use super::broadcast_binary::broadcast;
use super::{Facts, LayerParam, one_top, pair};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, compare_parameter::Operation as ProtoOp};
use crate::quant::float::{Float, Step};

/// What a [`Compare`] layer asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `a = b`
    Equal,
    /// `a < b`
    Less,
    /// `a ≤ b`
    LessOrEqual,
    /// `a > b`
    Greater,
    /// `a ≥ b`
    GreaterOrEqual,
    /// Neither is 0.
    And,
    /// One is not 0.
    Or,
    /// Exactly one is not 0.
    Xor,
}

/// Compares two bottoms element by element.
///
/// # Shapes
/// as those of [`BroadcastBinary`](super::BroadcastBinary)
///
/// # Formula
/// `y = 1` where it holds, else `y = 0`. A NaN is neither less, equal nor greater.
///
/// # Source
/// ONNX Equal, Less, And and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compare {
    /// What is asked.
    pub operation: CompareOp,
}

impl LayerParam for Compare {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let operation = match layer.compare_param.operation() {
            ProtoOp::EQUAL => CompareOp::Equal,
            ProtoOp::LESS => CompareOp::Less,
            ProtoOp::LESS_OR_EQUAL => CompareOp::LessOrEqual,
            ProtoOp::GREATER => CompareOp::Greater,
            ProtoOp::GREATER_OR_EQUAL => CompareOp::GreaterOrEqual,
            ProtoOp::AND => CompareOp::And,
            ProtoOp::OR => CompareOp::Or,
            ProtoOp::XOR => CompareOp::Xor,
        };
        Ok(Compare { operation })
    }

    fn write(&self, layer: &mut LayerParameter) {
        layer.compare_param.mut_or_insert_default().set_operation(match self.operation {
            CompareOp::Equal => ProtoOp::EQUAL,
            CompareOp::Less => ProtoOp::LESS,
            CompareOp::LessOrEqual => ProtoOp::LESS_OR_EQUAL,
            CompareOp::Greater => ProtoOp::GREATER,
            CompareOp::GreaterOrEqual => ProtoOp::GREATER_OR_EQUAL,
            CompareOp::And => ProtoOp::AND,
            CompareOp::Or => ProtoOp::OR,
            CompareOp::Xor => ProtoOp::XOR,
        });
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.combine(|bottoms| {
            let [a, b] = bottoms else { return None };
            let (a, b) = (*a, *b);
            let differs = || (a - b).abs().is_positive();
            Some(match self.operation {
                CompareOp::Equal => differs() * -1.0 + 1.0,
                CompareOp::Less => (b - a).is_positive(),
                CompareOp::LessOrEqual => (a - b).is_positive() * -1.0 + 1.0,
                CompareOp::Greater => (a - b).is_positive(),
                CompareOp::GreaterOrEqual => (b - a).is_positive() * -1.0 + 1.0,
                CompareOp::And => a.abs().is_positive() * b.abs().is_positive(),
                CompareOp::Or => a.abs().is_positive().max(b.abs().is_positive()),
                CompareOp::Xor => (a.abs().is_positive() - b.abs().is_positive()).abs(),
            })
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [a, b] = pair(bottoms)?;
        one_top(tops, broadcast(a, b)?)
    }
}
