use super::{Facts, Int8Form, LayerParam, Role, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

/// Rectified linear unit, optionally leaky.
///
/// # Formula
/// `y = max(x, 0) + negative_slope · min(x, 0)`
///
/// # Source
/// BVLC Caffe, ReLULayer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relu {
    /// Slope below zero; 0 is the plain ReLU.
    pub negative_slope: f32,
}

impl LayerParam for Relu {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Relu { negative_slope: layer.relu_param.negative_slope() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        if self.negative_slope != 0.0 || layer.relu_param.is_some() {
            layer.relu_param.mut_or_insert_default().set_negative_slope(self.negative_slope);
        }
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = match self.negative_slope {
            0.0 => Int8Form::Clip { limit: f32::INFINITY },
            slope => Int8Form::LeakyRelu { slope },
        };
        Facts { role: Role::Computes, int8 }
    }

    fn value(&self, x: f64) -> Option<f64> {
        Some(x.max(0.0) + f64::from(self.negative_slope) * x.min(0.0))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| match self.negative_slope {
            0.0 => x.max(0.0),
            slope => x.max(0.0) + x.min(0.0) * slope,
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
