//! Matrix products.

use super::{Call, Outcome};
use crate::error::ShapeError;
use crate::graph::Result;
use crate::ops::axes::transpose;
use crate::ops::matmul::{self, Gemm};

pub(super) fn product(call: &mut Call<'_>) -> Result<Outcome> {
    let gemm = Gemm {
        alpha: 1.0,
        beta: 1.0,
        transpose_a: call.node.flag("transpose_a"),
        transpose_b: call.node.flag("transpose_b"),
    };
    let (a, b) = (call.input(0)?, call.input(1)?);
    if a.shape().len() != 2 || b.shape().len() != 2 {
        return Err(ShapeError::Product { a: a.shape().to_vec(), b: b.shape().to_vec() }.into());
    }
    Ok(matmul::gemm(call.importer, call.site, &gemm, [a, b], None)?.into())
}

pub(super) fn batch_product(call: &mut Call<'_>) -> Result<Outcome> {
    let mut operands = [call.input(0)?.clone(), call.input(1)?.clone()];
    for (operand, adjoint) in operands.iter_mut().zip(["adj_x", "adj_y"]) {
        let rank = operand.shape().len();
        if call.node.flag(adjoint) && rank >= 2 {
            let mut order: Vec<usize> = (0..rank).collect();
            order.swap(rank - 2, rank - 1);
            *operand = transpose(call.importer, &call.site.sub(adjoint), operand, &order)?;
        }
    }
    let [a, b] = operands;
    Ok(matmul::matmul(call.importer, call.site, &a, &b)?.into())
}
