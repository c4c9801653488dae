use crate::graph::{Importer, Result, Value};
use crate::onnx::node::Node;
use crate::ops::{einsum as sums, matmul as core};

pub(super) fn gemm(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let p = core::Gemm {
        alpha: node.float("alpha", 1.0),
        beta: node.float("beta", 1.0),
        transpose_a: node.flag("transA", false),
        transpose_b: node.flag("transB", false),
    };
    let factors = [node.input(0)?, node.input(1)?];
    Ok(vec![core::gemm(importer, &node.site(), &p, factors, node.optional(2))?])
}

pub(super) fn matmul(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    Ok(vec![core::matmul(importer, &node.site(), node.input(0)?, node.input(1)?)?])
}

pub(super) fn einsum(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let equation = node.string("equation", "");
    Ok(vec![sums::einsum(importer, &node.site(), &equation, &node.all_inputs()?)?])
}
