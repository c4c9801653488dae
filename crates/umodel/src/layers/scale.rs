use super::{Affine, Facts, Int8Form, LayerParam, Role, canonical_axis, one_top, product};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::LayerParameter;
use crate::quant::float::{Float, RowOperand, Rows, Source, Step};

/// Multiplies by a factor that is broadcast along all axes but a few, and optionally adds a bias.
///
/// # Shapes
/// bottom and top `[d0, d1, ...]`. The factor has the bottom's axes `axis .. axis + num_axes`
/// (`num_axes` −1: all from `axis` on; 0: one scalar) and is either a weight or a second bottom.
/// The bias, if any, has the factor's shape and is the last weight.
///
/// # Source
/// BVLC Caffe, ScaleLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// First axis of the bottom that the factor covers; negative counts from the end.
    pub axis: i32,
    /// Number of axes that the factor covers, −1 for all that follow.
    pub num_axes: i32,
    /// Whether a bias is added.
    pub bias: bool,
}

impl Scale {
    /// `[outer, factors, inner]`: the bottom as seen from a factor of shape `factor`.
    pub fn matrix(&self, bottom: &[usize], factor: &[usize]) -> Result<[usize; 3], LayerError> {
        around("scale_param.axis", self.axis, bottom, factor)
    }
}

/// `[outer, values, inner]` for a broadcast operand of the given shape that starts at `axis`.
pub(super) fn around(
    field: &'static str,
    axis: i32,
    bottom: &[usize],
    operand: &[usize],
) -> Result<[usize; 3], LayerError> {
    let start = if operand.is_empty() { 0 } else { canonical_axis(field, axis, bottom.len())? };
    let end = start.saturating_add(operand.len());
    if bottom.get(start..end) != Some(operand) {
        return Err(LayerError::Broadcast {
            bottom: bottom.to_vec(),
            axis: start,
            operand: operand.to_vec(),
        });
    }
    Ok([product(&bottom[..start]), product(operand), product(&bottom[end..])])
}

/// The shape of a learnt broadcast operand.
pub(super) fn operand_shape(
    field: &'static str,
    axis: i32,
    num_axes: i32,
    bottom: &[usize],
) -> Result<Shape, LayerError> {
    if num_axes == 0 {
        return Ok(Vec::new());
    }
    let start = canonical_axis(field, axis, bottom.len())?;
    // A negative number stands for all axes that follow.
    let end = usize::try_from(num_axes).map_or(bottom.len(), |count| start.saturating_add(count));
    bottom.get(start..end).map(<[usize]>::to_vec).ok_or_else(|| {
        let reason = ValueError::AxesFrom { count: num_axes, axes: bottom.len() };
        LayerError::bad(field, axis, reason)
    })
}

/// The bottom and, if it is not a weight, the operand of a broadcast layer.
pub(super) fn operands<'a>(
    bottoms: &[&'a [usize]],
) -> Result<(&'a [usize], Option<&'a [usize]>), LayerError> {
    match bottoms {
        [bottom] => Ok((bottom, None)),
        [bottom, operand] => Ok((bottom, Some(operand))),
        _ => Err(LayerError::bottoms(Count::Either(1, 2), bottoms.len())),
    }
}

impl LayerParam for Scale {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.scale_param;
        Ok(Scale { axis: p.axis(), num_axes: p.num_axes(), bias: p.bias_term() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.scale_param.mut_or_insert_default();
        p.axis = (self.axis != 1).then_some(self.axis);
        p.num_axes = (self.num_axes != 1).then_some(self.num_axes);
        p.bias_term = self.bias.then_some(true);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let (axis, num_axes) = (self.axis, self.num_axes);
        let affine = Affine::Learnt { axis, num_axes, factor: true, offset: self.bias };
        let int8 = match (axis, num_axes) {
            (1, 1) => Int8Form::ChannelScale { bias: self.bias },
            _ => Int8Form::Factor { bias: self.bias },
        };
        Facts { role: Role::Affine(affine), int8 }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let bottom = float.bottoms.first()?;
        let learnt = float.bottoms.len() == 1;
        let given = |index: usize| float.weight_shape(index);
        let shape = if learnt { given(0)? } else { float.bottoms.get(1)?.to_vec() };
        let matrix = self.matrix(bottom, &shape).ok()?;
        let mut operands = vec![
            RowOperand::all(Source::Bottom(0), matrix),
            RowOperand::middle(if learnt { float.weight(0)? } else { Source::Bottom(1) }),
        ];
        if self.bias {
            operands.push(RowOperand::middle(float.weight(usize::from(learnt))?));
        }
        let mut rows = Rows::default();
        rows.compute(matrix, &operands, &|values| match values {
            [x, factor, bias] => *x * *factor + *bias,
            _ => values[0] * values[1],
        });
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
        let (factor, learnt) = match operand {
            Some(operand) => (operand.to_vec(), false),
            None => (operand_shape("scale_param.axis", self.axis, self.num_axes, bottom)?, true),
        };
        let mut shapes = Vec::new();
        if learnt {
            shapes.push(factor.clone());
        }
        if self.bias {
            shapes.push(factor);
        }
        Ok(shapes)
    }

    fn bias_mut(&mut self) -> Option<&mut bool> {
        Some(&mut self.bias)
    }
}
