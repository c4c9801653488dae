//! Text parsing, binary decoding and encoding of models, beside Python's protobuf.
//!
//!     benches/make_umodel_inputs.py FOLDER
//!     UMODEL_BENCH=FOLDER UMODEL_PEERS="PYTHON PYTHON:cpp" cargo bench -p benches --bench umodel
//!
//! Each interpreter of UMODEL_PEERS runs `umodel_peers.py` after criterion's measurements; it may be followed by a
//! colon and the back end, `upb` (if none is named) or `cpp`. The ratios: the peer's best time over ours, which is
//! taken before and after the peer.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use criterion::Criterion;
use umodel::NetParameter;

/// The best of some runs, for the ratios: the peers report theirs. Input and result are dropped outside.
fn best<T>(times: usize, mut run: impl FnMut() -> T) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..times {
        let start = Instant::now();
        let result = run();
        best = best.min(start.elapsed());
        drop(result);
    }
    best.as_secs_f64()
}

fn main() {
    let Ok(folder) = std::env::var("UMODEL_BENCH") else {
        eprintln!("SKIPPED: UMODEL_BENCH is not set; see benches/benches/umodel.rs");
        return;
    };
    let folder = Path::new(&folder);
    let text = std::fs::read_to_string(folder.join("net.prototxt")).expect("net.prototxt");
    let binary = std::fs::read(folder.join("net.caffemodel")).expect("net.caffemodel");
    let net = NetParameter::from_bytes(&binary).expect("good");
    assert!(net.to_bytes().expect("bytes") == binary, "net.caffemodel comes back as it was");

    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let parse = || NetParameter::parse_text(&text).expect("good");
    let decode = || NetParameter::from_bytes(&binary).expect("good");
    let encode = || net.to_bytes().expect("bytes");
    criterion.bench_function("text_parse", |bencher| bencher.iter_with_large_drop(parse));
    criterion.bench_function("binary_decode", |bencher| bencher.iter_with_large_drop(decode));
    criterion.bench_function("binary_encode", |bencher| bencher.iter_with_large_drop(encode));
    criterion.final_summary();

    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for peer in std::env::var("UMODEL_PEERS").unwrap_or_default().split_whitespace() {
        // Ours before and after: what the machine does in between shows in both.
        let ours = || [best(3, parse), best(5, decode), best(5, encode)];
        let before = ours();
        let (python, implementation) = peer.split_once(':').unwrap_or((peer, "upb"));
        let output = Command::new(python)
            .arg(here.join("umodel_peers.py"))
            .arg(folder)
            .arg(here.join("../crates/umodel/proto"))
            .args(["--implementation", implementation])
            .output()
            .expect("the interpreter starts");
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{log}");
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let theirs: BTreeMap<&str, f64> = lines
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, seconds)| (name, seconds.parse().expect("seconds")))
            .collect();
        let after = ours();
        println!("{}", log.trim());
        for (index, name) in ["text_parse", "binary_decode", "binary_encode"].iter().enumerate() {
            let ours = before[index].min(after[index]);
            let theirs = theirs[name];
            println!(
                "{name:14} ours {ours:.4} s, theirs {theirs:.4} s, ratio {:.2}",
                theirs / ours
            );
        }
    }
}
