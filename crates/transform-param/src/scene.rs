//! A picture and its boxes on their way through the steps.

use datum_store::{Annotation, AnnotationGroup, NormalizedBBox};

use crate::boxes::{Area, Emit, float};
use crate::decode::{ColorMode, decode};
use crate::encode::{EncodeOptions, encode_with};
use crate::error::Error;
use crate::format::Format;
use crate::frame::Frame;
use crate::pixels::Pixels;

/// What the steps work on.
pub(crate) struct Scene {
    pub(crate) frame: Frame,
    /// Whether the picture was stored as a file: SSD makes one of it again between two steps.
    encoded: bool,
    /// The boxes of an annotated picture.
    objects: Option<Objects>,
    emit: Emit,
    /// Height and width before `resize_param`.
    pub(crate) fitted_from: [usize; 2],
    /// The part of the frame that becomes the net's input.
    pub(crate) window: View,
    /// The same in shares of the frame.
    pub(crate) shown: Area,
}

/// A part of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// Row and column of the upper left corner.
    pub(crate) offset: [usize; 2],
    /// Height and width; none for all of the frame.
    pub(crate) size: Option<[usize; 2]>,
    pub(crate) mirrored: bool,
}

impl Scene {
    pub(crate) fn new(frame: Frame, encoded: bool, objects: Option<Objects>, emit: Emit) -> Self {
        let fitted_from = frame.size();
        let window = View { offset: [0, 0], size: None, mirrored: false };
        Scene { frame, encoded, objects, emit, fitted_from, window, shown: Area::WHOLE }
    }

    /// The picture, for a step to put back what becomes of it.
    pub(crate) fn take(&mut self) -> Frame {
        std::mem::replace(&mut self.frame, Frame::Bytes(Pixels::none()))
    }

    /// Puts a picture back as SSD does after a step that works on files: through a JPEG, if it came from a file.
    pub(crate) fn store(&mut self, frame: Frame) -> Result<(), Error> {
        self.frame = match frame {
            Frame::Bytes(picture) if self.encoded => Frame::Bytes(recoded(&picture, JPEG_QUALITY)?),
            frame => frame,
        };
        Ok(())
    }

    /// Where the boxes are; none if the picture has no annotations.
    pub(crate) fn objects(&self) -> Option<Vec<Area>> {
        self.objects.as_ref().map(Objects::areas)
    }

    /// The picture now shows this part of itself: boxes are told in shares of it, or go.
    pub(crate) fn cut(&mut self, part: Area) {
        let emit = self.emit;
        self.objects.iter_mut().for_each(|objects| objects.cut(part, emit));
    }

    /// Boxes are cut off at the edges; those outside go, whatever `emit_constraint` says.
    pub(crate) fn clip(&mut self) {
        self.objects.iter_mut().for_each(|objects| objects.cut(Area::WHOLE, Emit::Any));
    }

    /// Moves every box.
    pub(crate) fn change(
        &mut self,
        change: impl Fn(Area) -> Result<Area, Error>,
    ) -> Result<(), Error> {
        self.objects.iter_mut().try_for_each(|objects| objects.change(&change))
    }

    /// The net sees this part of the frame, which stays whole.
    pub(crate) fn show(&mut self, offset: [usize; 2], size: [usize; 2]) {
        self.shown = Area::part(offset.map(float), size, self.frame.size());
        self.window = View { offset, size: Some(size), mirrored: false };
        self.cut(self.shown);
    }

    /// The net sees left and right swapped.
    pub(crate) fn mirror(&mut self) {
        self.window.mirrored = true;
        self.objects.iter_mut().for_each(Objects::mirror);
    }

    /// The picture and what part of it the net sees, and the boxes.
    pub(crate) fn into_parts(self) -> (Frame, View, Vec<AnnotationGroup>) {
        (self.frame, self.window, self.objects.map(Objects::into_groups).unwrap_or_default())
    }
}

/// SSD's pictures between two steps: OpenCV's default quality.
const JPEG_QUALITY: u8 = 95;

/// What a JPEG of this quality makes of the picture.
pub(crate) fn recoded(picture: &Pixels<u8>, quality: u8) -> Result<Pixels<u8>, Error> {
    let [channels, ..] = picture.shape();
    let options = EncodeOptions::default().jpeg_quality(quality);
    let file = match channels {
        // The second one is alpha, which no JPEG has.
        2 => encode_with(&picture.first_channel(), Format::Jpeg, &options)?,
        _ => encode_with(picture, Format::Jpeg, &options)?,
    };
    decode(&file, if channels == 1 { ColorMode::Gray } else { ColorMode::Color })
}

/// The annotated boxes of a picture.
#[derive(Default)]
pub(crate) struct Objects {
    groups: Vec<(i32, Vec<Object>)>,
}

struct Object {
    instance: i32,
    area: Area,
    difficult: bool,
}

impl Objects {
    pub(crate) fn new(groups: &[AnnotationGroup]) -> Self {
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

    fn mirror(&mut self) {
        let objects = self.groups.iter_mut().flat_map(|(_, objects)| objects);
        objects.for_each(|object| object.area = object.area.mirrored());
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
