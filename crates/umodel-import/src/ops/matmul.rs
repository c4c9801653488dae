//! Products of matrices.

use ndarray::Axis;
use umodel::layers::{InnerProduct, MatMul};

use super::axes::{reshape, transpose};
use super::binary::{Binary, binary};
use crate::error::ShapeError;
use crate::graph::{
    Importer, Result, Site, Tensor, Value, View, broadcast_shape, inverse, layer_axis,
};

/// numpy's product: the last two axes are matrices, those in front are broadcast.
pub(crate) fn matmul(importer: &mut Importer, site: &Site, a: &Value, b: &Value) -> Result<Value> {
    let (a_rank, b_rank) = (a.shape().len(), b.shape().len());
    if a_rank == 0 || b_rank == 0 {
        return Err(misfit(a.shape(), b.shape()).into());
    }
    if let (Value::Constant(a), Value::Constant(b), 2, 2) = (a, b, a_rank, b_rank) {
        return Ok(constants(a, b)?.into());
    }
    // Vectors are matrices with one row or column that is removed again.
    if a_rank == 1 || b_rank == 1 {
        let mut shape: Vec<usize> = a.shape()[..a_rank - 1].to_vec();
        shape.extend(&b.shape()[..b_rank.saturating_sub(2)]);
        if b_rank > 1 {
            shape.extend(&b.shape()[b_rank - 1..]);
        }
        let a = match a_rank {
            1 => reshape(&site.sub("row"), a, &[1, a.shape()[0]])?,
            _ => a.clone(),
        };
        let b = match b_rank {
            1 => reshape(&site.sub("column"), b, &[b.shape()[0], 1])?,
            _ => b.clone(),
        };
        let product = matmul(importer, &site.sub("matrix"), &a, &b)?;
        let shape = if a_rank == 1 && b_rank > 2 {
            let mut shape = product.shape().to_vec();
            shape.remove(shape.len() - 2);
            shape
        } else {
            shape
        };
        return reshape(site, &product, &shape);
    }
    match (a, b) {
        (Value::Constant(a), Value::Constant(b)) => Ok(batches(a, b)?.into()),
        (Value::Blob(x), Value::Constant(w)) if b_rank == 2 => {
            Ok(inner_product(importer, site, x, &w.permuted(&[1, 0])?, None)?.into())
        }
        _ => {
            let (a, b) = (importer.blob(&site.sub("a"), a)?, importer.blob(&site.sub("b"), b)?);
            let (a, b) = (importer.plain(&a)?, importer.plain(&b)?);
            let layer = MatMul { transpose_a: false, transpose_b: false };
            let top = importer.add(site, layer, &[&a.blob, &b.blob], vec![])?;
            Ok(top.into())
        }
    }
}

fn misfit(a: &[usize], b: &[usize]) -> ShapeError {
    ShapeError::Product { a: a.to_vec(), b: b.to_vec() }
}

/// `alpha · a' · b' + beta · c` for two matrices, transposed where asked for.
pub(crate) struct Gemm {
    pub(crate) alpha: f32,
    pub(crate) beta: f32,
    pub(crate) transpose_a: bool,
    pub(crate) transpose_b: bool,
}

/// Computes a [`Gemm`].
pub(crate) fn gemm(
    importer: &mut Importer,
    site: &Site,
    p: &Gemm,
    [a, b]: [&Value; 2],
    c: Option<&Value>,
) -> Result<Value> {
    if a.shape().len() != 2 || b.shape().len() != 2 {
        return Err(misfit(a.shape(), b.shape()).into());
    }
    let turned = |importer: &mut Importer, value: &Value, part: &str, turn: bool| match turn {
        true => transpose(importer, &site.sub(part), value, &[1, 0]),
        false => Ok(value.clone()),
    };
    let a = turned(importer, a, "a", p.transpose_a)?;
    let b = turned(importer, b, "b", p.transpose_b)?;
    let c = match c {
        None => None,
        Some(c) if p.beta == 1.0 => Some(c.clone()),
        Some(c) => {
            let beta = importer.scalar(p.beta)?.into();
            Some(binary(importer, &site.sub("beta"), Binary::Mul, c, &beta)?)
        }
    };
    let n = b.shape()[1];
    let bias = c
        .as_ref()
        .and_then(Value::constant)
        .filter(|c| c.single().is_some() || (c.len() == n && c.shape().last() == Some(&n)));
    if let (Value::Blob(x), Value::Constant(w)) = (&a, &b)
        && (c.is_none() || bias.is_some())
    {
        let w = w.permuted(&[1, 0])?;
        let w = match p.alpha {
            1.0 => w,
            alpha => w.to_f32()?.map(|value| value * alpha)?.into(),
        };
        let bias = match bias {
            None => None,
            Some(c) => match c.single() {
                Some(value) => Some(importer.room(&[n])?.fill(value).into()),
                None => Some(c.reshaped(&[n])?),
            },
        };
        return Ok(inner_product(importer, site, x, &w, bias.as_ref())?.into());
    }
    let at = if p.alpha == 1.0 && c.is_none() { site.clone() } else { site.sub("product") };
    let mut product = matmul(importer, &at, &a, &b)?;
    if p.alpha != 1.0 {
        let at = if c.is_none() { site.clone() } else { site.sub("alpha") };
        let alpha = importer.scalar(p.alpha)?.into();
        product = binary(importer, &at, Binary::Mul, &product, &alpha)?;
    }
    match c {
        None => Ok(product),
        Some(c) => binary(importer, site, Binary::Add, &product, &c),
    }
}

/// An InnerProduct along the last axis, with weights `[num_output, K]`. A reshape of a blob whose first axis
/// stays, such as the flattening of a picture, needs no layer: the weights' columns are put in the blob's
/// order.
pub(crate) fn inner_product(
    importer: &mut Importer,
    site: &Site,
    x: &View,
    weights: &Tensor,
    bias: Option<&Tensor>,
) -> Result<View> {
    let bad = || misfit(&x.shape, weights.shape());
    let (&k, front) = x.shape.split_last().ok_or_else(bad)?;
    let &[num_output, columns] = weights.shape() else {
        return Err(ShapeError::Weights { shape: weights.shape().to_vec() }.into());
    };
    if columns != k {
        return Err(misfit(&x.shape, &[columns, num_output]).into());
    }
    let mut weights = weights.to_f32()?;
    let layer = |axis: usize| InnerProduct {
        num_output,
        bias: bias.is_some(),
        axis: layer_axis(axis),
        transpose: false,
    };
    let rows_stay = front.len() == 1
        && x.blob_shape.len() > 1
        && x.axes.first() == Some(&0)
        && x.blob_shape.first() == front.first();
    let (blob, layer) = if rows_stay {
        if !x.axes.is_sorted() {
            let turned: Vec<usize> = x.axes.iter().map(|&axis| x.blob_shape[axis]).collect();
            let mut shape = vec![num_output];
            shape.extend(&turned[1..]);
            let all = weights.reshaped(&shape)?.permuted(&inverse(&x.axes))?;
            weights = all.reshaped(&[num_output, k])?;
        }
        (x.blob.clone(), layer(1))
    } else {
        (importer.plain(x)?.blob, layer(front.len()))
    };
    let mut columns = vec![weights.weight()];
    if let Some(bias) = bias {
        columns.push(bias.to_f32()?.weight());
    }
    importer.add(site, layer, &[&blob], columns)
}

/// The products of several constant matrices; the axes in front are broadcast.
fn batches(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let bad = || misfit(a.shape(), b.shape());
    let (a_front, a_matrix) = a.shape().split_at(a.shape().len() - 2);
    let (b_front, b_matrix) = b.shape().split_at(b.shape().len() - 2);
    let front = broadcast_shape(a_front, b_front)?;
    let (&[rows, inner], &[same, columns]) = (a_matrix, b_matrix) else { return Err(bad().into()) };
    if inner != same {
        return Err(bad().into());
    }
    let room = a.room(&[&front[..], &[rows, columns]].concat())?;
    let wide_a = a.to_f32()?.broadcast(&[&front[..], a_matrix].concat())?;
    let wide_b = b.to_f32()?.broadcast(&[&front[..], b_matrix].concat())?;
    let (all_a, all_b): (Vec<f32>, Vec<f32>) =
        (wide_a.iter().copied().collect(), wide_b.iter().copied().collect());
    let mut products = vec![0.0; room.volume()];
    if !products.is_empty() && inner > 0 {
        let pairs = all_a.chunks_exact(rows * inner).zip(all_b.chunks_exact(inner * columns));
        for ((a, b), product) in pairs.zip(products.chunks_exact_mut(rows * columns)) {
            for (a, row) in a.chunks_exact(inner).zip(product.chunks_exact_mut(columns)) {
                for (&factor, b) in a.iter().zip(b.chunks_exact(columns)) {
                    row.iter_mut().zip(b).for_each(|(sum, &value)| *sum += factor * value);
                }
            }
        }
    }
    Ok(room.values(products)?.into())
}

fn constants(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (a, b) = (a.to_f32()?, b.to_f32()?);
    let bad = || misfit(a.shape(), b.shape());
    let a2 = a.view().into_dimensionality::<ndarray::Ix2>().map_err(|_| bad())?;
    let b2 = b.view().into_dimensionality::<ndarray::Ix2>().map_err(|_| bad())?;
    if a2.len_of(Axis(1)) != b2.len_of(Axis(0)) {
        return Err(bad().into());
    }
    let room = a.room(&[a2.nrows(), b2.ncols()])?;
    Ok(room.array(a2.dot(&b2).into_dyn())?.into())
}
