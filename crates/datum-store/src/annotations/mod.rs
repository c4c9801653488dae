//! Boxes from files of annotations, as SSD's `convert_annoset` reads them: Pascal VOC's XML, COCO's
//! JSON (one file for each picture), plain text.
//!
//! Boxes are stored as the file has them, divided by the picture's size, even outside of it or with
//! their corners swapped; [`Annotations::warnings`] says so, as SSD's log does.
//!
//! # Source
//! `ReadXMLToAnnotatedDatum`, `ReadJSONToAnnotatedDatum` and `ReadTxtToAnnotatedDatum` of SSD's
//! `io.cpp`.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

mod fault;
#[cfg(feature = "annotations")]
mod json;
mod label_map;
mod text;
#[cfg(feature = "annotations")]
mod xml;

use std::path::Path;

pub use fault::{AnnotationsFault, Axis, LabelMapFault, Warning};
pub use label_map::LabelMap;

use crate::annotated::{Annotation, AnnotationGroup, NormalizedBBox};
use crate::bytes::float;
#[cfg(not(feature = "annotations"))]
use crate::error::Feature;
use crate::error::{Action, Error};
#[cfg(feature = "annotations")]
use crate::excerpt::excerpt;
use crate::read_file::read_file;

/// Bytes of a file of annotations at most.
const MAX_BYTES: u64 = 1 << 28;

/// The kind of a file of annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pascal VOC's and ILSVRC's. Needs the feature `annotations`.
    Xml,
    /// COCO's, split into one file for each picture: `image` and `annotation`. Needs the feature
    /// `annotations`.
    Json,
    /// `LABEL XMIN YMIN XMAX YMAX` for each object, in pixels.
    Txt,
}

/// What a file of annotations says.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Annotations {
    /// Objects by class, in the order in which classes appear first.
    pub groups: Vec<AnnotationGroup>,
    /// What SSD warns of.
    pub warnings: Vec<Warning>,
    /// Whether there is no such file, so that the picture has no boxes.
    pub missing: bool,
}

/// Reads a file of annotations. A file that is not there has none, as for SSD. `size` is the
/// picture's height and width before any resizing, in pixels: it counts where the file tells none.
///
/// # Errors
/// [`Error::Io`]; [`Error::Annotations`] if the file is not what `format` says or has a name that the
/// label map does not have; [`Error::NotBuiltIn`] for XML and JSON without the feature `annotations`.
pub fn read(
    path: &Path,
    format: Format,
    size: [usize; 2],
    labels: &LabelMap,
) -> Result<Annotations, Error> {
    #[cfg(not(feature = "annotations"))]
    if format != Format::Txt {
        return Err(Error::NotBuiltIn { feature: Feature::Annotations });
    }
    let bytes = match read_file(path, MAX_BYTES) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Annotations { missing: true, ..Annotations::default() });
        }
        read => read.map_err(|source| Error::Io {
            action: Action::Read,
            path: path.to_owned(),
            source,
        })?,
    };
    parse(&bytes, format, size, labels)
        .map_err(|fault| Error::Annotations { path: path.to_owned(), fault })
}

/// Parses the contents of a file of annotations.
#[cfg_attr(
    not(feature = "annotations"),
    expect(unused_variables, reason = "plain text has numbers instead of names")
)]
fn parse(
    bytes: &[u8],
    format: Format,
    size: [usize; 2],
    labels: &LabelMap,
) -> Result<Annotations, AnnotationsFault> {
    let text = std::str::from_utf8(bytes).map_err(|_| AnnotationsFault::NotUtf8)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    match format {
        #[cfg(feature = "annotations")]
        Format::Xml => xml::parse(text, size, labels),
        #[cfg(feature = "annotations")]
        Format::Json => json::parse(text, size, labels),
        // Without the feature `read` has refused the others.
        _ => Ok(text::parse(text, size)),
    }
}

/// Collects objects into groups, with SSD's numbers and warnings.
struct Collector {
    annotations: Annotations,
    /// Height and width that boxes are divided by.
    size: [i64; 2],
}

impl Collector {
    /// `noted` is the height and width that the file tells, if it does.
    fn new(picture: [usize; 2], noted: Option<[i64; 2]>) -> Result<Collector, AnnotationsFault> {
        let mut annotations = Annotations::default();
        let picture = picture.map(long);
        let size = noted.unwrap_or_else(|| {
            annotations.warnings.push(Warning::NoSize);
            picture
        });
        if size.contains(&0) {
            return Err(AnnotationsFault::Size);
        }
        for ((axis, noted), found) in [Axis::Height, Axis::Width].into_iter().zip(size).zip(picture)
        {
            if noted != found {
                annotations.warnings.push(Warning::SizeDiffers { axis, noted, found });
            }
        }
        Ok(Collector { annotations, size })
    }

    /// Adds an object to the group of its class; it has a box of zeros until it is given another.
    fn add(&mut self, label: i32) -> Object {
        let groups = &mut self.annotations.groups;
        let group = groups.iter().position(|group| group.label == label).unwrap_or_else(|| {
            groups.push(AnnotationGroup { label, annotations: Vec::new() });
            groups.len() - 1
        });
        let objects = groups.get_mut(group).map(|group| &mut group.annotations);
        let index = objects.map_or(0, |objects| {
            let instance_id = objects.last().map_or(0, |last| last.instance_id.saturating_add(1));
            objects.push(Annotation { instance_id, bbox: NormalizedBBox::default() });
            objects.len() - 1
        });
        Object { group, index }
    }

    /// Gives an object its box: xmin, ymin, xmax, ymax in pixels.
    fn set_box(&mut self, object: Object, corners: [f32; 4], difficult: bool) {
        let [height, width] = self.size.map(float);
        let [xmin, ymin, xmax, ymax] = corners;
        let outside = |value: f32, length: f32| value < 0.0 || value > length;
        if outside(xmin, width)
            || outside(xmax, width)
            || outside(ymin, height)
            || outside(ymax, height)
        {
            self.warn(Warning::BeyondPicture { corners });
        }
        if xmin > xmax || ymin > ymax {
            self.warn(Warning::Irregular { corners });
        }
        let group = self.annotations.groups.get_mut(object.group);
        if let Some(found) = group.and_then(|group| group.annotations.get_mut(object.index)) {
            found.bbox = NormalizedBBox {
                xmin: xmin / width,
                ymin: ymin / height,
                xmax: xmax / width,
                ymax: ymax / height,
                difficult,
                ..NormalizedBBox::default()
            };
        }
    }

    fn warn(&mut self, warning: Warning) {
        self.annotations.warnings.push(warning);
    }
}

/// Where a [`Collector`] has an object.
#[derive(Clone, Copy, Debug)]
struct Object {
    group: usize,
    index: usize,
}

/// A picture's height or width.
fn long(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// The fault of a class without a label.
#[cfg(feature = "annotations")]
fn unknown(name: &str) -> AnnotationsFault {
    AnnotationsFault::UnknownClass { name: excerpt(name) }
}

/// A whole number among blanks, as C++ streams read an `int`.
#[cfg(feature = "annotations")]
fn integer(text: &str) -> Option<i32> {
    text.trim_matches([' ', '\t', '\n', '\r', '\x0B', '\x0C']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label_map() -> LabelMap {
        LabelMap::parse("item { name: 'cat' label: 8 } item { name: '18' label: 3 }", true)
            .expect("sound")
    }

    /// Label, number within the label, corners, difficult.
    type Found = (i32, i32, [f32; 4], bool);

    /// All objects, and how many warnings came with them.
    fn boxes(text: &str, format: Format) -> Result<(Vec<Found>, usize), String> {
        let annotations = parse(text.as_bytes(), format, [50, 100], &label_map())
            .map_err(|fault| fault.to_string())?;
        let mut boxes = Vec::new();
        for group in &annotations.groups {
            for Annotation { instance_id, bbox } in &group.annotations {
                let corners = [bbox.xmin, bbox.ymin, bbox.xmax, bbox.ymax];
                boxes.push((group.label, *instance_id, corners, bbox.difficult));
            }
        }
        Ok((boxes, annotations.warnings.len()))
    }

    /// Bit-exact: the quotients are those of fp32.
    #[cfg(feature = "annotations")]
    #[test]
    fn xml_objects() {
        let text = "<annotation><folder>x</folder><size><width>100</width><height>50</height></size>
            <object><name>cat</name><difficult>1</difficult><part><name>head</name></part>
              <bndbox><xmin> 1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40\n</ymax></bndbox></object>
            <object><name>cat</name><bndbox><xmin>1.5</xmin><ymax>51</ymax></bndbox>
              <difficult>1</difficult></object></annotation>";
        let expected = vec![
            (8, 0, [1.0 / 100.0, 2.0 / 50.0, 30.0 / 100.0, 40.0 / 50.0], true),
            // A fraction is no int and counts as 0; `difficult` comes too late; both are SSD's ways.
            (8, 1, [0.0, 0.0, 0.0, 51.0 / 50.0], false),
        ];
        // Two corners are missing, one is a fraction, one box is too high.
        assert_eq!(boxes(text, Format::Xml), Ok((expected, 4)));
        for (bad, expected) in [
            ("<annotation><object><name>dog</name></object></annotation>", "unknown name \"dog\""),
            ("<other/>", "its root is \"other\", not \"annotation\""),
            (
                "<annotation><object><bndbox/></object></annotation>",
                "a bndbox stands before its name",
            ),
            (
                "<annotation><size><width>0</width><height>5</height></size></annotation>",
                "no valid image width/height",
            ),
        ] {
            let found = boxes(bad, Format::Xml);
            assert_eq!(found, Err(expected.to_owned()));
        }
        for bad in ["<annotation>", ""] {
            let found = parse(bad.as_bytes(), Format::Xml, [50, 100], &label_map());
            assert!(matches!(found, Err(AnnotationsFault::Xml(_))), "{bad}");
        }
        // Without a size that of the picture counts.
        assert_eq!(boxes("<annotation/>", Format::Xml), Ok((vec![], 1)));
    }

    /// Bit-exact.
    #[cfg(feature = "annotations")]
    #[test]
    fn json_objects() {
        let text = r#"{"image": {"file_name": "a.jpg", "height": 60, "width": 100}, "annotation": [
            {"bbox": [10.1, 20, 30.3, 50], "category_id": 18, "iscrowd": 1, "segmentation": [[1]]},
            {"category_id": "18", "bbox": [1, 2, 3, 4]}]}"#;
        let expected = vec![
            (3, 0, [10.1 / 100.0, 20.0 / 60.0, (10.1f32 + 30.3) / 100.0, 70.0 / 60.0], true),
            (3, 1, [0.01, 2.0 / 60.0, 0.04, 6.0 / 60.0], false),
        ];
        // The height differs from the picture's, the first box is too high.
        assert_eq!(boxes(text, Format::Json), Ok((expected, 2)));
        for (bad, expected) in [
            ("{}", "it has no list \"annotation\""),
            (r#"{"annotation": [{"category_id": 1, "bbox": [1, 2, 3, 4]}]}"#, "unknown name \"1\""),
            (r#"{"annotation": [{"bbox": [1, 2, 3, 4]}]}"#, "object 0 has no category_id"),
            (
                r#"{"annotation": [{"category_id": 18, "bbox": [1, 2, 3]}]}"#,
                "object 0 has no bbox of four numbers",
            ),
            (r#"{"annotation": [{"category_id": 18}]}"#, "object 0 has no bbox of four numbers"),
        ] {
            assert_eq!(boxes(bad, Format::Json), Err(expected.to_owned()));
        }
        let found = parse(b"{", Format::Json, [50, 100], &label_map());
        assert!(matches!(found, Err(AnnotationsFault::Json(_))));
    }

    /// Entities would multiply, and levels take the stack.
    #[test]
    fn annotations_that_grow_are_refused() {
        let dtd = "<!DOCTYPE a [<!ENTITY b 'cc'>]><annotation>&b;</annotation>";
        assert!(matches!(
            parse(dtd.as_bytes(), Format::Xml, [5, 5], &label_map()),
            Err(AnnotationsFault::Xml(_))
        ));
        let nodes = format!("<annotation>{}</annotation>", "<a/>".repeat(1 << 20));
        assert!(matches!(
            parse(nodes.as_bytes(), Format::Xml, [5, 5], &label_map()),
            Err(AnnotationsFault::Xml(_))
        ));
        let deep = "[".repeat(200);
        assert!(matches!(
            parse(deep.as_bytes(), Format::Json, [5, 5], &label_map()),
            Err(AnnotationsFault::Json(_))
        ));
        #[cfg(unix)]
        assert!(matches!(
            read(Path::new("/dev/zero"), Format::Txt, [5, 5], &label_map()),
            Err(Error::Io { .. })
        ));
    }

    /// Bit-exact.
    #[test]
    fn text_objects() {
        let expected = vec![
            (2, 0, [0.01, 0.04, 0.03, 0.08], false),
            (2, 1, [0.05, 0.02, 0.01, 0.02], false),
            (7, 0, [0.0; 4], false),
        ];
        let text = "2 1 2 3 4\r\n7 0 0 0 0 2\n5 1.0 1 1";
        assert_eq!(boxes(text, Format::Txt), Ok((expected.clone(), 1)));
        // Reading ends at the first word that is no number, as C++ streams do.
        assert_eq!(boxes(&format!("{text} x 1 2"), Format::Txt), Ok((expected, 2)));
        assert_eq!(boxes("", Format::Txt), Ok((vec![], 0)));
    }
}
