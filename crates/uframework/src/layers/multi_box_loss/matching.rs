//! Which prior stands for which object.

use std::collections::BTreeMap;

use super::boxes::{Corners, overlap};
use super::{Match, Matches, Object, Picture};
use crate::error::KernelError;

/// Overlaps below it count as none.
const LEAST: f32 = 1e-6;

/// The matches of each location class of a picture; none if there are no objects.
pub(super) fn matches(picture: &Picture<'_>) -> Result<Vec<Matches>, KernelError> {
    let layer = picture.layer;
    if picture.objects.is_empty() {
        return Ok(Vec::new());
    }
    let classes = || (0..layer.num_classes).filter(|&class| class != layer.background_label_id);
    let everything = |_: &Object| true;
    if layer.use_prior_for_matching {
        let corners: Vec<Corners> = picture.priors.iter().map(|prior| prior.corners).collect();
        let of_priors = find(picture, None, &corners, everything);
        if layer.share_location {
            return Ok(vec![of_priors]);
        }
        let of_class = |class: usize| Matches {
            class: Some(class),
            matches: of_priors
                .matches
                .iter()
                .map(|&found| match found {
                    Match::Object(object) if picture.objects[object].label == class => found,
                    Match::Object(_) | Match::None | Match::Ignored => Match::None,
                })
                .collect(),
            overlaps: of_priors.overlaps.clone(),
        };
        return Ok(classes().map(of_class).collect());
    }
    let predicted = |class: Option<usize>| -> Vec<Corners> {
        (0..picture.priors.len()).map(|prior| picture.predicted(class, prior)).collect()
    };
    if layer.share_location {
        return Ok(vec![find(picture, None, &predicted(None), everything)]);
    }
    let of_class = |class: usize| {
        let boxes = predicted(Some(class));
        find(picture, Some(class), &boxes, |object| object.label == class)
    };
    Ok(classes().map(of_class).collect())
}

/// Matches boxes and the objects that `takes` lets through.
fn find(
    picture: &Picture<'_>,
    class: Option<usize>,
    boxes: &[Corners],
    takes: impl Fn(&Object) -> bool,
) -> Matches {
    let layer = picture.layer;
    let mut found = Matches {
        class,
        matches: vec![Match::None; boxes.len()],
        overlaps: vec![0.0; boxes.len()],
    };
    let taken = picture.objects.iter().enumerate().filter(|(_, object)| takes(object));
    let objects: Vec<(usize, Corners)> = taken.map(|(at, object)| (at, object.corners)).collect();
    if objects.is_empty() {
        return found;
    }
    // Of each box that overlaps any object, by the objects' places.
    let mut overlaps: BTreeMap<usize, Vec<Option<f32>>> = BTreeMap::new();
    for (index, &corners) in boxes.iter().enumerate() {
        let outside = |side: &f32| *side < 0.0 || *side > 1.0;
        if layer.ignore_cross_boundary_bbox && corners.iter().any(outside) {
            found.matches[index] = Match::Ignored;
            continue;
        }
        let of = |&(_, object): &(usize, Corners)| {
            Some(overlap(corners, object)).filter(|&overlap| overlap > LEAST)
        };
        let row: Vec<Option<f32>> = objects.iter().map(of).collect();
        if let Some(most) = row.iter().flatten().copied().reduce(f32::max) {
            found.overlaps[index] = most;
            overlaps.insert(index, row);
        }
    }
    // Each object takes one box, those with the largest overlaps first.
    let mut pool: Vec<usize> = (0..objects.len()).collect();
    while !pool.is_empty() {
        let mut best: Option<(usize, usize, f32)> = None;
        for (&index, row) in &overlaps {
            if found.matches[index] != Match::None {
                continue;
            }
            for (place, &object) in pool.iter().enumerate() {
                if let Some(overlap) = row[object]
                    && best.is_none_or(|(_, _, most)| overlap > most)
                {
                    best = Some((index, place, overlap));
                }
            }
        }
        let Some((index, place, overlap)) = best else { break };
        let object = pool.remove(place);
        found.matches[index] = Match::Object(objects[object].0);
        found.overlaps[index] = overlap;
    }
    if layer.bipartite {
        return found;
    }
    for (&index, row) in &overlaps {
        if found.matches[index] != Match::None {
            continue;
        }
        let mut best: Option<(usize, f32)> = None;
        for (object, overlap) in row.iter().enumerate() {
            if let &Some(overlap) = overlap
                && overlap >= layer.overlap_threshold
                && best.is_none_or(|(_, most)| overlap > most)
            {
                best = Some((object, overlap));
            }
        }
        if let Some((object, overlap)) = best {
            found.matches[index] = Match::Object(objects[object].0);
            found.overlaps[index] = overlap;
        }
    }
    found
}
