//! Multiplying by and adding constants.

use umodel::layers::{BatchNorm, Bias, Power, Scale};

use super::binary::{self, Binary};
use super::unary::{Unary, unary};
use crate::error::{AttributeError, ShapeError};
use crate::graph::{
    Array, Importer, Result, Site, Tensor, Value, View, Weight, layer_axis, narrowed, signed,
};

/// Batch normalization with stored statistics, each of one value a channel: a BatchNorm layer and a Scale
/// layer behind it, as Caffe has them and the calibration folds them.
pub(crate) struct Normalization {
    /// The logical axis of the channels.
    pub(crate) channel: usize,
    pub(crate) mean: Tensor,
    pub(crate) variance: Tensor,
    pub(crate) factor: Option<Tensor>,
    pub(crate) offset: Option<Tensor>,
    pub(crate) epsilon: f32,
}

/// Applies a [`Normalization`].
pub(crate) fn batch_norm(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    norm: &Normalization,
) -> Result<Value> {
    let rank = x.shape().len();
    let no_axis = || AttributeError::Axis { axis: signed(norm.channel), rank }.of("axis");
    let channels = *x.shape().get(norm.channel).ok_or_else(no_axis)?;
    let column = |tensor: &Tensor| -> Result<Array<f32>> {
        if tensor.len() != channels {
            return Err(ShapeError::Channels { found: tensor.len(), channels }.into());
        }
        tensor.reshaped(&[channels])?.to_f32()
    };
    let mean = column(&norm.mean)?;
    let variance = column(&norm.variance)?;
    let factor = norm.factor.as_ref().map(column).transpose()?;
    let offset = norm.offset.as_ref().map(column).transpose()?;
    if x.constant().is_some() {
        let mut shape = vec![1; rank];
        shape[norm.channel] = channels;
        let wide = |column: Array<f32>| -> Result<Value> {
            Ok(Tensor::from(column.reshaped(&shape)?).into())
        };
        let epsilon = importer.scalar(norm.epsilon)?.into();
        let (mean, variance) = (wide(mean)?, wide(variance)?);
        let scaled = [factor.map(&wide).transpose()?, offset.map(wide).transpose()?];
        return normalized(importer, site, x, [&mean, &variance, &epsilon], scaled);
    }
    let view = importer.blob(site, x)?;
    let view = importer.transposition(&view)?;
    if view.axes[norm.channel] != 1 {
        // BatchNorm knows axis 1 only; one Scale does the same anywhere.
        let or_else = |column: Option<Array<f32>>, default: f32| match column {
            Some(column) => Ok(column),
            None => importer.room(&[channels]).map(|room| room.fill(default)),
        };
        let (factor, offset) = (or_else(factor, 1.0)?, or_else(offset, 0.0)?);
        let weight = |f: &dyn Fn(f64, f64, f64, f64) -> f64| -> Result<Weight> {
            let values = variance.iter().zip(mean.iter()).zip(factor.iter()).zip(offset.iter());
            let values = values.map(|(((&v, &m), &a), &b)| {
                let deviation = (f64::from(v) + f64::from(norm.epsilon)).sqrt();
                narrowed(f(deviation, f64::from(m), f64::from(a), f64::from(b)))
            });
            Ok(importer.room(&[channels])?.collect(values)?.weight())
        };
        let weights = vec![weight(&|d, _, a, _| a / d)?, weight(&|d, m, a, b| b - m * a / d)?];
        let axis = layer_axis(view.axes[norm.channel]);
        let layer = Scale { axis, num_axes: 1, bias: true };
        let top = importer.add(site, layer, &[&view.blob], weights)?;
        return Ok(view.of(&top.blob).into());
    }
    let count = importer.room(&[1])?.fill(1.0).weight();
    let layer = BatchNorm { eps: norm.epsilon, scale_bias: false };
    let scaled = factor.is_some() || offset.is_some();
    let at = if scaled { site.sub("normalized") } else { site.clone() };
    let weights = vec![mean.weight(), variance.weight(), count];
    let top = importer.add(&at, layer, &[&view.blob], weights)?;
    if !scaled {
        return Ok(view.of(&top.blob).into());
    }
    let factor = match factor {
        Some(factor) => factor,
        None => importer.room(&[channels])?.fill(1.0),
    };
    let layer = Scale { axis: 1, num_axes: 1, bias: offset.is_some() };
    let weights = std::iter::once(factor).chain(offset).map(|column| column.weight()).collect();
    let top = importer.add(site, layer, &[&top.blob], weights)?;
    Ok(view.of(&top.blob).into())
}

/// A constant less its mean, by the root of its variance and epsilon, times a factor, and an offset added.
pub(super) fn normalized(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    [mean, variance, epsilon]: [&Value; 3],
    [factor, offset]: [Option<Value>; 2],
) -> Result<Value> {
    let raised = binary::binary(importer, site, Binary::Add, variance, epsilon)?;
    let deviation = unary(importer, site, Unary::Sqrt, &raised)?;
    let mut value = binary::binary(importer, site, Binary::Sub, x, mean)?;
    value = binary::binary(importer, site, Binary::Div, &value, &deviation)?;
    if let Some(factor) = factor {
        value = binary::binary(importer, site, Binary::Mul, &value, &factor)?;
    }
    match offset {
        Some(offset) => binary::binary(importer, site, Binary::Add, &value, &offset),
        None => Ok(value),
    }
}

/// Adds one value for each channel.
pub(crate) fn bias_add(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    bias: &Tensor,
    channel: usize,
) -> Result<Value> {
    let mut shape = vec![1; x.shape().len()];
    if let Some(size) = shape.get_mut(channel) {
        *size = bias.len();
    }
    let bias = bias.reshaped(&shape)?.into();
    binary::binary(importer, site, Binary::Add, x, &bias)
}

/// `factor · x + offset` with constants that are broadcast to x: Power for single numbers, Scale or Bias for
/// those that lie along neighbouring axes of the blob; nothing for others.
pub(super) fn affine(
    importer: &mut Importer,
    site: &Site,
    x: &View,
    factor: Option<&Tensor>,
    offset: Option<&Tensor>,
) -> Result<Option<View>> {
    let single = |tensor: Option<&Tensor>, default: f32| match tensor {
        None => Some(default),
        Some(tensor) => tensor.single(),
    };
    if let (Some(scale), Some(shift)) = (single(factor, 1.0), single(offset, 0.0)) {
        if (scale, shift) == (1.0, 0.0) {
            return Ok(Some(x.clone()));
        }
        let layer = Power { power: 1.0, scale, shift };
        return super::unary::in_place(importer, site, layer, x).map(Some);
    }
    // A reshape that mixes axes must be done before single axes can be spoken of.
    let x = if x.pairing().is_some() { x.clone() } else { importer.plain(x)? };
    let Some(pairs) = x.pairing() else { return Ok(None) };
    let rank = x.shape.len();
    let mut range: Option<(usize, usize)> = None;
    for tensor in [factor, offset].into_iter().flatten() {
        let Some(lead) = rank.checked_sub(tensor.shape().len()) else { return Ok(None) };
        for (axis, _) in tensor.shape().iter().enumerate().filter(|&(_, &size)| size != 1) {
            let Some(at) = pairs[axis + lead] else { return Ok(None) };
            let (from, to) = range.unwrap_or((at, at));
            range = Some((from.min(at), to.max(at)));
        }
    }
    let Some((from, to)) = range else { return Ok(None) };
    let (Some(factor), Some(offset)) = (
        spread(importer, factor, &x, &pairs, (from, to))?,
        spread(importer, offset, &x, &pairs, (from, to))?,
    ) else {
        return Ok(None);
    };
    let (axis, num_axes) = (layer_axis(from), layer_axis(to - from + 1));
    let top = match (factor, offset) {
        (Some(factor), offset) => {
            let layer = Scale { axis, num_axes, bias: offset.is_some() };
            let weights = std::iter::once(factor).chain(offset).collect();
            importer.add(site, layer, &[&x.blob], weights)?
        }
        (None, Some(offset)) => {
            importer.add(site, Bias { axis, num_axes }, &[&x.blob], vec![offset])?
        }
        (None, None) => return Ok(Some(x)),
    };
    Ok(Some(x.of(&top.blob)))
}

/// A constant brought to the blob's axes `from..=to`. `None` if it does not cover them evenly, `Some(None)` if there is
/// no constant.
fn spread(
    importer: &Importer,
    tensor: Option<&Tensor>,
    x: &View,
    pairs: &[Option<usize>],
    (from, to): (usize, usize),
) -> Result<Option<Option<Weight>>> {
    let Some(tensor) = tensor else { return Ok(Some(None)) };
    let shape = &x.blob_shape[from..=to];
    if let Some(value) = tensor.single() {
        return Ok(Some(Some(importer.room(shape)?.fill(value).weight())));
    }
    let lead = x.shape.len() - tensor.shape().len();
    // Each of the blob's axes that the constant has, with the constant's axis.
    let axes: Vec<(usize, usize)> = (0..tensor.shape().len())
        .filter_map(|axis| Some((pairs[axis + lead]?, axis)))
        .filter(|(at, _)| (from..=to).contains(at))
        .collect();
    let sizes = tensor.shape();
    if !axes.iter().all(|&(at, axis)| sizes[axis] == x.blob_shape[at] || sizes[axis] == 1) {
        return Ok(None);
    }
    let values = tensor.to_f32()?;
    let weights = importer.room(shape)?.by_place(|place| {
        let mut index = vec![0; values.ndim()];
        for &(at, axis) in &axes {
            if values.shape()[axis] != 1 {
                index[axis] = place[at - from];
            }
        }
        values[index.as_slice()]
    });
    Ok(Some(Some(weights.weight())))
}
