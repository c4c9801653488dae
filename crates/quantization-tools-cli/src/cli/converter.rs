//! What `convert_imageset` and `convert_annoset` share.

use std::path::{Path, PathBuf};

use clap::ArgAction;
use datum_store::Error as StoreError;
use datum_store::imageset::{self, ConvertOptions, Entry, List, Storable};
use quantization_tools::prelude::*;
use quantization_tools::transform_param::{Error as TransformError, Format, Pixels, encode};

use super::{Failure, Progress, next, note, quoted, say};

/// The largest side that pictures are resized to.
const MAX_SIDE: i64 = 32768;

/// Flags that both converters have.
#[derive(Clone, Debug, clap::Args)]
pub struct ConverterFlags {
    /// Folder in front of every path of the list
    #[arg(value_name = "ROOTFOLDER/")]
    pub root: PathBuf,
    /// The list file
    #[arg(value_name = "LISTFILE")]
    pub list: PathBuf,
    /// The database to create
    #[arg(value_name = "DB_NAME")]
    pub database: PathBuf,
    /// Treat images as greyscale ones
    #[arg(long, default_value_t = false, action = ArgAction::Set)]
    pub gray: bool,
    /// Randomly shuffle the order of images and their labels
    #[arg(long, default_value_t = false, action = ArgAction::Set)]
    pub shuffle: bool,
    /// Seed of the shuffle
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// The backend for storing the result
    #[arg(long, default_value = "lmdb", value_parser = ["lmdb", "leveldb"])]
    pub backend: String,
    /// Replace DB_NAME if it is a database
    #[arg(long, default_value_t = false, action = ArgAction::Set)]
    pub overwrite: bool,
    /// Width images are resized to; 0 keeps it
    #[arg(long = "resize_width", default_value_t = 0, value_parser = side())]
    pub resize_width: u32,
    /// Height images are resized to; 0 keeps it
    #[arg(long = "resize_height", default_value_t = 0, value_parser = side())]
    pub resize_height: u32,
    /// Check that all the datum have the same size; it is not known of pictures that are stored
    /// encoded as they are
    #[arg(long = "check_size", default_value_t = false, action = ArgAction::Set)]
    pub check_size: bool,
    /// Save the encoded image in the datum
    #[arg(long, default_value_t = false, action = ArgAction::Set)]
    pub encoded: bool,
    /// What type the image is encoded as (png, jpg, …)
    #[arg(long = "encode_type", default_value = "", value_parser = encode_type)]
    pub encode_type: String,
}

/// Reads the length of a picture's side; 0 stands for none.
pub fn side() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(0..=MAX_SIDE)
}

/// Refuses an extension of pictures that cannot be written, once for all of them.
fn encode_type(extension: &str) -> Result<String, TransformError> {
    if !extension.is_empty() {
        let format: Format = extension.parse()?;
        // One pixel tells whether this build can write the format.
        encode(&Pixels::new([1, 1, 1], vec![0])?, format)?;
    }
    Ok(extension.to_owned())
}

impl ConverterFlags {
    /// Refuses a root folder without its slash, and warns of flags that have no effect. `first` is the first path of
    /// the list.
    ///
    /// # Errors
    /// For the root folder.
    pub fn check(&self, first: Option<&Path>) -> Result<(), Failure> {
        if (self.resize_height == 0) != (self.resize_width == 0) {
            note!(
                "warning: nothing is resized: -resize_height and -resize_width go together, as in Caffe"
            );
        }
        first.map_or(Ok(()), |first| Ok(imageset::check_root(&self.root, first)?))
    }

    /// Height and width that pictures are resized to: as in Caffe only if both are given.
    pub fn size(&self) -> Option<[usize; 2]> {
        let (height, width) = (self.resize_height as usize, self.resize_width as usize);
        (height > 0 && width > 0).then_some([height, width])
    }

    /// How pictures of this size are stored.
    pub fn picture_options(&self, resize: Option<[usize; 2]>) -> PictureOptions {
        PictureOptions::default()
            .gray(self.gray)
            .resize(resize)
            .encoded(self.encoded)
            .encode_type(&self.encode_type)
    }

    /// Puts the list into the order of the records.
    pub fn order<T>(&self, entries: &mut [T]) {
        if self.shuffle {
            imageset::shuffle(entries, self.seed);
        }
    }

    /// Makes the database: a record for each entry whose picture `read` accepts. Lists the others on the standard
    /// error and counts on the standard output.
    ///
    /// # Errors
    /// Those of [`create`] and [`imageset::write`]; then no database is left.
    pub fn store<T: Sync, R: Storable>(
        &self,
        entries: &[T],
        path: impl Fn(&T) -> &Path + Sync,
        read: impl Fn(&T) -> Result<R, Failure> + Sync,
    ) -> Result<(), Failure> {
        let backend = if self.backend == "leveldb" { Backend::LevelDb } else { Backend::Lmdb };
        let existing = if self.overwrite { Existing::Overwrite } else { Existing::Refuse };
        self.check(entries.first().map(&path))?;
        let writer = create(&self.database, backend, existing).map_err(|error| match error {
            StoreError::Exists { is_database: true, .. } => {
                Failure::from(format!("{error}: give --overwrite to replace it, or another name"))
            }
            error => error.into(),
        })?;
        let progress = Progress::new("converting", "pictures", entries.len());
        let done = |count| progress.at(count);
        let options = ConvertOptions::default()
            .check_size(self.check_size)
            .threads(rayon::current_num_threads());
        let summary = imageset::write(entries, path, writer, &options, read, done)?;
        drop(progress);
        for skipped in &summary.skipped {
            note!("skipped {skipped}");
        }
        say!("Processed {} files, skipped {}.", summary.written, summary.skipped.len());
        Ok(())
    }

    /// Prints what is done with the database.
    pub fn next(&self) {
        let database = quoted(&self.database);
        next!(
            "calibration_use_pb release -model=NET.prototxt -weights=NET.caffemodel -source={database}"
        );
    }
}

/// Warns of lines of a list whose label is no number, and gives its entries.
pub fn print_not_numbers(path: &Path, list: List) -> Vec<Entry> {
    if let [first, rest @ ..] = &list.not_numbers[..] {
        let path = path.display();
        note!("warning: {path}:{first}: the label is no number and counts as 0, as in Caffe");
        if !rest.is_empty() {
            note!("warning: {path}: {} more lines have such a label", rest.len());
        }
    }
    list.entries
}
