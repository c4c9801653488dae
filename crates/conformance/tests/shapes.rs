//! Bit-exact: which commands of ours have a shape that the vendor's compiler was never seen to emit.
//!
//! `fixtures/bm1684/unseen.txt` lists those shapes for all listings of bm1684-codegen and all random layers, docs/bm1684.md
//! gives the reason and the risk of each; `BLESS=1` writes the list anew. With VENDOR_BMODELS, the folder of
//! `vendor_nets.py` and `vendor_backend.py` (crates/conformance/oracle), what the vendor's compiler emitted is compared with the shapes that
//! bm1684-isa holds; `BLESS=1` records them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use bm1684_isa::commands::Streams;
use bm1684_isa::shape;
use conformance::chip::program;
use conformance::random::{KINDS, draw, seed};
use conformance::{fixtures, needs, none};
use libtest_mimic::{Arguments, Failed, Trial};
use quantization_tools::prelude::*;

/// How many layers of each kind are drawn.
const DRAWN: usize = 20;

fn main() -> ExitCode {
    let trials = vec![
        Trial::test("our unseen shapes are listed and explained", ours),
        needs(&["VENDOR_BMODELS"], "shapes of the vendor's compiler", |folders| {
            vendor(&folders[0])
        }),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Names of the programs in which a shape is found.
type Found = BTreeMap<String, BTreeSet<String>>;

fn ours() -> Result<(), Failed> {
    let mut found = Found::new();
    for (name, net) in nets()? {
        for group in &program(&net)?.groups {
            for shape in shape::unseen(group).into_keys() {
                found.entry(shape).or_default().insert(name.clone());
            }
        }
    }
    let path = fixtures().join("bm1684/unseen.txt");
    let list: String = found.keys().map(|shape| format!("{shape}\n")).collect();
    if blessing() {
        std::fs::write(&path, &list)?;
    }
    let recorded = std::fs::read_to_string(&path)?;
    let recorded: BTreeSet<&str> = recorded.lines().collect();
    let mut wrong = Vec::new();
    for (shape, names) in &found {
        if !recorded.contains(shape.as_str()) {
            let names: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
            wrong.push(format!("not in unseen.txt: {shape} ({})", names.join(", ")));
        }
    }
    let gone = recorded.iter().filter(|shape| !found.contains_key(**shape));
    wrong.extend(gone.map(|shape| format!("no longer emitted: {shape}")));
    wrong.extend(unexplained(&found)?);
    none(wrong)
}

/// The rows of the table in docs/bm1684.md: each pattern stands for one of our shapes or more, each of these for one.
fn unexplained(found: &Found) -> Result<Vec<String>, Failed> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/bm1684.md");
    let docs = std::fs::read_to_string(docs)?;
    let (_, section) =
        docs.split_once("\n## Commands that the vendor never emits\n").ok_or("no such section")?;
    let section = section.split("\n## ").next().unwrap_or_default();
    let patterns: Vec<&str> =
        section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut wrong = Vec::new();
    for shape in
        found.keys().filter(|shape| !patterns.iter().any(|pattern| matches(pattern, shape)))
    {
        wrong.push(format!("docs/bm1684.md has no reason for: {shape}"));
    }
    for pattern in
        patterns.iter().filter(|pattern| !found.keys().any(|shape| matches(pattern, shape)))
    {
        wrong.push(format!("docs/bm1684.md explains what is not emitted: {pattern}"));
    }
    Ok(wrong)
}

/// Whether a text is a pattern's, in which `…` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('…') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(start) else {
        return false;
    };
    (0..=text.len()).filter(|&at| text.is_char_boundary(at)).any(|at| matches(rest, &text[at..]))
}

/// The listings of bm1684-codegen and the random layers, by name.
fn nets() -> Result<Vec<(String, QuantizedNet)>, Failed> {
    let mut nets = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bm1684-codegen/tests/listings");
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let model = NetParameter::parse_text(&std::fs::read_to_string(&path)?)?;
        let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources)?;
        nets.push((path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), net));
    }
    for &(kind, count, layer) in KINDS {
        for index in 0..count.min(DRAWN) {
            let name = format!("{kind} {index}");
            let net = draw(layer, seed(&name, index));
            nets.push((name, net));
        }
    }
    Ok(nets)
}

fn vendor(folder: &Path) -> Result<(), Failed> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let groups = match path.extension().and_then(|extension| extension.to_str()) {
            Some("bmodel") => groups(&Bmodel::read(&path)?)?,
            Some("tiu") => {
                let [tiu, gdma] = [&path, &path.with_extension("gdma")].map(std::fs::read);
                vec![Streams::decode(&tiu?, &gdma?)?]
            }
            _ => continue,
        };
        found.extend(groups.iter().flat_map(shape::shapes).map(|(shape, _)| shape));
    }
    if found.is_empty() {
        return Err("no commands were found".into());
    }
    if blessing() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bm1684-isa/src/shape/seen.txt");
        let list: String = found.iter().map(|shape| format!("{shape}\n")).collect();
        return Ok(std::fs::write(path, list)?);
    }
    let known: BTreeSet<&str> = shape::SEEN.lines().collect();
    none(found.iter().filter(|shape| !known.contains(shape.as_str())).cloned().collect())
}

/// The commands of a BM1684 file; none of one for another chip.
fn groups(model: &Bmodel) -> Result<Vec<Streams>, Failed> {
    if model.model.chip != "BM1684" {
        return Ok(Vec::new());
    }
    let stages = model.model.net.iter().flat_map(|net| net.parameter.iter().flatten());
    let groups = stages.flat_map(|stage| stage.cmd_group.iter().flatten());
    let decode = |group| {
        let [tiu, gdma] = model.commands(group)?;
        Ok(Streams::decode(tiu, gdma)?)
    };
    groups.map(decode).collect()
}
