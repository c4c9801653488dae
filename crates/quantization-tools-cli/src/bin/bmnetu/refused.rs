//! What is said of layers that cannot be placed on the chip.

use quantization_tools::bm1684_codegen::{Cut, Error, Package, Unplaced};
use quantization_tools_cli::cli::{self, Failure};

/// Names that are printed of a longer list.
const MOST: usize = 4;

/// Names all layers that cannot be placed, each on a line of its own; the error that is left says how many they are.
pub(crate) fn explained(error: Error, no_cut: bool) -> Failure {
    let cut = if no_cut { "; without -no_cut the net is cut before them" } else { "" };
    match error {
        Error::Stage { shapes, source } => {
            let inner = explained(*source, no_cut);
            format!("inputs of shapes {shapes:?}: {}", cli::one_line(inner.as_ref())).into()
        }
        Error::Layers { unplaced, .. } if unplaced.len() == 1 => {
            format!("{}{cut}", listed(&unplaced)).into()
        }
        Error::Layers { unplaced, layers } => {
            tell(&unplaced);
            format!("{} of {layers} layers cannot be placed on the chip{cut}", unplaced.len())
                .into()
        }
        Error::NothingPlaced { unplaced, .. } => {
            const NOTHING: &str =
                "nothing of the net can run on the chip, for all of it depends on";
            if unplaced.len() == 1 {
                return format!("{NOTHING} {}", listed(&unplaced)).into();
            }
            tell(&unplaced);
            format!("{NOTHING} these {} layers", unplaced.len()).into()
        }
        error => error.into(),
    }
}

fn tell(unplaced: &[Unplaced]) {
    for unplaced in unplaced {
        cli::note!("{unplaced}");
    }
}

fn listed(unplaced: &[Unplaced]) -> String {
    unplaced.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Says in one line where and why a net was cut.
pub(crate) fn tell_cut(cut: &Cut, package: &Package, layers: usize) {
    let Some(host) = &cut.host else { return };
    let graph = host.net();
    let blobs = graph.inputs().into_iter().map(|id| graph.blob(id).name.as_str());
    let mut causes = cut.causes();
    if causes.is_empty() {
        causes = cut.unplaced.iter().collect();
    }
    let Some((first, others)) = causes.split_first() else { return };
    let others: Vec<&str> = others.iter().map(|other| other.layer.as_str()).collect();
    let others =
        if others.is_empty() { String::new() } else { format!("; likewise {}", some(&others)) };
    let file = package.info().stages.into_iter().find_map(|stage| stage.host);
    cli::note!(
        "note: the net is cut at {}: {first}{others}; {} of {layers} layers are left for the host: {}",
        some(&blobs.collect::<Vec<_>>()),
        cut.on_host.len(),
        file.map(|file| file.prototxt).unwrap_or_default()
    );
}

fn some(names: &[&str]) -> String {
    let mut text =
        names.iter().take(MOST).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        text += &format!(" and {} more", names.len() - MOST);
    }
    text
}
