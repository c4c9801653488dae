//! What makes a quantized net valid.

use ndarray::ArrayD;

use super::{Arithmetic, BlobFormat, Channels, DType, QuantizedNet, Rescale, Shifts};
use crate::error::{Error, LayerError, QuantizationError as Q, QuantizedPart};
use crate::layers::{BinaryOp, Int8Form as Form, LayerOp, ReduceOp};
use crate::net::{BlobId, Layer};
use crate::{Shape, channels};

/// The largest shift of a [`Rescale`]: beyond it the chip's 16-bit sum wraps.
const MAX_RESCALE_SHIFT: u8 = 15;
/// The largest shift of an accumulator: the command's field has 5 bits.
const MAX_SHIFT: u8 = 31;

pub(super) fn check(quantized: &QuantizedNet) -> Result<(), Error> {
    let net = &quantized.net;
    let counts = [
        (net.blobs().len(), quantized.formats.len(), QuantizedPart::Formats),
        (net.layers().len(), quantized.arithmetic.len(), QuantizedPart::Arithmetic),
    ];
    for (expected, found, what) in counts {
        if expected != found {
            return Err(Error::QuantizationCount { what, expected, found });
        }
    }
    for (layer, arithmetic) in net.layers().iter().zip(&quantized.arithmetic) {
        check_layer(quantized, layer, arithmetic)
            .map_err(LayerError::Quantization)
            .map_err(|reason| layer.error(channels::explain(&quantized.net, layer, reason)))?;
    }
    Ok(())
}

/// One positive number and one place for each channel.
pub(super) fn check_channels(net: &QuantizedNet) -> Result<(), Error> {
    for id in net.net.blob_ids() {
        let Some(Channels { factors, order }) = net.channels(id) else { continue };
        let blob = net.net.blob(id);
        let expected = blob.shape.get(1).copied().unwrap_or(0);
        let positive = |factor: &f32| factor.is_normal() && *factor > 0.0;
        let reason = if factors.len() != expected {
            Q::FactorCount { blob: blob.name.clone(), expected, found: factors.len() }
        } else if let Some(&factor) = factors.iter().find(|factor| !positive(factor)) {
            Q::Factor { blob: blob.name.clone(), factor }
        } else if !is_permutation(order, expected) {
            Q::ChannelOrder { blob: blob.name.clone(), expected }
        } else {
            continue;
        };
        let layer = &net.net.layers()[net.net.producer(id)];
        return Err(layer.error(LayerError::Quantization(reason)));
    }
    Ok(())
}

fn is_permutation(order: &[u32], count: usize) -> bool {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    order.len() == count && (0..).zip(&sorted).all(|(place, &channel)| place == channel)
}

fn check_layer(net: &QuantizedNet, layer: &Layer, arithmetic: &Arithmetic) -> Result<(), Q> {
    // How a bottom is stored of which only the shape is read does not matter.
    let read = layer.bottoms.iter().enumerate().filter(|(index, _)| layer.op.reads_values(*index));
    let bottoms: Vec<BlobFormat> = read.map(|(_, &id)| net.format(id)).collect();
    let tops: Vec<BlobFormat> = layer.tops.iter().map(|&id| net.format(id)).collect();
    for top in &tops {
        let valid = match top.dtype {
            DType::F32 => top.scale == 1.0,
            DType::I8 | DType::U8 => top.scale.is_normal() && top.scale > 0.0,
        };
        if !valid {
            return Err(Q::Scale { scale: top.scale });
        }
    }
    let all = |formats: &[BlobFormat], float: bool| {
        formats.iter().all(|format| (format.dtype == DType::F32) == float)
    };
    let integers =
        || if all(&bottoms, false) && all(&tops, false) { Ok(()) } else { Err(Q::Formats) };
    let wrong_type = Err(Q::LayerType);
    let fits = |fits: bool| if fits { Ok(()) } else { Err(Q::Formats) };
    match (arithmetic, layer.op.int8_form()) {
        (Arithmetic::Float, Form::Source { .. } | Form::Quantize | Form::Dequantize) => wrong_type,
        (Arithmetic::Float, _) => fits(all(&bottoms, true) && all(&tops, true)),
        (Arithmetic::Cast, Form::Source { tops: int8 }) => {
            fits(all(tops.get(int8..).unwrap_or_default(), true))
        }
        (Arithmetic::Cast, Form::Quantize) => fits(all(&bottoms, true) && all(&tops, false)),
        (Arithmetic::Cast, Form::Dequantize) => fits(all(&bottoms, false) && all(&tops, true)),
        (Arithmetic::Same, Form::Same | Form::Cut) => {
            integers()?;
            same_format(&bottoms, &tops)
        }
        (Arithmetic::Cut(rescales), Form::Cut) => {
            integers()?;
            check_rescales(rescales, tops.len())
        }
        (Arithmetic::Constant(values), Form::Constant) => {
            fits(all(&tops, false))?;
            let expected = layer.tops.first().map(|&top| net.net.blob(top).shape.clone());
            let expected = expected.unwrap_or_default();
            if values.shape() == expected {
                Ok(())
            } else {
                Err(Q::WeightShape { expected, found: values.shape().to_vec() })
            }
        }
        (Arithmetic::Same, Form::Reduce(p))
            if matches!(p.operation, ReduceOp::Max | ReduceOp::Min) =>
        {
            integers()?;
            reducible(p.window(first_shape(net, layer)))?;
            same_format(&bottoms, &tops)
        }
        (Arithmetic::AveragePool { multiplier, right_shift }, Form::Reduce(p))
            if matches!(p.operation, ReduceOp::Sum | ReduceOp::Mean) =>
        {
            integers()?;
            reducible(p.window(first_shape(net, layer)))?;
            check_pool_factor(*multiplier, *right_shift)
        }
        (Arithmetic::AveragePool { multiplier, right_shift }, Form::Reduction(p)) => {
            integers()?;
            reducible(p.window(first_shape(net, layer)))?;
            check_pool_factor(*multiplier, *right_shift)
        }
        (Arithmetic::ClippedAveragePool(factors), Form::AveragePool(_)) => {
            integers()?;
            factors
                .iter()
                .try_for_each(|factor| check_pool_factor(factor.multiplier, factor.right_shift))
        }
        (Arithmetic::Same, Form::Clip { limit }) if below(&tops, limit) => {
            integers()?;
            same_format(&bottoms, &tops)
        }
        (Arithmetic::Same, Form::LeakyRelu { .. } | Form::Prelu) if unsigned(&bottoms) => {
            same_format(&bottoms, &tops)
        }
        (Arithmetic::Table(_), Form::Value | Form::Clip { .. } | Form::LeakyRelu { .. }) => {
            integers()
        }
        (Arithmetic::Prelu { slopes, right_shift }, Form::Prelu) => {
            fits(bottoms.iter().all(|bottom| bottom.dtype == DType::I8))?;
            same_format(&bottoms, &tops)?;
            shift(*right_shift, MAX_RESCALE_SHIFT)?;
            check_shape(net, layer, slopes).map(|_| ())
        }
        (Arithmetic::Interpolate, Form::Interpolate(linear)) => {
            integers()?;
            same_format(&bottoms, &tops)?;
            let shape = |ids: &[BlobId]| ids.first().map(|&id| net.net.blob(id).shape.as_slice());
            let plan = shape(&layer.bottoms)
                .zip(shape(&layer.tops))
                .map(|(from, to)| linear.plan(from, to));
            plan.ok_or(Q::LayerType)?.map(|_| ()).map_err(Q::Resizing)
        }
        (
            Arithmetic::MultiplyAccumulate { weights, bias, right_shifts },
            Form::MultiplyAccumulate { bias: with_bias, transposed: false }
            | Form::ChannelScale { bias: with_bias },
        ) if bottoms.len() == 1 => {
            integers()?;
            let bias = bias.as_ref().map(|bias| bias.len());
            let outputs = check_weights(net, layer, weights, bias, with_bias)?;
            check_shifts(right_shifts, outputs)
        }
        (Arithmetic::AveragePool { multiplier, right_shift }, Form::AveragePool(p)) => {
            integers()?;
            if p.overhangs(first_shape(net, layer)).unwrap_or(true) {
                return Err(Q::Overhang);
            }
            check_pool_factor(*multiplier, *right_shift)
        }
        (Arithmetic::Rescaled(rescales), Form::Concat | Form::Max | Form::Sum(_)) => {
            integers()?;
            check_rescales(rescales, bottoms.len())
        }
        (
            Arithmetic::Rescaled(rescales),
            Form::Offset
            | Form::Broadcast(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Max | BinaryOp::Min),
        ) if bottoms.len() == 2 => {
            integers()?;
            check_rescales(rescales, bottoms.len())
        }
        (
            Arithmetic::Product(rescale),
            Form::Product
            | Form::Broadcast(BinaryOp::Mul)
            | Form::Factor { bias: false }
            | Form::ChannelScale { bias: false },
        ) if bottoms.len() == 2 => {
            integers()?;
            check_rescale(*rescale)
        }
        (Arithmetic::LeakyRelu(rescale), Form::LeakyRelu { .. }) => {
            integers()?;
            same_format(&bottoms, &tops)?;
            check_rescale(*rescale)
        }
        _ => wrong_type,
    }
}

/// The shape of the first bottom.
fn first_shape<'a>(net: &'a QuantizedNet, layer: &Layer) -> &'a [usize] {
    layer.bottoms.first().map_or(&[], |&id| &net.net.blob(id).shape)
}

fn reducible(window: Result<Option<usize>, LayerError>) -> Result<(), Q> {
    window.ok().flatten().map(drop).ok_or(Q::Axes)
}

fn check_pool_factor(multiplier: u8, right_shift: u8) -> Result<(), Q> {
    shift(right_shift, MAX_SHIFT)?;
    if multiplier == 0 { Err(Q::ZeroMultiplier) } else { Ok(()) }
}

fn check_rescales(rescales: &[Rescale], expected: usize) -> Result<(), Q> {
    if rescales.len() != expected {
        return Err(Q::RescaleCount { expected, found: rescales.len() });
    }
    rescales.iter().try_for_each(|rescale| check_rescale(*rescale))
}

/// Whether no stored value reaches beyond a limit.
fn below(tops: &[BlobFormat], limit: f32) -> bool {
    tops.iter().all(|top| top.largest() <= limit)
}

fn unsigned(formats: &[BlobFormat]) -> bool {
    formats.iter().all(|format| format.dtype == DType::U8)
}

fn same_format(bottoms: &[BlobFormat], tops: &[BlobFormat]) -> Result<(), Q> {
    let [bottom] = bottoms else { return Err(Q::Formats) };
    if tops.iter().all(|top| top == bottom) { Ok(()) } else { Err(Q::Formats) }
}

fn shift(right_shift: u8, limit: u8) -> Result<(), Q> {
    if right_shift > limit { Err(Q::Shift { right_shift, limit }) } else { Ok(()) }
}

/// One shift for all output channels, or one for each block of them.
fn check_shifts(right_shifts: &Shifts, outputs: usize) -> Result<(), Q> {
    let blocks = right_shifts.blocks();
    let expected = outputs.div_ceil(Shifts::BLOCK).max(1);
    if blocks.len() != 1 && blocks.len() != expected {
        return Err(Q::ShiftCount { outputs, expected, found: blocks.len() });
    }
    blocks.iter().try_for_each(|&right_shift| shift(right_shift, MAX_SHIFT))
}

fn check_rescale(rescale: Rescale) -> Result<(), Q> {
    shift(rescale.right_shift, MAX_RESCALE_SHIFT)?;
    if rescale.multiplier == 0 { Err(Q::ZeroMultiplier) } else { Ok(()) }
}

/// Whether weights and bias fit the layer; gives the number of its output channels.
fn check_weights(
    net: &QuantizedNet,
    layer: &Layer,
    weights: &ArrayD<i8>,
    bias: Option<usize>,
    with_bias: bool,
) -> Result<usize, Q> {
    let shapes = check_shape(net, layer, weights)?;
    let outputs = match &layer.op {
        // Its weights begin with the input channels.
        LayerOp::Deconvolution(op) => op.convolution.num_output,
        _ => shapes.first().and_then(|first| first.first()).copied().unwrap_or(1),
    };
    let expected = with_bias.then_some(outputs);
    if bias != expected {
        return Err(Q::BiasLength { expected: expected.unwrap_or(0), found: bias.unwrap_or(0) });
    }
    Ok(outputs)
}

/// Whether integers are shaped as the layer's first weight; gives the shapes of all of them.
fn check_shape(net: &QuantizedNet, layer: &Layer, integers: &ArrayD<i8>) -> Result<Vec<Shape>, Q> {
    let shapes: Vec<&[usize]> =
        layer.bottoms.iter().map(|&id| net.net.blob(id).shape.as_slice()).collect();
    let expected = layer.op.param().weight_shapes(&shapes).unwrap_or_default();
    let Some(first) = expected.first() else { return Err(Q::LayerType) };
    if integers.shape() != first.as_slice() {
        return Err(Q::WeightShape { expected: first.clone(), found: integers.shape().to_vec() });
    }
    Ok(expected)
}
