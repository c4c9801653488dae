use umodel::layers::{BoxCode, DetectionOutput, Suppression};

use super::boxes::{Corners, descending};
use super::{Call, Work, f32_top, fp32_only, no_nan};
use crate::error::KernelError;

fp32_only!(DetectionOutput);

/// Values of a row of the top.
const WIDTH: usize = 7;

impl Work for DetectionOutput {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        for bottom in 0..3 {
            no_nan(call, bottom)?;
        }
        let (locations, scores) = (call.f32(0), call.f32(1));
        let priors = priors(self, call.f32(2))?;
        let items = call.bottom_shape(0).first().copied().unwrap_or(1);
        let top = f32_top(&mut call.tops);
        let mut rows = top.chunks_exact_mut(WIDTH);
        let mut count = 0;
        for item in 0..items {
            let part =
                |values: &'_ [f32]| values.len() / items * item..values.len() / items * (item + 1);
            let found = self.item(&locations[part(locations)], &scores[part(scores)], &priors);
            for ((label, score, corners), row) in found.into_iter().zip(&mut rows) {
                row[..3].copy_from_slice(&[item as f32, label as f32, score]);
                row[3..].copy_from_slice(&corners.sides);
                count += 1;
            }
        }
        if count == 0 {
            // A row for each picture tells that nothing was found.
            for (item, row) in top.chunks_exact_mut(WIDTH).take(items).enumerate() {
                row.fill(-1.0);
                row[0] = item as f32;
            }
            count = items;
        }
        call.counts[0] = Some(count);
        Ok(())
    }
}

trait Detect {
    fn item(
        &self,
        locations: &[f32],
        scores: &[f32],
        priors: &[Prior],
    ) -> Vec<(usize, f32, Corners)>;
}

impl Detect for DetectionOutput {
    /// The boxes of one picture: label, confidence, corners, by label.
    fn item(
        &self,
        locations: &[f32],
        scores: &[f32],
        priors: &[Prior],
    ) -> Vec<(usize, f32, Corners)> {
        let classes = self.num_classes;
        let shared = self.share_location;
        let decode = |class: usize| -> Vec<Corners> {
            let (step, at) = if shared { (4, 0) } else { (4 * classes, 4 * class) };
            let location = |index: usize| -> [f32; 4] {
                std::array::from_fn(|side| locations[index * step + at + side])
            };
            let places = priors.iter().enumerate();
            places.map(|(index, prior)| decoded(self, prior, location(index))).collect()
        };
        let common = if shared { decode(0) } else { Vec::new() };
        let mut found = Vec::new();
        let background = usize::try_from(self.background_label_id).ok();
        for class in (0..classes).filter(|&class| Some(class) != background) {
            let own = if shared { Vec::new() } else { decode(class) };
            let boxes = if shared { &common } else { &own };
            let score = |index: usize| scores[index * classes + class];
            let kept: Vec<usize> = match &self.nms {
                Some(nms) => {
                    let least = self.confidence_threshold.unwrap_or(f32::MIN);
                    let passed = (0..boxes.len()).filter(|&index| score(index) > least);
                    suppress(nms, boxes, passed.collect(), score)
                }
                None => (0..boxes.len()).collect(),
            };
            found.extend(kept.into_iter().map(|index| (class, score(index), boxes[index])));
        }
        if let Ok(most) = usize::try_from(self.keep_top_k)
            && found.len() > most
        {
            descending(&mut found, |&(_, score, _)| score);
            found.truncate(most);
            found.sort_by_key(|&(class, ..)| class);
        }
        found
    }
}

/// The indices that are kept, the best one first.
fn suppress(
    nms: &Suppression,
    boxes: &[Corners],
    mut indices: Vec<usize>,
    score: impl Fn(usize) -> f32,
) -> Vec<usize> {
    descending(&mut indices, |&index| score(index));
    if let Some(most) = nms.top_k.and_then(|most| usize::try_from(most).ok()) {
        indices.truncate(most);
    }
    let mut threshold = nms.threshold;
    let mut kept: Vec<usize> = Vec::new();
    for index in indices {
        // With the signs of Caffe's comparison: an overlap that is no number, of boxes without area, drops a box.
        if kept.iter().all(|&other| boxes[index].overlap(&boxes[other]) <= threshold) {
            kept.push(index);
            if nms.eta < 1.0 && threshold > 0.5 {
                threshold *= nms.eta;
            }
        }
    }
    kept
}

/// A default box and its variances.
struct Prior {
    sides: [f32; 4],
    variances: [f32; 4],
}

/// The default boxes. Those that sizes are relative to must have some.
fn priors(layer: &DetectionOutput, values: &[f32]) -> Result<Vec<Prior>, KernelError> {
    let (boxes, variances) = values.split_at(values.len() / 2);
    let fours = |values: &[f32], index: usize| std::array::from_fn(|at| values[4 * index + at]);
    let prior = |index: usize| {
        let prior = Prior { sides: fours(boxes, index), variances: fours(variances, index) };
        let [xmin, ymin, xmax, ymax] = prior.sides;
        let sized = xmax - xmin > 0.0 && ymax - ymin > 0.0;
        match layer.code == BoxCode::Corner || sized {
            true => Ok(prior),
            false => Err(KernelError::Prior { index, corners: prior.sides }),
        }
    };
    (0..boxes.len() / 4).map(prior).collect()
}

/// The box that an offset from a default box stands for.
fn decoded(layer: &DetectionOutput, prior: &Prior, offset: [f32; 4]) -> Corners {
    let [xmin, ymin, xmax, ymax] = prior.sides;
    let (width, height) = (xmax - xmin, ymax - ymin);
    let variances = if layer.variance_encoded_in_target { [1.0; 4] } else { prior.variances };
    let [x0, y0, x1, y1]: [f32; 4] = std::array::from_fn(|side| variances[side] * offset[side]);
    Corners::new(match layer.code {
        BoxCode::Corner => [xmin + x0, ymin + y0, xmax + x1, ymax + y1],
        BoxCode::CornerSize => {
            [xmin + x0 * width, ymin + y0 * height, xmax + x1 * width, ymax + y1 * height]
        }
        BoxCode::CenterSize => {
            let x = x0 * width + (xmin + xmax) / 2.0;
            let y = y0 * height + (ymin + ymax) / 2.0;
            let (width, height) = (x1.exp() * width / 2.0, y1.exp() * height / 2.0);
            [x - width, y - height, x + width, y + height]
        }
    })
}
