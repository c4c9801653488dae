//! What the executor takes and keeps, through its public interface. Exact.

use std::sync::Arc;

use ndarray::{ArrayD, IxDyn};
use uframework::{Error, Executor, KernelError, Value, Workspace};
use umodel::{LayerOp, Net, NetParameter, NoSources, Phase, Shape, Sources};

fn net(text: &str) -> Arc<Net> {
    let model = NetParameter::parse_text(text).expect("text");
    Arc::new(Net::new(&model, None, Phase::Test, &NoSources).expect("valid"))
}

fn zeros(shape: &[usize]) -> Value {
    Value::F32(ArrayD::zeros(shape.to_vec()))
}

const CHAIN: &str = "
    layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [2, 6, 4, 4] } } }
    layer { name: 'a' type: 'TanH' bottom: 'x' top: 'a' }
    layer { name: 'b' type: 'Reshape' bottom: 'a' top: 'b' reshape_param { shape { dim: [2, -1] } } }
    layer { name: 'c' type: 'Sigmoid' bottom: 'b' top: 'c' }
    layer { name: 'd' type: 'Pooling' bottom: 'x' top: 'd' pooling_param { kernel_size: 4 pool: AVE } }
";

#[test]
fn a_workspace_holds_what_lives_at_once_and_no_sources() {
    let net = net(CHAIN);
    let executor = Executor::new(net.clone()).expect("runs");
    let source = || vec![(net.blob_id("x").expect("there"), zeros(&[2, 6, 4, 4]))];
    let mut workspace = Workspace::default();
    assert_eq!(workspace.bytes(), 0);
    for _ in 0..50 {
        executor.forward(&mut workspace, source(), &mut ()).expect("runs");
        // Two blobs of a chain; the pooled one goes into either.
        assert_eq!(workspace.bytes(), 2 * 4 * 192);
    }
    // Another net's blobs come into the same buffers, which grow once.
    let larger = self::net(&CHAIN.replace("dim: [2, 6, 4, 4]", "dim: [2, 6, 5, 5]"));
    let executors =
        [(executor, [2, 6, 4, 4]), (Executor::new(larger).expect("runs"), [2, 6, 5, 5])];
    for _ in 0..5 {
        for (executor, shape) in executors.iter().rev() {
            let id = executor.net().blob_id("x").expect("there");
            executor.forward(&mut workspace, vec![(id, zeros(shape))], &mut ()).expect("runs");
            assert_eq!(workspace.bytes(), 2 * 4 * 300);
        }
    }
}

#[test]
fn only_sources_can_be_given() {
    let net = net(CHAIN);
    let executor = Executor::new(net.clone()).expect("runs");
    let x = || (net.blob_id("x").expect("there"), zeros(&[2, 6, 4, 4]));
    let computed = (net.blob_id("a").expect("there"), zeros(&[2, 6, 4, 4]));
    let error = executor.outputs(vec![x(), computed]).expect_err("a computed blob");
    assert!(matches!(&error, Error::NotSource { blob: Some(name) } if name == "a"), "{error}");
    // An id of a larger net.
    let more =
        self::net(&format!("{CHAIN} layer {{ name: 'e' type: 'TanH' bottom: 'd' top: 'e' }}"));
    let foreign = (more.blob_id("e").expect("there"), zeros(&[2, 6, 1, 1]));
    let error = executor.outputs(vec![x(), foreign]).expect_err("a foreign id");
    assert!(matches!(error, Error::NotSource { blob: None }), "{error}");
}

/// Shapes of pictures with two boxes.
struct TwoBoxes;

impl Sources for TwoBoxes {
    fn shapes(
        &self,
        _: &str,
        _: &LayerOp,
        _: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(vec![vec![1, 3, 2, 2], vec![1, 1, 2, 8]])
    }
}

/// Each batch has other boxes; a layer that computes with them cannot.
#[test]
fn boxes_of_another_number_are_an_error_where_they_are_read() {
    let run = |reader: &str, boxes: usize| {
        let text = format!(
            "layer {{ name: 'd' type: 'AnnotatedData' top: 'data' top: 'label' \
             data_param {{ source: 'none' batch_size: 1 backend: LMDB }} }} {reader}"
        );
        let model = NetParameter::parse_text(&text).expect("text");
        let net = Arc::new(Net::new(&model, None, Phase::Test, &TwoBoxes).expect("valid"));
        let executor = Executor::new(net.clone()).expect("runs");
        let sources = [("data", vec![1, 3, 2, 2]), ("label", vec![1, 1, boxes, 8])];
        let source = |(name, shape): (&str, Vec<usize>)| {
            (net.blob_id(name).expect("there"), Value::F32(ArrayD::zeros(IxDyn(&shape))))
        };
        executor.outputs(sources.map(source).into())
    };
    let readers = [
        "layer { name: 's' type: 'Split' bottom: 'label' top: 'a' top: 'b' }",
        "layer { name: 'p' type: 'Permute' bottom: 'label' top: 'a' permute_param { order: 1 } }",
        "layer { name: 'c' type: 'Concat' bottom: 'label' bottom: 'label' top: 'a' }",
    ];
    for reader in readers {
        assert!(run(reader, 2).is_ok(), "{reader}");
        for boxes in [1, 3] {
            let error = run(reader, boxes).expect_err(reader);
            assert!(matches!(error, Error::Layer { source: KernelError::Boxes, .. }), "{error:?}");
        }
    }
    assert!(run("layer { name: 's' type: 'Silence' bottom: 'label' }", 5).is_ok());
    assert_eq!(run("", 5).expect("runs")[1].shape(), [1, 1, 5, 8]);
}
