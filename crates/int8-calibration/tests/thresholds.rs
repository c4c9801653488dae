//! Bit-exact: thresholds against those that numpy gives by the definition (fixtures/thresholds/record.py).

use std::collections::BTreeMap;
use std::path::Path;

use int8_calibration::{Histogram, Method};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    kind: String,
    seed: u64,
    count: usize,
    exponent: i32,
    /// Values behind those that are drawn, and how often.
    more: Vec<(i64, usize)>,
    max: f32,
    /// By the number of steps.
    kl: BTreeMap<usize, f32>,
}

/// The script's generator.
struct Draw(u64);

impl Draw {
    fn byte(&mut self) -> i64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 56).expect("a byte")
    }

    fn value(&mut self, kind: &str) -> i64 {
        match kind {
            "uniform" => self.byte() * 256 + self.byte(),
            "bell" => (0..12).map(|_| self.byte()).sum::<i64>() - 1530,
            "rectified" => self.value("bell").max(0),
            "heavy" => self.byte() * self.byte() * self.byte(),
            "peaked" => self.value("bell") * self.byte(),
            "cubed" => (self.byte() - 128).pow(3),
            "lattice" => (self.byte() - 128) * 16,
            "few" => self.byte() % 50,
            "zero" => 0,
            other => panic!("unknown kind {other}"),
        }
    }
}

#[test]
fn thresholds_are_those_of_numpy() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/thresholds/cases.json");
    let text = std::fs::read_to_string(path).expect("cases");
    let cases: Vec<Case> = serde_json::from_str(&text).expect("JSON");
    let (mut wrong, mut clipped) = (Vec::new(), 0);
    for case in &cases {
        let mut draw = Draw(case.seed);
        let drawn = (0..case.count).map(|_| draw.value(&case.kind));
        let more = case.more.iter().flat_map(|&(value, times)| std::iter::repeat_n(value, times));
        // Exact: integers of 24 bits times a power of two.
        let real = |value: i64| value as f32 * 2f32.powi(case.exponent);
        let values: Vec<f32> = drawn.chain(more).map(real).collect();
        let mut histogram = Histogram::default();
        histogram.add(&values);
        let mut check = |method: Method, levels: usize, expected: f32| {
            let found = method.threshold(&histogram, levels);
            if found.to_bits() != expected.to_bits() {
                let Case { kind, seed, count, .. } = case;
                wrong.push(format!(
                    "{kind}, seed {seed}, {count} values, {method}, {levels} steps: \
                     {found}, not {expected}"
                ));
            }
        };
        for (&levels, &expected) in &case.kl {
            check(Method::Kl, levels, expected);
            check(Method::Max, levels, case.max);
            clipped += usize::from(expected < case.max);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!((cases.len(), clipped), (36, 13));
}
