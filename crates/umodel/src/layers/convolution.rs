use super::{
    Facts, Int8Form, LayerParam, Role, check_given, check_pair, extent, macs_at, nchw, one,
    one_top, padded, size, spatial_pair, windows, wire,
};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{ConvolutionParameter, LayerParameter};
use crate::quant::float::{Float, Step};

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
            let reason = ValueError::DividesChannels(channels);
            return Err(LayerError::bad("convolution_param.group", self.group, reason));
        }
        Ok(())
    }
}

impl LayerParam for Convolution {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.convolution_param;
        if p.num_output.is_none() {
            return Err(LayerError::MissingField { field: "convolution_param.num_output" });
        }
        if p.axis() != 1 {
            return Err(LayerError::bad("convolution_param.axis", p.axis(), ValueError::Axis1));
        }
        // Readers turn them into another form, see `dialects`.
        for (field, pad) in [
            ("convolution_param.pad_l", p.pad_l()),
            ("convolution_param.pad_r", p.pad_r()),
            ("convolution_param.pad_t", p.pad_t()),
            ("convolution_param.pad_b", p.pad_b()),
        ] {
            if pad != 0 {
                return Err(LayerError::bad(field, pad, ValueError::OneSided));
            }
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
            num_output: size(p.num_output()),
            bias: p.bias_term(),
            kernel,
            stride,
            pad,
            dilation,
            group: size(p.group()),
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
        p.set_num_output(wire(self.num_output));
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
            p.set_group(wire(self.group));
        }
        layer.convolution_param = Some(p).into();
    }

    fn check(&self) -> Result<(), LayerError> {
        check_given("convolution_param.num_output", self.num_output)?;
        if self.group == 0 || !self.num_output.is_multiple_of(self.group) {
            let reason = ValueError::DividesOutputs;
            return Err(LayerError::bad("convolution_param.group", self.group, reason));
        }
        check_pair("convolution_param.kernel_size", self.kernel, 1)?;
        check_pair("convolution_param.stride", self.stride, 1)?;
        check_pair("convolution_param.pad", self.pad, 0)?;
        check_pair("convolution_param.dilation", self.dilation, 1)
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = Int8Form::MultiplyAccumulate { bias: self.bias, transposed: false };
        Facts { role: Role::Linear { axis: 0, groups: 1 }, int8 }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        float.convolution(self, false)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [n, channels, h, w] = nchw(one(bottoms)?)?;
        self.check_channels(channels)?;
        let size = |axis: usize, length: usize| {
            let (extent, pad) = (extent(self.kernel[axis], self.dilation[axis]), self.pad[axis]);
            windows(extent, self.stride[axis], length, pad).ok_or_else(|| {
                let reason = ValueError::Extent { extent, padded: padded(length, pad) };
                let kernel = format_args!("{:?}", self.kernel);
                LayerError::bad("convolution_param.kernel_size", kernel, reason)
            })
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

    fn bias_mut(&mut self) -> Option<&mut bool> {
        Some(&mut self.bias)
    }
}

/// The repeated field's shortest form: one value for a square pair.
fn shortest([h, w]: [usize; 2]) -> Vec<u32> {
    if h == w { vec![wire(h)] } else { vec![wire(h), wire(w)] }
}
