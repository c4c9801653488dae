use std::sync::Arc;

use bm1684_isa::memory::LINE_BYTES;
use ndarray::{ArrayD, Axis as Dimension, Ix4};
use umodel::layers::Deconvolution;
use umodel::{Arithmetic, DType, Shifts};

use super::convolution::{MAX_DILATION, bias_bytes, pack};
use super::moving::spread_words;
use super::window::{Bias, Element, NIBBLE, Unit, Weights, WindowLayer, check_kernel};
use super::{Job, Lower, Site};
use crate::error::{Int8Form, Reason};
use crate::form::Form;
use crate::plan::split;
use crate::tile::Axis;

/// Height and width as a convolution has them: zeros between the inputs, and the padding that is left. Dilations beyond
/// the command's are part of the kernel.
fn axes(layer: &Deconvolution, site: &Site<'_>) -> [Axis; 2] {
    let p = &layer.convolution;
    [0, 1].map(|axis| {
        let reach = p.dilation[axis] * (p.kernel[axis] - 1);
        let spread = p.dilation[axis] > MAX_DILATION;
        Axis {
            insert: p.stride[axis] - 1,
            kernel: if spread { reach + 1 } else { p.kernel[axis] },
            dilation: if spread { 1 } else { p.dilation[axis] },
            pad: reach.cast_signed() - p.pad[axis].cast_signed(),
            ..Axis::pointwise(site.bottom_shape(0)[2 + axis])
        }
        .to(site.top_shape(0)[2 + axis])
    })
}

/// The inputs of an axis with zeros between them.
fn spread(axis: &Axis) -> usize {
    (axis.input - 1) * (axis.insert + 1) + 1
}

/// The layer before there are weights.
fn window(layer: &Deconvolution, site: &Site<'_>, right_shifts: &Shifts) -> WindowLayer {
    let (p, bottom) = (&layer.convolution, site.bottom_shape(0));
    let unit = if depthwise(layer, site) {
        Unit::Depthwise { weights: Weights::Each(0), bias: Bias::None }
    } else {
        Unit::Convolution { groups: p.group, weights: 0, bias: None, turned: true }
    };
    WindowLayer {
        images: bottom[0],
        input_channels: bottom[1],
        output_channels: p.num_output,
        axes: axes(layer, site),
        element: Element::Int8,
        input_signed: site.bottom_format(0).dtype == DType::I8,
        relu: site.top_format(0).dtype == DType::U8,
        right_shifts: right_shifts.clone(),
        unit,
        plane: None,
    }
}

fn depthwise(layer: &Deconvolution, site: &Site<'_>) -> bool {
    let group = layer.convolution.group;
    group > 1 && group == site.bottom_shape(0)[1] && group == layer.convolution.num_output
}

/// Whether commands can insert the zeros.
fn direct(window: &WindowLayer) -> bool {
    window.axes.iter().all(|axis| axis.insert <= NIBBLE) && window.choose().is_ok()
}

/// `[outputs, inputs of a group, kh, kw]`, as a convolution has them.
fn weights_of(layer: &Deconvolution, weights: &Arc<ArrayD<i8>>) -> ArrayD<i8> {
    let Ok(weights) = weights.view().into_dimensionality::<Ix4>() else {
        unreachable!("a QuantizedNet's deconvolution has weights of four axes")
    };
    let group = layer.convolution.group;
    let (inputs, outputs, height, width) = weights.dim();
    let each = inputs / group;
    ArrayD::from_shape_fn(vec![outputs * group, each, height, width], |at| {
        let (part, output) = (at[0] / outputs, at[0] % outputs);
        weights[(part * each + at[1], output, at[2], at[3])]
    })
}

impl Lower for Deconvolution {
    fn forms() -> &'static [Form] {
        &[Form::Deconvolution, Form::DepthwiseDeconvolution, Form::SpreadDeconvolution]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = job.site.arithmetic()
        else {
            return Err(job.site.without_code(Int8Form::Type));
        };
        let mut window = window(self, &job.site, right_shifts);
        let direct = direct(&window);
        let kernel = window.axes.map(|axis| axis.kernel);
        let steps = [0, 1].map(|axis| match self.convolution.dilation[axis] {
            dilation if dilation > MAX_DILATION => dilation,
            _ => 1,
        });
        let depthwise = depthwise(self, &job.site);
        let depth = if depthwise {
            1
        } else {
            (window.input_channels / self.convolution.group).next_multiple_of(4)
        };
        check_kernel(kernel, kernel[0].saturating_mul(kernel[1]).saturating_mul(depth))?;
        let mut weights = weights_of(self, weights);
        let bias = bias.as_ref().map(|bias| job.coefficients(&bias_bytes(bias)));
        window.unit = if depthwise {
            weights.invert_axis(Dimension(2));
            weights.invert_axis(Dimension(3));
            let weights = job.coefficients(&pack(&weights, kernel, steps, 1));
            let bias = bias.map_or(Bias::None, Bias::Each);
            Unit::Depthwise { weights: Weights::Each(weights), bias }
        } else {
            let weights = job.coefficients(&pack(&weights, kernel, steps, 4));
            Unit::Convolution { groups: self.convolution.group, weights, bias, turned: true }
        };
        let mut from = job.bottom(0);
        if !direct {
            let sizes = window.axes.map(|axis| axis.input);
            let inserts = window.axes.map(|axis| axis.insert);
            let planes = window.images.div_ceil(4) * window.input_channels;
            let to = job.scratch();
            spread_words(job.emitter, [from, to], planes, sizes, inserts)?;
            from = to;
            for axis in &mut window.axes {
                (axis.input, axis.insert) = (spread(axis), 0);
            }
            job.emitter.begin_layer();
        }
        window.lower(job.emitter, [from, job.top(0)])?;
        Ok(match (direct, depthwise) {
            (false, _) => Form::SpreadDeconvolution,
            (true, true) => Form::DepthwiseDeconvolution,
            (true, false) => Form::Deconvolution,
        })
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        let Arithmetic::MultiplyAccumulate { right_shifts, .. } = site.arithmetic() else {
            return 0;
        };
        let window = window(self, site, right_shifts);
        if direct(&window) {
            return 0;
        }
        let plane: usize = window.axes.iter().map(spread).product();
        let (images, _) = split(site.bottom_shape(0));
        (4 * images.div_ceil(4) * window.input_channels * plane).next_multiple_of(LINE_BYTES)
    }
}
