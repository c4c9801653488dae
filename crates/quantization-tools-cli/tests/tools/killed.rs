//! Tools that are killed or interrupted: the old outputs or the new ones, after a rerun the new ones and nothing else.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::place::{OUTPUTS, Place, RELEASE, argument};

/// Names and contents below a folder. LevelDB's log tells times.
type Contents = BTreeMap<PathBuf, Vec<u8>>;

fn below(folder: &Path) -> Contents {
    let mut found = Contents::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            found.extend(below(&path));
        } else if path.file_name().is_some_and(|name| name != "LOG") {
            let contents = fs::read(&path).expect("file");
            found.insert(path, contents);
        }
    }
    found
}

/// What a tool of a test does.
struct Case<'a> {
    place: &'a Place,
    tool: &'a str,
    arguments: &'a [&'a str],
    /// Its outputs: files, or one folder.
    outputs: &'a [&'a str],
    /// A tool that reads the outputs.
    reader: &'a dyn Fn(),
}

impl Case<'_> {
    fn start(&self, kill: Option<String>) -> Child {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin(self.tool));
        command.current_dir(self.place.folder()).args(self.arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(kill) = kill {
            command.env("FILE_SET_STEP", kill);
        }
        command.spawn().expect("runs")
    }

    fn rerun(&self) {
        assert!(self.start(None).wait().expect("runs").success());
    }

    fn found(&self) -> Contents {
        let mut found = Contents::new();
        for output in self.outputs {
            let path = self.place.path(output);
            if path.is_dir() {
                found.extend(below(&path));
            } else if let Ok(contents) = fs::read(&path) {
                found.insert(path, contents);
            }
        }
        found
    }

    fn leftovers(&self) -> Vec<PathBuf> {
        let hidden = |path: &Path| path.to_string_lossy().contains("/.partial");
        let all = self.place.contents().into_iter().map(|(path, _)| path);
        let temporary = std::env::temp_dir();
        all.filter(|path| hidden(path.strip_prefix(&temporary).unwrap_or(path))).collect()
    }

    fn restore(&self, old: &Contents) {
        for output in self.outputs {
            let path = self.place.path(output);
            let _ = fs::remove_dir_all(&path);
            let _ = fs::remove_file(&path);
        }
        for (path, contents) in old {
            fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
            fs::write(path, contents).expect("written");
        }
    }

    /// Kills the tool at each step of publishing over `old`, and at random moments.
    fn check(&self, old: &Contents) {
        self.restore(old);
        self.rerun();
        let new = self.found();
        assert!(*old != new, "the test cannot tell the sets apart");
        let mut seen = (0, 0);
        let mut look = |what: &str| {
            (self.reader)();
            let found = self.found();
            if found == *old {
                seen.0 += 1;
            } else {
                assert!(found == new, "{} {what}: a mixed set", self.tool);
                seen.1 += 1;
            }
            assert_eq!(self.leftovers(), [] as [PathBuf; 0], "{} {what}", self.tool);
        };
        for step in 1.. {
            self.restore(old);
            let status = self.start(Some(format!("kill:{step}"))).wait().expect("runs");
            if status.success() {
                assert!(step > 8, "only {step} steps");
                break;
            }
            assert_eq!(status.signal(), Some(6), "aborted");
            look(&format!("at step {step}"));
            self.rerun();
            assert!(self.found() == new, "{} after a rerun", self.tool);
            assert_eq!(self.leftovers(), [] as [PathBuf; 0]);
        }
        let kills = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(20);
        let start = std::time::Instant::now();
        self.rerun();
        let whole = u64::try_from(start.elapsed().as_micros()).expect("short");
        for round in 0..kills {
            self.restore(old);
            let mut child = self.start(None);
            // Spread over the whole run, no two alike.
            std::thread::sleep(Duration::from_micros(whole * (round * 7919 % 997) / 997));
            child.kill().expect("killed");
            child.wait().expect("waits");
            look(&format!("random kill {round}"));
        }
        assert!(seen.0 > 0 && seen.1 > 0, "{} old, {} new", seen.0, seen.1);
    }
}

/// A database of the first 30 digits over one of 5, by each backend, replaced and new.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "release builds have no hook")]
fn killed_convert_imageset() {
    let place = Place::with_digits();
    let list = place.read_text("short.txt");
    place
        .write("few.txt", list.lines().take(5).map(|line| format!("{line}\n")).collect::<String>());
    let root = argument("lenet/");
    for backend in ["lmdb", "leveldb"] {
        let flag = format!("-backend={backend}");
        let good = |list: &str, name: &str| {
            place.good("convert_imageset", &["--gray", "--overwrite", &flag, &root, list, name]);
        };
        good("few.txt", "db");
        let reader = || {
            // The reader of a database goes on with one that is complete.
            file_set::repair(place.folder()).expect("repaired");
        };
        let case = Case {
            place: &place,
            tool: "convert_imageset",
            arguments: &["--gray", "--overwrite", &flag, &root, "short.txt", "db"],
            outputs: &["db"],
            reader: &reader,
        };
        case.check(&case.found());
        case.check(&Contents::new());
    }
}

/// Two files in a folder that is made for them.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "release builds have no hook")]
fn killed_import() {
    let place = Place::new();
    let model = argument("onnx/line.onnx");
    let reader = || {
        let _ = file_set::repair(&place.path("out"));
    };
    let case = Case {
        place: &place,
        tool: "on_to_umodel",
        arguments: &["-m", &model, "-n", "net", "-d", "out"],
        outputs: &["out"],
        reader: &reader,
    };
    case.check(&Contents::new());
}

/// Drawn pictures and their boxes.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "release builds have no hook")]
fn killed_detection() {
    let place = crate::ufw_detect::place();
    let reader = || {
        let _ = file_set::repair(&place.path("out"));
    };
    let once = crate::ufw_detect::detect(&["-pictures=pictures"]);
    let again = crate::ufw_detect::detect(&["-pictures=pictures", "-score_threshold=0.9"]);
    let outputs = &["out"];
    let case = |arguments| {
        let (place, reader): (_, &dyn Fn()) = (&place, &reader);
        Case { place, tool: "ufw", arguments, outputs, reader }
    };
    case(&once).check(&Contents::new());
    case(&again).check(&case(&once).found());
}

#[test]
#[cfg_attr(not(debug_assertions), ignore = "release builds have no hook")]
fn killed_calibration_and_compiler() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=1", "-th_method=MAX"]);
    let test =
        ["test_int8", "-model=lenet_test_int8_unique_top.prototxt", "-weights=lenet.int8umodel"];
    let reader = || {
        place.good("ufw", &[&test[..], &["-iterations=1"]].concat());
    };
    let arguments = [&RELEASE[..], &["-iterations=2"]].concat();
    let case = Case {
        place: &place,
        tool: "calibration_use_pb",
        arguments: &arguments,
        outputs: &OUTPUTS,
        reader: &reader,
    };
    case.check(&case.found());

    let deploy = ["-model=lenet_deploy_int8_unique_top.prototxt", "-weight=lenet.int8umodel"];
    place.good("bmnetu", &[&deploy[..], &["-max_n=2"]].concat());
    let reader = || {
        let printed = place.good("bm_model", &["--info", "compilation/compilation.bmodel"]);
        assert!(!printed.err.contains("warning"), "{}", printed.err);
    };
    let case = Case {
        place: &place,
        tool: "bmnetu",
        arguments: &deploy,
        outputs: &["compilation"],
        reader: &reader,
    };
    case.check(&case.found());
}

/// One file.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "release builds have no hook")]
fn killed_timeline() {
    let place = Place::new();
    crate::timeline::write(&place, "a.bmodel", "BM1684", &crate::timeline::groups());
    place.write("t.svg", "old");
    let reader = || {
        file_set::repair(place.folder()).expect("repaired");
    };
    let case = Case {
        place: &place,
        tool: "bm_model",
        arguments: &["--timeline=t.svg", "a.bmodel"],
        outputs: &["t.svg"],
        reader: &reader,
    };
    case.check(&case.found());
}

/// Two databases and a file: all of them or none.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "release builds have no hook")]
fn killed_extraction() {
    let place = Place::with_digits();
    let extract = |iterations: &'static str| {
        [
            "extract",
            "-model=lenet.prototxt",
            "-weights=lenet.caffemodel",
            iterations,
            "-overwrite",
            "-blobs=pool1,ip2,ip1",
            "-out=pool1_lmdb,ip2.npz,ip1_lmdb",
        ]
    };
    place.good("ufw", &extract("-iterations=2"));
    let reader = || {
        file_set::repair(place.folder()).expect("repaired");
    };
    let case = Case {
        place: &place,
        tool: "ufw",
        arguments: &extract("-iterations=5"),
        outputs: &["pool1_lmdb", "ip2.npz", "ip1_lmdb"],
        reader: &reader,
    };
    case.check(&case.found());
    case.check(&Contents::new());
}

/// Signals at a moment before publishing and at one within.
#[test]
#[cfg_attr(not(debug_assertions), ignore = "release builds have no hook")]
fn signals_clean_up() {
    let place = Place::with_digits();
    let before = place.contents();
    for (step, signal, code) in [(6, "-INT", 130), (6, "-TERM", 143), (14, "-INT", 130)] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("calibration_use_pb"));
        command.current_dir(place.folder()).args(RELEASE).arg("-iterations=1");
        command.env("FILE_SET_STEP", format!("pause:{step}")).stdout(Stdio::null());
        let mut child = command.spawn().expect("runs");
        let staged = |name: &String| name.starts_with(".partial");
        while !place.names(".").iter().any(staged) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(500));
        let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(kill.expect("runs").success());
        assert_eq!(child.wait().expect("ends").code(), Some(code), "step {step}");
        let names = place.names(".");
        assert!(!names.iter().any(staged), "step {step}: {names:?}");
        if step == 6 {
            assert!(place.contents() == before);
        } else {
            assert!(OUTPUTS.iter().all(|&name| place.path(name).is_file()), "{names:?}");
        }
    }
}

#[test]
fn files_of_two_calibrations_are_refused() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=1"]);
    fs::copy(place.path(OUTPUTS[2]), place.path("old.prototxt")).expect("copy");
    let first = OUTPUTS.map(|name| place.read(name));
    place.calibrate(&["-iterations=1"]);
    assert!(first == OUTPUTS.map(|name| place.read(name)), "the same inputs, the same bytes");
    place.calibrate(&["-iterations=2", "-th_method=MAX"]);
    let arguments = ["-model=old.prototxt", "-weight=lenet.int8umodel"];
    let error = place.fails(1, "bmnetu", &arguments, "were not made together");
    assert!(error.contains("old.prototxt") && error.contains("lenet.int8umodel"), "{error}");
    // Without a mark, as in files from elsewhere.
    let text = place.read_text("old.prototxt");
    let unmarked = |line: &&str| !line.starts_with("calibration_id");
    let unmarked: Vec<&str> = text.lines().filter(unmarked).collect();
    assert_eq!(unmarked.len() + 1, text.lines().count());
    place.write("old.prototxt", unmarked.join("\n"));
    place.good("bmnetu", &arguments);
    for name in [OUTPUTS[1], OUTPUTS[3]] {
        assert!(!place.read_text(name).contains("calibration_id"), "{name} is for Caffe, too");
    }
}

#[test]
fn references_belong_to_their_bmodel() {
    let place = Place::with_digits();
    place.calibrate(&["-iterations=1"]);
    let deploy = ["-model=lenet_deploy_int8_unique_top.prototxt", "-weight=lenet.int8umodel"];
    let compile = |arguments: &[&str]| place.good("bmnetu", &[&deploy, arguments].concat());
    let info = || -> String {
        let printed = place.good("bm_model", &["--info", "compilation/compilation.bmodel"]).err;
        printed.lines().filter(|line| line.starts_with("warning")).collect()
    };
    compile(&["-max_n=4"]);
    assert_eq!(info(), "");
    let mut check = Command::new("sha256sum");
    check.args(["-c", "--quiet", "compilation.sha256"]).current_dir(place.path("compilation"));
    assert!(check.status().expect("runs").success());
    let old = place.read("compilation/output_ref_data.dat");
    compile(&["-max_n=1"]);
    place.write("compilation/output_ref_data.dat", old);
    let warning = info();
    assert!(warning.contains("output_ref_data.dat is not what"), "{warning}");
    assert_eq!(warning.matches("warning").count(), 1, "{warning}");
    compile(&["-nocmp"]);
    let left =
        ["compilation.bmodel", "compilation.layers.json", "compilation.sha256", "io_info.json"];
    assert_eq!(place.names("compilation"), left);
    assert_eq!(info(), "");
}

#[test]
fn outputs_that_are_no_plain_files() {
    let place = Place::with_digits();
    let expected = {
        place.good("umodel", &["convert", "lenet.prototxt", "plain.bin"]);
        place.read("plain.bin")
    };
    assert!(Command::new("mkfifo").arg(place.path("fifo")).status().expect("runs").success());
    let fifo = place.path("fifo");
    let reader = std::thread::spawn(move || fs::read(fifo).expect("read"));
    place.good("umodel", &["convert", "lenet.prototxt", "fifo"]);
    assert!(reader.join().expect("reader") == expected);
    let kind = place.path("fifo").symlink_metadata().expect("there").file_type();
    assert!(kind.is_fifo());

    symlink("plain.bin", place.path("link")).expect("link");
    place.write("plain.bin", "old");
    place.good("umodel", &["convert", "lenet.prototxt", "link"]);
    assert!(place.path("link").is_symlink() && place.read("plain.bin") == expected);

    // Into a pipe, and into a file behind what stands there.
    assert!(place.run("umodel", &["convert", "lenet.prototxt", "/dev/stdout"]).stdout == expected);
    place.write("log", "before\n");
    let log = fs::OpenOptions::new().append(true).open(place.path("log")).expect("log");
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("umodel"));
    command.current_dir(place.folder()).args(["convert", "lenet.prototxt", "/dev/stdout"]);
    assert!(command.stdout(log).status().expect("runs").success());
    assert!(place.read("log") == [b"before\n", expected.as_slice()].concat());

    // A database is followed through a link, and is no stream.
    let root = argument("lenet/");
    symlink("calibration_lmdb", place.path("dblink")).expect("link");
    let before = place.read("calibration_lmdb/data.mdb");
    let list = place.read_text("short.txt");
    place
        .write("few.txt", list.lines().take(3).map(|line| format!("{line}\n")).collect::<String>());
    place.good("convert_imageset", &["--gray", "--overwrite", &root, "few.txt", "dblink"]);
    assert!(place.path("dblink").is_symlink());
    assert!(place.read("calibration_lmdb/data.mdb") != before);
    let output =
        place.run("convert_imageset", &["--gray", "--overwrite", &root, "few.txt", "fifo"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(place.path("fifo").symlink_metadata().expect("there").file_type().is_fifo());
}

/// The permissions of all files of a database, exact, and a limit to their size.
#[test]
fn databases_are_files_like_others() {
    let place = Place::new();
    let root = argument("lenet/");
    let list = argument("lenet/calibration.txt");
    let convert = |limits: &str, backend: &str| {
        let tool = assert_cmd::cargo::cargo_bin("convert_imageset");
        let script =
            format!("{limits}; exec \"$0\" -gray -backend={backend} \"$1\" \"$2\" {backend}");
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(tool).args([&root, &list]);
        command.current_dir(place.folder()).output().expect("a shell")
    };
    for backend in ["lmdb", "leveldb"] {
        // In blocks of 512 bytes.
        let output = convert("ulimit -f 200", backend);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{backend}: {error}");
        assert!(error.contains("File too large"), "{backend}: {error}");
        assert_eq!(place.names("."), [""; 0], "{backend}");
        assert!(convert("umask 022", backend).status.success());
        for entry in fs::read_dir(place.path(backend)).expect("folder") {
            let entry = entry.expect("entry");
            let mode = entry.metadata().expect("there").permissions().mode() & 0o777;
            assert_eq!(mode, 0o644, "{:?}", entry.path());
        }
        fs::remove_dir_all(place.path(backend)).expect("removed");
    }
}
