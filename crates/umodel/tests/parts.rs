//! Quantized nets that are divided, or get other outputs, or inputs and outputs in fp32. Exact: names, types, formats.

use umodel::{DType, NetParameter, NoSources, Phase, QuantizedNet};

/// An SSD in small: an int8 convolution, a Permute, a PriorBox, boxes.
const NET: &str = "
    layer { name: 'data' type: 'Input' top: 'data' top: 'info'
      input_param { shape { dim: [1, 1, 8, 8] } shape { dim: [1, 2] } }
      int8_scale: 2
      quantization_param { arithmetic: CAST top { dtype: INT8 scale: 0.5 } top { dtype: FLOAT32 } } }
    layer { name: 'conv' type: 'Convolution' bottom: 'data' top: 'conv'
      convolution_param { num_output: 2 kernel_size: 1 bias_term: false }
      quantization_param { arithmetic: MULTIPLY_ACCUMULATE top { dtype: UINT8 scale: 0.25 } }
      blobs { shape { dim: [2, 1, 1, 1] } int8_data: 'ab' } }
    layer { name: 'pool' type: 'Pooling' bottom: 'conv' top: 'pool'
      pooling_param { kernel_size: 2 stride: 2 }
      quantization_param { arithmetic: SAME top { dtype: UINT8 scale: 0.25 } } }
    layer { name: 'wide' type: 'Dequantize' bottom: 'pool' top: 'wide'
      quantization_param { arithmetic: CAST top { dtype: FLOAT32 } } }
    layer { name: 'prior' type: 'PriorBox' bottom: 'conv' bottom: 'data' top: 'prior'
      prior_box_param { min_size: 2 } }
    layer { name: 'priors' type: 'Flatten' bottom: 'prior' top: 'priors' }
    layer { name: 'row' type: 'Flatten' bottom: 'wide' top: 'row' }
    layer { name: 'sum' type: 'Concat' bottom: 'row' bottom: 'info' top: 'sum' }
    layer { name: 'out' type: 'Concat' bottom: 'sum' bottom: 'priors' top: 'out' }
";

fn read(text: &str) -> QuantizedNet {
    let model = NetParameter::parse_text(text).expect("text");
    QuantizedNet::read(&model, &model, Phase::Test, &NoSources).expect("net")
}

fn net() -> QuantizedNet {
    read(NET)
}

/// Every layer as `NAME KIND(BOTTOMS) -> TOPS`.
fn layers(net: &QuantizedNet) -> Vec<String> {
    let graph = net.net();
    let names = |ids: &[umodel::BlobId]| {
        ids.iter().map(|&id| graph.blob(id).name.clone()).collect::<Vec<_>>().join(",")
    };
    let layer = |layer: &umodel::Layer| {
        let (bottoms, tops) = (names(&layer.bottoms), names(&layer.tops));
        format!("{} {}({bottoms}) -> {tops}", layer.name, layer.op.kind())
    };
    graph.layers().iter().map(layer).collect()
}

fn outputs(net: &QuantizedNet) -> Vec<(&str, DType)> {
    let graph = net.net();
    graph
        .outputs()
        .into_iter()
        .map(|id| (graph.blob(id).name.as_str(), net.format(id).dtype))
        .collect()
}

fn divided(net: &QuantizedNet, back: &[&str]) -> [QuantizedNet; 2] {
    let back: Vec<bool> =
        net.net().layers().iter().map(|layer| back.contains(&layer.name.as_str())).collect();
    let division = net.divide(&back).expect("both parts are valid");
    [division.front, division.back]
}

#[test]
fn what_depends_on_the_second_part_belongs_to_it() {
    let net = net();
    let [front, back] = divided(&net, &["wide", "prior"]);
    assert_eq!(
        layers(&front),
        ["data Input() -> data", "conv Convolution(data) -> conv", "pool Pooling(conv) -> pool",]
    );
    assert_eq!(outputs(&front), [("pool", DType::U8)]);
    assert_eq!(
        layers(&back),
        [
            "info Input() -> info",
            "pool Input() -> pool",
            "data DummyData() -> data",
            "conv DummyData() -> conv",
            "wide Dequantize(pool) -> wide",
            "prior PriorBox(conv,data) -> prior",
            "priors Flatten(prior) -> priors",
            "row Flatten(wide) -> row",
            "sum Concat(row,info) -> sum",
            "out Concat(sum,priors) -> out",
        ]
    );
    let pool = back.net().blob_id("pool").expect("an input");
    assert_eq!((back.format(pool).dtype, back.format(pool).scale), (DType::U8, 0.25));
    assert!(back.to_parameter().to_text().contains("int8_scale: 4"), "the input of 'pool'");
    assert_eq!(outputs(&back), [("out", DType::F32)]);
}

/// What depends on shapes only is computed where it is needed, and not handed over.
#[test]
fn constants_are_computed_again() {
    let net = net();
    let [front, back] = divided(&net, &["out"]);
    assert_eq!(outputs(&front), [("sum", DType::F32)]);
    assert!(!layers(&front).iter().any(|layer| layer.contains("prior")), "{:?}", layers(&front));
    assert_eq!(
        layers(&back),
        [
            "sum Input() -> sum",
            "data DummyData() -> data",
            "conv DummyData() -> conv",
            "prior PriorBox(conv,data) -> prior",
            "priors Flatten(prior) -> priors",
            "out Concat(sum,priors) -> out",
        ]
    );
}

/// A blob that both parts read: the first one has it inside under another name.
#[test]
fn blobs_that_both_parts_read() {
    let (front, _) = NET.split_once("layer { name: 'wide'").expect("a front");
    let front = front.replace("top: 'info'", "").replace("shape { dim: [1, 2] }", "");
    let text = front.replace("top { dtype: FLOAT32 }", "")
        + "layer { name: 'more' type: 'Pooling' bottom: 'pool' top: 'more'
             pooling_param { kernel_size: 2 }
             quantization_param { arithmetic: SAME top { dtype: UINT8 scale: 0.25 } } }
           layer { name: 'wide' type: 'Dequantize' bottom: 'pool' top: 'wide'
             quantization_param { arithmetic: CAST top { dtype: FLOAT32 } } }";
    let net = read(&text);
    let [front, back] = divided(&net, &["wide"]);
    assert_eq!(
        layers(&front)[2..],
        [
            "pool Pooling(conv) -> pool_inside",
            "more Pooling(pool_inside) -> more",
            "pool_output Split(pool_inside) -> pool",
        ]
    );
    assert_eq!(outputs(&front), [("more", DType::U8), ("pool", DType::U8)]);
    assert_eq!(layers(&back), ["pool Input() -> pool", "wide Dequantize(pool) -> wide"]);
    // Everything, and nothing.
    let [front, back] = divided(&net, &[]);
    assert_eq!((layers(&front).len(), layers(&back).len()), (5, 0));
    let [front, back] = divided(&net, &["data"]);
    assert_eq!((layers(&front).len(), layers(&back).len()), (0, 5));
}

/// A file of the second part is read again as it was.
#[test]
fn parts_are_files() {
    let net = net();
    for back in [&["wide"][..], &["out"], &["pool"]] {
        for part in divided(&net, back) {
            let [model, weights] =
                [part.to_parameter(), part.to_parameter_with_weights()].map(|p| p.to_text());
            let [parsed, integers] =
                [&model, &weights].map(|text| NetParameter::parse_text(text).expect("text"));
            let again = QuantizedNet::read(&parsed, &integers, Phase::Test, &NoSources);
            let again = again.unwrap_or_else(|error| panic!("{error}: {model}"));
            assert_eq!(again.to_parameter_with_weights().to_text(), weights);
        }
    }
}

#[test]
fn outputs_by_name() {
    let net = net();
    let named = |names: &[&str]| net.with_outputs(names).expect("valid");
    let one = named(&["pool"]);
    assert_eq!(layers(&one).last().map(String::as_str), Some("pool Pooling(conv) -> pool"));
    assert_eq!(outputs(&one), [("pool", DType::U8)]);
    // Read inside, and in another order than the net's.
    assert_eq!(outputs(&named(&["pool", "conv"])), [("pool", DType::U8), ("conv", DType::U8)]);
    assert_eq!(outputs(&named(&["conv", "pool"])), [("conv", DType::U8), ("pool", DType::U8)]);
    assert_eq!(outputs(&named(&["out", "row", "out"])), [("out", DType::F32), ("row", DType::F32)]);
    let error = net.with_outputs(&["pol"]).expect_err("unknown");
    assert_eq!(error.to_string(), "the net has no such blob \"pol\", did you mean \"pool\"?");
}

#[test]
fn inputs_and_outputs_in_fp32() {
    let net = net().with_outputs(&["pool", "conv"]).expect("valid");
    let float = net.with_float_inputs(&["data"]).expect("valid");
    assert_eq!(
        layers(&float)[..3],
        [
            "data Input() -> data",
            "data_int8 Quantize(data) -> data_int8",
            "conv Convolution(data_int8) -> conv_inside",
        ]
    );
    let format = |net: &QuantizedNet, name: &str| net.format(net.net().blob_id(name).expect(name));
    assert_eq!(format(&float, "data").dtype, DType::F32);
    assert_eq!(format(&float, "data_int8"), format(&net, "data"));
    assert!(!float.to_parameter().to_text().contains("int8_scale"));
    let again = float.with_float_inputs(&["data"]).expect("nothing to do");
    assert_eq!(layers(&again), layers(&float));
    let error = net.with_float_inputs(&["conv"]).expect_err("no input");
    assert!(error.to_string().contains("no input \"conv\""), "{error}");

    for (names, expected) in [
        (&["pool"][..], [("pool", DType::F32), ("conv", DType::U8)]),
        (&["conv"], [("pool", DType::U8), ("conv", DType::F32)]),
        (&["conv", "pool"], [("pool", DType::F32), ("conv", DType::F32)]),
    ] {
        let float = net.with_float_outputs(names).expect("valid");
        assert_eq!(outputs(&float), expected, "{names:?}");
    }
    let error = net.with_float_outputs(&["data"]).expect_err("no output");
    assert!(error.to_string().contains("no such blob \"data\""), "{error}");
}

/// All layers in fp32.
#[test]
fn fp32_nets() {
    let model = NetParameter::parse_text(
        "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2, 4, 4] } } }
         layer { name: 'r' type: 'Pooling' bottom: 'x' top: 'r' pooling_param { kernel_size: 2 } }",
    )
    .expect("text");
    let net = umodel::Net::new(&model, None, Phase::Test, &NoSources).expect("net");
    let net = QuantizedNet::from_float(net).expect("valid");
    assert!(net.net().blob_ids().all(|id| net.format(id).dtype == DType::F32));
    let casts = umodel::Net::new(
        &NetParameter::parse_text(
            "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2] } } }
             layer { name: 'q' type: 'Quantize' bottom: 'x' top: 'q' }",
        )
        .expect("text"),
        None,
        Phase::Test,
        &NoSources,
    );
    let error = QuantizedNet::from_float(casts.expect("net")).expect_err("an int8 blob");
    assert!(error.to_string().contains("\"q\" (Quantize)"), "{error}");
}
