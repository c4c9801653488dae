//! Boxes from files of annotations, as SSD's `convert_annoset` reads them: Pascal VOC's XML, COCO's
//! JSON (one file for each picture), plain text.
//!
//! Boxes are stored as the file has them, divided by the picture's size, even outside of it or with
//! their corners swapped; [`Annotations::warnings`] says so, as SSD's log does.
//!
//! # Source
//! `ReadXMLToAnnotatedDatum`, `ReadJSONToAnnotatedDatum` and `ReadTxtToAnnotatedDatum` of SSD's
//! `io.cpp`.

mod json;
mod label_map;
mod text;
mod xml;

use std::path::Path;

pub use label_map::LabelMap;

use crate::annotated::{Annotation, AnnotationGroup, NormalizedBBox};
use crate::error::Error;

/// The kind of a file of annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pascal VOC's and ILSVRC's.
    Xml,
    /// COCO's, split into one file for each picture: `image` and `annotation`.
    Json,
    /// `LABEL XMIN YMIN XMAX YMAX` for each object, in pixels.
    Txt,
}

/// What a file of annotations says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations {
    /// Objects by class, in the order in which classes appear first.
    pub groups: Vec<AnnotationGroup>,
    /// What SSD warns of, each without the file's name.
    pub warnings: Vec<String>,
}

/// Reads a file of annotations. A file that is not there has none, as for SSD. `size` is the
/// picture's height and width before any resizing, in pixels: it counts where the file tells none.
///
/// # Errors
/// [`Error::Io`]; [`Error::Annotations`] if the file is not what `format` says;
/// [`Error::UnknownClass`] for a name that the label map does not have.
pub fn read(
    path: &Path,
    format: Format,
    size: [usize; 2],
    labels: &LabelMap,
) -> Result<Annotations, Error> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Annotations::default());
        }
        read => {
            read.map_err(|source| Error::Io { action: "read", path: path.to_owned(), source })?
        }
    };
    parse(&bytes, format, size, labels).map_err(|reason| match reason {
        Reason::Malformed(reason) => Error::Annotations { path: path.to_owned(), reason },
        Reason::UnknownClass(name) => Error::UnknownClass { path: path.to_owned(), name },
    })
}

/// Parses the contents of a file of annotations.
fn parse(
    bytes: &[u8],
    format: Format,
    size: [usize; 2],
    labels: &LabelMap,
) -> Result<Annotations, Reason> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| Reason::Malformed("it is not UTF-8".to_owned()))?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    match format {
        Format::Xml => xml::parse(text, size, labels),
        Format::Json => json::parse(text, size, labels),
        Format::Txt => Ok(text::parse(text, size)),
    }
}

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Malformed(String),
    UnknownClass(String),
}

impl From<String> for Reason {
    fn from(reason: String) -> Self {
        Reason::Malformed(reason)
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
    fn new(picture: [usize; 2], noted: Option<[i64; 2]>) -> Result<Collector, Reason> {
        let mut annotations = Annotations::default();
        let picture = picture.map(|length| length as i64);
        let size = noted.unwrap_or_else(|| {
            annotations.warnings.push("it does not tell the picture's size".to_owned());
            picture
        });
        if size[0] == 0 || size[1] == 0 {
            return Err(Reason::Malformed("no valid image width/height".to_owned()));
        }
        for (what, noted, found) in
            [("height", size[0], picture[0]), ("width", size[1], picture[1])]
        {
            if noted != found {
                let warning =
                    format!("inconsistent image {what}: {noted}, the picture has {found}");
                annotations.warnings.push(warning);
            }
        }
        Ok(Collector { annotations, size })
    }

    /// Adds an object without a box to the group of its class and gives its place.
    fn add(&mut self, label: i32) -> (usize, usize) {
        let groups = &mut self.annotations.groups;
        let group = groups.iter().position(|group| group.label == label).unwrap_or_else(|| {
            groups.push(AnnotationGroup { label, annotations: Vec::new() });
            groups.len() - 1
        });
        let annotations = &mut groups[group].annotations;
        let instance_id = annotations.last().map_or(0, |last| last.instance_id + 1);
        annotations.push(Annotation { instance_id, bbox: NormalizedBBox::default() });
        (group, annotations.len() - 1)
    }

    /// Gives an object its box: xmin, ymin, xmax, ymax in pixels.
    fn set_box(&mut self, (group, index): (usize, usize), corners: [f32; 4], difficult: bool) {
        let [height, width] = self.size.map(|length| length as f32);
        let [xmin, ymin, xmax, ymax] = corners;
        let outside = |value: f32, length: f32| value < 0.0 || value > length;
        if outside(xmin, width)
            || outside(xmax, width)
            || outside(ymin, height)
            || outside(ymax, height)
        {
            self.warn(format!("bounding box exceeds image boundary: {corners:?}"));
        }
        if xmin > xmax || ymin > ymax {
            self.warn(format!("bounding box irregular: {corners:?}"));
        }
        self.annotations.groups[group].annotations[index].bbox = NormalizedBBox {
            xmin: xmin / width,
            ymin: ymin / height,
            xmax: xmax / width,
            ymax: ymax / height,
            difficult,
            ..NormalizedBBox::default()
        };
    }

    fn warn(&mut self, warning: String) {
        self.annotations.warnings.push(warning);
    }
}

/// A whole number among blanks, as C++ streams read an `int`.
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
    type Object = (i32, i32, [f32; 4], bool);

    /// All objects, and how many warnings came with them.
    fn boxes(text: &str, format: Format) -> Result<(Vec<Object>, usize), Reason> {
        let annotations = parse(text.as_bytes(), format, [50, 100], &label_map())?;
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
        let unknown = "<annotation><object><name>dog</name></object></annotation>";
        assert_eq!(boxes(unknown, Format::Xml), Err(Reason::UnknownClass("dog".to_owned())));
        for bad in
            ["<annotation>", "<other/>", "", "<annotation><object><bndbox/></object></annotation>"]
        {
            assert!(matches!(boxes(bad, Format::Xml), Err(Reason::Malformed(_))), "{bad}");
        }
        let empty = "<annotation><size><width>0</width><height>5</height></size></annotation>";
        assert!(matches!(boxes(empty, Format::Xml), Err(Reason::Malformed(_))));
        // Without a size that of the picture counts.
        assert_eq!(boxes("<annotation/>", Format::Xml), Ok((vec![], 1)));
    }

    /// Bit-exact.
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
        let unknown = r#"{"annotation": [{"category_id": 1, "bbox": [1, 2, 3, 4]}]}"#;
        assert_eq!(boxes(unknown, Format::Json), Err(Reason::UnknownClass("1".to_owned())));
        for bad in [
            "{",
            "{}",
            r#"{"annotation": [{"bbox": [1, 2, 3, 4]}]}"#,
            r#"{"annotation": [{"category_id": 18, "bbox": [1, 2, 3]}]}"#,
            r#"{"annotation": [{"category_id": 18}]}"#,
        ] {
            assert!(matches!(boxes(bad, Format::Json), Err(Reason::Malformed(_))), "{bad}");
        }
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
