//! Recorded runs of the vendor's simulator: hashes of bmodels, of their inputs, and of what the simulator made of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use bm1684_codegen::Optimization;
use libtest_mimic::Failed;
use quantization_tools::prelude::*;
use quantization_tools::umodel::BlobId;
use sha2::{Digest, Sha256};

use crate::chip::optimization;
use crate::fixtures;

/// SHA-256 of a bmodel, of its inputs and of its outputs.
pub type Hashes = [String; 3];

/// The runs in a file of `fixtures/bm1684`, by name.
pub struct Runs {
    path: PathBuf,
    names: Vec<String>,
    recorded: BTreeMap<String, Hashes>,
    new: Mutex<BTreeMap<String, Hashes>>,
}

impl Runs {
    /// Reads a file. `names` are the runs that belong there.
    ///
    /// # Errors
    /// If the file is not there or no such file, unless runs are recorded anew.
    pub fn read(file: &str, names: Vec<String>) -> Result<Self, Failed> {
        let path = fixtures().join("bm1684").join(file);
        let recorded = match std::fs::read_to_string(&path) {
            Err(_) if blessing() => BTreeMap::new(),
            text => serde_json::from_str(&text?)?,
        };
        Ok(Runs { path, names, recorded, new: Mutex::default() })
    }

    /// Whether a run is the recorded one. The bmodel is recorded as users get it.
    ///
    /// # Errors
    /// If it is not recorded, or another.
    pub fn compare(&self, name: &str, found: &Hashes) -> Result<(), Failed> {
        let expected = self.recorded.get(name).ok_or("not recorded")?;
        for (what, (found, expected)) in
            ["bmodel", "input", "output"].into_iter().zip(found.iter().zip(expected))
        {
            if found != expected && (what != "bmodel" || optimization() == Optimization::default())
            {
                return Err(format!("the {what} is another than the recorded one").into());
            }
        }
        Ok(())
    }

    /// Notes a run that gave the right bytes.
    pub fn note(&self, name: &str, hashes: Hashes) {
        if self.names.iter().any(|known| known == name)
            && let Ok(mut new) = self.new.lock()
        {
            new.insert(name.to_owned(), hashes);
        }
    }

    /// Writes the runs that were noted, and those recorded before of which none was, if runs are recorded anew.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(mut self) -> Result<(), Failed> {
        if !blessing() {
            return Ok(());
        }
        let new = self.new.into_inner().map_err(|_| "a trial panicked")?;
        self.recorded.extend(new);
        self.recorded.retain(|name, _| self.names.contains(name));
        let text = serde_json::to_string_pretty(&self.recorded)?;
        Ok(std::fs::write(self.path, text + "\n")?)
    }
}

/// Whether runs are recorded anew.
pub fn blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// The hashes of a run.
pub fn hashes(bmodel: &[u8], inputs: &[(BlobId, Value)], outputs: &[u8]) -> Hashes {
    let inputs: Vec<u8> = inputs.iter().flat_map(|(_, value)| value.to_bytes()).collect();
    [bmodel, &inputs, outputs]
        .map(|bytes| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}
