//! HDF5Data layers, as far as recordings of Caffe do not show them: shuffling, mistakes, damaged files. Exact.

use std::path::{Path, PathBuf};

use uframework::data::DatabaseSources;
use umodel::{Net, NetParameter, Phase};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hdf5-data").join(name)
}

/// An error and its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().expect("folder"))
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("write");
        path
    }

    /// A net of one layer that reads these files.
    fn net(&self, files: &[PathBuf], tops: &[&str], param: &str) -> Result<Net, String> {
        let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        let list = self.write("list.txt", lines.join("\n"));
        self.net_of(&list, tops, param)
    }

    fn net_of(&self, list: &Path, tops: &[&str], param: &str) -> Result<Net, String> {
        let tops: String = tops.iter().map(|top| format!("top: '{top}' ")).collect();
        let text = format!(
            "layer {{ name: 'rows' type: 'HDF5Data' {tops} hdf5_data_param {{ source: '{}' {param} }} }}",
            list.display()
        );
        let model = NetParameter::parse_text(&text).expect("text");
        Net::new(&model, None, Phase::Test, &DatabaseSources).map_err(|error| chain(&error))
    }
}

#[cfg(not(feature = "hdf5"))]
#[test]
fn without_the_feature_the_error_names_the_layer_and_the_feature() {
    let error = Place::new()
        .net(&[fixture("contiguous.h5")], &["data"], "batch_size: 2")
        .expect_err("no reader is built in");
    for part in ["layer \"rows\" (HDF5Data)", "contiguous.h5", "the feature \"hdf5\""] {
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    }
}

#[cfg(feature = "hdf5")]
#[expect(clippy::cast_possible_truncation, reason = "lengths of small files")]
mod with_the_feature {
    use std::error::Error as _;

    use uframework::data::Batches;

    use super::*;

    /// The first top of so many batches, one behind the other.
    fn rows(mut batches: Batches, count: usize) -> Result<Vec<f32>, String> {
        let mut rows = Vec::new();
        for _ in 0..count {
            let batch = batches.read().map_err(|error| chain(&error))?;
            let values = batches.transform(&batch).map_err(|error| chain(&error))?;
            rows.extend(values[0].1.to_f32(1.0));
        }
        Ok(rows)
    }

    fn labels(net: &Net, seed: Option<u64>, count: usize) -> Vec<f32> {
        let batches = match seed {
            Some(seed) => Batches::training(net, seed),
            None => Batches::open(net),
        };
        rows(batches.expect("opens"), count).expect("reads")
    }

    fn sorted(values: &[f32]) -> Vec<f32> {
        let mut values = values.to_vec();
        values.sort_by(f32::total_cmp);
        values
    }

    #[test]
    fn shapes_are_known_before_anything_runs() {
        let place = Place::new();
        let tops = ["u16", "f64", "i64"];
        let net = place.net(&[fixture("types.h5")], &tops, "batch_size: 9").expect("valid");
        let shapes: Vec<&[usize]> = net.blobs().iter().map(|blob| blob.shape.as_slice()).collect();
        assert_eq!(shapes, [&[9, 2][..], &[9, 6], &[9]]);
    }

    #[test]
    fn shuffling_depends_on_the_seed_only_and_loses_no_row() {
        let place = Place::new();
        // Labels 50 to 56 and 90 to 93.
        let files = [fixture("gzip.h5"), fixture("caffe.h5")];
        let net = place.net(&files, &["label"], "batch_size: 11 shuffle: true").expect("valid");
        let all: Vec<f32> = (50..57).chain(90..94).map(|label| label as f32).collect();
        let mut orders = Vec::new();
        for seed in (0..20).map(Some) {
            let found = labels(&net, seed, 3);
            assert_eq!(found, labels(&net, seed, 3), "seed {seed:?}");
            for turn in found.chunks(11) {
                assert_eq!(sorted(turn), all, "seed {seed:?}");
                // Rows of a file stay together.
                let gzip_first = turn[0] < 90.0;
                let first = &turn[..if gzip_first { 7 } else { 4 }];
                assert!(first.iter().all(|&label| (label < 90.0) == gzip_first), "{turn:?}");
                orders.push(turn.to_vec());
            }
        }
        // Two of 60 turns are hardly alike; sometimes one file comes first, sometimes the other.
        let distinct: std::collections::HashSet<String> =
            orders.iter().map(|order| format!("{order:?}")).collect();
        assert!(distinct.len() > 55, "{}", distinct.len());
        let gzip_first = orders.iter().filter(|order| order[0] < 90.0).count();
        assert!((15..45).contains(&gzip_first), "{gzip_first}");
        // The TEST phase shuffles as well.
        assert_eq!(labels(&net, None, 3), labels(&net, Some(0), 3));
        // Without shuffling a seed changes nothing.
        let net = place.net(&files, &["label"], "batch_size: 11").expect("valid");
        assert_eq!(labels(&net, Some(1), 1), all);
        assert_eq!(labels(&net, None, 2), [&all[..], &all].concat());
    }

    #[test]
    fn a_single_file_is_shuffled_anew_each_time() {
        let place = Place::new();
        let param = "batch_size: 7 shuffle: true";
        let net = place.net(&[fixture("gzip.h5")], &["label"], param).expect("valid");
        let found = labels(&net, Some(5), 4);
        let turns: Vec<&[f32]> = found.chunks(7).collect();
        assert!(turns.windows(2).all(|pair| pair[0] != pair[1]), "{turns:?}");
        for turn in turns {
            assert_eq!(sorted(turn), (50..57).map(|label| label as f32).collect::<Vec<_>>());
        }
    }

    #[test]
    fn reading_ahead_gives_the_same_rows() {
        let place = Place::new();
        let files = [fixture("gzip.h5"), fixture("v110.h5"), fixture("caffe.h5")];
        let net = place.net(&files, &["label"], "batch_size: 3 shuffle: true").expect("valid");
        let plain = labels(&net, Some(3), 12);
        let batches = Batches::training(&net, 3).expect("opens");
        let preprocessing = batches.preprocessing();
        let mut ahead = batches.ahead().expect("thread");
        let mut found = Vec::new();
        for _ in 0..12 {
            let batch = ahead.read().expect("reads");
            found.extend(preprocessing.transform(&batch).expect("valid")[0].1.to_f32(1.0));
        }
        assert_eq!(found, plain);
    }

    #[test]
    fn tops_are_shuffled_together_and_layers_apart() {
        let place = Place::new();
        let files = [fixture("gzip.h5")];
        let param = "batch_size: 7 shuffle: true";
        let net = place.net(&files, &["label", "data"], param).expect("valid");
        let list = place.write("list.txt", files[0].display().to_string());
        let layer = |top: &str| {
            format!(
                "layer {{ name: '{top}' type: 'HDF5Data' top: '{top}' \
                 hdf5_data_param {{ source: '{}' {param} }} }}",
                list.display()
            )
        };
        let model = NetParameter::parse_text(&(layer("label") + &layer("data"))).expect("text");
        let apart = Net::new(&model, None, Phase::Test, &DatabaseSources).expect("valid");
        let unshuffled = place.net(&files, &["label", "data"], "batch_size: 7").expect("valid");
        let read = |net: &Net| {
            let mut batches = Batches::open(net).expect("opens");
            let batch = batches.read().expect("reads");
            let values = batches.transform(&batch).expect("valid");
            [0, 1].map(|top| values[top].1.to_f32(1.0))
        };
        let in_order = read(&unshuffled);
        // Which row of the file each row is.
        let orders = |net: &Net| {
            let found = read(net);
            [0, 1].map(|top| -> Vec<usize> {
                let same = |row| in_order[top].outer_iter().position(|other| other == row);
                found[top].outer_iter().map(|row| same(row).expect("a row of the file")).collect()
            })
        };
        let [label, data] = orders(&net);
        assert_eq!(label, data);
        assert_ne!(label, (0..7).collect::<Vec<_>>());
        let [label, data] = orders(&apart);
        assert_ne!(label, data);
    }

    #[test]
    fn mistakes_name_the_layer_the_file_and_the_dataset() {
        let place = Place::new();
        let refused = fixture("refused.h5");
        let text = place.write("text.h5", "no HDF5 file, however long it may be");
        let empty = place.write("empty.h5", "");
        for (file, tops, expected) in [
            (
                &refused,
                &["data", "nowhere"][..],
                "refused.h5: there is no dataset \"nowhere\", the name of a top",
            ),
            (&refused, &["data", "five"], "dataset \"five\" has 5 rows, dataset \"data\" has 4"),
            (&refused, &["five", "data"], "dataset \"data\" has 4 rows, dataset \"five\" has 5"),
            (&refused, &["scalar"], "dataset \"scalar\" has no axes"),
            (&refused, &["no_rows"], "dataset \"no_rows\" of shape [0, 2] is empty"),
            (&refused, &["text"], "dataset \"text\" holds elements of type string"),
            (&refused, &["flags"], "dataset \"flags\" holds elements of type enum"),
            (&refused, &["pairs"], "dataset \"pairs\" holds elements of type compound"),
            (&refused, &["extended"], "dataset \"extended\" holds elements of type f128"),
            (&refused, &["linked"], "there is no dataset \"linked\""),
            (&refused, &["group"], "dataset \"group\": "),
            (&place.0.path().join("no.h5"), &["data"], "no.h5: "),
            (&place.0.path().to_path_buf(), &["data"], "(HDF5Data): "),
            (&text, &["data"], "text.h5: "),
            (&empty, &["data"], "empty.h5: "),
        ] {
            let error = place.net(std::slice::from_ref(file), tops, "batch_size: 2");
            let error = error.expect_err(expected);
            assert!(error.contains("layer \"rows\" (HDF5Data)"), "{error}");
            assert!(error.contains(expected), "{error:?} lacks {expected:?}");
        }
        let list = place.write("list", " \n\t\n");
        let error = place.net_of(&list, &["data"], "batch_size: 2").expect_err("empty");
        assert!(error.ends_with("list: it names no HDF5 files"), "{error}");
        let none = Path::new("no_list");
        let error = place.net_of(none, &["data"], "batch_size: 2").expect_err("none");
        assert!(error.contains("layer \"rows\" (HDF5Data): no_list: No such file"), "{error}");
    }

    /// The shapes are there, the values are not.
    #[test]
    fn values_in_other_files_are_refused() {
        let place = Place::new();
        for dataset in ["outside", "virtual"] {
            let param = "batch_size: 4";
            let error = match place.net(&[fixture("refused.h5")], &[dataset], param) {
                Ok(net) => chain(&Batches::open(&net).err().expect(dataset)),
                Err(error) => error,
            };
            assert!(error.contains(&format!("refused.h5: dataset {dataset:?}: ")), "{error}");
        }
    }

    /// Only the first file is looked at for the shapes.
    #[test]
    fn later_files_are_checked_when_it_is_their_turn() {
        let place = Place::new();
        for (second, expected) in [
            (
                fixture("refused.h5"),
                "refused.h5: dataset \"data\" has rows of shape [2], the net expects [2, 3, 4]",
            ),
            (fixture("types.h5"), "types.h5: there is no dataset \"data\""),
            (place.0.path().join("no.h5"), "no.h5: "),
        ] {
            let files = [fixture("contiguous.h5"), second];
            let net = place.net(&files, &["data"], "batch_size: 2").expect("valid");
            let read = |count| rows(Batches::open(&net).expect("opens"), count);
            assert_eq!(read(2).expect("rows of the first file").len(), 4 * 24);
            let error = read(3).expect_err(expected);
            assert!(error.contains(expected), "{error:?} lacks {expected:?}");
            let mut ahead = Batches::open(&net).expect("opens").ahead().expect("thread");
            assert!(ahead.read().is_ok() && ahead.read().is_ok() && ahead.read().is_err());
            let error = ahead.read().expect_err("ended");
            assert_eq!(error.to_string(), "reading has stopped after an error");
        }
    }

    #[test]
    fn files_that_have_changed_are_refused() {
        let place = Place::new();
        let copy = place.0.path().join("copy.h5");
        std::fs::copy(fixture("contiguous.h5"), &copy).expect("copy");
        let net = place.net(std::slice::from_ref(&copy), &["data"], "batch_size: 2");
        let net = net.expect("valid");
        std::fs::copy(fixture("refused.h5"), &copy).expect("copy");
        let error = Batches::open(&net).err().expect("other rows");
        assert!(error.source().expect("cause").to_string().contains("shape [2]"), "{error}");
    }

    /// What a file gives that is read and run once.
    fn outcome(place: &Place, bytes: &[u8], tops: &[&str]) -> Result<Vec<f32>, String> {
        let file = place.write("damaged.h5", bytes);
        let net = place.net(&[file], tops, "batch_size: 4")?;
        rows(Batches::open(&net).map_err(|error| chain(&error))?, 1)
    }

    #[test]
    fn truncated_files_are_errors() {
        let place = Place::new();
        for name in ["contiguous.h5", "gzip.h5", "v110.h5", "caffe.h5"] {
            let bytes = std::fs::read(fixture(name)).expect("fixture");
            for length in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
                let outcome = outcome(&place, &bytes[..length], &["data", "label"]);
                let error = outcome.expect_err(name);
                assert!(!error.ends_with(": damaged file"), "{name}, {length} bytes: {error}");
            }
        }
    }

    /// Flips bits of a file, one at a time: how often that is an error and how often it gives other rows. Some flips
    /// do no harm: where nothing is.
    fn flip(name: &str, tops: &[&str], flips: impl Iterator<Item = (usize, u8)>) -> (usize, usize) {
        let place = Place::new();
        let mut bytes = std::fs::read(fixture(name)).expect("fixture");
        let expected = format!("{:?}", outcome(&place, &bytes, tops).expect("sound"));
        let (mut errors, mut changes) = (0, 0);
        for (at, bit) in flips {
            bytes[at] ^= 1 << bit;
            match outcome(&place, &bytes, tops) {
                Ok(found) => changes += usize::from(format!("{found:?}") != expected),
                Err(error) => {
                    assert!(error.contains("layer \"rows\""), "{error}");
                    // Panics of the reader are contained, but there should be none.
                    assert!(!error.ends_with(": damaged file"), "{name}, {at}, {bit}: {error}");
                    errors += 1;
                }
            }
            bytes[at] ^= 1 << bit;
        }
        (errors, changes)
    }

    #[test]
    fn flipped_bits_never_panic() {
        for (name, tops, step, checksums) in [
            ("contiguous.h5", &["data", "label"][..], 2, false),
            ("gzip.h5", &["data", "label"], 9, false),
            ("v110.h5", &["data", "label"], 3, true),
            ("types.h5", &["f64", "i64", "filled"], 8, false),
        ] {
            let length = std::fs::metadata(fixture(name)).expect("fixture").len() as usize;
            let places = (0..length).step_by(step).enumerate();
            let (errors, changes) =
                flip(name, tops, places.map(|(count, at)| (at, (count * 5 % 8) as u8)));
            assert!(errors > 50, "{name}: {errors} errors");
            assert_eq!(changes == 0, checksums, "{name}: {changes} changes");
        }
    }

    #[test]
    #[ignore = "takes six minutes without optimisation"]
    fn every_flipped_bit_of_every_file() {
        for (name, tops) in [
            ("caffe.h5", &["data", "label"][..]),
            ("contiguous.h5", &["data", "label"]),
            ("gzip.h5", &["data", "label"]),
            ("v110.h5", &["data", "label"]),
            (
                "types.h5",
                &["f64", "f16", "f32_big_endian", "i16", "u64", "never_written", "filled"],
            ),
            ("refused.h5", &["data"]),
        ] {
            let length = std::fs::metadata(fixture(name)).expect("fixture").len() as usize;
            let flips = (0..length).flat_map(|at| (0..8).map(move |bit| (at, bit)));
            println!("{name}: {:?} errors and changes", flip(name, tops, flips));
        }
    }

    /// A few bytes that ask for memory are refused before it is taken.
    #[test]
    fn declared_sizes_are_checked_against_the_file() {
        let place = Place::new();
        let bytes = std::fs::read(fixture("contiguous.h5")).expect("fixture");
        // The axes of "data" as its dataspace message has them, and again as the largest ones.
        let axes: Vec<u8> = [5u64, 2, 3, 4].iter().flat_map(|axis| axis.to_le_bytes()).collect();
        let at = bytes.windows(32).position(|window| window == axes).expect("a dataspace");
        for (rows, expected) in [
            (1 << 40, "has 2^31 or more values"),
            (u64::MAX, "has 2^31 or more values"),
            ((1 << 31) / 24, "more than a file of 2548 bytes can hold"),
        ] {
            let mut larger = bytes.clone();
            for place in [at, at + 32] {
                larger[place..][..8].copy_from_slice(&u64::to_le_bytes(rows));
            }
            let error = outcome(&place, &larger, &["data"]).expect_err("too large");
            assert!(error.contains(expected), "{error:?} lacks {expected:?}");
        }
    }
}
