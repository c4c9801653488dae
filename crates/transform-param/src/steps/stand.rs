use crate::error::{Error, ValueError};
use crate::frame::Frame;
use crate::mean::{Mean, per_channel};
use crate::param::TransformOp;
use crate::scene::Scene;

/// STAND: `(x − mean) · scale / div` by channel as stored (B, G, R); then, if `bgr2rgb`, the channels
/// in reverse order.
#[derive(Clone, Debug)]
pub(crate) struct Stand {
    mean: Mean,
    scale: Vec<f32>,
    div: f32,
    bgr2rgb: bool,
}

impl Stand {
    pub(crate) fn new(op: &TransformOp) -> Result<Self, Error> {
        if op.div == 0.0 {
            return Err(Error::Value { field: "transform_op.div", reason: ValueError::Zero });
        }
        Ok(Stand {
            mean: Mean::new("transform_op.mean_value", &op.mean_value, op.mean_file.as_deref())?,
            scale: if op.scale.is_empty() { vec![1.0] } else { op.scale.clone() },
            div: op.div,
            bgr2rgb: op.bgr2rgb,
        })
    }

    pub(crate) fn apply(&self, scene: &mut Scene) -> Result<(), Error> {
        let mut values = scene.take().into_values()?;
        let mean = self.mean.of("transform_op.mean_value", values.shape())?;
        let scale = per_channel("transform_op.scale", &self.scale, values.shape()[0])?;
        let plane = values.shape()[1] * values.shape()[2];
        values.for_each_channel(|channel, plane_values| {
            let mean = mean.row(channel, channel * plane, plane);
            for (value, mean) in plane_values.iter_mut().zip(mean) {
                *value = (*value - mean) * scale[channel] / self.div;
            }
        });
        scene.frame = Frame::Values(if self.bgr2rgb { values.reverse_channels() } else { values });
        Ok(())
    }
}
