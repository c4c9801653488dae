//! Writers that are killed: nothing or a whole database is left, and the next writer tidies up.

#![cfg(all(feature = "lmdb", feature = "leveldb"))]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use datum_store::{Backend, Existing, create, open};

const FOLDER: &str = "DATUM_STORE_KILLED_FOLDER";
const RECORDS: usize = 3000;

fn value(index: usize) -> Vec<u8> {
    vec![index.to_le_bytes()[0]; 20_000]
}

fn write(folder: &Path, backend: Backend) {
    let path = folder.join(backend.to_string());
    let mut writer = create(path, backend, Existing::Overwrite).expect("new");
    for index in 0..RECORDS {
        writer.put(format!("{index:08}").as_bytes(), &value(index)).expect("put");
    }
    writer.finish().expect("finish");
}

/// Not a test by itself: the process that is killed.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    loop {
        for backend in [Backend::Lmdb, Backend::LevelDb] {
            write(Path::new(&folder), backend);
        }
    }
}

/// Whole records or nothing, at whatever moment the writer ends.
#[test]
fn killed_writers_leave_whole_databases() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut complete = 0;
    for round in 0..12u64 {
        let program = std::env::current_exe().expect("own path");
        let mut child = Command::new(program)
            .args(["--exact", "child"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("child");
        std::thread::sleep(Duration::from_millis(30 + 379 * round % 1200));
        child.kill().expect("kill");
        child.wait().expect("wait");
        for backend in [Backend::Lmdb, Backend::LevelDb] {
            let path = folder.path().join(backend.to_string());
            let opened = open(&path, backend);
            if !path.exists() {
                continue;
            }
            let mut store = opened.expect("a whole database");
            for index in 0..RECORDS {
                let record = store.next_record().expect("sound").expect("all records");
                assert!(record.name() == format!("{index:08}") && record.value == value(index));
            }
            assert!(store.next_record().expect("sound").is_none());
            complete += 1;
        }
    }
    assert!(complete > 0, "no child was given the time to write a database");
    for backend in [Backend::Lmdb, Backend::LevelDb] {
        write(folder.path(), backend);
    }
    let mut left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["LMDB", "LevelDB"]);
}
