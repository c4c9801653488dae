//! Files of other frameworks, told by their first bytes.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Bytes that are looked at.
const LOOK: u64 = 4 << 10;

/// A model file that a tool may be given by mistake: what it is, and which tool takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignFile {
    /// An ONNX model.
    Onnx,
    /// A TensorFlow graph (GraphDef).
    TensorFlow,
    /// TensorFlow's SavedModel, whose graph still has variables.
    SavedModel,
    /// A TensorFlow Lite model.
    TfLite,
    /// What `torch.save` or TorchScript wrote.
    PyTorch,
    /// An HDF5 file: weights of Keras or records.
    Hdf5,
    /// Caffe's weights, or a umodel.
    Caffe,
    /// The text of a Caffe net.
    Prototxt,
    /// A bmodel, the result of bmnetu.
    Bmodel,
    /// A folder.
    Folder,
}

impl ForeignFile {
    /// What a file seems to be, by its first bytes; nothing if they are of no kind that is known, such as text.
    pub fn of(path: &Path) -> Option<Self> {
        if path.is_dir() {
            let saved = path.join("saved_model.pb").exists();
            return Some(if saved { ForeignFile::SavedModel } else { ForeignFile::Folder });
        }
        // Only what has a length: a pipe would lose its bytes.
        if !path.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(LOOK).read_to_end(&mut bytes).ok()?;
        ForeignFile::of_bytes(&bytes)
    }

    /// The same for the first bytes of a file.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"PK\x03\x04") || matches!(bytes, [0x80, 2..=5, ..]) {
            return Some(ForeignFile::PyTorch);
        }
        if bytes.get(4..8) == Some(b"TFL3") {
            return Some(ForeignFile::TfLite);
        }
        if bytes.starts_with(b"\x89HDF\r\n") {
            return Some(ForeignFile::Hdf5);
        }
        if bytes.starts_with(&[0xEE, 0xAA, 0x55, 0xFF]) {
            return Some(ForeignFile::Bmodel);
        }
        let blank = |byte: &u8| byte.is_ascii_whitespace();
        let text = bytes.get(bytes.iter().take_while(|byte| blank(byte)).count()..)?;
        let starts = |start: &str| text.starts_with(start.as_bytes());
        if ["name:", "layer {", "layer{", "layers {", "layers{", "input:", "# "]
            .into_iter()
            .any(starts)
        {
            return Some(ForeignFile::Prototxt);
        }
        message(bytes)
    }

    /// What to do with such a file: half a sentence.
    pub fn advice(self) -> &'static str {
        match self {
            ForeignFile::Onnx => "on_to_umodel -m takes it",
            ForeignFile::TensorFlow => "pb_to_umodel -m takes it",
            ForeignFile::SavedModel => {
                "export it: python -m tf2onnx.convert --saved-model FOLDER --output net.onnx, then on_to_umodel -m \
                 net.onnx; or freeze its graph for pb_to_umodel"
            }
            ForeignFile::TfLite => {
                "export it: python -m tf2onnx.convert --tflite FILE --output net.onnx, then on_to_umodel -m net.onnx"
            }
            ForeignFile::PyTorch => {
                "export it in Python: torch.onnx.export(model.eval(), example_input, \"net.onnx\"), then \
                 on_to_umodel -m net.onnx"
            }
            ForeignFile::Hdf5 => {
                "if it is a Keras model, export it: python -m tf2onnx.convert --keras FILE --output net.onnx, then \
                 on_to_umodel -m net.onnx"
            }
            ForeignFile::Caffe => "cf_to_umodel -m NET.prototxt -w takes it",
            ForeignFile::Prototxt => "cf_to_umodel -m takes it, with its weights behind -w",
            ForeignFile::Bmodel => "bm_model reads it",
            ForeignFile::Folder => "name the file in it",
        }
    }
}

impl fmt::Display for ForeignFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ForeignFile::Onnx => "an ONNX model",
            ForeignFile::TensorFlow => "a TensorFlow graph",
            ForeignFile::SavedModel => "a SavedModel of TensorFlow",
            ForeignFile::TfLite => "a TensorFlow Lite model",
            ForeignFile::PyTorch => "a PyTorch file",
            ForeignFile::Hdf5 => "an HDF5 file",
            ForeignFile::Caffe => "a Caffe or umodel file of weights",
            ForeignFile::Prototxt => "the text of a Caffe net",
            ForeignFile::Bmodel => "a bmodel",
            ForeignFile::Folder => "a folder",
        })
    }
}

/// Which message of protobuf it is, by the fields at its start.
fn message(bytes: &[u8]) -> Option<ForeignFile> {
    const VARINT: u64 = 0;
    const LENGTH: u64 = 2;
    let mut rest = bytes;
    let mut first = None;
    // A producer's name and version may stand in front of what tells.
    for _ in 0..16 {
        let (tag, behind) = varint(rest)?;
        let (field, wire) = (tag >> 3, tag & 7);
        let (value, behind) = match wire {
            VARINT | LENGTH => varint(behind)?,
            _ => return None,
        };
        let inner = if wire == LENGTH { behind } else { &[] };
        match (first, field, wire) {
            // name: "net", then a layer of V1 or of the present form.
            (Some((1, LENGTH)), 2 | 100, LENGTH) => return graph_or(ForeignFile::Caffe, bytes),
            // ir_version, then producers, a graph, imports of operators.
            (Some((1, VARINT)), 3 | 4 | 5 | 6 | 7 | 8 | 14, _) => return Some(ForeignFile::Onnx),
            (Some((1, VARINT)), 2, LENGTH) => {
                // producer_name is text, meta_graphs is a message.
                let text = inner.first().is_some_and(u8::is_ascii_lowercase);
                return Some(if text { ForeignFile::Onnx } else { ForeignFile::SavedModel });
            }
            // One node after the other.
            (None | Some((1, LENGTH)), 1, LENGTH) if is_node(inner) => {
                return Some(ForeignFile::TensorFlow);
            }
            (None, 100, LENGTH) => return Some(ForeignFile::Caffe),
            _ => {}
        }
        first = first.or(Some((field, wire)));
        rest = if wire == LENGTH { inner.get(usize::try_from(value).ok()?..)? } else { behind };
    }
    None
}

/// A NetParameter's name and a GraphDef's node are both field 1.
fn graph_or(other: ForeignFile, bytes: &[u8]) -> Option<ForeignFile> {
    let (_, rest) = varint(bytes)?;
    let (_, inner) = varint(rest)?;
    Some(if is_node(inner) { ForeignFile::TensorFlow } else { other })
}

/// A NodeDef starts with its name, field 1, and goes on with its operator, field 2.
fn is_node(bytes: &[u8]) -> bool {
    let behind_name = || {
        let rest = bytes.strip_prefix(&[0x0A])?;
        let (length, rest) = varint(rest)?;
        rest.get(usize::try_from(length).ok()?..)
    };
    behind_name().is_some_and(|rest| rest.first() == Some(&0x12))
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (index, &byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7F).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte < 0x80 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell() {
        let text = |field: u8, text: &str| -> Vec<u8> {
            let length = u8::try_from(text.len()).expect("short");
            [&[field << 3 | 2, length][..], text.as_bytes()].concat()
        };
        let node = [text(1, "x"), text(2, "Placeholder")].concat();
        let node = String::from_utf8(node).expect("ASCII");
        for (bytes, expected) in [
            (b"PK\x03\x04rest".to_vec(), Some(ForeignFile::PyTorch)),
            (vec![0x80, 2, b'c'], Some(ForeignFile::PyTorch)),
            (b"\x1c\0\0\0TFL3".to_vec(), Some(ForeignFile::TfLite)),
            (b"\x89HDF\r\n\x1a\n".to_vec(), Some(ForeignFile::Hdf5)),
            ([vec![8, 8], text(2, "pytorch")].concat(), Some(ForeignFile::Onnx)),
            ([vec![8, 8], text(7, "graph")].concat(), Some(ForeignFile::Onnx)),
            ([vec![8, 1], text(2, "\n\u{3}abc")].concat(), Some(ForeignFile::SavedModel)),
            (text(1, &node), Some(ForeignFile::TensorFlow)),
            ([text(1, "LeNet"), vec![0xA2, 6, 0]].concat(), Some(ForeignFile::Caffe)),
            ([text(1, "LeNet"), text(2, "layer")].concat(), Some(ForeignFile::Caffe)),
            (b"\n name: 'net'".to_vec(), Some(ForeignFile::Prototxt)),
            (b"layer {".to_vec(), Some(ForeignFile::Prototxt)),
            (b"some words".to_vec(), None),
            (Vec::new(), None),
            (vec![0xFF; 40], None),
        ] {
            assert_eq!(ForeignFile::of_bytes(&bytes), expected, "{bytes:?}");
            // No beginning of it panics.
            for end in 0..bytes.len() {
                let _ = ForeignFile::of_bytes(&bytes[..end]);
            }
        }
    }
}
