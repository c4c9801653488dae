//! ResizeBilinear and ResizeNearestNeighbor, DepthToSpace and SpaceToDepth.

use umodel::layers::{Coordinates, NearestRounding, ResampleMethod};

use super::window;
use super::{Call, Outcome};
use crate::error::{AttributeError, NodeError};
use crate::graph::{Layout, Result};
use crate::ops::blocks::{self, BlockOrder};
use crate::ops::resize::{Resize2d, resize};

/// Rows and columns of a block at most.
const MAX_BLOCK: i64 = (1 << 12) - 1;

pub(super) fn bilinear(call: &mut Call<'_>) -> Result<Outcome> {
    let coordinates = match options(call) {
        (true, _) => Coordinates::AlignCorners,
        (false, true) => Coordinates::HalfPixel,
        (false, false) => Coordinates::Asymmetric,
    };
    resample(call, ResampleMethod::Linear, coordinates)
}

pub(super) fn nearest(call: &mut Call<'_>) -> Result<Outcome> {
    let (rounding, coordinates) = match options(call) {
        // Half away from zero, and coordinates are not negative.
        (true, _) => (NearestRounding::PreferCeil, Coordinates::AlignCorners),
        (false, true) => (NearestRounding::Floor, Coordinates::TfHalfPixelForNn),
        (false, false) => (NearestRounding::Floor, Coordinates::Asymmetric),
    };
    resample(call, ResampleMethod::Nearest(rounding), coordinates)
}

/// Whether corners are aligned, and whether pixels have their centres at halves.
fn options(call: &Call<'_>) -> (bool, bool) {
    (call.node.flag("align_corners"), call.node.flag("half_pixel_centers"))
}

fn resample(
    call: &mut Call<'_>,
    method: ResampleMethod,
    coordinates: Coordinates,
) -> Result<Outcome> {
    let (x, size) = (call.input(0)?, call.ints(1)?);
    let &[height, width] = size.as_slice() else {
        let (found, expected) = (size.len(), 2);
        return Err(AttributeError::Count { found, expected }.of("size"));
    };
    let size = window::sizes("size", [height, width])?;
    let layout = Layout::ChannelsLast;
    if window::size(x.shape(), layout)? == size {
        return Ok(x.clone().into());
    }
    let p = Resize2d { layout, size, scale: None, method, coordinates };
    Ok(resize(call.importer, call.site, x, &p)?.into())
}

pub(super) fn depth_to_space(call: &mut Call<'_>) -> Result<Outcome> {
    let (x, layout, block) = (call.input(0)?, call.layout()?, block(call)?);
    let order = BlockOrder::DepthLast;
    Ok(blocks::depth_to_space(call.importer, call.site, x, layout, block, order)?.into())
}

pub(super) fn space_to_depth(call: &mut Call<'_>) -> Result<Outcome> {
    let (x, layout, block) = (call.input(0)?, call.layout()?, block(call)?);
    let order = BlockOrder::DepthLast;
    Ok(blocks::space_to_depth(call.importer, call.site, x, layout, block, order)?.into())
}

fn block(call: &Call<'_>) -> Result<usize> {
    let name = "block_size";
    let block = call.node.int(name).ok_or_else(|| AttributeError::Missing.of(name))?;
    let size = usize::try_from(block).ok().filter(|_| (1..=MAX_BLOCK).contains(&block));
    size.ok_or_else(|| -> NodeError {
        AttributeError::Range { found: block.into(), lowest: 1, highest: MAX_BLOCK }.of(name)
    })
}
