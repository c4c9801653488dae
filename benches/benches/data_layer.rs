//! Reading a database and preprocessing: 256 × 256 bytes, centre crop 227, mean, scale; batches of 50.
//!
//! The peer is real Caffe's Data layer (C++), run once by `caffe_data` on the same database:
//! `CAFFE_DATA=FOLDER cargo bench -p benches --bench data_layer`, where FOLDER has what
//! `benches/caffe_data.cpp` compiles to. Without it only ours is measured.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use datum_store::{Backend, Datum, DatumData, Existing, create};
use uframework::data::{Batches, DatabaseSources};
use umodel::{Net, NetParameter, Phase};

const PICTURES: usize = 500;
const BATCH: usize = 50;

fn make(database: &Path) {
    let mut writer = create(database, Backend::Lmdb, Existing::Refuse).expect("new database");
    for number in 0..PICTURES {
        let byte = |i: usize| u8::try_from((i * 7 + number * 31 + i / 256) % 256).expect("a byte");
        let bytes = (0..3 * 256 * 256).map(byte).collect();
        let datum = Datum::new([3, 256, 256], DatumData::Bytes(bytes), 0).expect("fits");
        writer.put(format!("{number:08}").as_bytes(), &datum.to_wire()).expect("put");
    }
    writer.finish().expect("finish");
}

fn data_layer(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("temporary folder");
    let database = folder.path().join("pictures");
    make(&database);
    let text = format!(
        "layer {{ name: 'data' type: 'Data' top: 'data' top: 'label'
           data_param {{ source: {database:?} batch_size: {BATCH} backend: LMDB }}
           transform_param {{ crop_size: 227 scale: 0.0078125
             mean_value: 104 mean_value: 117 mean_value: 123 }} }}"
    );
    let prototxt = folder.path().join("net.prototxt");
    std::fs::write(&prototxt, &text).expect("written");
    let model = NetParameter::parse_text(&text).expect("prototxt");
    let net = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("net");
    let mut group = c.benchmark_group("data_layer");
    group.throughput(Throughput::Elements(BATCH as u64)).sample_size(20);
    group.bench_function("ours, one thread", |bencher| {
        let mut batches = Batches::open(&net).expect("database");
        bencher.iter(|| {
            let batch = batches.read().expect("records");
            black_box(batches.transform(&batch).expect("pictures"))
        });
    });
    group.bench_function("ours, reading ahead", |bencher| {
        let batches = Batches::open(&net).expect("database");
        let preprocessing = batches.preprocessing();
        let mut ahead = batches.ahead().expect("thread");
        bencher.iter(|| {
            let batch = ahead.read().expect("records");
            black_box(preprocessing.transform(&batch).expect("pictures"))
        });
    });
    if let Some(peer) = std::env::var_os("CAFFE_DATA") {
        let program = Path::new(&peer).join("caffe_data");
        group.bench_function("Caffe's Data layer, which reads ahead", |bencher| {
            bencher.iter_custom(|iterations| {
                let output = Command::new(&program)
                    .arg(&prototxt)
                    .arg(iterations.to_string())
                    .env("LD_LIBRARY_PATH", &peer)
                    .output()
                    .expect("caffe_data runs");
                let text = String::from_utf8_lossy(&output.stdout);
                std::time::Duration::from_secs_f64(text.trim().parse().expect("seconds"))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, data_layer);
criterion_main!(benches);
