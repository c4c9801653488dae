use std::path::{Path, PathBuf};

use umodel::FileSet;

use crate::compile::Program;
use crate::error::Error;

/// What a chip's results are compared with: tensors one after another, each as N, C, H, W in the bmodel's own
/// types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct References {
    /// Values of all inputs, in the order of [`Program::inputs`].
    pub inputs: Vec<u8>,
    /// What the net makes of them, in the order of [`Program::outputs`].
    pub outputs: Vec<u8>,
}

impl References {
    /// These inputs and outputs.
    pub fn new(inputs: Vec<u8>, outputs: Vec<u8>) -> Self {
        References { inputs, outputs }
    }
}

impl Program {
    /// Writes `compilation.bmodel` to a folder, which is made if it is not there, and, beside it, the references
    /// as the vendor's `bmrt_test --context_dir` wants them: `input_ref_data.dat` and `output_ref_data.dat`. All
    /// files or none. Returns their paths.
    ///
    /// # Errors
    /// Those of [`Program::to_bmodel`]; [`Error::Write`] if a file cannot be written.
    pub fn write(
        &self,
        folder: impl AsRef<Path>,
        references: Option<&References>,
    ) -> Result<Vec<PathBuf>, Error> {
        let folder = folder.as_ref();
        let bmodel = self.to_bmodel()?.to_bytes()?;
        let mut contents = vec![("compilation.bmodel", bmodel.as_slice())];
        if let Some(References { inputs, outputs }) = references {
            contents.push(("input_ref_data.dat", inputs));
            contents.push(("output_ref_data.dat", outputs));
        }
        let mut files = FileSet::in_folder(folder)?;
        let mut paths = Vec::new();
        for (name, bytes) in contents {
            let path = folder.join(name);
            files.add(&path, bytes)?;
            paths.push(path);
        }
        files.commit()?;
        Ok(paths)
    }
}
