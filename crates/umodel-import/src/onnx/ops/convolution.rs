use crate::error::{AttributeError, Found, NodeError, Unsupported};
use crate::graph::{Importer, Layout, Result, Site, Tensor, Value, signed};
use crate::onnx::node::Node;
use crate::ops::axes::reshape;
use crate::ops::blocks::{self, BlockOrder};
use crate::ops::convolution::{Conv2d, convolution, same_pads, transposed};

/// Kernels, strides, dilations and pads at most.
const MAX_SIZE: i64 = 1 << 16;

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
        let (line, size) = match *shape {
            [_, _, width] => (true, [1, width]),
            [_, _, height, width] => (false, [height, width]),
            _ => return Err(Unsupported::Windows { shape: shape.to_vec() }.into()),
        };
        let kernel = match (node.has("kernel_shape"), kernel) {
            (true, Some(kernel)) if node.pair("kernel_shape", line, 1)? != kernel => {
                return Err(AttributeError::Kernel { kernel }.of("kernel_shape"));
            }
            (_, Some(kernel)) => kernel,
            (true, None) => node.pair("kernel_shape", line, 1)?,
            (false, None) => return Err(AttributeError::Missing.of("kernel_shape")),
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
            limited(name, sizes, 1)?;
        }
        let auto = node.string("auto_pad", "NOTSET");
        window.pads = match auto.as_str() {
            "NOTSET" | "" => match (node.ints("pads"), line) {
                (None, _) => [0; 4],
                (Some(&[left, right]), true) => [0, left, 0, right],
                (Some(&[top, left, below, right]), false) => [top, left, below, right],
                (Some(pads), _) => return Err(NodeError::attribute("pads", pads)),
            },
            "VALID" => [0; 4],
            "SAME_UPPER" | "SAME_LOWER" => {
                let Window { kernel, strides, dilations, .. } = window;
                let [[kh, kw], [sh, sw], [dh, dw], [height, width]] =
                    [kernel, strides, dilations, size];
                let (mut rows, mut columns) =
                    (same_pads(height, kh, sh, dh), same_pads(width, kw, sw, dw));
                if auto == "SAME_LOWER" {
                    rows.reverse();
                    columns.reverse();
                }
                let ([top, below], [left, right]) = (rows, columns);
                [top, left, below, right]
            }
            _ => return Err(NodeError::attribute("auto_pad", auto.as_str())),
        };
        if !window.pads.iter().all(|pad| (-MAX_SIZE..=MAX_SIZE).contains(pad)) {
            let (found, lowest) = (Found::from(&window.pads[..]), -MAX_SIZE);
            return Err(AttributeError::Range { found, lowest, highest: MAX_SIZE }.of("pads"));
        }
        Ok(window)
    }
}

/// Whether sizes are between a lowest one and [`MAX_SIZE`].
fn limited(name: &'static str, sizes: [usize; 2], lowest: i64) -> Result<()> {
    match sizes.iter().all(|&size| (lowest..=MAX_SIZE).contains(&signed(size))) {
        true => Ok(()),
        false => {
            let found = Found::Sizes(sizes.to_vec());
            Err(AttributeError::Range { found, lowest, highest: MAX_SIZE }.of(name))
        }
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
        _ => Err(Unsupported::Weights { shape: weights.shape().to_vec() }.into()),
    }
}

fn parameters(node: &Node<'_>, x: &Value) -> Result<(Window, Conv2d)> {
    let (weights, bias) = weights(node)?;
    let kernel = match *weights.shape() {
        [_, _, height, width] => [height, width],
        _ => return Err(Unsupported::Weights { shape: weights.shape().to_vec() }.into()),
    };
    let window = Window::read(node, x.shape(), Some(kernel))?;
    let groups = node.int("group", 1);
    let groups = usize::try_from(groups).map_err(|_| NodeError::attribute("group", groups))?;
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
    limited("output_padding", added, 0)?;
    let auto = node.string("auto_pad", "NOTSET");
    let given = node.has("output_shape");
    if let (&[_, _, height, width], true) = (x.shape(), given || auto.starts_with("SAME")) {
        let wanted = node.pair("output_shape", window.line, 1)?;
        let along = |length: usize,
                     kernel: usize,
                     stride: usize,
                     dilation: usize,
                     wanted: usize,
                     added: usize| {
            let reach = (kernel - 1).saturating_mul(dilation).saturating_add(1);
            let full = stride.saturating_mul(length.saturating_sub(1)).saturating_add(reach);
            let wanted = if given { wanted } else { length.saturating_mul(stride) };
            let total = signed(full).saturating_add(signed(added)).saturating_sub(signed(wanted));
            if !(-MAX_SIZE..=MAX_SIZE).contains(&total) {
                return Err(NodeError::attribute("output_shape", wanted));
            }
            let (small, large) = (total.div_euclid(2), total - total.div_euclid(2));
            Ok(if auto == "SAME_UPPER" { [small, large] } else { [large, small] })
        };
        let [[kh, kw], [sh, sw], [dh, dw]] = [window.kernel, p.strides, p.dilations];
        let ([rows, columns], [more_rows, more_columns]) = (wanted, added);
        let [top, below] = along(height, kh, sh, dh, rows, more_rows)?;
        let [left, right] = along(width, kw, sw, dw, columns, more_columns)?;
        p.pads = [top, left, below, right];
    }
    let top = transposed(importer, &site, &x, &p, added)?;
    Ok(vec![from_picture(&site, &top, window.line)?])
}

fn block(node: &Node<'_>) -> Result<usize> {
    let block = node.int("blocksize", 0);
    usize::try_from(block).map_err(|_| NodeError::attribute("blocksize", block))
}

/// DCR, the default, or CRD.
fn block_order(node: &Node<'_>) -> Result<BlockOrder> {
    let mode = node.string("mode", "DCR");
    match mode.as_str() {
        "DCR" => Ok(BlockOrder::DepthLast),
        "CRD" => Ok(BlockOrder::DepthFirst),
        _ => Err(NodeError::attribute("mode", mode.as_str())),
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
