use super::{Facts, Int8Form, LayerParam, Role, fit, nchw, one, one_top, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::{Axis, Movement};
use crate::proto::LayerParameter;
use crate::proto::resample_parameter as wire;
use crate::quant::float::{Float, Step};
use crate::quant::interpolate::Linear;
use crate::taps::Taps;

/// Where a top's pixel i lies in the bottom, for a bottom of b pixels, a top of t and `s = t/b` (or
/// [`Resample::scale`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinates {
    /// `(i + 0.5)/s − 0.5`
    HalfPixel,
    /// As [`Coordinates::HalfPixel`], 0 for t = 1.
    PytorchHalfPixel,
    /// `i · (b − 1)/(t − 1)`, 0 for t = 1.
    AlignCorners,
    /// `i/s`
    Asymmetric,
    /// `(i + 0.5)/s`
    TfHalfPixelForNn,
}

/// Which pixel is the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NearestRounding {
    /// The nearest pixel; of two equally near ones the one in front.
    PreferFloor,
    /// The nearest pixel; of two equally near ones the one behind.
    PreferCeil,
    /// The pixel in front of the place.
    Floor,
    /// The pixel behind the place.
    Ceil,
}

/// How a [`Resample`] layer finds a value between pixels; those beyond an edge are the edge's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ResampleMethod {
    /// One pixel's value.
    Nearest(NearestRounding),
    /// Linear between two pixels along each axis, coordinates clipped to the bottom's.
    Linear,
    /// Keys' cubic convolution of four pixels along each axis.
    Cubic {
        /// Its coefficient a, −0.75 or −0.5 as a rule.
        a: f32,
    },
}

/// Resizes height and width.
///
/// # Shapes
/// bottom `[N, C, H, W]`, top `[N, C, size[0], size[1]]`.
///
/// # Source
/// ONNX Resize (without `exclude_outside`, `antialias` and regions of interest); TensorFlow's ResizeBilinear
/// and ResizeNearestNeighbor are cases of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resample {
    /// Height and width of the top; at least 1.
    pub size: [usize; 2],
    /// Factors of height and width that coordinates are computed with, if they are not top size/bottom
    /// size: for nets that give factors, where sizes were rounded.
    pub scale: Option<[f32; 2]>,
    /// Nearest, linear or cubic.
    pub method: ResampleMethod,
    /// How coordinates correspond.
    pub coordinates: Coordinates,
}

impl NearestRounding {
    /// The pixel of an axis that is nearest to a place in it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and clipped to the axis"
    )]
    fn pick(self, position: f32, length: usize) -> usize {
        let rounded = match self {
            NearestRounding::PreferFloor => (position - 0.5).ceil(),
            NearestRounding::PreferCeil => (position + 0.5).floor(),
            NearestRounding::Floor => position.floor(),
            NearestRounding::Ceil => position.ceil(),
        };
        (rounded.max(0.0) as usize).min(length - 1)
    }
}

impl Resample {
    /// The place in a bottom of so many pixels of each of the top's pixels along height (0) or width (1).
    pub fn positions(&self, axis: usize, from: usize) -> impl Iterator<Item = f32> + use<> {
        let to = self.size[axis];
        let scale = self.scale.map_or(to as f32 / from as f32, |scale| scale[axis]);
        let coordinates = self.coordinates;
        (0..to).map(move |index| {
            let index = index as f32;
            match coordinates {
                Coordinates::PytorchHalfPixel if to == 1 => 0.0,
                Coordinates::HalfPixel | Coordinates::PytorchHalfPixel => {
                    (index + 0.5) / scale - 0.5
                }
                Coordinates::AlignCorners if to == 1 => 0.0,
                Coordinates::AlignCorners => index * (from - 1) as f32 / (to - 1) as f32,
                Coordinates::Asymmetric => index / scale,
                Coordinates::TfHalfPixelForNn => (index + 0.5) / scale,
            }
        })
    }
}

/// Factors of height and width must be numbers above 0.
pub(super) fn check_scales(field: &'static str, scales: [f32; 2]) -> Result<(), LayerError> {
    if scales.iter().all(|&scale| scale > 0.0 && scale.is_finite()) {
        return Ok(());
    }
    let (value, reason) = (format_args!("{scales:?}"), ValueError::BothPositive("scales"));
    Err(LayerError::bad(field, value, reason))
}

/// A side multiplied by a factor above 0, rounded down in fp32 as Caffe does.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the product is not negative, and one beyond the largest number becomes that"
)]
pub(super) fn scaled(side: usize, factor: f32) -> usize {
    (side as f32 * factor) as usize
}

impl LayerParam for Resample {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.resample_param;
        let method = match p.method() {
            wire::Method::NEAREST => ResampleMethod::Nearest(match p.rounding() {
                wire::Rounding::PREFER_FLOOR => NearestRounding::PreferFloor,
                wire::Rounding::PREFER_CEIL => NearestRounding::PreferCeil,
                wire::Rounding::FLOOR => NearestRounding::Floor,
                wire::Rounding::CEIL => NearestRounding::Ceil,
            }),
            wire::Method::LINEAR => ResampleMethod::Linear,
            wire::Method::CUBIC => ResampleMethod::Cubic { a: p.cubic_coeff() },
        };
        let coordinates = match p.coordinates() {
            wire::Coordinates::HALF_PIXEL => Coordinates::HalfPixel,
            wire::Coordinates::PYTORCH_HALF_PIXEL => Coordinates::PytorchHalfPixel,
            wire::Coordinates::ALIGN_CORNERS => Coordinates::AlignCorners,
            wire::Coordinates::ASYMMETRIC => Coordinates::Asymmetric,
            wire::Coordinates::TF_HALF_PIXEL_FOR_NN => Coordinates::TfHalfPixelForNn,
        };
        let scale = match (p.scale_h, p.scale_w) {
            (None, None) => None,
            _ => Some([p.scale_h(), p.scale_w()]),
        };
        let size = [p.height(), p.width()].map(size);
        Ok(Resample { size, scale, method, coordinates })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.resample_param.mut_or_insert_default();
        let size = self.size.map(wire);
        (p.height, p.width) = (Some(size[0]), Some(size[1]));
        (p.scale_h, p.scale_w) =
            (self.scale.map(|scale| scale[0]), self.scale.map(|scale| scale[1]));
        (p.rounding, p.cubic_coeff) = (None, None);
        let method = match self.method {
            ResampleMethod::Nearest(rounding) => {
                p.set_rounding(match rounding {
                    NearestRounding::PreferFloor => wire::Rounding::PREFER_FLOOR,
                    NearestRounding::PreferCeil => wire::Rounding::PREFER_CEIL,
                    NearestRounding::Floor => wire::Rounding::FLOOR,
                    NearestRounding::Ceil => wire::Rounding::CEIL,
                });
                wire::Method::NEAREST
            }
            ResampleMethod::Linear => wire::Method::LINEAR,
            ResampleMethod::Cubic { a } => {
                p.set_cubic_coeff(a);
                wire::Method::CUBIC
            }
        };
        p.set_method(method);
        p.set_coordinates(match self.coordinates {
            Coordinates::HalfPixel => wire::Coordinates::HALF_PIXEL,
            Coordinates::PytorchHalfPixel => wire::Coordinates::PYTORCH_HALF_PIXEL,
            Coordinates::AlignCorners => wire::Coordinates::ALIGN_CORNERS,
            Coordinates::Asymmetric => wire::Coordinates::ASYMMETRIC,
            Coordinates::TfHalfPixelForNn => wire::Coordinates::TF_HALF_PIXEL_FOR_NN,
        });
    }

    fn check(&self) -> Result<(), LayerError> {
        if self.size.contains(&0) {
            let (size, reason) = (format_args!("{:?}", self.size), ValueError::AtLeast(1));
            return Err(LayerError::bad("resample_param.height", size, reason));
        }
        let [height, width] = self.size;
        fit(&[("resample_param.height", height), ("resample_param.width", width)])?;
        if let Some(scales) = self.scale {
            check_scales("resample_param.scale_h", scales)?;
        }
        match self.method {
            ResampleMethod::Cubic { a } if !a.is_finite() => {
                Err(LayerError::bad("resample_param.cubic_coeff", a, ValueError::Finite))
            }
            ResampleMethod::Cubic { .. } | ResampleMethod::Linear | ResampleMethod::Nearest(_) => {
                Ok(())
            }
        }
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = match self.method {
            ResampleMethod::Nearest(_) => Int8Form::Same,
            ResampleMethod::Linear => Int8Form::Interpolate(Linear {
                coordinates: self.coordinates,
                scale: self.scale,
                cut: [0, 0],
                zeros_behind: false,
            }),
            ResampleMethod::Cubic { .. } => Int8Form::Float,
        };
        Facts { role: Role::Computes, int8 }
    }

    fn movement(
        &self,
        bottom: &[usize],
        _: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let ResampleMethod::Nearest(rounding) = self.method else { return Ok(None) };
        let [n, c, h, w] = nchw(bottom)?;
        let places = |axis: usize, from: usize, stride: usize| {
            let positions = self.positions(axis, from);
            Axis::of(positions.map(|position| Some(rounding.pick(position, from) * stride)))
        };
        let planes = Axis::run(0, h * w, n * c);
        Ok(Some(Movement::new(vec![planes, places(0, h, w), places(1, w, 1)])))
    }

    fn taps(&self, bottom: &[usize], _: &[usize]) -> Result<Option<[Taps; 2]>, LayerError> {
        let taps = |axis: usize| {
            let from = bottom[2 + axis];
            match self.method {
                ResampleMethod::Nearest(_) => None,
                ResampleMethod::Linear => Some(Taps::linear(from, self.positions(axis, from))),
                ResampleMethod::Cubic { a } => {
                    Some(Taps::cubic(a, from, self.positions(axis, from)))
                }
            }
        };
        Ok(taps(0).zip(taps(1)).map(|(rows, columns)| [rows, columns]))
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.resized(self.taps(float.bottoms.first()?, float.top).ok()??)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom @ [n, c, h, w] = nchw(one(bottoms)?)?;
        if h == 0 || w == 0 {
            let (size, reason) = (format_args!("{:?}", self.size), ValueError::NoPixels(bottom));
            return Err(LayerError::bad("resample_param", size, reason));
        }
        one_top(tops, vec![n, c, self.size[0], self.size[1]])
    }
}
