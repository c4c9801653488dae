//! Quantized nets as the fp32 nets that they describe: weights are real numbers again, and a pair on a blob is gone, or
//! a clip if its range begins or ends at 0.

use umodel::layers::LayerOp;

use crate::error::{Found, ShapeError, Unsupported};
use crate::graph::{Importer, Result, Tensor, Value, to_int};
use crate::onnx::node::{Node, Quantization};
use crate::onnx::proto::tensor_proto::DataType;
use crate::ops;
use crate::ops::binary::{Binary, constants};
use crate::ops::unary::{Unary, unary};

/// The smallest and the largest integer.
fn range(node: &Node<'_>) -> Result<[f32; 2]> {
    let given = node.types.get(2).copied().flatten();
    let by_number = node.int("output_dtype", 0);
    let attribute = i32::try_from(by_number).ok().and_then(|kind| DataType::try_from(kind).ok());
    let attribute = attribute.filter(|&kind| kind != DataType::Undefined);
    match given.or(attribute).unwrap_or(DataType::Uint8) {
        DataType::Uint8 => Ok([0.0, 255.0]),
        DataType::Int8 => Ok([-128.0, 127.0]),
        DataType::Uint16 => Ok([0.0, 65_535.0]),
        DataType::Int16 => Ok([-32_768.0, 32_767.0]),
        other => Err(Unsupported::Type { data_type: i32::from(other).into() }.into()),
    }
}

/// What the node's scale and zero point say; nothing if they are not known.
pub(in crate::onnx) fn quantization(node: &Node<'_>) -> Option<Quantization> {
    let scale = node.constant(1).ok()?.floats();
    let zero = node.optional_constant(2).ok()?;
    let zero = zero.map_or_else(|| vec![0.0; scale.len()], Tensor::floats);
    Some(Quantization { scale, zero, axis: node.int("axis", 1) })
}

/// Scale or zero point, with axes so that it can be broadcast to the tensor.
fn spread(node: &Node<'_>, index: usize, shape: &[usize]) -> Result<Option<Tensor>> {
    let Some(tensor) = node.optional_constant(index)? else { return Ok(None) };
    if tensor.len() == 1 {
        return Ok(Some(tensor.reshaped(&[])?));
    }
    // A tensor of one axis has no other.
    let axis = if shape.len() == 1 { 0 } else { ops::axis(node.int("axis", 1), shape.len())? };
    let block = node.int("block_size", 0);
    if block == 0 {
        let mut wide = vec![1; shape.len()];
        if let Some(size) = wide.get_mut(axis) {
            *size = tensor.len();
        }
        return Ok(Some(tensor.reshaped(&wide)?));
    }
    // One for each block along the axis.
    let bad = || ShapeError::Broadcast { a: shape.to_vec(), b: tensor.shape().to_vec() };
    let block = usize::try_from(block).map_err(|_| bad())?;
    let fits = tensor.shape().len() == shape.len()
        && tensor.shape().iter().zip(shape).enumerate().all(|(at, (&blocks, &size))| {
            if at == axis { blocks == size.div_ceil(block) } else { blocks == size }
        });
    if !fits {
        return Err(bad().into());
    }
    let values = tensor.to_f32()?;
    let wide = tensor.room(shape)?.by_place(|place| {
        let mut place = place.to_vec();
        if let Some(at) = place.get_mut(axis) {
            *at /= block;
        }
        values.get(place.as_slice()).copied().unwrap_or(0.0)
    });
    Ok(Some(wide.into()))
}

pub(super) fn quantize(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (x, [least, most]) = (node.input(0)?, range(node)?);
    let scale = node.constant(1)?;
    let view = match x {
        Value::Constant(x) => {
            let no_scale = ShapeError::OneNumber { shape: scale.shape().to_vec() };
            let scale = spread(node, 1, x.shape())?.ok_or(no_scale)?;
            let mut scaled = constants(Binary::Div, &x.to_f32()?.into(), &scale)?;
            scaled = scaled.to_f32()?.map(|value| value.round_ties_even())?.into();
            if let Some(zero) = spread(node, 2, x.shape())? {
                scaled = constants(Binary::Add, &scaled, &zero)?;
            }
            let integer = |value: &f32| to_int(value.clamp(least, most));
            return Ok(vec![Tensor::from(scaled.to_f32()?.map(integer)?).into()]);
        }
        Value::Blob(view) => view,
    };
    let zeros = node.optional_constant(2)?.map_or_else(|| vec![0.0], Tensor::floats);
    let one_sided = |zero: f32| zero <= least || zero >= most;
    if !zeros.iter().copied().any(one_sided) {
        return Ok(vec![x.clone()]);
    }
    let (Some(scale), &[zero]) = (scale.single(), zeros.as_slice()) else {
        let found = Found::Int(node.int("axis", 1).into());
        return Err(Unsupported::Value { name: "axis", found }.into());
    };
    let (low, high) = ((least - zero) * scale, (most - zero) * scale);
    let clipped = importer.producer(&view.blob).is_some_and(|layer| match &layer.op {
        LayerOp::Relu(p) => low == 0.0 && p.negative_slope == 0.0,
        LayerOp::Relu6(p) => low == 0.0 && p.threshold <= high * 1.001,
        LayerOp::Clip(p) => p.min >= low && p.max <= high * 1.001,
        LayerOp::Sigmoid(_) | LayerOp::Softmax(_) | LayerOp::HardSigmoid(_) => low == 0.0,
        _ => false,
    });
    match clipped {
        true => Ok(vec![x.clone()]),
        false => Ok(vec![unary(importer, &node.site(), Unary::Clip(low, high), x)?]),
    }
}

pub(super) fn dequantize(_: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    match node.input(0)? {
        Value::Constant(x) => {
            let mut value = x.clone();
            if let Some(zero) = spread(node, 2, x.shape())? {
                value = constants(Binary::Sub, &value, &zero)?;
            }
            let scale = node.constant(1)?;
            let no_scale = ShapeError::OneNumber { shape: scale.shape().to_vec() };
            let scale = spread(node, 1, x.shape())?.ok_or(no_scale)?.to_f32()?;
            Ok(vec![constants(Binary::Mul, &value.to_f32()?.into(), &scale.into())?.into()])
        }
        x @ Value::Blob(_) => {
            let same = |made: &Quantization| {
                quantization(node).is_some_and(|wanted| {
                    made.scale == wanted.scale
                        && made.zero == wanted.zero
                        && (made.scale.len() == 1 || made.axis == wanted.axis)
                })
            };
            match node.quantization.as_ref().is_some_and(same) {
                true => Ok(vec![x.clone()]),
                false => Err(Unsupported::NotQuantized.into()),
            }
        }
    }
}
