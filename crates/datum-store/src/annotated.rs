#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use prost::Message;

use crate::datum::{Datum, DatumError, decode};
use crate::schema;

/// A box in fractions of the picture: 0 is its left or upper edge, 1 its right or lower one.
///
/// Corners may lie outside of 0…1 or stand in the wrong order: SSD stores what the annotation says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NormalizedBBox {
    /// Left edge as a fraction of the width.
    pub xmin: f32,
    /// Upper edge as a fraction of the height.
    pub ymin: f32,
    /// Right edge as a fraction of the width.
    pub xmax: f32,
    /// Lower edge as a fraction of the height.
    pub ymax: f32,
    /// The class, where a box travels without its group; 0 in stored records.
    pub label: i32,
    /// Whether the object is hard to recognise; evaluations may leave it out.
    pub difficult: bool,
    /// Confidence of a detection; 0 in stored records.
    pub score: f32,
    /// The area, where it has been computed; 0 in stored records.
    pub size: f32,
}

/// One object.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Annotation {
    /// The object's number within its group, from 0.
    pub instance_id: i32,
    /// Where it is.
    pub bbox: NormalizedBBox,
}

/// All objects of one class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnnotationGroup {
    /// The class.
    pub label: i32,
    /// Its objects.
    pub annotations: Vec<Annotation>,
}

/// What the annotations of an [`AnnotatedDatum`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnotationType {
    /// Boxes.
    Bbox,
}

/// One stored picture and the objects on it: SSD's record.
#[derive(Clone, Debug, PartialEq)]
pub struct AnnotatedDatum {
    /// The picture; its label is used if there is no annotation type.
    pub datum: Datum,
    /// What the groups hold; `None` for records of a classification.
    pub annotation_type: Option<AnnotationType>,
    /// One group for each class on the picture.
    pub groups: Vec<AnnotationGroup>,
}

impl AnnotatedDatum {
    /// Decodes a stored record.
    ///
    /// # Errors
    /// The reason, without the record's place: not an AnnotatedDatum message, no sound datum inside, a
    /// box with a coordinate that is not finite.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, DatumError> {
        let message: schema::AnnotatedDatum = decode(bytes)?;
        let datum = message.datum.ok_or(DatumError::NoDatum)?;
        let annotation_type = message.r#type.map(|_| AnnotationType::Bbox);
        let groups = message.annotation_group.into_iter().map(group).collect::<Result<_, _>>()?;
        Ok(AnnotatedDatum { datum: Datum::from_message(datum)?, annotation_type, groups })
    }

    /// The record as SSD's C++ writes it, byte for byte.
    pub fn to_wire(&self) -> Vec<u8> {
        let message = schema::AnnotatedDatum {
            datum: Some(self.datum.to_message()),
            r#type: self.annotation_type.map(|AnnotationType::Bbox| 0),
            annotation_group: self.groups.iter().map(group_message).collect(),
        };
        message.encode_to_vec()
    }
}

fn group(message: schema::AnnotationGroup) -> Result<AnnotationGroup, DatumError> {
    let label = message.group_label();
    let annotation = |message: &schema::Annotation| {
        let bbox = message.bbox.unwrap_or_default();
        let bbox = NormalizedBBox {
            xmin: bbox.xmin(),
            ymin: bbox.ymin(),
            xmax: bbox.xmax(),
            ymax: bbox.ymax(),
            label: bbox.label(),
            difficult: bbox.difficult(),
            score: bbox.score(),
            size: bbox.size(),
        };
        let corners = [bbox.xmin, bbox.ymin, bbox.xmax, bbox.ymax];
        if corners.iter().all(|value| value.is_finite()) {
            Ok(Annotation { instance_id: message.instance_id(), bbox })
        } else {
            Err(DatumError::Box { label, bbox: corners })
        }
    };
    let annotations = message.annotation.iter().map(annotation).collect::<Result<_, _>>()?;
    Ok(AnnotationGroup { label, annotations })
}

fn group_message(group: &AnnotationGroup) -> schema::AnnotationGroup {
    let annotation = |&Annotation { instance_id, bbox }: &Annotation| schema::Annotation {
        instance_id: Some(instance_id),
        bbox: Some(schema::NormalizedBBox {
            xmin: Some(bbox.xmin),
            ymin: Some(bbox.ymin),
            xmax: Some(bbox.xmax),
            ymax: Some(bbox.ymax),
            label: Some(bbox.label).filter(|&label| label != 0),
            difficult: Some(bbox.difficult),
            score: Some(bbox.score).filter(|&score| score != 0.0),
            size: Some(bbox.size).filter(|&size| size != 0.0),
        }),
    };
    schema::AnnotationGroup {
        group_label: Some(group.label),
        annotation: group.annotations.iter().map(annotation).collect(),
    }
}
