use super::LayerParam;
use super::data::{batch_size, decoded, encoded};
use crate::Shape;
use crate::error::LayerError;
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
        let size = |value: u32| value as usize;
        let parsed = MemoryData {
            batch_size: batch_size("memory_data_param.batch_size", p.batch_size(), 1)?,
            channels: size(p.channels()),
            height: size(p.height()),
            width: size(p.width()),
            transform: encoded("transform_param", &layer.transform_param)?,
        };
        if [parsed.channels, parsed.height, parsed.width].contains(&0) {
            return Err(LayerError::BadValue {
                field: "memory_data_param",
                value: format!("{} x {} x {}", parsed.channels, parsed.height, parsed.width),
                reason: "batch_size, channels, height and width must be given".into(),
            });
        }
        Ok(parsed)
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.memory_data_param.mut_or_insert_default();
        p.set_batch_size(self.batch_size as u32);
        p.set_channels(self.channels as u32);
        p.set_height(self.height as u32);
        p.set_width(self.width as u32);
        layer.transform_param = decoded::<TransformationParameter>(&self.transform);
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        if !bottoms.is_empty() {
            return Err(LayerError::BottomCount { expected: "0", found: bottoms.len() });
        }
        if tops != 2 {
            return Err(LayerError::TopCount { expected: "2", found: tops });
        }
        let pictures = vec![self.batch_size, self.channels, self.height, self.width];
        Ok(vec![pictures, vec![self.batch_size]])
    }
}
