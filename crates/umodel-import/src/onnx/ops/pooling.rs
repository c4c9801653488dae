use umodel::layers::PoolMethod;

use super::convolution::{Window, as_picture, from_picture};
use crate::error::{Found, NodeError, Unsupported};
use crate::graph::{Importer, Layout, Result, Value};
use crate::onnx::node::Node;
use crate::ops::pooling::{Pool2d, global, pooling};

fn pool(importer: &mut Importer, node: &Node<'_>, method: PoolMethod) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let window = Window::read(node, x.shape(), None)?;
    if window.dilations != [1, 1] {
        let found = Found::Sizes(window.dilations.to_vec());
        return Err(Unsupported::Value { name: "dilations", found }.into());
    }
    let mut pads = [0; 4];
    for (pad, &given) in pads.iter_mut().zip(&window.pads) {
        *pad = usize::try_from(given)
            .map_err(|_| NodeError::attribute("pads", window.pads.as_slice()))?;
    }
    // SAME pads already make the number of windows come out even.
    let same = node.string("auto_pad", "NOTSET").starts_with("SAME");
    let p = Pool2d {
        layout: Layout::ChannelsFirst,
        method,
        kernel: window.kernel,
        strides: window.strides,
        pads,
        ceil: node.flag("ceil_mode", false) && !same,
        count_include_pad: node.flag("count_include_pad", false),
    };
    let x = as_picture(&site, x, window.line)?;
    let top = pooling(importer, &site, &x, &p)?;
    Ok(vec![from_picture(&site, &top, window.line)?])
}

pub(super) fn max_pool(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    if node.has_output(1) {
        return Err(Unsupported::MaximaIndices.into());
    }
    pool(importer, node, PoolMethod::Max)
}

pub(super) fn average_pool(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    pool(importer, node, PoolMethod::Average)
}

pub(super) fn global_max_pool(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    Ok(vec![global(importer, &node.site(), node.input(0)?, PoolMethod::Max)?])
}

pub(super) fn global_average_pool(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    Ok(vec![global(importer, &node.site(), node.input(0)?, PoolMethod::Average)?])
}
