use super::scale::{around, operand_shape, operands};
use super::{Affine, Facts, Int8Form, LayerParam, Role, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, RowOperand, Rows, Source, Step};

/// Adds a bias that is broadcast along all axes but a few.
///
/// # Shapes
/// As [`Scale`](super::Scale), with the bias in the factor's place.
///
/// # Source
/// BVLC Caffe, BiasLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bias {
    /// First axis of the bottom that the bias covers; negative counts from the end.
    pub axis: i32,
    /// Number of axes that the bias covers, −1 for all that follow.
    pub num_axes: i32,
}

impl Bias {
    /// `[outer, biases, inner]`: the bottom as seen from a bias of shape `bias`.
    pub fn matrix(&self, bottom: &[usize], bias: &[usize]) -> Result<[usize; 3], LayerError> {
        around("bias_param.axis", self.axis, bottom, bias)
    }
}

impl LayerParam for Bias {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Bias { axis: layer.bias_param.axis(), num_axes: layer.bias_param.num_axes() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.bias_param.mut_or_insert_default();
        p.axis = (self.axis != 1).then_some(self.axis);
        p.num_axes = (self.num_axes != 1).then_some(self.num_axes);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let (axis, num_axes) = (self.axis, self.num_axes);
        let affine = Affine::Learnt { axis, num_axes, factor: false, offset: true };
        Facts { role: Role::Affine(affine), int8: Int8Form::Offset }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let bottom = float.bottoms.first()?;
        let learnt = float.bottoms.len() == 1;
        let shape = if learnt { float.weight_shape(0)? } else { float.bottoms.get(1)?.to_vec() };
        let matrix = self.matrix(bottom, &shape).ok()?;
        let offset = if learnt { float.weight(0)? } else { Source::Bottom(1) };
        let mut rows = Rows::default();
        let operands = [RowOperand::all(Source::Bottom(0), matrix), RowOperand::middle(offset)];
        rows.compute(matrix, &operands, &|values| values[0] + values[1]);
        rows.finish()
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let (bottom, operand) = operands(bottoms)?;
        match operand {
            Some(operand) => drop(self.matrix(bottom, operand)?),
            None => drop(self.weight_shapes(bottoms)?),
        }
        one_top(tops, bottom.to_vec())
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let (bottom, operand) = operands(bottoms)?;
        Ok(match operand {
            Some(_) => Vec::new(),
            None => vec![operand_shape("bias_param.axis", self.axis, self.num_axes, bottom)?],
        })
    }
}
