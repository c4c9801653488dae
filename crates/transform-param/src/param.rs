use prost::Message;

use crate::boxes::Emit;
use crate::decode::ColorMode;
use crate::distort::Distortion;
use crate::error::Error;
use crate::expand::Expansion;
use crate::mean::Mean;
use crate::noise::Noise;
use crate::ops::{Crop, Resize, Step};
use crate::proto::TransformationParameter;
use crate::resize_policy::ResizePolicy;

/// A checked `transform_param`.
///
/// Its plain fields run in a fixed order:
///
/// 1. decoding, with `force_color` or `force_gray` for encoded pictures;
/// 2. `distort_param`;
/// 3. `expand_param`;
/// 4. a part of the picture by the layer's `batch_sampler`, if it has any ([`Samplers`]);
/// 5. `resize_param`;
/// 6. `noise_param`;
/// 7. `crop_fraction`, the middle part, as TensorFlow's central_crop;
/// 8. `resize`, bilinear: one value is the length of the shorter side and keeps the aspect ratio, two are
///    height and width;
/// 9. `crop_size`, or `crop_h` and `crop_w`: the middle; in training, anywhere;
/// 10. `mirror`: in training, every second picture at random;
/// 11. `mean_value` or `mean_file`, which is as large as the picture before the crop;
/// 12. `scale`;
/// 13. `standardization`: `(x − mean) / max(σ, 1 / √count)` over the picture, as TensorFlow's
///     per_image_standardization.
///
/// `transform_op` steps run in the order in which they are written instead, after decoding. RESIZE is bilinear.
/// CROP takes the middle. STAND subtracts its mean from the channels as stored (B, G, R), multiplies by
/// scale, divides by div, and swaps to R, G, B last. The two ways exclude each other; only
/// `force_color`, `force_gray` and `emit_constraint` go with both.
///
/// Boxes of annotated pictures follow every step that moves pixels: see [`TransformParam::annotated`].
///
/// Which draws are made where is [`Chance`](crate::Chance)'s matter. Differences to SSD: it mirrors in the
/// TEST phase, too; its Data layers pass over `distort_param` and `expand_param`; it refuses `resize_param` for
/// pictures that are stored as bytes or floats. An encoded picture that is distorted, expanded or
/// sampled from is encoded as JPEG of quality 95 after each of these steps, as in SSD.
///
/// # Source
/// Steps 1 and 9 to 12: BVLC Caffe, DataTransformer. 2 to 6: SSD, AnnotatedDataLayer and DataTransformer.
/// 7, 8 and 13 are the vendor's, who says "TensorFlow data pre-processing" and publishes no order: they
/// stand so that both of TensorFlow's usual chains (central crop, then resize; resize, then crop) can be
/// written. The vendor's quantization guide for the written order.
///
/// [`Samplers`]: crate::Samplers
#[derive(Clone, Debug)]
pub struct TransformParam {
    pub(crate) color: ColorMode,
    pub(crate) emit: Emit,
    pub(crate) plan: Plan,
}

#[derive(Clone, Debug)]
pub(crate) enum Plan {
    Fixed(Box<Fixed>),
    Written(Vec<Step>),
}

/// The plain fields.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    pub(crate) distortion: Option<Distortion>,
    pub(crate) expansion: Option<Expansion>,
    pub(crate) policy: Option<ResizePolicy>,
    pub(crate) noise: Option<Noise>,
    pub(crate) crop_fraction: Option<Crop>,
    pub(crate) resize: Option<Resize>,
    pub(crate) crop: Option<[usize; 2]>,
    pub(crate) mirror: bool,
    pub(crate) mean: Mean,
    pub(crate) scale: f32,
    pub(crate) standardization: bool,
}

impl TransformParam {
    /// Decodes and checks a TransformationParameter message; no bytes are an empty message.
    ///
    /// # Errors
    /// [`Error::Wire`]; [`Error::Value`] names the field; [`Error::Read`] for a `mean_file` that cannot
    /// be read.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, Error> {
        let p = TransformationParameter::decode(bytes)
            .map_err(|error| Error::Wire { reason: error.to_string() })?;
        let color = match (p.force_color(), p.force_gray()) {
            (true, true) => {
                let reason = "force_color and force_gray exclude each other".to_owned();
                return Err(Error::Value { field: "force_color", reason });
            }
            (true, false) => ColorMode::Color,
            (false, true) => ColorMode::Gray,
            (false, false) => ColorMode::AsStored,
        };
        let plan = if p.transform_op.is_empty() {
            Plan::Fixed(Box::new(Fixed::new(&p)?))
        } else if let Some(plain) = plain_field(&p) {
            let reason = format!("excludes {plain}, which has an order of its own");
            return Err(Error::Value { field: "transform_op", reason });
        } else {
            let steps: Vec<_> = p.transform_op.iter().map(Step::new).collect::<Result<_, _>>()?;
            Plan::Written(steps.into_iter().flatten().collect())
        };
        let emit = Emit::new(p.emit_constraint.as_ref());
        Ok(TransformParam { color, emit, plan })
    }
}

/// A field that does not go with `transform_op`.
fn plain_field(p: &TransformationParameter) -> Option<&'static str> {
    let given = [
        ("scale", p.scale.is_some()),
        ("mirror", p.mirror.is_some()),
        ("crop_size", p.crop_size.is_some()),
        ("mean_file", p.mean_file.is_some()),
        ("mean_value", !p.mean_value.is_empty()),
        ("resize_param", p.resize_param.is_some()),
        ("noise_param", p.noise_param.is_some()),
        ("crop_h", p.crop_h.is_some()),
        ("crop_w", p.crop_w.is_some()),
        ("distort_param", p.distort_param.is_some()),
        ("expand_param", p.expand_param.is_some()),
        ("crop_fraction", p.crop_fraction.is_some()),
        ("resize", !p.resize.is_empty()),
        ("standardization", p.standardization.is_some()),
    ];
    given.into_iter().find(|(_, given)| *given).map(|(field, _)| field)
}

impl Fixed {
    fn new(p: &TransformationParameter) -> Result<Self, Error> {
        let crop = match (p.crop_size(), p.crop_h(), p.crop_w()) {
            (0, 0, 0) => None,
            (size, 0, 0) => Some([size as usize; 2]),
            (0, h, w) if h > 0 && w > 0 => Some([h as usize, w as usize]),
            _ => {
                let reason = "give it, or crop_h and crop_w".to_owned();
                return Err(Error::Value { field: "crop_size", reason });
            }
        };
        let crop_fraction = match p.crop_fraction() {
            0.0 => None,
            share => Some(Crop::fraction("crop_fraction", share)?),
        };
        Ok(Fixed {
            distortion: p.distort_param.as_ref().map(Distortion::new).transpose()?,
            expansion: p.expand_param.as_ref().map(Expansion::new).transpose()?,
            policy: p.resize_param.as_ref().map(ResizePolicy::new).transpose()?,
            noise: p.noise_param.as_ref().map(Noise::new).transpose()?,
            crop_fraction,
            resize: Resize::from_list(&p.resize)?,
            crop,
            mirror: p.mirror(),
            mean: Mean::new("mean_value", &p.mean_value, p.mean_file.as_deref())?,
            scale: p.scale(),
            standardization: p.standardization(),
        })
    }
}
