//! Sets of files: all or none after errors, kills and interruptions; links, FIFOs and devices. Exact contents.

#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use file_set::{Error, FileSet, repair};

const FOLDER: &str = "FILE_SET_TEST_FOLDER";
const STEP: &str = "FILE_SET_STEP";

/// The entries of a folder, with the contents of files.
fn contents(folder: &Path) -> Vec<(String, String)> {
    let entry = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let file = if entry.path().is_dir() { entry.path().join("file") } else { entry.path() };
        (name, fs::read_to_string(file).unwrap_or_default())
    };
    let mut found: Vec<_> =
        fs::read_dir(folder).expect("folder").map(|found| entry(found.expect("entry"))).collect();
    found.sort();
    found
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// Two files, of which one is there before; a folder; a file that goes.
fn write(folder: &Path) -> Result<(), Error> {
    let mut files = FileSet::new();
    files.add(folder.join("a"), b"new")?;
    files.add(folder.join("b"), b"new")?;
    files.remove(folder.join("gone"))?;
    let database = files.add_folder(folder.join("database"), true)?;
    fs::write(database.join("file"), "new").expect("written");
    files.commit()
}

fn prepare(folder: &Path) {
    fs::create_dir(folder.join("database")).expect("folder");
    for name in ["a", "gone", "database/file"] {
        fs::write(folder.join(name), "old").expect("written");
    }
}

const OLD: [(&str, &str); 3] = [("a", "old"), ("database", "old"), ("gone", "old")];
const NEW: [(&str, &str); 3] = [("a", "new"), ("b", "new"), ("database", "new")];

fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", test]).env(FOLDER, folder).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Not a test by itself: the process that is killed.
#[test]
fn writer() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        write(Path::new(&folder)).expect("written");
    }
}

/// A kill at each step: a reader that repairs sees the old set or the new one, and a rerun leaves nothing else.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "release builds have no hook")]
fn a_kill_at_any_step_leaves_the_old_set_or_the_new_one() {
    let (mut old, mut new) = (0, 0);
    for step in 1.. {
        let folder = tempfile::tempdir().expect("temporary folder");
        prepare(folder.path());
        let kill = format!("kill:{step}");
        if child("writer", folder.path()).env(STEP, kill).status().expect("runs").success() {
            assert_eq!(contents(folder.path()), pairs(&NEW));
            assert!(step > 15, "the hook counted only {step} steps");
            break;
        }
        repair(folder.path()).expect("repaired");
        let found = contents(folder.path());
        if found == pairs(&OLD) {
            assert_eq!(new, 0, "old after new at step {step}");
            old += 1;
        } else {
            assert_eq!(found, pairs(&NEW), "step {step}");
            new += 1;
        }
        write(folder.path()).expect("written");
        assert_eq!(contents(folder.path()), pairs(&NEW), "step {step}");

        // Without a reader it is the next writer that tidies up, whatever it writes.
        let folder = tempfile::tempdir().expect("temporary folder");
        prepare(folder.path());
        let kill = format!("kill:{step}");
        child("writer", folder.path()).env(STEP, kill).status().expect("runs");
        let mut files = FileSet::new();
        files.add(folder.path().join("other"), b"").expect("added");
        files.commit().expect("written");
        fs::remove_file(folder.path().join("other")).expect("removed");
        let expected = if new > 0 { pairs(&NEW) } else { pairs(&OLD) };
        assert_eq!(contents(folder.path()), expected, "step {step}");
    }
    assert!(old > 5 && new > 5, "{old} old sets, {new} new ones");
}

/// What the user writes after a kill is newer than the set.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "release builds have no hook")]
fn a_file_that_was_written_since_is_not_overwritten() {
    let mut superseded = 0;
    for step in 1..40 {
        let folder = tempfile::tempdir().expect("temporary folder");
        prepare(folder.path());
        let kill = format!("kill:{step}");
        if child("writer", folder.path()).env(STEP, kill).status().expect("runs").success() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
        fs::write(folder.path().join("b"), "by hand").expect("written");
        repair(folder.path()).expect("repaired");
        assert_eq!(fs::read_to_string(folder.path().join("b")).expect("there"), "by hand");
        superseded += 1;
    }
    assert!(superseded > 15);
}

/// A writer that is still alive is let be.
#[test]
fn sets_of_living_processes_stay() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut first = FileSet::new();
    first.add(folder.path().join("a"), b"first").expect("added");
    repair(folder.path()).expect("nothing to do");
    let mut second = FileSet::new();
    second.add(folder.path().join("a"), b"second").expect("added");
    second.commit().expect("written");
    first.commit().expect("written");
    assert_eq!(contents(folder.path()), pairs(&[("a", "first")]));
}

/// Not a test by itself: it abandons its sets.
#[test]
fn interrupted() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let mut files = FileSet::in_folder(&Path::new(&folder).join("made/inside")).expect("folder");
    files.add(Path::new(&folder).join("made/inside/a"), b"new").expect("added");
    let mut other = FileSet::new();
    other.add(Path::new(&folder).join("a"), b"new").expect("added");
    file_set::abandon_all();
    assert_eq!(fs::read_dir(folder).expect("folder").count(), 0);
    assert!(matches!(files.commit(), Err(Error::Write { .. } | Error::Interrupted)));
    assert!(matches!(FileSet::new().add("x", b""), Err(Error::Interrupted)));
}

#[test]
fn what_is_abandoned_leaves_nothing() {
    let folder = tempfile::tempdir().expect("temporary folder");
    assert!(child("interrupted", folder.path()).status().expect("runs").success());
}

#[test]
fn links_are_followed() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| folder.path().join(name);
    for inner in ["real", "shown"] {
        fs::create_dir(path(inner)).expect("folder");
    }
    fs::write(path("real/a"), "old").expect("written");
    symlink("../real/a", path("shown/a")).expect("link");
    symlink(path("real/b"), path("shown/b")).expect("link to nothing yet");
    symlink("b", path("shown/c")).expect("link to a link");
    let mut files = FileSet::new();
    files.add(path("shown/a"), b"new a").expect("added");
    files.add(path("shown/c"), b"new b").expect("added");
    assert!(matches!(files.add(path("real/b"), b""), Err(Error::Twice { .. })));
    files.commit().expect("written");
    for (name, text) in [("a", "new a"), ("b", "new b")] {
        assert!(path("shown").join(name).is_symlink());
        assert_eq!(fs::read_to_string(path("real").join(name)).expect("there"), text);
    }
    assert_eq!(contents(&path("real")).len(), 2, "no leftovers");

    symlink("ring", path("ring")).expect("link");
    assert!(matches!(FileSet::new().add(path("ring"), b""), Err(Error::Write { .. })));
    // What is removed is the link.
    let mut files = FileSet::new();
    files.remove(path("shown/a")).expect("noted");
    files.commit().expect("removed");
    assert!(!path("shown/a").is_symlink() && path("real/a").is_file());
}

fn fifo(path: &Path) {
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, path, kind, mode, 0).expect("FIFO");
}

#[test]
fn a_fifo_is_written_into() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = |name: &str| folder.path().join(name);
    fifo(&path("fifo"));
    symlink("fifo", path("link")).expect("link");
    for name in ["fifo", "link"] {
        // It opens without waiting for a writer, so no thread is needed.
        let mut options = fs::OpenOptions::new();
        options.read(true).custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        let mut reader = options.open(path("fifo")).expect("FIFO");
        assert!(file_set::is_stream(&path(name)));
        let mut files = FileSet::new();
        files.add(path(name), b"through").expect("added");
        files.commit().expect("written");
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("read");
        assert_eq!(text, "through");
        assert!(path("fifo").symlink_metadata().expect("there").file_type().is_fifo());
    }
    // One of several, and a folder.
    let mut files = FileSet::new();
    files.add(path("a"), b"").expect("added");
    assert!(matches!(files.add(path("fifo"), b""), Err(Error::OneOfSeveral { .. })));
    drop(files);
    let mut files = FileSet::new();
    files.add(path("fifo"), b"").expect("added");
    assert!(matches!(files.add(path("a"), b""), Err(Error::OneOfSeveral { .. })));
    assert!(matches!(FileSet::new().add_folder(path("link"), true), Err(Error::NoFolder { .. })));
    assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 2);

    // Only now, and through a link: the null device.
    symlink("/dev/null", path("null")).expect("link");
    let mut files = FileSet::new();
    files.add(path("null"), b"nothing").expect("added");
    files.commit().expect("written");
    assert!(fs::metadata("/dev/null").expect("there").file_type().is_char_device());
    assert!(path("null").is_symlink());
}

#[test]
fn files_have_the_permissions_that_the_umask_leaves() {
    if std::env::var_os(FOLDER).is_some() {
        return;
    }
    for (umask, expected) in [("002", 0o664), ("022", 0o644), ("077", 0o600)] {
        let folder = tempfile::tempdir().expect("temporary folder");
        fs::write(folder.path().join("a"), "old").expect("write");
        let script = format!("umask {umask}; exec \"$0\" --exact writer");
        let mut child = Command::new("sh");
        child.arg("-c").arg(script).arg(std::env::current_exe().expect("this program"));
        let output = child.env(FOLDER, folder.path()).output().expect("a shell");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        for (name, expected) in [("a", expected), ("database", expected | expected >> 2 & 0o111)] {
            let mode = folder.path().join(name).metadata().expect("written").permissions().mode();
            assert_eq!(mode & 0o777, expected, "{name}, umask {umask}");
        }
    }
}

#[test]
fn a_folder_stays_only_with_its_files() {
    let root = tempfile::tempdir().expect("temporary folder");
    let (outer, inner) = (root.path().join("outer"), root.path().join("outer/inner"));
    let mut files = FileSet::in_folder(&inner).expect("made");
    files.add(inner.join("a"), b"new").expect("added");
    drop(files);
    assert!(!outer.exists(), "nothing was committed");

    fs::create_dir(&outer).expect("folder");
    drop(FileSet::in_folder(&inner).expect("made"));
    assert!(outer.exists() && !inner.exists(), "only what was made is removed");

    let mut files = FileSet::in_folder(&inner).expect("made");
    files.add(inner.join("a"), b"new").expect("added");
    files.commit().expect("written");
    assert_eq!(contents(&inner), pairs(&[("a", "new")]));

    let file = FileSet::in_folder(&inner.join("a/b"));
    assert!(matches!(file, Err(Error::Write { path, .. }) if path.ends_with("a/b")));
}
