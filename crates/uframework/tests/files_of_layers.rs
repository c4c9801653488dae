//! Files that single layers name: the matrix of an InfogainLoss, the file of an HDF5Output. Exact.

use std::error::Error as _;
use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use uframework::{Error, Executor, KernelError, Value};
use umodel::{Net, NetParameter, NoSources, Obstacle, Phase};

const INPUTS: &str = "
    layer { name: 'p' type: 'Input' top: 'p' input_param { shape { dim: 2 dim: 3 } } }
    layer { name: 'y' type: 'Input' top: 'y' input_param { shape { dim: 2 } } }";
const MATRIX: [f32; 9] = [1.0, 0.25, 0.0, 0.5, 2.0, 0.125, 0.0, 0.75, 1.5];

fn net(text: &str) -> Arc<Net> {
    let model = NetParameter::parse_text(text).expect("text");
    Arc::new(Net::new(&model, None, Phase::Test, &NoSources).expect("valid"))
}

fn array(shape: &[usize], values: &[f32]) -> ArrayD<f32> {
    ArrayD::from_shape_vec(IxDyn(shape), values.to_vec()).expect("whole")
}

/// A BlobProto as Caffe writes it: field 7 is the shape, field 5 the values.
fn blob_proto(shape: &[u8], values: &[f32]) -> Vec<u8> {
    let length = |bytes: usize| u8::try_from(bytes).expect("short");
    let mut bytes = vec![0x3a, length(shape.len() + 2), 0x0a, length(shape.len())];
    bytes.extend(shape);
    bytes.extend([0x2a, length(4 * values.len())]);
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

fn with_file(path: &Path) -> Result<Vec<Value>, Error> {
    let path = path.to_str().expect("a plain path");
    let net = net(&format!(
        "{INPUTS} layer {{ name: 'loss' type: 'InfogainLoss' bottom: 'p' bottom: 'y' top: 'loss'
                           infogain_loss_param {{ source: {path:?} }} }}"
    ));
    run(net, &[])
}

fn run(net: Arc<Net>, more: &[ArrayD<f32>]) -> Result<Vec<Value>, Error> {
    let values = [array(&[2, 3], &[0.5, 0.25, 0.25, 0.125, 0.5, 0.375]), array(&[2], &[2.0, 1.0])];
    let values = values.into_iter().chain(more.iter().cloned()).map(Value::F32);
    let sources = net.inputs().into_iter().zip(values).collect();
    Executor::new(net)?.outputs(sources)
}

/// The matrix of a file counts as that of a third bottom does, which is compared with Caffe elsewhere.
#[test]
fn infogain_reads_its_matrix() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("infogain.binaryproto");
    std::fs::write(&path, blob_proto(&[1, 1, 3, 3], &MATRIX)).expect("written");
    let found = with_file(&path).expect("runs");
    let bottom = net(&format!(
        "{INPUTS} layer {{ name: 'h' type: 'Input' top: 'h'
                           input_param {{ shape {{ dim: 1 dim: 1 dim: 3 dim: 3 }} }} }}
         layer {{ name: 'loss' type: 'InfogainLoss' bottom: 'p' bottom: 'y' bottom: 'h' top: 'loss' }}"
    ));
    let expected = run(bottom, &[array(&[1, 1, 3, 3], &MATRIX)]).expect("runs");
    assert_eq!(found[0].to_f32(1.0), expected[0].to_f32(1.0));
    assert!(found[0].to_f32(1.0).iter().all(|&loss| loss > 0.0));
}

#[test]
fn matrices_that_cannot_be_used_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("infogain.binaryproto");
    let reason = |contents: Option<&[u8]>| {
        if let Some(contents) = contents {
            std::fs::write(&path, contents).expect("written");
        }
        let error = with_file(&path).expect_err("no matrix");
        assert!(error.to_string().contains("layer \"loss\" (InfogainLoss)"), "{error}");
        error.source().expect("a reason").to_string()
    };
    let missing = reason(None);
    assert!(missing.contains("infogain.binaryproto"), "{missing}");
    let small = reason(Some(&blob_proto(&[1, 1, 2, 2], &MATRIX[..4])));
    assert_eq!(small, "bottom 2 has shape [1, 1, 2, 2], expected [1, 1, 3, 3]");
    for damaged in [
        &blob_proto(&[1, 1, 3, 3], &MATRIX)[..20],
        b"layer {",
        b"",
        &blob_proto(&[1, 1, 3, 3], &MATRIX[..8]),
    ] {
        let damaged = reason(Some(damaged));
        assert!(damaged.contains("infogain.binaryproto"), "{damaged}");
    }
}

/// Nets with such layers are read and built, and say what stops them before anything runs.
#[test]
fn hdf5_output_says_why_it_does_not_run() {
    let net = net(&format!(
        "{INPUTS} layer {{ name: 'keep' type: 'HDF5Output' bottom: 'p' bottom: 'y'
                           hdf5_output_param {{ file_name: 'never.h5' }} }}"
    ));
    let error = Executor::new(net).expect_err("does not run");
    assert!(error.to_string().contains("layer \"keep\" (HDF5Output)"), "{error}");
    let Error::Layer { source, .. } = error else { panic!("{error:?}") };
    assert!(matches!(source, KernelError::Obstacle(Obstacle::Hdf5Output)), "{source:?}");
    assert!(!Path::new("never.h5").exists());
}
