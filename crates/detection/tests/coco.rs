//! COCO's AP against pycocotools, as recorded by `fixtures/detection-coco/record.py`: 1e-12.

use std::collections::BTreeSet;
use std::path::Path;

use detection::coco::{GroundTruth, Limits, parse_results};
use serde_json::Value;

fn read(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/detection-coco");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn same(found: Option<f64>, expected: &Value, what: &str) {
    match (found, expected.as_f64()) {
        (None, None) => {}
        (Some(found), Some(expected)) if (found - expected).abs() < 1e-12 => {}
        (found, expected) => panic!("{what}: {found:?}, pycocotools has {expected:?}"),
    }
}

#[test]
fn as_pycocotools() {
    let truth = GroundTruth::parse(&read("truth.json"), &Limits::default()).expect("truth");
    let results = parse_results(&read("results.json"), &Limits::default()).expect("results");
    let expected: Value = serde_json::from_slice(&read("expected.json")).expect("JSON");
    let cases = expected.as_array().expect("cases");
    assert_eq!(cases.len(), 2);
    for case in cases {
        let found = match case["images"].as_array() {
            None => truth.average_precision(&results),
            Some(images) => {
                let images: BTreeSet<u64> = images.iter().filter_map(Value::as_u64).collect();
                truth.average_precision_of(&images, &results)
            }
        };
        same(found.ap, &case["ap"], "AP");
        same(found.ap50, &case["ap50"], "AP at 0.5");
        same(found.ap75, &case["ap75"], "AP at 0.75");
        assert_eq!(found.categories.len(), 4);
        for category in &found.categories {
            let name = category.category.to_string();
            let expected = &case["categories"][&name];
            assert!(expected.is_object(), "class {name}");
            same(category.ap, &expected["ap"], &name);
            same(category.ap50, &expected["ap50"], &name);
            same(category.ap75, &expected["ap75"], &name);
        }
    }
}
