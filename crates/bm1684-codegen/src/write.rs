use std::path::{Path, PathBuf};

use file_set::FileSet;
use sha2::{Digest, Sha256};

use crate::compile::Program;
use crate::error::Error;

const BMODEL: &str = "compilation.bmodel";
const INPUTS: &str = "input_ref_data.dat";
const OUTPUTS: &str = "output_ref_data.dat";
const SUMS: &str = "compilation.sha256";

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
    /// as the vendor's `bmrt_test --context_dir` wants them: `input_ref_data.dat` and `output_ref_data.dat`, with
    /// `compilation.sha256`, by which [`foreign_references`] and `sha256sum -c` tell whether these files belong
    /// together. Without references those of an earlier program are removed. All of it or nothing. Returns the
    /// paths.
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
        let mut contents = vec![(BMODEL, bmodel.as_slice())];
        if let Some(References { inputs, outputs }) = references {
            contents.push((INPUTS, inputs));
            contents.push((OUTPUTS, outputs));
        }
        let sums: String = contents.iter().map(|(name, bytes)| sum(name, bytes)).collect();
        if references.is_some() {
            contents.push((SUMS, sums.as_bytes()));
        }
        Ok(publish(folder, &contents)?)
    }
}

/// A line as `sha256sum -c` reads it.
fn sum(name: &str, bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hash}  {name}\n")
}

/// Writes these files and removes those of a program that are not among them.
fn publish(folder: &Path, contents: &[(&str, &[u8])]) -> Result<Vec<PathBuf>, file_set::Error> {
    let mut files = FileSet::in_folder(folder)?;
    let mut paths = Vec::new();
    for (name, bytes) in contents {
        let path = folder.join(name);
        files.add(&path, bytes)?;
        paths.push(path);
    }
    for name in [INPUTS, OUTPUTS, SUMS] {
        if contents.iter().all(|(written, _)| *written != name) {
            files.remove(folder.join(name))?;
        }
    }
    files.commit()?;
    Ok(paths)
}

/// The files beside a bmodel that `compilation.sha256` in their folder does not know as they are: the bmodel itself, or
/// references that belong to another one. None where there is no such list, or if the bmodel has another name.
///
/// # Errors
/// If a file cannot be read.
pub fn foreign_references(bmodel: impl AsRef<Path>) -> std::io::Result<Vec<PathBuf>> {
    let bmodel = bmodel.as_ref();
    let list = bmodel.with_file_name(SUMS);
    if bmodel.file_name() != Some(BMODEL.as_ref()) || !list.is_file() {
        return Ok(Vec::new());
    }
    let sums = std::fs::read_to_string(list)?;
    let mut foreign = Vec::new();
    for name in [BMODEL, INPUTS, OUTPUTS] {
        let path = bmodel.with_file_name(name);
        if !path.is_file() {
            continue;
        }
        let expected = sum(name, &std::fs::read(&path)?);
        if !sums.split_inclusive('\n').any(|line| line == expected) {
            foreign.push(path);
        }
    }
    Ok(foreign)
}
