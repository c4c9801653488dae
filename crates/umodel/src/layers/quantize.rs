use super::{Facts, Int8Form, LayerParam, Role, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Border from fp32 to int8, put in by the quantizer; the scale is the format of its top in
/// [`QuantizedNet`](crate::QuantizedNet).
///
/// # Formula
/// `y = saturate(trunc(v + copysign(0.5, v)))` with `v = x · (1/scale)`, computed in fp32.
///
/// # Rounding
/// Half away from zero.
///
/// # Source
/// The cast recipe that the BM1684 executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantize;

impl LayerParam for Quantize {
    fn parse(_: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Quantize)
    }

    fn write(&self, _: &mut LayerParameter) {}

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Computes, int8: Int8Form::Quantize }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
