//! `ufw extract`: blobs of a net as a database for another one, as Caffe's `extract_features` makes them.

use std::path::PathBuf;

use clap::Args;
use quantization_tools::datum_store::{Error as StoreError, Features, StoreSet};
use quantization_tools::ndarray::ArrayD;
use quantization_tools::prelude::*;
use quantization_tools::uframework::{self, extract};
use quantization_tools_cli::cli::{self, DataFlags, Failure, Join, NpzWriter, Progress};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The net, fp32 or int8: a prototxt with a Data layer
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its weights: an fp32umodel or caffemodel, of an int8 net the int8umodel
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// Passes over the Data layer, one batch each
    #[arg(long, default_value_t = 50, value_parser = cli::iterations())]
    iterations: usize,
    /// Names of blobs with commas between them
    #[arg(long, value_name = "BLOBS", value_delimiter = ',', required = true)]
    blobs: Vec<String>,
    /// An LMDB to create for each blob, or an .npz file; one .npz file takes all blobs
    #[arg(long, value_name = "LMDB", value_delimiter = ',', required = true)]
    out: Vec<PathBuf>,
    /// Replace databases that are there
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
    overwrite: bool,
    #[command(flatten)]
    data: DataFlags,
}

/// Where a blob's values go.
enum Output {
    Database(Features),
    /// The number of the file.
    Arrays(usize),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { blobs, out, iterations, .. } = arguments;
    let is_npz = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "npz");
    let one = matches!(&out[..], [only] if is_npz(only));
    if out.len() != blobs.len() && !one {
        let (blobs, out) = (blobs.len(), out.len());
        return Err(format!(
            "-blobs names {blobs} blobs, -out {out} outputs: give one for each, or one .npz file for all"
        )
        .into());
    }
    if let Some(twice) = (1..blobs.len()).find(|&index| blobs[..index].contains(&blobs[index])) {
        return Err(format!("-blobs names {:?} twice", blobs[twice]).into());
    }
    let executor = cli::read_executor(&arguments.model, &arguments.weights, &arguments.data)?;
    let wanted = cli::blobs(&executor, blobs)?;
    cli::note_repeats(executor.net(), *iterations)?;

    let mut set = StoreSet::new();
    let existing = if arguments.overwrite { Existing::Overwrite } else { Existing::Refuse };
    let (mut outputs, mut npz, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for (index, (&id, name)) in wanted.iter().zip(blobs).enumerate() {
        let path = if one { &out[0] } else { &out[index] };
        if is_npz(path) {
            if !one || index == 0 {
                npz.push(set.files(|files| NpzWriter::new(files, path, Join::Append))??);
            }
            outputs.push(Output::Arrays(npz.len() - 1));
            continue;
        }
        let axes = executor.net().blob(id).shape.len();
        if axes > 4 {
            return Err(format!(
                "blob {name:?} has {axes} axes, records have up to 4: give an .npz file as its -out"
            )
            .into());
        }
        let writer = set.create(path, existing).map_err(|error| match error {
            StoreError::Exists { is_database: true, .. } => {
                Failure::from(format!("{error}: give -overwrite to replace it, or another name"))
            }
            error => error.into(),
        })?;
        outputs.push(Output::Database(Features::new(writer)));
    }
    let progress = Progress::new("extracting", "batches", *iterations);
    let sink = |values: Vec<ArrayD<f32>>| {
        for ((output, values), name) in outputs.iter_mut().zip(&values).zip(blobs) {
            match output {
                Output::Database(features) => features.put(values.view())?,
                Output::Arrays(file) => {
                    let npz = &mut npz[*file];
                    let pushed = set.files(|files| npz.push(files, name, values))?;
                    pushed.map_err(uframework::Error::Sink)?;
                }
            }
        }
        Ok(())
    };
    extract(&executor, *iterations, &wanted, sink, |done| progress.at(done))?;
    drop(progress);
    let mut database = None;
    for (index, (output, (&id, name))) in
        outputs.into_iter().zip(wanted.iter().zip(blobs)).enumerate()
    {
        let Output::Database(features) = output else { continue };
        let (path, records) = (&out[index], features.records());
        features.finish()?;
        let axes = executor.net().blob(id).shape.get(1..).unwrap_or_default();
        let axes = cli::shape_text(axes);
        lines.push(format!("{}: {records} records of blob {name}, {axes}", path.display()));
        database = database.or(Some(path));
    }
    for npz in npz {
        set.files(|files| npz.finish(files))??;
    }
    set.publish()?;
    for line in lines {
        cli::say!("{line}");
    }
    for path in out.iter().filter(|path| is_npz(path)) {
        cli::wrote(path);
    }
    if let Some(database) = database.map(cli::quoted) {
        cli::next!(
            "calibration_use_pb release -model=NET.prototxt -weights=NET.caffemodel -source={database}"
        );
    }
    Ok(())
}
