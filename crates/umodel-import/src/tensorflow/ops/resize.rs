//! ResizeBilinear and ResizeNearestNeighbor, DepthToSpace and SpaceToDepth.

use umodel::layers::{Coordinates, NearestRounding, ResampleMethod};

use super::window;
use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::{Layout, Result};
use crate::ops::blocks::{self, BlockOrder};
use crate::ops::resize::{Resize2d, resize};

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    let corners = call.node.flag("align_corners");
    let half = call.node.flag("half_pixel_centers");
    let (method, coordinates) = match call.node.op.as_str() {
        "ResizeBilinear" => (
            ResampleMethod::Linear,
            match (corners, half) {
                (true, _) => Coordinates::AlignCorners,
                (false, true) => Coordinates::HalfPixel,
                (false, false) => Coordinates::Asymmetric,
            },
        ),
        "ResizeNearestNeighbor" => match (corners, half) {
            // Half away from zero, and coordinates are not negative.
            (true, _) => {
                (ResampleMethod::Nearest(NearestRounding::PreferCeil), Coordinates::AlignCorners)
            }
            (false, true) => {
                (ResampleMethod::Nearest(NearestRounding::Floor), Coordinates::TfHalfPixelForNn)
            }
            (false, false) => {
                (ResampleMethod::Nearest(NearestRounding::Floor), Coordinates::Asymmetric)
            }
        },
        "DepthToSpace" => return blocks(call, true),
        "SpaceToDepth" => return blocks(call, false),
        _ => return Ok(Outcome::Unknown),
    };
    let x = call.input(0)?.clone();
    let size = call.ints(1)?;
    let &[height, width] = size.as_slice() else {
        return Err(NodeError::shapes(format!("a size of {} numbers", size.len())));
    };
    let pixels =
        |size: i64| usize::try_from(size).ok().filter(|&size| (1..=1 << 16).contains(&size));
    let [Some(height), Some(width)] = [height, width].map(pixels) else {
        return Err(NodeError::attribute("size", format!("{size:?}")));
    };
    let layout = Layout::ChannelsLast;
    if window::size(x.shape(), layout)? == [height, width] {
        return Ok(x.into());
    }
    let p = Resize2d { layout, size: [height, width], scale: None, method, coordinates };
    Ok(resize(call.importer, call.site, &x, &p)?.into())
}

fn blocks(call: &mut Call<'_>, to_space: bool) -> Result<Outcome> {
    let (x, layout) = (call.input(0)?.clone(), call.layout()?);
    let block = call.node.int("block_size").and_then(|block| usize::try_from(block).ok());
    let block = block.filter(|&block| block < 1 << 12);
    let block = block.ok_or_else(|| NodeError::attribute("block_size", "must be positive"))?;
    Ok(if to_space {
        let order = BlockOrder::DepthLast;
        blocks::depth_to_space(call.importer, call.site, &x, layout, block, order)?
    } else {
        blocks::space_to_depth(call.importer, call.site, &x, layout, block, BlockOrder::DepthLast)?
    }
    .into())
}
