use super::{Facts, LayerParam, fit, legacy, one_top, pair, size, wire};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Puts pooled values back where their maxima were.
///
/// # Shapes
/// bottoms: values and mask `[N, C, H, W]`; top `[N, C, height, width]`.
///
/// # Formula
/// `y[mask[i]] = x[i]` in each plane, 0 elsewhere; of several values for one place the last one counts. Masks are
/// the second top of a max Pooling.
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

const HEIGHT: &str = "max_unpool_param.dst_h";
const WIDTH: &str = "max_unpool_param.dst_w";

impl LayerParam for MaxUnpool {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.max_unpool_param;
        let given =
            |field, side: Option<u32>| side.map(size).ok_or(LayerError::MissingField { field });
        Ok(MaxUnpool { height: given(HEIGHT, p.dst_h)?, width: given(WIDTH, p.dst_w)? })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.max_unpool_param.mut_or_insert_default();
        (p.dst_h, p.dst_w) = (Some(wire(self.height)), Some(wire(self.width)));
    }

    fn check(&self) -> Result<(), LayerError> {
        fit(&[(HEIGHT, self.height), (WIDTH, self.width)])
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, _, _] = legacy(pair(bottoms)?[0])?;
        one_top(tops, vec![n, c, self.height, self.width])
    }
}
