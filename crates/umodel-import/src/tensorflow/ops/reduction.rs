//! Mean, Sum, Max and Min along axes.

use super::{Call, Outcome};
use crate::graph::Result;
use crate::ops::reduce::{Reduction, reduce};

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    let function = match call.node.op.as_str() {
        "Mean" => Reduction::Mean,
        "Sum" => Reduction::Sum,
        "Max" => Reduction::Max,
        "Min" => Reduction::Min,
        _ => return Ok(Outcome::Unknown),
    };
    let x = call.input(0)?.clone();
    let axes = call.ints(1)?;
    if axes.is_empty() {
        // Unlike in the shared function, nothing is reduced.
        return Ok(x.into());
    }
    let keep = call.node.flag("keep_dims");
    Ok(reduce(call.importer, call.site, function, &x, &axes, keep)?.into())
}
