//! Other pictures for a net: what a command line may say instead of a prototxt.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::ops::RangeInclusive;

use crate::Phase;
use crate::error::{Error, LayerError, ValueError};
use crate::load::included;
use crate::parameter::{LayerRecord, NetParameter};
use crate::proto::LayerParameter;
use crate::proto::transform::{TransformOp, transform_op};

const BATCH_SIZES: RangeInclusive<u32> = 1..=65536;

/// Fields of the layer that brings a net's pictures, each to be replaced if it is given.
///
/// ```
/// use umodel::{DataChanges, NetParameter, Phase};
///
/// let mut model = NetParameter::parse_text(
///     "layer { name: 'd' type: 'Data' top: 'd' data_param { source: 'a' batch_size: 1 } }",
/// )?;
/// DataChanges::default().source("b").scale(0.5).apply(&mut model, Phase::Test)?;
/// let layers = model.layers_in(Phase::Test)?;
/// assert_eq!(layers[0].source(), Some("b"));
/// assert!(model.to_text().contains("scale: 0.5"));
/// # Ok::<(), umodel::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DataChanges {
    /// The database, or the list of an ImageData layer.
    pub source: Option<String>,
    /// Pictures in a batch.
    pub batch_size: Option<u32>,
    /// `mean_value`, instead of what the layer has of `mean_value` and `mean_file`.
    pub mean_value: Option<Vec<f32>>,
    /// `scale`.
    pub scale: Option<f32>,
}

impl DataChanges {
    /// Sets the database, or the list of an ImageData layer.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Sets the number of pictures in a batch.
    #[must_use]
    pub fn batch_size(mut self, batch_size: u32) -> Self {
        self.batch_size = Some(batch_size);
        self
    }

    /// Sets the means: one for all channels, or one for each.
    #[must_use]
    pub fn mean_value(mut self, means: impl Into<Vec<f32>>) -> Self {
        self.mean_value = Some(means.into());
        self
    }

    /// Sets the factor.
    #[must_use]
    pub fn scale(mut self, scale: f32) -> Self {
        self.scale = Some(scale);
        self
    }

    /// Changes the one Data, AnnotatedData or ImageData layer of a phase. Where it has `transform_op`, mean and
    /// scale are those of the only STAND step. Without any change the model may have any number of such layers.
    ///
    /// # Errors
    /// [`Error::DataLayers`] if there is not exactly one such layer; [`Error::Layer`] for an impossible value and
    /// for steps of `transform_op` that leave open which mean or scale is meant.
    pub fn apply(&self, model: &mut NetParameter, phase: Phase) -> Result<(), Error> {
        if *self == DataChanges::default() {
            return Ok(());
        }
        let mut found = Vec::new();
        for target in included(model, phase)? {
            if LayerRecord::of(target.layer).source().is_some() {
                found.push((target.number.number - 1, target.layer.name().to_owned()));
            }
        }
        let [(index, _)] = found.as_slice() else {
            let layers = found.into_iter().map(|(_, name)| name).collect();
            return Err(Error::DataLayers { path: model.path.clone(), phase, layers });
        };
        let index = *index;
        let Some(layer) = model.message.layer.get_mut(index) else { return Ok(()) };
        let changed = self.change(layer);
        changed.map_err(|source| model.layer_error(index, source))
    }

    fn change(&self, layer: &mut LayerParameter) -> Result<(), LayerError> {
        if let Some(batch_size) = self.batch_size
            && !BATCH_SIZES.contains(&batch_size)
        {
            let (least, most) = (u64::from(*BATCH_SIZES.start()), u64::from(*BATCH_SIZES.end()));
            let reason = ValueError::Within { least, most };
            return Err(LayerError::bad("batch_size", batch_size, reason));
        }
        for (field, value) in self.numbers() {
            if !value.is_finite() {
                return Err(LayerError::bad(field, value, ValueError::Finite));
            }
        }
        if layer.type_() == "ImageData" {
            let p = layer.image_data_param.mut_or_insert_default();
            p.source = self.source.clone().or(p.source.take());
            p.batch_size = self.batch_size.or(p.batch_size);
        } else {
            let p = layer.data_param.mut_or_insert_default();
            p.source = self.source.clone().or(p.source.take());
            p.batch_size = self.batch_size.or(p.batch_size);
        }
        let Some((field, _)) = self.numbers().next() else { return Ok(()) };
        let transform = layer.transform_param.mut_or_insert_default();
        if transform.transform_op.is_empty() {
            if let Some(means) = &self.mean_value {
                transform.mean_value.clone_from(means);
                transform.mean_file = None;
            }
            transform.scale = self.scale.or(transform.scale);
            return Ok(());
        }
        let stand = |op: &&mut _| is_stand(op);
        let mut steps: Vec<_> = transform.transform_op.iter_mut().filter(stand).collect();
        let [step] = steps.as_mut_slice() else {
            return Err(LayerError::Steps { field, found: steps.len() });
        };
        if let Some(means) = &self.mean_value {
            step.mean_value.clone_from(means);
            step.mean_file = None;
        }
        if let Some(scale) = self.scale {
            step.scale = vec![scale];
        }
        Ok(())
    }

    /// The values that must be finite, with their fields.
    fn numbers(&self) -> impl Iterator<Item = (&'static str, f32)> {
        let means = self.mean_value.iter().flatten().map(|&mean| ("mean_value", mean));
        means.chain(self.scale.map(|scale| ("scale", scale)))
    }
}

fn is_stand(step: &TransformOp) -> bool {
    step.op() == transform_op::Op::STAND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(transform: &str, changes: &DataChanges) -> Result<String, Error> {
        let text = format!(
            "layer {{ name: 'd' type: 'Data' top: 'd' transform_param {{ {transform} }} \
             data_param {{ source: 'a' batch_size: 1 }} }}"
        );
        let mut model = NetParameter::parse_text(&text)?;
        changes.apply(&mut model, Phase::Test)?;
        Ok(model.to_text().split_whitespace().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn fields_are_replaced() {
        let changes = DataChanges::default().batch_size(7).mean_value([1.0, 2.0, 3.0]).scale(0.5);
        let text = changed("mean_file: 'm' scale: 2 crop_size: 4", &changes).expect("good");
        let means = "mean_value: 1 mean_value: 2 mean_value: 3";
        assert!(text.contains(means) && text.contains("scale: 0.5"), "{text}");
        assert!(!text.contains("mean_file") && text.contains("batch_size: 7"), "{text}");
        assert!(text.contains("source: \"a\"") && text.contains("crop_size: 4"), "{text}");
        let steps = "transform_op { op: STAND mean_file: 'm' scale: 2 }";
        let text = changed(steps, &changes).expect("good");
        assert!(text.contains("op: STAND") && text.contains(means), "{text}");
        assert!(text.contains("scale: 0.5 }") && !text.contains("mean_file"), "{text}");
    }

    #[test]
    fn impossible_changes_are_refused() {
        let stands = "transform_op { op: STAND } transform_op { op: STAND }";
        for (transform, changes, expected) in [
            (stands, DataChanges::default().scale(1.0), "2 STAND steps"),
            (
                "transform_op { op: CROP crop_h: 2 crop_w: 2 }",
                DataChanges::default().mean_value([1.0]),
                "0 STAND",
            ),
            ("", DataChanges::default().scale(f32::NAN), "must be finite"),
            ("", DataChanges::default().batch_size(0), "batch_size: 0"),
        ] {
            let error = changed(transform, &changes).expect_err(expected);
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                text += &format!(": {error}");
                cause = error.source();
            }
            assert!(text.contains(expected), "{text:?} lacks {expected:?}");
        }
    }
}
