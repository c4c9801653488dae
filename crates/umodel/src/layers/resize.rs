use super::resample::{check_scales, scaled};
use super::{
    Coordinates, Facts, Int8Form, LayerParam, Role, fit, legacy, one, one_top, size, wire,
};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::interpolate::Linear;

/// Bilinear resizing of a blob.
///
/// # Shapes
/// bottom `[N, C, H, W]`, top `[N, C, H', W']`.
///
/// # Source
/// Caffe forks, ResizeLayer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resize {
    /// To a height and width.
    Size([usize; 2]),
    /// By factors of height and width, rounded down.
    Scale([f32; 2]),
}

impl LayerParam for Resize {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.resize_param;
        if p.is_pyramid_test() {
            return Ok(Resize::Scale([p.out_height_scale(), p.out_width_scale()]));
        }
        Ok(Resize::Size([p.height(), p.width()].map(size)))
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.resize_param.mut_or_insert_default();
        match *self {
            Resize::Size([height, width]) => {
                (p.height, p.width) = (Some(wire(height)), Some(wire(width)));
                p.is_pyramid_test = None;
            }
            Resize::Scale([height, width]) => {
                (p.out_height_scale, p.out_width_scale) = (Some(height), Some(width));
                p.is_pyramid_test = Some(true);
            }
        }
    }

    fn check(&self) -> Result<(), LayerError> {
        match *self {
            Resize::Size([height, width]) => {
                fit(&[("resize_param.height", height), ("resize_param.width", width)])
            }
            Resize::Scale(scales) => check_scales("resize_param.out_height_scale", scales),
        }
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = Int8Form::Interpolate(Linear {
            coordinates: Coordinates::Asymmetric,
            scale: None,
            cut: [0, 0],
            zeros_behind: true,
        });
        Facts { role: Role::Computes, int8 }
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, h, w] = legacy(one(bottoms)?)?;
        let [height, width] = match *self {
            Resize::Size(size) => size,
            Resize::Scale([height, width]) => [scaled(h, height), scaled(w, width)],
        };
        one_top(tops, vec![n, c, height, width])
    }
}
