use super::resample::scaled;
use super::{Coordinates, Facts, Int8Form, LayerParam, Role, legacy, one, one_top};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};
use crate::quant::interpolate::Linear;
use crate::taps::Taps;

/// Bilinear resizing.
///
/// # Shapes
/// bottom `[N, C, H, W]`, top `[N, C, H', W']`.
///
/// # Source
/// Caffe forks for PyTorch models, BilinearInterpolateLayer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BilinearInterpolate {
    /// The new size.
    pub size: InterpolatedSize,
    /// Whether the corners' pixels keep their places.
    pub align_corners: bool,
}

/// The size of a [`BilinearInterpolate`]'s top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InterpolatedSize {
    /// Height and width; the bottom's where there is none.
    Pixels([Option<usize>; 2]),
    /// Factor on both, rounded down.
    Scale(f32),
}

const HEIGHT: &str = "bilinear_interpolate_param.dst_h";
const WIDTH: &str = "bilinear_interpolate_param.dst_w";

fn neither(scale: impl std::fmt::Display) -> LayerError {
    LayerError::bad("bilinear_interpolate_param.scale_factor", scale, ValueError::FactorOrSize)
}

impl LayerParam for BilinearInterpolate {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.bilinear_interpolate_param;
        let side = |field, side: Option<i32>| {
            let size = |side: i32| {
                usize::try_from(side)
                    .map_err(|_| LayerError::bad(field, side, ValueError::Positive))
            };
            side.map(size).transpose()
        };
        let size = match (p.dst_h, p.dst_w, p.scale_factor) {
            (None, None, Some(scale)) => InterpolatedSize::Scale(scale),
            (h, w, None) => InterpolatedSize::Pixels([side(HEIGHT, h)?, side(WIDTH, w)?]),
            (_, _, scale) => return Err(neither(format_args!("{scale:?}"))),
        };
        Ok(BilinearInterpolate { size, align_corners: p.align_corners() })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.bilinear_interpolate_param.mut_or_insert_default();
        let side = |side: usize| i32::try_from(side).unwrap_or(i32::MAX);
        (p.dst_h, p.dst_w, p.scale_factor) = match self.size {
            InterpolatedSize::Pixels([h, w]) => (h.map(side), w.map(side), None),
            InterpolatedSize::Scale(scale) => (None, None, Some(scale)),
        };
        p.align_corners = (!self.align_corners).then_some(false);
    }

    fn check(&self) -> Result<(), LayerError> {
        match self.size {
            InterpolatedSize::Pixels([None, None]) => Err(neither("None")),
            InterpolatedSize::Pixels([h, w]) => {
                for (field, side) in [(HEIGHT, h), (WIDTH, w)] {
                    let most = i32::MAX.unsigned_abs();
                    match side {
                        Some(0) => return Err(LayerError::bad(field, 0, ValueError::Positive)),
                        Some(side) if u32::try_from(side).is_ok_and(|side| side <= most) => {}
                        Some(side) => {
                            let reason = ValueError::LargerThan(most.into());
                            return Err(LayerError::bad(field, side, reason));
                        }
                        None => {}
                    }
                }
                Ok(())
            }
            InterpolatedSize::Scale(scale) if scale > 0.0 && scale.is_finite() => Ok(()),
            InterpolatedSize::Scale(scale) => Err(neither(format_args!("Some({scale:?})"))),
        }
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = Int8Form::Interpolate(Linear {
            coordinates: match self.align_corners {
                true => Coordinates::AlignCorners,
                false => Coordinates::HalfPixel,
            },
            scale: None,
            cut: [0, 0],
            zeros_behind: false,
        });
        Facts { role: Role::Computes, int8 }
    }

    fn taps(&self, bottom: &[usize], top: &[usize]) -> Result<Option<[Taps; 2]>, LayerError> {
        let align = self.align_corners;
        let taps = |axis: usize| {
            let (from, to) = (bottom[axis], top[axis]);
            let ratio = match align {
                true if to == 1 => 0.0,
                true => (from - 1) as f32 / (to - 1) as f32,
                false => from as f32 / to as f32,
            };
            let position = move |index: usize| {
                let index = index as f32;
                if align { ratio * index } else { ratio * (index + 0.5) - 0.5 }
            };
            Taps::linear(from, (0..to).map(position))
        };
        Ok(Some([taps(2), taps(3)]))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.resized(self.taps(float.bottoms.first()?, float.top).ok()??)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, h, w] = legacy(one(bottoms)?)?;
        let [height, width] = match self.size {
            InterpolatedSize::Pixels([height, width]) => [height.unwrap_or(h), width.unwrap_or(w)],
            InterpolatedSize::Scale(scale) => [h, w].map(|side| scaled(side, scale)),
        };
        one_top(tops, vec![n, c, height, width])
    }
}
