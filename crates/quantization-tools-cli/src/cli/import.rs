use std::fs;
use std::path::{Path, PathBuf};

use umodel::{FileSet, Net};
use umodel_import::dataset::{Dataset, Preset};
use umodel_import::{Imported, Options};

use super::{Failure, Shapes, parse_shapes};

/// Protobuf's own limit, beyond which a file could not be read again.
const MAX_BYTES: usize = i32::MAX as usize;

/// Flags that the tools for models of other frameworks share.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportFlags {
    /// Names of the input tensors, with commas between them [default: the model's own]
    #[arg(short = 'i', long = "inputs", value_name = "NAMES", value_delimiter = ',')]
    pub inputs: Vec<String>,
    /// Names of the output tensors, with commas between them [default: the model's own]
    #[arg(short = 'o', long = "outputs", value_name = "NAMES", value_delimiter = ',')]
    pub outputs: Vec<String>,
    /// Shapes of the inputs, in the model's order of axes.
    // Its help has brackets, which are no links.
    #[arg(
        short = 's',
        long = "shapes",
        value_name = "SHAPES",
        value_parser = parse_shapes,
        help = "Shapes of the inputs in the model's order of axes, as '(1, 299, 299, 3)' or '[1,3,224,224],[1,7]' [default: the model's]"
    )]
    pub shapes: Option<Shapes>,
    /// The files' folder; made if it is not there
    #[arg(short = 'd', long = "outdir", value_name = "FOLDER", default_value = "compilation")]
    pub outdir: PathBuf,
    /// The net's name, which names the files, too [default: the model file's]
    #[arg(short = 'n', long = "net_name", value_name = "NAME")]
    pub name: Option<String>,
    /// Preprocessing: VGG, INCEPTION, SSD_V or SSD_I; edit the prototxt for any other
    #[arg(short = 'p', long = "preset", value_name = "PRESET")]
    pub preset: Option<Preset>,
    /// LMDB that the prototxt's Data layer names, whether it is there or not [default: an Input layer]
    #[arg(short = 'D', long = "lmdb", value_name = "PATH")]
    pub lmdb: Option<String>,
    /// Add Accuracy layers for the best one and the best five answers; needs -D
    #[arg(short = 'a', long = "accuracy", default_value_t = false, action = clap::ArgAction::Set)]
    pub accuracy: bool,
    /// Taken for the sake of older command lines; does nothing
    #[arg(short = 't', long = "test", default_value_t = false, action = clap::ArgAction::Set)]
    pub test: bool,
    /// Compare each tensor with those that the model's framework computed, written by numpy.savez under
    /// their names, the inputs among them; the first one that differs is an error
    #[arg(long, value_name = "FILE.npz")]
    pub cmp: Option<PathBuf>,
}

impl ImportFlags {
    /// The net's name: as given, or the model file's.
    pub fn name(&self, model: &Path) -> String {
        let stem = || model.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        self.name.clone().or_else(stem).unwrap_or_else(|| "net".to_owned())
    }

    /// What an importer wants to know.
    pub fn options(&self, model: &Path) -> Options {
        Options::new(self.name(model))
            .inputs(&self.inputs)
            .outputs(&self.outputs)
            .shapes(self.shapes.clone().map(|shapes| shapes.0).unwrap_or_default())
    }

    /// The imported net with the Data and Accuracy layers that the flags ask for, written as
    /// `FOLDER/NAME.fp32umodel` and `FOLDER/NAME.prototxt`. Returns their paths.
    ///
    /// # Errors
    /// If the flags do not suit the net or each other, and if a file cannot be written.
    pub fn write(&self, imported: &Imported, model: &Path) -> Result<Vec<PathBuf>, Failure> {
        let output = imported.outputs.first().map_or("", |output| output.blob.as_str());
        let net = self.with_dataset(&imported.net, output)?;
        write_umodel(&self.outdir, &self.name(model), &net)
    }

    /// The net with the Data and Accuracy layers that the flags ask for.
    ///
    /// # Errors
    /// If the flags do not suit the net or each other.
    pub fn with_dataset(&self, net: &Net, output: &str) -> Result<Net, Failure> {
        match &self.lmdb {
            Some(source) => {
                let dataset = Dataset::new(source).preset(self.preset).accuracy(self.accuracy);
                Ok(dataset.attach(net, output)?)
            }
            None if self.accuracy => {
                Err("-a counts right answers, so it needs the labels of a database: give -D".into())
            }
            None => Ok(net.clone()),
        }
    }
}

/// Writes `FOLDER/NAME.fp32umodel` and `FOLDER/NAME.prototxt`, both or none, and returns their paths.
///
/// # Errors
/// If a file cannot be written, or would be larger than it can be read again; then a folder that was not
/// there is not left behind.
pub fn write_umodel(folder: &Path, name: &str, net: &Net) -> Result<Vec<PathBuf>, Failure> {
    if name.is_empty() || name.contains(['/', '\\']) {
        return Err(format!("the net's name {name:?} cannot be a file's").into());
    }
    let weights = net.to_parameter_with_weights().to_bytes()?;
    if weights.len() > MAX_BYTES {
        let reason =
            format!("the weights take {} bytes, a umodel has at most {MAX_BYTES}", weights.len());
        return Err(reason.into());
    }
    let new_folder = !folder.exists();
    fs::create_dir_all(folder)
        .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let paths = ["fp32umodel", "prototxt"].map(|kind| folder.join(format!("{name}.{kind}")));
    let write = || -> Result<Vec<PathBuf>, Failure> {
        let mut files = FileSet::new();
        files.add(&paths[0], &weights)?;
        files.add(&paths[1], net.to_parameter().to_text().as_bytes())?;
        files.commit()?;
        Ok(paths.to_vec())
    };
    write().inspect_err(|_| {
        if new_folder {
            // Only removed if it is as empty as it was made.
            let _ = fs::remove_dir(folder);
        }
    })
}

/// Prints what the inputs and outputs have become.
pub fn print_import(imported: &Imported) {
    let tensors = [("input", &imported.inputs), ("output", &imported.outputs)];
    for (what, tensor) in tensors.into_iter().flat_map(|(w, list)| list.iter().map(move |t| (w, t)))
    {
        let (name, shape) = (&tensor.tensor, &tensor.shape);
        println!("{what} {name} {shape:?}: blob {} {:?}", tensor.blob, tensor.blob_shape);
    }
    println!("{} layers", imported.net.layers().len());
}
