use std::collections::HashSet;

use crate::error::{Error, LayerError};
use crate::net::Net;

/// Removes layers that none of these blobs depends on; the blobs become outputs.
///
/// ```text
/// data ─► conv ─┬─► ip ─► prob                 data ─► conv ─► ip ─► prob
///               └─► aux ─► loss1       ⇒
/// ```
///
/// # Errors
/// [`Error::Layer`] with [`LayerError::UnknownBottom`] for a blob that the net does not have.
pub fn remove_dead(net: &Net, outputs: &[&str]) -> Result<Net, Error> {
    for &name in outputs {
        if net.blob_id(name).is_none() {
            let source = LayerError::UnknownBottom { name: name.to_owned() };
            return Err(Error::layer(None, None, name, "output", source));
        }
    }
    let mut wanted: HashSet<String> = outputs.iter().map(|&name| name.to_owned()).collect();
    let mut kept = Vec::new();
    for spec in net.specs().into_iter().rev() {
        if spec.tops.iter().any(|top| wanted.contains(top)) {
            wanted.extend(spec.bottoms.iter().cloned());
            kept.push(spec);
        }
    }
    kept.reverse();
    Net::from_specs(net.name(), kept)
}
