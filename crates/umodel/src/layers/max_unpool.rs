use super::{LayerParam, legacy, one_top, pair};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Puts pooled values back where their maxima were.
///
/// # Shapes
/// bottoms: values and mask `[N, C, H, W]`; top `[N, C, height, width]`.
///
/// # Source
/// Caffe forks for PyTorch models, MaxUnPoolLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxUnpool {
    /// Height of the top.
    pub height: usize,
    /// Width of the top.
    pub width: usize,
}

impl LayerParam for MaxUnpool {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.max_unpool_param;
        let size = |field, size: Option<u32>| size.ok_or(LayerError::MissingField { field });
        Ok(MaxUnpool {
            height: size("max_unpool_param.dst_h", p.dst_h)? as usize,
            width: size("max_unpool_param.dst_w", p.dst_w)? as usize,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.max_unpool_param.mut_or_insert_default();
        (p.dst_h, p.dst_w) = (Some(self.height as u32), Some(self.width as u32));
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, _, _] = legacy(pair(bottoms)?[0])?;
        one_top(tops, vec![n, c, self.height, self.width])
    }
}
