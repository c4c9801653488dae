use super::{Facts, LayerParam, MOST, Role, fork, one, one_top, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::{Axis, Movement, strides};
use crate::proto::{LayerParameter, UpsampleParameter};

/// Repeats pixels (nearest neighbour).
///
/// # Shapes
/// the last two axes (`dims_num` 4) or the last one (3) grow `scale` times.
///
/// # Source
/// Caffe forks with YOLOv3, UpsampleLayer; other forks' `scale_h`, `scale_w`, `height_scale`, `width_scale`, and
/// UpsampleDarknet, which is this layer under another name. SegNet's layer of this type, which has a mask as its
/// second bottom, is a [`MaxUnpool`](super::MaxUnpool).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upsample {
    /// How often along height and width; at least 1.
    pub scale: [usize; 2],
    /// 3 or 4: which axes.
    pub dims_num: i32,
}

impl LayerParam for Upsample {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p: UpsampleParameter = fork(layer, &layer.upsample_param, &[150]);
        let foreign = [
            ("upsample_param.mode", p.mode.is_some()),
            ("upsample_param.height", p.height.is_some()),
            ("upsample_param.width", p.width.is_some()),
            ("upsample_param.height_scale", p.height_scale.is_some()),
            ("upsample_param.width_scale", p.width_scale.is_some()),
            ("upsample_param.upsample_h", p.upsample_h.is_some()),
            ("upsample_param.upsample_w", p.upsample_w.is_some()),
            ("upsample_param.pad_out_h", p.pad_out_h()),
            ("upsample_param.pad_out_w", p.pad_out_w()),
        ];
        if let Some((field, _)) = foreign.into_iter().find(|&(_, given)| given) {
            return Err(LayerError::bad(field, "", ValueError::UpsampleDialect));
        }
        let scale = match (p.scale_h, p.scale_w) {
            (None, None) => {
                // Negative numbers are refused as 0 is.
                let scale = usize::try_from(p.scale()).unwrap_or(0);
                [scale, scale]
            }
            (Some(h), Some(w)) if p.scale.is_none() => [size(h), size(w)],
            _ => return Err(LayerError::bad("upsample_param.scale_h", "", ValueError::FORMS)),
        };
        Ok(Upsample { scale, dims_num: p.dims_num() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        // What says the same stays as it was written.
        if Upsample::parse(layer).is_ok_and(|old| old == *self) {
            return;
        }
        let mut p = UpsampleParameter::new();
        let [h, w] = self.scale;
        if h != w {
            (p.scale_h, p.scale_w) = (Some(wire(h)), Some(wire(w)));
        } else if h != 1 {
            p.scale = Some(i32::try_from(h).unwrap_or(i32::MAX));
        }
        p.dims_num = (self.dims_num != 4).then_some(self.dims_num);
        layer.upsample_param = Some(p).into();
    }

    fn check(&self) -> Result<(), LayerError> {
        let impossible = |scale: &usize| !(1..=MOST).contains(scale);
        if self.scale.iter().any(impossible) || ![3, 4].contains(&self.dims_num) {
            let value = format_args!("scale {:?}, dims_num {}", self.scale, self.dims_num);
            return Err(LayerError::bad("upsample_param", value, ValueError::Upsampling));
        }
        Ok(())
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
        let grown = if self.dims_num == 3 { 1 } else { 2 };
        let axes = bottom.iter().zip(strides(bottom)).enumerate();
        let axes = axes.flat_map(|(axis, (&size, stride))| {
            let scale = match axis + grown < bottom.len() {
                true => 1,
                false => self.scale[axis + 2 - bottom.len()],
            };
            [Axis::run(0, stride, size), Axis::run(0, 0, scale)]
        });
        Ok(Some(Movement::new(axes.collect())))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let axes = if self.dims_num == 3 { 1 } else { 2 };
        if bottom.len() < axes {
            return Err(LayerError::AxisCount { expected: 4, found: bottom.to_vec() });
        }
        let mut top = bottom.to_vec();
        for (size, scale) in top.iter_mut().rev().zip(self.scale.into_iter().rev()).take(axes) {
            *size = size.saturating_mul(scale);
        }
        one_top(tops, top)
    }
}
