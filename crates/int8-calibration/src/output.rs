use std::path::{Path, PathBuf};

use umodel::{FileSet, Net, QuantizedNet, passes};

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

    /// Writes all five files, or none of them. `net` is the fp32 test net as it was given.
    ///
    /// # Errors
    /// [`Error::Model`], naming the file that cannot be written.
    pub fn write(&self, net: &Net, quantized: &QuantizedNet) -> Result<(), Error> {
        let deploy = passes::deploy(net)?;
        let quantized_deploy = quantized.deploy()?;
        let mut files = FileSet::new();
        files.add(&self.int8umodel, &quantized.to_parameter_with_weights().to_bytes()?)?;
        for (path, parameter) in [
            (&self.deploy_fp32, deploy.to_parameter()),
            (&self.deploy_int8, quantized_deploy.to_parameter()),
            (&self.test_fp32, net.to_parameter()),
            (&self.test_int8, quantized.to_parameter()),
        ] {
            files.add(path, parameter.to_text().as_bytes())?;
        }
        Ok(files.commit()?)
    }
}
