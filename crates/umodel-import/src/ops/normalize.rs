//! Normalizations by a value's own statistics.

use umodel::layers::{InstanceNorm, LayerNorm, Lrn, LrnRegion, Scale};

use super::affine::{affine, normalized};
use super::axes::reshape;
use super::binary::{Binary, binary};
use super::convolution::{picture, seen};
use super::reduce::{Reduction, reduce};
use super::unary::{Unary, unary};
use crate::error::{ShapeError, Unsupported};
use crate::graph::{
    Importer, Layout, Result, Site, Tensor, Value, View, Weight, layer_axis, signed,
};

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
    if x.constant().is_some() {
        let axes: Vec<i64> = (2..x.shape().len()).map(signed).collect();
        let mean = reduce(importer, site, Reduction::Mean, x, &axes, true)?;
        let apart = binary(importer, site, Binary::Sub, x, &mean)?;
        let squares = unary(importer, site, Unary::Square, &apart)?;
        let variance = reduce(importer, site, Reduction::Mean, &squares, &axes, true)?;
        let mut shape = vec![1; x.shape().len()];
        shape[1] = channels;
        let scaled = [Some(factor.reshaped(&shape)?.into()), Some(offset.reshaped(&shape)?.into())];
        let epsilon = importer.scalar(epsilon)?.into();
        return normalized(importer, site, x, [&mean, &variance, &epsilon], scaled);
    }
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

/// Normalizes all axes from one on together, then multiplies and adds.
pub(crate) fn layer_norm(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    axis: usize,
    scaled: [Option<&Value>; 2],
    eps: f32,
) -> Result<Value> {
    let view = importer.blob(site, x)?;
    let view = importer.transposition(&view)?;
    // The order of the axes that are normalized does not matter.
    let inside = view.axes[axis..].iter().all(|&stored| stored >= axis);
    let view = if inside { view } else { importer.plain(&view)? };
    let plain = scaled.iter().all(Option::is_none);
    let at = if plain { site.clone() } else { site.sub("normalized") };
    let layer = LayerNorm { axis: layer_axis(axis), eps };
    let top = importer.add(&at, layer, &[&view.blob], vec![])?;
    scale(importer, site, &view.of(&top.blob), scaled)
}

/// The value times a factor, and an offset added.
fn scale(
    importer: &mut Importer,
    site: &Site,
    view: &View,
    [factor, offset]: [Option<&Value>; 2],
) -> Result<Value> {
    let constants = [factor, offset].map(|value| value.map(Value::constant));
    if let [Some(Some(factor)), None | Some(Some(_))] = constants
        && let Some(done) = affine(importer, site, view, Some(factor), constants[1].flatten())?
    {
        return Ok(done.into());
    }
    let mut value: Value = view.clone().into();
    if let Some(factor) = factor {
        let at = if offset.is_some() { site.sub("scaled") } else { site.clone() };
        value = binary(importer, &at, Binary::Mul, &value, factor)?;
    }
    match offset {
        Some(offset) => binary(importer, site, Binary::Add, &value, offset),
        None => Ok(value),
    }
}

/// Normalizes the channels of each group together, then multiplies and adds one value a group or a channel. The
/// channels are the logical axis 1, and so many groups divide them.
pub(crate) fn group_norm(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    groups: usize,
    scaled: [&Tensor; 2],
    eps: f32,
) -> Result<Value> {
    let &[images, channels, ..] = x.shape() else {
        return Err(ShapeError::Axes { shape: x.shape().to_vec(), wanted: 4 }.into());
    };
    let inner = x.shape()[2..].iter().product::<usize>();
    let parts = reshape(&site.sub("groups"), x, &[images, groups, channels / groups, inner])?;
    let view = importer.blob(site, &parts)?;
    let view = importer.plain(&view)?;
    let layer = InstanceNorm { eps };
    let top = importer.add(&site.sub("normalized"), layer, &[&view.blob], vec![])?;
    let shape = x.shape().to_vec();
    let value = reshape(&site.sub("shape"), &view.of(&top.blob).into(), &shape)?;
    let mut wide = vec![1; shape.len()];
    wide[1] = channels;
    let column = |tensor: &Tensor| -> Result<Value> {
        let apart = match tensor.len() == groups {
            true => tensor.reshaped(&[groups, 1])?.broadcast(&[groups, channels / groups])?,
            false => tensor.clone(),
        };
        Ok(apart.reshaped(&wide)?.into())
    };
    let (factor, offset) = (column(scaled[0])?, column(scaled[1])?);
    let view = importer.blob(site, &value)?;
    let view = importer.plain(&view)?;
    scale(importer, site, &view, [Some(&factor), Some(&offset)])
}
