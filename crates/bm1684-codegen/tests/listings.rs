//! Bit-exact: the commands of small nets, as a listing behind each net's text in `listings/`.
//! `BLESS=1` writes them anew.

use std::path::Path;

use bm1684_codegen::compile;
use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

const MARK: &str = "\n# commands\n";

fn listing(text: &str) -> Result<String, Box<dyn std::error::Error>> {
    let model = NetParameter::parse_text(text)?;
    let net = QuantizedNet::read(&model, &model, Phase::Test, &NoSources)?;
    let program = compile(&net)?;
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
    Ok(lines)
}

#[test]
fn every_listing_is_what_its_net_compiles_to() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/listings");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 7, "{paths:?}");
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("text");
        let (net, recorded) = text.split_once(MARK).unwrap_or((text.trim_end(), ""));
        let found = listing(net)
            .unwrap_or_else(|error| panic!("{}: {error}: {:?}", path.display(), error.source()));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, format!("{net}{MARK}{found}")).expect("written");
        } else {
            assert_eq!(found, recorded, "{}", path.display());
        }
    }
}
