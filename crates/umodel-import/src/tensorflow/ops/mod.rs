//! TensorFlow's operators, one family a file: attributes and inputs as TensorFlow has them, turned into calls
//! of what all front ends share.

mod activation;
mod arithmetic;
mod constant;
mod control;
mod convolution;
mod join;
mod logic;
mod matmul;
mod normalization;
mod pad;
mod pooling;
mod reduction;
mod resize;
mod shape;
mod slice;
mod window;

use super::graph::Node;
use crate::error::NodeError;
use crate::graph::{Importer, Layout, Result, Site, Tensor, Value};

/// What becomes of a node.
pub(super) enum Outcome {
    /// Its outputs.
    Values(Vec<Value>),
    /// A value that goes one of two ways.
    Switch {
        /// Whether that is output 1.
        taken: bool,
        value: Value,
    },
    /// Nothing here knows the operator.
    Unknown,
}

impl From<Value> for Outcome {
    fn from(value: Value) -> Self {
        Outcome::Values(vec![value])
    }
}

/// A node with the values that it reads.
pub(super) struct Call<'a> {
    pub(super) importer: &'a mut Importer,
    pub(super) node: &'a Node,
    pub(super) site: &'a Site,
    pub(super) inputs: &'a [Value],
}

impl Call<'_> {
    /// # Errors
    /// If there are fewer inputs.
    fn input(&self, index: usize) -> Result<&Value> {
        self.inputs.get(index).ok_or(NodeError::MissingInput { index })
    }

    /// # Errors
    /// If the input depends on the net's inputs.
    fn constant(&self, index: usize) -> Result<&Tensor> {
        self.input(index)?
            .constant()
            .ok_or_else(|| NodeError::unsupported(format!("input {index} is not constant")))
    }

    /// The integers of a constant input.
    fn ints(&self, index: usize) -> Result<Vec<i64>> {
        self.constant(index).map(Tensor::ints)
    }

    /// The only integer of a constant input.
    fn int(&self, index: usize) -> Result<i64> {
        match self.ints(index)?.as_slice() {
            &[value] => Ok(value),
            values => Err(NodeError::shapes(format!("input {index} has {} values", values.len()))),
        }
    }

    /// The node's `data_format`, NHWC by default.
    fn layout(&self) -> Result<Layout> {
        match self.node.text("data_format") {
            "" | "NHWC" => Ok(Layout::ChannelsLast),
            "NCHW" => Ok(Layout::ChannelsFirst),
            other => Err(NodeError::unsupported(format!("data_format {other}"))),
        }
    }
}

/// The layers of a node.
///
/// # Errors
/// [`NodeError::Unsupported`] for what nothing here can do; others for graphs that are wrong.
pub(super) fn import(
    importer: &mut Importer,
    node: &Node,
    site: &Site,
    inputs: &[Value],
) -> Result<Outcome> {
    let mut call = Call { importer, node, site, inputs };
    let families = [
        control::import,
        constant::import,
        convolution::import,
        pooling::import,
        normalization::import,
        activation::import,
        arithmetic::import,
        logic::import,
        reduction::import,
        matmul::import,
        shape::import,
        join::import,
        slice::import,
        pad::import,
        resize::import,
    ];
    for family in families {
        match family(&mut call)? {
            Outcome::Unknown => {}
            known => return Ok(known),
        }
    }
    Ok(Outcome::Unknown)
}

/// Whether anything here knows the node's operator: without inputs a known one can only fail, and no layer is
/// made.
pub(super) fn is_known(importer: &mut Importer, node: &Node, site: &Site) -> bool {
    !matches!(import(importer, node, site, &[]), Ok(Outcome::Unknown))
}
