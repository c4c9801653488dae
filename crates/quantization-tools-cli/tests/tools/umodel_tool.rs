//! `umodel`: tables, conversions, drawings, differences.

use crate::place::Place;

fn place() -> Place {
    let place = Place::with_digits();
    place.write(
        "old.prototxt",
        "input: '<&>' input_dim: [1, 1, 5, 5]
         layers { name: 'c' type: CONVOLUTION bottom: '<&>' top: 'c'
                  convolution_param { num_output: 2 kernel_size: 3 } }",
    );
    place
}

fn run(place: &Place, arguments: &[&str]) -> String {
    place.good("umodel", arguments).out
}

/// A row of a table: its words, without the last column.
fn row<'a>(table: &'a str, layer: &str) -> Vec<&'a str> {
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut rows = rows.filter(|row| row.first() == Some(&layer));
    rows.next().unwrap_or_default()
}

#[test]
fn models_are_shown() {
    let place = place();
    let shown = run(&place, &["show", "lenet.prototxt"]);
    let heads = ["layer", "type", "tops", "MACs", "weights", "parameters"];
    assert_eq!(
        shown.lines().next().map(|line| line.split_whitespace().collect()),
        Some(heads.to_vec())
    );
    // Multiply-accumulates: 24² · 20 · 25, 8² · 50 · 20 · 25, 800 · 500, 500 · 10.
    for (layer, expected) in [
        ("conv1", "conv1 Convolution conv1 1x20x24x24 288000 num_output: 20 kernel_size: 5"),
        ("pool1", "pool1 Pooling pool1 1x20x12x12 pool: MAX kernel_size: 2 stride: 2"),
        ("conv2", "conv2 Convolution conv2 1x50x8x8 1600000 num_output: 50 kernel_size: 5"),
        ("ip1", "ip1 InnerProduct ip1 1x500 400000 num_output: 500"),
        ("relu1", "relu1 ReLU ip1_1 1x500"),
        ("ip2", "ip2 InnerProduct ip2 1x10 5000 num_output: 10"),
        ("loss", "loss SoftmaxWithLoss loss scalar"),
    ] {
        assert_eq!(row(&shown, layer).join(" "), expected);
    }
    let sums = "LeNet: 12 layers, 2293000 multiply-accumulates, 0 bytes of weights";
    assert_eq!(shown.lines().last(), Some(sums));

    // Of a file with weights only, bytes of weights: 4 · (20 · 25 + 20), and so on.
    let shown = run(&place, &["show", "lenet.caffemodel"]);
    for (layer, expected) in [
        ("conv1", "conv1 Convolution conv1 2080 num_output: 20 kernel_size: 5"),
        ("conv2", "conv2 Convolution conv2 100200 num_output: 50 kernel_size: 5"),
        ("ip1", "ip1 InnerProduct ip1 1602000 num_output: 500"),
        ("ip2", "ip2 InnerProduct ip2 20040 num_output: 10"),
    ] {
        assert_eq!(row(&shown, layer).join(" "), expected);
    }
    let sums = "LeNet: 10 layers, 0 multiply-accumulates, 1724320 bytes of weights";
    assert!(shown.lines().any(|line| line == sums), "{shown}");
    let why =
        "shapes are not known: lenet.caffemodel: layer \"data\" (Data): cannot open train_lmdb";
    assert!(shown.lines().any(|line| line.starts_with(why)), "{shown}");
}

#[test]
fn models_are_converted() {
    let place = place();
    run(&place, &["convert", "lenet.caffemodel", "text.prototxt"]);
    run(&place, &["convert", "text.prototxt", "again.caffemodel"]);
    assert!(place.read("again.caffemodel") == place.read("lenet.caffemodel"), "there and back");

    run(&place, &["convert", "old.prototxt", "new.prototxt"]);
    assert_eq!(
        place.read_text("new.prototxt").split_whitespace().collect::<Vec<_>>().join(" "),
        "layer { name: \"input\" type: \"Input\" top: \"<&>\" input_param { shape { dim: 1 dim: 1 dim: 5 \
         dim: 5 } } } layer { name: \"c\" type: \"Convolution\" bottom: \"<&>\" top: \"c\" \
         convolution_param { num_output: 2 kernel_size: 3 } }"
    );
    run(&place, &["convert", "--unchanged", "old.prototxt", "same.prototxt"]);
    assert_eq!(
        place.read_text("same.prototxt").split_whitespace().collect::<Vec<_>>().join(" "),
        "input: \"<&>\" input_dim: 1 input_dim: 1 input_dim: 5 input_dim: 5 layers { bottom: \"<&>\" top: \"c\" \
         name: \"c\" type: CONVOLUTION convolution_param { num_output: 2 kernel_size: 3 } }"
    );
}

#[test]
fn graphs_are_drawn() {
    let place = place();
    run(&place, &["draw", "old.prototxt", "old.svg"]);
    let svg = place.read_text("old.svg");
    let words = |svg: &str| -> Vec<String> {
        let words = svg.split("<tspan").skip(1).filter_map(|part| part.split(['>', '<']).nth(1));
        words.map(str::to_owned).collect()
    };
    let expected = ["input", "Input", "1x1x5x5", "c", "Convolution", "1x2x3x3"];
    assert_eq!(words(&svg), expected, "names, types and shapes from top to bottom");
    let count = |svg: &str| {
        (svg.matches("<g class=\"layer\">").count(), svg.matches("marker-end=").count())
    };
    assert_eq!(count(&svg), (2, 1));
    assert!(!svg.contains("legend"), "nothing is known of integers");

    run(&place, &["draw", "lenet.prototxt", "lenet.svg"]);
    let svg = place.read_text("lenet.svg");
    assert!(svg.starts_with("<?xml") && svg.trim_end().ends_with("</svg>"));
    // 12 layers; 10 arrows down to the three ends, and 3 of the label, one a layer.
    assert_eq!(count(&svg), (12, 14));
    let found = words(&svg);
    for word in ["data", "conv1", "1x20x24x24", "relu1", "Dropout", "accuracy_top5", "scalar"] {
        assert!(found.iter().any(|found| found == word), "{word}: {found:?}");
    }
}

/// The height of a drawing and the lowest edge of its boxes.
fn heights(svg: &str) -> (f64, f64) {
    let number = |text: &str, field: &str| -> f64 {
        let rest = text.split(&format!(" {field}=\"")).nth(1).expect("there");
        rest.split('"').next().and_then(|number| number.parse().ok()).expect("a number")
    };
    let boxes = svg.split("<rect x").skip(1).map(|text| format!("<rect x{text}"));
    let ends = boxes.map(|text| number(&text, "y") + number(&text, "height"));
    (number(svg, "height"), ends.fold(0.0, f64::max))
}

/// Exact. The drawing once took twice as long for each block: over 40 s for 33 of them.
#[test]
fn long_and_branched_nets_are_drawn() {
    let place = Place::new();
    let input = "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2] } } }";
    let mut blocks = input.to_owned();
    let mut chain = input.to_owned();
    let mut before = "x".to_owned();
    for block in 0..200 {
        blocks += &format!(
            "layer {{ name: 'a{block}' type: 'ReLU' bottom: '{before}' top: 'a{block}' }}
             layer {{ name: 'b{block}' type: 'ReLU' bottom: 'a{block}' top: 'b{block}' }}
             layer {{ name: 's{block}' type: 'Eltwise' bottom: '{before}' bottom: 'b{block}' top: 's{block}' }}"
        );
        before = format!("s{block}");
    }
    for _ in 1..1600 {
        chain += "layer { name: 'r' type: 'ReLU' bottom: 'x' top: 'x' }";
    }
    for (name, net, layers, arrows) in [("blocks", blocks, 601, 800), ("chain", chain, 1600, 1599)]
    {
        place.write(&format!("{name}.prototxt"), net);
        let svg = format!("{name}.svg");
        run(&place, &["draw", &format!("{name}.prototxt"), &svg]);
        let svg = place.read_text(&svg);
        assert_eq!(svg.matches("<g class=\"layer\">").count(), layers, "{name}");
        assert_eq!(svg.matches("marker-end=").count(), arrows, "{name}");
        let (height, end) = heights(&svg);
        // Margins above and below; boxes do not know the one above.
        assert!((height - end - 20.0).abs() < 0.5, "{name}: nothing below {end} of {height}");
    }
}

#[test]
fn nothing_to_draw_and_other_pictures_are_errors() {
    let place = Place::new();
    place.write("empty.prototxt", "");
    place.write("named.prototxt", "name: 'x'");
    let test = "layer { name: 'a' type: 'Input' top: 'a' include { phase: TEST } input_param { shape { dim: 1 } } }";
    place.write("test.prototxt", test);
    let draw = |arguments: &[&str], expected: &str| {
        place.fails(1, "umodel", &[&["draw"], arguments].concat(), expected);
    };
    draw(&["empty.prototxt", "x.svg"], "empty.prototxt: no layers in phase Test");
    draw(&["named.prototxt", "x.svg"], "no layers in phase Test");
    draw(&["--phase=train", "test.prototxt", "x.svg"], "no layers in phase Train");
    for other in ["x.png", "x.PDF", "x.svg.gz"] {
        draw(&["test.prototxt", other], "drawings are SVG only: name the file x.svg");
    }
    run(&place, &["draw", "test.prototxt", "x.SVG"]);
    run(&place, &["draw", "test.prototxt", "without"]);
}

/// Exact: whatever names hold, an SVG is XML and a table has a line for each layer.
#[test]
fn names_steer_nothing() {
    let place = Place::new();
    place.write(
        "p.prototxt",
        "name: '\\033]0;owned\\007'
         layer { name: 'a\\033[31mred\\033[2Jx\\nNEWLINE' type: 'Input' top: 'q<&>\\'\\\"'
          input_param { shape { dim: 1 } } }
         layer { name: 'b\\000\\b' type: 'No\\033[31mpe' bottom: 'q<&>\\'\\\"' top: 'r' }
         layer { name: '\\302\\233\\342\\200\\256' type: 'ReLU' bottom: 'r' top: 's' }",
    );
    let steers = |text: &str| {
        text.chars().any(|char| (char.is_control() && char != '\n') || char == '\u{202e}')
    };
    run(&place, &["draw", "p.prototxt", "x.svg"]);
    let svg = place.read_text("x.svg");
    assert!(!steers(&svg), "{svg:?}");
    let mut rest = svg.as_str();
    while let Some((_, after)) = rest.split_once('&') {
        let entity = after.split_once(';').map(|(entity, _)| entity);
        assert!(matches!(entity, Some("amp" | "lt" | "gt" | "quot" | "apos")), "{entity:?}");
        rest = after;
    }
    assert!(svg.contains("a\\u{1b}[31mred\\u{1b}[2Jx\\nNEWLINE"), "{svg}");
    assert!(svg.contains("q&lt;&amp;&gt;&apos;&quot;"), "{svg}");

    let shown = run(&place, &["show", "p.prototxt"]);
    assert!(!steers(&shown), "{shown:?}");
    // A head, three layers, the sums, why there are no shapes; blank lines between.
    assert_eq!(shown.lines().count(), 8, "{shown}");
}

/// Names of 65,536 characters, and tops that together are longer, once ended `show` in a panic.
#[test]
fn wide_columns_are_cut() {
    let place = Place::new();
    let long = "n".repeat(70_000);
    let tops: String = (0..9_000).map(|top| format!(" top: 't_{top}_x'")).collect();
    place.write(
        "n.prototxt",
        format!(
            "name: '{long}' layer {{ name: '{long}' type: '{long}' }}
          layer {{ name: 's' type: 'Slice' bottom: 'x' {tops} }}
             layer {{ name: 'd' type: 'Data' data_param {{ source: '{long}' }} }}"
        ),
    );
    let shown = run(&place, &["show", "n.prototxt"]);
    assert!(shown.lines().all(|line| line.chars().count() < 1100), "{}", shown.len());
    assert!(shown.contains(&format!("{}…", "n".repeat(79))));
    run(&place, &["draw", "n.prototxt", "n.svg"]);
    assert!(place.read("n.svg").len() < 30_000);
}

/// Exact: the borders of an int8umodel's layers tell integers from fp32.
#[test]
fn int8_and_fp32_layers_are_told_apart() {
    let place = Place::with_digits();
    place.calibrate(&[]);
    run(&place, &["draw", "lenet.int8umodel", "int8.svg"]);
    let svg = place.read_text("int8.svg");
    assert_eq!(svg.matches("<g class=\"legend\">").count(), 2);
    let title = |layer: &str| {
        let start = format!("<title>{layer} (");
        svg.lines().find(|line| line.contains(&start)).unwrap_or_else(|| panic!("{layer}: {svg}"))
    };
    let (int8, fp32) = (title("conv1"), title("accuracy"));
    assert!(int8.contains("(Convolution, int8)") && !int8.contains("dash"), "{int8}");
    assert!(fp32.contains("(Accuracy, fp32)") && fp32.contains("stroke-dasharray"), "{fp32}");
}

#[test]
fn models_are_compared() {
    let place = place();
    run(&place, &["convert", "lenet.caffemodel", "text.prototxt"]);
    assert_eq!(run(&place, &["diff", "lenet.caffemodel", "text.prototxt"]), "");
    let differ = |a: &str, b: &str| {
        let output = place.run("umodel", &["diff", a, b]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).expect("text")
    };
    let lines = differ("old.prototxt", "lenet.prototxt");
    let expected = "name: \"\" | \"LeNet\"\n- input (Input)\n- c (Convolution)\n+ data (Data)\n";
    assert!(lines.starts_with(expected), "{lines}");
    assert!(lines.ends_with("+ loss (SoftmaxWithLoss)\n"), "{lines}");

    // Two of its layers have the same name.
    assert_eq!(run(&place, &["diff", "lenet.prototxt", "lenet.prototxt"]), "");

    // One changed number of one layer, and one weight by a quarter.
    let changed =
        place.read_text("lenet.prototxt").replacen("num_output: 500", "num_output: 400", 1);
    place.write("changed.prototxt", changed);
    assert_eq!(
        differ("lenet.prototxt", "changed.prototxt"),
        "ip1: parameters: num_output: 500 | num_output: 400\n"
    );
    let weights =
        "name: 'w' layer { name: 'b' type: 'Bias' blobs { shape { dim: 3 } data: [1, 2, 3] } }";
    place.write("a.prototxt", weights);
    place.write("b.prototxt", weights.replace("[1, 2, 3]", "[1, 2.25, 3]"));
    assert_eq!(
        differ("a.prototxt", "b.prototxt"),
        "b: weights 0: 1 of 3 values differ, by up to 0.25\n"
    );
    place.write("c.prototxt", weights.replace("dim: 3", "dim: 1 dim: 3"));
    assert_eq!(differ("a.prototxt", "c.prototxt"), "b: weights 0: 3 | 1x3\n");
}

#[test]
fn mistakes_are_told() {
    let place = place();
    place.fails(1, "umodel", &["show", "none.prototxt"], "cannot read none.prototxt");
    place.fails(2, "umodel", &["shew", "lenet.prototxt"], "invalid value 'shew'");
    place.fails(2, "umodel", &["draw", "lenet.prototxt"], "OTHER");
    place.fails(1, "umodel", &["draw", "lenet.prototxt", "no/x.svg"], "cannot write no/x.svg");
    place.fails(1, "umodel", &["diff", "old.prototxt", "lenet.prototxt"], "the models differ");
}

/// Exact: a layer that nobody knows ends its own shapes and what comes of them, and every tool that has to compute
/// says where it is.
#[test]
fn what_is_not_known_is_named_and_the_rest_is_shown() {
    let place = Place::new();
    place.write(
        "net.prototxt",
        "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [1, 2, 4, 4] } } }
layer { name: 'odd' type: 'Pooling2' bottom: 'x' top: 'odd' pooling2_param { size: 2 } }
layer { name: 'pool' type: 'Pooling' bottom: 'x' top: 'pool' pooling_param { kernal_size: 2 } }
layer { name: 'relu' type: 'ReLU' bottom: 'odd' top: 'relu' }
layer { name: 'abs' type: 'AbsVal' bottom: 'x' top: 'abs' }
layer { name: 'train' type: 'Data' top: 'd' data_param { sauce: 'a' } include { phase: TRAIN } }
",
    );
    let shown = run(&place, &["show", "net.prototxt"]);
    for (layer, expected) in [
        ("x", "x Input x 1x2x4x4 shape { dim: 1 dim: 2 dim: 4 dim: 4 }"),
        ("odd", "odd Pooling2 odd"),
        ("pool", "pool Pooling pool"),
        ("relu", "relu ReLU relu"),
        ("abs", "abs AbsVal abs 1x2x4x4"),
    ] {
        assert_eq!(row(&shown, layer).join(" "), expected);
    }
    let odd = "net.prototxt:2:1: layer \"odd\" (Pooling2): layer type is not supported, did you mean \"Pooling\"?";
    let pool = "net.prototxt:3:78: message \"net.layer.pooling_param\" has no field \"kernal_size\", did you mean \
                \"kernel_size\"?";
    let problems: Vec<&str> =
        shown.lines().skip_while(|line| !line.contains("not known")).collect();
    let expected = [odd, pool].map(|problem| format!("shapes are not known: {problem}"));
    assert_eq!(problems, expected, "{shown}");
    let picture = place.run("umodel", &["draw", "net.prototxt", "net.svg"]);
    assert!(picture.status.success());
    assert!(place.read_text("net.svg").contains("odd (Pooling2): x"));

    let again = ["diff", "net.prototxt", "net.prototxt"];
    place.fails(1, "umodel", &again, "the models differ");
    // What would compute, or would lose it, stops.
    let convert = ["convert", "net.prototxt", "new.prototxt"];
    place.fails(1, "umodel", &convert, "has no field \"pooling2_param\"");
    let train = run(&place, &["show", "--phase=train", "net.prototxt"]);
    assert!(
        train
            .contains("net.prototxt:6:58: message \"net.layer.data_param\" has no field \"sauce\""),
        "{train}"
    );
}

/// Sizes that a prototxt states are an error before they are memory.
#[test]
fn sizes_of_data_layers_are_bounded() {
    let place = Place::new();
    place.write("a.pgm", b"P5 3 2 255\n\x00\x01\x02\x03\x04\x05");
    place.write("l.txt", "a.pgm 0\n");
    let image = |fields: &str| {
        place.write(
            "n.prototxt",
            format!(
                "layer {{ name: 'd' type: 'ImageData' top: 'd' top: 'l'
          image_data_param {{ source: 'l.txt' {fields} }} }}
                 layer {{ name: 'p' type: 'ReLU' bottom: 'd' top: 'p' }}"
            ),
        );
        run(&place, &["show", "n.prototxt"])
    };
    for fields in ["new_height: 2147483647 new_width: 24", "new_height: 65536 new_width: 1025"] {
        let shown = image(&format!("batch_size: 1 {fields}"));
        assert!(shown.contains("pictures are resized to at most 2^26 pixels"), "{shown}");
    }
    let shown = image("batch_size: 65536 new_height: 4096 new_width: 4096");
    assert!(shown.contains("shapes are not known"), "{shown}");
    let shown = image("batch_size: 4294967295");
    assert!(shown.contains("65536"), "{shown}");
    for layer in [
        "type: 'DummyData' top: 'd' dummy_data_param { shape { dim: [65536, 65536] } }",
        "type: 'DummyData' top: 'd' dummy_data_param { num: 65536 channels: 65536 height: 65536 width: 65536 }",
        "type: 'Input' top: 'd' input_param { shape { dim: [2147483647, 24] } }",
        "type: 'MemoryData' top: 'd' top: 'l' \
         memory_data_param { batch_size: 65536 channels: 65536 height: 9 width: 9 }",
    ] {
        place.write("n.prototxt", format!("layer {{ name: 'd' {layer} }}"));
        let shown = run(&place, &["show", "n.prototxt"]);
        assert!(shown.contains("shapes are not known"), "{layer}: {shown}");
    }
    // A source and a mean that never end.
    #[cfg(unix)]
    for (source, transform) in
        [("/dev/zero", ""), ("l.txt", "transform_param { mean_file: '/dev/zero' }")]
    {
        place.write(
            "n.prototxt",
            format!(
                "layer {{ name: 'd' type: 'ImageData' top: 'd' top: 'l' {transform}
                          image_data_param {{ source: '{source}' batch_size: 1 }} }}"
            ),
        );
        let shown = run(&place, &["show", "n.prototxt"]);
        assert!(shown.contains("the most that is read of such a file"), "{shown}");
    }
}

/// Exact. Some passes once walked through all layers for each: this bound is far above what it takes now, and far
/// below what it took.
#[test]
fn long_nets_in_place_finish() {
    const LAYERS: usize = 20_000;
    let place = Place::with_digits();
    let mut net = "layer { name: 'data' type: 'Data' top: 'data' top: 'label'
          data_param { source: 'calibration_lmdb' batch_size: 1 backend: LMDB } }
         layer { name: 'c' type: 'Convolution' bottom: 'data' top: 'c'
          convolution_param { num_output: 1 kernel_size: 1 } }"
        .to_owned();
    let mut weights =
        "layer { name: 'c' type: 'Convolution' blobs { shape { dim: [1, 1, 1, 1] } data: 1 }
         blobs { shape { dim: 1 } data: 0 } }"
            .to_owned();
    for layer in 0..LAYERS / 2 {
        net += &format!(
            "layer {{ name: 'r{layer}' type: 'ReLU' bottom: 'c' top: 'c' }}
             layer {{ name: 's{layer}' type: 'Scale' bottom: 'c' top: 'c' }}"
        );
        weights += &format!(
            "layer {{ name: 's{layer}' type: 'Scale' blobs {{ shape {{ dim: 1 }} data: 1 }} }}"
        );
    }
    place.write("n.prototxt", net);
    place.write("w.prototxt", weights);
    let started = std::time::Instant::now();
    let shown = run(&place, &["show", "n.prototxt"]);
    assert!(shown.contains("20002 layers"), "{}", shown.len());
    let arguments =
        ["release", "-model=n.prototxt", "-weights=w.prototxt", "-iterations=1", "-th_method=MAX"];
    place.good("calibration_use_pb", &arguments);
    run(&place, &["draw", "w.int8umodel", "n.svg"]);
    let int8 = ["-model=w_deploy_int8_unique_top.prototxt", "-weight=w.int8umodel"];
    place.good("bmnetu", &int8);
    assert!(started.elapsed().as_secs() < 240, "{:?}", started.elapsed());
}
