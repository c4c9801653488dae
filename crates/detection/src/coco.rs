//! COCO's JSON files: ground truth (`images`, `annotations`, `categories`) and results.
//!
//! ```
//! use detection::coco::{GroundTruth, Limits, results_json};
//! use detection::precision::Found;
//! let truth = GroundTruth::parse(
//!     br#"{"images": [{"id": 7, "file_name": "a.png", "width": 96, "height": 96}],
//!          "annotations": [{"id": 1, "image_id": 7, "category_id": 2, "bbox": [10, 10, 20, 20]}],
//!          "categories": [{"id": 2, "name": "square"}]}"#,
//!     &Limits::default(),
//! )?;
//! let found = [Found { image: 7, category: 2, bbox: [10.0, 11.0, 20.0, 19.5], score: 0.75 }];
//! assert!(truth.average_precision(&found).ap50.is_some_and(|ap| ap > 0.999));
//! let json = "[\n{\"image_id\":7,\"category_id\":2,\"bbox\":[10.0,11.0,20.0,19.5],\"score\":0.75}\n]\n";
//! assert_eq!(results_json(&found), json);
//! # Ok::<(), detection::coco::Error>(())
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Deserialize;
use thiserror::Error;

use crate::precision::{Found, Precision, Truth, average_precision};

/// What is wrong with a JSON file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no JSON, or not of COCO's form.
    #[error("no COCO file")]
    Json(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It is larger than allowed.
    #[error("{found} {what}, at most {limit} are read")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// How much there is.
        found: usize,
    },
    /// An id stands there twice.
    #[error("{what} {id} is there twice")]
    Twice {
        /// Images or categories.
        what: &'static str,
        /// The id.
        id: u64,
    },
    /// An annotation names an image or a category that is not there.
    #[error("annotation {index}: no {what} {id}")]
    Unknown {
        /// Which annotation, from 0.
        index: usize,
        /// An image or a category.
        what: &'static str,
        /// Its id.
        id: u64,
    },
    /// A box has a negative width or height.
    #[error("box {index} is {width} x {height}")]
    Size {
        /// Which annotation or result, from 0.
        index: usize,
        /// Its width.
        width: f64,
        /// Its height.
        height: f64,
    },
}

/// How large a file may be. Beyond it, reading ends before more memory is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Images, categories, annotations or results, of each.
    pub entries: usize,
}

impl Default for Limits {
    /// 1 GiB; 10 million entries of each kind. COCO's largest file has 450 MB and 860,001 annotations.
    fn default() -> Self {
        Limits { bytes: 1 << 30, entries: 10_000_000 }
    }
}

impl Limits {
    /// With at most so many bytes.
    pub fn bytes(self, bytes: usize) -> Self {
        Limits { bytes, ..self }
    }

    /// With at most so many entries of each kind.
    pub fn entries(self, entries: usize) -> Self {
        Limits { entries, ..self }
    }

    fn check(&self, what: &'static str, limit: usize, found: usize) -> Result<(), Error> {
        if found <= limit { Ok(()) } else { Err(Error::TooMany { what, limit, found }) }
    }
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Image {
    /// Its id.
    pub id: u64,
    /// Its file.
    pub file_name: String,
}

/// A class.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Category {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
}

/// The true boxes of some pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroundTruth {
    images: Vec<Image>,
    categories: Vec<Category>,
    truths: Vec<Truth>,
}

#[derive(Deserialize)]
struct File {
    images: Vec<Image>,
    #[serde(default)]
    annotations: Vec<Annotation>,
    #[serde(default)]
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: u64,
    category_id: u64,
    bbox: [f64; 4],
    #[serde(default)]
    iscrowd: u8,
}

#[derive(Deserialize)]
struct Entry {
    image_id: u64,
    category_id: u64,
    bbox: [f64; 4],
    score: f64,
}

impl GroundTruth {
    /// Reads a file of COCO's "instances": `images` (`id`, `file_name`), `annotations` (`image_id`, `category_id`,
    /// `bbox` as x, y, width and height, `iscrowd`) and `categories` (`id`, `name`). Other fields are passed over.
    ///
    /// # Errors
    /// For anything else, for ids that are there twice or name nothing, for boxes of negative size, and for more than
    /// the limits allow.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        limits.check("bytes", limits.bytes, bytes.len())?;
        let File { images, annotations, mut categories } = from_json(bytes)?;
        limits.check("images", limits.entries, images.len())?;
        limits.check("annotations", limits.entries, annotations.len())?;
        limits.check("categories", limits.entries, categories.len())?;
        let image_ids = ids("image", images.iter().map(|image| image.id))?;
        let category_ids = ids("category", categories.iter().map(|category| category.id))?;
        categories.sort_by_key(|category| category.id);
        let mut truths = Vec::with_capacity(annotations.len());
        for (index, annotation) in annotations.into_iter().enumerate() {
            let Annotation { image_id: image, category_id: category, bbox, iscrowd } = annotation;
            if !image_ids.contains(&image) {
                return Err(Error::Unknown { index, what: "image", id: image });
            }
            if !category_ids.contains(&category) {
                return Err(Error::Unknown { index, what: "category", id: category });
            }
            check_size(index, bbox)?;
            truths.push(Truth { image, category, bbox, crowd: iscrowd != 0 });
        }
        Ok(GroundTruth { images, categories, truths })
    }

    /// Its pictures, as the file lists them.
    pub fn images(&self) -> &[Image] {
        &self.images
    }

    /// Its classes in the order of their ids: the class of a detector with the label k is the k-th of them, from 0.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// Its true boxes.
    pub fn truths(&self) -> &[Truth] {
        &self.truths
    }

    /// Pictures by the names of their files.
    pub fn by_file_name(&self) -> BTreeMap<&str, u64> {
        self.images.iter().map(|image| (image.file_name.as_str(), image.id)).collect()
    }

    /// COCO's average precision of these boxes over all of its pictures.
    pub fn average_precision(&self, found: &[Found]) -> Precision {
        self.average_precision_of(&self.images.iter().map(|image| image.id).collect(), found)
    }

    /// The same over some of its pictures.
    pub fn average_precision_of(&self, images: &BTreeSet<u64>, found: &[Found]) -> Precision {
        let categories = self.categories.iter().map(|category| category.id).collect();
        average_precision(images, &categories, &self.truths, found)
    }
}

/// Reads a file of results.
///
/// # Errors
/// As [`GroundTruth::parse`].
pub fn parse_results(bytes: &[u8], limits: &Limits) -> Result<Vec<Found>, Error> {
    limits.check("bytes", limits.bytes, bytes.len())?;
    let entries: Vec<Entry> = from_json(bytes)?;
    limits.check("results", limits.entries, entries.len())?;
    let found = |(index, entry): (usize, Entry)| {
        let Entry { image_id: image, category_id: category, bbox, score } = entry;
        check_size(index, bbox)?;
        Ok(Found { image, category, bbox, score })
    };
    entries.into_iter().enumerate().map(found).collect()
}

/// Boxes as a file of results, one on each line. Those whose numbers are not finite, which JSON cannot hold, are left
/// out.
pub fn results_json(found: &[Found]) -> String {
    let mut out = String::from("[");
    let finite =
        |found: &&Found| found.score.is_finite() && found.bbox.iter().all(|side| side.is_finite());
    for (index, found) in found.iter().filter(finite).enumerate() {
        let Found { image, category, bbox: [x, y, w, h], score } = found;
        let comma = if index > 0 { "," } else { "" };
        // Writing to a String cannot fail. `{:?}` prints the shortest number that comes back, with a point or an
        // exponent.
        let _ = write!(
            out,
            "{comma}\n{{\"image_id\":{image},\"category_id\":{category},\"bbox\":[{x:?},{y:?},{w:?},{h:?}],\
             \"score\":{score:?}}}"
        );
    }
    out.push_str("\n]\n");
    out
}

fn from_json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::Json(error.into()))
}

fn ids(what: &'static str, ids: impl Iterator<Item = u64>) -> Result<BTreeSet<u64>, Error> {
    let mut set = BTreeSet::new();
    for id in ids {
        if !set.insert(id) {
            return Err(Error::Twice { what, id });
        }
    }
    Ok(set)
}

fn check_size(index: usize, [_, _, width, height]: [f64; 4]) -> Result<(), Error> {
    if width >= 0.0 && height >= 0.0 { Ok(()) } else { Err(Error::Size { index, width, height }) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"{"images":[{"id":1,"file_name":"a","width":3},{"id":2,"file_name":"b"}],
        "annotations":[{"image_id":1,"category_id":5,"bbox":[1,2,3,4.5],"iscrowd":1,"segmentation":[[1,2]]}],
        "categories":[{"id":9,"name":"z"},{"id":5,"name":"y"}],"info":{}}"#;

    fn parse(text: &str) -> Result<GroundTruth, Error> {
        GroundTruth::parse(text.as_bytes(), &Limits::default())
    }

    #[test]
    fn reads_what_counts() {
        let truth = parse(GOOD).expect("good");
        let names: Vec<&str> = truth.categories().iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["y", "z"]);
        assert_eq!(truth.by_file_name(), BTreeMap::from([("a", 1), ("b", 2)]));
        let expected = Truth { image: 1, category: 5, bbox: [1.0, 2.0, 3.0, 4.5], crowd: true };
        assert_eq!(truth.truths(), [expected]);
    }

    #[test]
    fn mistakes_are_told() {
        for (from, to, expected) in [
            ("\"id\":2", "\"id\":1", "image 1 is there twice"),
            ("\"id\":9", "\"id\":5", "category 5 is there twice"),
            ("\"image_id\":1", "\"image_id\":7", "annotation 0: no image 7"),
            ("\"category_id\":5", "\"category_id\":7", "annotation 0: no category 7"),
            ("4.5]", "-4.5]", "box 0 is 3 x -4.5"),
            ("4.5]", "1e999]", "no COCO file"),
            (",4.5]", "]", "no COCO file"),
            ("\"id\":1", "\"id\":-1", "no COCO file"),
            ("\"images\"", "\"image\"", "no COCO file"),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD);
            let error = parse(&text).expect_err(to).to_string();
            assert_eq!(error, expected, "{from} {to}");
        }
        let small = Limits::default().bytes(10);
        let error = GroundTruth::parse(GOOD.as_bytes(), &small).expect_err("too long");
        assert!(matches!(error, Error::TooMany { what: "bytes", .. }), "{error}");
        let few = Limits::default().entries(1);
        let error = GroundTruth::parse(GOOD.as_bytes(), &few).expect_err("too many");
        assert!(matches!(error, Error::TooMany { what: "images", found: 2, .. }), "{error}");
        // Nested deeper than anyone means it.
        assert!(parse(&"[".repeat(1 << 16)).is_err());
    }

    /// Exact: whatever is cut off or changed, it is a value or an error.
    #[test]
    fn damaged_files_end_well() {
        for length in 0..GOOD.len() {
            assert!(parse(&GOOD[..length]).is_err());
        }
        for place in 0..GOOD.len() {
            let mut bytes = GOOD.as_bytes().to_vec();
            bytes[place] ^= 1;
            let _ = GroundTruth::parse(&bytes, &Limits::default());
        }
    }

    proptest! {
        /// Exact: results come back.
        #[test]
        fn results_come_back(found in proptest::collection::vec(
            (0u64..1 << 53, 0u64..99, -1e9f64..1e9, 0.0f64..1e9, 0.0f64..1.0), 0..9,
        )) {
            let of = |&(image, category, x, w, score): &_| {
                Found { image, category, bbox: [x, -x, w, w / 3.0], score }
            };
            let found: Vec<Found> = found.iter().map(of).collect();
            let back = parse_results(results_json(&found).as_bytes(), &Limits::default());
            prop_assert_eq!(back.expect("results"), found);
        }
    }
}
