//! Mean, Sum, Max and Min along axes.

use super::{Call, Outcome};
use crate::graph::Result;
use crate::ops::reduce::{self, Reduction};

pub(super) fn reduce(call: &mut Call<'_>, function: Reduction) -> Result<Outcome> {
    let (x, axes) = (call.input(0)?, call.ints(1)?);
    if axes.is_empty() {
        // Unlike in the shared function, nothing is reduced.
        return Ok(x.clone().into());
    }
    let keep = call.node.flag("keep_dims");
    Ok(reduce::reduce(call.importer, call.site, function, x, &axes, keep)?.into())
}
