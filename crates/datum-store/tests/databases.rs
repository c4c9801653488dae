//! Databases written by other programs (bit-exact), damaged ones, and both writers.

use std::fs;
use std::path::{Path, PathBuf};

use datum_store::{Backend, DatumData, Error, Store, open};
use sha2::{Digest, Sha256};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/datum-store")
}

fn backend(name: &str) -> Backend {
    if name.starts_with("lmdb") { Backend::Lmdb } else { Backend::LevelDb }
}

/// Number and digest of all records, as `record.py` notes them.
fn digest(store: &mut dyn Store) -> Result<(u64, String), Error> {
    let mut digest = Sha256::new();
    let mut count = 0;
    while let Some(record) = store.next_record()? {
        for part in [&record.key, &record.value] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        count += 1;
    }
    let hex = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((count, hex))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folder");
    for entry in fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copy");
    }
}

/// Bit-exact, twice, and without a trace in the folder.
#[test]
fn databases_of_other_programs() {
    let text = fs::read_to_string(fixtures().join("contents.json")).expect("contents.json");
    let contents: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    for (name, noted) in contents.as_object().expect("an object") {
        let path = fixtures().join(name);
        let list = |path: &Path| fs::read_dir(path).map_or(0, Iterator::count);
        let files = list(&path);
        let mut store = open(&path, backend(name)).expect(name);
        let expected =
            (noted["count"].as_u64().expect("count"), noted["sha256"].as_str().expect("sha256"));
        for _ in 0..2 {
            let (count, hex) = digest(store.as_mut()).expect(name);
            assert_eq!((count, hex.as_str()), expected, "{name}");
            store.rewind();
        }
        assert!(store.len_hint().is_none_or(|len| len == expected.0));
        assert_eq!(store.skip(expected.0 + 1).expect(name), expected.0);
        assert_eq!(list(&path), files, "{name}");
    }
}

#[test]
fn the_vendors_records() {
    let mut store = open(fixtures().join("lmdb-vendor"), Backend::Lmdb).expect("open");
    let record = store.next_record().expect("sound").expect("one");
    assert_eq!(record.name(), "0000000000__p0.jpg");
    let datum = record.datum().expect("a datum");
    assert_eq!(
        (datum.dims(), datum.shape(), datum.label()),
        (Some(&[1, 3, 2, 2][..]), [3, 2, 2], 1)
    );
    let expected = (0..12).map(|i| -0.5 * i as f32).collect();
    assert_eq!(datum.data(), &DatumData::Floats(expected));
    assert!(
        record
            .annotated_datum()
            .unwrap_err()
            .to_string()
            .contains("is of type Datum, not AnnotatedDatum")
    );
}

#[test]
fn named_databases_are_refused() {
    let mut store = open(fixtures().join("lmdb-named"), Backend::Lmdb).expect("open");
    let error = store.next_record().unwrap_err().to_string();
    assert!(error.contains("named database \"inner\""), "{error}");
}

#[test]
fn tables_with_the_old_extension() {
    let folder = tempfile::tempdir().expect("temporary folder");
    copy(&fixtures().join("leveldb-levels"), folder.path());
    let mut store = open(folder.path(), Backend::LevelDb).expect("open");
    let expected = digest(store.as_mut()).expect("sound");
    for entry in fs::read_dir(folder.path()).expect("folder") {
        let path = entry.expect("entry").path();
        if path.extension().is_some_and(|extension| extension == "ldb") {
            fs::rename(&path, path.with_extension("sst")).expect("rename");
        }
    }
    let mut store = open(folder.path(), Backend::LevelDb).expect("open");
    assert_eq!(digest(store.as_mut()).expect("sound"), expected);
}

/// Every flipped bit of every file of a LevelDB is an error, or is where nothing is read.
#[test]
fn flipped_bits_in_leveldb() {
    let name = "leveldb-levels";
    let folder = tempfile::tempdir().expect("temporary folder");
    copy(&fixtures().join(name), folder.path());
    let read = || digest(open(folder.path(), Backend::LevelDb)?.as_mut());
    let expected = read().expect("sound");
    let (mut noticed, mut harmless) = (0, 0);
    for entry in fs::read_dir(folder.path()).expect("folder") {
        let path = entry.expect("entry").path();
        let sound = fs::read(&path).expect("read");
        for byte in (0..sound.len()).step_by(if sound.len() > 1000 { 211 } else { 1 }) {
            let mut bytes = sound.clone();
            bytes[byte] ^= 1 << (byte % 8);
            fs::write(&path, bytes).expect("write");
            match read() {
                Err(_) => noticed += 1,
                // A footer's padding and its other index; a last record whose length reaches
                // beyond the file looks like one that was being written: then the database is as
                // it was before.
                Ok(found)
                    if found == expected
                        || found.0 < expected.0
                        || path.ends_with("MANIFEST-000021") =>
                {
                    harmless += 1;
                }
                Ok(found) => panic!("byte {byte} of {}: {found:?}", path.display()),
            }
        }
        fs::write(&path, sound).expect("write");
    }
    assert!(noticed > 9 * harmless, "{noticed} {harmless}");
}

#[test]
fn missing_and_cut_files_of_leveldb() {
    for (file, length, expected) in [
        ("CURRENT", None, "cannot open"),
        ("CURRENT", Some(5), "names no manifest"),
        ("MANIFEST-000021", None, "cannot open"),
        ("MANIFEST-000021", Some(0), "is empty"),
        ("000019.ldb", None, "000019.ldb"),
        ("000019.ldb", Some(100), "truncated"),
        ("000023.log", None, "000023.log"),
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        copy(&fixtures().join("leveldb-levels"), folder.path());
        let path = folder.path().join(file);
        match length {
            None => fs::remove_file(path).expect("remove"),
            Some(length) => {
                let bytes = fs::read(&path).expect("read");
                fs::write(path, &bytes[..length]).expect("write");
            }
        }
        let error = match open(folder.path(), Backend::LevelDb) {
            Ok(mut store) => digest(store.as_mut()).unwrap_err(),
            Err(error) => error,
        };
        assert!(error.to_string().contains(expected), "{file}: {error}");
    }
}

/// No flipped bit or cut of an LMDB crashes: an error or records. (LMDB has no checksums.)
#[test]
fn flipped_bits_in_lmdb() {
    for (name, step) in [("lmdb-512", 7), ("lmdb-rewritten", 97), ("lmdb-vendor", 1)] {
        let folder = tempfile::tempdir().expect("temporary folder");
        copy(&fixtures().join(name), folder.path());
        let path = folder.path().join("data.mdb");
        let sound = fs::read(&path).expect("read");
        let read = |bytes: &[u8]| {
            fs::write(&path, bytes).expect("write");
            digest(open(folder.path(), Backend::Lmdb)?.as_mut())
        };
        let expected = read(&sound).expect("sound");
        for byte in (0..sound.len()).step_by(step) {
            let mut bytes = sound.clone();
            bytes[byte] ^= 1 << (byte % 8);
            if let Ok((count, _)) = read(&bytes) {
                assert!(count <= expected.0, "byte {byte} of {name}");
            }
        }
        for length in (0..sound.len()).step_by(509) {
            assert!(read(&sound[..length]).is_err(), "{length} bytes of {name}");
        }
    }
}

#[cfg(all(feature = "lmdb", feature = "leveldb"))]
mod written {
    use datum_store::{Datum, Existing, create};

    use super::*;

    fn datum(index: usize, size: usize) -> Vec<u8> {
        let value = index.to_le_bytes()[0];
        let data = DatumData::Bytes(vec![value; size]);
        Datum::new([1, 1, size], data, value.into()).expect("fits").to_wire()
    }

    fn fill(path: &Path, backend: Backend, count: usize, size: usize) {
        let mut writer = create(path, backend, Existing::Refuse).expect("new");
        for index in (0..count).rev() {
            writer.put(format!("{index:08}").as_bytes(), &datum(index, size)).expect("put");
        }
        writer.put(b"00000000", &datum(0, size)).expect("put");
        writer.finish().expect("finish");
    }

    /// Bit-exact. The second size lets LMDB's map grow and LevelDB make tables.
    #[test]
    fn what_is_written_is_read() {
        for backend in [Backend::Lmdb, Backend::LevelDb] {
            for (count, size) in [(1200, 3), (45, 1 << 20)] {
                let folder = tempfile::tempdir().expect("temporary folder");
                let path = folder.path().join("db");
                fill(&path, backend, count, size);
                let mut store = open(&path, backend).expect("open");
                for index in 0..count {
                    let record = store.next_record().expect("sound").expect("more");
                    assert_eq!(record.name(), format!("{index:08}"));
                    assert!(record.value == datum(index, size), "{backend} {index}");
                }
                assert!(store.next_record().expect("sound").is_none());
                assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1);
            }
        }
    }

    #[test]
    fn unfinished_existing_and_empty_databases() {
        for backend in [Backend::Lmdb, Backend::LevelDb] {
            let folder = tempfile::tempdir().expect("temporary folder");
            let path = folder.path().join("db");
            let mut writer = create(&path, backend, Existing::Refuse).expect("new");
            writer.put(b"a", b"b").expect("put");
            drop(writer);
            assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 0);
            let empty = create(&path, backend, Existing::Refuse).expect("new").finish();
            assert!(matches!(empty, Err(Error::Empty { .. })));
            fill(&path, backend, 1, 1);
            let refused = create(&path, backend, Existing::Refuse).err().expect("refused");
            assert!(matches!(refused, Error::Exists { is_database: true, .. }));
            let mut writer = create(&path, backend, Existing::Overwrite).expect("new");
            writer.put(b"a", b"b").expect("put");
            writer.finish().expect("finish");
            assert_eq!(digest(open(&path, backend).expect("open").as_mut()).expect("sound").0, 1);
            assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1);
            // A folder of something else is not replaced.
            let other = folder.path().join("other");
            fs::create_dir(&other).expect("folder");
            let refused = create(&other, backend, Existing::Overwrite).err().expect("refused");
            assert!(matches!(refused, Error::Exists { is_database: false, .. }));
            assert!(matches!(open(folder.path().join("none"), backend), Err(Error::Io { .. })));
            assert!(open(&other, backend).is_err());
            // A database of the other kind is told.
            let wrong = match backend {
                Backend::Lmdb => Backend::LevelDb,
                Backend::LevelDb => Backend::Lmdb,
            };
            let error = open(&path, wrong).err().expect("refused");
            assert_eq!(
                error.to_string(),
                format!("{} is a database of {backend}, not of {wrong}", path.display())
            );
        }
    }

    /// Everyone may read what the process's mode of new files lets everyone read.
    #[cfg(unix)]
    #[test]
    fn files_have_the_mode_of_new_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("temporary folder");
        let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
        let plain = folder.path().join("plain");
        fs::write(&plain, "").expect("write");
        fs::create_dir(folder.path().join("folder")).expect("folder");
        for backend in [Backend::Lmdb, Backend::LevelDb] {
            let path = folder.path().join(backend.to_string());
            fill(&path, backend, 2, 1);
            assert_eq!(mode(&path), mode(&folder.path().join("folder")), "{backend}");
            for entry in fs::read_dir(&path).expect("folder") {
                let file = entry.expect("entry").path();
                assert_eq!(mode(&file), mode(&plain), "{}", file.display());
            }
        }
    }
}

/// Reading needs no feature; writing names the one that is missing.
#[cfg(not(feature = "lmdb"))]
#[test]
fn writing_lmdb_needs_its_feature() {
    let error = datum_store::create("never", Backend::Lmdb, datum_store::Existing::Refuse)
        .err()
        .expect("not built in");
    let expected =
        "writing LMDB needs the feature \"lmdb\" of the crate datum-store, which this build lacks";
    assert_eq!(error.to_string(), expected);
}

/// The same for LevelDB.
#[cfg(not(feature = "leveldb"))]
#[test]
fn writing_leveldb_needs_its_feature() {
    let error = datum_store::create("never", Backend::LevelDb, datum_store::Existing::Refuse)
        .err()
        .expect("not built in");
    assert!(error.to_string().contains("the feature \"leveldb\""), "{error}");
}

/// The same for annotations in XML and JSON, not for plain text.
#[cfg(not(feature = "annotations"))]
#[test]
fn reading_xml_and_json_needs_its_feature() {
    use datum_store::annotations::{Format, LabelMap, read};
    let labels = LabelMap::default();
    for format in [Format::Xml, Format::Json] {
        let error = read(Path::new("none"), format, [1, 1], &labels).expect_err("not built in");
        assert!(error.to_string().contains("the feature \"annotations\""), "{error}");
    }
    assert!(read(Path::new("none"), Format::Txt, [1, 1], &labels).is_ok());
}
