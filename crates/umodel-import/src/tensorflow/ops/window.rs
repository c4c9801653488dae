//! Windows of convolutions and poolings: sizes, strides and TensorFlow's padding.

use super::Call;
use crate::error::NodeError;
use crate::graph::{Layout, Result};
use crate::ops::convolution::same_pads;

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
    let bad = |reason: &str| NodeError::attribute(name, format!("{values:?}: {reason}"));
    let &[first, second, third, fourth] = values else {
        return Err(bad("it must have four values"));
    };
    let (others, pair) = match layout {
        Layout::ChannelsLast => ([first, fourth], [second, third]),
        Layout::ChannelsFirst => ([first, second], [third, fourth]),
    };
    if others != [1, 1] {
        return Err(NodeError::unsupported(format!("{name} along the batch or the channels")));
    }
    let size = |value: i64| usize::try_from(value).ok().filter(|&size| size > 0 && size <= 1 << 16);
    match pair.map(size) {
        [Some(height), Some(width)] => Ok([height, width]),
        _ => Err(bad("they must be from 1 to 65536")),
    }
}

/// Height and width of a value of four axes.
pub(super) fn size(shape: &[usize], layout: Layout) -> Result<[usize; 2]> {
    match (shape, layout) {
        (&[_, height, width, _], Layout::ChannelsLast)
        | (&[_, _, height, width], Layout::ChannelsFirst) => Ok([height, width]),
        _ => Err(NodeError::shapes(format!("{shape:?} has not four axes"))),
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
            let Window { kernel, stride, dilation } = *window;
            let [[top, bottom], [left, right]] = [0, 1]
                .map(|axis| same_pads(size[axis], kernel[axis], stride[axis], dilation[axis]));
            Ok([top, left, bottom, right])
        }
        "EXPLICIT" => explicit(call, layout),
        other => Err(NodeError::attribute("padding", format!("{other:?}"))),
    }
}

fn explicit(call: &Call<'_>, layout: Layout) -> Result<Pads> {
    let values = call.node.ints("explicit_paddings");
    match (layout, values) {
        (Layout::ChannelsLast, &[0, 0, top, bottom, left, right, 0, 0])
        | (Layout::ChannelsFirst, &[0, 0, 0, 0, top, bottom, left, right])
            if [top, bottom, left, right].iter().all(|pad| (0..=1 << 16).contains(pad)) =>
        {
            Ok([top, left, bottom, right])
        }
        _ => Err(NodeError::attribute("explicit_paddings", format!("{values:?}"))),
    }
}
