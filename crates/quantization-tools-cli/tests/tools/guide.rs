//! The commands of docs/guide.md and of README, run as they are printed. Figures are compared loosely.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::place::{Place, fixture};

/// The shell blocks of a document.
fn blocks(name: &str) -> Vec<String> {
    let path = fixture("..").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for line in text.lines().map(str::trim_start) {
        match (&mut block, line) {
            (None, "```sh") => block = Some(String::new()),
            (Some(_), "```") => blocks.extend(block.take()),
            (Some(lines), line) => *lines += &format!("{line}\n"),
            (None, _) => {}
        }
    }
    blocks
}

/// Runs commands in a folder that looks like the root of the repository; what they print.
fn run(place: &Place, commands: &str) -> String {
    let tools = place.command("ufw").get_program().to_owned();
    let tools = Path::new(&tools).parent().expect("a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = vec![tools];
    all.extend(std::env::split_paths(&path));
    let mut shell = Command::new("sh");
    shell.args(["-euc", commands]).current_dir(place.folder());
    let output = shell.env("PATH", std::env::join_paths(all).expect("a path")).output();
    let output = output.expect("a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{commands}: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn accuracy(printed: &str) -> f64 {
    let value = printed.lines().find_map(|line| line.strip_prefix("accuracy = "));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{printed}"))
}

#[test]
fn the_guide_works_as_printed() {
    let place = Place::new();
    symlink(fixture("").canonicalize().expect("there"), place.path("fixtures")).expect("link");
    let printed: Vec<String> =
        blocks("docs/guide.md").iter().map(|block| run(&place, block)).collect();
    assert_eq!(printed.len(), 9);
    assert!(printed[1].contains("Processed 200 files, skipped 0."), "{}", printed[1]);
    assert!(printed[1].contains("Processed 1000 files, skipped 0."), "{}", printed[1]);
    let [fp32, int8] = [&printed[2], &printed[4]].map(|printed| accuracy(printed));
    assert!(fp32 > 0.95 && int8 > fp32 - 0.02, "{fp32} {int8}");
    assert!(place.path("target/guide/compilation/compilation.bmodel").is_file());
    assert!(printed[7].contains("Conv2D 1x5x4x4: min "), "{}", printed[7]);
    for folder in ["tensorflow", "onnx"] {
        let file = format!("target/guide/{folder}/net.int8umodel");
        assert!(place.path(&file).is_file(), "{file}");
    }
}

/// Exact where it says how many; docs/cascades.md goes on from the guide.
#[test]
fn the_cascades_work_as_printed() {
    let place = Place::new();
    symlink(fixture("").canonicalize().expect("there"), place.path("fixtures")).expect("link");
    for block in blocks("docs/guide.md").iter().take(6) {
        run(&place, block);
    }
    let printed: Vec<String> =
        blocks("docs/cascades.md").iter().map(|block| run(&place, block)).collect();
    assert_eq!(printed.len(), 4);
    assert!(
        printed[0].contains("target/guide/three.npz\nconv1 1x20x24x24: min "),
        "{}",
        printed[0]
    );
    assert!(
        printed[1].contains("pool2_lmdb: 200 records of blob pool2, 50x4x4\n"),
        "{}",
        printed[1]
    );
    for file in ["inside.npz", "ip2.npz", "half.int8umodel", "losses.npz"] {
        assert!(place.path(&format!("target/guide/{file}")).is_file(), "{file}");
    }
}

/// Exact where it says how many.
#[test]
fn compiling_works_as_printed() {
    let place = Place::new();
    symlink(fixture("").canonicalize().expect("there"), place.path("fixtures")).expect("link");
    let printed: Vec<String> =
        blocks("docs/compiling.md").iter().map(|block| run(&place, block)).collect();
    assert_eq!(printed.len(), 7);
    assert!(printed[1].contains("shapes_ssd_host.prototxt\n"), "{}", printed[1]);
    assert!(
        printed[2].contains("\nconv1 ") && printed[2].ends_with("/timeline.json\n"),
        "{}",
        printed[2]
    );
    assert!(printed[3].starts_with("detection_out 1x1x"), "{}", printed[3]);
    assert_eq!(printed[4].lines().filter(|line| line.starts_with("detection_out")).count(), 2);
    assert!(printed[5].ends_with("target/compiling/chip.npz\n"), "{}", printed[5]);
    assert!(printed[6].contains("shapes_ssd_host_stage2.prototxt\n"), "{}", printed[5]);
}

/// README's second block is the guide's first seven commands.
#[test]
fn the_readme_shows_the_same_commands() {
    let readme = blocks("README.md");
    let guide: BTreeSet<String> = blocks("docs/guide.md")
        .iter()
        .take(6)
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let of_readme: BTreeSet<String> = readme
        .iter()
        .find(|block| block.contains("calibration_use_pb release"))
        .expect("the seven commands")
        .lines()
        .map(str::to_owned)
        .collect();
    assert_eq!(of_readme, guide);
    assert_eq!(guide.len(), 7);
}
