use super::{
    Facts, Int8Form, LayerParam, Role, check_pair, nchw, one, one_top, padded, spatial_pair, wire,
};
use crate::Shape;
use crate::blob;
use crate::error::{LayerError, ValueError};
use crate::proto::pooling_parameter::{PoolMethod as ProtoMethod, RoundMode};
use crate::proto::{LayerParameter, PoolingParameter};
use crate::quant::float::{Float, Slide, Step};

/// How a pooling window becomes one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMethod {
    /// The largest value inside the map; padding never wins.
    Max,
    /// The sum over the window, divided by the window's area including padding.
    Average,
}

/// The window that a [`Pooling`] layer slides over one particular bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolWindow {
    /// Kernel height and width; the whole map for global pooling.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Padding above and left of the map (below and right up to the same).
    pub pad: [usize; 2],
    /// Height and width of the top.
    pub output: [usize; 2],
}

/// Max or average pooling.
///
/// # Shapes
/// bottom `[N, C, H, W]`, top `[N, C, H', W']`; of the maximum optionally a second top with the places
/// where it was found.
///
/// # Rounding
/// `H' = ceil((H + 2·pad − kernel) / stride) + 1`; with padding, a last window that would start at
/// or beyond `H + pad` is dropped. So a kernel larger than the padded map, by less than a stride, is one window.
/// Without `ceil` it is `floor(…) + 1`. A window of average pooling is clipped to `H + pad` before its area is taken,
/// and to the map before it is summed.
///
/// # Source
/// BVLC Caffe, PoolingLayer; rounding down from NVCaffe's `round_mode` and the `ceil_mode` of other forks.
#[derive(Clone, Debug, PartialEq)]
pub struct Pooling {
    /// Maximum or average.
    pub method: PoolMethod,
    /// Kernel height and width; `[0, 0]` when `global`.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Vertical and horizontal padding, smaller than the kernel.
    pub pad: [usize; 2],
    /// One window over the whole map.
    pub global: bool,
    /// Whether the number of windows is rounded up, as Caffe does it; otherwise down, as all other
    /// frameworks do.
    pub ceil: bool,
}

impl Pooling {
    /// One average over the whole map.
    pub fn global_average() -> Self {
        Pooling {
            method: PoolMethod::Average,
            kernel: [0, 0],
            stride: [1, 1],
            pad: [0, 0],
            global: true,
            ceil: true,
        }
    }

    /// The window over a bottom `[N, C, H, W]`.
    ///
    /// # Errors
    /// For another bottom, for one too small for a window, and for impossible parameters.
    pub fn window(&self, bottom: &[usize]) -> Result<PoolWindow, LayerError> {
        self.check()?;
        blob::check_shape(bottom)?;
        self.slide(bottom)
    }

    /// As [`Pooling::window`] for parameters that are possible.
    pub(super) fn slide(&self, bottom: &[usize]) -> Result<PoolWindow, LayerError> {
        let [_, _, h, w] = nchw(bottom)?;
        if self.global {
            return Ok(PoolWindow { kernel: [h, w], stride: [1, 1], pad: [0, 0], output: [1, 1] });
        }
        let size = |axis: usize, length: usize| {
            let (kernel, stride, pad) = (self.kernel[axis], self.stride[axis], self.pad[axis]);
            let padded = padded(length, pad);
            let larger = || {
                let kernel = format_args!("{:?}", self.kernel);
                LayerError::bad("pooling_param.kernel_size", kernel, ValueError::Kernel(padded))
            };
            let mut size = match (padded.checked_sub(kernel), self.ceil) {
                (Some(room), true) => room.div_ceil(stride) + 1,
                (Some(room), false) => room / stride + 1,
                // ceil of what is above −1 is 0: one window, of which only a part lies in the padded map.
                (None, true) if kernel - padded < stride => 1,
                (None, _) => return Err(larger()),
            };
            if !self.ceil {
                return Ok(size);
            }
            // Caffe clips both axes as soon as one of them is padded.
            if self.pad != [0, 0] && (size - 1) * stride >= length + pad {
                size -= 1;
            }
            if size == 0 {
                return Err(larger());
            }
            if (size - 1) * stride >= length + pad {
                let reason = ValueError::LastWindow { windows: size, kernel, length };
                return Err(LayerError::bad("pooling_param.stride", stride, reason));
            }
            Ok(size)
        };
        Ok(PoolWindow {
            kernel: self.kernel,
            stride: self.stride,
            pad: self.pad,
            output: [size(0, h)?, size(1, w)?],
        })
    }

    /// The areas that Caffe's average divides by: of windows that reach beyond neither edge of the padded bottom, beyond
    /// the right one, beyond the lower one and beyond both.
    ///
    /// # Errors
    /// As [`Pooling::window`].
    pub fn areas(&self, bottom: &[usize]) -> Result<[usize; 4], LayerError> {
        let [_, _, h, w] = nchw(bottom)?;
        let window = self.window(bottom)?;
        let clipped = |axis: usize, length: usize| {
            let last = window.output[axis].saturating_sub(1) * window.stride[axis];
            let room = padded(length, window.pad[axis]).saturating_sub(last);
            room.min(window.kernel[axis])
        };
        let [kh, kw] = window.kernel;
        let (tall, wide) = (clipped(0, h), clipped(1, w));
        Ok([kh * kw, kh * wide, tall * kw, tall * wide])
    }

    /// Whether a window reaches beyond the padding, so that Caffe's average divides by a smaller
    /// area there.
    ///
    /// # Errors
    /// As [`Pooling::window`].
    pub fn overhangs(&self, bottom: &[usize]) -> Result<bool, LayerError> {
        let [_, _, h, w] = nchw(bottom)?;
        let window = self.window(bottom)?;
        let over = |axis: usize, length: usize| {
            let last = window.output[axis].saturating_sub(1) * window.stride[axis];
            last + window.kernel[axis] > padded(length, window.pad[axis])
        };
        Ok(over(0, h) || over(1, w))
    }
}

impl LayerParam for Pooling {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.pooling_param;
        let method = match p.pool() {
            ProtoMethod::MAX => PoolMethod::Max,
            ProtoMethod::AVE => PoolMethod::Average,
            ProtoMethod::STOCHASTIC => {
                let (value, reason) = ("STOCHASTIC", ValueError::PoolMethod);
                return Err(LayerError::bad("pooling_param.pool", value, reason));
            }
        };
        // Readers turn them into another form, see `dialects`.
        for (field, pad) in [
            ("pooling_param.pad_l", p.pad_l()),
            ("pooling_param.pad_r", p.pad_r()),
            ("pooling_param.pad_t", p.pad_t()),
            ("pooling_param.pad_b", p.pad_b()),
        ] {
            if pad != 0 {
                return Err(LayerError::bad(field, pad, ValueError::OneSided));
            }
        }
        let ceil = p.round_mode() == RoundMode::CEIL && p.ceil_mode();
        let once = |value: Option<u32>| value.into_iter().collect::<Vec<_>>();
        let global = p.global_pooling();
        let kernel = spatial_pair(
            "pooling_param.kernel_size",
            &once(p.kernel_size),
            p.kernel_h,
            p.kernel_w,
            if global { Some(0) } else { None },
        )?;
        for (field, [h, w]) in [
            ("pooling_param.stride_h", [p.stride_h, p.stride_w]),
            ("pooling_param.pad_h", [p.pad_h, p.pad_w]),
        ] {
            if h.is_some() != w.is_some() {
                return Err(LayerError::bad(field, format_args!("{h:?}"), ValueError::Alone));
            }
        }
        let stride =
            spatial_pair("pooling_param.stride", &once(p.stride), p.stride_h, p.stride_w, Some(1))?;
        let pad = spatial_pair("pooling_param.pad", &once(p.pad), p.pad_h, p.pad_w, Some(0))?;
        // The kernel of a window over the whole map is the map.
        let kernel = if global { [0, 0] } else { kernel };
        Ok(Pooling { method, kernel, stride, pad, global, ceil })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let mut p = PoolingParameter::new();
        p.set_pool(match self.method {
            PoolMethod::Max => ProtoMethod::MAX,
            PoolMethod::Average => ProtoMethod::AVE,
        });
        if !self.ceil {
            p.set_round_mode(RoundMode::FLOOR);
        }
        if self.global {
            p.set_global_pooling(true);
        } else {
            let set = |[h, w]: [usize; 2], fields: [&mut Option<u32>; 3]| {
                let [both, high, wide] = fields;
                if h == w {
                    *both = Some(wire(h));
                } else {
                    (*high, *wide) = (Some(wire(h)), Some(wire(w)));
                }
            };
            set(self.kernel, [&mut p.kernel_size, &mut p.kernel_h, &mut p.kernel_w]);
            set(self.stride, [&mut p.stride, &mut p.stride_h, &mut p.stride_w]);
            if self.pad != [0, 0] {
                set(self.pad, [&mut p.pad, &mut p.pad_h, &mut p.pad_w]);
            }
        }
        layer.pooling_param = Some(p).into();
    }

    fn check(&self) -> Result<(), LayerError> {
        let (kernel, stride, pad) = (self.kernel, self.stride, self.pad);
        if self.global {
            let field = "pooling_param.global_pooling";
            if stride != [1, 1] || pad != [0, 0] {
                return Err(LayerError::bad(field, true, ValueError::GlobalWindow));
            }
            if kernel != [0, 0] {
                return Err(LayerError::bad(field, true, ValueError::GlobalKernel));
            }
            return Ok(());
        }
        if pad[0] >= kernel[0] || pad[1] >= kernel[1] {
            let (value, reason) = (format_args!("{pad:?}"), ValueError::PadOfKernel(kernel));
            return Err(LayerError::bad("pooling_param.pad", value, reason));
        }
        check_pair("pooling_param.kernel_size", kernel, 1)?;
        check_pair("pooling_param.stride", stride, 1)?;
        check_pair("pooling_param.pad", pad, 0)
    }

    fn facts(&self) -> Facts<'_> {
        let int8 = match self.method {
            PoolMethod::Max => Int8Form::Same,
            PoolMethod::Average => Int8Form::AveragePool(self),
        };
        Facts { role: Role::Computes, int8 }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let bottom = float.bottoms.first()?;
        let window = self.window(bottom).ok()?;
        let axes = [0, 1].map(|axis| Slide {
            input: bottom[2 + axis],
            output: window.output[axis],
            kernel: window.kernel[axis],
            stride: window.stride[axis],
            pad: window.pad[axis].cast_signed(),
            dilation: 1,
        });
        float.pooling(axes, self.method == PoolMethod::Average)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let [n, c, _, _] = nchw(bottom)?;
        let [h, w] = self.window(bottom)?.output;
        match (tops, self.method) {
            (2, PoolMethod::Max) => Ok(vec![vec![n, c, h, w]; 2]),
            _ => one_top(tops, vec![n, c, h, w]),
        }
    }
}
