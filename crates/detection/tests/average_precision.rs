//! Within 1e-6: average precisions against those that numpy gives by their definitions
//! (fixtures/detection/record.py).

use std::path::Path;

use detection::precision::ssd::{ApVersion, Detections};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    /// Score, and 1 if the box is right.
    rows: Vec<(f32, u8)>,
    positives: u16,
    /// 11point, MaxIntegral, Integral.
    expected: [f32; 3],
}

#[test]
fn average_precisions_are_those_of_numpy() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/detection/precisions.json");
    let text = std::fs::read_to_string(file).expect("fixture");
    let cases: Vec<Case> = serde_json::from_str(&text).expect("JSON");
    for case in &cases {
        let mut detections = Detections::default();
        // In two iterations.
        let (first, second) = case.rows.split_at(case.rows.len() / 2);
        let row =
            |&(score, right): &(f32, u8)| [0.0, 1.0, score, f32::from(right), f32::from(1 - right)];
        detections.add([[-1.0, 1.0, f32::from(case.positives), -1.0, -1.0]]);
        detections.add(first.iter().map(row));
        detections.add(second.iter().map(row));
        let versions = [ApVersion::ElevenPoints, ApVersion::MaxIntegral, ApVersion::Integral];
        for (version, expected) in versions.into_iter().zip(case.expected) {
            let found = detections.mean(version);
            assert!((found - expected).abs() < 1e-6, "{version:?}: {found}, not {expected}");
        }
    }
    assert_eq!(cases.len(), 6);
}
