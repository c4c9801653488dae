use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bm1684_codegen::Program;
use uframework::{Executor, Random, Value};
use umodel::{FileSet, QuantizedNet};

use super::Failure;

/// Writes `compilation.bmodel` to a folder, and, if there is a net with a seed, random inputs
/// (`input_ref_data.dat`) and what the net makes of them (`output_ref_data.dat`): all or none.
/// Returns their paths.
///
/// # Errors
/// If a file cannot be written; then a folder that was not there is not left behind.
pub fn write_compilation(
    folder: &Path,
    program: &Program,
    references: Option<(&Arc<QuantizedNet>, u64)>,
) -> Result<Vec<PathBuf>, Failure> {
    let new_folder = !folder.exists();
    fs::create_dir_all(folder)
        .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let write = || -> Result<Vec<PathBuf>, Failure> {
        let mut files = FileSet::new();
        let mut paths = Vec::new();
        let mut add = |name: &str, bytes: &[u8]| {
            paths.push(folder.join(name));
            files.add(folder.join(name), bytes)
        };
        add("compilation.bmodel", &program.to_bmodel()?.to_bytes()?)?;
        if let Some((net, seed)) = references {
            let inputs = Random::new(seed).inputs(net);
            let bytes: Vec<u8> = inputs.iter().flat_map(|(_, value)| value.to_bytes()).collect();
            add("input_ref_data.dat", &bytes)?;
            let outputs = Executor::quantized(net.clone())?.outputs(inputs)?;
            let bytes: Vec<u8> = outputs.iter().flat_map(Value::to_bytes).collect();
            add("output_ref_data.dat", &bytes)?;
        }
        files.commit()?;
        Ok(paths)
    };
    write().inspect_err(|_| {
        if new_folder {
            // Only removed if it is as empty as it was made.
            let _ = fs::remove_dir(folder);
        }
    })
}
