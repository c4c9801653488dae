use super::{Convolution, Facts, LayerParam};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

/// A [`Convolution`] with an implementation of its own for many groups. There is a group for each channel,
/// whatever the prototxt says.
///
/// # Source
/// Caffe forks with MobileNet and ShuffleNet, ConvolutionDepthwiseLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvolutionDepthwise {
    /// The same layer as a convolution; `group` is `num_output`.
    pub convolution: Convolution,
}

impl LayerParam for ConvolutionDepthwise {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let convolution = Convolution::parse(layer)?;
        let group = convolution.num_output;
        Ok(ConvolutionDepthwise { convolution: Convolution { group, ..convolution } })
    }

    fn write(&self, layer: &mut LayerParameter) {
        self.convolution.write(layer);
    }

    fn check(&self) -> Result<(), LayerError> {
        let Convolution { num_output, group, .. } = self.convolution;
        if group != num_output {
            let reason = ValueError::Depthwise(num_output);
            return Err(LayerError::bad("convolution_param.group", group, reason));
        }
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
