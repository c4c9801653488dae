use super::{Facts, LayerParam, Role, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{LayerParameter, SqueezeParameter};

/// Drops axes of length 1.
///
/// # Shapes
/// the bottom without these axes; without any, without all axes of length 1.
///
/// # Source
/// Synopsys' Caffe fork, SqueezeLayer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Squeeze {
    /// The axes, negative ones count from the end; none for all of length 1.
    pub axes: Vec<i32>,
}

impl LayerParam for Squeeze {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Squeeze { axes: layer.squeeze_param.axis.clone() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = SqueezeParameter { axis: self.axes.clone(), ..Default::default() };
        layer.squeeze_param = (!self.axes.is_empty()).then_some(p).into();
    }

    fn check(&self) -> Result<(), LayerError> {
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Reshapes)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let mut dropped: Vec<bool> =
            bottom.iter().map(|&size| self.axes.is_empty() && size == 1).collect();
        for &axis in &self.axes {
            let place = canonical_axis("squeeze_param.axis", axis, bottom.len())?;
            if bottom[place] != 1 {
                let reason = ValueError::LengthOne(bottom[place]);
                return Err(LayerError::bad("squeeze_param.axis", axis, reason));
            }
            dropped[place] = true;
        }
        let kept = bottom.iter().zip(dropped).filter(|(_, dropped)| !dropped);
        one_top(tops, kept.map(|(&size, _)| size).collect())
    }
}
