use super::{
    Convolution, Facts, Int8Form, LayerParam, Role, extent, macs_at, nchw, one, one_top, padded,
};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::LayerParameter;
use crate::quant::float::{Float, Step};

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

    fn check(&self) -> Result<(), LayerError> {
        self.convolution.check()
    }

    fn facts(&self) -> Facts<'_> {
        let role = Role::Linear { axis: 1, groups: self.convolution.group };
        let int8 = Int8Form::MultiplyAccumulate { bias: self.convolution.bias, transposed: false };
        Facts { role, int8 }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.convolution(&self.convolution, true)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, c, h, w] = nchw(one(bottoms)?)?;
        let p = &self.convolution;
        p.check_channels(c)?;
        let mut top = vec![n, p.num_output];
        for (axis, size) in [h, w].into_iter().enumerate() {
            let steps = p.stride[axis].saturating_mul(size.saturating_sub(1));
            let whole = steps.saturating_add(extent(p.kernel[axis], p.dilation[axis]));
            let length = whole.checked_sub(padded(0, p.pad[axis])).filter(|&length| length > 0);
            top.push(length.ok_or_else(|| {
                let pad = format_args!("{:?}", p.pad);
                LayerError::bad("convolution_param.pad", pad, ValueError::NothingLeft(whole))
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

    fn bias_mut(&mut self) -> Option<&mut bool> {
        Some(&mut self.convolution.bias)
    }
}
