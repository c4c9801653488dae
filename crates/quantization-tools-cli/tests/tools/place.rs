//! A folder to run tools in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

pub(crate) const RELEASE: [&str; 3] =
    ["release", "-model=lenet.prototxt", "-weights=lenet.caffemodel"];

/// What a calibration of LeNet writes.
pub(crate) const OUTPUTS: [&str; 5] = [
    "lenet.int8umodel",
    "lenet_deploy_fp32_unique_top.prototxt",
    "lenet_deploy_int8_unique_top.prototxt",
    "lenet_test_fp32_unique_top.prototxt",
    "lenet_test_int8_unique_top.prototxt",
];

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

/// A fixture's path as an argument.
pub(crate) fn argument(name: &str) -> String {
    fixture(name).display().to_string()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a run that has to succeed printed.
pub(crate) struct Printed {
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A temporary folder.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Place(tempfile::tempdir().expect("temporary folder"))
    }

    /// One with the bundled net and a database of the first 30 digits.
    pub(crate) fn with_digits() -> Self {
        let place = Place::new();
        for file in ["lenet.caffemodel", "lenet.prototxt"] {
            fs::copy(fixture("lenet").join(file), place.path(file)).expect("copy");
        }
        let list = fs::read_to_string(fixture("lenet/calibration.txt")).expect("list");
        let short: String = list.lines().take(30).map(|line| format!("{line}\n")).collect();
        place.write("short.txt", short);
        let root = argument("lenet/");
        place.good("convert_imageset", &["--gray", &root, "short.txt", "calibration_lmdb"]);
        place
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) {
        fs::write(self.path(name), contents).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn read_text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn command(&self, tool: &str) -> Command {
        let mut command = Command::cargo_bin(tool).expect("built");
        command.current_dir(self.folder());
        command
    }

    pub(crate) fn run(&self, tool: &str, arguments: &[&str]) -> Output {
        self.command(tool).args(arguments).output().expect("runs")
    }

    /// The tool must succeed.
    pub(crate) fn good(&self, tool: &str, arguments: &[&str]) -> Printed {
        let output = self.run(tool, arguments);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{tool} {arguments:?}: {err}");
        Printed { out, err }
    }

    /// Calibrates LeNet.
    pub(crate) fn calibrate(&self, arguments: &[&str]) -> Printed {
        self.good("calibration_use_pb", &[&RELEASE, arguments].concat())
    }

    /// The tool must fail with this exit code, say something like `expected` on one line, and leave
    /// the folder as it was. Returns what it says.
    pub(crate) fn fails(
        &self,
        code: i32,
        tool: &str,
        arguments: &[&str],
        expected: &str,
    ) -> String {
        let before = self.contents();
        let output = self.run(tool, arguments);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{tool} {arguments:?}: {error}");
        assert!(error.contains(expected), "{tool} {arguments:?}: {error:?} lacks {expected:?}");
        let errors = error.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(errors, 1, "{error}");
        assert!(self.contents() == before, "{tool} {arguments:?} changed the folder");
        error
    }

    /// Every file below, with its contents; folders have none.
    pub(crate) fn contents(&self) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("folder") {
                let path = entry.expect("entry").path();
                let contents = if path.is_dir() {
                    folders.push(path.clone());
                    None
                } else {
                    Some(fs::read(&path).expect("file"))
                };
                found.push((path, contents));
            }
        }
        found.sort();
        found
    }

    /// The names of all that stands in a folder, in order.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("folder");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.map(|entry| name(entry.expect("entry"))).collect();
        names.sort();
        names
    }
}
