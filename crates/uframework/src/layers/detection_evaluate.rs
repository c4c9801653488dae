use std::collections::BTreeMap;

use umodel::layers::DetectionEvaluate;

use super::boxes::{Corners, descending};
use super::{Call, Work, f32_top, fp32_only, no_nan};
use crate::error::KernelError;

fp32_only!(DetectionEvaluate);

/// The label of a row that says that nothing was found.
const NOTHING: i32 = -1;

/// A box that is sought.
struct Truth {
    corners: Corners,
    difficult: bool,
    found: bool,
}

/// By picture and label.
type Groups<T> = BTreeMap<i32, BTreeMap<i32, Vec<T>>>;

impl Work for DetectionEvaluate {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        no_nan(call, 0)?;
        no_nan(call, 1)?;
        let mut truths = self.truths(call.f32(1))?;
        let detections = self.detections(call.f32(0))?;
        let top = f32_top(&mut call.tops);
        top.fill(0.0);
        let mut rows = top.chunks_exact_mut(5);
        let mut put = |values: [f32; 5]| {
            if let Some(row) = rows.next() {
                row.copy_from_slice(&values);
            }
        };
        for class in (0..self.num_classes).filter(|&class| class != self.background_label_id) {
            let counts = |truth: &&Truth| self.evaluate_difficult_gt || !truth.difficult;
            let label = i32::try_from(class).unwrap_or(i32::MAX);
            let of_class = truths.values().filter_map(|labels| labels.get(&label)).flatten();
            put([-1.0, class as f32, of_class.filter(counts).count() as f32, -1.0, -1.0]);
        }
        for (item, labels) in detections {
            for (label, mut found) in labels {
                let sought = truths.get_mut(&item).and_then(|labels| labels.get_mut(&label));
                let sought: &mut [Truth] = match sought {
                    Some(sought) => {
                        descending(&mut found, |&(score, _)| score);
                        sought
                    }
                    // All are wrong, in the order in which they came.
                    None => &mut [],
                };
                for (score, corners) in found {
                    let [right, wrong] = self.verdict(&corners, sought);
                    put([item as f32, label as f32, score, right, wrong]);
                }
            }
        }
        Ok(())
    }
}

trait Evaluate {
    fn label(&self, value: f32) -> Result<i32, KernelError>;
    fn truths(&self, values: &[f32]) -> Result<Groups<Truth>, KernelError>;
    fn detections(&self, values: &[f32]) -> Result<Groups<(f32, Corners)>, KernelError>;
    fn verdict(&self, corners: &Corners, sought: &mut [Truth]) -> [f32; 2];
}

impl Evaluate for DetectionEvaluate {
    /// A class that is not the background.
    fn label(&self, value: f32) -> Result<i32, KernelError> {
        let label = whole(value);
        let class = usize::try_from(label).ok().filter(|&class| class < self.num_classes);
        match class.filter(|&class| class != self.background_label_id) {
            Some(_) => Ok(label),
            None => Err(KernelError::DetectionLabel {
                label: value,
                classes: self.num_classes,
                background: self.background_label_id,
            }),
        }
    }

    fn truths(&self, values: &[f32]) -> Result<Groups<Truth>, KernelError> {
        let mut truths = Groups::new();
        for row in values.chunks_exact(8) {
            let item = whole(row[0]);
            if item == -1 {
                break;
            }
            let truth =
                Truth { corners: corners(&row[3..7]), difficult: row[7] != 0.0, found: false };
            let label = self.label(row[1])?;
            truths.entry(item).or_default().entry(label).or_default().push(truth);
        }
        Ok(truths)
    }

    fn detections(&self, values: &[f32]) -> Result<Groups<(f32, Corners)>, KernelError> {
        let mut detections = Groups::new();
        for row in values.chunks_exact(7) {
            let item = whole(row[0]);
            if item == -1 {
                continue;
            }
            let label = if whole(row[1]) == NOTHING { NOTHING } else { self.label(row[1])? };
            let detection = (row[2], corners(&row[3..7]));
            detections.entry(item).or_default().entry(label).or_default().push(detection);
        }
        Ok(detections)
    }

    /// Whether a box is right and whether it is wrong; neither if it is on a difficult one that does not count.
    fn verdict(&self, corners: &Corners, sought: &mut [Truth]) -> [f32; 2] {
        let mut best: Option<(f32, &mut Truth)> = None;
        for truth in sought {
            let overlap = corners.overlap(&truth.corners);
            if overlap > best.as_ref().map_or(-1.0, |&(best, _)| best) {
                best = Some((overlap, truth));
            }
        }
        match best.filter(|&(overlap, _)| overlap >= self.overlap_threshold) {
            None => [0.0, 1.0],
            Some((_, truth)) if truth.difficult && !self.evaluate_difficult_gt => [0.0, 0.0],
            Some((_, truth)) if truth.found => [0.0, 1.0],
            Some((_, truth)) => {
                truth.found = true;
                [1.0, 0.0]
            }
        }
    }
}

fn corners(sides: &[f32]) -> Corners {
    Corners::new(std::array::from_fn(|side| sides[side]))
}

/// Towards zero, as Caffe makes labels of values.
#[expect(clippy::cast_possible_truncation, reason = "values beyond are cut at the largest")]
fn whole(value: f32) -> i32 {
    value as i32
}
