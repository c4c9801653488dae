//! Softmax and its logarithm.

use umodel::layers::{Log, Softmax};

use super::axes;
use super::binary::{Binary, binary};
use super::reduce::{Reduction, reduce};
use super::unary::{Unary, unary};
use crate::graph::{Importer, Result, Site, Value, layer_axis, signed};

/// Softmax along a logical axis.
pub(crate) fn softmax(importer: &mut Importer, site: &Site, x: &Value, axis: i64) -> Result<Value> {
    let axis = super::axis(axis, x.shape().len())?;
    if x.constant().is_some() {
        // Each step of a constant is one.
        let axes = [signed(axis)];
        let largest = reduce(importer, site, Reduction::Max, x, &axes, true)?;
        let below = binary(importer, site, Binary::Sub, x, &largest)?;
        let powers = unary(importer, site, Unary::Exp, &below)?;
        let sum = reduce(importer, site, Reduction::Sum, &powers, &axes, true)?;
        return binary(importer, site, Binary::Div, &powers, &sum);
    }
    let view = importer.blob(site, x)?;
    let view = importer.transposition(&view)?;
    let layer = Softmax { axis: layer_axis(view.axes[axis]) };
    let top = importer.add(site, layer, &[&view.blob], vec![])?;
    Ok(view.of(&top.blob).into())
}

/// Softmax over all axes from one on together, as ONNX has it before opset 13.
pub(crate) fn flat_softmax(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    axis: i64,
) -> Result<Value> {
    let from = super::axis(axis, x.shape().len())?;
    let moving = (from..x.shape().len()).filter(|&axis| x.shape()[axis] != 1).collect::<Vec<_>>();
    if let [one] = moving[..] {
        return softmax(importer, site, x, signed(one));
    }
    let flat = axes::flatten(&site.sub("flat"), x, signed(from))?;
    let flat = softmax(importer, site, &flat, 1)?;
    axes::reshape(&site.sub("shape"), &flat, x.shape())
}

/// The logarithm of a softmax.
pub(crate) fn log(importer: &mut Importer, site: &Site, softmax: &Value) -> Result<Value> {
    if softmax.constant().is_some() {
        return unary(importer, site, Unary::Log, softmax);
    }
    let view = importer.blob(site, softmax)?;
    let layer = Log { base: -1.0, scale: 1.0, shift: 0.0 };
    let top = importer.add(site, layer, &[&view.blob], vec![])?;
    Ok(view.of(&top.blob).into())
}
