//! Layers that bring their own blobs, as far as recordings of Caffe do not show them. Exact, unless it says more.
#![expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "small numbers")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datum_store::{Backend, Datum, DatumData, Existing, create};
use ndarray::ArrayD;
use uframework::data::{Batches, DatabaseSources, memory_batch};
use uframework::{Error, Executor, Value, Workspace};
use umodel::{Net, NetParameter, Phase};

/// Twenty-five pictures of 3 x 8 x 6, the same in both, written by real Caffe.
const LMDB: &str = "datum-store/lmdb-caffe";
const LEVELDB: &str = "datum-store/leveldb-caffe";
const RECORDS: usize = 25;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

fn parse(text: &str) -> Result<Net, umodel::Error> {
    Net::new(&NetParameter::parse_text(text)?, None, Phase::Test, &DatabaseSources)
}

fn data_net(source: &Path, data_param: &str, transform: &str) -> Net {
    let text = format!(
        "layer {{ name: 'd' type: 'Data' top: 'data' top: 'label' transform_param {{ {transform} }} \
         data_param {{ source: '{}' {data_param} }} }}",
        source.display()
    );
    parse(&text).expect("valid")
}

/// All tops of so many batches.
fn passes(mut batches: Batches, count: usize) -> Vec<Vec<ArrayD<f32>>> {
    let mut pass = || {
        let batch = batches.read().expect("reads");
        let values = batches.transform(&batch).expect("valid");
        values.into_iter().map(|(_, value)| value.to_f32(1.0)).collect()
    };
    (0..count).map(|_| pass()).collect()
}

fn labels(batches: Batches, count: usize) -> Vec<f32> {
    passes(batches, count).iter().flat_map(|pass| pass[1].iter().copied()).collect()
}

/// The labels of the database, read without a layer.
fn stored_labels() -> Vec<f32> {
    let mut store = datum_store::open(fixture(LMDB), Backend::Lmdb).expect("opens");
    let mut labels = Vec::new();
    while let Some(record) = store.next_record().expect("reads") {
        labels.push(record.datum().expect("a datum").label() as f32);
    }
    assert_eq!(labels.len(), RECORDS);
    labels
}

#[test]
fn leveldb_gives_the_blobs_of_lmdb() {
    let transform = "mirror: true crop_size: 5 mean_value: 100 scale: 0.25";
    let net = |source, backend: &str| {
        data_net(&fixture(source), &format!("batch_size: 7 rand_skip: 9 {backend}"), transform)
    };
    // LevelDB is Caffe's default.
    let leveldbs = [net(LEVELDB, "backend: LEVELDB"), net(LEVELDB, "")];
    let lmdb = net(LMDB, "backend: LMDB");
    assert_eq!(lmdb.blob(lmdb.blob_id("data").expect("a top")).shape, [7, 3, 5, 5]);
    let test = passes(Batches::open(&lmdb).expect("opens"), 5);
    let trained = passes(Batches::training(&lmdb, 9).expect("opens"), 5);
    assert_ne!(test, trained);
    assert_ne!(test[0][0], test[1][0]);
    for leveldb in leveldbs {
        assert_eq!(leveldb.blobs(), lmdb.blobs());
        assert_eq!(passes(Batches::open(&leveldb).expect("opens"), 5), test);
        assert_eq!(passes(Batches::training(&leveldb, 9).expect("opens"), 5), trained);
    }
}

#[test]
fn batches_run_over_the_end_of_a_database() {
    let stored = stored_labels();
    for (source, backend) in [(LMDB, "LMDB"), (LEVELDB, "LEVELDB")] {
        for batch in [1, 7, 25, 60] {
            let param = format!("batch_size: {batch} backend: {backend}");
            let net = data_net(&fixture(source), &param, "");
            let count = 80usize.div_ceil(batch);
            let found = labels(Batches::open(&net).expect("opens"), count);
            let expected: Vec<f32> = stored.iter().cycle().copied().take(count * batch).collect();
            assert_eq!(found, expected, "{backend}, batches of {batch}");
        }
    }
}

#[test]
fn reading_ahead_gives_the_same_batches() {
    for (batch, prefetch) in [(7, 1), (7, 4), (1, 1000)] {
        let param = format!("batch_size: {batch} prefetch: {prefetch} backend: LMDB");
        let net = data_net(&fixture(LMDB), &param, "crop_size: 4 mirror: true");
        for seed in [None, Some(2)] {
            let open = || match seed {
                Some(seed) => Batches::training(&net, seed).expect("opens"),
                None => Batches::open(&net).expect("opens"),
            };
            let plain = passes(open(), 40);
            let batches = open();
            let preprocessing = batches.preprocessing();
            let mut ahead = batches.ahead().expect("a thread");
            for expected in &plain {
                let values = preprocessing.transform(&ahead.read().expect("reads"));
                let values = values.expect("valid").into_iter();
                let found: Vec<ArrayD<f32>> = values.map(|(_, value)| value.to_f32(1.0)).collect();
                assert_eq!(&found, expected);
            }
            // The thread waits to hand over the next batch; this ends it.
            drop(ahead);
        }
    }
}

#[test]
fn rand_skip_depends_on_the_seed_and_only_in_training() {
    let stored = stored_labels();
    let distinct: BTreeSet<i64> = stored.iter().map(|&label| label as i64).collect();
    assert_eq!(distinct.len(), RECORDS, "a label tells the record");
    let net = |skip| {
        let param = format!("batch_size: 5 rand_skip: {skip} backend: LMDB");
        data_net(&fixture(LMDB), &param, "")
    };
    let skipping = net(10);
    assert_eq!(labels(Batches::open(&skipping).expect("opens"), 1), stored[..5]);
    let mut starts = BTreeSet::new();
    for seed in 0..60 {
        let found = labels(Batches::training(&skipping, seed).expect("opens"), 6);
        let start = stored.iter().position(|&label| label == found[0]).expect("a record");
        let expected: Vec<f32> = stored.iter().cycle().skip(start).copied().take(30).collect();
        assert_eq!(found, expected);
        assert_eq!(labels(Batches::training(&skipping, seed).expect("opens"), 6), found);
        starts.insert(start);
        assert_eq!(labels(Batches::training(&net(0), seed).expect("opens"), 1), stored[..5]);
    }
    // Of 60 draws each number from 0 to 9 comes up; 10 and more may not.
    assert_eq!(starts, (0..10).collect());
}

#[test]
fn batch_size_0_takes_the_shape_of_the_records() {
    // record.py: three records of [1, 3, 2, 2] with values index - i / 2 and labels from 1 on.
    let net = data_net(&fixture("datum-store/lmdb-vendor"), "batch_size: 0 backend: LMDB", "");
    let shapes: Vec<&[usize]> = net.blobs().iter().map(|blob| blob.shape.as_slice()).collect();
    assert_eq!(shapes, [&[1, 3, 2, 2][..], &[1]]);
    let found = passes(Batches::open(&net).expect("opens"), 7);
    for (pass, tops) in found.iter().enumerate() {
        let index = (pass % 3) as f32;
        assert_eq!(tops[0].shape(), [1, 3, 2, 2]);
        let expected: Vec<f32> = (0..12).map(|i| index - 0.5 * i as f32).collect();
        assert_eq!(tops[0].iter().copied().collect::<Vec<_>>(), expected);
        assert_eq!(tops[1].iter().copied().collect::<Vec<_>>(), [index + 1.0]);
    }
    // Records of one picture may be put together.
    let net = data_net(&fixture("datum-store/lmdb-vendor"), "batch_size: 2 backend: LMDB", "");
    assert_eq!(net.blobs()[0].shape, [2, 3, 2, 2]);
    assert_eq!(labels(Batches::open(&net).expect("opens"), 2), [1.0, 2.0, 3.0, 1.0]);
}

/// A database of batches of these shapes, the values from 0 on.
fn vendors(path: &Path, records: &[&[usize]]) {
    let mut writer = create(path, Backend::Lmdb, Existing::Refuse).expect("creates");
    for (index, dims) in records.iter().enumerate() {
        let values = (0..dims.iter().product()).map(|i: usize| i as f32).collect();
        let datum = Datum::with_dims(dims, DatumData::Floats(values), index as i32).expect("fits");
        writer.put(format!("{index:08}").as_bytes(), &datum.to_wire()).expect("puts");
    }
    writer.finish().expect("writes");
}

#[test]
fn batch_size_0_takes_records_that_hold_batches() {
    let place = tempfile::tempdir().expect("folder");
    let path = |name| place.path().join(name);
    for (name, dims, shape) in [
        ("nchw", &[4, 2, 3, 5][..], &[4, 2, 3, 5][..]),
        ("chw", &[2, 3, 5], &[1, 2, 3, 5]),
        ("nc", &[4, 6], &[4, 6]),
        ("c", &[6], &[1, 6]),
    ] {
        vendors(&path(name), &[dims]);
        let net = data_net(&path(name), "batch_size: 0 backend: LMDB", "scale: 2");
        assert_eq!(net.blobs()[0].shape, shape, "{name}");
        assert_eq!(net.blobs()[1].shape, shape[..1], "{name}");
        let found = passes(Batches::open(&net).expect("opens"), 1);
        let values: Vec<f32> = found[0][0].iter().copied().collect();
        let expected: Vec<f32> = (0..values.len()).map(|i| 2.0 * i as f32).collect();
        assert_eq!((found[0][0].shape(), values), (shape, expected), "{name}");
        assert!(found[0][1].iter().all(|&label| label == 0.0));
    }
    let text = |name| {
        format!(
            "layer {{ name: 'd' type: 'Data' top: 'data' data_param {{ source: '{}' batch_size: 1 backend: LMDB }} }}",
            path(name).display()
        )
    };
    let error = parse(&text("nchw")).expect_err("a batch in a record");
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(format!("{error}: {cause}").contains("holds 4 pictures, which needs batch_size: 0"));
    // The next record has another shape.
    vendors(&path("mixed"), &[&[2, 3, 4, 4], &[2, 3, 4, 5]]);
    let net = data_net(&path("mixed"), "batch_size: 0 backend: LMDB", "");
    let mut batches = Batches::open(&net).expect("opens");
    let first = batches.read().expect("reads");
    assert!(batches.transform(&first).is_ok());
    let second = batches.read().expect("reads");
    let error = batches.transform(&second).expect_err("another shape");
    assert!(matches!(error, Error::RecordShape { .. }), "{error}");
    // Another number of pictures is seen by the executor.
    vendors(&path("counts"), &[&[2, 3, 4, 4], &[3, 3, 4, 4]]);
    let net = Arc::new(data_net(&path("counts"), "batch_size: 0 backend: LMDB", ""));
    let mut batches = Batches::open(&net).expect("opens");
    let executor = Executor::new(net).expect("runs");
    let mut run = || {
        let batch = batches.read().expect("reads");
        let sources = batches.transform(&batch).expect("valid");
        executor.forward(&mut Workspace::default(), sources, &mut |_, _: &_, _: &_| {})
    };
    run().expect("as the net has it");
    let error = run().expect_err("another number of pictures");
    assert!(matches!(error, Error::SourceShape { .. }), "{error}");
}

#[test]
fn memory_batches_are_preprocessed() {
    let net = parse(
        "layer { name: 'm' type: 'MemoryData' top: 'data' top: 'label' \
           transform_param { crop_size: 2 mean_value: 1 mean_value: 10 scale: 0.5 mirror: true } \
           memory_data_param { batch_size: 2 channels: 2 height: 2 width: 2 } } \
         layer { name: 'p' type: 'Power' bottom: 'data' top: 'twice' power_param { scale: 2 } }",
    )
    .expect("valid");
    let net = Arc::new(net);
    assert_eq!(net.blob(net.blob_id("data").expect("a top")).shape, [2, 2, 2, 2]);
    // Pixels c, y, x are 40 + 16 c + 4 y + x; the crop takes rows and columns 1 and 2.
    let pixels: Vec<u8> = (40..72).collect();
    let picture =
        |label| Datum::new([2, 4, 4], DatumData::Bytes(pixels.clone()), label).expect("a picture");
    let floats = pixels.iter().map(|&pixel| f32::from(pixel) + 0.5).collect();
    let floats = Datum::new([2, 4, 4], DatumData::Floats(floats), -3).expect("a picture");
    let values = memory_batch(&net, "m", vec![picture(7), floats.clone()]).expect("a batch");
    let expected = |offset: f32| -> Vec<f32> {
        let pixel = |c: usize, y: usize, x: usize| {
            let mean = [1.0, 10.0][c];
            ((40 + 16 * c + 4 * y + x) as f32 + offset - mean) * 0.5
        };
        let places = (0..8).map(|i| (i / 4, 1 + i / 2 % 2, 1 + i % 2));
        places.map(|(c, y, x)| pixel(c, y, x)).collect()
    };
    let data = [expected(0.0), expected(0.5)].concat();
    assert_eq!(values.len(), 2);
    assert_eq!(values[0].1.to_f32(1.0).iter().copied().collect::<Vec<_>>(), data);
    assert_eq!(values[1].1, Value::F32(ArrayD::from_shape_vec(vec![2], vec![7.0, -3.0]).unwrap()));
    // The executor takes them, and only from the caller.
    let executor = Executor::new(net.clone()).expect("runs");
    let outputs = executor.outputs(values).expect("runs");
    let doubled: Vec<f32> = data.iter().map(|value| value * 2.0).collect();
    let twice = outputs.iter().find(|value| value.shape().len() == 4).expect("the output");
    assert_eq!(twice.to_f32(1.0).iter().copied().collect::<Vec<_>>(), doubled);
    let error = executor.outputs(Vec::new()).expect_err("nothing given");
    assert!(matches!(error, Error::MissingSource { .. }), "{error}");
    assert!(matches!(Batches::open(&net), Err(Error::NoDataLayer)));
    // Mistakes.
    let error = memory_batch(&net, "m", vec![picture(1)]).expect_err("one picture");
    assert!(matches!(error, Error::BatchLength { expected: 2, found: 1, .. }), "{error}");
    for other in ["p", "q"] {
        let error = memory_batch(&net, other, vec![picture(1), picture(1)]).expect_err(other);
        assert!(matches!(error, Error::NotReadable { .. }), "{error}");
    }
    let gray = Datum::new([1, 4, 4], DatumData::Bytes(vec![0; 16]), 0).expect("a picture");
    let error = memory_batch(&net, "m", vec![picture(1), gray]).expect_err("one channel");
    assert!(error.to_string().contains("record \"1\""), "{error}");
}

/// The tops of a pass over a net of DummyData layers.
fn dummies(param: &str, tops: usize) -> Vec<ArrayD<f32>> {
    let names: String = (0..tops).map(|top| format!("top: 't{top}' ")).collect();
    let net = parse(&format!(
        "layer {{ name: 'd' type: 'DummyData' {names} dummy_data_param {{ {param} }} }}"
    ));
    let executor = Executor::new(Arc::new(net.expect("valid"))).expect("runs");
    let mut workspace = Workspace::default();
    let mut run = || {
        let mut found = Vec::new();
        let mut tap = |_, _: &umodel::Blob, value: &Value| found.push(value.to_f32(1.0));
        executor.forward(&mut workspace, Vec::new(), &mut tap).expect("runs");
        found
    };
    let first = run();
    assert_eq!(run(), first, "a second pass differs: {param}");
    first
}

#[test]
fn random_dummies_are_the_same_in_every_run() {
    for filler in [
        "type: 'uniform' min: -1 max: 3",
        "type: 'gaussian' mean: 1 std: 2",
        "type: 'gaussian' std: 1 sparse: 2",
        "type: 'positive_unitball'",
        "type: 'xavier'",
        "type: 'msra' variance_norm: FAN_OUT",
    ] {
        let param = format!("shape {{ dim: [4, 3, 5, 5] }} data_filler {{ {filler} }}");
        let found = dummies(&param, 2);
        assert_eq!(found, dummies(&param, 2), "{filler}");
        assert_ne!(found[0], found[1], "{filler}: tops must not draw alike");
        // The old form of a shape changes nothing else.
        let old = format!("num: 4 channels: 3 height: 5 width: 5 data_filler {{ {filler} }}");
        assert_eq!(found, dummies(&old, 2), "{filler}");
        let one_each = format!("{param} data_filler {{ type: 'constant' value: 2 }}");
        let mixed = dummies(&one_each, 2);
        assert_eq!(mixed[0], found[0], "{filler}");
        assert!(mixed[1].iter().all(|&value| value == 2.0), "{filler}");
    }
}

/// Statistical: 20,000 or more draws; bounds of five standard deviations and more.
#[test]
fn random_dummies_are_distributed_as_they_say() {
    let draw = |shape: &str, filler: &str| {
        let param = format!("shape {{ dim: [{shape}] }} data_filler {{ {filler} }}");
        dummies(&param, 1).remove(0)
    };
    let moments = |values: &ArrayD<f32>| {
        let count = values.len() as f32;
        let mean = values.sum() / count;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count;
        (mean, variance.sqrt())
    };
    let near = |found: f32, expected: f32, bound: f32| {
        assert!((found - expected).abs() < bound, "{found}, expected {expected}");
    };
    let within = |values: &ArrayD<f32>, low: f32, high: f32| {
        assert!(values.iter().all(|&value| (low..=high).contains(&value)));
    };
    let uniform = draw("200, 100", "type: 'uniform' min: -1 max: 3");
    within(&uniform, -1.0, 3.0);
    let (mean, std) = moments(&uniform);
    near(mean, 1.0, 0.05);
    near(std, 4.0 / 12f32.sqrt(), 0.03);
    let (mean, std) = moments(&draw("200, 100", "type: 'gaussian' mean: 1 std: 2"));
    near(mean, 1.0, 0.08);
    near(std, 2.0, 0.06);
    // On average 25 of 100 outputs' connections are not 0.
    let sparse = draw("100, 200", "type: 'gaussian' std: 1 sparse: 25");
    near(sparse.iter().filter(|&&value| value != 0.0).count() as f32 / 20_000.0, 0.25, 0.02);
    let ball = draw("50, 4, 10, 10", "type: 'positive_unitball'");
    within(&ball, 0.0, 1.0);
    for item in ball.outer_iter() {
        near(item.sum(), 1.0, 1e-4);
    }
    // Fans of [N, C, H, W]: C H W and N H W.
    for (norm, fan) in [("FAN_IN", 200.0f32), ("FAN_OUT", 2500.0), ("AVERAGE", 1350.0)] {
        let filler = |kind| format!("type: '{kind}' variance_norm: {norm}");
        let xavier = draw("100, 8, 5, 5", &filler("xavier"));
        let limit = (3.0 / fan).sqrt();
        within(&xavier, -limit, limit);
        near(moments(&xavier).1, (1.0 / fan).sqrt(), 0.03 / fan.sqrt());
        let (mean, std) = moments(&draw("100, 8, 5, 5", &filler("msra")));
        near(mean, 0.0, 0.06 / fan.sqrt());
        near(std, (2.0 / fan).sqrt(), 0.05 / fan.sqrt());
    }
}

/// The layer is named once: by the error of the net, not by those of its sources.
#[test]
fn errors_name_the_layer_once() {
    let lmdb = fixture(LMDB).display().to_string();
    let data = |source: &str, more: &str| {
        format!(
            "layer {{ name: 'd' type: 'Data' top: 'x' data_param {{ source: '{source}' batch_size: 1 {more} }}"
        )
    };
    let cases = [
        (data(&lmdb, "") + " }", format!("{lmdb} is an LMDB: write backend: LMDB into data_param")),
        (data("nowhere", "backend: LMDB") + " }", "cannot open nowhere".to_owned()),
        (
            data(&lmdb, "backend: LMDB") + " transform_param { crop_size: 2 crop_h: 1 } }",
            "transform_param: crop_size: give it".to_owned(),
        ),
        (
            data(&lmdb, "backend: LMDB") + " transform_param { crop_size: 99 } }",
            "record \"".to_owned(),
        ),
        (
            "layer { name: 'd' type: 'ImageData' top: 'x' image_data_param { source: 'no' batch_size: 1 } }"
                .to_owned(),
            "no: ".to_owned(),
        ),
    ];
    for (text, expected) in cases {
        let error = parse(&text).expect_err(&text);
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |&e| e.source());
        let texts: Vec<String> = causes.map(ToString::to_string).collect();
        let whole = texts.join(": ");
        assert!(whole.contains(&format!("): {expected}")), "{whole} lacks {expected}");
        assert_eq!(whole.matches("layer \"d\"").count(), 1, "{whole}");
        assert!(texts.windows(2).all(|pair| pair[0] != pair[1]), "{texts:?}");
    }
}

/// How many records there are, whether the database knows it or not.
#[test]
fn iterations_that_read_records_twice() {
    for (source, backend) in [(LMDB, "LMDB"), (LEVELDB, "LEVELDB")] {
        let net = data_net(&fixture(source), &format!("batch_size: 5 backend: {backend}"), "");
        assert_eq!(Batches::repeats(&net, 5).expect("reads"), [], "{backend}");
        let [supply] = &Batches::repeats(&net, 6).expect("reads")[..] else { panic!("{backend}") };
        assert_eq!((supply.records, supply.batch, supply.iterations()), (25, 5, 5), "{backend}");
        assert_eq!(supply.passes(6), 1.2, "{backend}");
    }
}
