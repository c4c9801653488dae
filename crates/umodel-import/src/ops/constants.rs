//! Operators that only constants can go through: what shapes are computed with.

use super::binary::zip;
use crate::error::NodeError;
use crate::graph::{Array, Result, Tensor, broadcast_shape, volume};

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
    if matches!(comparison, Comparison::And | Comparison::Or | Comparison::Xor) {
        let (a, b) = (a.to_bool()?, b.to_bool()?);
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
        let (a, b) = (a.to_f32()?, b.to_f32()?);
        return Ok(zip(&a, &b, &shape, |a, b| ordered(a.partial_cmp(&b)))?.into());
    }
    let (a, b) = (a.to_i64()?, b.to_i64()?);
    Ok(zip(&a, &b, &shape, |a, b| ordered(Some(a.cmp(&b))))?.into())
}

/// Not.
pub(crate) fn not(x: &Tensor) -> Result<Tensor> {
    Ok(x.to_bool()?.map(|value| !value)?.into())
}

/// `a` where the condition holds, else `b`.
pub(crate) fn select(condition: &Tensor, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let shape = broadcast_shape(condition.shape(), &broadcast_shape(a.shape(), b.shape())?)?;
    let condition = condition.to_bool()?;
    if matches!(a, Tensor::F32(_)) || matches!(b, Tensor::F32(_)) {
        return Ok(pick(&condition, &a.to_f32()?, &b.to_f32()?, &shape)?.into());
    }
    Ok(pick(&condition, &a.to_i64()?, &b.to_i64()?, &shape)?.into())
}

fn pick<T: Copy>(
    condition: &Array<bool>,
    a: &Array<T>,
    b: &Array<T>,
    shape: &[usize],
) -> Result<Array<T>> {
    let room = condition.room(shape)?;
    let (condition, a, b) = (condition.wide(shape)?, a.wide(shape)?, b.wide(shape)?);
    let places = condition.iter().zip(a.iter()).zip(b.iter());
    room.collect(places.map(|((&holds, &a), &b)| if holds { a } else { b }))
}

/// `start`, `start + step`, … before `limit`.
pub(crate) fn range(start: &Tensor, limit: &Tensor, step: &Tensor) -> Result<Tensor> {
    if [start, limit, step].iter().any(|tensor| matches!(tensor, Tensor::F32(_))) {
        let (from, limit, step) = (start.number()?, limit.number()?, step.number()?);
        let count = count(f64::from(limit) - f64::from(from), f64::from(step))?;
        let value = |at: usize| from + at as f32 * step;
        return Ok(start.room(&[count])?.collect((0..count).map(value))?.into());
    }
    let (from, limit, step) = (start.integer()?, limit.integer()?, step.integer()?);
    let count = count(limit as f64 - from as f64, step as f64)?;
    let values = std::iter::successors(Some(from), |value| Some(value.wrapping_add(step)));
    Ok(start.room(&[count])?.collect(values.take(count))?.into())
}

/// How many steps there are.
fn count(length: f64, step: f64) -> Result<usize> {
    let count = (length / step).ceil().max(0.0);
    if step == 0.0 || !count.is_finite() {
        return Err(NodeError::attribute("delta", "0"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number that is not negative; `as` gives the largest one for larger ones"
    )]
    let count = count as usize;
    Ok(volume(&[count])?)
}
