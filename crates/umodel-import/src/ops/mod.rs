//! What operators become, one family a file, for all front ends alike.
//!
//! A function takes logical values, their order of axes included, and gives logical values. Constants in,
//! constants out: every function that moves or computes values folds constants, too.

pub(crate) mod affine;
pub(crate) mod axes;
pub(crate) mod binary;
pub(crate) mod blocks;
pub(crate) mod compare;
pub(crate) mod concat;
pub(crate) mod constants;
pub(crate) mod convolution;
pub(crate) mod einsum;
pub(crate) mod gather;
pub(crate) mod matmul;
pub(crate) mod normalize;
pub(crate) mod pad;
pub(crate) mod pooling;
pub(crate) mod recurrence;
pub(crate) mod reduce;
pub(crate) mod resize;
pub(crate) mod slice;
pub(crate) mod softmax;
pub(crate) mod top_k;
pub(crate) mod unary;

use crate::error::AttributeError;
use crate::graph::{Result, signed};

/// The row of a name in a table that is sorted by name.
pub(crate) fn find<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    let at = table.binary_search_by(|(row, _)| (*row).cmp(name)).ok()?;
    table.get(at).map(|&(_, row)| row)
}

/// An axis as a number from 0; negative ones count from the end.
pub(crate) fn axis(axis: i64, rank: usize) -> Result<usize> {
    let from_zero = if axis < 0 { axis.checked_add(signed(rank)) } else { Some(axis) };
    from_zero
        .and_then(|axis| usize::try_from(axis).ok())
        .filter(|&axis| axis < rank)
        .ok_or_else(|| AttributeError::Axis { axis, rank }.of("axis"))
}

/// Axes as numbers from 0, in order, none twice.
pub(crate) fn axes(list: &[i64], rank: usize) -> Result<Vec<usize>> {
    if list.len() > rank {
        return Err(AttributeError::Count { found: list.len(), expected: rank }.of("axes"));
    }
    let mut axes = list.iter().map(|&number| axis(number, rank)).collect::<Result<Vec<_>>>()?;
    axes.sort_unstable();
    match axes.is_sorted_by(|a, b| a < b) {
        true => Ok(axes),
        false => Err(AttributeError::AxisTwice { axes: list.to_vec() }.of("axes")),
    }
}
