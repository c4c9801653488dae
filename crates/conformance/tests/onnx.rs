//! Relative 1e-4: imported ONNX models against onnxruntime. Small models, tensor by tensor, as record.py, record_ops.py,
//! record_boxes.py and record_graphs.py in fixtures/onnx recorded them; whole nets in the folder that ONNX_NETS names
//! (oracle/onnx_nets.py); the ONNX package's own tests of single operators in the folder that ONNX_NODE_TESTS names
//! (oracle/onnx_nodes.py).

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use conformance::{fixtures, needs};
use libtest_mimic::{Arguments, Failed, Trial};
use quantization_tools::umodel_import::{Error, Options as ImportOptions, onnx};
use quantization_tools_cli::cli::{compare, read_npz};

const BOUND: f32 = 1e-4;
/// The ONNX package's own; some of its results are printed with four digits.
const NODE_BOUND: f32 = 1e-3;

/// Small models: those of fixtures/onnx/record.py, then those of record_ops.py beside it.
const SMALL: [&str; 21] = [
    "windows",
    "channels_last",
    "elementwise",
    "shapes",
    "line",
    "old",
    "half",
    "recurrent",
    "choices",
    "gathered",
    "sums",
    "normalized",
    "branches",
    "quantized",
    "dropout",
    "suppressed",
    "best_boxes",
    "few_boxes",
    "picked",
    "functions",
    "folded",
];

/// Node tests whose results onnxruntime does not give either: it takes the rounded size of the output where the
/// operator's text takes the scale times the size of the input.
const OTHERWISE: [&str; 2] = [
    "test_resize_downsample_scales_cubic_align_corners",
    "test_resize_downsample_scales_linear_align_corners",
];

fn main() {
    let arguments = Arguments::from_args();
    let mut tests: Vec<Trial> = SMALL
        .into_iter()
        .map(|name| {
            let run = move || model(&fixtures().join("onnx"), name, true, BOUND);
            Trial::test(format!("{name}_equals_recorded_onnxruntime"), run)
        })
        .collect();
    tests.push(needs(&["ONNX_NETS"], "whole_nets_equal_onnxruntime", |folders| {
        let names = models(&folders[0])?;
        each(&names, |name| model(&folders[0], name, false, BOUND))
    }));
    tests.push(needs(&["ONNX_NODE_TESTS"], "the_onnx_packages_node_tests", |folders| {
        node_tests(&folders[0])
    }));
    libtest_mimic::run(&arguments, tests).exit();
}

/// The names of all models of a folder, in order.
fn models(folder: &Path) -> Result<Vec<String>, Failed> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "onnx")
            && let Some(stem) = path.file_stem()
        {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// All failures together.
fn each(names: &[String], run: impl Fn(&str) -> Result<(), Failed>) -> Result<(), Failed> {
    let failed = |name: &String| {
        let error = run(name).err()?;
        Some(format!("{name}: {}", error.message().unwrap_or_default()))
    };
    let failures: Vec<String> = names.iter().filter_map(failed).collect();
    match failures.is_empty() && !names.is_empty() {
        true => Ok(()),
        false => {
            Err(format!("{} of {}:\n{}", failures.len(), names.len(), failures.join("\n")).into())
        }
    }
}

/// Runs `FOLDER/NAME.onnx` on the input in `FOLDER/NAME.npz` and compares all tensors there; `all`: every one must
/// have become a blob, otherwise the outputs must.
fn model(folder: &Path, name: &str, all: bool, bound: f32) -> Result<(), Failed> {
    let recorded = folder.join(format!("{name}.npz"));
    let arrays = read_npz(&recorded)?;
    let file = folder.join(format!("{name}.onnx"));
    let mut options = ImportOptions::default();
    if name.starts_with("light_") {
        // Their weights are one value each, of any size, in files of kilobytes.
        options.constant_bytes = Some(4 << 30);
    }
    let imported = match onnx::read(&file, &options) {
        Err(Error::InputShape { .. }) => {
            // The model leaves its size open.
            options.shapes = arrays.iter().take(1).map(|(_, x)| x.shape().to_vec()).collect();
            onnx::read(&file, &options)
        }
        done => done,
    };
    let imported = imported.map_err(chain)?;
    let (inputs, tensors) = (&imported.inputs, &imported.tensors);
    let comparison = compare(&imported.net, inputs, tensors, &recorded)?;
    if let Some((error, tensor)) = &comparison.first
        && comparison.worst.0 > bound
    {
        return Err(format!("{tensor} diverges first: {error}").into());
    }
    let kept = |name: &str| tensors.iter().any(|tensor| tensor.tensor == name);
    let lost = arrays.iter().find(|(name, _)| {
        let output = imported.outputs.iter().any(|output| output.tensor == *name);
        // A gate goes into Swish or HardSwish, constants are folded.
        let vanishes = ["Sigmoid_", "HardSigmoid_", "ConstantOfShape_", "Cast_"];
        let vanishes = vanishes.iter().any(|prefix| name.starts_with(prefix));
        !kept(name) && (output || all && !vanishes)
    });
    if let Some((name, _)) = lost {
        return Err(format!("{name} was not compared").into());
    }
    let (worst, tensor) = &comparison.worst;
    println!(
        "{name}: {} tensors, largest relative error {worst:e} ({tensor})",
        comparison.compared
    );
    Ok(())
}

fn chain(error: Error) -> Failed {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.into()
}

/// What became of every node test, as `onnx_node_tests.txt` has it.
#[derive(Default)]
struct Nodes {
    passed: usize,
    /// Names under the reason why they are refused.
    refused: BTreeMap<String, Vec<String>>,
}

impl Nodes {
    fn refuse(&mut self, reason: &str, name: String) {
        self.refused.entry(reason.to_owned()).or_default().push(name);
    }

    fn to_text(&self) -> String {
        let count: usize = self.refused.values().map(Vec::len).sum();
        let mut text = format!("{} passed, {count} refused\n", self.passed);
        for (reason, names) in &self.refused {
            text += &format!("\n{reason}\n");
            for name in names {
                text += &format!("  {name}\n");
            }
        }
        text
    }
}

/// Every case either equals its recorded result or is refused with a reason; a wrong result is a failure. Which ones
/// are refused, and why, stands in a file beside this one; `BLESS=1` writes it anew.
fn node_tests(folder: &Path) -> Result<(), Failed> {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/onnx_node_tests.txt");
    let (mut nodes, mut wrong) = (Nodes::default(), Vec::new());
    for name in models(folder)? {
        if OTHERWISE.contains(&name.as_str()) {
            nodes.refuse("onnxruntime gives other values, too", name);
            continue;
        }
        match model(folder, &name, false, NODE_BOUND) {
            Ok(()) => nodes.passed += 1,
            Err(error) => {
                let text = error.message().unwrap_or_default().to_owned();
                // The last two are tensors without values, which no blob can be.
                let known = [
                    "unsupported",
                    "is constant",
                    "does not tell its shape",
                    "cannot become [3, 4, 0]",
                    "attribute split: [0, 0, 0]",
                ];
                match known.iter().any(|reason| text.contains(reason)) {
                    true => nodes.refuse(&without_names(&text), name),
                    false => wrong.push(format!("{name}: {text}")),
                }
            }
        }
    }
    let found = nodes.to_text();
    println!("{found}");
    if !wrong.is_empty() {
        return Err(format!("{} wrong:\n{}", wrong.len(), wrong.join("\n")).into());
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&kept, &found)?;
    }
    let expected = fs::read_to_string(&kept)?;
    let only = |a: &str, b: &str, sign: char| -> String {
        let others: HashSet<&str> = b.lines().collect();
        let lines = a.lines().filter(|line| !others.contains(line));
        lines.map(|line| format!("{sign}{line}\n")).collect()
    };
    match found == expected {
        true => Ok(()),
        false => Err(format!(
            "not as {}:\n{}{}",
            kept.display(),
            only(&expected, &found, '-'),
            only(&found, &expected, '+')
        )
        .into()),
    }
}

/// A message without the names in quotation marks.
fn without_names(message: &str) -> String {
    let outside = message.split('"').step_by(2);
    outside.collect::<Vec<_>>().join("\"…\"")
}
