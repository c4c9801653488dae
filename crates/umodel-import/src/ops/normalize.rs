//! Normalizations by a value's own statistics.

use umodel::layers::{InstanceNorm, Lrn, LrnRegion, Scale};

use super::convolution::{picture, seen};
use crate::error::{ShapeError, Unsupported};
use crate::graph::{Importer, Layout, Result, Site, Tensor, Value, View, Weight};

/// Local response normalization across channels.
pub(crate) fn lrn(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    layout: Layout,
    p: Lrn,
) -> Result<Value> {
    if p.region != LrnRegion::AcrossChannels || p.local_size.is_multiple_of(2) {
        return Err(Unsupported::LrnRegion { size: p.local_size }.into());
    }
    let x = picture(importer, site, x, layout)?;
    let top = importer.add(site, p, &[&x.blob], vec![])?;
    Ok(seen(top, layout))
}

/// Normalizes each channel of each picture, then multiplies and adds one value a channel. The channels are
/// the logical axis 1.
pub(crate) fn instance_norm(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    factor: &Tensor,
    offset: &Tensor,
    epsilon: f32,
) -> Result<Value> {
    let &[_, channels, _, ..] = x.shape() else {
        return Err(ShapeError::Axes { shape: x.shape().to_vec(), wanted: 4 }.into());
    };
    let view = importer.blob(site, x)?;
    let view = importer.transposition(&view)?;
    let view = if view.axes[..2] == [0, 1] { view } else { importer.plain(&view)? };
    let layer = InstanceNorm { eps: epsilon };
    let top = importer.add(&site.sub("normalized"), layer, &[&view.blob], vec![])?;
    let column = |tensor: &Tensor| -> Result<Weight> {
        Ok(tensor.reshaped(&[channels])?.to_f32()?.weight())
    };
    let weights = vec![column(factor)?, column(offset)?];
    let layer = Scale { axis: 1, num_axes: 1, bias: true };
    let top = importer.add(site, layer, &[&top.blob], weights)?;
    let result: View = view.of(&top.blob);
    Ok(result.into())
}
