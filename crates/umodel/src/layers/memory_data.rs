use super::data::{check_message, decoded, encoded};
use super::{Facts, LayerParam, check_batch, fit, no_bottoms, size, wire};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::{LayerParameter, TransformationParameter};

/// Pictures and labels that the caller fills.
///
/// # Shapes
/// tops: pictures `[batch_size, channels, height, width]` and labels `[batch_size]`.
///
/// # Source
/// BVLC Caffe, MemoryDataLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryData {
    /// Pictures in a batch.
    pub batch_size: usize,
    /// Their channels.
    pub channels: usize,
    /// Their height, after preprocessing.
    pub height: usize,
    /// Their width, after preprocessing.
    pub width: usize,
    /// `transform_param`: a TransformationParameter message in wire format, for the
    /// transform-param crate to decode and check; empty if there is none.
    pub transform: Vec<u8>,
}

impl LayerParam for MemoryData {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.memory_data_param;
        Ok(MemoryData {
            batch_size: size(p.batch_size()),
            channels: size(p.channels()),
            height: size(p.height()),
            width: size(p.width()),
            transform: encoded("transform_param", &layer.transform_param)?,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.memory_data_param.mut_or_insert_default();
        p.set_batch_size(wire(self.batch_size));
        p.set_channels(wire(self.channels));
        p.set_height(wire(self.height));
        p.set_width(wire(self.width));
        layer.transform_param = decoded::<TransformationParameter>(&self.transform);
    }

    fn check(&self) -> Result<(), LayerError> {
        check_batch("memory_data_param.batch_size", self.batch_size, 1)?;
        let (channels, height, width) = (self.channels, self.height, self.width);
        if [channels, height, width].contains(&0) {
            let value = format_args!("{channels} x {height} x {width}");
            return Err(LayerError::bad("memory_data_param", value, ValueError::Sizes));
        }
        fit(&[
            ("memory_data_param.channels", channels),
            ("memory_data_param.height", height),
            ("memory_data_param.width", width),
        ])?;
        check_message::<TransformationParameter>("transform_param", &self.transform)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::pictures(false)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        no_bottoms(bottoms)?;
        if tops != 2 {
            return Err(LayerError::tops(Count::Exactly(2), tops));
        }
        let pictures = vec![self.batch_size, self.channels, self.height, self.width];
        Ok(vec![pictures, vec![self.batch_size]])
    }
}
