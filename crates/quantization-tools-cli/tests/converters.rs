//! `convert_imageset` and `convert_annoset`: bit-exact against OpenCV for Python and Caffe's Datum (JPEG
//! included, which decodes as libjpeg-turbo does), and SSD's boxes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use quantization_tools::prelude::{AnnotatedDatum, Backend, DatumData, open};
use sha2::{Digest, Sha256};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/datum-store")
}

fn run(folder: &Path, tool: &str, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin(tool).expect(tool);
    command.current_dir(folder).args(arguments).output().expect(tool)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// SHA-256 of each record by its key.
fn records(path: &Path, backend: Backend) -> BTreeMap<String, String> {
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
    let noted = fs::read_to_string(fixtures().join("imageset.json")).expect("imageset.json");
    let noted: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&noted).expect("JSON");
    let root = format!("{}/", fixtures().join("imageset").display());
    let list = format!("{root}list.txt");
    let folder = tempfile::tempdir().expect("temporary folder");
    for (index, (flags, expected)) in noted.iter().enumerate() {
        for (backend, name) in [(Backend::Lmdb, "lmdb"), (Backend::LevelDb, "leveldb")] {
            let database = format!("{name}{index}");
            let chosen = format!("-backend={name}");
            let mut arguments: Vec<&str> = flags.split_whitespace().collect();
            arguments.extend([&chosen, &root, &list, &database].map(String::as_str));
            let output = run(folder.path(), "convert_imageset", &arguments);
            assert!(output.status.success(), "{flags}: {}", text(&output.stderr));
            assert_eq!(text(&output.stdout), "Processed 7 files, skipped 3.\n");
            let skipped = text(&output.stderr);
            for name in ["broken.png", "missing.png", "empty.jpg"] {
                assert!(skipped.contains(&format!("skipped {name}: cannot")), "{skipped}");
            }
            assert_eq!(records(&folder.path().join(&database), backend), *expected, "{flags}");
        }
    }
}

#[test]
fn lists_without_labels_and_overwriting() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let root = format!("{}/", fixtures().join("imageset").display());
    fs::write(folder.path().join("list.txt"), "a.png\nwith blank/d.PNG\n").expect("write");
    let arguments = ["--list", &root, "list.txt", "db"];
    assert!(run(folder.path(), "convert_imageset", &arguments).status.success());
    let keys: Vec<String> = records(&folder.path().join("db"), Backend::Lmdb).into_keys().collect();
    assert_eq!(keys, ["00000000_a.png", "00000001_with blank/d.PNG"]);
    let refused = run(folder.path(), "convert_imageset", &arguments);
    assert!(text(&refused.stderr).contains("db exists already"));
    let arguments = ["--overwrite", "--list", "--check_size", &root, "list.txt", "db"];
    let refused = run(folder.path(), "convert_imageset", &arguments);
    let message = "with blank/d.PNG: incorrect data field size 192, the first picture has 1860";
    assert!(text(&refused.stderr).contains(message), "{}", text(&refused.stderr));
    let arguments = ["--overwrite", "--list", "--shuffle", "--seed=3", &root, "list.txt", "db"];
    assert!(run(folder.path(), "convert_imageset", &arguments).status.success());
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 2);
}

fn annotated(path: &Path, backend: Backend) -> Vec<(String, AnnotatedDatum)> {
    let mut store = open(path, backend).expect("database");
    let mut found = Vec::new();
    while let Some(record) = store.next_record().expect("sound") {
        found.push((record.name(), record.annotated_datum().expect("annotated")));
    }
    found
}

/// Bit-exact: whole records of the real `ReadRichImageToAnnotatedDatum`.
#[test]
fn annotated_records_are_ssds() {
    let noted = fs::read_to_string(fixtures().join("annoset.json")).expect("annoset.json");
    let noted: BTreeMap<String, String> = serde_json::from_str(&noted).expect("JSON");
    let root = format!("{}/", fixtures().display());
    let map = format!("--label_map_file={root}annoset/labelmap.prototxt");
    let folder = tempfile::tempdir().expect("temporary folder");
    for kind in ["xml", "json", "txt"] {
        let files: Vec<&String> = noted.keys().filter(|name| name.ends_with(kind)).collect();
        let line = |name: &&String| format!("imageset/a.png annoset/{name}\n");
        fs::write(folder.path().join("list"), files.iter().map(line).collect::<String>())
            .expect("write");
        let label_type = format!("--label_type={kind}");
        let arguments = ["--anno_type=detection", &map, "--check_label", &label_type, &root];
        let arguments = [&arguments[..], &["list", kind]].concat();
        let output = run(folder.path(), "convert_annoset", &arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let found: Vec<String> =
            records(&folder.path().join(kind), Backend::Lmdb).into_values().collect();
        // Keys that differ in their number only are in the order of the list.
        assert_eq!(found.len(), files.len());
        for (name, found) in files.iter().zip(&found) {
            assert_eq!(&noted[*name], found, "{name}");
        }
    }
}

#[test]
fn annotated_lists() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let place = folder.path();
    let root = format!("{}/", place.display());
    fs::copy(fixtures().join("imageset/a.png"), place.join("a.png")).expect("copy");
    fs::copy(fixtures().join("imageset/c.jpg"), place.join("c.jpg")).expect("copy");
    let xml = "<annotation><size><width>31</width><height>20</height><depth>3</depth></size>
        <object><name>cat</name><difficult>1</difficult><bndbox><xmin>3</xmin><ymin>4</ymin>
        <xmax>40</xmax><ymax>6</ymax></bndbox></object></annotation>";
    fs::write(place.join("a.xml"), xml).expect("write");
    fs::write(place.join("bad.xml"), "<annotation>").expect("write");
    let map = "item {\n  name: \"cat\"\n  label: 8\n  display_name: \"cat\"\n}\n";
    fs::write(place.join("map.prototxt"), map).expect("write");
    fs::write(place.join("xml.txt"), "a.png a.xml\nc.jpg none.xml\nc.jpg bad.xml\n")
        .expect("write");
    let flags = ["--anno_type=detection", "--label_map_file=map.prototxt", "--check_label"];
    let arguments = [&flags[..], &["--encoded", "--encode_type=jpg", &root, "xml.txt", "xml"]];
    let output = run(place, "convert_annoset", &arguments.concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "Processed 2 files, skipped 1.\n1 warnings.\n");
    let log = text(&output.stderr);
    assert!(log.contains("warning: a.xml: bounding box exceeds image boundary"), "{log}");
    assert!(log.contains("skipped c.jpg: cannot read the annotations"), "{log}");
    let found = annotated(&place.join("xml"), Backend::Lmdb);
    assert_eq!((found[0].0.as_str(), found[1].0.as_str()), ("00000000_a.png", "00000001_c.jpg"));
    let first = &found[0].1;
    assert_eq!((first.datum.label(), first.groups.len(), first.groups[0].label), (-1, 1, 8));
    let bbox = first.groups[0].annotations[0].bbox;
    let corners = [3.0 / 31.0, 4.0 / 20.0, 40.0 / 31.0, 6.0 / 20.0];
    assert_eq!([bbox.xmin, bbox.ymin, bbox.xmax, bbox.ymax], corners);
    assert!(bbox.difficult && first.annotation_type.is_some());
    assert!(found[1].1.groups.is_empty());
    let file = fs::read(place.join("c.jpg")).expect("read");
    assert_eq!(found[1].1.datum.data(), &DatumData::Encoded(file));

    // Resized pictures keep the boxes of the original.
    fs::write(place.join("a.txt"), "2 1 2 3 4\n").expect("write");
    fs::write(place.join("txt.txt"), "a.png a.txt\n").expect("write");
    let arguments = [
        &flags[..],
        &["--label_type=txt", "--max_dim=16", "-backend=leveldb", &root, "txt.txt", "txt"],
    ];
    let output = run(place, "convert_annoset", &arguments.concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let found = &annotated(&place.join("txt"), Backend::LevelDb)[0].1;
    assert_eq!(found.datum.shape(), [3, 10, 16]);
    assert_eq!(found.groups[0].annotations[0].bbox.xmin, 1.0 / 31.0);

    fs::write(place.join("plain.txt"), "a.png 5\n").expect("write");
    let output = run(place, "convert_annoset", &[&root, "plain.txt", "plain"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let found = &annotated(&place.join("plain"), Backend::Lmdb)[0].1;
    assert_eq!((found.datum.label(), found.annotation_type), (5, None));

    fs::write(place.join("map.prototxt"), "item { name: 'dog' label: 1 }").expect("write");
    let arguments = [&flags[..], &[&root, "xml.txt", "unknown"]].concat();
    let output = run(place, "convert_annoset", &arguments);
    assert!(!output.status.success() || text(&output.stderr).contains("unknown name \"cat\""));
}
