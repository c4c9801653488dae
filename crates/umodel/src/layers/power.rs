use super::{Affine, Facts, Int8Form, LayerParam, Role, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

/// Power of a linear function.
///
/// # Formula
/// `y = (shift + scale · x) ^ power`
///
/// # Source
/// BVLC Caffe, PowerLayer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// Exponent.
    pub power: f32,
    /// Factor on the input.
    pub scale: f32,
    /// Added before the power is taken.
    pub shift: f32,
}

impl LayerParam for Power {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.power_param;
        Ok(Power { power: p.power(), scale: p.scale(), shift: p.shift() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.power_param.mut_or_insert_default();
        p.set_power(self.power);
        p.set_scale(self.scale);
        p.set_shift(self.shift);
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        let affine = Affine::Constant { factor: self.scale, offset: self.shift };
        let role = if self.power == 1.0 { Role::Affine(affine) } else { Role::Computes };
        Facts { role, int8: Int8Form::Value }
    }

    fn value(&self, x: f64) -> Option<f64> {
        let linear = f64::from(self.shift) + f64::from(self.scale) * x;
        Some(linear.powf(self.power.into()))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.map(|x| {
            let line = x * self.scale + self.shift;
            match self.power {
                1.0 => line,
                2.0 => line * line,
                3.0 => line * line * line,
                power => line.power(power),
            }
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        same_shape(bottoms, tops)
    }
}
