//! Resizing pictures.

use umodel::layers::{Coordinates, Resample, ResampleMethod};

use super::convolution::{picture, seen};
use crate::error::{NodeError, Unsupported};
use crate::graph::{Importer, Layout, Result, Site, Value, volume};

/// A resizing's parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resize2d {
    /// The order of the value's axes.
    pub(crate) layout: Layout,
    /// Height and width of the result.
    pub(crate) size: [usize; 2],
    /// Factors for the coordinates where they are not the quotient of the sizes.
    pub(crate) scale: Option<[f32; 2]>,
    pub(crate) method: ResampleMethod,
    pub(crate) coordinates: Coordinates,
}

/// Resizes height and width.
pub(crate) fn resize(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    p: &Resize2d,
) -> Result<Value> {
    if p.size.contains(&0) {
        return Err(NodeError::attribute("sizes", &p.size[..]));
    }
    if x.shape().len() != 4 {
        return Err(Unsupported::NoPicture { shape: x.shape().to_vec() }.into());
    }
    volume(&p.size)?;
    let x = picture(importer, site, x, p.layout)?;
    let layer =
        Resample { size: p.size, scale: p.scale, method: p.method, coordinates: p.coordinates };
    let top = importer.add(site, layer, &[&x.blob], vec![])?;
    Ok(seen(top, p.layout))
}
