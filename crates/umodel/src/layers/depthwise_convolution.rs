use super::{Convolution, Facts, LayerParam};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

/// A [`Convolution`] with an implementation of its own for many groups. The groups are those of the prototxt.
///
/// # Source
/// Caffe forks with MobileNet, DepthwiseConvolutionLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct DepthwiseConvolution {
    /// The same layer as a convolution.
    pub convolution: Convolution,
}

impl LayerParam for DepthwiseConvolution {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        Ok(DepthwiseConvolution { convolution: Convolution::parse(layer)? })
    }

    fn write(&self, layer: &mut LayerParameter) {
        self.convolution.write(layer);
    }

    fn check(&self) -> Result<(), LayerError> {
        self.convolution.check()
    }

    fn facts(&self) -> Facts<'_> {
        self.convolution.facts()
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.convolution(&self.convolution, false)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        self.convolution.infer(bottoms, tops)
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        self.convolution.weight_shapes(bottoms)
    }

    fn macs(&self, bottoms: &[&[usize]], tops: &[&[usize]]) -> u64 {
        self.convolution.macs(bottoms, tops)
    }

    fn bias_mut(&mut self) -> Option<&mut bool> {
        Some(&mut self.convolution.bias)
    }
}
