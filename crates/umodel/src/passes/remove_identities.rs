use std::collections::HashMap;

use crate::LayerSpec;
use crate::error::Error;
use crate::layers::{Affine, Role};
use crate::net::{Layer, Net};
use crate::passes::reader_counts;

/// Removes layers that do nothing in the TEST phase; their readers read the bottom instead: Dropout,
/// Split, Concat of one bottom, Power without effect, Tile of 1, and Reshape, Flatten and Permute that
/// leave the shape and the order as they are. One whose top is an output of the net stays, so that the
/// output keeps its name.
///
/// ```text
/// pool ─► Dropout ─► ip        ⇒        pool ─► ip
/// ```
///
/// # Errors
/// None for a net that was valid before; the new net is checked again all the same.
pub fn remove_identities(net: &Net) -> Result<Net, Error> {
    remove(net, |layer| {
        let shape = |index: usize| layer.bottoms.get(index).map(|&id| &net.blob(id).shape);
        let same_shape = || shape(0) == layer.tops.first().map(|&id| &net.blob(id).shape);
        match layer.op.role() {
            Role::Identity | Role::Split => true,
            Role::Joins => layer.bottoms.len() == 1,
            Role::Reshapes => same_shape(),
            Role::Affine(Affine::Constant { factor, offset }) => factor == 1.0 && offset == 0.0,
            Role::Affine(
                Affine::Statistics { .. } | Affine::Normalized | Affine::Learnt { .. },
            )
            | Role::Input
            | Role::Pictures { .. }
            | Role::Loss
            | Role::Linear { .. }
            | Role::Presents
            | Role::Computes => false,
        }
    })
}

/// Removes Split layers; their readers read the bottom instead. The inverse of
/// [`insert_splits`](super::insert_splits()).
///
/// ```text
/// conv ─► Split ─┬ a ─► relu                conv ─► relu
///                └ b ─► pool        ⇒         └───► pool
/// ```
///
/// # Errors
/// None for a net that was valid before; the new net is checked again all the same.
pub fn remove_splits(net: &Net) -> Result<Net, Error> {
    remove(net, |layer| layer.op.role() == Role::Split)
}

/// Lets the readers of layers without effect read their bottom. What such a layer says of thresholds goes to the layer
/// that writes the bottom; where that writes other blobs, too, the layer stays.
fn remove(net: &Net, identity: impl Fn(&Layer) -> bool) -> Result<Net, Error> {
    let specs = net.specs();
    let counts = reader_counts(&specs);
    let mut renamed: HashMap<String, String> = HashMap::new();
    let mut kept: Vec<LayerSpec> = Vec::with_capacity(specs.len());
    // Where in `kept` the layer is that writes a blob.
    let mut writers: HashMap<String, usize> = HashMap::new();
    for (mut spec, layer) in specs.into_iter().zip(net.layers()) {
        for bottom in &mut spec.bottoms {
            if let Some(name) = renamed.get(bottom) {
                bottom.clone_from(name);
            }
        }
        let thresholds = spec.thresholds();
        let bottom = spec.bottoms.first().cloned().unwrap_or_default();
        let writer = writers.get(&bottom).and_then(|&at| kept.get_mut(at));
        let writer = writer.filter(|writer| writer.tops.len() == 1);
        let read = spec.tops.iter().all(|top| counts.contains_key(top));
        if identity(layer) && read && (thresholds.is_default() || writer.is_some()) {
            if let Some(writer) = writer.filter(|_| !thresholds.is_default()) {
                writer.set_thresholds(thresholds);
            }
            renamed.extend(spec.tops.into_iter().map(|top| (top, bottom.clone())));
        } else {
            writers.extend(spec.tops.iter().map(|top| (top.clone(), kept.len())));
            kept.push(spec);
        }
    }
    Net::from_specs(net.name(), kept)
}
