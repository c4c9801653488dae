//! Conv2D, DepthwiseConv2dNative, Conv2DBackpropInput and BiasAdd.

use super::window::{self, Pads, Window};
use super::{Call, Outcome};
use crate::error::{AttributeError, Found, NodeError, ShapeError, Unsupported};
use crate::graph::{Result, Tensor};
use crate::ops::affine;
use crate::ops::convolution::{self, Conv2d};

pub(super) fn bias_add(call: &mut Call<'_>) -> Result<Outcome> {
    let (x, bias) = (call.input(0)?, call.constant(1)?);
    let axis = call.layout()?.channel_axis(x.shape().len());
    Ok(affine::bias_add(call.importer, call.site, x, bias, axis)?.into())
}

/// TensorFlow's filter, kh · kw · in · out.
fn filter(call: &Call<'_>, index: usize) -> Result<(Tensor, [usize; 4])> {
    let filter = call.constant(index)?.clone();
    let shape = filter.shape().try_into();
    let shape = shape.map_err(|_| ShapeError::Weights { shape: filter.shape().to_vec() })?;
    Ok((filter, shape))
}

fn misfit(channels: usize, filter: &Tensor) -> NodeError {
    ShapeError::Filter { channels, filter: filter.shape().to_vec() }.into()
}

pub(super) fn convolve(call: &mut Call<'_>, depthwise: bool) -> Result<Outcome> {
    let layout = call.layout()?;
    let x = call.input(0)?;
    let size = window::size(x.shape(), layout)?;
    let channels = x.shape().get(layout.channel_axis(4)).copied().unwrap_or(0);
    let (filter, [height, width, inner, outer]) = filter(call, 1)?;
    if inner == 0 || outer == 0 || !channels.is_multiple_of(inner) {
        return Err(misfit(channels, &filter));
    }
    let mut window = Window {
        kernel: [height, width],
        stride: window::spatial(call, "strides", layout)?,
        dilation: window::spatial(call, "dilations", layout)?,
    };
    let mut pads = window::padding(call, layout, size, &window)?;
    if call.inputs.len() == 5 {
        if pads != [0; 4] || window.stride != [1, 1] || window.dilation != [1, 1] {
            return Err(Unsupported::BetweenBlocks.into());
        }
        window.dilation = block(call)?;
        pads = between_blocks(call)?;
    }
    let (weights, groups) = if depthwise {
        if inner != channels {
            return Err(misfit(channels, &filter));
        }
        // Output c · multiplier + m belongs to channel c: in · out · 1 · kh · kw, joined in front.
        let turned = filter.permuted(&[2, 3, 0, 1])?;
        (turned.reshaped(&[inner * outer, 1, height, width])?, inner)
    } else {
        (filter.permuted(&[3, 2, 0, 1])?, channels / inner)
    };
    let Window { stride: strides, dilation: dilations, .. } = window;
    let conv = Conv2d { layout, weights, bias: None, strides, dilations, pads, groups };
    Ok(convolution::convolution(call.importer, call.site, x, &conv)?.into())
}

/// The block of SpaceToBatchND, which is the dilation of what lies between.
fn block(call: &Call<'_>) -> Result<[usize; 2]> {
    let block = call.ints(2)?;
    match block.as_slice() {
        &[height, width] => window::sizes("block_shape", [height, width]),
        _ => Err(Unsupported::Blocks { axes: block.len() }.into()),
    }
}

/// What the paddings of SpaceToBatchND add and the crops of BatchToSpaceND take away.
fn between_blocks(call: &Call<'_>) -> Result<Pads> {
    let (paddings, crops) = (call.ints(3)?, call.ints(4)?);
    for (name, values) in [("paddings", &paddings), ("crops", &crops)] {
        if !values.iter().all(|value| (0..=window::MAX_SIZE).contains(value)) {
            let found = Found::from(values.as_slice());
            return Err(
                AttributeError::Range { found, lowest: 0, highest: window::MAX_SIZE }.of(name)
            );
        }
    }
    let (&[top, bottom, left, right], &[cut_top, cut_bottom, cut_left, cut_right]) =
        (paddings.as_slice(), crops.as_slice())
    else {
        let lengths = vec![paddings.len(), crops.len(), 4];
        return Err(ShapeError::Lengths { lengths }.into());
    };
    Ok([top - cut_top, left - cut_left, bottom - cut_bottom, right - cut_right])
}

/// The gradient of a convolution as a layer: a deconvolution.
pub(super) fn transposed(call: &mut Call<'_>) -> Result<Outcome> {
    let layout = call.layout()?;
    // Batch and channels, which may be open, are not looked at.
    let to =
        call.ints(0)?.iter().map(|&size| usize::try_from(size).unwrap_or(0)).collect::<Vec<_>>();
    let to = window::size(&to, layout)?;
    let x = call.input(2)?;
    let from = window::size(x.shape(), layout)?;
    let (filter, [height, width, _, inner]) = filter(call, 1)?;
    let channels = x.shape().get(layout.channel_axis(4)).copied().unwrap_or(0);
    if inner != channels {
        return Err(misfit(channels, &filter));
    }
    let window = Window {
        kernel: [height, width],
        stride: window::spatial(call, "strides", layout)?,
        dilation: window::spatial(call, "dilations", layout)?,
    };
    let pads = window::padding(call, layout, to, &window)?;
    let Window { stride: strides, dilation: dilations, kernel: [kh, kw] } = window;
    let ([sh, sw], [dh, dw], [top, left, bottom, right]) = (strides, dilations, pads);
    // Rows and columns that no window reaches, where a stride leaves a choice.
    let left_over =
        |from: usize, to: usize, kernel: usize, stride: usize, dilation: usize, cut: i64| {
            let reach = kernel.saturating_sub(1).saturating_mul(dilation).saturating_add(1);
            let made = from.saturating_sub(1).saturating_mul(stride).saturating_add(reach);
            let made = made.saturating_sub(usize::try_from(cut).unwrap_or(0));
            to.checked_sub(made).filter(|&more| more < stride)
        };
    let rows = left_over(from[0], to[0], kh, sh, dh, top + bottom);
    let columns = left_over(from[1], to[1], kw, sw, dw, left + right);
    let added = rows.zip(columns).ok_or(ShapeError::Pixels { from, to })?;
    // kh · kw · out · in becomes in · out · kh · kw.
    let weights = filter.permuted(&[3, 2, 0, 1])?;
    let conv = Conv2d { layout, weights, bias: None, strides, dilations, pads, groups: 1 };
    Ok(convolution::transposed(call.importer, call.site, x, &conv, added.into())?.into())
}
