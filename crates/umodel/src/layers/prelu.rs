use super::{Facts, Int8Form, Role, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

layer! {
    /// Rectified linear unit with learnt slopes.
    ///
    /// # Shapes
    /// bottom and top `[N, C, ...]`; weight: slope, a scalar or `[C]`.
    ///
    /// # Formula
    /// `y = max(x, 0) + slope · min(x, 0)`
    ///
    /// # Source
    /// BVLC Caffe, PReLULayer.
    PRelu from prelu_param {
        /// One slope for all channels.
        channel_shared: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Computes, int8: Int8Form::Prelu }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.channels(&[float.numbers(0)?], |values| {
            values[0].max(0.0) + values[0].min(0.0) * values[1]
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        if bottom.len() < 2 {
            return Err(LayerError::AxisCount { expected: 2, found: bottom.to_vec() });
        }
        one_top(tops, bottom.to_vec())
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let channels = one(bottoms)?.iter().skip(1).take(1);
        Ok(vec![if self.channel_shared { Vec::new() } else { channels.copied().collect() }])
    }
}
