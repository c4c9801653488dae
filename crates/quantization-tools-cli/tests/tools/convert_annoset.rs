//! `convert_annoset`: bit-exact against SSD's C++.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use quantization_tools::datum_store::AnnotationType;
use quantization_tools::prelude::{AnnotatedDatum, Backend, DatumData, open};

use crate::convert_imageset::records;
use crate::place::{Place, argument, fixture};

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
    let noted = fs::read_to_string(fixture("datum-store/annoset.json")).expect("annoset.json");
    let noted: BTreeMap<String, String> = serde_json::from_str(&noted).expect("JSON");
    let root = argument("datum-store/");
    let map = format!("--label_map_file={root}annoset/labelmap.prototxt");
    let place = Place::new();
    let mut compared = 0;
    for kind in ["xml", "json", "txt"] {
        let files: Vec<&String> = noted.keys().filter(|name| name.ends_with(kind)).collect();
        let line = |name: &&String| format!("imageset/a.png annoset/{name}\n");
        place.write("list", files.iter().map(line).collect::<String>());
        let label_type = format!("--label_type={kind}");
        let arguments = ["--anno_type=detection", &map, "--check_label", &label_type, &root];
        place.good("convert_annoset", &[&arguments[..], &["list", kind]].concat());
        let found: Vec<String> = records(&place.path(kind), Backend::Lmdb).into_values().collect();
        // Keys that differ in their number only are in the order of the list.
        assert_eq!(found.len(), files.len());
        for (name, found) in files.iter().zip(&found) {
            assert_eq!(&noted[*name], found, "{name}");
            compared += 1;
        }
    }
    assert_eq!(compared, noted.len(), "every record");
}

const DETECTION: [&str; 3] =
    ["--anno_type=detection", "--label_map_file=map.prototxt", "--check_label"];

/// Two pictures of the fixtures, a label map, and the root folder's argument.
fn place() -> (Place, String) {
    let place = Place::new();
    for name in ["a.png", "c.jpg"] {
        fs::copy(fixture("datum-store/imageset").join(name), place.path(name)).expect("copy");
    }
    place
        .write("map.prototxt", "item {\n  name: \"cat\"\n  label: 8\n  display_name: \"cat\"\n}\n");
    let root = format!("{}/", place.folder().display());
    (place, root)
}

#[test]
fn boxes_labels_and_warnings() {
    let (place, root) = place();
    let xml = "<annotation><size><width>31</width><height>20</height><depth>3</depth></size>
        <object><name>cat</name><difficult>1</difficult><bndbox><xmin>3</xmin><ymin>4</ymin>
        <xmax>40</xmax><ymax>6</ymax></bndbox></object></annotation>";
    place.write("a.xml", xml);
    place.write("bad.xml", "<annotation>");
    place.write("xml.txt", "a.png a.xml\nc.jpg none.xml\nc.jpg bad.xml\n");
    let last = ["--encoded", "--encode_type=jpg", &root, "xml.txt", "xml"];
    let printed = place.good("convert_annoset", &[&DETECTION[..], &last].concat());
    assert_eq!(printed.out, "Processed 2 files, skipped 1.\n2 warnings.\n");
    let told = |start: &str| -> Vec<&str> {
        printed.err.lines().filter(|line| line.starts_with(start)).collect()
    };
    let [warning, missing] = told("warning: ")[..] else { panic!("{}", printed.err) };
    assert!(missing.starts_with("warning: 1 of 3 files of annotations are not there"), "{missing}");
    assert!(
        warning.starts_with("warning: a.xml: bounding box exceeds image boundary"),
        "{warning}"
    );
    let [skipped] = told("skipped ")[..] else { panic!("{}", printed.err) };
    assert!(skipped.starts_with("skipped c.jpg: cannot read the annotations"), "{skipped}");
    let found = annotated(&place.path("xml"), Backend::Lmdb);
    let keys: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["00000000_a.png", "00000001_c.jpg"]);
    let [(_, first), (_, second)] = &found[..] else { panic!("two records") };
    assert_eq!((first.datum.label(), first.groups.len(), first.groups[0].label), (-1, 1, 8));
    assert_eq!(first.annotation_type, Some(AnnotationType::Bbox));
    let bbox = first.groups[0].annotations[0].bbox;
    let corners = [3.0 / 31.0, 4.0 / 20.0, 40.0 / 31.0, 6.0 / 20.0];
    assert_eq!([bbox.xmin, bbox.ymin, bbox.xmax, bbox.ymax], corners);
    assert!(bbox.difficult);
    assert!(
        matches!(first.datum.data(), DatumData::Encoded(jpeg) if jpeg.starts_with(&[0xFF, 0xD8]))
    );
    assert!(second.groups.is_empty(), "its annotations are missing");
    assert_eq!(second.datum.data(), &DatumData::Encoded(place.read("c.jpg")), "as it is");
}

/// Resized pictures keep the boxes of the original.
#[test]
fn sizes() {
    let (place, root) = place();
    place.write("a.txt", "2 1 2 3 4\n");
    place.write("txt.txt", "a.png a.txt\n");
    // The picture has 31 columns and 20 rows.
    for (index, (flags, expected)) in [
        (&["--max_dim=16"][..], [3, 10, 16]),
        (&["--min_dim=40"], [3, 40, 62]),
        (&["--min_dim=40", "--max_dim=50"], [3, 32, 50]),
        (&["--resize_height=7", "--resize_width=5"], [3, 7, 5]),
        (&["--resize_height=7"], [3, 20, 31]),
        (&["--gray", "--max_dim=16"], [1, 10, 16]),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("db{index}");
        let last = ["--label_type=txt", "-backend=leveldb", &root, "txt.txt", &name];
        place.good("convert_annoset", &[&DETECTION[..], flags, &last].concat());
        let found = annotated(&place.path(&name), Backend::LevelDb);
        let [(key, record)] = &found[..] else { panic!("one record") };
        assert_eq!((key.as_str(), record.datum.shape()), ("00000000_a.png", expected), "{flags:?}");
        let group = &record.groups[0];
        let bbox = group.annotations[0].bbox;
        assert_eq!(group.label, 2, "{flags:?}");
        let corners = [1.0 / 31.0, 2.0 / 20.0, 3.0 / 31.0, 4.0 / 20.0];
        assert_eq!([bbox.xmin, bbox.ymin, bbox.xmax, bbox.ymax], corners, "{flags:?}");
    }
}

#[test]
fn classes_and_mistakes() {
    let (place, root) = place();
    place.write("plain.txt", "a.png 5\n");
    let printed = place.good("convert_annoset", &[&root, "plain.txt", "plain"]);
    assert_eq!(printed.out, "Processed 1 files, skipped 0.\n");
    let found = &annotated(&place.path("plain"), Backend::Lmdb)[0].1;
    assert_eq!((found.datum.label(), found.annotation_type, found.groups.len()), (5, None, 0));
    assert_eq!(found.datum.shape(), [3, 20, 31]);

    place.write("a.txt", "2 1 2 3 4\n");
    place.write("a.xml", "<annotation><object><name>dog</name></object></annotation>");
    place.write("list.txt", "a.png a.xml\n");
    let all = [&DETECTION[..], &[&root, "list.txt", "x"]].concat();
    place.fails(1, "convert_annoset", &all, "none of the 1 pictures");
    place.fails(1, "convert_annoset", &all, "unknown name \"dog\"");
    let flags = ["--anno_type=detection", &root, "list.txt", "x"];
    place.fails(1, "convert_annoset", &flags, "--label_map_file is missing");
    // What is no number counts as 0, as in Caffe, but not without a word.
    let printed = place.good("convert_annoset", &[&root, "list.txt", "numbers"]);
    assert!(
        printed.err.contains("list.txt:1: the label is no number and counts as 0"),
        "{}",
        printed.err
    );
    assert_eq!(annotated(&place.path("numbers"), Backend::Lmdb)[0].1.datum.label(), 0);
    place.write("bare.txt", "a.png\n");
    place.fails(1, "convert_annoset", &[&root, "bare.txt", "x"], "bare.txt:1: ");
    place.write("map.prototxt", "item { name: 'cat' label: 1 } item { name: 'cat' label: 2 }");
    place.fails(1, "convert_annoset", &all, "cat");
}
