//! Conv2D, DepthwiseConv2dNative, Conv2DBackpropInput and BiasAdd.

use super::window::{self, Pads, Window};
use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::{Result, Tensor, Value};
use crate::ops::affine;
use crate::ops::convolution::{self, Conv2d};

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    Ok(match call.node.op.as_str() {
        "Conv2D" => convolve(call, false)?.into(),
        "DepthwiseConv2dNative" => convolve(call, true)?.into(),
        "Conv2DBackpropInput" => transposed(call)?.into(),
        "BiasAdd" | "BiasAddV1" => {
            let axis = call.layout()?.channel_axis(call.input(0)?.shape().len());
            let (x, bias) = (call.input(0)?.clone(), call.constant(1)?.clone());
            affine::bias_add(call.importer, call.site, &x, &bias, axis)?.into()
        }
        _ => Outcome::Unknown,
    })
}

/// TensorFlow's filter, kh · kw · in · out.
fn filter(call: &Call<'_>, index: usize) -> Result<(Tensor, [usize; 4])> {
    let filter = call.constant(index)?.clone();
    let shape = filter
        .shape()
        .try_into()
        .map_err(|_| NodeError::shapes(format!("a filter of shape {:?}", filter.shape())))?;
    Ok((filter, shape))
}

fn convolve(call: &mut Call<'_>, depthwise: bool) -> Result<Value> {
    let layout = call.layout()?;
    let x = call.input(0)?.clone();
    let size = window::size(x.shape(), layout)?;
    let channels = x.shape()[layout.channel_axis(4)];
    let (filter, [height, width, inner, outer]) = filter(call, 1)?;
    if inner == 0 || outer == 0 || !channels.is_multiple_of(inner) {
        let reason = format!("{channels} channels, a filter of shape {:?}", filter.shape());
        return Err(NodeError::shapes(reason));
    }
    let mut window = Window {
        kernel: [height, width],
        stride: window::spatial(call, "strides", layout)?,
        dilation: window::spatial(call, "dilations", layout)?,
    };
    let mut pads = window::padding(call, layout, size, &window)?;
    if call.inputs.len() == 5 {
        if pads != [0; 4] || window.stride != [1, 1] || window.dilation != [1, 1] {
            return Err(NodeError::unsupported("stride, dilation or padding between blocks"));
        }
        window.dilation = block(call)?;
        pads = between_blocks(call)?;
    }
    let (weights, groups) = if depthwise {
        if inner != channels {
            let reason = format!("{channels} channels, a filter of shape {:?}", filter.shape());
            return Err(NodeError::shapes(reason));
        }
        // Output c · multiplier + m belongs to channel c: in · out · 1 · kh · kw, joined in front.
        let turned = filter.permuted(&[2, 3, 0, 1]);
        (turned.reshaped(&[inner * outer, 1, height, width])?, inner)
    } else {
        (filter.permuted(&[3, 2, 0, 1]), channels / inner)
    };
    let Window { stride: strides, dilation: dilations, .. } = window;
    let conv = Conv2d { layout, weights, bias: None, strides, dilations, pads, groups };
    convolution::convolution(call.importer, call.site, &x, &conv)
}

/// The block of SpaceToBatchND, which is the dilation of what lies between.
fn block(call: &Call<'_>) -> Result<[usize; 2]> {
    let block = call.ints(2)?;
    let size =
        |value: i64| usize::try_from(value).ok().filter(|&size| (1..=1 << 16).contains(&size));
    match block.as_slice() {
        &[height, width] => match [size(height), size(width)] {
            [Some(height), Some(width)] => Ok([height, width]),
            _ => Err(NodeError::attribute("block_shape", format!("{block:?}"))),
        },
        _ => Err(NodeError::unsupported(format!("blocks of {} axes", block.len()))),
    }
}

/// What the paddings of SpaceToBatchND add and the crops of BatchToSpaceND take away.
fn between_blocks(call: &Call<'_>) -> Result<Pads> {
    let [paddings, crops] = [call.ints(3)?, call.ints(4)?];
    let (Ok(paddings), Ok(crops)) = (<[i64; 4]>::try_from(paddings), <[i64; 4]>::try_from(crops))
    else {
        return Err(NodeError::shapes("paddings or crops of other than two axes"));
    };
    let limited = |&value: &i64| (0..=1 << 16).contains(&value);
    if !paddings.iter().chain(&crops).all(limited) {
        return Err(NodeError::attribute("paddings", format!("{paddings:?}, crops {crops:?}")));
    }
    let [top, bottom, left, right] = std::array::from_fn(|at| paddings[at] - crops[at]);
    Ok([top, left, bottom, right])
}

/// The gradient of a convolution as a layer: a deconvolution.
fn transposed(call: &mut Call<'_>) -> Result<Value> {
    let layout = call.layout()?;
    let wanted = call.ints(0)?;
    let x = call.input(2)?.clone();
    let output: Vec<usize> = super::shape::sizes(&wanted);
    let size = window::size(&output, layout)?;
    let (filter, [height, width, _, inner]) = filter(call, 1)?;
    let channels = x.shape().get(layout.channel_axis(4)).copied().unwrap_or(0);
    if inner != channels {
        let reason = format!("{channels} channels, a filter of shape {:?}", filter.shape());
        return Err(NodeError::shapes(reason));
    }
    let window = Window {
        kernel: [height, width],
        stride: window::spatial(call, "strides", layout)?,
        dilation: window::spatial(call, "dilations", layout)?,
    };
    let pads = window::padding(call, layout, size, &window)?;
    let [from, to] = [window::size(x.shape(), layout)?, size];
    // Rows and columns that no window reaches, where a stride leaves a choice.
    let mut output_padding = [0; 2];
    for axis in 0..2 {
        let reach = window.dilation[axis] * window.kernel[axis].saturating_sub(1) + 1;
        let made = from[axis].saturating_sub(1).saturating_mul(window.stride[axis]) + reach;
        let cut = usize::try_from(pads[axis] + pads[axis + 2]).unwrap_or(0);
        let made = made.saturating_sub(cut);
        output_padding[axis] = to[axis]
            .checked_sub(made)
            .filter(|&more| more < window.stride[axis])
            .ok_or_else(|| NodeError::shapes(format!("{from:?} pixels do not become {to:?}")))?;
    }
    // kh · kw · out · in becomes in · out · kh · kw.
    let weights = filter.permuted(&[3, 2, 0, 1]);
    let Window { stride: strides, dilation: dilations, .. } = window;
    let conv = Conv2d { layout, weights, bias: None, strides, dilations, pads, groups: 1 };
    convolution::transposed(call.importer, call.site, &x, &conv, output_padding)
}
