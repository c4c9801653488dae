//! Frozen TensorFlow graphs: GraphDef files of TensorFlow 1 and 2.
//!
//! ```no_run
//! use umodel_import::{Options, tensorflow::Graph};
//!
//! let graph = Graph::read("frozen.pb")?;
//! let options = Options::new("resnet50_v2")
//!     .inputs(["input:0"])
//!     .outputs(["resnet_v2_50/predictions/Softmax:0"])
//!     .shapes([vec![1, 299, 299, 3]]);
//! let imported = graph.import(&options)?;
//! println!("{}", imported.net.to_parameter().to_text());
//! # Ok::<(), umodel_import::Error>(())
//! ```
//!
//! Pictures, N, H, W, C in most graphs, are N, C, H, W in the net, its outputs included: a net of this
//! workspace is laid out as Caffe's. Everything else keeps its axes.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

mod dilation;
mod dropout;
mod functions;
mod graph;
#[cfg(test)]
mod hostile;
mod layout;
mod ops;
// Generated; tests/generated.rs shows how, and that it is current.
#[allow(missing_docs, unreachable_pub, clippy::all)]
#[rustfmt::skip]
mod proto;
mod run;
mod tensor;

use std::path::Path;

use prost::Message;
use prost::bytes::Bytes;

use crate::error::{DecodeError, Error, Format, MalformedMessage};
use crate::imported::{Imported, Options};
use crate::read_file::read_file;

/// The largest file, protobuf's own limit.
const MAX_BYTES: u64 = (1 << 31) - 1;

/// A GraphDef as a file has it.
#[derive(Clone, Debug)]
pub struct Graph {
    def: proto::GraphDef,
    /// The file's size.
    bytes: u64,
}

/// What a graph is read from, or what a caller may choose as input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// The node's name; its first output's, too.
    pub name: String,
    /// Its operator.
    pub op: String,
}

impl Graph {
    /// Reads a binary GraphDef.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::TooLong`]; [`Error::Decode`] for a file that is truncated or something else.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        Graph::from_bytes(read_file(path.as_ref(), MAX_BYTES)?)
    }

    /// Decodes a binary GraphDef.
    ///
    /// # Errors
    /// [`Error::TooLong`]; [`Error::Decode`] for bytes that are truncated or something else.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if found > MAX_BYTES {
            return Err(Error::TooLong { found, limit: MAX_BYTES });
        }
        let bad = |source: DecodeError| Error::Decode { format: Format::TensorFlow, source };
        let def = proto::GraphDef::decode(Bytes::from(bytes))
            .map_err(|error| bad(MalformedMessage(error).into()))?;
        if def.node.is_empty() {
            return Err(bad(DecodeError::NoNodes));
        }
        if def.node.iter().any(|node| node.name.is_empty() || node.op.is_empty()) {
            return Err(bad(DecodeError::UnnamedNode));
        }
        Ok(Graph { def, bytes: found })
    }

    /// All nodes, in the file's order.
    pub fn nodes(&self) -> impl Iterator<Item = NodeInfo> {
        let info =
            |node: &proto::NodeDef| NodeInfo { name: node.name.clone(), op: node.op.clone() };
        self.def.node.iter().map(info)
    }

    /// The graph between the inputs and outputs of the options as a net. Names are `node` or `node:k`; any
    /// tensor may be an input. Without inputs those are all Placeholders that the outputs need; without
    /// outputs, the last node's.
    ///
    /// # Errors
    /// [`Error::UnknownName`], [`Error::NotFrozen`], [`Error::InputShape`], [`Error::ShapeCount`];
    /// [`Error::Unsupported`] with all nodes that nothing here can do; [`Error::Node`] and
    /// [`Error::Graph`] for graphs that are wrong.
    pub fn import(&self, options: &Options) -> Result<Imported, Error> {
        run::import(&self.def, self.bytes, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_graph_is_an_error() {
        for bytes in [&b""[..], b"\x0a\x05ab", b"hello", b"\x0a\x02\x0a\x00"] {
            let error = Graph::from_bytes(bytes.to_vec()).expect_err("no graph");
            assert!(matches!(error, Error::Decode { .. }), "{error}");
        }
    }
}
