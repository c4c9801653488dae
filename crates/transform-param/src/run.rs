//! From a stored picture to the net's input.

use datum_store::{AnnotatedDatum, Annotation, AnnotationGroup, Datum, DatumData, NormalizedBBox};

use crate::boxes::{Area, Emit};
use crate::chance::Chance;
use crate::decode::decode;
use crate::error::Error;
use crate::frame::{Frame, centre};
use crate::noise::recoded;
use crate::param::{Fixed, Plan, TransformParam};
use crate::pixels::Pixels;
use crate::prepared::Prepared;
use crate::sampler::Samplers;

/// SSD's intermediate pictures: OpenCV's default quality.
const JPEG_QUALITY: u8 = 95;

impl TransformParam {
    /// The net's input for one stored picture, C, H, W order.
    ///
    /// # Errors
    /// As [`TransformParam::prepare`].
    pub fn apply(&self, datum: &Datum, chance: &mut Chance) -> Result<Pixels<f32>, Error> {
        Ok(self.prepare(datum, chance)?.to_pixels())
    }

    /// Everything but the arithmetic of the last step, so that the shape is known before the values
    /// are written.
    ///
    /// # Errors
    /// [`Error::Decode`] for an encoded datum that is no picture; [`Error::Crop`], [`Error::Mean`],
    /// [`Error::FloatPicture`], [`Error::Channels`] and [`Error::Value`] for a picture that does not
    /// suit the parameters.
    pub fn prepare(&self, datum: &Datum, chance: &mut Chance) -> Result<Prepared<'_>, Error> {
        self.run(datum, &mut Objects::default(), None, chance)
    }

    /// As [`TransformParam::prepare`], for a picture with annotated boxes, which follow every step that moves
    /// pixels.
    ///
    /// Where a step shows a part of the picture, `emit_constraint` decides which boxes stay; those are
    /// clipped to it and told in its width and height. Groups without a box go.
    ///
    /// # Errors
    /// As [`TransformParam::prepare`].
    pub fn annotated(
        &self,
        record: &AnnotatedDatum,
        samplers: &Samplers,
        chance: &mut Chance,
    ) -> Result<(Prepared<'_>, Vec<AnnotationGroup>), Error> {
        let mut objects = Objects::new(&record.groups);
        let prepared = self.run(&record.datum, &mut objects, Some(samplers), chance)?;
        Ok((prepared, objects.into_groups()))
    }

    fn run(
        &self,
        datum: &Datum,
        objects: &mut Objects,
        samplers: Option<&Samplers>,
        chance: &mut Chance,
    ) -> Result<Prepared<'_>, Error> {
        let mut frame = match datum.data() {
            DatumData::Encoded(bytes) => Frame::Bytes(decode(bytes, self.color)?),
            DatumData::Bytes(bytes) => Frame::Bytes(Pixels::new(datum.shape(), bytes.clone())?),
            DatumData::Floats(values) => Frame::Values(Pixels::new(datum.shape(), values.clone())?),
        };
        let encoded = matches!(datum.data(), DatumData::Encoded(_));
        match &self.plan {
            Plan::Fixed(fixed) => {
                frame = fixed.augment(frame, encoded, objects, self.emit, chance)?;
                frame = sample(frame, encoded, objects, self.emit, samplers, chance)?;
                fixed.run(frame, objects, self.emit, chance)
            }
            Plan::Written(steps) => {
                frame = sample(frame, encoded, objects, self.emit, samplers, chance)?;
                for step in steps {
                    let (next, part) = step.apply(frame)?;
                    frame = next;
                    if let Some(part) = part {
                        objects.cut(part, self.emit);
                    }
                }
                objects.cut(Area::WHOLE, Emit::Any);
                Prepared::done(frame)
            }
        }
    }
}

/// What SSD does between two steps of an encoded picture.
fn store(frame: Frame, encoded: bool) -> Result<Frame, Error> {
    match frame {
        Frame::Bytes(picture) if encoded => Ok(Frame::Bytes(recoded(&picture, JPEG_QUALITY)?)),
        frame => Ok(frame),
    }
}

/// A part of the picture, if there are samplers and one of them finds any.
fn sample(
    frame: Frame,
    encoded: bool,
    objects: &mut Objects,
    emit: Emit,
    samplers: Option<&Samplers>,
    chance: &mut Chance,
) -> Result<Frame, Error> {
    let Some(part) = samplers.and_then(|samplers| samplers.sample(&objects.areas(), chance)) else {
        return Ok(frame);
    };
    let part = part.clipped();
    let [h, w] = frame.size().map(|length| length as f32);
    let [x0, y0, x1, y1] = [part.xmin * w, part.ymin * h, part.xmax * w, part.ymax * h];
    // Rounded down, as C++ converts.
    let size = [(y1 - y0) as usize, (x1 - x0) as usize];
    crate::frame::check_size("batch_sampler", size)?;
    let frame = store(frame.crop([y0 as usize, x0 as usize], size)?, encoded)?;
    objects.cut(part, emit);
    Ok(frame)
}

impl Fixed {
    /// Distortion and expansion.
    fn augment(
        &self,
        mut frame: Frame,
        encoded: bool,
        objects: &mut Objects,
        emit: Emit,
        chance: &mut Chance,
    ) -> Result<Frame, Error> {
        if let Some(distortion) = &self.distortion {
            let picture = frame.into_bytes("distort_param")?;
            frame = store(Frame::Bytes(distortion.apply(picture, chance)?), encoded)?;
        }
        if let Some(expansion) = &self.expansion
            && let Some((larger, area)) = expansion.apply(&frame, &self.mean, chance)?
        {
            frame = store(larger, encoded)?;
            objects.cut(area, emit);
        }
        Ok(frame)
    }

    /// The steps from resizing on.
    fn run(
        &self,
        mut frame: Frame,
        objects: &mut Objects,
        emit: Emit,
        chance: &mut Chance,
    ) -> Result<Prepared<'_>, Error> {
        let stored = frame.size();
        if let Some(policy) = &self.policy {
            frame = policy.apply(frame, chance)?;
            objects.change(|area| Ok(policy.moved(area, stored)))?;
        }
        if let Some(noise) = &self.noise {
            frame = noise.apply(frame, chance)?;
        }
        if let Some(fraction) = &self.crop_fraction {
            let (part, area) = fraction.apply(frame)?;
            frame = part;
            objects.cut(area, emit);
        }
        if let Some(resize) = &self.resize {
            frame = resize.apply(frame)?;
        }
        let whole = frame.size();
        let size = self.crop.unwrap_or(whole);
        if size[0] > whole[0] || size[1] > whole[1] {
            return Err(Error::Crop { crop: size, picture: whole });
        }
        let offset = if chance.is_none() {
            centre(whole, size)
        } else {
            [0, 1].map(|axis: usize| chance.below(whole[axis] - size[axis] + 1))
        };
        let mirror = self.mirror && chance.happens(0.5);
        let part = Area::part(offset.map(|length| length as f32), size, whole);
        objects.cut(part, emit);
        if mirror {
            objects.change(|area| Ok(area.mirrored()))?;
        }
        if let Some(policy) = &self.policy {
            objects.change(|area| policy.stretched(area, stored, part))?;
        }
        Prepared::new(self, frame, offset, size, mirror)
    }
}

/// The annotated boxes of a picture.
#[derive(Default)]
struct Objects {
    groups: Vec<(i32, Vec<Object>)>,
}

struct Object {
    instance: i32,
    area: Area,
    difficult: bool,
}

impl Objects {
    fn new(groups: &[AnnotationGroup]) -> Self {
        let object = |annotation: &Annotation| {
            let NormalizedBBox { xmin, ymin, xmax, ymax, difficult, .. } = annotation.bbox;
            let area = Area { xmin, ymin, xmax, ymax };
            Object { instance: annotation.instance_id, area, difficult }
        };
        let group =
            |group: &AnnotationGroup| (group.label, group.annotations.iter().map(object).collect());
        Objects { groups: groups.iter().map(group).collect() }
    }

    fn areas(&self) -> Vec<Area> {
        self.groups.iter().flat_map(|(_, objects)| objects).map(|object| object.area).collect()
    }

    /// The picture now shows this part of itself.
    fn cut(&mut self, part: Area, emit: Emit) {
        for (_, objects) in &mut self.groups {
            objects.retain_mut(|object| {
                let kept = emit.keeps(object.area, part).then(|| object.area.projected(part));
                kept.flatten().map(|area| object.area = area).is_some()
            });
        }
        self.groups.retain(|(_, objects)| !objects.is_empty());
    }

    fn change(&mut self, change: impl Fn(Area) -> Result<Area, Error>) -> Result<(), Error> {
        for object in self.groups.iter_mut().flat_map(|(_, objects)| objects) {
            object.area = change(object.area)?;
        }
        Ok(())
    }

    fn into_groups(self) -> Vec<AnnotationGroup> {
        let annotation = |object: Object| {
            let Object { instance, area, difficult } = object;
            let Area { xmin, ymin, xmax, ymax } = area;
            let size = area.size();
            let bbox =
                NormalizedBBox { xmin, ymin, xmax, ymax, difficult, size, ..Default::default() };
            Annotation { instance_id: instance, bbox }
        };
        let group = |(label, objects): (i32, Vec<Object>)| AnnotationGroup {
            label,
            annotations: objects.into_iter().map(annotation).collect(),
        };
        self.groups.into_iter().map(group).collect()
    }
}
