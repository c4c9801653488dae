//! Two bottoms of which one may be repeated: BroadcastBinary, and Scale and Bias with a second bottom.

use umodel::layers::BinaryOp;

use super::eltwise::{product, side_by_side, sum};
use super::{Context, Quantized};

pub(super) fn binary(operation: BinaryOp, context: &Context<'_>) -> Option<Quantized> {
    match operation {
        BinaryOp::Add => sum(&[1.0, 1.0], context),
        BinaryOp::Sub => sum(&[1.0, -1.0], context),
        BinaryOp::Mul => product(context),
        BinaryOp::Max | BinaryOp::Min => side_by_side(context, true),
        BinaryOp::Div | BinaryOp::Pow => None,
    }
}

/// The factor is a second bottom; there is no command for a bias behind it.
pub(super) fn factor(bias: bool, context: &Context<'_>) -> Option<Quantized> {
    (!bias).then(|| product(context)).flatten()
}

/// The offset is a second bottom.
pub(super) fn offset(context: &Context<'_>) -> Option<Quantized> {
    (context.bottoms.len() == 2).then(|| sum(&[1.0, 1.0], context)).flatten()
}
