//! Operators that only constants can go through: what shapes are computed with.

use ndarray::ArrayD;

use super::binary::zip;
use crate::error::NodeError;
use crate::graph::{Result, Tensor, broadcast_shape, volume};

/// A comparison or a logical function of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Xor,
}

/// Compares constants.
pub(crate) fn compare(comparison: Comparison, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let shape = broadcast_shape(a.shape(), b.shape())?;
    volume(&shape)?;
    if matches!(comparison, Comparison::And | Comparison::Or | Comparison::Xor) {
        let (a, b) = (a.to_bool(), b.to_bool());
        return Ok(zip(&a, &b, &shape, |a, b| match comparison {
            Comparison::And => a & b,
            Comparison::Or => a | b,
            _ => a ^ b,
        })?
        .into());
    }
    let ordered = |ordering: Option<std::cmp::Ordering>| {
        ordering.is_some_and(|ordering| match comparison {
            Comparison::Equal => ordering.is_eq(),
            Comparison::Less => ordering.is_lt(),
            Comparison::LessOrEqual => ordering.is_le(),
            Comparison::Greater => ordering.is_gt(),
            _ => ordering.is_ge(),
        })
    };
    if matches!(a, Tensor::F32(_)) || matches!(b, Tensor::F32(_)) {
        let (a, b) = (a.to_f32(), b.to_f32());
        return Ok(zip(&a, &b, &shape, |a, b| ordered(a.partial_cmp(&b)))?.into());
    }
    let (a, b) = (a.to_i64(), b.to_i64());
    Ok(zip(&a, &b, &shape, |a, b| ordered(Some(a.cmp(&b))))?.into())
}

/// Not.
pub(crate) fn not(x: &Tensor) -> Tensor {
    x.to_bool().mapv(|value| !value).into()
}

/// `a` where the condition holds, else `b`.
pub(crate) fn select(condition: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let shape = broadcast_shape(condition.shape(), &broadcast_shape(a.shape(), b.shape())?)?;
    volume(&shape)?;
    let condition = condition.broadcast(&shape)?.to_bool();
    let (a, b) = (a.broadcast(&shape)?, b.broadcast(&shape)?);
    if matches!(a, Tensor::F32(_)) || matches!(b, Tensor::F32(_)) {
        let (a, b) = (a.to_f32(), b.to_f32());
        let pick = |at: ndarray::IxDyn| if condition[&at] { a[&at] } else { b[&at] };
        return Ok(ArrayD::from_shape_fn(shape, pick).into());
    }
    let (a, b) = (a.to_i64(), b.to_i64());
    let pick = |at: ndarray::IxDyn| if condition[&at] { a[&at] } else { b[&at] };
    Ok(ArrayD::from_shape_fn(shape, pick).into())
}

/// `start`, `start + step`, … before `limit`.
pub(crate) fn range(start: &Tensor, limit: &Tensor, step: &Tensor) -> Result<Tensor> {
    let bad = || NodeError::shapes("the limits of a range are numbers");
    let count = |count: f64| -> Result<usize> {
        let count = count.ceil().max(0.0);
        if !count.is_finite() {
            return Err(NodeError::attribute("delta", "0"));
        }
        volume(&[count as usize])
    };
    if [start, limit, step].iter().any(|tensor| matches!(tensor, Tensor::F32(_))) {
        let numbers = [start.single(), limit.single(), step.single()];
        let [Some(start), Some(limit), Some(step)] = numbers else { return Err(bad()) };
        let count = count((f64::from(limit) - f64::from(start)) / f64::from(step))?;
        return Ok(ArrayD::from_shape_fn(vec![count], |at| start + at[0] as f32 * step).into());
    }
    let number = |tensor: &Tensor| match tensor.ints()[..] {
        [number] => Ok(number),
        _ => Err(bad()),
    };
    let (start, limit, step) = (number(start)?, number(limit)?, number(step)?);
    let count = count((limit as f64 - start as f64) / step as f64)?;
    let value = |at: i64| start.wrapping_add(at.wrapping_mul(step));
    Ok(Tensor::integers((0..count as i64).map(value)))
}
