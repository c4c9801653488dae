//! Comparing and choosing, element by element, with numpy's broadcasting. What blobs say is 0 or 1.

use umodel::layers::{Compare, CompareOp, Where};

use super::constants::{self, Comparison};
use crate::graph::{Importer, Result, Site, Value, View, broadcast_shape, volume};

/// Compares two values.
pub(crate) fn compare(
    importer: &mut Importer,
    site: &Site,
    comparison: Comparison,
    a: &Value,
    b: &Value,
) -> Result<Value> {
    if let (Value::Constant(a), Value::Constant(b)) = (a, b) {
        return Ok(constants::compare(comparison, a, b)?.into());
    }
    let operation = match comparison {
        Comparison::Equal => CompareOp::Equal,
        Comparison::Less => CompareOp::Less,
        Comparison::LessOrEqual => CompareOp::LessOrEqual,
        Comparison::Greater => CompareOp::Greater,
        Comparison::GreaterOrEqual => CompareOp::GreaterOrEqual,
        Comparison::And => CompareOp::And,
        Comparison::Or => CompareOp::Or,
        Comparison::Xor => CompareOp::Xor,
    };
    let (bottoms, order) = aligned(importer, site, &[a, b])?;
    let top = importer.add(site, Compare { operation }, &names(&bottoms), vec![])?;
    Ok(View::ordered(&top.blob, top.blob_shape, &order).into())
}

/// 1 where the value is 0, else 0.
pub(crate) fn not(importer: &mut Importer, site: &Site, x: &Value) -> Result<Value> {
    match x {
        Value::Constant(x) => Ok(constants::not(x)?.into()),
        Value::Blob(_) => {
            let zero = importer.scalar(0.0)?.into();
            compare(importer, site, Comparison::Equal, x, &zero)
        }
    }
}

/// 1 where the value is not 0, else 0.
pub(crate) fn truth(importer: &mut Importer, site: &Site, x: &Value) -> Result<Value> {
    let zero = importer.scalar(0.0)?.into();
    compare(importer, site, Comparison::Or, x, &zero)
}

/// `a` where the condition holds, else `b`.
pub(crate) fn select(
    importer: &mut Importer,
    site: &Site,
    condition: &Value,
    a: &Value,
    b: &Value,
) -> Result<Value> {
    if let (Value::Constant(c), Value::Constant(a), Value::Constant(b)) = (condition, a, b) {
        return Ok(constants::select(c, a, b)?.into());
    }
    let shape = broadcast_shape(condition.shape(), &broadcast_shape(a.shape(), b.shape())?)?;
    if let Value::Constant(condition) = condition {
        let holds = condition.to_bool()?;
        let first = holds.iter().next().copied();
        if let Some(first) = first.filter(|first| holds.iter().all(|holds| holds == first)) {
            return super::axes::expand(importer, site, if first { a } else { b }, &shape);
        }
    }
    let (bottoms, order) = aligned(importer, site, &[condition, a, b])?;
    let top = importer.add(site, Where, &names(&bottoms), vec![])?;
    Ok(View::ordered(&top.blob, top.blob_shape, &order).into())
}

fn names(bottoms: &[String]) -> Vec<&str> {
    bottoms.iter().map(String::as_str).collect()
}

/// Blobs of values that can be broadcast, in the order of axes that the largest one has, and that order.
fn aligned(
    importer: &mut Importer,
    site: &Site,
    values: &[&Value],
) -> Result<(Vec<String>, Vec<usize>)> {
    let mut shape = Vec::new();
    for value in values {
        shape = broadcast_shape(&shape, value.shape())?;
    }
    let mut views = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        let view = importer.blob(&site.sub(&index.to_string()), value)?;
        let lead = shape.len() - view.shape.len();
        views.push(View { shape: [vec![1; lead], view.shape.clone()].concat(), ..view });
    }
    let mut order: Vec<usize> = (0..shape.len()).collect();
    let mut most = 0;
    for view in &views {
        let size = volume(&view.shape)?;
        if size > most {
            (most, order) = (size, view.order());
        }
    }
    let bottoms = views.iter().map(|view| importer.arrange(view, &order)).collect::<Result<_>>()?;
    Ok((bottoms, order))
}
