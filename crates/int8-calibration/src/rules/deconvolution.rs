//! Deconvolution: a convolution of the bottom with zeros between its pixels, by the rotated kernel; or, where the command
//! has no room for that, one without zeros for each phase of the stride, whose results are copied to their places. Both
//! add up the same products.

use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD, IxDyn};
use umodel::layers::Convolution;
use umodel::{Arithmetic, LayerSpec};

use super::{Context, Quantized, multiply_accumulate};
use crate::misfit::Misfit;

/// The largest padding, and the most zeros between two pixels or weights: fields of 4 bits.
const MOST: usize = 15;
/// The most phases along an axis: the square is the number of commands.
const MOST_PHASES: usize = 16;

/// The layer's integers, in the order of Caffe's weights, `[C, num_output/group, kh, kw]`.
pub(super) fn integers(
    op: &Convolution,
    layer: &mut LayerSpec,
    context: &Context<'_>,
) -> Option<Quantized> {
    let [bottom] = context.bottoms[..] else { return None };
    if limits(op).is_some() {
        return None;
    }
    let top = context.top(context.relu);
    let bias = layer.weights.get(1).map(|bias| bias.as_ref());
    let rows = by_output(layer.weights.first()?.view(), op.group)?;
    let arithmetic = multiply_accumulate(&rows, bias, bottom, top, context.shifts)?;
    let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = arithmetic else {
        return None;
    };
    let weights = Arc::new(by_input(weights.view(), op.group)?);
    layer.weights.clear();
    Some((Arithmetic::MultiplyAccumulate { weights, bias, right_shifts }, top))
}

/// What the chip's commands cannot hold of a deconvolution.
pub(crate) fn limits(op: &Convolution) -> Option<Misfit> {
    // The kernel of a phase has every stride-th weight.
    let phases = (0..2).all(|axis| {
        op.dilation[axis] == 1
            && op.stride[axis] <= MOST_PHASES
            && op.kernel[axis].div_ceil(op.stride[axis]) <= MOST
    });
    if phases {
        return None;
    }
    (0..2).find_map(|axis| {
        let extent = op.dilation[axis] * (op.kernel[axis] - 1) + 1;
        let zeros = (op.stride[axis] - 1).max(op.dilation[axis] - 1);
        match extent.checked_sub(op.pad[axis] + 1) {
            _ if zeros > MOST => Some(Misfit::InsertedZeros { found: zeros, limit: MOST }),
            None => Some(Misfit::NegativePadding { extent, pad: op.pad[axis] }),
            Some(pad) if pad > MOST => Some(Misfit::Padding { found: pad, limit: MOST }),
            Some(_) => None,
        }
    })
}

/// `[C, outputs, kh, kw]` to `[num_output, C/group, kh, kw]`.
fn by_output<T: Clone>(weights: ArrayViewD<'_, T>, group: usize) -> Option<ArrayD<T>> {
    let &[channels, outputs, h, w] = weights.shape() else { return None };
    turned(weights, [group, channels / group, outputs, h, w])
}

/// `[num_output, C/group, kh, kw]` to `[C, outputs, kh, kw]`.
fn by_input<T: Clone>(weights: ArrayViewD<'_, T>, group: usize) -> Option<ArrayD<T>> {
    let &[outputs, channels, h, w] = weights.shape() else { return None };
    turned(weights, [group, outputs / group, channels, h, w])
}

/// Changes the places of two axes within each group.
fn turned<T: Clone>(weights: ArrayViewD<'_, T>, shape: [usize; 5]) -> Option<ArrayD<T>> {
    let [group, rows, columns, h, w] = shape;
    let weights = weights.as_standard_layout().into_owned();
    let weights = weights.into_shape_with_order(IxDyn(&shape)).ok()?;
    let weights = weights.permuted_axes(IxDyn(&[0, 2, 1, 3, 4])).as_standard_layout().into_owned();
    weights.into_shape_with_order(IxDyn(&[group * columns, rows, h, w])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact.
    #[test]
    fn weights_are_turned_within_groups() {
        let weights = ArrayD::from_shape_fn(vec![4, 3, 1, 2], |at| [at[0], at[1], at[3]]);
        let rows = by_output(weights.view(), 2).expect("turned");
        assert_eq!(rows.shape(), [6, 2, 1, 2]);
        // Output 4 is the second of group 1, whose channels are 2 and 3.
        assert_eq!(rows[[4, 1, 0, 1]], [3, 1, 1]);
        assert_eq!(by_input(rows.view(), 2), Some(weights));
    }

    #[test]
    fn what_the_command_holds() {
        let op = |kernel, stride, pad, dilation| Convolution {
            num_output: 1,
            bias: false,
            kernel: [kernel, 1],
            stride: [stride, 1],
            pad: [pad, 0],
            dilation: [dilation, 1],
            group: 1,
        };
        assert_eq!(limits(&op(16, 8, 4, 1)), None);
        // In phases: more padding, or less than none.
        assert_eq!(limits(&op(32, 16, 8, 1)), None);
        assert_eq!(limits(&op(2, 4, 2, 1)), None);
        assert_eq!(limits(&op(17, 1, 0, 1)), Some(Misfit::Padding { found: 16, limit: 15 }));
        assert_eq!(limits(&op(20, 17, 9, 1)), Some(Misfit::InsertedZeros { found: 16, limit: 15 }));
        // Weights with zeros between them have no phases.
        assert_eq!(limits(&op(2, 4, 4, 8)), None);
        assert_eq!(limits(&op(2, 4, 9, 8)), Some(Misfit::NegativePadding { extent: 9, pad: 9 }));
        assert_eq!(limits(&op(2, 4, 0, 17)), Some(Misfit::InsertedZeros { found: 16, limit: 15 }));
    }
}
