//! Moving values between channels and pixels.

use super::axes::{reshape, transpose};
use crate::error::{AttributeError, NodeError, ShapeError};
use crate::graph::{Importer, Layout, Result, Site, Value};

/// How a block's channels are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockOrder {
    /// Row of the block, column, then the channel.
    DepthLast,
    /// The channel, then row and column of the block.
    DepthFirst,
}

/// Channels to blocks of `block × block` pixels.
pub(crate) fn depth_to_space(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    layout: Layout,
    block: usize,
    order: BlockOrder,
) -> Result<Value> {
    let [n, c, h, w] = picture_shape(x, layout)?;
    let area = block.checked_mul(block).filter(|&area| area > 0 && c.is_multiple_of(area));
    let area = area.ok_or_else(|| misfit(block, x))?;
    let depth = c / area;
    let x = channels_first(importer, site, x, layout)?;
    // Logical axes: n, then the channel's three parts, h, w.
    let (split, turned) = match order {
        BlockOrder::DepthLast => ([n, block, block, depth, h, w], [0, 3, 4, 1, 5, 2]),
        BlockOrder::DepthFirst => ([n, depth, block, block, h, w], [0, 1, 4, 2, 5, 3]),
    };
    let x = reshape(&site.sub("split"), &x, &split)?;
    let x = transpose(importer, &site.sub("turned"), &x, &turned)?;
    let x = reshape(&site.sub("joined"), &x, &[n, depth, h * block, w * block])?;
    back(importer, site, &x, layout)
}

/// Blocks of `block × block` pixels to channels.
pub(crate) fn space_to_depth(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    layout: Layout,
    block: usize,
    order: BlockOrder,
) -> Result<Value> {
    let [n, c, h, w] = picture_shape(x, layout)?;
    if block == 0 || !h.is_multiple_of(block) || !w.is_multiple_of(block) {
        return Err(misfit(block, x));
    }
    let (rows, columns) = (h / block, w / block);
    let x = channels_first(importer, site, x, layout)?;
    let x = reshape(&site.sub("split"), &x, &[n, c, rows, block, columns, block])?;
    let turned = match order {
        BlockOrder::DepthLast => [0, 3, 5, 1, 2, 4],
        BlockOrder::DepthFirst => [0, 1, 3, 5, 2, 4],
    };
    let x = transpose(importer, &site.sub("turned"), &x, &turned)?;
    let x = reshape(&site.sub("joined"), &x, &[n, c * block * block, rows, columns])?;
    back(importer, site, &x, layout)
}

fn misfit(block: usize, x: &Value) -> NodeError {
    let (found, shape) = (block.into(), x.shape().to_vec());
    AttributeError::Misfit { found, shape }.of("blocksize")
}

fn picture_shape(x: &Value, layout: Layout) -> Result<[usize; 4]> {
    match (x.shape().len(), layout.order()) {
        (4, order) => Ok(order.map(|axis| x.shape()[axis])),
        _ => Err(ShapeError::Axes { shape: x.shape().to_vec(), wanted: 4 }.into()),
    }
}

fn channels_first(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    layout: Layout,
) -> Result<Value> {
    transpose(importer, site, x, &layout.order())
}

fn back(importer: &mut Importer, site: &Site, x: &Value, layout: Layout) -> Result<Value> {
    transpose(importer, site, x, &crate::graph::inverse(&layout.order()))
}
