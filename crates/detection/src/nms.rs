use crate::rect::Detection;

/// Non-maximum suppression: of boxes that overlap, the best one stays.
///
/// # Formula
/// Boxes below the score threshold go. The others are looked at from the best score to the worst, equal scores in the
/// order in which they were given, and no more than `top_k` of them. A box stays unless its IoU with one that stays is
/// above the threshold; only boxes of the same class count against each other, or all of them if `across_classes` is
/// set. It ends when `keep` boxes stay.
///
/// Boxes whose score or corners are not finite go.
///
/// # Source
/// The greedy rule of Girshick et al., "Rich feature hierarchies" (R-CNN), section 2.3. Caffe's DetectionOutput layer
/// has limits of its own for each class; the executor computes that layer.
///
/// ```
/// use detection::{Detection, Nms, Rect};
/// let boxes = [(0.6, 10.0), (0.9, 11.0), (0.7, 30.0)].map(|(score, x)| Detection {
///     label: 0,
///     score,
///     rect: Rect::new([x, 0.0], [x + 10.0, 10.0]),
/// });
/// let kept = Nms::default().iou_threshold(0.5).apply(&boxes);
/// assert_eq!(kept, [boxes[1], boxes[2]]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Nms {
    /// Boxes of lower scores go.
    pub score_threshold: f32,
    /// Boxes that overlap a better one by more than this go.
    pub iou_threshold: f32,
    /// How many of the best boxes are looked at.
    pub top_k: usize,
    /// How many boxes stay at most.
    pub keep: usize,
    /// Whether boxes of different classes count against each other.
    pub across_classes: bool,
}

impl Default for Nms {
    /// No score threshold, IoU 0.45, the best 30,000 boxes, of which 300 stay, class by class.
    fn default() -> Self {
        Nms {
            score_threshold: 0.0,
            iou_threshold: 0.45,
            top_k: 30_000,
            keep: 300,
            across_classes: false,
        }
    }
}

impl Nms {
    /// With this score threshold.
    pub fn score_threshold(self, score_threshold: f32) -> Self {
        Nms { score_threshold, ..self }
    }

    /// With this IoU threshold.
    pub fn iou_threshold(self, iou_threshold: f32) -> Self {
        Nms { iou_threshold, ..self }
    }

    /// Looking at so many of the best boxes.
    pub fn top_k(self, top_k: usize) -> Self {
        Nms { top_k, ..self }
    }

    /// Keeping so many boxes.
    pub fn keep(self, keep: usize) -> Self {
        Nms { keep, ..self }
    }

    /// With boxes of different classes counting against each other, or not.
    pub fn across_classes(self, across_classes: bool) -> Self {
        Nms { across_classes, ..self }
    }

    /// The boxes that stay, the best one first.
    pub fn apply(&self, boxes: &[Detection]) -> Vec<Detection> {
        let good = |found: &&Detection| {
            found.score.is_finite() && found.rect.is_finite() && found.score >= self.score_threshold
        };
        let mut boxes: Vec<Detection> = boxes.iter().filter(good).copied().collect();
        // Stable, so that equal scores stay in their order.
        boxes.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut kept: Vec<Detection> = Vec::new();
        for found in boxes.into_iter().take(self.top_k) {
            if kept.len() >= self.keep {
                break;
            }
            let beats = |better: &Detection| {
                (self.across_classes || better.label == found.label)
                    && better.rect.iou(&found.rect) > self.iou_threshold
            };
            if !kept.iter().any(beats) {
                kept.push(found);
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rect::Rect;

    fn found() -> impl Strategy<Value = Detection> {
        // Few scores, so that many are equal.
        (0usize..3, 0u8..5, 0.0f32..40.0, 0.0f32..40.0, 1.0f32..30.0, 1.0f32..30.0).prop_map(
            |(label, score, x, y, w, h)| Detection {
                label,
                score: f32::from(score) / 4.0,
                rect: Rect::new([x, y], [x + w, y + h]),
            },
        )
    }

    /// The rule as its first description has it: take the best, strike out what it overlaps, go on.
    fn naive(nms: &Nms, boxes: &[Detection]) -> Vec<Detection> {
        let mut left: Vec<Detection> = Vec::new();
        for found in boxes.iter().filter(|found| found.score >= nms.score_threshold) {
            let place = left.iter().position(|other| other.score < found.score);
            left.insert(place.unwrap_or(left.len()), *found);
        }
        left.truncate(nms.top_k);
        let mut kept = Vec::new();
        while !left.is_empty() && kept.len() < nms.keep {
            let best = left.remove(0);
            kept.push(best);
            left.retain(|other| {
                (!nms.across_classes && other.label != best.label)
                    || best.rect.iou(&other.rect) <= nms.iou_threshold
            });
        }
        kept
    }

    proptest! {
        /// Exact, against the naive rule.
        #[test]
        fn as_the_naive_rule(
            boxes in proptest::collection::vec(found(), 0..60),
            (score, iou) in (0.0f32..1.0, 0.0f32..1.0),
            (top_k, keep) in (0usize..70, 0usize..70),
            across in any::<bool>(),
        ) {
            let nms = Nms::default().score_threshold(score).iou_threshold(iou);
            let nms = nms.top_k(top_k).keep(keep).across_classes(across);
            prop_assert_eq!(nms.apply(&boxes), naive(&nms, &boxes));
        }

        /// Exact: what stays needs no second suppression.
        #[test]
        fn a_second_time_changes_nothing(boxes in proptest::collection::vec(found(), 0..60)) {
            let kept = Nms::default().apply(&boxes);
            prop_assert_eq!(Nms::default().apply(&kept), kept);
        }
    }

    #[test]
    fn what_is_no_number_goes() {
        let good = Detection { label: 0, score: 0.5, rect: Rect::new([0.0, 0.0], [1.0, 1.0]) };
        let infinite = Rect::new([0.0, 0.0], [f32::INFINITY, 1.0]);
        let boxes = [
            Detection { score: f32::NAN, ..good },
            Detection { score: f32::INFINITY, ..good },
            Detection { rect: infinite, ..good },
            Detection { rect: Rect { y0: f32::NAN, ..good.rect }, ..good },
            good,
        ];
        assert_eq!(Nms::default().apply(&boxes), [good]);
        assert_eq!(Nms::default().score_threshold(f32::NAN).apply(&boxes), []);
    }
}
