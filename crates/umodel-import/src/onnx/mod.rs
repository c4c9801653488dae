//! ONNX models, operator sets 7 to current.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

mod constants;
mod functions;
mod graph;
#[cfg(test)]
mod hostile;
mod node;
mod ops;
// Generated; tests/generated.rs shows how, and that it is current.
#[allow(missing_docs, unreachable_pub, clippy::all)]
#[rustfmt::skip]
mod proto;
mod subgraph;
mod tensor;
mod types;

use std::path::Path;

use prost::Message;
use prost::bytes::Bytes;

use crate::error::{DecodeError, Error, Format, GraphError, MalformedMessage};
use crate::graph::Budget;
use crate::imported::{Imported, Options};
use crate::read_file::read_file;
use tensor::Tensors;

/// The largest file, protobuf's own limit.
const MAX_BYTES: u64 = (1 << 31) - 1;
/// The oldest operator set that is read.
const OLDEST: i64 = 7;

/// Reads a model and, from its folder, tensors that are kept in files of their own.
///
/// # Errors
/// [`Error::Read`], [`Error::TooLong`] and all of [`import`].
pub fn read(path: impl AsRef<Path>, options: &Options) -> Result<Imported, Error> {
    let path = path.as_ref();
    let bytes = read_file(path, MAX_BYTES)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    import(bytes, Some(folder), options)
}

/// Turns the bytes of a model into a net. `folder` is where external tensors may be; without one they are an
/// error.
///
/// # Errors
/// [`Error::Decode`] for bytes that are no ONNX model, [`Error::Graph`] for a graph that is not valid or too old,
/// [`Error::Unsupported`] with every node that has no counterpart here, [`Error::UnknownName`] and
/// [`Error::InputShape`] for options that do not suit the model, [`Error::Node`] for a node whose attributes or
/// shapes are wrong, [`Error::Tensor`] for wrong weights.
pub fn import(
    bytes: impl Into<Vec<u8>>,
    folder: Option<&Path>,
    options: &Options,
) -> Result<Imported, Error> {
    let bytes: Vec<u8> = bytes.into();
    let found = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if found > MAX_BYTES {
        return Err(Error::TooLong { found, limit: MAX_BYTES });
    }
    let bad = |source: DecodeError| Error::Decode { format: Format::Onnx, source };
    let mut model = proto::ModelProto::decode(Bytes::from(bytes))
        .map_err(|error| bad(MalformedMessage(error).into()))?;
    let opset = functions::operator_set(&model.opset_import).unwrap_or(1);
    if model.graph.is_some() && opset < OLDEST {
        return Err(GraphError::OperatorSet { found: opset, oldest: OLDEST }.into());
    }
    functions::inline(&mut model, opset)?;
    let graph = model.graph.as_ref().ok_or_else(|| bad(DecodeError::NoGraph))?;
    let budget = Budget::new(options.constant_bytes, found);
    graph::import(graph, opset, &Tensors::new(folder, budget), options)
}
