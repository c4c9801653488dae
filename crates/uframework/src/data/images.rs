//! Picture files of ImageData layers.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::path::{Path, PathBuf};

use datum_store::imageset::{Entry, check_root, full_path, read_list};
use datum_store::{Datum, SplitMix64};
use transform_param::{PictureOptions, picture_to_datum};
use umodel::layers::ImageData;

use super::{Item, Record, Supply};
use crate::error::{Error, ListError};

/// What the decoded pictures of a batch may take together. Those of a blob with the largest size that there is take half.
const MAX_BATCH: u64 = 1 << 32;

/// Reads and decodes a picture file.
type Decode = dyn Fn(&Path, &PictureOptions) -> Result<Datum, transform_param::Error> + Send;

/// A list of pictures, read from start to end and over again.
pub(super) struct ImageList {
    layer: String,
    kind: &'static str,
    /// The list itself.
    source: String,
    root: PathBuf,
    /// At least one, all with a path.
    entries: Vec<Entry>,
    options: PictureOptions,
    decode: Box<Decode>,
    batch: usize,
    /// The bytes that a batch may take before it is preprocessed.
    most: u64,
    next: usize,
    /// Shuffles, in training.
    shuffle: Option<SplitMix64>,
}

impl ImageList {
    pub(super) fn open(layer: &str, p: &ImageData, seed: Option<u64>) -> Result<Self, Error> {
        ImageList::with_decoder(layer, p, seed, Box::new(picture_to_datum))
    }

    /// The same with another function that decodes pictures.
    fn with_decoder(
        layer: &str,
        p: &ImageData,
        seed: Option<u64>,
        decode: Box<Decode>,
    ) -> Result<Self, Error> {
        let fail = |source: ListError| Error::List {
            layer: layer.to_owned(),
            kind: "ImageData",
            path: PathBuf::from(&p.source),
            source,
        };
        let mut entries =
            read_list(&p.source).map_err(|error| fail(ListError::Lines(Box::new(error))))?.entries;
        // Caffe stops at an empty line, for which there is no picture.
        entries.retain(|entry| !entry.path.as_os_str().is_empty());
        if entries.is_empty() {
            return Err(fail(ListError::NoPictures));
        }
        if let Some(first) = entries.first() {
            check_root(Path::new(&p.root_folder), &first.path)
                .map_err(|error| fail(ListError::Root(Box::new(error))))?;
        }
        let mut random = SplitMix64::new(seed.unwrap_or_default());
        let mut list = ImageList {
            layer: layer.to_owned(),
            kind: "ImageData",
            source: p.source.clone(),
            root: PathBuf::from(&p.root_folder),
            entries,
            options: PictureOptions::default().gray(!p.is_color).resize(p.new_size),
            decode,
            batch: p.batch_size,
            most: MAX_BATCH,
            next: 0,
            shuffle: None,
        };
        if seed.is_some() {
            if let skip @ 1.. = p.rand_skip {
                let skipped = random.below(u64::try_from(skip).unwrap_or(u64::MAX));
                list.next = usize::try_from(skipped).unwrap_or(usize::MAX) % list.entries.len();
            }
            list.shuffle = p.shuffle.then_some(random);
            list.shuffle();
        }
        Ok(list)
    }

    /// The next picture alone, and how many a batch has.
    pub(super) fn first(&mut self) -> Result<(Item, usize), Error> {
        Ok((self.single()?, self.batch))
    }

    /// The pictures of the next batch.
    pub(super) fn read(&mut self) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        let mut bytes = 0u64;
        for _ in 0..self.batch {
            let item = self.single()?;
            bytes = bytes.saturating_add(item.bytes());
            if bytes > self.most {
                let (layer, kind, limit) = (self.layer.clone(), self.kind, self.most);
                return Err(Error::BatchBytes { layer, kind, limit });
            }
            items.push(item);
        }
        Ok(items)
    }

    /// How many pictures the list has.
    pub(super) fn supply(&self) -> Supply {
        Supply {
            layer: self.layer.clone(),
            source: self.source.clone(),
            records: u64::try_from(self.entries.len()).unwrap_or(u64::MAX),
            batch: u64::try_from(self.batch).unwrap_or(u64::MAX),
        }
    }

    fn single(&mut self) -> Result<Item, Error> {
        if self.next >= self.entries.len() {
            self.next = 0;
            self.shuffle();
        }
        let Some(entry) = self.entries.get(self.next) else { unreachable!("a list has entries") };
        let name = entry.path.display().to_string();
        let path = full_path(&self.root, &entry.path);
        let datum = (self.decode)(&path, &self.options).map_err(|source| Error::Data {
            layer: self.layer.clone(),
            kind: self.kind,
            record: Some(name.clone()),
            source: Box::new(source),
        })?;
        self.next += 1;
        Ok(Item { name, record: Record::Plain(datum.with_label(entry.label)) })
    }

    fn shuffle(&mut self) {
        if let Some(random) = &mut self.shuffle {
            random.shuffle(&mut self.entries);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use datum_store::DatumData;

    use super::*;

    type Decoded = Arc<Mutex<Vec<PathBuf>>>;

    /// A list with a decoder that notes what it decodes.
    fn list(
        text: &str,
        batch_size: usize,
        seed: Option<u64>,
    ) -> Result<(ImageList, Decoded), Error> {
        let folder = tempfile::tempdir().expect("temporary folder");
        let source = folder.path().join("list.txt");
        std::fs::write(&source, text).expect("write");
        let p = ImageData {
            source: source.to_str().expect("UTF-8").to_owned(),
            batch_size,
            rand_skip: 0,
            shuffle: seed.is_some(),
            new_size: None,
            is_color: true,
            root_folder: "root/".to_owned(),
            transform: Vec::new(),
        };
        let decoded = Decoded::default();
        let noted = decoded.clone();
        let decode = move |path: &Path, _: &PictureOptions| {
            noted.lock().expect("no panic").push(path.to_owned());
            Ok(Datum::new([1, 1, 1], DatumData::Bytes(vec![0]), 0).expect("fits"))
        };
        Ok((ImageList::with_decoder("data", &p, seed, Box::new(decode))?, decoded))
    }

    /// Exact: pictures of other sizes than the first one are not gathered without end.
    #[test]
    fn the_bytes_of_a_batch_are_bounded() {
        let (mut list, _) = list("a.jpg 1\nb.jpg 2\n", 4, None).expect("valid");
        // The decoder gives a byte each.
        list.most = 4;
        assert_eq!(list.read().expect("fits").len(), 4);
        list.most = 3;
        let error = list.read().expect_err("too much");
        assert!(matches!(error, Error::BatchBytes { limit: 3, .. }), "{error}");
    }

    fn names_and_labels(items: &[Item]) -> Vec<(&str, i32)> {
        items.iter().map(|item| (item.name.as_str(), item.datum().label())).collect()
    }

    /// A batch of 50 must not be decoded to learn a picture's size.
    #[test]
    fn a_shape_takes_one_picture() {
        let (mut list, decoded) = list("a.jpg 1\nb.jpg 2\n", 50, None).expect("valid");
        let (first, count) = list.first().expect("decoded");
        assert_eq!((first.name.as_str(), count), ("a.jpg", 50));
        assert_eq!(*decoded.lock().expect("no panic"), [PathBuf::from("root/a.jpg")]);
    }

    /// As `convert_imageset` reads them; empty lines are passed over.
    #[test]
    fn lines_are_read_as_lists_are() {
        let text = "a.jpg 3.0\r\nb c.jpg -1 \n\nd.jpg x\n";
        let (mut list, decoded) = list(text, 4, None).expect("valid");
        let items = list.read().expect("decoded");
        let expected = [("a.jpg", 3), ("b c.jpg", -1), ("d.jpg", 0), ("a.jpg", 3)];
        assert_eq!(names_and_labels(&items), expected);
        assert_eq!(decoded.lock().expect("no panic").len(), 4);
        for (text, expected) in [
            ("a.jpg 1\nb.jpg\n", "list.txt:2: expected a path and an integer label"),
            ("a.jpg 2147483648", "list.txt:1: expected a label from"),
            ("\n\n", "it names no pictures"),
        ] {
            let error = super::tests::list(text, 1, None).err().expect("refused");
            assert!(chain(&error).contains(expected), "{error}");
        }
    }

    /// An error and its causes.
    fn chain(error: &dyn std::error::Error) -> String {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }

    /// Bit-exact: the order of this seed, and another one in the second round.
    #[test]
    fn training_shuffles_each_round() {
        let text: String = (0..6).map(|i| format!("{i} {i}\n")).collect();
        let (mut list, _) = list(&text, 6, Some(7)).expect("valid");
        let mut round = || {
            let items = list.read().expect("decoded");
            items.iter().map(|item| item.datum().label()).collect::<Vec<_>>()
        };
        assert_eq!((round(), round()), (ORDERS[0].to_vec(), ORDERS[1].to_vec()));
    }

    const ORDERS: [[i32; 6]; 2] = [[1, 5, 0, 2, 4, 3], [1, 5, 4, 0, 3, 2]];
}
