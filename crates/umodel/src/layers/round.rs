use super::{Facts, LayerParam, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, round_parameter::Mode as ProtoMode};
use crate::quant::float::{Float, Step};

/// Which whole number a [`Round`] layer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundMode {
    /// The nearest; of two that are equally near, the even one.
    Nearest,
    /// The next lower one.
    Floor,
    /// The next higher one.
    Ceil,
    /// The next one towards zero.
    Truncate,
}

/// Whole numbers, element by element.
///
/// # Formula
/// `y` is the whole number that the mode takes for `x`; infinite values and NaN stay.
///
/// # Source
/// ONNX Round, Floor, Ceil, and Cast to integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Which one.
    pub mode: RoundMode,
}

impl LayerParam for Round {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let mode = match layer.round_param.mode() {
            ProtoMode::NEAREST => RoundMode::Nearest,
            ProtoMode::FLOOR => RoundMode::Floor,
            ProtoMode::CEIL => RoundMode::Ceil,
            ProtoMode::TRUNCATE => RoundMode::Truncate,
        };
        Ok(Round { mode })
    }

    fn write(&self, layer: &mut LayerParameter) {
        layer.round_param.mut_or_insert_default().set_mode(match self.mode {
            RoundMode::Nearest => ProtoMode::NEAREST,
            RoundMode::Floor => ProtoMode::FLOOR,
            RoundMode::Ceil => ProtoMode::CEIL,
            RoundMode::Truncate => ProtoMode::TRUNCATE,
        });
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        // Beyond 2²² all numbers are whole, or nearly so, but adding would round them.
        float.map(|x| match self.mode {
            RoundMode::Nearest => x.round(),
            RoundMode::Floor => x.floor(),
            RoundMode::Ceil => (x * -1.0).floor() * -1.0,
            RoundMode::Truncate => x.abs().floor().with_sign_of(x),
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
