//! Whether layers can be placed on the chip, found out by trying.

use bm1684_isa::memory::{COEFFICIENT_BASE, DDR_BASE};
use umodel::QuantizedNet;

use crate::emit::Emitter;
use crate::error::{Reason, Unplaced};
use crate::form::Form;
use crate::lower::{Job, Pool, Site, lower};
use crate::plan::{DDR_BYTES, Plan, blob_bytes};

/// The layers that cannot be placed on the chip, in the net's order, each with its reason. Each layer is judged by itself:
/// a net without such layers can still be too large as a whole.
pub fn unplaced(net: &QuantizedNet) -> Vec<Unplaced> {
    named(net, &forms(net))
}

/// What comes of each layer by itself.
pub(crate) fn forms(net: &QuantizedNet) -> Vec<Result<Form, Reason>> {
    let plan = Plan::on_trial(net);
    (0..net.net().layers().len()).map(|index| form(&Site { net, index }, &plan)).collect()
}

/// Those of which nothing comes.
pub(crate) fn named(net: &QuantizedNet, forms: &[Result<Form, Reason>]) -> Vec<Unplaced> {
    let layers = net.net().layers().iter().zip(forms);
    let unplaced = layers.filter_map(|(layer, form)| {
        let reason = form.clone().err()?;
        Some(Unplaced { layer: layer.name.clone(), kind: layer.op.kind(), reason })
    });
    unplaced.collect()
}

/// Lowers a layer to commands that are thrown away.
fn form(site: &Site<'_>, plan: &Plan) -> Result<Form, Reason> {
    let (net, layer) = (site.net, site.layer());
    let mut blobs: Vec<_> = layer.bottoms.iter().chain(&layer.tops).copied().collect();
    blobs.sort_unstable();
    blobs.dedup();
    if let Some(&id) = blobs.iter().find(|&&id| net.net().blob(id).shape.contains(&0)) {
        let blob = net.net().blob(id);
        return Err(Reason::NoValues { blob: blob.name.clone(), shape: blob.shape.clone() });
    }
    let lower = lower(site);
    let bytes: u64 = blobs.iter().map(|&id| blob_bytes(net, id)).sum();
    let fits = |coefficients: usize| {
        let needed = bytes + lower.scratch(site) as u64 + coefficients as u64;
        if needed > DDR_BYTES - (COEFFICIENT_BASE - DDR_BASE) {
            return Err(Reason::Ddr { needed });
        }
        Ok(())
    };
    // Commands have fields for addresses within these bytes.
    fits(0)?;
    let mut emitter = Emitter::default();
    let mut coefficients = Pool::default();
    emitter.begin_layer();
    let form = lower.lower(&mut Job {
        site: *site,
        plan,
        emitter: &mut emitter,
        coefficients: &mut coefficients,
    })?;
    fits(coefficients.0.len())?;
    Ok(form)
}
