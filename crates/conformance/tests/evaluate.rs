//! Averages over a test: weighted losses, exact, and memory, statistical.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::sync::Arc;

use quantization_tools::prelude::*;

/// The same picture of one value, whose label is 1.
fn executor(folder: &Path, layers: &str) -> Executor {
    let database = folder.join("db");
    let mut writer = create(&database, Backend::Lmdb, Existing::Overwrite).expect("new");
    let datum = Datum::new([1, 1, 1], DatumData::Bytes(vec![3]), 1).expect("fits");
    writer.put(b"0", &datum.to_wire()).expect("put");
    writer.finish().expect("finish");
    let text = format!(
        "layer {{ name: 'data' type: 'Data' top: 'data' top: 'label'
                  data_param {{ source: {:?} batch_size: 1 backend: LMDB }} }} {layers}",
        database.display().to_string()
    );
    let model = NetParameter::parse_text(&text).expect("valid");
    let net = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("valid");
    Executor::new(Arc::new(net)).expect("runs")
}

/// Exact: as `caffe test` sums it up, over all tops with a weight, whether others read them or not.
#[test]
fn losses_are_weighted() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let executor = executor(
        folder.path(),
        "layer { name: 'two' type: 'Tile' bottom: 'data' top: 'two' tile_param { tiles: 2 } loss_weight: 0.5 }
         layer { name: 'loss1' type: 'SoftmaxWithLoss' bottom: 'two' bottom: 'label' top: 'loss1' loss_weight: 0.3 }
         layer { name: 'loss2' type: 'SoftmaxWithLoss' bottom: 'two' bottom: 'label' top: 'loss2' }
         layer { name: 'prob' type: 'Softmax' bottom: 'two' top: 'prob' }",
    );
    let outputs = evaluate(&executor, 3, |_| ()).expect("runs");
    let found: Vec<(&str, f32, &[f32])> = outputs
        .iter()
        .map(|output| (output.name.as_str(), output.loss_weight, output.values.as_slice()))
        .collect();
    let half = 2f32.ln();
    let expected: [(&str, f32, &[f32]); 4] = [
        ("two", 0.5, &[3.0, 3.0]),
        ("loss1", 0.3, &[half]),
        ("loss2", 1.0, &[half]),
        ("prob", 0.0, &[0.5, 0.5]),
    ];
    assert_eq!(found, expected);
    let loss: f32 = outputs.iter().map(|output| output.loss()).sum();
    assert_eq!(loss, 3.0 + 0.3 * half + half);
}

/// The most memory that this process had so far, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("proc");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("peak");
    let kilobytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok());
    kilobytes.expect("number") << 10
}

/// Statistical: the bound is a tenth of what the outputs of all iterations take.
#[test]
fn memory_does_not_grow_with_the_iterations() {
    const VALUES: usize = 1 << 20;
    const ITERATIONS: usize = 100;
    let folder = tempfile::tempdir().expect("temporary folder");
    let wide = format!(
        "layer {{ name: 'wide' type: 'Tile' bottom: 'data' top: 'wide' tile_param {{ tiles: {VALUES} }} }}"
    );
    let executor = executor(folder.path(), &wide);
    // As many as may wait for their turn.
    let few = 2 * rayon::current_num_threads();
    let run = |iterations| {
        let outputs = evaluate(&executor, iterations, |_| ()).expect("runs");
        let wide = outputs.iter().find(|output| output.name == "wide").expect("an output");
        assert_eq!((wide.values.len(), wide.values[0]), (VALUES, 3.0));
    };
    run(few);
    let before = peak();
    run(ITERATIONS);
    let grown = peak() - before;
    assert!(grown < (4 * VALUES * ITERATIONS / 10) as u64, "{grown} bytes");
}
