use super::resample::{check_scales, scaled};
use super::{
    Coordinates, Facts, Int8Form, LayerParam, Role, fit, legacy, one, one_top, size, wire,
};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};
use crate::quant::interpolate::Linear;
use crate::taps::Taps;

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

/// The whole part of a place that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a picture, which is not negative"
)]
fn floor(position: f32) -> usize {
    position as usize
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

    /// What lies beyond the edge counts as zero.
    fn taps(&self, bottom: &[usize], top: &[usize]) -> Result<Option<[Taps; 2]>, LayerError> {
        let taps = |axis: usize| {
            let (from, to) = (bottom[axis], top[axis]);
            let ratio = from as f32 / to as f32;
            let mut taps = Taps { count: 2, places: Vec::new(), weights: Vec::new() };
            for index in 0..to {
                let position = index as f32 * ratio;
                let first = floor(position);
                let part = position - first as f32;
                for (place, weight) in [(first, 1.0 - part), (first + 1, part)] {
                    taps.places.push(place.min(from - 1));
                    taps.weights.push(if place < from { weight } else { 0.0 });
                }
            }
            taps
        };
        Ok(Some([taps(2), taps(3)]))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.resized(self.taps(float.bottoms.first()?, float.top).ok()??)
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
