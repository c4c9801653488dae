//! Flags that stand in for fields of the layer that brings a net's pictures.

use std::path::Path;

use umodel::{DataChanges, NetParameter, Phase};

use super::Failure;

/// Flags of the tools that run a net over pictures.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct DataFlags {
    /// Database, or list of an ImageData layer, to read instead of the one that the net names
    #[arg(long, value_name = "DB", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub source: Option<String>,
    /// Pictures in a batch, instead of the net's
    #[arg(long = "batch_size", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65536))]
    pub batch_size: Option<u32>,
    /// Mean to subtract: one value, or one for each channel with commas between them; replaces the net's mean_value
    /// or mean_file
    #[arg(long = "mean_value", value_name = "V", value_delimiter = ',', value_parser = finite)]
    pub mean_value: Vec<f32>,
    /// Factor after the mean is subtracted, instead of the net's
    #[arg(long, value_name = "S", value_parser = finite)]
    pub scale: Option<f32>,
}

impl DataFlags {
    /// Reads a net with the fields replaced that were given.
    ///
    /// # Errors
    /// For a file that cannot be read, and those of [`DataChanges::apply`].
    pub fn read(&self, model: &Path) -> Result<NetParameter, Failure> {
        let mut model = NetParameter::read(model)?;
        self.change(&mut model)?;
        Ok(model)
    }

    /// Replaces the fields that were given.
    ///
    /// # Errors
    /// Those of [`DataChanges::apply`].
    pub fn change(&self, model: &mut NetParameter) -> Result<(), Failure> {
        let mut changes = DataChanges::default();
        changes.source.clone_from(&self.source);
        changes.batch_size = self.batch_size;
        changes.mean_value = (!self.mean_value.is_empty()).then(|| self.mean_value.clone());
        changes.scale = self.scale;
        Ok(changes.apply(model, Phase::Test)?)
    }
}

/// Where the net of a phase finds its pictures, if one layer says so.
pub fn source(model: &NetParameter, phase: Phase) -> Option<String> {
    let layers = model.layers_in(phase).ok()?;
    let mut sources = layers.iter().filter_map(|layer| layer.source());
    let source = sources.next().filter(|source| !source.is_empty())?;
    sources.next().is_none().then(|| source.to_owned())
}

/// Reads a finite number.
///
/// # Errors
/// For any other text.
pub fn finite(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number: &f32| number.is_finite());
    number.ok_or_else(|| "not a finite number".to_owned())
}
