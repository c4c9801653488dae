use super::LayerParam;
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{BlobShape, InputParameter, LayerParameter};

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
        let mut shapes = Vec::new();
        for shape in &layer.input_param.shape {
            let dims: Option<Shape> = shape.dim.iter().map(|&d| usize::try_from(d).ok()).collect();
            let fits = dims.filter(|dims| {
                dims.iter().try_fold(1usize, |v, &d| v.checked_mul(d)).is_some_and(|v| v < 1 << 31)
            });
            shapes.push(fits.ok_or_else(|| LayerError::BadValue {
                field: "input_param.shape",
                value: format!("{:?}", shape.dim),
                reason: "dims must not be negative, nor their product 2^31 or more".into(),
            })?);
        }
        if shapes.is_empty() {
            return Err(LayerError::MissingField { field: "input_param.shape" });
        }
        if layer.int8_scale.is_some_and(|scale| !(scale.is_finite() && scale > 0.0)) {
            return Err(LayerError::BadValue {
                field: "int8_scale",
                value: layer.int8_scale().to_string(),
                reason: "must be positive".into(),
            });
        }
        Ok(Input { shapes, int8_scale: layer.int8_scale })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let mut p = InputParameter::new();
        for shape in &self.shapes {
            let mut message = BlobShape::new();
            message.dim = shape.iter().map(|&dim| dim as i64).collect();
            p.shape.push(message);
        }
        layer.input_param = Some(p).into();
        layer.int8_scale = self.int8_scale;
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        if !bottoms.is_empty() {
            return Err(LayerError::BottomCount { expected: "0", found: bottoms.len() });
        }
        match self.shapes.as_slice() {
            [shape] => Ok(vec![shape.clone(); tops]),
            shapes if shapes.len() == tops => Ok(shapes.to_vec()),
            _ => Err(LayerError::TopCount { expected: "one for each input_param.shape", found: tops }),
        }
    }
}
