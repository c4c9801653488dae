//! ArgMax and ArgMin: where along an axis the largest or the smallest value stands, the first of equals.

use umodel::layers::TopK;

use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::{Result, signed};
use crate::ops::axes::squeeze;
use crate::ops::{self, top_k};

pub(super) fn arg(call: &mut Call<'_>, smallest: bool) -> Result<Outcome> {
    let x = call.input(0)?;
    let axis = ops::axis(call.int(1)?, x.shape().len())?;
    let layer = TopK {
        axis: 0,
        k: 1,
        smallest,
        last_of_equals: false,
        put_values: false,
        put_indices: true,
    };
    let mut found = top_k::top_k(call.importer, &[call.site.sub("place")], x, axis, &layer)?;
    let found = found.pop().ok_or(NodeError::MissingInput { index: 0 })?;
    Ok(squeeze(call.site, &found, Some(&[signed(axis)]))?.into())
}
