//! The form of each blob: images or bands, whichever costs fewer cycles.

use std::collections::BTreeMap;

use bm1684_isa::cycles;
use bm1684_isa::memory::{LANE_BYTES, LANES};

use super::build::Builder;
use super::groups::Group;
use super::sequence::{Action, Sequence, Space};
use super::tensor::Rows;
use super::{Facts, Own};
use crate::emit::{Buffer, Emitter};
use crate::lower::Work;
use crate::plan::Plan;

/// The least rows of a blob that may be bands.
const LEAST: usize = 4;
/// How often all forms are tried anew.
const ROUNDS: usize = 2;
/// Cycles for a byte of what does not fit into local memory.
const TOO_LARGE: u64 = 1;

/// The rows of bands of blobs, by the blobs' heights; images for others.
type Heights = BTreeMap<usize, usize>;

/// The forms that cost the fewest cycles, as far as trying one height after the other finds them.
pub(super) fn choose(facts: &Facts<'_>, groups: &[Group]) -> Vec<Rows> {
    let mut heights: Vec<usize> = tops(facts)
        .filter(|&top| facts.images[top] == 1 && facts.sizes[top][1] >= LEAST)
        .map(|top| facts.sizes[top][1])
        .collect();
    heights.sort_unstable();
    heights.dedup();
    let images = forms(facts, &Heights::new());
    let (mut best, mut found) = (cost(facts, &images, groups), images);
    let mut chosen = Heights::new();
    // At first each height in bands that are a multiple of those of the next smaller one.
    let mut before = 0;
    for &height in &heights {
        let least = height.div_ceil(4);
        let twice = 2 * before;
        before = if twice >= least && 2 * twice <= 3 * least { twice } else { least };
        chosen.insert(height, before);
    }
    let mut consider = |heights: &Heights| {
        let forms = forms(facts, heights);
        if forms == found {
            return false;
        }
        let cost = cost(facts, &forms, groups);
        let better = cost < best;
        if better {
            (best, found) = (cost, forms);
        }
        better
    };
    if !consider(&chosen) {
        chosen.clear();
    }
    for _ in 0..ROUNDS {
        let mut changed = false;
        for &height in &heights {
            for rows in options(height) {
                let mut tried = chosen.clone();
                match rows {
                    Some(rows) => tried.insert(height, rows),
                    None => tried.remove(&height),
                };
                if consider(&tried) {
                    (chosen, changed) = (tried, true);
                }
            }
        }
        if !changed {
            break;
        }
    }
    found
}

/// Rows of bands worth trying, or none for images.
fn options(height: usize) -> Vec<Option<usize>> {
    let least = height.div_ceil(4);
    let mut options = vec![None];
    for step in [1, 2, 4, 8, 16, 32, 64] {
        let rows = Some(least.next_multiple_of(step));
        if rows <= Some(2 * least) && !options.contains(&rows) {
            options.push(rows);
        }
    }
    options
}

/// Blobs that layers make in local memory.
fn tops(facts: &Facts<'_>) -> impl Iterator<Item = usize> {
    let layers = facts.net.net().layers().iter().zip(&facts.owns);
    layers
        .filter(|(_, own)| matches!(own, Own::Local(_)))
        .flat_map(|(layer, _)| layer.tops.iter().map(|&top| facts.owner(top)))
}

/// The form of every blob, with images where a layer cannot make bands.
fn forms(facts: &Facts<'_>, heights: &Heights) -> Vec<Rows> {
    let mut forms = facts.images_only();
    for (layer, own) in facts.net.net().layers().iter().zip(&facts.owns) {
        let Own::Local(local) = own else { continue };
        for &top in &layer.tops {
            let top = facts.owner(top);
            let Some(&rows) = heights.get(&facts.sizes[top][1]) else { continue };
            let below = facts.sizes[facts.owner(layer.bottoms[0])][1];
            let possible = match &local.work {
                Work::Window(window) => {
                    let inputs = rows * window.axes[0].stride;
                    let whole = window.axes[0].input == below && 4 * inputs >= below;
                    whole && window.halo([inputs, rows]).is_some()
                }
                Work::Repeat([down, _]) => rows.is_multiple_of(*down) && 4 * rows / down >= below,
                Work::Sample([[first, down], _]) => first < down && 4 * rows * down >= below,
                Work::Elements(_) | Work::Concat(_) | Work::Slice(_) => true,
            };
            if possible && facts.images[top] == 1 {
                forms[top] = Rows::Bands(rows);
            }
        }
    }
    forms
}

/// Cycles of all operations: of the engine that is longer at work, and a part of the other's.
fn cost(facts: &Facts<'_>, forms: &[Rows], groups: &[Group]) -> u64 {
    let sequence = Builder::new(facts, forms, None).build(groups);
    let [tiu, gdma] = cycles_of(&sequence, &Plan::on_trial(facts.net));
    tiu.max(gdma) + tiu.min(gdma) / 4
}

/// Cycles of the TIU and of the GDMA, wherever things stand.
fn cycles_of(sequence: &Sequence<'_>, plan: &Plan) -> [u64; 2] {
    let mut total = [0, 0];
    let mut emitter = Emitter::default();
    for op in &sequence.ops {
        let (Action::Load { emit: add, .. } | Action::Move(add) | Action::Compute(add)) =
            &op.action
        else {
            continue;
        };
        if sequence.is_too_large(op) {
            // The layer will have to read and write DDR piece by piece.
            let needed: usize = op.uses.iter().map(|&id| sequence.storages[id].bytes).sum();
            total[1] += TOO_LARGE * (needed * LANES) as u64;
            continue;
        }
        let place = |&id: &usize| {
            let storage = sequence.storages[id];
            let start = if storage.space == Space::Tables { LANE_BYTES } else { 0 };
            emitter.buffer(start..start + storage.bytes)
        };
        let buffers: Vec<Buffer> = op.uses.iter().map(place).collect();
        let before = emitter.counts();
        add(&mut emitter, plan, &buffers);
        let after = emitter.counts();
        let (tiu, gdma) = emitter.latest([after[0] - before[0], after[1] - before[1]]);
        total[0] += tiu.iter().map(cycles::tiu).sum::<u64>();
        total[1] += gdma.iter().map(cycles::gdma).sum::<u64>();
        emitter.begin_layer();
    }
    total
}
