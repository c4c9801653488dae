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

/// Each batch has other boxes: layers take the shapes of the pass, as in Caffe, or say that they cannot.
#[test]
fn layers_that_read_boxes_take_each_batch_as_it_is() {
    let outputs = |reader: &str, shape: [usize; 4]| {
        let text = format!(
            "layer {{ name: 'd' type: 'AnnotatedData' top: 'data' top: 'label' \
             data_param {{ source: 'none' batch_size: 1 backend: LMDB }} }} {reader}"
        );
        let model = NetParameter::parse_text(&text).expect("text");
        let net = Arc::new(Net::new(&model, None, Phase::Test, &TwoBoxes).expect("valid"));
        let mut specs = net.specs();
        for spec in specs.iter_mut().filter(|spec| spec.name == "i") {
            spec.set_weights([ArrayD::ones(vec![1, 16])]);
        }
        let net = Arc::new(Net::from_specs("", specs).expect("valid"));
        let executor = Executor::new(net.clone()).expect("runs");
        let values = (0..shape.iter().product()).map(|value: usize| value as f32).collect();
        let boxes = ArrayD::from_shape_vec(IxDyn(&shape), values).expect("whole");
        let sources = [("data", ArrayD::zeros(vec![1, 3, 2, 2])), ("label", boxes)];
        let source = |(name, value)| (net.blob_id(name).expect("there"), Value::F32(value));
        executor.outputs(sources.map(source).into())
    };
    let run = |reader: &str, boxes: usize| outputs(reader, [1, 1, boxes, 8]);
    // Further rows of the bottom are rows of the top, whatever the first batch had.
    for boxes in [0, 1, 2, 3, 50] {
        let all: Vec<f32> = (0..8 * boxes).map(|value| value as f32).collect();
        for (reader, shape) in [
            ("layer { name: 's' type: 'Split' bottom: 'label' top: 'a' }", vec![1, 1, boxes, 8]),
            (
                "layer { name: 'p' type: 'Permute' bottom: 'label' top: 'p' permute_param { order: 2 } }
                 layer { name: 'r' type: 'Reshape' bottom: 'p' top: 'r' reshape_param { shape { dim: -1 dim: 4 } } }",
                vec![2 * boxes, 4],
            ),
            (
                "layer { name: 'c' type: 'Concat' bottom: 'label' bottom: 'label' top: 'a'
                         concat_param { axis: 2 } }
                 layer { name: 'l' type: 'Slice' bottom: 'a' top: 'l' top: 'm' slice_param { axis: 2 } }
                 layer { name: 'n' type: 'Silence' bottom: 'l' }",
                vec![1, 1, boxes, 8],
            ),
            ("", vec![1, 1, boxes, 8]),
        ] {
            // Caffe has no slices of length 0 either.
            if boxes == 0 && reader.contains("Slice") {
                continue;
            }
            let found = run(reader, boxes).unwrap_or_else(|error| panic!("{reader}: {error:?}"));
            let Some(Value::F32(found)) = found.last() else { panic!("{found:?}") };
            assert_eq!(found.shape(), shape, "{reader}");
            assert_eq!(found.iter().copied().collect::<Vec<_>>(), all, "{reader}");
        }
    }
    let reshape = "layer { name: 'r' type: 'Reshape' bottom: 'label' top: 'a'
                           reshape_param { shape { dim: 4 dim: 4 } } }";
    let product = "layer { name: 'i' type: 'InnerProduct' bottom: 'label' top: 'a'
                           inner_product_param { num_output: 1 bias_term: false } }";
    let silence = "layer { name: 's' type: 'Silence' bottom: 'label' }";
    for (reader, part) in [(reshape, "bottoms of shape [1, 1, 3, 8]"), (product, "weights")] {
        assert!(run(reader, 2).is_ok(), "{reader}");
        let error = run(reader, 3).expect_err(reader);
        let Error::Layer { source, .. } = error else { panic!("{error:?}") };
        assert!(matches!(source, KernelError::Counted { .. } | KernelError::CountedWeights { .. }));
        assert!(source.to_string().contains(part), "{source}");
    }
    assert!(run(silence, 5).is_ok());
    // Only the number of boxes is free.
    for shape in [[1, 2, 2, 8], [2, 1, 2, 8], [1, 1, 2, 7]] {
        let error = outputs(silence, shape).expect_err("no boxes");
        assert!(matches!(error, Error::SourceShape { .. }), "{error:?}");
    }
}
