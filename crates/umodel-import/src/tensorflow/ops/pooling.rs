//! MaxPool and AvgPool.

use umodel::layers::PoolMethod;

use super::window::{self, Window};
use super::{Call, Outcome};
use crate::error::NodeError;
use crate::graph::Result;
use crate::ops::pooling::{self, Pool2d};

pub(super) fn import(call: &mut Call<'_>) -> Result<Outcome> {
    let layout = call.layout()?;
    let (method, kernel, stride) = match call.node.op.as_str() {
        "MaxPool" => (PoolMethod::Max, sizes(call, "ksize")?, sizes(call, "strides")?),
        "AvgPool" => (PoolMethod::Average, sizes(call, "ksize")?, sizes(call, "strides")?),
        "MaxPoolV2" => (PoolMethod::Max, call.ints(1)?, call.ints(2)?),
        _ => return Ok(Outcome::Unknown),
    };
    let window = Window {
        kernel: window::pair("ksize", &kernel, layout)?,
        stride: window::pair("strides", &stride, layout)?,
        dilation: [1, 1],
    };
    let x = call.input(0)?.clone();
    let size = window::size(x.shape(), layout)?;
    let pads = window::padding(call, layout, size, &window)?;
    let pool = Pool2d {
        layout,
        method,
        kernel: window.kernel,
        strides: window.stride,
        pads: pads.map(|pad| usize::try_from(pad).unwrap_or(0)),
        ceil: false,
        // TensorFlow's averages leave the padding out.
        count_include_pad: false,
    };
    Ok(pooling::pooling(call.importer, call.site, &x, &pool)?.into())
}

fn sizes(call: &Call<'_>, name: &'static str) -> Result<Vec<i64>> {
    match call.node.ints(name) {
        [] => Err(NodeError::attribute(name, "is missing")),
        values => Ok(values.to_vec()),
    }
}
