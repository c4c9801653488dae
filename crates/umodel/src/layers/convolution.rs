use super::{LayerParam, macs_at, at_least, nchw, one, one_top, spatial_pair};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{ConvolutionParameter, LayerParameter};

/// Two-dimensional convolution (cross-correlation), with groups and dilation.
///
/// # Shapes
/// bottom `[N, C, H, W]`, top `[N, num_output, H', W']`,
/// weights `[num_output, C/group, kh, kw]`, bias `[num_output]`.
///
/// # Formula
/// `H' = floor((H + 2·pad − (dilation·(kernel − 1) + 1)) / stride) + 1`, likewise W'.
///
/// # Source
/// BVLC Caffe, ConvolutionLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct Convolution {
    /// Output channels.
    pub num_output: usize,
    /// Whether a bias is added.
    pub bias: bool,
    /// Kernel height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Zero padding above and below, left and right.
    pub pad: [usize; 2],
    /// Vertical and horizontal dilation; 1 is a dense kernel.
    pub dilation: [usize; 2],
    /// Number of groups; channels and outputs are divided evenly among them.
    pub group: usize,
}

impl Convolution {
    /// Whether the groups divide the bottom's channels.
    pub(super) fn check_channels(&self, channels: usize) -> Result<(), LayerError> {
        if !channels.is_multiple_of(self.group) {
            return Err(LayerError::BadValue {
                field: "convolution_param.group",
                value: self.group.to_string(),
                reason: format!("does not divide the bottom's {channels} channels"),
            });
        }
        Ok(())
    }
}

impl LayerParam for Convolution {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.convolution_param;
        let bad = |field, value: i64, reason: &str| {
            Err(LayerError::BadValue { field, value: value.to_string(), reason: reason.into() })
        };
        if p.num_output() == 0 {
            return Err(LayerError::MissingField { field: "convolution_param.num_output" });
        }
        if p.axis() != 1 {
            return bad("convolution_param.axis", p.axis().into(), "only axis 1 is supported");
        }
        if p.group() == 0 || !p.num_output().is_multiple_of(p.group()) {
            return bad("convolution_param.group", p.group().into(), "must divide num_output");
        }
        let kernel = spatial_pair(
            "convolution_param.kernel_size",
            &p.kernel_size,
            p.kernel_h,
            p.kernel_w,
            None,
        )?;
        let stride =
            spatial_pair("convolution_param.stride", &p.stride, p.stride_h, p.stride_w, Some(1))?;
        let pad = spatial_pair("convolution_param.pad", &p.pad, p.pad_h, p.pad_w, Some(0))?;
        let dilation =
            spatial_pair("convolution_param.dilation", &p.dilation, None, None, Some(1))?;
        Ok(Convolution {
            num_output: p.num_output() as usize,
            bias: p.bias_term(),
            kernel: at_least("convolution_param.kernel_size", kernel, 1)?,
            stride: at_least("convolution_param.stride", stride, 1)?,
            pad: at_least("convolution_param.pad", pad, 0)?,
            dilation: at_least("convolution_param.dilation", dilation, 1)?,
            group: p.group() as usize,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let old = layer.convolution_param.get_or_default();
        // Fillers and the engine are the trainer's; they are kept as they were.
        let mut p = ConvolutionParameter {
            weight_filler: old.weight_filler.clone(),
            bias_filler: old.bias_filler.clone(),
            engine: old.engine,
            ..Default::default()
        };
        p.set_num_output(self.num_output as u32);
        if !self.bias {
            p.set_bias_term(false);
        }
        p.kernel_size = shortest(self.kernel);
        if self.stride != [1, 1] {
            p.stride = shortest(self.stride);
        }
        if self.pad != [0, 0] {
            p.pad = shortest(self.pad);
        }
        if self.dilation != [1, 1] {
            p.dilation = shortest(self.dilation);
        }
        if self.group != 1 {
            p.set_group(self.group as u32);
        }
        layer.convolution_param = Some(p).into();
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, channels, h, w] = nchw(one(bottoms)?)?;
        self.check_channels(channels)?;
        let size = |axis: usize, length: usize| {
            let extent = self.dilation[axis] * (self.kernel[axis] - 1) + 1;
            let padded = length + 2 * self.pad[axis];
            let room = padded.checked_sub(extent).ok_or_else(|| LayerError::BadValue {
                field: "convolution_param.kernel_size",
                value: format!("{:?}", self.kernel),
                reason: format!("covers {extent} pixels, the padded bottom has {padded}"),
            })?;
            Ok::<_, LayerError>(room / self.stride[axis] + 1)
        };
        one_top(tops, vec![n, self.num_output, size(0, h)?, size(1, w)?])
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let [_, channels, _, _] = nchw(one(bottoms)?)?;
        let mut shapes =
            vec![vec![self.num_output, channels / self.group, self.kernel[0], self.kernel[1]]];
        if self.bias {
            shapes.push(vec![self.num_output]);
        }
        Ok(shapes)
    }

    fn macs(&self, bottoms: &[&[usize]], tops: &[&[usize]]) -> u64 {
        let &[&[n, _, h, w]] = tops else { return 0 };
        macs_at(&[n, h, w], self.weight_shapes(bottoms))
    }
}

/// The repeated field's shortest form: one value for a square pair.
fn shortest([h, w]: [usize; 2]) -> Vec<u32> {
    if h == w { vec![h as u32] } else { vec![h as u32, w as u32] }
}
