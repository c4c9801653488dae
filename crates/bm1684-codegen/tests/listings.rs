//! Bit-exact: the commands of small nets, as a listing behind each net's text in `listings/`.
//! `BLESS=1` writes them anew. Nets in files `local_…` keep their tensors in local memory, others go layer by layer.

use std::collections::BTreeSet;
use std::iter::successors;
use std::path::{Path, PathBuf};

use bm1684_codegen::{Form, Optimization, Program, compile_with, lowerings};
use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

const MARK: &str = "\n# commands\n";

/// How a file's net is compiled.
fn optimization(path: &Path) -> Optimization {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with("local_") { Optimization::Search } else { Optimization::Layers }
}

fn program(path: &Path, text: &str) -> Result<Program, Box<dyn std::error::Error>> {
    let model = NetParameter::parse_text(text)?;
    let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources)?;
    Ok(compile_with(&net, optimization(path))?)
}

fn listing(program: &Program) -> String {
    let mut lines = String::new();
    for (what, ports) in [("input", &program.inputs), ("output", &program.outputs)] {
        for port in ports {
            lines += &format!("# {what} {} at {:#x}\n", port.name, port.address);
        }
    }
    for group in &program.groups {
        lines += "#\n";
        for line in group.to_string().lines() {
            lines += &format!("# {line}\n");
        }
    }
    lines
}

/// Each file's path, net and recorded commands.
fn files() -> Vec<(PathBuf, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/listings");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("text");
        let (net, recorded) = text.split_once(MARK).unwrap_or((text.trim_end(), ""));
        let (net, recorded) = (net.to_owned(), recorded.to_owned());
        (path, net, recorded)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_listing_is_what_its_net_compiles_to() {
    let mut failures = Vec::new();
    for (path, net, recorded) in files() {
        match program(&path, &net) {
            Ok(program) => {
                let found = listing(&program);
                if std::env::var_os("BLESS").is_some() {
                    std::fs::write(&path, format!("{net}{MARK}{found}")).expect("written");
                } else if found != recorded {
                    let first = found.lines().zip(recorded.lines()).find(|(a, b)| a != b);
                    failures.push(format!("{}: first at {first:?}", path.display()));
                }
            }
            Err(error) => {
                let causes = successors(Some(error.as_ref()), |&error| error.source());
                let causes: Vec<String> = causes.map(ToString::to_string).collect();
                failures.push(format!("{}: {}", path.display(), causes.join(": ")));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Each form stands in a listing; what stands there is a form that its type states, or fp32, for which many types have
/// steps.
#[test]
fn every_form_has_a_listing() {
    let stated: BTreeSet<(&str, Form)> = lowerings()
        .into_iter()
        .flat_map(|(kind, forms)| forms.iter().map(move |&form| (kind, form)))
        .collect();
    let programs = files().into_iter().filter_map(|(path, net, _)| program(&path, &net).ok());
    let found: BTreeSet<(&str, Form)> =
        programs.flat_map(|program| program.costs).map(|cost| (cost.kind, cost.form)).collect();
    let forms = |pairs: &BTreeSet<(&str, Form)>| -> BTreeSet<Form> {
        pairs.iter().map(|(_, form)| *form).chain([Form::Float]).collect()
    };
    let (wanted, listed) = (forms(&stated), forms(&found));
    let missing: Vec<_> = wanted.difference(&listed).collect();
    let unstated = found.difference(&stated).filter(|(_, form)| *form != Form::Float);
    let unstated: Vec<_> = unstated.collect();
    assert!(
        missing.is_empty() && unstated.is_empty(),
        "no listing: {missing:?}, unstated: {unstated:?}"
    );
    assert!(found.iter().any(|(_, form)| *form == Form::Float) && stated.len() > 80);
}
