//! SSD's loss: matching of priors and objects, mining, and two sums.

mod boxes;
mod matching;

use umodel::layers::{ConfidenceLoss, LocationLoss, Mining, MultiBoxLoss};

use self::boxes::{Corners, Prior, decode, encode, suppress};
use self::matching::matches;
use super::losses::cross_entropy;
use super::picking::index as index_of;
use super::softmax::class;
use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(MultiBoxLoss);

/// A box of the ground truth.
#[derive(Debug)]
struct Object {
    /// Its place among all boxes.
    index: usize,
    label: usize,
    corners: Corners,
}

/// What a prior of one location class is matched to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Match {
    /// Nothing.
    None,
    /// It takes no part.
    Ignored,
    /// This object of the picture.
    Object(usize),
}

/// The matches of one location class, with the largest overlap of each prior.
#[derive(Debug)]
struct Matches {
    /// None where locations are shared.
    class: Option<usize>,
    matches: Vec<Match>,
    overlaps: Vec<f32>,
}

/// One picture of a batch.
struct Picture<'a> {
    layer: &'a MultiBoxLoss,
    priors: &'a [Prior],
    locations: &'a [f32],
    confidences: &'a [f32],
    objects: Vec<Object>,
    matches: Vec<Matches>,
    /// The priors that count as background.
    negatives: Vec<usize>,
}

impl Work for MultiBoxLoss {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let pictures = call.bottom_shape(0)[0];
        let priors = Prior::all(call.f32(2));
        let mut objects = self.objects(call.f32(3), pictures)?;
        let location_classes = if self.share_location { 1 } else { self.num_classes };
        let (locations, confidences) = (call.f32(0), call.f32(1));
        let lengths = [4 * location_classes, self.num_classes].map(|n| n * priors.len());
        let mut batch = Vec::with_capacity(pictures);
        for (picture, objects) in objects.drain(..).enumerate() {
            let mut picture = Picture {
                layer: self,
                priors: &priors,
                locations: &locations[picture * lengths[0]..][..lengths[0]],
                confidences: &confidences[picture * lengths[1]..][..lengths[1]],
                objects,
                matches: Vec::new(),
                negatives: Vec::new(),
            };
            picture.matches = matches(&picture)?;
            picture.mine()?;
            batch.push(picture);
        }
        let mut location = 0.0;
        for picture in &batch {
            for difference in picture.differences()? {
                location += f64::from(self.location_loss(difference));
            }
        }
        let confidence = match (self.mining, self.confidence) {
            (Mining::None, ConfidenceLoss::Logistic) => {
                self.unmined_logistic(&batch, confidences)?
            }
            _ => {
                let mut sum = 0.0;
                for picture in &batch {
                    sum += picture.confidence_loss()?;
                }
                sum
            }
        };
        let matched = batch.iter().map(Picture::matched).sum();
        let divisor = self.normalization.divisor(pictures, priors.len(), matched) as f64;
        let [counts_location, counts_confidence] =
            self.counts.map(|counts| f64::from(u8::from(counts)));
        let location = f64::from(self.loc_weight) * location / divisor * counts_location;
        let loss = location + confidence / divisor * counts_confidence;
        call.f32_top()[0] = narrow(loss);
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the top is fp32")]
fn narrow(value: f64) -> f32 {
    value as f32
}

trait Losses {
    /// The objects of each picture, in the order of the ground truth.
    fn objects(&self, boxes: &[f32], pictures: usize) -> Result<Vec<Vec<Object>>, KernelError>;

    /// Of the four differences of a coded box.
    fn location_loss(&self, difference: [f32; 4]) -> f32;

    /// Of one prior's confidences, which should show a class. `rest` is the logistic target of the others.
    fn confidence_of(&self, scores: &[f32], label: usize, rest: f32) -> f32;

    /// SSD's sum of logistic losses where all priors count: the targets of picture i begin at `i · priors`.
    fn unmined_logistic(&self, batch: &[Picture<'_>], scores: &[f32]) -> Result<f64, KernelError>;

    /// The class that a matched prior's confidences shall show.
    fn shown(&self, label: usize) -> usize;
}

impl Losses for MultiBoxLoss {
    fn objects(&self, boxes: &[f32], pictures: usize) -> Result<Vec<Vec<Object>>, KernelError> {
        let mut objects: Vec<Vec<Object>> = (0..pictures).map(|_| Vec::new()).collect();
        let (boxes, _) = boxes.as_chunks::<8>();
        for (index, &[picture, label, _, left, top, right, bottom, difficult]) in
            boxes.iter().enumerate()
        {
            // Caffe drops fractions; −1 stands for no box.
            let Ok(picture) = index_of(picture.trunc(), pictures) else { continue };
            let label = class(label.trunc(), self.num_classes)?;
            if label == self.background_label_id {
                return Err(KernelError::Background { index, label });
            }
            if self.use_difficult_gt || difficult == 0.0 {
                objects[picture].push(Object { index, label, corners: [left, top, right, bottom] });
            }
        }
        Ok(objects)
    }

    fn location_loss(&self, difference: [f32; 4]) -> f32 {
        let loss = |d: f32| match self.localization {
            LocationLoss::SmoothL1 if d.abs() >= 1.0 => d.abs() - 0.5,
            LocationLoss::SmoothL1 | LocationLoss::L2 => 0.5 * d * d,
        };
        difference.into_iter().map(loss).sum()
    }

    fn confidence_of(&self, scores: &[f32], label: usize, rest: f32) -> f32 {
        match self.confidence {
            ConfidenceLoss::Softmax => {
                let most = scores.iter().copied().fold(f32::MIN, f32::max);
                let sum: f32 = scores.iter().map(|score| (score - most).exp()).sum();
                -((scores[label] - most).exp() / sum).max(f32::MIN_POSITIVE).ln()
            }
            ConfidenceLoss::Logistic => {
                let target = |class: usize| if class == label { 1.0 } else { rest };
                scores.iter().enumerate().map(|(k, &score)| cross_entropy(score, target(k))).sum()
            }
        }
    }

    fn unmined_logistic(&self, batch: &[Picture<'_>], scores: &[f32]) -> Result<f64, KernelError> {
        let mut targets = vec![self.background_label_id as f32; scores.len()];
        for (number, picture) in batch.iter().enumerate() {
            for (prior, object) in picture.pairs() {
                let label = self.shown(object.label);
                let at = number * picture.priors.len() + prior * self.num_classes + label;
                if let Some(target) = targets.get_mut(at) {
                    *target = 1.0;
                }
            }
        }
        let losses = scores.iter().zip(targets).map(|(&x, target)| cross_entropy(x, target));
        Ok(losses.map(f64::from).sum())
    }

    fn shown(&self, label: usize) -> usize {
        match self.map_object_to_agnostic {
            // The other one of two classes.
            true => (self.background_label_id + 1).min(self.num_classes - 1),
            false => label,
        }
    }
}

impl Picture<'_> {
    /// The four numbers of a prior's location.
    fn location(&self, class: Option<usize>, prior: usize) -> [f32; 4] {
        let classes = if self.layer.share_location { 1 } else { self.layer.num_classes };
        let at = (prior * classes + class.unwrap_or(0)) * 4;
        std::array::from_fn(|side| self.locations[at + side])
    }

    /// A prior's confidences.
    fn scores(&self, prior: usize) -> &[f32] {
        let classes = self.layer.num_classes;
        &self.confidences[prior * classes..][..classes]
    }

    /// The box that a prior's location stands for.
    fn predicted(&self, class: Option<usize>, prior: usize) -> Corners {
        let location = self.location(class, prior);
        let in_target = self.layer.encode_variance_in_target;
        decode(&self.priors[prior], self.layer.code, in_target, location)
    }

    /// Matched priors with their objects.
    fn pairs(&self) -> impl Iterator<Item = (usize, &Object)> {
        self.matches.iter().flat_map(|class| {
            class.matches.iter().enumerate().filter_map(|(prior, found)| match found {
                Match::Object(object) => Some((prior, &self.objects[*object])),
                Match::None | Match::Ignored => None,
            })
        })
    }

    fn matched(&self) -> usize {
        self.pairs().count()
    }

    /// For each matched prior, the differences of the coded boxes: what is predicted, less what it should be.
    fn differences(&self) -> Result<Vec<[f32; 4]>, KernelError> {
        let mut differences = Vec::new();
        for class in &self.matches {
            for (index, found) in class.matches.iter().enumerate() {
                if let &Match::Object(object) = found {
                    differences.push(self.difference(class.class, index, object)?);
                }
            }
        }
        Ok(differences)
    }

    fn difference(
        &self,
        class: Option<usize>,
        index: usize,
        object: usize,
    ) -> Result<[f32; 4], KernelError> {
        let (layer, prior, object) = (self.layer, &self.priors[index], &self.objects[object]);
        let in_target = layer.encode_variance_in_target;
        let wanted = encode(prior, index, layer.code, in_target, object)?;
        let mut predicted = self.location(class, index);
        if layer.bp_inside {
            let matched = match layer.use_prior_for_matching {
                true => prior.corners,
                false => self.predicted(class, index),
            };
            for (side, predicted) in predicted.iter_mut().enumerate() {
                if matched[side] < 0.0 || matched[side] > 1.0 {
                    *predicted = wanted[side];
                }
            }
        }
        Ok(std::array::from_fn(|side| {
            let divisor = if in_target { prior.variances[side] } else { 1.0 };
            predicted[side] / divisor - wanted[side] / divisor
        }))
    }

    /// Chooses the priors that count, by their losses.
    fn mine(&mut self) -> Result<(), KernelError> {
        let layer = self.layer;
        if layer.mining == Mining::None {
            return Ok(());
        }
        let mut losses: Vec<f32> = Vec::with_capacity(self.priors.len());
        for prior in 0..self.priors.len() {
            let found = self.matches.first().map_or(Match::None, |class| class.matches[prior]);
            let label = match found {
                Match::Object(object) => self.objects[object].label,
                Match::None | Match::Ignored => layer.background_label_id,
            };
            losses.push(layer.confidence_of(self.scores(prior), label, 0.0));
        }
        if let Mining::HardExample { .. } = layer.mining {
            let matched: Vec<usize> = self.pairs().map(|(prior, _)| prior).collect();
            for (prior, difference) in matched.into_iter().zip(self.differences()?) {
                losses[prior] += layer.location_loss(difference);
            }
        }
        let chosen: Vec<(Vec<bool>, &Matches)> =
            self.matches.iter().map(|class| (self.choose(class, &losses), class)).collect();
        let mut negatives = Vec::new();
        let mut dropped = Vec::new();
        for (number, (chosen, class)) in chosen.into_iter().enumerate() {
            for (prior, (found, chosen)) in class.matches.iter().zip(chosen).enumerate() {
                match found {
                    Match::None if chosen => negatives.push(prior),
                    Match::Object(_) if !chosen => dropped.push((number, prior)),
                    Match::None | Match::Object(_) | Match::Ignored => {}
                }
            }
        }
        if let Mining::HardExample { .. } = layer.mining {
            for (number, prior) in dropped {
                self.matches[number].matches[prior] = Match::None;
            }
        }
        self.negatives = negatives;
        Ok(())
    }

    /// Which priors mining chooses.
    fn choose(&self, class: &Matches, losses: &[f32]) -> Vec<bool> {
        let layer = self.layer;
        let all = 0..self.priors.len();
        let (eligible, count): (Vec<usize>, usize) = match layer.mining {
            Mining::None => (Vec::new(), 0),
            Mining::MaxNegative { ratio, overlap } => {
                let free = |&prior: &usize| {
                    class.matches[prior] == Match::None && class.overlaps[prior] < overlap
                };
                let objects =
                    class.matches.iter().filter(|found| matches!(found, Match::Object(_)));
                (all.filter(free).collect(), whole(objects.count(), ratio))
            }
            Mining::HardExample { count } => (all.collect(), usize::try_from(count).unwrap_or(0)),
        };
        let count = count.min(eligible.len());
        let chosen: Vec<usize> = match layer.nms {
            Some(nms) if nms.threshold > 0.0 => {
                let corners = |&prior: &usize| match layer.use_prior_for_nms {
                    true => self.priors[prior].corners,
                    false => self.predicted(class.class, prior),
                };
                let boxes: Vec<Corners> = eligible.iter().map(corners).collect();
                let scores: Vec<f32> = eligible.iter().map(|&prior| losses[prior]).collect();
                // Without top_k Caffe takes 0, not all.
                suppress(&boxes, &scores, nms.threshold, nms.top_k.unwrap_or(0))
            }
            _ => {
                let mut order: Vec<usize> = (0..eligible.len()).collect();
                order.sort_by(|&a, &b| losses[eligible[b]].total_cmp(&losses[eligible[a]]));
                order
            }
        };
        let mut is_chosen = vec![false; self.priors.len()];
        chosen.into_iter().take(count).for_each(|place| is_chosen[eligible[place]] = true);
        is_chosen
    }

    /// The losses of all confidences that count.
    fn confidence_loss(&self) -> Result<f64, KernelError> {
        let layer = self.layer;
        // Caffe fills the targets with the number of the background.
        let rest = layer.background_label_id as f32;
        let loss = |prior: usize, label: usize| {
            f64::from(layer.confidence_of(self.scores(prior), label, rest))
        };
        if layer.mining == Mining::None {
            let mut labels = vec![layer.background_label_id; self.priors.len()];
            self.pairs().for_each(|(prior, object)| labels[prior] = layer.shown(object.label));
            return Ok(labels.iter().enumerate().map(|(prior, &label)| loss(prior, label)).sum());
        }
        let positive = self.pairs().map(|(prior, object)| loss(prior, layer.shown(object.label)));
        let negative = self.negatives.iter().map(|&prior| loss(prior, layer.background_label_id));
        Ok(positive.chain(negative).sum())
    }
}

/// The whole part of `count · ratio`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the product saturates, and is cut to the number of priors"
)]
fn whole(count: usize, ratio: f32) -> usize {
    (count as f32 * ratio) as usize
}
