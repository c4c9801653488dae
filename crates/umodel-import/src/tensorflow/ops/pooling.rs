//! MaxPool and AvgPool.

use umodel::layers::PoolMethod;

use super::window::{self, Window};
use super::{Call, Outcome};
use crate::error::AttributeError;
use crate::graph::Result;
use crate::ops::pooling::{self, Pool2d};

pub(super) fn pool(call: &mut Call<'_>, method: PoolMethod) -> Result<Outcome> {
    let sizes = |name: &'static str| match call.node.ints(name) {
        [] => Err(AttributeError::Missing.of(name)),
        values => Ok(values),
    };
    let (kernel, stride) = (sizes("ksize")?, sizes("strides")?);
    pool_over(call, method, kernel, stride)
}

/// Kernel and stride are inputs.
pub(super) fn max_pool_v2(call: &mut Call<'_>) -> Result<Outcome> {
    let (kernel, stride) = (call.ints(1)?, call.ints(2)?);
    pool_over(call, PoolMethod::Max, &kernel, &stride)
}

fn pool_over(
    call: &mut Call<'_>,
    method: PoolMethod,
    kernel: &[i64],
    stride: &[i64],
) -> Result<Outcome> {
    let layout = call.layout()?;
    let window = Window {
        kernel: window::pair("ksize", kernel, layout)?,
        stride: window::pair("strides", stride, layout)?,
        dilation: [1, 1],
    };
    let x = call.input(0)?;
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
    Ok(pooling::pooling(call.importer, call.site, x, &pool)?.into())
}
