use crate::LayerSpec;
use crate::error::{Error, LayerError};
use crate::layers::{Data, LayerOp};
use crate::load::Sources;
use crate::net::Net;

/// Turns a deploy net into a test net: its only Input layer becomes a Data layer of the same name, with
/// labels as a second top if they get a name. The inverse of [`deploy`](super::deploy()), but for what only
/// labels served.
///
/// ```text
/// Input ─► conv ─► ip ─► prob         ⇒         Data ─► conv ─► ip ─► prob
///                                                 └─ label
/// ```
///
/// # Errors
/// [`Error::InputCount`] unless there is exactly one Input layer with one top; [`Error::Layer`] if the
/// database cannot be used, or if its pictures do not suit the layers behind.
pub fn test(
    net: &Net,
    data: &Data,
    label: Option<&str>,
    sources: &dyn Sources,
) -> Result<Net, Error> {
    let found = net.inputs().len();
    if found != 1 {
        return Err(Error::InputCount { expected: found, found: 1 });
    }
    let mut specs = net.specs();
    for spec in &mut specs {
        if matches!(spec.op, LayerOp::Input(_)) {
            let mut tops = spec.tops.clone();
            tops.extend(label.map(str::to_owned));
            let names: Vec<&str> = tops.iter().map(String::as_str).collect();
            let name = spec.name.clone();
            *spec = LayerSpec::new(&name, data.clone(), &[], &names);
            spec.source_shapes = sources.shapes(&name, &spec.op, &tops).map_err(|error| {
                Error::layer(None, None, &name, "Data", LayerError::Source(error))
            })?;
        }
    }
    Net::from_specs(net.name(), specs)
}
