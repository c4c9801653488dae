use super::{Convolution, LayerParam};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// A [`Convolution`] with an implementation of its own for many groups. There is a group for each channel, whatever the prototxt says.
///
/// # Source
/// Caffe forks with MobileNet and ShuffleNet, ConvolutionDepthwiseLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvolutionDepthwise {
    /// The same layer as a convolution.
    pub convolution: Convolution,
}

impl LayerParam for ConvolutionDepthwise {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        Ok(ConvolutionDepthwise { convolution: {
            let convolution = Convolution::parse(layer)?;
            Convolution { group: convolution.num_output, ..convolution }
        } })
    }

    fn write(&self, layer: &mut LayerParameter) {
        self.convolution.write(layer);
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
}
