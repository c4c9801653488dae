use super::{Convolution, LayerParam, macs_at, nchw, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Transposed convolution: the backward pass of a [`Convolution`] with the same parameters.
///
/// # Shapes
/// bottom `[N, C, H, W]`, top `[N, num_output, H', W']`, weights `[C, num_output/group, kh, kw]`, bias
/// `[num_output]`.
///
/// # Formula
/// `H' = stride · (H − 1) + dilation · (kernel − 1) + 1 − 2·pad`, likewise W'.
///
/// # Source
/// BVLC Caffe, DeconvolutionLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct Deconvolution {
    /// The parameters, `convolution_param` in the prototxt.
    pub convolution: Convolution,
}

impl LayerParam for Deconvolution {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        Ok(Deconvolution { convolution: Convolution::parse(layer)? })
    }

    fn write(&self, layer: &mut LayerParameter) {
        self.convolution.write(layer);
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, h, w] = nchw(one(bottoms)?)?;
        let p = &self.convolution;
        p.check_channels(c)?;
        let mut top = vec![n, p.num_output];
        for (axis, size) in [h, w].into_iter().enumerate() {
            let reach = p.dilation[axis] * (p.kernel[axis] - 1) + 1;
            let whole = p.stride[axis].saturating_mul(size.saturating_sub(1)).saturating_add(reach);
            let length = whole.checked_sub(2 * p.pad[axis]).filter(|&length| length > 0);
            top.push(length.ok_or_else(|| LayerError::BadValue {
                field: "convolution_param.pad",
                value: format!("{:?}", p.pad),
                reason: format!("nothing is left of {whole} pixels"),
            })?);
        }
        one_top(tops, top)
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let [_, c, _, _] = nchw(one(bottoms)?)?;
        let p = &self.convolution;
        let mut shapes = vec![vec![c, p.num_output / p.group, p.kernel[0], p.kernel[1]]];
        shapes.extend(p.bias.then(|| vec![p.num_output]));
        Ok(shapes)
    }

    fn macs(&self, bottoms: &[&[usize]], _: &[&[usize]]) -> u64 {
        let &[&[n, _, h, w]] = bottoms else { return 0 };
        macs_at(&[n, h, w], self.weight_shapes(bottoms))
    }
}
