use super::{Facts, LayerParam, Role, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::movement::{Axis, Movement, strides};
use crate::proto::{LayerParameter, ReverseParameter};

/// Turns axes around: the last index of each comes first.
///
/// # Shapes
/// as the bottom.
///
/// # Source
/// crnn.caffe and the vendor's Caffe, ReverseLayer: one axis; Synopsys' fork: any number of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reverse {
    /// The axes, negative ones count from the end; at least one.
    pub axes: Vec<i32>,
}

impl LayerParam for Reverse {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let axes = layer.reverse_param.axis.clone();
        Ok(Reverse { axes: if axes.is_empty() { vec![0] } else { axes } })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = ReverseParameter { axis: self.axes.clone(), ..Default::default() };
        layer.reverse_param = Some(p).into();
    }

    fn check(&self) -> Result<(), LayerError> {
        match self.axes.as_slice() {
            [] => Err(LayerError::MissingField { field: "reverse_param.axis" }),
            _ => Ok(()),
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Computes)
    }

    fn movement(
        &self,
        bottom: &[usize],
        _: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let reversed =
            self.axes.iter().map(|&axis| canonical_axis("reverse_param.axis", axis, bottom.len()));
        let reversed: Vec<usize> = reversed.collect::<Result<_, _>>()?;
        let axes = bottom.iter().zip(strides(bottom)).enumerate().map(|(axis, (&size, stride))| {
            if reversed.contains(&axis) {
                Axis::of((0..size).rev().map(|index| Some(index * stride)))
            } else {
                Axis::run(0, stride, size)
            }
        });
        Ok(Some(Movement::new(axes.collect())))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        for &axis in &self.axes {
            canonical_axis("reverse_param.axis", axis, bottom.len())?;
        }
        one_top(tops, bottom.to_vec())
    }
}
