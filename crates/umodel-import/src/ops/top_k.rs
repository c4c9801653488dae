//! The best values along an axis, and running sums.

use umodel::layers::{CumSum, TopK};

use crate::graph::{Importer, Result, Site, Value, View, layer_axis};

/// The values and the indices, as far as the layer puts them out; `sites` name its tops.
pub(crate) fn top_k(
    importer: &mut Importer,
    sites: &[Site],
    x: &Value,
    axis: usize,
    layer: &TopK,
) -> Result<Vec<Value>> {
    let Some(site) = sites.first() else { return Ok(Vec::new()) };
    let view = importer.blob(site, x)?;
    let view = importer.transposition(&view)?;
    let order = view.order();
    let layer = TopK { axis: layer_axis(view.axes[axis]), ..layer.clone() };
    let names: Vec<&str> = sites.iter().map(|site| site.tensor.as_str()).collect();
    let tops = importer.add_with_tops(site, layer, &[&view.blob], &names, vec![])?;
    let seen = |top: View| View::ordered(&top.blob, top.blob_shape, &order).into();
    Ok(tops.into_iter().map(seen).collect())
}

/// Running sums along an axis.
pub(crate) fn cum_sum(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    axis: usize,
    layer: &CumSum,
) -> Result<Value> {
    let view = importer.blob(site, x)?;
    let view = importer.transposition(&view)?;
    let layer = CumSum { axis: layer_axis(view.axes[axis]), ..layer.clone() };
    let top = importer.add(site, layer, &[&view.blob], vec![])?;
    Ok(view.of(&top.blob).into())
}
