use super::{Facts, Int8Form, LayerParam, Role, check_shapes, no_bottoms, one_top, shapes_from};
use crate::Shape;
use crate::blob::shape_message;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// A learnt blob as a top.
///
/// # Shapes
/// top and weight: `shape`.
///
/// # Source
/// BVLC Caffe, ParameterLayer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The blob's shape.
    pub shape: Shape,
}

impl LayerParam for Parameter {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let shape = std::slice::from_ref(layer.parameter_param.shape.get_or_default());
        let shapes = shapes_from("parameter_param.shape", shape)?;
        Ok(Parameter { shape: shapes.concat() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.parameter_param.mut_or_insert_default();
        p.shape = Some(shape_message(&self.shape)).into();
    }

    fn check(&self) -> Result<(), LayerError> {
        check_shapes("parameter_param.shape", std::slice::from_ref(&self.shape))
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Computes, int8: Int8Form::Constant }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        no_bottoms(bottoms)?;
        one_top(tops, self.shape.clone())
    }

    fn weight_shapes(&self, _: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        Ok(vec![self.shape.clone()])
    }
}
