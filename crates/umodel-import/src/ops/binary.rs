//! Functions of two values, element by element, with numpy's broadcasting.

use umodel::layers::{BinaryOp, BroadcastBinary, Eltwise, EltwiseOp, LayerOp, Power};

use super::affine::affine;
use super::unary::{self, Unary};
use crate::error::{NodeError, Unsupported};
use crate::graph::{Array, Importer, Result, Site, Tensor, Value, View, broadcast_shape, volume};

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Max,
    Min,
    Pow,
    /// The remainder with the divisor's sign, for constants only.
    Mod,
}

/// Computes the function of two values.
pub(crate) fn binary(
    importer: &mut Importer,
    site: &Site,
    function: Binary,
    a: &Value,
    b: &Value,
) -> Result<Value> {
    let shape = broadcast_shape(a.shape(), b.shape())?;
    match (a, b) {
        (Value::Constant(a), Value::Constant(b)) => Ok(constants(function, a, b)?.into()),
        (Value::Blob(x), Value::Constant(c)) => {
            if let Some(top) = with_constant(importer, site, function, x, c, &shape, false)? {
                return Ok(top.into());
            }
            let c = importer.parameter(&site.sub("constant"), c)?;
            blobs(importer, site, function, x, &c)
        }
        (Value::Constant(c), Value::Blob(x)) => {
            if let Some(top) = with_constant(importer, site, function, x, c, &shape, true)? {
                return Ok(top.into());
            }
            let c = importer.parameter(&site.sub("constant"), c)?;
            blobs(importer, site, function, &c, x)
        }
        (Value::Blob(a), Value::Blob(b)) => blobs(importer, site, function, a, b),
    }
}

/// The sum, the largest or the smallest of any number of values.
pub(crate) fn many(
    importer: &mut Importer,
    site: &Site,
    function: Binary,
    values: &[Value],
) -> Result<Value> {
    let (first, rest) = values.split_first().ok_or(NodeError::MissingInput { index: 0 })?;
    let mut result = first.clone();
    for (index, value) in rest.iter().enumerate() {
        let last = index + 1 == rest.len();
        let at = if last { site.clone() } else { site.sub(&index.to_string()) };
        result = binary(importer, &at, function, &result, value)?;
    }
    Ok(result)
}

/// Folds constants; integers stay integers.
pub(crate) fn constants(function: Binary, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let shape = broadcast_shape(a.shape(), b.shape())?;
    if let (Tensor::I64(_) | Tensor::Bool(_), Tensor::I64(_) | Tensor::Bool(_)) = (a, b) {
        let (a, b) = (a.to_i64()?, b.to_i64()?);
        return Ok(zip(&a, &b, &shape, |a, b| ints(function, a, b))?.into());
    }
    let (a, b) = (a.to_f32()?, b.to_f32()?);
    Ok(zip(&a, &b, &shape, |a, b| floats(function, a, b))?.into())
}

/// Both arrays broadcast to a shape and joined.
pub(super) fn zip<T: Clone, U: Clone>(
    a: &Array<T>,
    b: &Array<T>,
    shape: &[usize],
    join: impl Fn(T, T) -> U,
) -> Result<Array<U>> {
    let room = a.room(shape)?;
    let (a, b) = (a.wide(shape)?, b.wide(shape)?);
    room.collect(a.iter().zip(b.iter()).map(|(a, b)| join(a.clone(), b.clone())))
}

fn ints(function: Binary, a: i64, b: i64) -> i64 {
    match function {
        Binary::Add => a.wrapping_add(b),
        Binary::Sub => a.wrapping_sub(b),
        Binary::Mul => a.wrapping_mul(b),
        Binary::Div => a.checked_div(b).unwrap_or(0),
        Binary::Max => a.max(b),
        Binary::Min => a.min(b),
        Binary::Pow => u32::try_from(b).map_or(0, |b| a.wrapping_pow(b)),
        Binary::Mod => match a.checked_rem(b).unwrap_or(0) {
            rest if rest != 0 && (rest < 0) != (b < 0) => rest.wrapping_add(b),
            rest => rest,
        },
    }
}

fn floats(function: Binary, a: f32, b: f32) -> f32 {
    match function {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Max => a.max(b),
        Binary::Min => a.min(b),
        Binary::Pow => a.powf(b),
        Binary::Mod => a - (a / b).floor() * b,
    }
}

/// A blob and a constant that is broadcast to it; `swapped` if the constant comes first. Nothing if only a
/// Parameter layer helps.
fn with_constant(
    importer: &mut Importer,
    site: &Site,
    function: Binary,
    x: &View,
    c: &Tensor,
    shape: &[usize],
    swapped: bool,
) -> Result<Option<View>> {
    if *shape != x.shape {
        // More axes of size 1 are only another view; anything else makes x larger.
        if volume(shape)? != volume(&x.shape)? {
            return Ok(None);
        }
        let x = View { shape: shape.to_vec(), ..x.clone() };
        return with_constant(importer, site, function, &x, c, shape, swapped);
    }
    let map = |f: &dyn Fn(f32) -> f32| -> Result<Tensor> {
        Ok(c.to_f32()?.map(|&value| f(value))?.into())
    };
    let number = c.single();
    let apply = |importer: &mut Importer, unary: Unary| {
        unary::unary(importer, site, unary, &x.clone().into()).map(|value| match value {
            Value::Blob(view) => Some(view),
            Value::Constant(_) => None,
        })
    };
    match (function, swapped, number) {
        (Binary::Add, _, _) => affine(importer, site, x, None, Some(c)),
        (Binary::Sub, false, _) => affine(importer, site, x, None, Some(&map(&|c| -c)?)),
        (Binary::Sub, true, _) => {
            let minus = importer.scalar(-1.0)?;
            affine(importer, site, x, Some(&minus), Some(c))
        }
        (Binary::Mul, _, _) => affine(importer, site, x, Some(c), None),
        (Binary::Div, false, _) => affine(importer, site, x, Some(&map(&|c| 1.0 / c)?), None),
        (Binary::Div, true, _) => {
            let at = if number == Some(1.0) { site.clone() } else { site.sub("reciprocal") };
            let inverse = Power { power: -1.0, scale: 1.0, shift: 0.0 };
            let inverse = unary::in_place(importer, &at, inverse, x)?;
            affine(importer, site, &inverse, Some(c), None)
        }
        (Binary::Max, _, Some(low)) => apply(importer, Unary::Clip(low, f32::INFINITY)),
        (Binary::Min, _, Some(high)) => apply(importer, Unary::Clip(f32::NEG_INFINITY, high)),
        (Binary::Pow, false, Some(power)) => {
            let layer = Power { power, scale: 1.0, shift: 0.0 };
            unary::in_place(importer, site, layer, x).map(Some)
        }
        _ => Ok(None),
    }
}

fn blobs(
    importer: &mut Importer,
    site: &Site,
    function: Binary,
    a: &View,
    b: &View,
) -> Result<Value> {
    if function == Binary::Mul
        && let Some(value) = swish(importer, site, a, b)?
    {
        return Ok(value);
    }
    let same = (&a.blob_shape, &a.axes, &a.shape) == (&b.blob_shape, &b.axes, &b.shape);
    if same {
        let top = importer.add(site, same_shapes(function)?, &[&a.blob, &b.blob], vec![])?;
        return Ok(a.of(&top.blob).into());
    }
    let shape = broadcast_shape(&a.shape, &b.shape)?;
    let extended = |view: &View| View {
        shape: [vec![1; shape.len() - view.shape.len()], view.shape.clone()].concat(),
        ..view.clone()
    };
    let (a, b) = (extended(a), extended(b));
    // The larger one stays as it lies.
    let main = if volume(&a.shape)? >= volume(&b.shape)? { &a } else { &b };
    let order = main.order();
    let bottoms = [importer.arrange(&a, &order)?, importer.arrange(&b, &order)?];
    let bottoms = [bottoms[0].as_str(), bottoms[1].as_str()];
    let layer = if a.shape == b.shape {
        same_shapes(function)?
    } else {
        BroadcastBinary { operation: operation(function)? }.into()
    };
    let top = importer.add(site, layer, &bottoms, vec![])?;
    Ok(View::ordered(&top.blob, top.blob_shape, &order).into())
}

fn operation(function: Binary) -> Result<BinaryOp> {
    Ok(match function {
        Binary::Add => BinaryOp::Add,
        Binary::Sub => BinaryOp::Sub,
        Binary::Mul => BinaryOp::Mul,
        Binary::Div => BinaryOp::Div,
        Binary::Max => BinaryOp::Max,
        Binary::Min => BinaryOp::Min,
        Binary::Pow => BinaryOp::Pow,
        Binary::Mod => return Err(Unsupported::Remainder.into()),
    })
}

/// Caffe's own layer where there is one.
fn same_shapes(function: Binary) -> Result<LayerOp> {
    let operation = match function {
        Binary::Add => EltwiseOp::Sum(vec![1.0; 2]),
        Binary::Sub => EltwiseOp::Sum(vec![1.0, -1.0]),
        Binary::Mul => EltwiseOp::Product,
        Binary::Max => EltwiseOp::Max,
        Binary::Div | Binary::Min | Binary::Pow | Binary::Mod => {
            return Ok(BroadcastBinary { operation: operation(function)? }.into());
        }
    };
    Ok(Eltwise { operation }.into())
}

/// `x · sigmoid(x)` is one layer, and so is `x · hardsigmoid(x)` with HardSwish's constants; the sigmoid goes if
/// nobody else reads it.
fn swish(importer: &mut Importer, site: &Site, a: &View, b: &View) -> Result<Option<Value>> {
    for (x, gate) in [(a, b), (b, a)] {
        let Some(spec) = importer.producer(&gate.blob) else { continue };
        if spec.bottoms != [x.blob.as_str()] || (&x.axes, &x.shape) != (&gate.axes, &gate.shape) {
            continue;
        }
        let function = match &spec.op {
            LayerOp::Sigmoid(_) => Unary::Swish(1.0),
            LayerOp::HardSigmoid(p) if (p.alpha - 1.0 / 6.0).abs() < 1e-6 && p.beta == 0.5 => {
                Unary::HardSwish
            }
            _ => continue,
        };
        return unary::unary(importer, site, function, &x.clone().into()).map(Some);
    }
    Ok(None)
}
