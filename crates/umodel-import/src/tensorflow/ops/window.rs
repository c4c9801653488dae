//! Windows of convolutions and poolings: sizes, strides and TensorFlow's padding.

use super::Call;
use crate::error::{AttributeError, Found, NodeError, ShapeError, Unsupported};
use crate::graph::{Layout, Result};
use crate::ops::convolution::same_pads;

/// Kernels, strides, dilations, pads and sizes at most.
pub(super) const MAX_SIZE: i64 = 1 << 16;

/// Rows above, columns left, rows below, columns right.
pub(super) type Pads = [i64; 4];

/// What a convolution or a pooling slides over a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
}

/// The height's and the width's share of an attribute of four axes.
///
/// # Errors
/// If the attribute has another length, or numbers other than 1 for the other axes.
pub(super) fn spatial(call: &Call<'_>, name: &'static str, layout: Layout) -> Result<[usize; 2]> {
    match call.node.ints(name) {
        [] => Ok([1, 1]),
        values => pair(name, values, layout),
    }
}

/// The height's and the width's share of the values of all four axes.
///
/// # Errors
/// As [`spatial`].
pub(super) fn pair(name: &'static str, values: &[i64], layout: Layout) -> Result<[usize; 2]> {
    let &[first, second, third, fourth] = values else {
        return Err(AttributeError::Count { found: values.len(), expected: 4 }.of(name));
    };
    let (others, pair) = match layout {
        Layout::ChannelsLast => ([first, fourth], [second, third]),
        Layout::ChannelsFirst => ([first, second], [third, fourth]),
    };
    if others != [1, 1] {
        return Err(Unsupported::OtherAxes { name }.into());
    }
    sizes(name, pair)
}

/// Height and width as sizes.
///
/// # Errors
/// If they are not from 1 to [`MAX_SIZE`].
pub(super) fn sizes(name: &'static str, pair: [i64; 2]) -> Result<[usize; 2]> {
    let limited = pair.iter().all(|size| (1..=MAX_SIZE).contains(size));
    match pair.map(usize::try_from) {
        [Ok(height), Ok(width)] if limited => Ok([height, width]),
        _ => {
            let (found, highest) = (Found::Ints(pair.to_vec()), MAX_SIZE);
            Err(AttributeError::Range { found, lowest: 1, highest }.of(name))
        }
    }
}

/// Height and width of a value of four axes.
pub(super) fn size(shape: &[usize], layout: Layout) -> Result<[usize; 2]> {
    match (shape, layout) {
        (&[_, height, width, _], Layout::ChannelsLast)
        | (&[_, _, height, width], Layout::ChannelsFirst) => Ok([height, width]),
        _ => Err(ShapeError::Axes { shape: shape.to_vec(), wanted: 4 }.into()),
    }
}

/// The node's padding for an input of this size.
///
/// # Errors
/// For an unknown kind of padding.
pub(super) fn padding(
    call: &Call<'_>,
    layout: Layout,
    size: [usize; 2],
    window: &Window,
) -> Result<Pads> {
    match call.node.text("padding") {
        "VALID" => Ok([0; 4]),
        "SAME" => {
            let Window { kernel: [kh, kw], stride: [sh, sw], dilation: [dh, dw] } = *window;
            let [height, width] = size;
            let [top, bottom] = same_pads(height, kh, sh, dh);
            let [left, right] = same_pads(width, kw, sw, dw);
            Ok([top, left, bottom, right])
        }
        "EXPLICIT" => explicit(call, layout),
        other => Err(NodeError::attribute("padding", other)),
    }
}

fn explicit(call: &Call<'_>, layout: Layout) -> Result<Pads> {
    let values = call.node.ints("explicit_paddings");
    match (layout, values) {
        (Layout::ChannelsLast, &[0, 0, top, bottom, left, right, 0, 0])
        | (Layout::ChannelsFirst, &[0, 0, 0, 0, top, bottom, left, right])
            if [top, bottom, left, right].iter().all(|pad| (0..=MAX_SIZE).contains(pad)) =>
        {
            Ok([top, left, bottom, right])
        }
        _ => Err(NodeError::attribute("explicit_paddings", values)),
    }
}
