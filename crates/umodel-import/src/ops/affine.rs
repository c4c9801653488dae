//! Multiplying by and adding constants.

use std::sync::Arc;

use ndarray::ArrayD;
use umodel::layers::{BatchNorm, Bias, Power, Scale};

use super::binary::{self, Binary};
use crate::error::NodeError;
use crate::graph::{Importer, Result, Site, Tensor, Value, View, Weight, array};

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
    let channels = *x
        .shape()
        .get(norm.channel)
        .ok_or_else(|| NodeError::shapes(format!("no axis {} in {:?}", norm.channel, x.shape())))?;
    let column = |what: &str, tensor: &Tensor| {
        if tensor.len() != channels {
            let reason = format!("{} values of {what} for {channels} channels", tensor.len());
            return Err(NodeError::shapes(reason));
        }
        Ok(tensor.reshaped(&[channels])?.to_f32())
    };
    let mean = column("mean", &norm.mean)?;
    let variance = column("variance", &norm.variance)?;
    let factor = norm.factor.as_ref().map(|tensor| column("scale", tensor)).transpose()?;
    let offset = norm.offset.as_ref().map(|tensor| column("offset", tensor)).transpose()?;
    let view = importer.blob(site, x)?;
    let view = importer.transposition(&view)?;
    if view.axes[norm.channel] != 1 {
        // BatchNorm knows axis 1 only; one Scale does the same anywhere.
        let one = Arc::new(ArrayD::from_elem(vec![channels], 1.0));
        let zero = Arc::new(ArrayD::zeros(vec![channels]));
        let deviation = variance.mapv(|v| (f64::from(v) + f64::from(norm.epsilon)).sqrt());
        let pairs = |f: &dyn Fn(f64, f64, f64, f64) -> f64| -> Weight {
            let (factor, offset) =
                (factor.as_ref().unwrap_or(&one), offset.as_ref().unwrap_or(&zero));
            let values = deviation.iter().zip(mean.iter()).zip(factor.iter()).zip(offset.iter());
            let values: Vec<f32> = values
                .map(|(((&d, &m), &a), &b)| f(d, f64::from(m), f64::from(a), f64::from(b)) as f32)
                .collect();
            Arc::new(ArrayD::from_shape_fn(vec![channels], |at| values[at[0]]))
        };
        let weights = vec![pairs(&|d, _, a, _| a / d), pairs(&|d, m, a, b| b - m * a / d)];
        let axis = view.axes[norm.channel] as i32;
        let layer = Scale { axis, num_axes: 1, bias: true };
        let top = importer.add(site, layer, &[&view.blob], weights)?;
        return Ok(view.of(&top.blob).into());
    }
    let count = Arc::new(ArrayD::from_elem(vec![1], 1.0));
    let layer = BatchNorm { eps: norm.epsilon };
    let scaled = factor.is_some() || offset.is_some();
    let at = if scaled { site.sub("normalized") } else { site.clone() };
    let top = importer.add(&at, layer, &[&view.blob], vec![mean, variance, count])?;
    if !scaled {
        return Ok(view.of(&top.blob).into());
    }
    let factor = factor.unwrap_or_else(|| Arc::new(ArrayD::from_elem(vec![channels], 1.0)));
    let layer = Scale { axis: 1, num_axes: 1, bias: offset.is_some() };
    let weights = std::iter::once(factor).chain(offset).collect();
    let top = importer.add(site, layer, &[&top.blob], weights)?;
    Ok(view.of(&top.blob).into())
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
    let (Some(factor), Some(offset)) =
        (spread(factor, &x, &pairs, from, to)?, spread(offset, &x, &pairs, from, to)?)
    else {
        return Ok(None);
    };
    let (axis, num_axes) = (from as i32, (to - from + 1) as i32);
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

/// A constant brought to the blob's axes `from..=to`. Outer nothing: it does not cover them evenly; inner
/// nothing: there is none.
fn spread(
    tensor: Option<&Tensor>,
    x: &View,
    pairs: &[Option<usize>],
    from: usize,
    to: usize,
) -> Result<Option<Option<Weight>>> {
    let Some(tensor) = tensor else { return Ok(Some(None)) };
    let shape = &x.blob_shape[from..=to];
    if let Some(value) = tensor.single() {
        return Ok(Some(Some(Arc::new(ArrayD::from_elem(shape, value)))));
    }
    let lead = x.shape.len() - tensor.shape().len();
    let axes: Vec<(usize, usize)> =
        (0..tensor.shape().len()).filter_map(|axis| Some((pairs[axis + lead]?, axis))).collect();
    let values = tensor.to_f32();
    let covered = axes
        .iter()
        .filter(|(at, _)| (from..=to).contains(at))
        .all(|&(at, axis)| values.shape()[axis] == x.blob_shape[at] || values.shape()[axis] == 1);
    if !covered {
        return Ok(None);
    }
    let weights = ArrayD::from_shape_fn(shape, |place| {
        let mut index = vec![0; values.ndim()];
        for &(at, axis) in &axes {
            if (from..=to).contains(&at) && values.shape()[axis] != 1 {
                index[axis] = place[at - from];
            }
        }
        values[index.as_slice()]
    });
    let weights = array(shape, weights.iter().copied().collect())?;
    Ok(Some(Some(Arc::new(weights))))
}
