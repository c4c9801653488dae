use super::{Facts, Int8Form, LayerParam, Role, check_shapes, no_bottoms, shapes_from};
use crate::Shape;
use crate::blob::shape_message;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::{InputParameter, LayerParameter};

/// Blobs that the caller fills.
///
/// # Shapes
/// One shape for each top, or one for all.
///
/// # Source
/// BVLC Caffe, InputLayer; `int8_scale` as the vendor's deploy files carry it.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The shapes of the tops; a single one serves all.
    pub shapes: Vec<Shape>,
    /// Of an int8 deploy net: what the preprocessed fp32 input is multiplied by before it is
    /// rounded to int8, 127/threshold.
    pub int8_scale: Option<f32>,
}

impl LayerParam for Input {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let shapes = shapes_from("input_param.shape", &layer.input_param.shape)?;
        Ok(Input { shapes, int8_scale: layer.int8_scale })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let mut p = InputParameter::new();
        p.shape = self.shapes.iter().map(|shape| shape_message(shape)).collect();
        layer.input_param = Some(p).into();
        layer.int8_scale = self.int8_scale;
    }

    fn check(&self) -> Result<(), LayerError> {
        if self.shapes.is_empty() {
            return Err(LayerError::MissingField { field: "input_param.shape" });
        }
        check_shapes("input_param.shape", &self.shapes)?;
        match self.int8_scale {
            Some(scale) if !(scale.is_finite() && scale > 0.0) => {
                Err(LayerError::bad("int8_scale", scale, ValueError::Positive))
            }
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Input, int8: Int8Form::Source { tops: usize::MAX } }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        no_bottoms(bottoms)?;
        match self.shapes.as_slice() {
            [shape] => Ok(vec![shape.clone(); tops]),
            shapes if shapes.len() == tops => Ok(shapes.to_vec()),
            _ => Err(LayerError::tops(Count::EachShape("input_param.shape"), tops)),
        }
    }
}
