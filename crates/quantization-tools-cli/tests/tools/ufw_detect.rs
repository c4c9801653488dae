//! `ufw detect` on a net that finds blue, green and red squares: every box and score is worked out by hand.

use std::fs;

use quantization_tools::transform_param::{ColorMode, Format, Pixels, decode, encode};
use serde_json::{Value, json};

use crate::place::{Place, argument};

const HEAD: &str = "-head=yolov8:classes=3,bins=1,strides=8";
const DEPLOY: [&str; 2] = ["-model=deploy.prototxt", "-weights=squares.prototxt"];
/// Blue, green, red and black as B, G, R.
const BLUE: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const RED: [u8; 3] = [0, 0, 255];
const BLACK: [u8; 3] = [0, 0, 0];

/// Means of 8 × 8 pixels; a place has a box of its own size, and each class the logit 8·own − 8·others − 6.
const LAYERS: &str = "
    layer { name: 'pool' type: 'Pooling' bottom: 'data' top: 'pool'
            pooling_param { pool: AVE kernel_size: 8 stride: 8 } }
    layer { name: 'head' type: 'Convolution' bottom: 'pool' top: 'head'
            convolution_param { num_output: 7 kernel_size: 1 } }";
const WEIGHTS: &str = "
    layer { name: 'head' type: 'Convolution'
      blobs { shape { dim: 7 dim: 3 dim: 1 dim: 1 }
        data: [0, 0, 0,  0, 0, 0,  0, 0, 0,  0, 0, 0,  8, -8, -8,  -8, 8, -8,  -8, -8, 8] }
      blobs { shape { dim: 7 } data: [0.5, 0.5, 0.5, 0.5, -6, -6, -6] } }";

/// A picture of places of `side` pixels, row by row.
fn picture(rows: &[&[[u8; 3]]], side: usize) -> Vec<u8> {
    let (height, width) = (rows.len() * side, rows[0].len() * side);
    let at = |channel: usize, y: usize, x: usize| rows[y / side][x / side][channel];
    let plane = |channel| (0..height * width).map(move |i| at(channel, i / width, i % width));
    let pixels = Pixels::new([3, height, width], (0..3).flat_map(plane).collect()).expect("planes");
    encode(&pixels, Format::Png).expect("a file")
}

/// The net for inputs of 16 × 24 pixels, which are 2 × 3 places, and two pictures: one of the input's size with a blue
/// and a red square, one twice as large with a green one.
pub(crate) fn place() -> Place {
    let place = Place::new();
    let input = "layer { name: 'data' type: 'Input' top: 'data'
        input_param { shape { dim: 2 dim: 3 dim: 16 dim: 24 } } }";
    place.write("deploy.prototxt", format!("{input}{LAYERS}"));
    place.write("squares.prototxt", WEIGHTS);
    fs::create_dir(place.path("pictures")).expect("folder");
    let first: [&[[u8; 3]]; 2] = [&[BLACK, BLUE, BLACK], &[BLACK, BLACK, RED]];
    place.write("pictures/a.png", picture(&first, 8));
    let second: [&[[u8; 3]]; 2] = [&[BLACK, BLACK, BLACK], &[GREEN, BLACK, BLACK]];
    place.write("pictures/b.png", picture(&second, 16));
    place
}

pub(crate) fn detect<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["detect"][..], &DEPLOY, &[HEAD, "-out=out", "-scale=0.003921568627"], more].concat()
}

fn results(place: &Place) -> Vec<Value> {
    let results: Value = serde_json::from_slice(&place.read("out/results.json")).expect("JSON");
    results.as_array().expect("a list").clone()
}

/// The logistic function.
fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Image, category and box of each result; scores are those of the logit `full` within 1e-5.
fn boxes(place: &Place, full: f64) -> Vec<(Value, Value, Value)> {
    let one = |result: &Value| {
        let score = result["score"].as_f64().expect("a score");
        assert!((score - sigmoid(full)).abs() < 1e-5, "{score}");
        (result["image_id"].clone(), result["category_id"].clone(), result["bbox"].clone())
    };
    results(place).iter().map(one).collect()
}

fn expected(boxes: &[(u64, u64, [f64; 4])]) -> Vec<(Value, Value, Value)> {
    boxes
        .iter()
        .map(|&(image, category, bbox)| (json!(image), json!(category), json!(bbox)))
        .collect()
}

fn pixel(place: &Place, name: &str, x: usize, y: usize) -> [u8; 3] {
    let picture = decode(&place.read(name), ColorMode::Color).expect("a picture");
    let [_, h, w] = picture.shape();
    [0, 1, 2].map(|channel| picture.data()[(channel * h + y) * w + x])
}

const FOUND: [(u64, u64, [f64; 4]); 3] =
    [(1, 1, [8.0, 0.0, 8.0, 8.0]), (1, 3, [16.0, 8.0, 8.0, 8.0]), (2, 2, [0.0, 16.0, 16.0, 16.0])];

/// Boxes are exact, scores 1e-5.
#[test]
fn boxes_are_found_written_and_drawn() {
    let place = place();
    let printed = place.good("ufw", &detect(&["-pictures=pictures"]));
    assert_eq!(
        printed.out,
        "out/a.png: 2 boxes\nout/b.png: 1 box\nout/results.json: 3 boxes of 2 pictures\n"
    );
    assert!(printed.err.contains("detecting: 2 of 2"), "{}", printed.err);
    assert_eq!(place.names("out"), ["a.png", "b.png", "results.json"]);
    assert_eq!(boxes(&place, 2.0), expected(&FOUND));
    // The small picture is 8 times as large. The frame has two pixels; the first class is drawn in red.
    let (frame, name) = ([0, 0, 255], [255; 3]);
    assert_eq!(pixel(&place, "out/a.png", 64, 63), frame);
    assert_eq!(pixel(&place, "out/a.png", 66, 60), BLUE);
    assert_eq!(pixel(&place, "out/a.png", 63, 60), BLACK);
    let letters = (64..128).any(|x| pixel(&place, "out/a.png", x, 4) == name);
    assert!(letters, "the name stands in the box, since there is no room above");

    // Nothing is drawn below a threshold, and nothing written below the other.
    let more = ["-pictures=pictures", "-draw_threshold=0.9", "-most=1"];
    let printed = place.good("ufw", &detect(&more));
    assert!(printed.out.ends_with(
        "out/a.png: 0 boxes\nout/b.png: 0 boxes\nout/results.json: 2 boxes of 2 pictures\n"
    ));
    assert_eq!(pixel(&place, "out/a.png", 64, 63), BLUE);
    place.good("ufw", &detect(&["-pictures=pictures/a.png", "-score_threshold=0.9"]));
    assert!(results(&place).is_empty());
}

/// Exact: lists, single pictures, threads and the order of the picture's channels.
#[test]
fn lists_and_channels() {
    let place = place();
    place.write("pictures/list.txt", "b.png 7\na.png\n");
    let list = ["-pictures=pictures/list.txt"];
    let mut files = Vec::new();
    for threads in ["1", "3"] {
        let mut command = place.command("ufw");
        command.args(detect(&list)).env("RAYON_NUM_THREADS", threads).assert().success();
        files.push(
            ["a.png", "b.png", "results.json"].map(|name| place.read(&format!("out/{name}"))),
        );
    }
    assert!(files[0] == files[1], "results depend on threads");
    let images: Vec<u64> = results(&place).iter().filter_map(|r| r["image_id"].as_u64()).collect();
    assert_eq!(images, [1, 2, 2], "b.png is the first of the list");

    place.write("list.txt", "a.png\n");
    place.good("ufw", &detect(&["-pictures=list.txt", "-root=pictures", "-bgr2rgb"]));
    let swapped = [(1, 3, FOUND[0].2), (1, 1, FOUND[1].2)];
    assert_eq!(boxes(&place, 2.0), expected(&swapped));
    // A mean of 25.5 takes 0.1 from every channel: 8·0.9 + 16·0.1 − 6.
    place.good("ufw", &detect(&["-pictures=pictures/a.png", "-mean_value=25.5"]));
    let both = boxes(&place, 8.0 * 0.9 + 16.0 * 0.1 - 6.0);
    assert_eq!(both, expected(&FOUND[..2]));
}

/// Exact: a square picture in an input of 16 × 24 has 4 columns of grey on each side.
#[test]
fn letterboxes_keep_the_aspect() {
    let place = place();
    let rows: Vec<Vec<[u8; 3]>> = (0..8)
        .map(|y| {
            (0..8).map(|x| if y >= 4 && (2..6).contains(&x) { GREEN } else { BLACK }).collect()
        })
        .collect();
    let rows: Vec<&[[u8; 3]]> = rows.iter().map(Vec::as_slice).collect();
    // 64 × 64 pixels become 16 × 16; the green ones fill the place in the middle of the second row.
    place.write("square.png", picture(&rows, 8));
    place.good("ufw", &detect(&["-pictures=square.png", "-letterbox"]));
    assert_eq!(boxes(&place, 2.0), expected(&[(1, 2, [16.0, 32.0, 32.0, 32.0])]));
}

fn truth(images: &[(u64, &str)], boxes: &[(u64, u64, [f64; 4])]) -> String {
    let image = |&(id, name): &(u64, &str)| json!({ "id": id, "file_name": name });
    let one = |(image, category, bbox): &(u64, u64, [f64; 4])| json!({ "image_id": image, "category_id": category, "bbox": bbox });
    let categories = [(30, "red"), (10, "blue one"), (20, "green")];
    let category = |(id, name): (u64, &str)| json!({ "id": id, "name": name });
    json!({
        "images": images.iter().map(image).collect::<Vec<_>>(),
        "annotations": boxes.iter().map(one).collect::<Vec<_>>(),
        "categories": categories.map(category),
    })
    .to_string()
}

/// Exact: a COCO file gives pictures, ids and names; its boxes decide about AP.
#[test]
fn average_precision_is_printed() {
    let place = place();
    let images = [(77, "b.png"), (5, "a.png"), (9, "elsewhere.png")];
    let boxes_of = [
        (5, 10, FOUND[0].2),
        (5, 30, FOUND[1].2),
        // An IoU of 0.8, and one that is not found.
        (77, 20, [0.0, 16.0, 16.0, 20.0]),
        (77, 20, [40.0, 0.0, 8.0, 8.0]),
        // Its picture is not looked at.
        (9, 10, [0.0, 0.0, 8.0, 8.0]),
    ];
    place.write("truth.json", truth(&images, &boxes_of));
    let printed =
        place.good("ufw", &detect(&["-pictures=pictures", "-ground_truth=truth.json"])).out;
    let ids: Vec<(u64, u64, [f64; 4])> =
        vec![(5, 10, FOUND[0].2), (5, 30, FOUND[1].2), (77, 20, FOUND[2].2)];
    assert_eq!(boxes(&place, 2.0), expected(&ids));
    let table: Vec<Vec<&str>> =
        printed.lines().skip(3).map(|line| line.split_whitespace().collect()).collect();
    // One of two: recall to 0.5 at the 7 thresholds up to 0.8.
    let half = 51.0 / 101.0;
    let [ap, ap50] = [half * 0.7, half].map(|ap| format!("{ap:.4}"));
    let [all, all50] = [(2.0 + half * 0.7) / 3.0, (2.0 + half) / 3.0].map(|ap| format!("{ap:.4}"));
    assert_eq!(
        table,
        [
            vec!["class", "boxes", "AP@.5:.95", "AP@.5", "AP@.75"],
            vec!["blue", "one", "1", "1.0000", "1.0000", "1.0000"],
            vec!["green", "2", &ap, &ap50, &ap50],
            vec!["red", "1", "1.0000", "1.0000", "1.0000"],
            vec!["all", "4", &all, &all50, &all50],
        ]
    );

    // The same file as the list of pictures.
    place.write("pictures/truth.json", truth(&images[..2], &boxes_of[..4]));
    let printed = place.good("ufw", &detect(&["-pictures=pictures/truth.json"])).out;
    assert!(printed.starts_with("out/b.png: 1 box\nout/a.png: 2 boxes\n"), "{printed}");
    assert!(printed.ends_with(&format!("{all50}\n")), "{printed}");
    // Without boxes there is nothing to score.
    place.write("pictures/truth.json", truth(&images[..2], &[]));
    let printed = place.good("ufw", &detect(&["-pictures=pictures/truth.json"])).out;
    assert!(!printed.contains("AP@"), "{printed}");
}

/// Test nets make pictures ready by their own transform_param, whether their database is there or not: exact. The int8
/// net finds the same boxes, with scores within 0.02: statistical.
#[test]
fn test_nets_and_int8() {
    let place = place();
    let data = "layer { name: 'data' type: 'Data' top: 'data' top: 'label'
        transform_param { scale: 0.003921568627 resize_param { height: 16 width: 24 } }
        data_param { source: 'squares_lmdb' backend: LMDB batch_size: 4 } }";
    place.write("squares_test.prototxt", format!("{data}{LAYERS}"));
    place.good("ufw", &detect(&["-pictures=pictures"]));
    let deploy = place.read("out/results.json");
    let with =
        |model, weights| vec!["detect", model, weights, HEAD, "-pictures=pictures", "-out=out"];
    place.good("ufw", &with("-model=squares_test.prototxt", "-weights=squares.prototxt"));
    assert!(place.read("out/results.json") == deploy, "the database is not there");
    place.write("list.txt", "a.png 0\nb.png 0\n");
    let convert =
        ["-resize_height=16", "-resize_width=24", "pictures/", "list.txt", "squares_lmdb"];
    place.good("convert_imageset", &convert);
    place.good("ufw", &with("-model=squares_test.prototxt", "-weights=squares.prototxt"));
    assert!(place.read("out/results.json") == deploy, "the database is there");
    // Its mean is replaced by the flag.
    let mut mean = with("-model=squares_test.prototxt", "-weights=squares.prototxt");
    mean.push("-mean_value=25.5");
    place.good("ufw", &mean);
    assert_eq!(boxes(&place, 8.0 * 0.9 + 16.0 * 0.1 - 6.0), expected(&FOUND));

    let release = ["release", "-model=squares_test.prototxt", "-weights=squares.prototxt"];
    place.good("calibration_use_pb", &[&release[..], &["-iterations=1"]].concat());
    for (prototxt, more) in [
        ("-model=squares_test_int8_unique_top.prototxt", None),
        ("-model=squares_deploy_int8_unique_top.prototxt", Some("-scale=0.003921568627")),
    ] {
        let mut arguments = with(prototxt, "-weights=squares.int8umodel");
        arguments.extend(more);
        place.good("ufw", &arguments);
        let found = results(&place);
        assert_eq!(found.len(), 3, "{found:?}");
        for (found, (image, category, bbox)) in found.iter().zip(FOUND) {
            assert_eq!(
                (&found["image_id"], &found["category_id"]),
                (&json!(image), &json!(category))
            );
            let score = found["score"].as_f64().expect("a score");
            assert!((score - sigmoid(2.0)).abs() < 0.02, "{score}");
            for (index, side) in bbox.iter().enumerate() {
                let found = found["bbox"][index].as_f64().expect("a side");
                // A step of the head is 0.11 of a place, which has 16 pixels of the larger picture.
                assert!((found - side).abs() < 1.8, "{found} {side}");
            }
        }
    }
}

/// The same squares by an SSD: its priors are the places, and its background has the logit 0, so that a class has the
/// score that YOLO's has. Boxes are those of the other net within 1e-4, scores within 1e-5.
#[test]
fn boxes_of_a_detection_output_layer() {
    let place = place();
    let flat = |name: &str| {
        format!(
            "layer {{ name: '{name}_perm' type: 'Permute' bottom: '{name}' top: '{name}_perm'
                      permute_param {{ order: 0 order: 2 order: 3 order: 1 }} }}
             layer {{ name: '{name}_flat' type: 'Flatten' bottom: '{name}_perm' top: '{name}_flat' }}"
        )
    };
    let convolution = |name: &str| {
        format!(
            "layer {{ name: '{name}' type: 'Convolution' bottom: 'pool' top: '{name}'
                      convolution_param {{ num_output: 4 kernel_size: 1 }} }}"
        )
    };
    let net = [
        "layer { name: 'data' type: 'Input' top: 'data' input_param { shape { dim: 1 dim: 3 dim: 16 dim: 24 } } }",
        "layer { name: 'pool' type: 'Pooling' bottom: 'data' top: 'pool'
                 pooling_param { pool: AVE kernel_size: 8 stride: 8 } }",
        &convolution("loc"),
        &flat("loc"),
        &convolution("conf"),
        &flat("conf"),
        "layer { name: 'rows' type: 'Reshape' bottom: 'conf_flat' top: 'rows'
                 reshape_param { shape { dim: 0 dim: -1 dim: 4 } } }
         layer { name: 'softmax' type: 'Softmax' bottom: 'rows' top: 'softmax' softmax_param { axis: 2 } }
         layer { name: 'scores' type: 'Flatten' bottom: 'softmax' top: 'scores' }
         layer { name: 'priors' type: 'PriorBox' bottom: 'pool' bottom: 'data' top: 'priors'
                 prior_box_param { min_size: 8 step: 8 offset: 0.5
                                   variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2 } }
         layer { name: 'found' type: 'DetectionOutput' bottom: 'loc_flat' bottom: 'scores' bottom: 'priors' top: 'found'
                 detection_output_param { num_classes: 4 share_location: true background_label_id: 0
                                          nms_param { nms_threshold: 0.45 top_k: 100 } code_type: CENTER_SIZE
                                          keep_top_k: 50 confidence_threshold: 0.01 } }",
    ];
    let weights = |name: &str, values: &str, biases: &str| {
        format!(
            "layer {{ name: '{name}' type: 'Convolution'
                      blobs {{ shape {{ dim: 4 dim: 3 dim: 1 dim: 1 }} data: [{values}] }}
                      blobs {{ shape {{ dim: 4 }} data: [{biases}] }} }}"
        )
    };
    let locations = weights("loc", "0, 0, 0,  0, 0, 0,  0, 0, 0,  0, 0, 0", "0, 0, 0, 0");
    let classes = weights("conf", "0, 0, 0,  8, -8, -8,  -8, 8, -8,  -8, -8, 8", "0, -6, -6, -6");
    place.write("deploy.prototxt", net.join("\n"));
    place.write("squares.prototxt", format!("{locations}{classes}"));
    let ssd = |more: &[&str]| -> Vec<String> {
        let all = [
            &["detect"][..],
            &DEPLOY,
            &["-out=out", "-scale=0.003921568627", "-pictures=pictures"],
            more,
        ];
        all.concat().into_iter().map(str::to_owned).collect()
    };
    let run = |more: &[&str]| {
        let arguments = ssd(more);
        place.good("ufw", &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let printed = run(&[]).out;
    assert!(printed.ends_with("out/results.json: 3 boxes of 2 pictures\n"), "{printed}");
    let found = boxes(&place, 2.0);
    assert_eq!(found.len(), 3);
    for ((image, category, bbox), expected) in found.iter().zip(FOUND) {
        assert_eq!((image, category), (&json!(expected.0), &json!(expected.1)));
        for (index, side) in expected.2.iter().enumerate() {
            let found = bbox[index].as_f64().expect("a side");
            assert!((found - side).abs() < 1e-4, "{found} {side}");
        }
    }
    // A picture without boxes, which the layer says by a row of −1; what the head says instead of the layer.
    run(&["-score_threshold=0.9"]);
    assert!(results(&place).is_empty());
    run(&["-head=ssd:background=none", "-outputs=found"]);
    let categories: Vec<Value> = results(&place).iter().map(|r| r["category_id"].clone()).collect();
    assert_eq!(categories, [2, 4, 3]);
    let black: &[[u8; 3]] = &[BLACK; 3];
    place.write("pictures/a.png", picture(&[black, black], 8));
    place.write("pictures/b.png", picture(&[black, black], 8));
    assert!(run(&[]).out.ends_with("0 boxes of 2 pictures\n"));
}

/// The trained net of `fixtures/shapes` against onnxruntime and numpy, as recorded by
/// `fixtures/detection-shapes/record.py`: the same boxes, scores and corners within 1e-3.
#[test]
fn shapes_are_found_as_by_onnxruntime() {
    let place = Place::new();
    let model = argument("shapes/yolo.onnx");
    place.good("on_to_umodel", &["-m", &model, "-d", ".", "-n", "yolo"]);
    let pictures = format!("-pictures={}", argument("detection-shapes/truth.json"));
    let arguments = [
        "detect",
        "-model=yolo.prototxt",
        "-weights=yolo.fp32umodel",
        "-head=yolov8:classes=3,bins=8,strides=8:16",
        &pictures,
        "-out=out",
        "-mean_value=127.5",
        "-scale=0.0078431373",
        "-score_threshold=0.05",
    ];
    let printed = place.good("ufw", &arguments).out;
    let recorded = fs::read(argument("detection-shapes/yolo.json")).expect("recorded");
    let recorded: Value = serde_json::from_slice(&recorded).expect("JSON");
    let (found, recorded) = (results(&place), recorded.as_array().expect("a list"));
    assert_eq!((found.len(), recorded.len()), (58, 58));
    for (found, recorded) in found.iter().zip(recorded) {
        let numbers = |result: &Value| -> Vec<f64> {
            let bbox = result["bbox"].as_array().expect("a box").iter();
            bbox.chain([&result["score"]]).filter_map(Value::as_f64).collect()
        };
        for name in ["image_id", "category_id"] {
            assert_eq!(found[name], recorded[name]);
        }
        let (found, recorded) = (numbers(found), numbers(recorded));
        assert_eq!((found.len(), recorded.len()), (5, 5));
        for (found, recorded) in found.iter().zip(&recorded) {
            assert!((found - recorded).abs() < 1e-3, "{found} {recorded}");
        }
    }
    // All true boxes are found: exact.
    let last: Vec<&str> = printed.lines().last().expect("a line").split_whitespace().collect();
    assert_eq!((last[0], last[1], last[3], last[4]), ("all", "8", "1.0000", "1.0000"));
}

/// Whatever is wrong, nothing is written, not even the folder.
#[test]
fn mistakes() {
    let place = place();
    let fails = |code, more: &[&str], expected: &str| {
        let arguments = [&["detect"][..], &DEPLOY, &["-out=out"], more].concat();
        place.fails(code, "ufw", &arguments, expected);
    };
    let pictures = "-pictures=pictures";
    fails(2, &[pictures, "-head=yolo8"], "did you mean yolov8");
    fails(2, &[pictures, "-head=yolov8:clases=3"], "did you mean classes?");
    fails(2, &[pictures, HEAD, "-score_threshold=1.5"], "not a number from 0 to 1");
    fails(2, &[pictures, HEAD, "-scale=inf"], "not a finite number");
    fails(2, &[pictures, HEAD, "-most=0"], "1..=100000");
    fails(1, &[pictures], "the net has no DetectionOutput layer that finds boxes: -head=SPEC");
    fails(
        1,
        &[pictures, "-head=yolov8:classes=4,bins=1,strides=8"],
        "has 8 channels, the tensors of that size have [7]",
    );
    fails(1, &[pictures, "-head=yolov8:classes=3,bins=1"], "its tensors are 0 \"head\" 1x7x2x3");
    fails(1, &[pictures, HEAD, "-outputs=haed"], "no blob \"haed\"; did you mean \"head\"?");
    fails(1, &[pictures, HEAD, "-names=a,b"], "-names has 2 classes, the head 3");
    fails(1, &[pictures, HEAD, "-mean_value=1,2"], "mean_value");
    fails(1, &["-pictures=none.txt", HEAD], "none.txt: ");
    fails(1, &["-pictures=none.png", HEAD], "none.png: ");
    place.write("list.txt", "pictures/a.png\npictures/none.png\n");
    fails(1, &["-pictures=list.txt", HEAD], "pictures/none.png: ");
    place.write("list.txt", "\n");
    fails(1, &["-pictures=list.txt", HEAD], "list.txt: no pictures");
    place.write("bad.png", b"no picture");
    fails(1, &["-pictures=bad.png", HEAD], "bad.png: ");
    place.write("truth.json", "{");
    fails(1, &[pictures, HEAD, "-ground_truth=truth.json"], "truth.json: no COCO file");
    place.write("truth.json", truth(&[(1, "a.png")], &[]));
    fails(
        1,
        &[pictures, HEAD, "-ground_truth=truth.json"],
        "pictures/b.png: not in the ground truth",
    );
    place.write("truth.json", r#"{"images": [{"id": 1, "file_name": "pictures/a.png"}], "categories": [{"id": 1, "name": "x"}]}"#);
    fails(1, &["-pictures=truth.json", HEAD], "the COCO file has 1 classes, the head 3");
    // A folder without pictures, a file where the folder should be.
    fs::create_dir(place.path("empty")).expect("folder");
    fails(1, &["-pictures=empty", HEAD], "empty: no pictures");
    place.write("out", "");
    fails(1, &[pictures, HEAD], "out");
    fs::remove_file(place.path("out")).expect("removed");

    // Values that are no numbers, a net with two inputs.
    place.write("squares.prototxt", WEIGHTS.replace("-6, -6, -6", "-6, nan, -6"));
    fails(1, &[pictures, HEAD], "has the value NaN at index");
    place.write("squares.prototxt", WEIGHTS);
    let input = |name| {
        format!(
            "layer {{ name: '{name}' type: 'Input' top: '{name}' input_param {{ shape {{ dim: 1 dim: 3 dim: 16 dim: 24 }} }} }}"
        )
    };
    let sum = "layer { name: 'sum' type: 'Eltwise' bottom: 'data' bottom: 'other' top: 'sum' }";
    place.write("deploy.prototxt", format!("{}{}{LAYERS}{sum}", input("data"), input("other")));
    fails(1, &[pictures, HEAD], "the net has 2 inputs, pictures are one");
    place
        .write("deploy.prototxt", format!("{}{LAYERS}", input("data").replace("dim: 3", "dim: 2")));
    fails(1, &[pictures, HEAD], "deploy.prototxt");
    let data =
        "layer { name: 'data' type: 'Data' top: 'data' data_param { source: 'x' batch_size: 1 } }";
    place.write("deploy.prototxt", format!("{data}{LAYERS}"));
    fails(
        1,
        &[pictures, HEAD, "-bgr2rgb"],
        "-bgr2rgb goes with a prototxt that starts from an Input layer",
    );
}
