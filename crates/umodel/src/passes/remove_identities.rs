use std::collections::HashMap;

use crate::error::Error;
use crate::layers::LayerOp;
use crate::net::Net;
use crate::passes::reader_counts;

/// Removes layers that do nothing in the TEST phase, Dropout and Split; their readers read the
/// bottom instead. One whose top is an output of the net stays, so that the output keeps its name.
///
/// ```text
/// pool ─► Dropout ─► ip        ⇒        pool ─► ip
/// ```
///
/// # Errors
/// None for a net that was valid before; the new net is checked again all the same.
pub fn remove_identities(net: &Net) -> Result<Net, Error> {
    let specs = net.specs();
    let counts = reader_counts(&specs);
    let mut renamed: HashMap<String, String> = HashMap::new();
    let mut kept = Vec::with_capacity(specs.len());
    for mut spec in specs {
        for bottom in &mut spec.bottoms {
            if let Some(name) = renamed.get(bottom) {
                bottom.clone_from(name);
            }
        }
        let identity = matches!(spec.op, LayerOp::Dropout(_) | LayerOp::Split(_));
        if identity && spec.tops.iter().all(|top| counts.contains_key(top)) {
            let bottom = spec.bottoms.first().cloned().unwrap_or_default();
            renamed.extend(spec.tops.into_iter().map(|top| (top, bottom.clone())));
        } else {
            kept.push(spec);
        }
    }
    Net::from_specs(net.name(), kept)
}
