//! From a stored picture to the net's input.

use std::str::FromStr;

use datum_store::{AnnotatedDatum, AnnotationGroup, Datum, DatumData};

use crate::boxes::Emit;
use crate::chance::Chance;
use crate::decode::{ColorMode, decode};
use crate::error::{Error, ValueError};
use crate::frame::Frame;
use crate::mean::Mean;
use crate::param::{AnnotatedDataParam, Op, TransformOp, TransformParam};
use crate::pixels::{Pixels, length};
use crate::prepared::{Finish, Prepared};
use crate::scene::{Objects, Scene};
use crate::steps::{Crop, Distort, Expand, Fit, Noise, Resize, Sample, Stand, Step, Window};

/// A checked [`TransformParam`]: one list of steps, whether its fields run in the fixed order or its `transform_op` in
/// the written one.
///
/// ```
/// use transform_param::{Chance, Pixels, Transform};
/// let transform: Transform = "scale: 0.5 mean_value: 10".parse()?;
/// let picture = Pixels::new([1, 1, 2], vec![10, 30])?;
/// let input = transform.apply_to(picture, &mut Chance::none())?;
/// assert_eq!(input.data(), [0.0, 10.0]); // the mean is subtracted before the scale
/// # Ok::<(), transform_param::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Transform {
    color: ColorMode,
    emit: Emit,
    steps: Vec<Step>,
    finish: Finish,
}

impl Transform {
    /// Checks the parameters, and reads their mean file.
    ///
    /// # Errors
    /// [`Error::Value`] names the field; [`Error::Read`] and [`Error::MeanFile`] for a `mean_file`.
    pub fn new(param: &TransformParam) -> Result<Self, Error> {
        Transform::with_samplers(param, &AnnotatedDataParam::default())
    }

    /// [`Transform::new`] with the samplers of an AnnotatedData layer, which take parts of annotated pictures.
    ///
    /// # Errors
    /// As [`Transform::new`], also for a sampler's range that is empty or beyond the picture.
    pub fn with_samplers(
        param: &TransformParam,
        samplers: &AnnotatedDataParam,
    ) -> Result<Self, Error> {
        let color = match (param.force_color, param.force_gray) {
            (true, true) => {
                let reason = ValueError::Both { field: "force_color", other: "force_gray" };
                return Err(Error::Value { field: "force_color", reason });
            }
            (true, false) => ColorMode::Color,
            (false, true) => ColorMode::Gray,
            (false, false) => ColorMode::AsStored,
        };
        let emit = Emit::new(param.emit_constraint.as_ref());
        let sample = Step::Sample(Sample::new(samplers)?);
        let (steps, finish) = if param.transform_op.is_empty() {
            fixed_order(param, sample)?
        } else {
            (written_order(param, sample)?, Finish::NOTHING)
        };
        Ok(Transform { color, emit, steps, finish })
    }

    /// The net's input for one stored picture, C, H, W order.
    ///
    /// # Errors
    /// As [`Transform::prepare`].
    pub fn apply(&self, datum: &Datum, chance: &mut Chance) -> Result<Pixels<f32>, Error> {
        Ok(self.prepare(datum, chance)?.to_pixels())
    }

    /// The net's input for a picture that was decoded: colour as B, G, R.
    ///
    /// # Errors
    /// As [`Transform::prepare`].
    pub fn apply_to(&self, picture: Pixels<u8>, chance: &mut Chance) -> Result<Pixels<f32>, Error> {
        let scene = Scene::new(Frame::Bytes(picture), false, None, self.emit);
        Ok(self.run(scene, chance)?.0.to_pixels())
    }

    /// Everything but the arithmetic of the last step, so that the shape is known before the values
    /// are written.
    ///
    /// # Errors
    /// [`Error::Decode`] for an encoded datum that is no picture; [`Error::Crop`], [`Error::Mean`],
    /// [`Error::FloatPicture`], [`Error::Channels`] and [`Error::Value`] for a picture that does not
    /// suit the parameters; [`Error::Encode`] if a step needs JPEG and this build has none; [`Error::Memory`].
    pub fn prepare(&self, datum: &Datum, chance: &mut Chance) -> Result<Prepared<'_>, Error> {
        Ok(self.run(self.scene(datum, None)?, chance)?.0)
    }

    /// As [`Transform::prepare`], for a picture with annotated boxes, which follow every step that moves
    /// pixels.
    ///
    /// Where a step shows a part of the picture, `emit_constraint` decides which boxes stay; those are
    /// clipped to it and told in its width and height. Groups without a box go.
    ///
    /// # Errors
    /// As [`Transform::prepare`].
    pub fn annotated(
        &self,
        record: &AnnotatedDatum,
        chance: &mut Chance,
    ) -> Result<(Prepared<'_>, Vec<AnnotationGroup>), Error> {
        self.run(self.scene(&record.datum, Some(Objects::new(&record.groups)))?, chance)
    }

    fn scene(&self, datum: &Datum, objects: Option<Objects>) -> Result<Scene, Error> {
        let frame = match datum.data() {
            DatumData::Encoded(bytes) => Frame::Bytes(decode(bytes, self.color)?),
            DatumData::Bytes(bytes) => Frame::Bytes(Pixels::new(datum.shape(), bytes.clone())?),
            DatumData::Floats(values) => Frame::Values(Pixels::new(datum.shape(), values.clone())?),
        };
        let encoded = matches!(datum.data(), DatumData::Encoded(_));
        Ok(Scene::new(frame, encoded, objects, self.emit))
    }

    fn run(
        &self,
        mut scene: Scene,
        chance: &mut Chance,
    ) -> Result<(Prepared<'_>, Vec<AnnotationGroup>), Error> {
        for step in &self.steps {
            step.apply(&mut scene, chance)?;
        }
        let (frame, window, groups) = scene.into_parts();
        Ok((Prepared::new(&self.finish, frame, window)?, groups))
    }
}

impl FromStr for Transform {
    type Err = Error;

    /// Reads and checks the fields of a `transform_param` as a prototxt has them.
    fn from_str(text: &str) -> Result<Self, Error> {
        Transform::new(&text.parse()?)
    }
}

/// The steps of the plain fields, in the order that [`TransformParam`] documents.
fn fixed_order(p: &TransformParam, sample: Step) -> Result<(Vec<Step>, Finish), Error> {
    let crop = match [p.crop_size, p.crop_h, p.crop_w].map(length) {
        [0, 0, 0] => None,
        [size, 0, 0] => Some([size, size]),
        [0, h, w] if h > 0 && w > 0 => Some([h, w]),
        _ => {
            let reason = ValueError::OneOf { ways: "it, or crop_h and crop_w" };
            return Err(Error::Value { field: "crop_size", reason });
        }
    };
    let crop_fraction = match p.crop_fraction {
        0.0 => None,
        share => Some(Crop::fraction("crop_fraction", share)?),
    };
    let mean = Mean::new("mean_value", &p.mean_value, p.mean_file.as_deref())?;
    let fit = p.resize_param.as_ref().map(Fit::new).transpose()?;
    let expand = p.expand_param.as_ref().map(|expand| Expand::new(expand, &mean)).transpose()?;
    let steps = [
        p.distort_param.as_ref().map(Distort::new).transpose()?.map(Step::Distort),
        expand.map(Step::Expand),
        Some(sample),
        fit.clone().map(Step::Fit),
        p.noise_param.as_ref().map(Noise::new).transpose()?.map(Step::Noise),
        crop_fraction.map(Step::Crop),
        Resize::from_list(&p.resize)?.map(Step::Resize),
        Some(Step::Window(Window(crop))),
        p.mirror.then_some(Step::Mirror),
        fit.filter(Fit::stretches).map(Step::Stretch),
    ];
    let finish = Finish { mean, scale: p.scale, standardization: p.standardization };
    Ok((steps.into_iter().flatten().collect(), finish))
}

/// The steps of `transform_op`, as they are written.
fn written_order(p: &TransformParam, sample: Step) -> Result<Vec<Step>, Error> {
    if let Some(other) = plain_field(p) {
        return Err(Error::Value { field: "transform_op", reason: ValueError::HasOrder { other } });
    }
    let mut steps = vec![sample];
    for op in &p.transform_op {
        steps.extend(written_step(op)?);
    }
    steps.push(Step::Clip);
    Ok(steps)
}

fn written_step(op: &TransformOp) -> Result<Option<Step>, Error> {
    if let Some((field, step)) = stray_field(op) {
        let reason = match op.op {
            Op::None => ValueError::NoOp { step },
            _ => ValueError::OtherOp { step },
        };
        return Err(Error::Value { field, reason });
    }
    Ok(match op.op {
        Op::None => None,
        Op::Resize => Some(Step::Resize(Resize::new(op)?)),
        Op::Crop => Some(Step::Crop(Crop::new(op)?)),
        Op::Stand => Some(Step::Stand(Stand::new(op)?)),
    })
}

/// A field of `transform_op` that its `op` does not have, and the one that has it.
fn stray_field(op: &TransformOp) -> Option<(&'static str, &'static str)> {
    let (resize, crop, stand) = ((Op::Resize, "RESIZE"), (Op::Crop, "CROP"), (Op::Stand, "STAND"));
    let given = [
        ("transform_op.resize_side", resize, op.resize_side.is_some()),
        ("transform_op.resize_h", resize, op.resize_h > 0),
        ("transform_op.resize_w", resize, op.resize_w > 0),
        ("transform_op.crop_fraction", crop, op.crop_fraction.is_some()),
        ("transform_op.crop_h", crop, op.crop_h > 0),
        ("transform_op.crop_w", crop, op.crop_w > 0),
        ("transform_op.padding", crop, op.padding.is_some()),
        ("transform_op.mean_value", stand, !op.mean_value.is_empty()),
        ("transform_op.mean_file", stand, op.mean_file.is_some()),
        ("transform_op.scale", stand, !op.scale.is_empty()),
        ("transform_op.div", stand, op.div != 1.0),
        ("transform_op.bgr2rgb", stand, op.bgr2rgb),
    ];
    let stray = |(_, (owner, _), given): &(_, (Op, _), bool)| *given && *owner != op.op;
    given.into_iter().find(stray).map(|(field, (_, step), _)| (field, step))
}

/// A field that has its place in the fixed order and does something.
fn plain_field(p: &TransformParam) -> Option<&'static str> {
    let given = [
        ("scale", p.scale != 1.0),
        ("mirror", p.mirror),
        ("crop_size", p.crop_size > 0),
        ("mean_file", p.mean_file.is_some()),
        ("mean_value", !p.mean_value.is_empty()),
        ("resize_param", p.resize_param.is_some()),
        ("noise_param", p.noise_param.is_some()),
        ("crop_h", p.crop_h > 0),
        ("crop_w", p.crop_w > 0),
        ("distort_param", p.distort_param.is_some()),
        ("expand_param", p.expand_param.is_some()),
        ("crop_fraction", p.crop_fraction != 0.0),
        ("resize", !p.resize.is_empty()),
        ("standardization", p.standardization),
    ];
    given.into_iter().find(|(_, given)| *given).map(|(field, _)| field)
}
