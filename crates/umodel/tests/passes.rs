//! Graph passes: what goes in, what comes out.

use std::sync::Arc;

use ndarray::ArrayD;
use umodel::layers::{Backend, Data};
use umodel::{Error, LayerOp, Net, NetParameter, NoSources, Phase, Shape, Sources, passes};

fn model(text: &str) -> NetParameter {
    NetParameter::parse_text(text).expect("text")
}

fn net(layers: &str) -> Net {
    let input =
        "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 4, 6, 6] } } }";
    let model = model(&format!("{input} {layers}"));
    Net::new(&model, None, Phase::Test, &NoSources).expect("net")
}

/// Each layer as `name: bottoms > tops`.
fn lines(net: &Net) -> Vec<String> {
    let specs = net.specs().into_iter();
    let line = |spec: umodel::LayerSpec| {
        format!("{}: {} > {}", spec.name, spec.bottoms.join(" "), spec.tops.join(" "))
    };
    specs.map(line).collect()
}

const BRANCHES: &str = "
    layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' convolution_param { num_output: 4 kernel_size: 1 } }
    layer { name: 'r' type: 'ReLU' bottom: 'c' top: 'r' }
    layer { name: 't' type: 'TanH' bottom: 'c' top: 't' }
    layer { name: 's' type: 'Eltwise' bottom: 'r' bottom: 't' top: 's' }
    layer { name: 'aux' type: 'Sigmoid' bottom: 'r' top: 'aux' }";

#[test]
fn splits_come_and_go() {
    let plain = net(BRANCHES);
    let split = passes::insert_splits(&plain).expect("split");
    assert_eq!(
        lines(&split),
        [
            "x:  > x",
            "c: x > c",
            "c_c_0_split: c > c_c_0_split_0 c_c_0_split_1",
            "r: c_c_0_split_0 > r",
            "r_r_0_split: r > r_r_0_split_0 r_r_0_split_1",
            "t: c_c_0_split_1 > t",
            "s: r_r_0_split_0 t > s",
            "aux: r_r_0_split_1 > aux",
        ]
    );
    assert_eq!(lines(&passes::remove_splits(&split).expect("joined")), lines(&plain));
}

#[test]
fn dead_branches_go() {
    let kept = passes::remove_dead(&net(BRANCHES), &["s"]).expect("kept");
    assert_eq!(lines(&kept), ["x:  > x", "c: x > c", "r: c > r", "t: c > t", "s: r t > s"]);
    let inner = passes::remove_dead(&net(BRANCHES), &["t"]).expect("kept");
    assert_eq!(lines(&inner), ["x:  > x", "c: x > c", "t: c > t"]);
    assert!(passes::remove_dead(&net(BRANCHES), &["y"]).is_err());
}

#[test]
fn layers_without_effect_go() {
    let before = net("
        layer { name: 'd' type: 'Dropout' bottom: 'x' top: 'd' }
        layer { name: 'p' type: 'Power' bottom: 'd' top: 'p' }
        layer { name: 'f' type: 'Reshape' bottom: 'p' top: 'f' reshape_param { shape { dim: [0, -1, 6, 6] } } }
        layer { name: 'o' type: 'Permute' bottom: 'f' top: 'o' permute_param { order: [0, 1] } }
        layer { name: 'k' type: 'Concat' bottom: 'o' top: 'k' }
        layer { name: 'i' type: 'Tile' bottom: 'k' top: 'i' tile_param { tiles: 1 } }
        layer { name: 'e' type: 'Power' bottom: 'i' top: 'e' power_param { scale: 2 } }
        layer { name: 'q' type: 'Permute' bottom: 'e' top: 'q' permute_param { order: [0, 2] } }
        layer { name: 'z' type: 'Dropout' bottom: 'q' top: 'z' }");
    let after = passes::remove_identities(&before).expect("valid");
    assert_eq!(lines(&after), ["x:  > x", "e: x > e", "q: e > q", "z: q > z"]);
}

#[test]
fn inputs_are_reshaped() {
    let four = passes::reshape_inputs(&net(BRANCHES), &[vec![4, 4, 9, 9]]).expect("fits");
    assert_eq!(four.blob(four.outputs()[0]).shape, [4, 4, 9, 9]);
    let two = passes::reshape_inputs(&net(BRANCHES), &[vec![1], vec![1]]);
    assert!(matches!(two, Err(Error::InputCount { expected: 1, found: 2 })));
    assert!(passes::reshape_inputs(&net(BRANCHES), &[vec![4, 4]]).is_err());
}

/// Exact.
#[test]
fn nets_are_reshaped_by_the_names_of_inputs() {
    let before = net(BRANCHES);
    let input = before.blob(before.inputs()[0]).clone();
    let after = before.reshaped(&[(&input.name, &[4, 4, 9, 9])]).expect("fits");
    assert_eq!(after.blob(after.outputs()[0]).shape, [4, 4, 9, 9]);
    for (before, after) in before.layers().iter().zip(after.layers()) {
        let same = |(a, b): (&Arc<ArrayD<f32>>, &Arc<ArrayD<f32>>)| Arc::ptr_eq(a, b);
        assert!(before.weights.iter().zip(&after.weights).all(same), "weights are shared");
    }
    assert_eq!(lines(&before.reshaped(&[]).expect("nothing changes")), lines(&before));
    let misspelt = format!("{}x", input.name);
    let error = before.reshaped(&[(&misspelt, &[1])]).expect_err("no such input");
    let Error::UnknownInput { name, nearest } = &error else { panic!("{error}") };
    assert_eq!((name, nearest.as_slice()), (&misspelt, &[input.name.clone()][..]));
    let error = before.reshaped(&[(&input.name, &[1, 4])]).expect_err("other axes");
    assert!(matches!(&error, Error::Layer { .. }), "{error}");
    let huge = before.reshaped(&[(&input.name, &[usize::MAX; 4])]).expect_err("no blob");
    assert!(matches!(&huge, Error::Layer { .. }), "{huge}");
}

struct Digits;

impl Sources for Digits {
    fn shapes(
        &self,
        _: &str,
        op: &LayerOp,
        _: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        let LayerOp::Data(data) = op else { return Err("not a Data layer".into()) };
        Ok(vec![vec![data.batch_size, 4, 6, 6], vec![data.batch_size]])
    }
}

#[test]
fn deploy_and_test_nets_become_each_other() {
    let data = Data {
        source: "digits".into(),
        batch_size: 2,
        backend: Backend::Lmdb,
        rand_skip: 0,
        prefetch: 4,
        transform: Vec::new(),
    };
    let test = passes::test(&net(BRANCHES), &data, Some("label"), &Digits).expect("test net");
    assert_eq!(lines(&test)[..2], ["x:  > x label", "c: x > c"]);
    assert_eq!(test.blob(test.blob_id("s").expect("s")).shape, [2, 4, 6, 6]);
    let text = test.to_parameter().to_text();
    assert!(text.contains("source: \"digits\"") && !text.contains("input_param"), "{text}");
    let deploy = passes::deploy(&test).expect("deploy net");
    assert_eq!(lines(&deploy), lines(&net(BRANCHES)));
}

#[test]
fn phases_and_tops_of_models() {
    let model = model(
        "layer { name: 'd' type: 'Data' top: 'd' include { phase: TRAIN } }
         layer { name: 'd' type: 'Input' top: 'd' include { phase: TEST } }
         layer { name: 'r' type: 'ReLU' bottom: 'd' top: 'd' }
         layer { name: 'a' type: 'TanH' bottom: 'd' top: 'a' include { min_level: 2 } }
         layer { name: 's' type: 'TanH' bottom: 'd' top: 's' include { stage: 'deploy' } }
         layer { name: 'u' type: 'Private' bottom: 'd' top: 'd' }",
    );
    let names = |model: &NetParameter| model.layer_names().map(str::to_owned).collect::<Vec<_>>();
    let test = passes::filter(&model, Phase::Test, 0, &[]).expect("rules");
    assert_eq!(names(&test), ["d", "r", "u"]);
    let more = passes::filter(&model, Phase::Test, 2, &["deploy"]).expect("rules");
    assert_eq!(names(&more), ["d", "r", "a", "s", "u"]);
    let unique = passes::unique_tops(&test).expect("in place");
    let last = unique.layers().last().expect("a layer, though of an unknown type");
    assert_eq!((last.bottoms(), last.tops()), (&["d_1".to_owned()][..], &["d_2".to_owned()][..]));
    assert!(passes::unique_tops(&model).is_err(), "two layers write d, not in place");
}

/// Exact. Each pass once walked through the net for each layer: hours for these.
#[test]
fn long_nets_take_seconds() {
    const LAYERS: usize = 100_000;
    let started = std::time::Instant::now();
    let in_place: String = (0..LAYERS)
        .map(|layer| match layer % 4 {
            0 => "layer { name: 'r' type: 'ReLU' bottom: 'x' top: 'x' }",
            1 => "layer { name: 'd' type: 'Dropout' bottom: 'x' top: 'x' }",
            _ => {
                "layer { name: 'p' type: 'Power' bottom: 'x' top: 'x' power_param { scale: 0.5 } }"
            }
        })
        .collect();
    let chain = net(&in_place);
    assert_eq!(chain.layers().len(), LAYERS + 1);
    let deployed = passes::deploy(&chain).expect("deployed");
    assert_eq!(deployed.layers().len(), LAYERS + 1);
    let plain = passes::remove_identities(&deployed).expect("removed");
    let folded = passes::fold_affine(&plain).expect("folded");
    // The two Powers behind each other become one Scale.
    assert_eq!(folded.layers().len(), LAYERS / 2 + 1);

    assert_eq!(passes::remove_dead(&chain, &["x"]).expect("alive").layers().len(), 1);
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

/// Exact: layers that only served those that read labels go as a whole chain, however long.
#[test]
fn chains_to_removed_layers_go_from_the_end() {
    struct Pictures;
    impl Sources for Pictures {
        fn shapes(
            &self,
            _: &str,
            _: &LayerOp,
            _: &[String],
        ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
            Ok(vec![vec![2, 3], vec![2]])
        }
    }
    const LAYERS: usize = 20_000;
    let started = std::time::Instant::now();
    let mut text = "layer { name: 'd' type: 'Data' top: 'd' top: 'l' data_param { source: 'x' batch_size: 2 } }
         layer { name: 'r' type: 'ReLU' bottom: 'd' top: 'r' }"
        .to_owned();
    let mut before = "r".to_owned();
    for layer in 0..LAYERS {
        text += &format!(
            "layer {{ name: 's{layer}' type: 'Split' bottom: '{before}' top: 's{layer}' }}"
        );
        before = format!("s{layer}");
    }
    text +=
        &format!("layer {{ name: 'a' type: 'Accuracy' bottom: '{before}' bottom: 'l' top: 'a' }}");
    let net = Net::new(&model(&text), None, Phase::Test, &Pictures).expect("net");
    assert_eq!(lines(&passes::deploy(&net).expect("deployed")), ["d:  > d", "r: d > r"]);
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}
