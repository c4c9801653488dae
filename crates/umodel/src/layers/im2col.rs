use super::{
    Facts, LayerParam, MOST, canonical_axis, extent, one, one_top, padded, size, windows, wire,
};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{ConvolutionParameter, LayerParameter};

/// The patches of a convolution as channels.
///
/// # Shapes
/// bottom `[N, C, ...]` with any number of axes behind the channels; top `[N, C·kernel, ...]`, the
/// other axes as a convolution has them.
///
/// # Formula
/// `y[n, c · kernel + k, o] = x[n, c, o · stride − pad + k · dilation]`, k counting the taps of the kernel row by row;
/// 0 beyond the bottom.
///
/// # Source
/// BVLC Caffe, Im2colLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct Im2col {
    /// The axis of the channels; negative counts from the end.
    pub axis: i32,
    /// Kernel size along each further axis, or one number for all.
    pub kernel: Vec<usize>,
    /// Strides; none stands for 1.
    pub stride: Vec<usize>,
    /// Padding on either side; none stands for 0.
    pub pad: Vec<usize>,
    /// Dilation; none stands for 1.
    pub dilation: Vec<usize>,
}

const KERNEL: &str = "convolution_param.kernel_size";
const STRIDE: &str = "convolution_param.stride";
const PAD: &str = "convolution_param.pad";
const DILATION: &str = "convolution_param.dilation";

impl LayerParam for Im2col {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.convolution_param;
        let list = |field, list: &[u32], h: Option<u32>, w: Option<u32>, default| {
            let values = match (list, h, w) {
                (_, None, None) => list.to_vec(),
                ([], h, w) => vec![h.unwrap_or(default), w.unwrap_or(default)],
                _ => {
                    return Err(LayerError::bad(
                        field,
                        format_args!("{list:?}"),
                        ValueError::FORMS,
                    ));
                }
            };
            Ok(values.into_iter().map(size).collect::<Vec<usize>>())
        };
        Ok(Im2col {
            axis: p.axis(),
            kernel: list(KERNEL, &p.kernel_size, p.kernel_h, p.kernel_w, 0)?,
            stride: list(STRIDE, &p.stride, p.stride_h, p.stride_w, 1)?,
            pad: list(PAD, &p.pad, p.pad_h, p.pad_w, 0)?,
            dilation: list(DILATION, &p.dilation, None, None, 1)?,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let list = |values: &[usize]| values.iter().map(|&value| wire(value)).collect();
        layer.convolution_param = Some(ConvolutionParameter {
            axis: (self.axis != 1).then_some(self.axis),
            kernel_size: list(&self.kernel),
            stride: list(&self.stride),
            pad: list(&self.pad),
            dilation: list(&self.dilation),
            force_nd_im2col: layer.convolution_param.force_nd_im2col,
            ..Default::default()
        })
        .into();
    }

    fn check(&self) -> Result<(), LayerError> {
        if self.kernel.is_empty() {
            return Err(LayerError::MissingField { field: KERNEL });
        }
        for (field, values, least) in [
            (KERNEL, &self.kernel, 1),
            (STRIDE, &self.stride, 1),
            (PAD, &self.pad, 0),
            (DILATION, &self.dilation, 1),
        ] {
            if values.iter().any(|value| !(least..=MOST).contains(value)) {
                let reason = ValueError::Within { least: least as u64, most: MOST as u64 };
                return Err(LayerError::bad(field, format_args!("{values:?}"), reason));
            }
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let channels = canonical_axis("convolution_param.axis", self.axis, bottom.len())?;
        let mut top = bottom.to_vec();
        for (index, patch) in self.patches(bottom)?.into_iter().enumerate() {
            top[channels + 1 + index] = patch.output;
            top[channels] = top[channels].saturating_mul(patch.kernel);
        }
        one_top(tops, top)
    }
}

/// The patches along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patches {
    /// Kernel size.
    pub kernel: usize,
    /// Pixels from one patch to the next.
    pub stride: usize,
    /// Padding on either side.
    pub pad: usize,
    /// Pixels from one tap of the kernel to the next.
    pub dilation: usize,
    /// How many patches there are.
    pub output: usize,
}

impl Im2col {
    /// The axes behind the channels.
    ///
    /// # Errors
    /// For a bottom that the parameters do not suit.
    pub fn patches(&self, bottom: &[usize]) -> Result<Vec<Patches>, LayerError> {
        let channels = canonical_axis("convolution_param.axis", self.axis, bottom.len())?;
        let lengths = bottom.get(channels + 1..).unwrap_or_default();
        let at = |field, values: &[usize], index: usize, default| match values {
            [] => Ok(default),
            [all] => Ok(*all),
            each if each.len() == lengths.len() => Ok(each[index]),
            each => {
                let reason = ValueError::EachAxis(lengths.len());
                Err(LayerError::bad(field, format_args!("{each:?}"), reason))
            }
        };
        if lengths.is_empty() {
            return Err(LayerError::AxisCount { expected: channels + 2, found: bottom.to_vec() });
        }
        let patch = |(index, &length): (usize, &usize)| {
            let kernel = at(KERNEL, &self.kernel, index, 1)?;
            let stride = at(STRIDE, &self.stride, index, 1)?;
            let pad = at(PAD, &self.pad, index, 0)?;
            let dilation = at(DILATION, &self.dilation, index, 1)?;
            let extent = extent(kernel, dilation);
            let output = windows(extent, stride, length, pad).ok_or_else(|| {
                let reason = ValueError::Extent { extent, padded: padded(length, pad) };
                LayerError::bad(KERNEL, kernel, reason)
            })?;
            Ok(Patches { kernel, stride, pad, dilation, output })
        };
        lengths.iter().enumerate().map(patch).collect()
    }
}
