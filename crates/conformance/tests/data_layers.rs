//! What data layers put out against real Caffe (its SSD fork), as recorded and live. Data, AnnotatedData and
//! ImageData, by fixtures/data-layers/record.py: mixed error 1e-6. HDF5Data, by fixtures/hdf5-data/record.py, and
//! DummyData with fillers that draw nothing, by fixtures/dummy-data/record.py: bit-exact, but for which NaN it is.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use conformance::{SMALL, difference, fixtures, needs, none};
use libtest_mimic::{Arguments, Failed, Trial};
use quantization_tools::datum_store::{Backend, Existing, create};
use quantization_tools::prelude::*;
use quantization_tools::uframework::data::Batches;
use serde::Deserialize;

/// Of fixtures/data-layers.
const TOLERANCE: f32 = 1e-6;
/// Of the others.
const BIT_EXACT: f32 = 0.0;

fn main() -> ExitCode {
    let trials = vec![
        Trial::test("blobs_equal_recorded_caffe", || {
            Recording::open("data-layers")?.compare(Recording::recorded, TOLERANCE)
        }),
        Trial::test("rows_of_hdf5_files_equal_recorded_caffe", || {
            Recording::open("hdf5-data")?.compare(Recording::recorded, BIT_EXACT)
        }),
        Trial::test("dummy_data_equals_recorded_caffe", || {
            Recording::open("dummy-data")?.compare(Recording::recorded, BIT_EXACT)
        }),
        Trial::test("training_depends_on_the_seed_only", training),
        needs(&["CAFFE_ORACLE"], "blobs_equal_live_caffe", |folders| {
            let live = |recording: &Recording, case: &Case| recording.live(case, &folders[0]);
            Recording::open("data-layers")?.compare(live, TOLERANCE)
        }),
        needs(&["CAFFE_ORACLE"], "rows_of_hdf5_files_equal_live_caffe", |folders| {
            let live = |recording: &Recording, case: &Case| recording.live(case, &folders[0]);
            Recording::open("hdf5-data")?.compare(live, BIT_EXACT)
        }),
        needs(&["CAFFE_ORACLE"], "dummy_data_equals_live_caffe", |folders| {
            let live = |recording: &Recording, case: &Case| recording.live(case, &folders[0]);
            Recording::open("dummy-data")?.compare(live, BIT_EXACT)
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    databases: std::collections::BTreeMap<String, Vec<Span>>,
    #[serde(default)]
    files: std::collections::BTreeMap<String, Span>,
    cases: Vec<Case>,
}

/// Offset and length in data.bin.
type Span = (usize, usize);

#[derive(Deserialize)]
struct Case {
    database: Option<String>,
    list: Option<String>,
    net: String,
    passes: usize,
    tops: Vec<String>,
    blobs: Vec<Vec<Recorded>>,
}

#[derive(Deserialize)]
struct Recorded {
    shape: Vec<usize>,
    values: Span,
}

/// Blobs of a forward pass, in the order of the layer's tops.
type Pass = Vec<(Vec<usize>, Vec<f32>)>;

struct Recording {
    index: Index,
    data: Vec<u8>,
    folder: tempfile::TempDir,
}

impl Recording {
    /// Writes the recorded databases and files to a folder, beside the HDF5 files.
    fn open(fixture: &str) -> Result<Self, Failed> {
        let fixtures = fixtures().join(fixture);
        let index: Index = serde_json::from_slice(&std::fs::read(fixtures.join("cases.json"))?)?;
        let data = std::fs::read(fixtures.join("data.bin"))?;
        let folder = tempfile::tempdir()?;
        let recording = Recording { index, data, folder };
        for (name, records) in &recording.index.databases {
            let path = recording.folder.path().join(name);
            let mut writer = create(path, Backend::Lmdb, Existing::Refuse)?;
            for (number, &span) in records.iter().enumerate() {
                writer.put(format!("{number:08}").as_bytes(), recording.bytes(span))?;
            }
            writer.finish()?;
        }
        for (name, &span) in &recording.index.files {
            std::fs::write(recording.folder.path().join(name), recording.bytes(span))?;
        }
        for file in std::fs::read_dir(fixtures)? {
            let file = file?;
            if file.path().extension().is_some_and(|extension| extension == "h5") {
                std::fs::copy(file.path(), recording.folder.path().join(file.file_name()))?;
            }
        }
        Ok(recording)
    }

    fn bytes(&self, (offset, length): Span) -> &[u8] {
        &self.data[offset..offset + length]
    }

    /// The net; what it reads is there.
    fn text(&self, case: &Case) -> Result<String, Failed> {
        let folder = self.folder.path().display().to_string();
        let database = format!("{folder}/{}", case.database.as_deref().unwrap_or_default());
        let list = format!("{folder}/list");
        if let Some(names) = &case.list {
            std::fs::write(&list, names.replace("FILES", &folder))?;
        }
        let net = case.net.replace("SOURCE", &database).replace("FILES", &folder);
        Ok(net.replace("LIST", &list))
    }

    fn recorded(&self, case: &Case) -> Result<Vec<Pass>, Failed> {
        let blob = |recorded: &Recorded| {
            let bytes = self.bytes(recorded.values).chunks_exact(4);
            let values = bytes.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            (recorded.shape.clone(), values)
        };
        Ok(case.blobs.iter().map(|pass| pass.iter().map(blob).collect()).collect())
    }

    fn live(&self, case: &Case, caffe: &Path) -> Result<Vec<Pass>, Failed> {
        let dump = tempfile::tempdir()?;
        let net = dump.path().join("net.prototxt");
        // The name that this fork gives field 8.
        std::fs::write(&net, self.text(case)?.replace("resize_param", "old_resize_param"))?;
        let status = Command::new(caffe.join("caffe_dump"))
            .arg(&net)
            .args(["-", "1", &case.passes.to_string()])
            .arg(dump.path())
            .env("LD_LIBRARY_PATH", caffe)
            .status()?;
        if !status.success() {
            return Err(format!("caffe_dump: {status}").into());
        }
        let blob =
            |pass: usize, top: &String| read_npy(dump.path().join(format!("{pass}.{top}.npy")));
        (0..case.passes).map(|pass| case.tops.iter().map(|top| blob(pass, top)).collect()).collect()
    }

    fn ours(&self, case: &Case) -> Result<Vec<Pass>, Failed> {
        let model = NetParameter::parse_text(&self.text(case)?)?;
        let net = Net::new(&model, None, Phase::Test, &DatabaseSources)?;
        let mut batches = if net.layers().iter().any(|layer| layer.op.reads_files()) {
            Some(Batches::open(&net)?)
        } else {
            None
        };
        let executor = Executor::new(Arc::new(net))?;
        let mut passes = Vec::new();
        for _ in 0..case.passes {
            let mut sources = Vec::new();
            if let Some(batches) = &mut batches {
                let batch = batches.read()?;
                sources = batches.transform(&batch)?;
            }
            let mut pass = Pass::new();
            let mut tap = |_, _: &quantization_tools::umodel::Blob, value: &Value| {
                pass.push((value.shape().to_vec(), value.to_f32(1.0).into_iter().collect()));
            };
            executor.forward(&mut Workspace::default(), sources, &mut tap)?;
            passes.push(pass);
        }
        Ok(passes)
    }

    fn compare(
        &self,
        reference: impl Fn(&Recording, &Case) -> Result<Vec<Pass>, Failed>,
        tolerance: f32,
    ) -> Result<(), Failed> {
        let mut wrong = Vec::new();
        let mut worst = (0.0f32, String::new());
        for case in &self.index.cases {
            let expected = match reference(self, case) {
                Ok(expected) => expected,
                Err(error) => {
                    wrong.push(format!("{}: {}", case.net, error.message().unwrap_or_default()));
                    continue;
                }
            };
            let found = match self.ours(case) {
                Ok(found) => found,
                Err(error) => {
                    wrong.push(format!("{}: {}", case.net, error.message().unwrap_or_default()));
                    continue;
                }
            };
            for (pass, (found, expected)) in found.iter().zip(&expected).enumerate() {
                for (top, (found, expected)) in found.iter().zip(expected).enumerate() {
                    if found.0 != expected.0 {
                        let (found, expected) = (&found.0, &expected.0);
                        let what =
                            format!("pass {pass}, top {top}: {found:?}, Caffe's {expected:?}");
                        wrong.push(format!("{}: {what}", case.net));
                        continue;
                    }
                    let error = error_of(&found.1, &expected.1, tolerance);
                    if error > worst.0 {
                        worst = (error, case.net.clone());
                    }
                    if error > tolerance || error.is_nan() {
                        let what = format!("pass {pass}, top {top}: error {error:e}");
                        wrong.push(format!("{}: {what}", case.net));
                    }
                }
            }
            if found.len() != expected.len() || found[0].len() != expected[0].len() {
                wrong.push(format!("{}: not as many blobs", case.net));
            }
        }
        println!("{} combinations, largest error {}", self.index.cases.len(), worst.0);
        none(wrong)
    }
}

/// The largest difference of two values, relative to the expected one or to [`SMALL`] times the blob's largest. Where
/// nothing is tolerated, other bits are an infinite one.
fn error_of(found: &[f32], expected: &[f32], tolerance: f32) -> f32 {
    if found.len() != expected.len() {
        return f32::INFINITY;
    }
    let largest = expected.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let error = |(&a, &b): (&f32, &f32)| match tolerance {
        BIT_EXACT if a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan() => 0.0,
        BIT_EXACT => f32::INFINITY,
        _ => difference(a, b, SMALL * largest),
    };
    found.iter().zip(expected).map(error).fold(0.0, f32::max)
}

/// A little-endian fp32 array as caffe_dump writes it.
fn read_npy(path: PathBuf) -> Result<(Vec<usize>, Vec<f32>), Failed> {
    let bytes = std::fs::read(path)?;
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[10..10 + length]).into_owned();
    let shape = header.split_once("'shape': (").and_then(|(_, rest)| rest.split_once(')'));
    let shape = shape.ok_or("no shape")?.0.split(',').filter(|dim| !dim.trim().is_empty());
    let shape = shape.map(|dim| dim.trim().parse()).collect::<Result<Vec<usize>, _>>()?;
    let values = bytes[10 + length..].chunks_exact(4);
    Ok((shape, values.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()))
}

/// Exact: the same pictures for the same seed, whether read ahead or not; others for another one.
fn training() -> Result<(), Failed> {
    let recording = Recording::open("data-layers")?;
    let text = "layer { name: 'x' type: 'AnnotatedData' top: 'data' top: 'label' \
        data_param { source: 'SOURCE' batch_size: 3 backend: LMDB rand_skip: 3 } \
        transform_param { mirror: true crop_size: 14 mean_value: 100 \
            distort_param { brightness_prob: 0.5 brightness_delta: 32 contrast_prob: 0.5 contrast_lower: 0.5 \
                contrast_upper: 1.5 hue_prob: 0.5 hue_delta: 18 saturation_prob: 0.5 saturation_lower: 0.5 \
                saturation_upper: 1.5 random_order_prob: 0.5 } \
            expand_param { prob: 0.5 max_expand_ratio: 2 } \
            resize_param { height: 20 width: 20 interp_mode: LINEAR interp_mode: NEAREST } \
            noise_param { saltpepper: true saltpepper_param { fraction: 0.1 value: 255 } } } \
        annotated_data_param { \
            batch_sampler { max_sample: 1 max_trials: 1 } \
            batch_sampler { sampler { min_scale: 0.3 max_scale: 1 min_aspect_ratio: 0.5 max_aspect_ratio: 2 } \
                sample_constraint { min_jaccard_overlap: 0.1 } max_sample: 1 max_trials: 50 } } }";
    let source = recording.folder.path().join("boxes_jpg").display().to_string();
    let model = NetParameter::parse_text(&text.replace("SOURCE", &source))?;
    let net = Net::new(&model, None, Phase::Train, &DatabaseSources)?;
    let run = |seed: u64, ahead: bool| -> Result<Vec<_>, Failed> {
        let mut batches = Batches::training(&net, seed)?;
        let preprocessing = batches.preprocessing();
        let raw: Vec<_> = if ahead {
            let mut ahead = batches.ahead()?;
            (0..4).map(|_| ahead.read()).collect::<Result<_, _>>()?
        } else {
            (0..4).map(|_| batches.read()).collect::<Result<_, _>>()?
        };
        let mut passes = Vec::new();
        for batch in raw.iter().rev() {
            let values = preprocessing.transform(batch)?;
            passes.push(values.into_iter().map(|(_, value)| value.to_f32(1.0)).collect::<Vec<_>>());
        }
        Ok(passes)
    };
    let first = run(1, false)?;
    if first != run(1, true)? {
        return Err("reading ahead changes results".into());
    }
    if first == run(2, false)? {
        return Err("another seed gives the same pictures".into());
    }
    for boxes in first.iter().map(|pass| &pass[1]) {
        for row in boxes.rows() {
            let inside = row.iter().skip(3).take(4).all(|value| (0.0..=1.0).contains(value));
            if row[0] >= 0.0 && !(inside && row[3] < row[5] && row[4] < row[6]) {
                return Err(format!("a box outside of its picture: {row}").into());
            }
        }
    }
    Ok(())
}
