use datum_store::{Datum, DatumData};
use prost::Message;

use crate::decode::{ColorMode, decode};
use crate::error::Error;
use crate::mean::Mean;
use crate::ops::{Picture, Step};
use crate::pixels::Pixels;
use crate::proto::resize_parameter::{InterpMode, ResizeMode};
use crate::proto::{ResizeParameter, TransformationParameter};

/// A checked `transform_param`, in the TEST phase: nothing is left to chance.
///
/// Plain fields run in a fixed order: decoding, `resize_param`, centre crop, mean, `scale`.
/// `transform_op` steps run in the order in which they are written; a STAND subtracts its mean
/// from the channels as stored (B, G, R), multiplies by scale, divides by div, and swaps to
/// R, G, B last. The two ways exclude each other. `mirror`, `distort_param`, `expand_param` and
/// `noise_param` are random augmentations of training and do nothing here.
///
/// # Source
/// BVLC Caffe and its SSD fork, DataTransformer; the vendor's quantization guide for the fixed
/// and the written order.
#[derive(Clone, Debug)]
pub struct TransformParam {
    color: ColorMode,
    plan: Plan,
}

#[derive(Clone, Debug)]
enum Plan {
    Fixed { resize: Option<[usize; 2]>, crop: Option<[usize; 2]>, mean: Mean, scale: f32 },
    Written(Vec<Step>),
}

impl TransformParam {
    /// Decodes and checks a TransformationParameter message; no bytes are an empty message.
    ///
    /// # Errors
    /// [`Error::Wire`]; [`Error::Unsupported`] and [`Error::Value`] name the field;
    /// [`Error::Read`] for a `mean_file` that cannot be read.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, Error> {
        let p = TransformationParameter::decode(bytes)
            .map_err(|error| Error::Wire { reason: error.to_string() })?;
        let unsupported = [
            ("crop_fraction", p.crop_fraction() != 0.0),
            ("resize", !p.resize.is_empty()),
            ("standardization", p.standardization()),
        ];
        if let Some((field, _)) = unsupported.into_iter().find(|(_, used)| *used) {
            return Err(Error::Unsupported { field });
        }
        let color = match (p.force_color(), p.force_gray()) {
            (true, true) => {
                let reason = "force_color and force_gray exclude each other".to_owned();
                return Err(Error::Value { field: "force_color", reason });
            }
            (true, false) => ColorMode::Color,
            (false, true) => ColorMode::Gray,
            (false, false) => ColorMode::AsStored,
        };
        if p.transform_op.is_empty() {
            return Ok(TransformParam { color, plan: Plan::fixed(&p)? });
        }
        let plain = p.scale.is_some()
            || p.crop_size.is_some()
            || p.crop_h.is_some()
            || p.crop_w.is_some()
            || p.mean_file.is_some()
            || !p.mean_value.is_empty()
            || p.resize_param.is_some();
        if plain {
            let reason = "excludes the fields outside of it, which have an order of their own";
            return Err(Error::Value { field: "transform_op", reason: reason.to_owned() });
        }
        let steps: Vec<Option<Step>> =
            p.transform_op.iter().map(Step::new).collect::<Result<_, _>>()?;
        Ok(TransformParam { color, plan: Plan::Written(steps.into_iter().flatten().collect()) })
    }

    /// The shape C, H, W that [`TransformParam::apply`] gives for this datum.
    ///
    /// # Errors
    /// As [`TransformParam::apply`].
    pub fn output_shape(&self, datum: &Datum) -> Result<[usize; 3], Error> {
        self.run(datum).map(|picture| picture.shape())
    }

    /// Writes the net's input, C, H, W order, for one stored picture.
    ///
    /// # Errors
    /// [`Error::Decode`] for an encoded datum that is no picture, [`Error::Crop`],
    /// [`Error::Mean`], and [`Error::OutputLength`] if `output` has another length.
    pub fn apply(&self, datum: &Datum, output: &mut [f32]) -> Result<(), Error> {
        let picture = self.run(datum)?;
        if picture.data().len() != output.len() {
            let (expected, found) = (picture.data().len(), output.len());
            return Err(Error::OutputLength { expected, found });
        }
        output.copy_from_slice(picture.data());
        Ok(())
    }

    fn run(&self, datum: &Datum) -> Result<Pixels<f32>, Error> {
        let mut picture = match datum.data() {
            DatumData::Encoded(bytes) => Picture::Bytes(decode(bytes, self.color)?),
            DatumData::Bytes(bytes) => Picture::Bytes(Pixels::new(datum.shape(), bytes.clone())?),
            DatumData::Floats(values) => {
                Picture::Values(Pixels::new(datum.shape(), values.clone())?)
            }
        };
        match &self.plan {
            Plan::Written(steps) => {
                for step in steps {
                    picture = step.apply(picture)?;
                }
                Ok(picture.into_values())
            }
            Plan::Fixed { resize, crop, mean, scale } => {
                if let Some(size) = resize {
                    picture = picture.resize("resize_param.height", *size)?;
                }
                let mut offset = [0, 0];
                if let Some(size) = crop {
                    let [_, h, w] = picture.shape();
                    picture = picture.centre_crop(*size)?;
                    offset = [(h - size[0]) / 2, (w - size[1]) / 2];
                }
                let mut values = picture.into_values();
                mean.subtract("mean_value", &mut values, offset)?;
                if *scale != 1.0 {
                    values = values.map(|value| value * scale);
                }
                Ok(values)
            }
        }
    }
}

impl Plan {
    fn fixed(p: &TransformationParameter) -> Result<Self, Error> {
        let crop = match (p.crop_size(), p.crop_h(), p.crop_w()) {
            (0, 0, 0) => None,
            (size, 0, 0) => Some([size as usize; 2]),
            (0, h, w) if h > 0 && w > 0 => Some([h as usize, w as usize]),
            _ => {
                let reason = "give it, or crop_h and crop_w".to_owned();
                return Err(Error::Value { field: "crop_size", reason });
            }
        };
        Ok(Plan::Fixed {
            resize: p.resize_param.as_ref().map(resize_size).transpose()?,
            crop,
            mean: Mean::new("mean_value", &p.mean_value, p.mean_file.as_deref())?,
            scale: p.scale(),
        })
    }
}

fn resize_size(p: &ResizeParameter) -> Result<[usize; 2], Error> {
    if p.resize_mode() != ResizeMode::Warp {
        return Err(Error::Unsupported { field: "resize_param.resize_mode other than WARP" });
    }
    // Caffe picks one of several at random; the first stands for all.
    if p.interp_mode().next().is_some_and(|mode| mode != InterpMode::Linear) {
        return Err(Error::Unsupported { field: "resize_param.interp_mode other than LINEAR" });
    }
    Ok([p.height() as usize, p.width() as usize])
}
