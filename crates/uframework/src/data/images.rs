//! Picture files of ImageData layers.

use std::path::PathBuf;

use transform_param::{PictureOptions, SplitMix, picture_to_datum};
use umodel::layers::ImageData;

use super::{Item, Record, shuffle};
use crate::error::{Error, ListError};

/// A list of pictures, read from start to end and over again.
pub(super) struct ImageList {
    layer: String,
    kind: &'static str,
    root: String,
    entries: Vec<(String, i32)>,
    options: PictureOptions,
    batch: usize,
    next: usize,
    /// Shuffles, in training.
    shuffle: Option<SplitMix>,
}

impl ImageList {
    pub(super) fn open(layer: &str, p: &ImageData, seed: Option<u64>) -> Result<Self, Error> {
        let fail = |source: ListError| Error::List {
            layer: layer.to_owned(),
            kind: "ImageData",
            path: PathBuf::from(&p.source),
            source,
        };
        let bytes = std::fs::read(&p.source).map_err(|error| fail(ListError::Io(error)))?;
        let entries: Vec<(String, i32)> = String::from_utf8_lossy(&bytes)
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| entry(line).ok_or_else(|| fail(ListError::Line { line: line.to_owned() })))
            .collect::<Result<_, _>>()?;
        if entries.is_empty() {
            return Err(fail(ListError::NoPictures));
        }
        let mut random = SplitMix::new(seed.unwrap_or_default());
        let mut list = ImageList {
            layer: layer.to_owned(),
            kind: "ImageData",
            root: p.root_folder.clone(),
            entries,
            options: PictureOptions::default().gray(!p.is_color).resize(p.new_size),
            batch: p.batch_size,
            next: 0,
            shuffle: None,
        };
        if seed.is_some() {
            if p.rand_skip > 0 {
                list.next = (random.bits() % p.rand_skip as u64) as usize % list.entries.len();
            }
            list.shuffle = p.shuffle.then_some(random);
            list.shuffle();
        }
        Ok(list)
    }

    /// The pictures of the next batch.
    pub(super) fn read(&mut self) -> Result<Vec<Item>, Error> {
        (0..self.batch).map(|_| self.single()).collect()
    }

    fn single(&mut self) -> Result<Item, Error> {
        let (name, label) = self.entries[self.next].clone();
        let path = PathBuf::from(format!("{}{name}", self.root));
        let datum = picture_to_datum(&path, &self.options).map_err(|source| Error::Data {
            layer: self.layer.clone(),
            kind: self.kind,
            record: Some(name.clone()),
            source: Box::new(source),
        })?;
        self.next += 1;
        if self.next == self.entries.len() {
            self.next = 0;
            self.shuffle();
        }
        Ok(Item { name, record: Record::Plain(datum.with_label(label)) })
    }

    fn shuffle(&mut self) {
        if let Some(random) = &mut self.shuffle {
            shuffle(&mut self.entries, random);
        }
    }
}

/// A path, which may have spaces, and a label behind the last one. As in Caffe, what is no number is 0.
fn entry(line: &str) -> Option<(String, i32)> {
    let (path, label) = line.trim_end().rsplit_once(' ')?;
    Some((path.to_owned(), label.parse().unwrap_or(0)))
}
