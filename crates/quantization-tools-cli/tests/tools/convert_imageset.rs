//! `convert_imageset`: bit-exact against OpenCV for Python and Caffe's Datum (JPEG included, which decodes as
//! libjpeg-turbo does).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use quantization_tools::prelude::{Backend, Datum, DatumData, open};
use sha2::{Digest, Sha256};

use crate::place::{Place, argument, fixture};

/// SHA-256 of each record by its key.
pub(crate) fn records(path: &Path, backend: Backend) -> BTreeMap<String, String> {
    let mut store = open(path, backend).expect("database");
    let mut records = BTreeMap::new();
    while let Some(record) = store.next_record().expect("sound") {
        let hex = Sha256::digest(&record.value).iter().map(|byte| format!("{byte:02x}")).collect();
        records.insert(record.name(), hex);
    }
    records
}

#[test]
fn records_are_caffes() {
    let noted = fs::read_to_string(fixture("datum-store/imageset.json")).expect("imageset.json");
    let noted: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&noted).expect("JSON");
    assert!(noted.len() >= 5, "{} sets of flags", noted.len());
    let root = argument("datum-store/imageset/");
    let list = format!("{root}list.txt");
    let place = Place::new();
    for (index, (flags, expected)) in noted.iter().enumerate() {
        for (backend, name) in [(Backend::Lmdb, "lmdb"), (Backend::LevelDb, "leveldb")] {
            let database = format!("{name}{index}");
            let chosen = format!("-backend={name}");
            let mut arguments: Vec<&str> = flags.split_whitespace().collect();
            arguments.extend([&chosen, &root, &list, &database].map(String::as_str));
            let printed = place.good("convert_imageset", &arguments);
            assert_eq!(printed.out, "Processed 7 files, skipped 3.\n");
            let skipped: Vec<&str> = printed
                .err
                .lines()
                .filter_map(|line| line.strip_prefix("skipped ")?.split(": cannot").next())
                .collect();
            assert_eq!(skipped, ["broken.png", "missing.png", "empty.jpg"], "{}", printed.err);
            assert_eq!(records(&place.path(&database), backend), *expected, "{flags}");
        }
    }
}

#[test]
fn lists_without_labels_and_overwriting() {
    let place = Place::new();
    let root = argument("datum-store/imageset/");
    place.write("list.txt", "a.png\nwith blank/d.PNG\n");
    let last = ["--list", &root, "list.txt", "db"];
    let run = |flags: &[&str]| place.good("convert_imageset", &[flags, &last].concat()).out;
    let fails = |flags: &[&str], expected| {
        place.fails(1, "convert_imageset", &[flags, &last].concat(), expected);
    };
    let keys = || records(&place.path("db"), Backend::Lmdb).into_keys().collect::<Vec<_>>();
    assert_eq!(run(&[]), "Processed 2 files, skipped 0.\n");
    assert_eq!(keys(), ["00000000_a.png", "00000001_with blank/d.PNG"]);
    fails(&[], "db exists already");
    let message = "with blank/d.PNG: incorrect data field size 192, the first picture has 1860";
    fails(&["--overwrite", "--check_size"], message);
    assert_eq!(
        keys(),
        ["00000000_a.png", "00000001_with blank/d.PNG"],
        "the old one is still there"
    );
    run(&["--overwrite", "--shuffle", "--seed=3"]);
    assert_eq!(keys(), ["00000000_with blank/d.PNG", "00000001_a.png"]);
    assert_eq!(place.names("."), ["db", "list.txt"]);
}

#[test]
fn pictures_that_cannot_be_read_are_counted() {
    let place = Place::new();
    place.write("bad.png", "no picture");
    place.write("cut.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16]);
    fs::copy(fixture("lenet/test/0_000.png"), place.path("good.png")).expect("copy");
    place.write("mixed.txt", "bad.png 0\ngood.png 1\nmissing.png 2\ncut.jpg 3\n");
    let printed = place.good("convert_imageset", &["./", "mixed.txt", "mixed_lmdb"]);
    assert_eq!(printed.out, "Processed 1 files, skipped 3.\n");
    let skipped: Vec<&str> =
        printed.err.lines().filter(|line| line.starts_with("skipped ")).collect();
    for (line, expected) in skipped.iter().zip([
        "skipped bad.png: cannot decode",
        "skipped missing.png: cannot read ./missing.png",
        "skipped cut.jpg: cannot decode",
    ]) {
        assert!(line.starts_with(expected), "{line}, not {expected}");
    }
    assert_eq!(skipped.len(), 3);
    let found = records(&place.path("mixed_lmdb"), Backend::Lmdb);
    assert_eq!(found.into_keys().collect::<Vec<_>>(), ["00000001_good.png"], "gaps are counted");

    place.write("all_bad.txt", "bad.png 0\nmissing.png 2\n");
    place.write("no_label.txt", "good.png 1\ngood.png\n");
    for (list, database, expected) in [
        ("all_bad.txt", "x", "none of the 2 pictures"),
        ("no_label.txt", "x", "no_label.txt:2: expected a path"),
        ("no_list.txt", "x", "cannot read no_list.txt"),
        ("mixed.txt", "mixed_lmdb", "mixed_lmdb exists already"),
        ("mixed.txt", "no/folder/x", "cannot create no/folder/x"),
    ] {
        place.fails(1, "convert_imageset", &["./", list, database], expected);
    }
}

#[test]
fn pictures_are_stored_as_asked() {
    let place = Place::new();
    fs::copy(fixture("lenet/test/7_000.png"), place.path("seven.png")).expect("copy");
    place.write("one.txt", "seven.png 7\n");
    let datum = |flags: &[&str], name: &str| -> Datum {
        let arguments = [flags, &["./", "one.txt", name]].concat();
        assert_eq!(
            place.good("convert_imageset", &arguments).out,
            "Processed 1 files, skipped 0.\n"
        );
        let mut store = open(place.path(name), Backend::Lmdb).expect("database");
        let record = store.next_record().expect("sound").expect("record");
        assert_eq!(record.key, b"00000000_seven.png");
        assert!(store.next_record().expect("sound").is_none(), "one record");
        let datum = record.datum().expect("a datum");
        assert_eq!(datum.label(), 7);
        datum
    };
    let bytes = |datum: &Datum| match datum.data() {
        DatumData::Bytes(bytes) => bytes.to_vec(),
        other => panic!("{other:?}"),
    };
    let gray = datum(&["-gray", "--check_size"], "gray");
    assert_eq!(gray.shape(), [1, 28, 28]);
    // A white digit on black, so that values are seen to be there.
    let gray = bytes(&gray);
    assert_eq!((gray.len(), gray[0], gray.iter().max()), (28 * 28, 0, Some(&255)));
    let color = datum(&[], "color");
    assert_eq!(color.shape(), [3, 28, 28]);
    assert!(bytes(&color) == gray.repeat(3), "a grey picture in three equal planes");
    let resized = datum(&["-gray", "-resize_height", "20", "--resize_width=14"], "small");
    assert_eq!((resized.shape(), bytes(&resized).len()), ([1, 20, 14], 20 * 14));
    // Caffe resizes only if both sides are given.
    let half = datum(&["-gray", "-resize_height=20"], "half");
    assert!(half.shape() == [1, 28, 28] && bytes(&half) == gray);
    let file = place.read("seven.png");
    assert_eq!(*datum(&["-encoded"], "encoded").data(), DatumData::Encoded(file));
    let DatumData::Encoded(jpeg) = datum(&["-encode_type=jpg"], "jpeg").data().clone() else {
        panic!("encode_type asks for encoded data")
    };
    assert!(jpeg.starts_with(&[0xFF, 0xD8]) && jpeg.ends_with(&[0xFF, 0xD9]), "a JPEG file");
    // What is stored decodes to the picture, but for JPEG's loss (quality 95: a few grey values).
    place.write("seven.jpg", jpeg);
    place.write("one.txt", "seven.jpg 7\n");
    place.good("convert_imageset", &["-gray", "./", "one.txt", "decoded"]);
    let mut store = open(place.path("decoded"), Backend::Lmdb).expect("database");
    let record = store.next_record().expect("sound").expect("record");
    let decoded = bytes(&record.datum().expect("a datum"));
    let worst = decoded.iter().zip(&gray).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(40), "{worst:?}");
}
