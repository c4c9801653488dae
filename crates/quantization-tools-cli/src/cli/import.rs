use std::path::{Path, PathBuf};

use umodel_import::Imported;
use umodel_import::convert::{Arguments, Converted, Shapes};
use umodel_import::dataset::Preset;

use super::{Failure, compare, next, note, quoted, say};

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
        help = "Shapes of the inputs in the model's order of axes, as '(1, 299, 299, 3)' or \
                '[1,3,224,224],[1,7]' [default: the model's]"
    )]
    pub shapes: Option<Shapes>,
    /// The files' folder; made if it is not there
    #[arg(short = 'd', long = "outdir", value_name = "FOLDER", default_value = "compilation")]
    pub outdir: PathBuf,
    /// The net's name, which names the files, too [default: the model file's]
    #[arg(short = 'n', long = "net_name", value_name = "NAME")]
    pub name: Option<String>,
    /// Preprocessing of the Data layer: VGG, INCEPTION, SSD_V or SSD_I; edit the prototxt for any other; needs -D
    #[arg(short = 'p', long = "preset", value_name = "PRESET")]
    pub preset: Option<Preset>,
    /// LMDB that the prototxt's Data layer names, whether it is there or not [default: an Input layer, or the Caffe
    /// net's own database]
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
    /// The same for the library.
    pub fn arguments(&self, model: &Path) -> Arguments {
        let mut arguments = Arguments::new(model);
        arguments.inputs.clone_from(&self.inputs);
        arguments.outputs.clone_from(&self.outputs);
        arguments.shapes = self.shapes.clone().unwrap_or_default().0;
        arguments.outdir.clone_from(&self.outdir);
        arguments.name.clone_from(&self.name);
        arguments.preset = self.preset;
        arguments.lmdb.clone_from(&self.lmdb);
        arguments.accuracy = self.accuracy;
        arguments
    }

    /// Prints what the inputs and outputs have become and the files that were written, and compares the net with its
    /// framework if that is asked for.
    ///
    /// # Errors
    /// If the recorded tensors cannot be read or differ.
    pub fn finish(&self, converted: &Converted) -> Result<(), Failure> {
        print_import(&converted.imported);
        if let Some(database) = self.lmdb.as_ref().filter(|_| converted.guessed) {
            note!(
                "{database} is not there: the shapes above suit the weights, but its pictures decide"
            );
        }
        for path in &converted.paths {
            say!("{}", path.display());
        }
        let Imported { net, inputs, tensors, .. } = &converted.imported;
        if let Some(recorded) = &self.cmp {
            compare::print(&compare::compare(net, inputs, tensors, recorded)?)?;
        }
        // A database that stands in the prototxt only has left no mark in the imported net.
        let reads_pictures =
            self.lmdb.is_some() || net.layers().iter().any(|layer| layer.op.reads_files());
        let [weights, model] = [&converted.paths[0], &converted.paths[1]].map(quoted);
        if reads_pictures {
            next!("calibration_use_pb release -model={model} -weights={weights}");
        } else {
            next!(
                "convert_imageset ROOTFOLDER/ LISTFILE DB, and then this command again with -D DB"
            );
        }
        Ok(())
    }
}

/// Prints what the inputs and outputs have become.
fn print_import(imported: &Imported) {
    let tensors = [("input", &imported.inputs), ("output", &imported.outputs)];
    for (what, tensor) in tensors.into_iter().flat_map(|(w, list)| list.iter().map(move |t| (w, t)))
    {
        let (name, shape) = (&tensor.tensor, &tensor.shape);
        say!("{what} {name} {shape:?}: blob {} {:?}", tensor.blob, tensor.blob_shape);
    }
    say!("{} layers", imported.net.layers().len());
}
