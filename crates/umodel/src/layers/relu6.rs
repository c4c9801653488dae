use super::{Facts, Int8Form, Role, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

layer! {
    /// Rectified linear unit with an upper limit.
    ///
    /// # Formula
    /// `y = min(max(x, 0) + negative_slope · min(x, 0), threshold)`
    ///
    /// # Source
    /// Caffe forks with MobileNet, ReLU6Layer.
    Relu6 from relu6_param or 211 {
        /// Slope below zero.
        negative_slope: f32,
        /// The upper limit.
        threshold: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = match self.negative_slope == 0.0 && self.threshold > 0.0 {
            true => Int8Form::Clip { limit: self.threshold },
            false => Int8Form::Value,
        };
        Facts { role: Role::Computes, int8 }
    }

    fn value(&self, x: f64) -> Option<f64> {
        let slope = f64::from(self.negative_slope);
        Some((x.max(0.0) + slope * x.min(0.0)).min(self.threshold.into()))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| {
            let y = match self.negative_slope {
                0.0 => x.max(0.0),
                slope => x.max(0.0) + x.min(0.0) * slope,
            };
            y.min(self.threshold)
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
