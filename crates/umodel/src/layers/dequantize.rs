use super::{Facts, Int8Form, LayerParam, Role, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Border from int8 to fp32, put in by the quantizer; the scale is the format of its bottom in
/// [`QuantizedNet`](crate::QuantizedNet).
///
/// # Formula
/// `y = x · scale`, computed in fp32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dequantize;

impl LayerParam for Dequantize {
    fn parse(_: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Dequantize)
    }

    fn write(&self, _: &mut LayerParameter) {}

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Presents, int8: Int8Form::Dequantize }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
