use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use file_set::FileSet;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::info::IoInfo;
use crate::package::Package;
use crate::program::Program;

pub(crate) const BMODEL: &str = "compilation.bmodel";
const LAYERS: &str = "compilation.layers.json";
const INFO: &str = "io_info.json";
const INPUTS: &str = "input_ref_data.dat";
const OUTPUTS: &str = "output_ref_data.dat";
const SUMS: &str = "compilation.sha256";

/// Bytes of an io_info.json at most that is looked at for the files of an earlier program.
const MOST_INFO: u64 = 1 << 24;

/// What a chip's results are compared with: tensors one after another, each as N, C, H, W in the bmodel's own
/// types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct References {
    /// Values of all inputs, in the order of [`Program::inputs`].
    pub inputs: Vec<u8>,
    /// What the chip makes of them, in the order of [`Program::outputs`].
    pub outputs: Vec<u8>,
}

impl References {
    /// These inputs and outputs.
    pub fn new(inputs: Vec<u8>, outputs: Vec<u8>) -> Self {
        References { inputs, outputs }
    }
}

impl Package {
    /// Writes to a folder, which is made if it is not there:
    ///
    /// - `compilation.bmodel`;
    /// - `compilation.layers.json`, see [`Package::layers`];
    /// - `io_info.json`, see [`Package::info`];
    /// - if there is a part for the host, `NAME_host.prototxt`, for further stages `NAME_host_stage1.prototxt` and so on,
    ///   and `NAME_host.umodel` if it has weights or integers;
    /// - if there are references, one for each stage, `input_ref_data.dat` and `output_ref_data.dat` as the vendor's
    ///   `bmrt_test --context_dir` wants them;
    /// - `compilation.sha256`, by which [`foreign_files`] and `sha256sum -c` tell whether these files belong together.
    ///
    /// Files of an earlier program that this one does not have are removed. All of it or nothing. Returns the paths.
    ///
    /// # Errors
    /// Those of [`Package::to_bmodel`]; [`Error::Write`] if a file cannot be written.
    pub fn write(
        &self,
        folder: impl AsRef<Path>,
        references: &[References],
    ) -> Result<Vec<PathBuf>, Error> {
        let mut contents = vec![(BMODEL.to_owned(), self.to_bmodel()?.to_bytes()?)];
        contents.push((LAYERS.to_owned(), self.layers().to_json()?.into_bytes()));
        contents.push((INFO.to_owned(), self.info().to_json()?.into_bytes()));
        for (stage, host) in self.hosts.iter().enumerate() {
            let text = host.to_parameter().to_text().into_bytes();
            contents.push((self.host_prototxt(stage), text));
        }
        if let Some((name, weights)) = self.host_weights() {
            contents.push((name, weights.to_bytes()?));
        }
        if !references.is_empty() {
            let all = |of: fn(&References) -> &Vec<u8>| {
                references.iter().flat_map(|stage| of(stage).iter().copied()).collect()
            };
            contents.push((INPUTS.to_owned(), all(|stage| &stage.inputs)));
            contents.push((OUTPUTS.to_owned(), all(|stage| &stage.outputs)));
        }
        let sums: String = contents.iter().map(|(name, bytes)| sum(name, bytes)).collect();
        contents.push((SUMS.to_owned(), sums.into_bytes()));
        Ok(publish(folder.as_ref(), &contents)?)
    }
}

impl Program {
    /// Writes the program to a folder as a net of one stage, see [`Package::write`].
    ///
    /// # Errors
    /// As [`Package::write`].
    pub fn write(
        &self,
        folder: impl AsRef<Path>,
        references: Option<&References>,
    ) -> Result<Vec<PathBuf>, Error> {
        let references: Vec<References> = references.into_iter().cloned().collect();
        Package::from(self.clone()).write(folder, &references)
    }
}

/// A line as `sha256sum -c` reads it.
fn sum(name: &str, bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hash}  {name}\n")
}

/// Writes these files and removes those of a program that are not among them.
fn publish(folder: &Path, contents: &[(String, Vec<u8>)]) -> Result<Vec<PathBuf>, file_set::Error> {
    let mut files = FileSet::in_folder(folder)?;
    let mut old = earlier_hosts(folder);
    old.extend([INPUTS, OUTPUTS].map(str::to_owned));
    let mut paths = Vec::new();
    for (name, bytes) in contents {
        let path = folder.join(name);
        files.add(&path, bytes)?;
        paths.push(path);
        old.remove(name);
    }
    for name in old {
        files.remove(folder.join(name))?;
    }
    files.commit()?;
    Ok(paths)
}

/// The files of the host's part that an earlier program has left in a folder.
fn earlier_hosts(folder: &Path) -> BTreeSet<String> {
    let path = folder.join(INFO);
    let short = std::fs::metadata(&path).is_ok_and(|about| about.len() <= MOST_INFO);
    let text = short.then(|| std::fs::read_to_string(&path).ok()).flatten().unwrap_or_default();
    let Ok(info) = IoInfo::from_json(&text) else { return BTreeSet::new() };
    let hosts = info.stages.into_iter().filter_map(|stage| stage.host);
    let names = hosts.flat_map(|host| [Some(host.prototxt), host.weights]).flatten();
    // Whoever edited the file: nothing else is ever removed.
    let ours = |name: &String| {
        let plain = !name.contains(['/', '\\']) && name.contains("_host");
        plain && (name.ends_with(".prototxt") || name.ends_with(".umodel"))
    };
    names.filter(ours).collect()
}

/// The files beside a bmodel that `compilation.sha256` in their folder lists, but not as they are: the bmodel itself, or
/// files that belong to another one. None where there is no such list, or if the bmodel has another name.
///
/// # Errors
/// If a file cannot be read.
pub fn foreign_files(bmodel: impl AsRef<Path>) -> std::io::Result<Vec<PathBuf>> {
    let bmodel = bmodel.as_ref();
    let list = bmodel.with_file_name(SUMS);
    if bmodel.file_name() != Some(BMODEL.as_ref()) || !list.is_file() {
        return Ok(Vec::new());
    }
    let sums = std::fs::read_to_string(list)?;
    let mut names = vec![BMODEL, INPUTS, OUTPUTS];
    let listed = sums.lines().filter_map(|line| line.split_once("  ")).map(|(_, name)| name);
    names.extend(listed.filter(|name| !name.contains(['/', '\\'])));
    let mut foreign = Vec::new();
    let mut seen = BTreeSet::new();
    for name in names {
        let path = bmodel.with_file_name(name);
        if !seen.insert(name) || !path.is_file() {
            continue;
        }
        let expected = sum(name, &std::fs::read(&path)?);
        if !sums.split_inclusive('\n').any(|line| line == expected) {
            foreign.push(path);
        }
    }
    Ok(foreign)
}
