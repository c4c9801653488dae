//! What is tidied up once all layers are there.

mod fold_pads;

use umodel::{Error, LayerSpec, Net};

/// The net of these layers, without those that none of the blobs `kept` depends on, with
/// Pad layers folded.
pub(crate) fn tidy(name: &str, specs: Vec<LayerSpec>, kept: &[&str]) -> Result<Net, Error> {
    let net = Net::from_specs(name, specs)?;
    fold_pads::fold_pads(&umodel::passes::remove_dead(&net, kept)?, kept)
}
