use std::path::{Path, PathBuf};

use file_set::FileSet;
use sha2::{Digest, Sha256};
use umodel::{Net, QuantizedNet, passes};

use crate::error::Error;

/// The names of a calibration's five files: `NAME.int8umodel` and four prototxts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFiles {
    /// Formats and integers of all layers.
    pub int8umodel: PathBuf,
    /// The fp32 net, from an Input layer.
    pub deploy_fp32: PathBuf,
    /// The int8 net, from an Input layer with `int8_scale`.
    pub deploy_int8: PathBuf,
    /// The fp32 net, from its Data layer.
    pub test_fp32: PathBuf,
    /// The int8 net, from its Data layer.
    pub test_int8: PathBuf,
}

impl OutputFiles {
    /// Files beside the weights, with the weights' name up to its last dot.
    pub fn beside(weights: &Path) -> Self {
        let stem = weights.file_stem().unwrap_or_default();
        let file = |suffix: &str| {
            let mut name = stem.to_owned();
            name.push(suffix);
            weights.with_file_name(name)
        };
        OutputFiles {
            int8umodel: file(".int8umodel"),
            deploy_fp32: file("_deploy_fp32_unique_top.prototxt"),
            deploy_int8: file("_deploy_int8_unique_top.prototxt"),
            test_fp32: file("_test_fp32_unique_top.prototxt"),
            test_int8: file("_test_int8_unique_top.prototxt"),
        }
    }

    /// All five paths.
    pub fn all(&self) -> [&Path; 5] {
        [&self.int8umodel, &self.deploy_fp32, &self.deploy_int8, &self.test_fp32, &self.test_int8]
            .map(PathBuf::as_path)
    }

    /// Writes all five files, or none of them. The int8umodel and the int8 prototxts get one mark, made of what all
    /// five hold, so that files of different calibrations are not taken together. `net` is the fp32 test net as it was given.
    ///
    /// # Errors
    /// [`Error::Write`], naming the file that cannot be written.
    pub fn write(&self, net: &Net, quantized: &QuantizedNet) -> Result<(), Error> {
        let deploy = passes::deploy(net)?;
        let quantized_deploy = quantized.deploy()?;
        let mut weights = quantized.to_parameter_with_weights();
        let mut texts = [
            (&self.deploy_fp32, deploy.to_parameter(), false),
            (&self.deploy_int8, quantized_deploy.to_deploy_parameter(net), true),
            (&self.test_fp32, net.to_parameter(), false),
            (&self.test_int8, quantized.to_parameter(), true),
        ];
        let mut hash = Sha256::new_with_prefix(weights.to_bytes()?);
        for (_, text, _) in &texts {
            hash.update(text.to_text());
        }
        let id: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        weights.set_calibration_id(&id);
        let mut files = FileSet::new();
        files.add(&self.int8umodel, &weights.to_bytes()?)?;
        for (path, text, int8) in &mut texts {
            // Caffe itself reads the fp32 ones, and refuses fields that it does not know.
            if *int8 {
                text.set_calibration_id(&id);
            }
            files.add(path.as_path(), text.to_text().as_bytes())?;
        }
        Ok(files.commit()?)
    }
}
