use crate::error::NodeError;
use crate::graph::{Importer, Layout, Result, Site, Tensor, Value};
use crate::onnx::node::Node;
use crate::ops::axes::reshape;
use crate::ops::blocks::{self, BlockOrder};
use crate::ops::convolution::{Conv2d, convolution, same_pads, transposed};

/// Kernels, strides, dilations and pads at most.
const MAX_SIZE: usize = 1 << 16;

/// The window of a node that slides over one or two axes; one axis is the width of a picture of height 1.
pub(super) struct Window {
    /// Whether there is one axis only.
    pub(super) line: bool,
    pub(super) kernel: [usize; 2],
    pub(super) strides: [usize; 2],
    pub(super) dilations: [usize; 2],
    /// Above, left, below, right.
    pub(super) pads: [i64; 4],
}

impl Window {
    /// Reads the window over a value of this shape; `kernel` is what the weights say.
    pub(super) fn read(
        node: &Node<'_>,
        shape: &[usize],
        kernel: Option<[usize; 2]>,
    ) -> Result<Window> {
        let line = match shape.len() {
            3 => true,
            4 => false,
            _ => return Err(NodeError::unsupported(format!("windows over {shape:?}"))),
        };
        let kernel = match (node.has("kernel_shape"), kernel) {
            (true, Some(kernel)) if node.pair("kernel_shape", line, 1)? != kernel => {
                let reason = format!("the weights' is {kernel:?}");
                return Err(NodeError::attribute("kernel_shape", reason));
            }
            (_, Some(kernel)) => kernel,
            (true, None) => node.pair("kernel_shape", line, 1)?,
            (false, None) => return Err(NodeError::attribute("kernel_shape", "missing")),
        };
        let mut window = Window {
            line,
            kernel,
            strides: node.pair("strides", line, 1)?,
            dilations: node.pair("dilations", line, 1)?,
            pads: [0; 4],
        };
        for (name, sizes) in
            [("strides", window.strides), ("dilations", window.dilations), ("kernel_shape", kernel)]
        {
            if !sizes.iter().all(|size| (1..=MAX_SIZE).contains(size)) {
                return Err(NodeError::attribute(name, format!("{sizes:?}, beyond {MAX_SIZE}")));
            }
        }
        let auto = node.string("auto_pad", "NOTSET");
        window.pads = match auto.as_str() {
            "NOTSET" | "" => match (node.ints("pads"), line) {
                (None, _) => [0; 4],
                (Some(&[left, right]), true) => [0, left, 0, right],
                (Some(&[top, left, below, right]), false) => [top, left, below, right],
                (Some(pads), _) => return Err(NodeError::attribute("pads", format!("{pads:?}"))),
            },
            "VALID" => [0; 4],
            "SAME_UPPER" | "SAME_LOWER" => {
                let mut pads = [0; 4];
                for axis in 0..2 {
                    let length = if line { [1, shape[2]][axis] } else { shape[2 + axis] };
                    let [kernel, stride, dilation] =
                        [window.kernel[axis], window.strides[axis], window.dilations[axis]];
                    let mut same = same_pads(length, kernel, stride, dilation);
                    if auto == "SAME_LOWER" {
                        same.reverse();
                    }
                    (pads[axis], pads[axis + 2]) = (same[0], same[1]);
                }
                pads
            }
            _ => return Err(NodeError::attribute("auto_pad", auto)),
        };
        if window.pads.iter().any(|pad| pad.unsigned_abs() > MAX_SIZE as u64) {
            return Err(NodeError::attribute("pads", format!("{:?}", window.pads)));
        }
        Ok(window)
    }
}

/// The value with a height of 1 if it has only one axis.
pub(super) fn as_picture(site: &Site, x: &Value, line: bool) -> Result<Value> {
    match (line, x.shape()) {
        (true, &[n, c, w]) => reshape(&site.sub("picture"), x, &[n, c, 1, w]),
        _ => Ok(x.clone()),
    }
}

/// The inverse of [`as_picture`].
pub(super) fn from_picture(site: &Site, x: &Value, line: bool) -> Result<Value> {
    match (line, x.shape()) {
        (true, &[n, c, 1, w]) => reshape(&site.sub("line"), x, &[n, c, w]),
        _ => Ok(x.clone()),
    }
}

fn weights(node: &Node<'_>) -> Result<(Tensor, Option<Tensor>)> {
    let weights = node.constant(1)?;
    let bias = node.optional_constant(2)?.cloned();
    match *weights.shape() {
        [_, _, _, _] => Ok((weights.clone(), bias)),
        [a, b, w] => Ok((weights.reshaped(&[a, b, 1, w])?, bias)),
        _ => Err(NodeError::unsupported(format!("weights of shape {:?}", weights.shape()))),
    }
}

fn parameters(node: &Node<'_>, x: &Value) -> Result<(Window, Conv2d)> {
    let (weights, bias) = weights(node)?;
    let kernel = [weights.shape()[2], weights.shape()[3]];
    let window = Window::read(node, x.shape(), Some(kernel))?;
    let groups = node.int("group", 1);
    let groups =
        usize::try_from(groups).map_err(|_| NodeError::attribute("group", groups.to_string()))?;
    let Window { strides, dilations, pads, .. } = window;
    let layout = Layout::ChannelsFirst;
    Ok((window, Conv2d { layout, weights, bias, strides, dilations, pads, groups }))
}

pub(super) fn conv(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let (window, p) = parameters(node, x)?;
    let x = as_picture(&site, x, window.line)?;
    let top = convolution(importer, &site, &x, &p)?;
    Ok(vec![from_picture(&site, &top, window.line)?])
}

pub(super) fn conv_transpose(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x) = (node.site(), node.input(0)?);
    let (window, mut p) = parameters(node, x)?;
    let x = as_picture(&site, x, window.line)?;
    let added = node.pair("output_padding", window.line, 0)?;
    if added.iter().any(|&size| size > MAX_SIZE) {
        return Err(NodeError::attribute("output_padding", format!("{added:?}")));
    }
    let auto = node.string("auto_pad", "NOTSET");
    let same = auto.starts_with("SAME");
    if same || node.has("output_shape") {
        let wanted = node.pair("output_shape", window.line, 1)?;
        for axis in 0..2 {
            let (length, stride) = (x.shape()[axis + 2], p.strides[axis]);
            let reach = (window.kernel[axis] - 1).saturating_mul(p.dilations[axis]) + 1;
            let full = stride.saturating_mul(length.saturating_sub(1)).saturating_add(reach);
            let wanted = match node.has("output_shape") {
                true => wanted[axis],
                false => length.saturating_mul(stride),
            };
            let total = full as i64 + added[axis] as i64 - wanted as i64;
            let (small, large) = (total.div_euclid(2), total - total.div_euclid(2));
            let [before, after] =
                if auto == "SAME_UPPER" { [small, large] } else { [large, small] };
            if total.unsigned_abs() > MAX_SIZE as u64 {
                return Err(NodeError::attribute("output_shape", format!("{wanted}")));
            }
            (p.pads[axis], p.pads[axis + 2]) = (before, after);
        }
    }
    let top = transposed(importer, &site, &x, &p, added)?;
    Ok(vec![from_picture(&site, &top, window.line)?])
}

fn block(node: &Node<'_>) -> Result<usize> {
    let block = node.int("blocksize", 0);
    usize::try_from(block).map_err(|_| NodeError::attribute("blocksize", block.to_string()))
}

/// DCR, the default, or CRD.
fn block_order(node: &Node<'_>) -> Result<BlockOrder> {
    let mode = node.string("mode", "DCR");
    match mode.as_str() {
        "DCR" => Ok(BlockOrder::DepthLast),
        "CRD" => Ok(BlockOrder::DepthFirst),
        _ => Err(NodeError::attribute("mode", mode)),
    }
}

pub(super) fn depth_to_space(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x, layout) = (node.site(), node.input(0)?, Layout::ChannelsFirst);
    let order = block_order(node)?;
    Ok(vec![blocks::depth_to_space(importer, &site, x, layout, block(node)?, order)?])
}

pub(super) fn space_to_depth(importer: &mut Importer, node: &Node<'_>) -> Result<Vec<Value>> {
    let (site, x, layout) = (node.site(), node.input(0)?, Layout::ChannelsFirst);
    let order = block_order(node)?;
    Ok(vec![blocks::space_to_depth(importer, &site, x, layout, block(node)?, order)?])
}
