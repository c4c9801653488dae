//! `-output`: every iteration's outputs as arrays.

use std::path::{Path, PathBuf};

use quantization_tools::file_set::FileSet;
use quantization_tools::ndarray::ArrayD;
use quantization_tools::uframework;
use quantization_tools_cli::cli::{self, Failure, Join, NpzWriter};

/// An npz file that grows with each iteration, on the disk.
pub(crate) struct Recording(Option<Open>);

struct Open {
    path: PathBuf,
    files: FileSet,
    npz: NpzWriter,
}

impl Recording {
    /// Starts one if a file was asked for.
    pub(crate) fn new(path: Option<&Path>) -> Result<Self, Failure> {
        let open = |path: &Path| -> Result<Open, Failure> {
            let mut files = FileSet::new();
            let npz = NpzWriter::new(&mut files, path, Join::Stack)?;
            Ok(Open { path: path.to_owned(), files, npz })
        };
        Ok(Recording(path.map(open).transpose()?))
    }

    /// Adds one iteration's values of a blob.
    pub(crate) fn push(
        &mut self,
        name: &str,
        values: &ArrayD<f32>,
    ) -> Result<(), uframework::Error> {
        let Some(open) = &mut self.0 else { return Ok(()) };
        open.npz.push(&mut open.files, name, values).map_err(uframework::Error::Sink)
    }

    /// Gives the file its name, and says so.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Some(Open { path, mut files, npz }) = self.0 else { return Ok(()) };
        npz.finish(&mut files)?;
        files.commit()?;
        cli::wrote(&path);
        Ok(())
    }
}
