//! Pictures and their annotations to a database of AnnotatedDatum records.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::{ArgAction, Parser};
use quantization_tools::datum_store::AnnotationType;
use quantization_tools::datum_store::annotations::{self, Format, LabelMap};
use quantization_tools::datum_store::imageset::{AnnotatedEntry, Entry, full_path};
use quantization_tools::prelude::*;
use quantization_tools::transform_param::store_picture;
use quantization_tools_cli::cli::{self, ConverterFlags, Failure};

/// Convert a set of images and annotations to the LMDB or LevelDB format used as input for SSD's
/// AnnotatedData layer.
///
/// For --anno_type=detection LISTFILE has one line `PATH ANNOTATIONS` for each picture, otherwise `PATH
/// LABEL`. Both paths are appended to ROOTFOLDER as they are, so that ROOTFOLDER ends with a slash.
/// Boxes are stored as they are noted, in fractions of the picture before resizing; those outside of
/// it or with swapped corners are warned of and counted. A picture whose annotations are missing has
/// none. Pictures or annotations that cannot be read are listed, skipped and counted.
#[derive(Parser)]
#[command(name = "convert_annoset", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    converter: ConverterFlags,
    /// The type of annotation
    #[arg(long = "anno_type", default_value = "classification", value_parser = ["classification", "detection"])]
    anno_type: String,
    /// The type of annotation file format
    #[arg(long = "label_type", default_value = "xml", value_parser = ["xml", "json", "txt"])]
    label_type: String,
    /// A file with a LabelMap message: the labels of names; needed for detection
    #[arg(long = "label_map_file")]
    label_map_file: Option<PathBuf>,
    /// Check that there is no duplicated name
    #[arg(long = "check_label", default_value_t = false, action = ArgAction::Set)]
    check_label: bool,
    /// Enlarge images so that their shorter side is at least this, keeping their aspect ratio
    #[arg(long = "min_dim", default_value_t = 0, value_parser = cli::side())]
    min_dim: u32,
    /// Shrink images so that their longer side is at most this, keeping their aspect ratio
    #[arg(long = "max_dim", default_value_t = 0, value_parser = cli::side())]
    max_dim: u32,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    if arguments.converter.size().is_some() && (arguments.min_dim > 0 || arguments.max_dim > 0) {
        cli::note!(
            "warning: -resize_height and -resize_width have no effect beside -min_dim and -max_dim, as in SSD"
        );
    }
    if arguments.anno_type == "detection" {
        detection(&arguments)?;
    } else {
        classification(&arguments)?;
    }
    arguments.converter.next();
    Ok(())
}

fn classification(arguments: &Arguments) -> Result<(), Failure> {
    let ConverterFlags { root, list, .. } = &arguments.converter;
    let mut entries = cli::print_not_numbers(list, imageset::read_list(list)?);
    arguments.converter.order(&mut entries);
    let read = |entry: &Entry| -> Result<AnnotatedDatum, Failure> {
        let (datum, _) = picture(arguments, &full_path(root, &entry.path))?;
        let datum = datum.with_label(entry.label);
        Ok(AnnotatedDatum { datum, annotation_type: None, groups: Vec::new() })
    };
    arguments.converter.store(&entries, |entry| &entry.path, read)
}

fn detection(arguments: &Arguments) -> Result<(), Failure> {
    let ConverterFlags { root, list, .. } = &arguments.converter;
    let format = match arguments.label_type.as_str() {
        "json" => Format::Json,
        "txt" => Format::Txt,
        _ => Format::Xml,
    };
    let labels = arguments.label_map_file.as_ref().ok_or("--label_map_file is missing")?;
    let labels = LabelMap::read(labels, arguments.check_label)?;
    let mut entries = imageset::read_annotated_list(list)?;
    arguments.converter.order(&mut entries);
    let warnings = Mutex::new(Vec::new());
    let missing = Mutex::new(Vec::new());
    let read = |entry: &AnnotatedEntry| -> Result<AnnotatedDatum, Failure> {
        let (datum, size) = picture(arguments, &full_path(root, &entry.path))?;
        let path = full_path(root, &entry.annotations);
        let found = annotations::read(&path, format, size, &labels)?;
        if found.missing {
            missing.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        }
        let file = entry.annotations.display();
        let lines = found.warnings.iter().map(|warning| format!("{file}: {warning}"));
        warnings.lock().unwrap_or_else(PoisonError::into_inner).extend(lines);
        let datum = datum.with_label(-1);
        let annotation_type = Some(AnnotationType::Bbox);
        Ok(AnnotatedDatum { datum, annotation_type, groups: found.groups })
    };
    arguments.converter.store(&entries, |entry| &entry.path, read)?;
    let mut warnings = warnings.into_inner().unwrap_or_else(PoisonError::into_inner);
    warnings.sort();
    for warning in &warnings {
        cli::note!("warning: {warning}");
    }
    let mut missing = missing.into_inner().unwrap_or_else(PoisonError::into_inner);
    missing.sort();
    if let Some(first) = missing.first() {
        let (count, all, first) = (missing.len(), entries.len(), first.display());
        cli::note!(
            "warning: {count} of {all} files of annotations are not there, the first is {first}: their pictures have \
             no boxes; ROOTFOLDER and the path are put together as they are"
        );
    }
    cli::say!("{} warnings.", warnings.len() + missing.len());
    Ok(())
}

/// Reads a picture; also its height and width before resizing.
fn picture(arguments: &Arguments, path: &Path) -> Result<(Datum, [usize; 2]), Failure> {
    let resize = |size| {
        if arguments.min_dim > 0 || arguments.max_dim > 0 {
            Some(within(size, arguments.min_dim, arguments.max_dim))
        } else {
            arguments.converter.size()
        }
    };
    let stored = store_picture(path, &arguments.converter.picture_options(None), resize)?;
    Ok((stored.datum, stored.size))
}

/// The size of a picture that was [height, width], with limits of which 0 is none.
///
/// # Source
/// `ReadImageToCVMat` of SSD's `io.cpp`, in fp32; sizes round half to even, as `cv::resize` does.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sides are positive and far below 2^31, and SSD truncates here"
)]
fn within([height, width]: [usize; 2], min_dim: u32, max_dim: u32) -> [usize; 2] {
    let shorter = height.min(width) as f32;
    let longer = height.max(width) as f32;
    let mut scale = 1.0f32;
    if min_dim > 0 && shorter < min_dim as f32 {
        scale = min_dim as f32 / shorter;
    }
    if max_dim > 0 && (scale * longer) as i64 > i64::from(max_dim) {
        scale = max_dim as f32 / longer;
    }
    let scaled = |length: usize| (length as f64 * f64::from(scale)).round_ties_even().max(1.0);
    [scaled(height) as usize, scaled(width) as usize]
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn sizes_within_limits() {
        assert_eq!(within([100, 200], 0, 0), [100, 200]);
        assert_eq!(within([100, 200], 150, 0), [150, 300]);
        assert_eq!(within([100, 200], 0, 100), [50, 100]);
        assert_eq!(within([100, 200], 150, 250), [125, 250]);
        assert_eq!(within([100, 200], 50, 300), [100, 200]);
        assert_eq!(within([333, 500], 0, 100), [67, 100]);
    }
}
