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
        "layers { bottom: \"<&>\" top: \"c\" name: \"c\" type: CONVOLUTION convolution_param { \
         num_output: 2 kernel_size: 3 } } input: \"<&>\" input_dim: 1 input_dim: 1 input_dim: 5 input_dim: 5"
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
    assert_eq!((svg.matches("<rect").count(), svg.matches("<path id=").count()), (2, 1));

    run(&place, &["draw", "lenet.prototxt", "lenet.svg"]);
    let svg = place.read_text("lenet.svg");
    assert!(svg.starts_with("<?xml") && svg.trim_end().ends_with("</svg>"));
    // 12 layers; 10 arrows down to the three ends, and 3 of the label, one a layer.
    assert_eq!((svg.matches("<rect").count(), svg.matches("<path id=").count()), (12, 14));
    let found = words(&svg);
    for word in ["data", "conv1", "1x20x24x24", "relu1", "Dropout", "accuracy_top5", "scalar"] {
        assert!(found.iter().any(|found| found == word), "{word}: {found:?}");
    }
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
    place.fails(1, "umodel", &["draw", "lenet.prototxt"], "a second file is needed");
    place.fails(1, "umodel", &["draw", "lenet.prototxt", "no/x.svg"], "cannot write no/x.svg");
    place.fails(1, "umodel", &["diff", "old.prototxt", "lenet.prototxt"], "the models differ");
}
