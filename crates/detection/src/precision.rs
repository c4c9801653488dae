//! COCO's average precision: how well found boxes meet the true ones. SSD's, of boxes that are matched already, is in
//! [`ssd`].

pub mod ssd;

use std::collections::{BTreeMap, BTreeSet};

/// A true box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// Its picture.
    pub image: u64,
    /// Its class.
    pub category: u64,
    /// x and y of the upper left corner, width, height.
    pub bbox: [f64; 4],
    /// Whether it stands for many objects: boxes found in it are neither right nor wrong.
    pub crowd: bool,
}

/// A box that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Its picture.
    pub image: u64,
    /// Its class.
    pub category: u64,
    /// x and y of the upper left corner, width, height.
    pub bbox: [f64; 4],
    /// How sure the detector is.
    pub score: f64,
}

/// The average precision of one class; none where there is no true box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CategoryPrecision {
    /// The class.
    pub category: u64,
    /// How many true boxes it has, without crowds.
    pub truths: usize,
    /// Mean over IoU thresholds from 0.5 to 0.95.
    pub ap: Option<f64>,
    /// At IoU 0.5.
    pub ap50: Option<f64>,
    /// At IoU 0.75.
    pub ap75: Option<f64>,
}

/// The average precision over all classes that have a true box; none if there is no such class.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// Mean over classes and IoU thresholds from 0.5 to 0.95 in steps of 0.05: COCO's AP.
    pub ap: Option<f64>,
    /// At IoU 0.5.
    pub ap50: Option<f64>,
    /// At IoU 0.75.
    pub ap75: Option<f64>,
    /// Each class.
    pub categories: Vec<CategoryPrecision>,
}

/// IoU thresholds, and places of the recall.
const THRESHOLDS: usize = 10;
const RECALLS: usize = 101;
/// Boxes of a picture and a class that count.
const MOST: usize = 100;

/// Computes COCO's average precision of boxes.
///
/// # Formula
/// In each picture and class the 100 best boxes count. From the best one on, each is matched with the true box of the
/// highest IoU that is at least the threshold and not taken yet; of equal ones, the last. If only a crowd is left, the
/// box does not count. Over all pictures, in the order of their ids, boxes are sorted by score, equal ones in the order
/// of pictures. Precision at a recall is the highest one at that recall or beyond; AP is its mean at the 101 recalls 0,
/// 0.01, … 1.
///
/// IoU with a crowd is the share of the found box that lies in it. Areas of all sizes count.
///
/// Only pictures of `images` and classes of `categories` count. Boxes whose numbers are not finite do not count.
///
/// # Source
/// COCO's detection evaluation: Lin et al., "Microsoft COCO", and the documentation of the metrics; compared with
/// pycocotools 2.0.11. One difference: a true box of id 0 counts like any other.
pub fn average_precision(
    images: &BTreeSet<u64>,
    categories: &BTreeSet<u64>,
    truths: &[Truth],
    found: &[Found],
) -> Precision {
    let mut of: BTreeMap<(u64, u64), Boxes<'_>> = BTreeMap::new();
    let counts = |image, category| images.contains(&image) && categories.contains(&category);
    for truth in truths.iter().filter(|truth| counts(truth.image, truth.category)) {
        of.entry((truth.category, truth.image)).or_default().0.push(truth);
    }
    for found in found.iter().filter(|found| counts(found.image, found.category)) {
        if found.score.is_finite() && found.bbox.iter().all(|side| side.is_finite()) {
            of.entry((found.category, found.image)).or_default().1.push(found);
        }
    }
    let mut all = Vec::with_capacity(categories.len());
    for &category in categories {
        let pictures = of.range((category, 0)..=(category, u64::MAX));
        let pictures: Vec<Picture> = pictures.map(|(_, (t, f))| Picture::new(t, f)).collect();
        let truths = pictures.iter().map(|picture| picture.truths).sum();
        let per_threshold: Vec<f64> = if truths > 0 {
            (0..THRESHOLDS).map(|index| at_threshold(&pictures, index, truths)).collect()
        } else {
            Vec::new()
        };
        all.push(CategoryPrecision {
            category,
            truths,
            ap: mean(per_threshold.iter().copied()),
            ap50: per_threshold.first().copied(),
            ap75: per_threshold.get(5).copied(),
        });
    }
    Precision {
        ap: mean(all.iter().filter_map(|category| category.ap)),
        ap50: mean(all.iter().filter_map(|category| category.ap50)),
        ap75: mean(all.iter().filter_map(|category| category.ap75)),
        categories: all,
    }
}

/// The true and the found boxes of one class in one picture.
type Boxes<'a> = (Vec<&'a Truth>, Vec<&'a Found>);

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    let sum: f64 = values.iter().sum();
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

/// The matches of one class in one picture.
struct Picture {
    /// True boxes that are no crowds.
    truths: usize,
    /// The boxes that count, from the best one on.
    scores: Vec<f64>,
    /// For each threshold, what became of each of them.
    fates: Vec<Vec<Fate>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Right,
    Wrong,
    /// Lies in a crowd.
    Ignored,
}

impl Picture {
    fn new(truths: &[&Truth], found: &[&Found]) -> Self {
        // Crowds come last, in their order.
        let mut truths = truths.to_vec();
        truths.sort_by_key(|truth| truth.crowd);
        let mut found = found.to_vec();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(MOST);
        let overlaps: Vec<Vec<f64>> = found
            .iter()
            .map(|box_| truths.iter().map(|truth| overlap(box_, truth)).collect())
            .collect();
        let fates = (0..THRESHOLDS).map(|index| {
            let mut taken = vec![false; truths.len()];
            let fate = |overlaps: &Vec<f64>| {
                let mut best: Option<usize> = None;
                let mut least = threshold(index).min(1.0 - 1e-10);
                for (at, truth) in truths.iter().enumerate() {
                    if taken[at] && !truth.crowd {
                        continue;
                    }
                    if truth.crowd && best.is_some_and(|best| !truths[best].crowd) {
                        break;
                    }
                    if overlaps[at] >= least {
                        least = overlaps[at];
                        best = Some(at);
                    }
                }
                let Some(best) = best else { return Fate::Wrong };
                taken[best] = true;
                if truths[best].crowd { Fate::Ignored } else { Fate::Right }
            };
            overlaps.iter().map(fate).collect()
        });
        Picture {
            truths: truths.iter().filter(|truth| !truth.crowd).count(),
            scores: found.iter().map(|found| found.score).collect(),
            fates: fates.collect(),
        }
    }
}

/// IoU; of a crowd, the share of the found box in it.
fn overlap(found: &Found, truth: &Truth) -> f64 {
    let ([x, y, w, h], [tx, ty, tw, th]) = (found.bbox, truth.bbox);
    let width = (x + w).min(tx + tw) - x.max(tx);
    let height = (y + h).min(ty + th) - y.max(ty);
    if width <= 0.0 || height <= 0.0 {
        return 0.0;
    }
    let inside = width * height;
    inside / if truth.crowd { w * h } else { w * h + tw * th - inside }
}

/// From 0.5 to 0.95, as numpy's linspace computes them: their last bits decide about boxes of round IoUs.
fn threshold(index: usize) -> f64 {
    let step = (0.95 - 0.5) / 9.0;
    if index + 1 == THRESHOLDS { 0.95 } else { index as f64 * step + 0.5 }
}

/// From 0 to 1, as numpy's linspace computes them.
fn recall(index: usize) -> f64 {
    if index + 1 == RECALLS { 1.0 } else { index as f64 * 0.01 }
}

/// AP of one class at one threshold. There is at least one true box.
fn at_threshold(pictures: &[Picture], index: usize, truths: usize) -> f64 {
    let fates = |picture: &Picture| {
        let fates = picture.fates[index].iter().copied();
        picture.scores.iter().copied().zip(fates).collect::<Vec<_>>()
    };
    let mut found: Vec<(f64, Fate)> = pictures.iter().flat_map(fates).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut right, mut wrong) = (0.0, 0.0);
    let mut curve: Vec<[f64; 2]> = Vec::with_capacity(found.len());
    for (_, fate) in found {
        match fate {
            Fate::Right => right += 1.0,
            Fate::Wrong => wrong += 1.0,
            Fate::Ignored => {}
        }
        // The smallest step above 1 keeps 0 / 0 away.
        curve.push([right / truths as f64, right / (right + wrong + f64::EPSILON)]);
    }
    let mut highest = 0.0f64;
    for point in curve.iter_mut().rev() {
        highest = highest.max(point[1]);
        point[1] = highest;
    }
    let at = |index: usize| {
        let place = curve.partition_point(|point| point[0] < recall(index));
        curve.get(place).map_or(0.0, |point| point[1])
    };
    (0..RECALLS).map(at).sum::<f64>() / RECALLS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(image: u64, category: u64, x: f64) -> Truth {
        Truth { image, category, bbox: [x, 0.0, 10.0, 10.0], crowd: false }
    }

    fn found(image: u64, category: u64, x: f64, score: f64) -> Found {
        Found { image, category, bbox: [x, 0.0, 10.0, 10.0], score }
    }

    fn evaluate(truths: &[Truth], found: &[Found]) -> Precision {
        average_precision(&BTreeSet::from([1, 2]), &BTreeSet::from([1, 2]), truths, found)
    }

    /// Exact up to the sums' last bits, worked out by hand.
    #[test]
    fn small_cases() {
        let truths = [truth(1, 1, 0.0), truth(2, 1, 50.0)];
        let near = |found: Option<f64>, expected: f64| {
            assert!((found.expect("an AP") - expected).abs() < 1e-12, "{found:?} {expected}");
        };
        let all = evaluate(&truths, &[found(1, 1, 0.0, 0.9), found(2, 1, 50.0, 0.8)]);
        near(all.ap, 1.0);
        assert_eq!((all.categories[0].truths, all.categories[1].ap), (2, None));
        near(evaluate(&truths, &[]).ap50, 0.0);
        assert_eq!(evaluate(&[], &[found(1, 1, 0.0, 0.9)]).ap, None);
        // One of two is found: recall up to 0.5, which is 51 of the 101 places.
        near(evaluate(&truths, &[found(1, 1, 0.0, 0.9)]).ap50, 51.0 / 101.0);
        // A wrong one above it halves the precision.
        let wrong = [found(1, 1, 70.0, 0.95), found(1, 1, 0.0, 0.9)];
        near(evaluate(&truths, &wrong).ap50, 0.5 * 51.0 / 101.0);
        // Pictures and classes that do not count, and boxes that are no numbers, change nothing.
        let more = [
            found(3, 1, 0.0, 1.0),
            found(1, 9, 0.0, 1.0),
            found(1, 1, 0.0, f64::NAN),
            found(1, 1, f64::INFINITY, 1.0),
            found(1, 1, 0.0, 0.9),
        ];
        near(evaluate(&truths, &more).ap50, 51.0 / 101.0);
        // IoU of 8/12: right up to the threshold 0.65.
        near(evaluate(&[truth(1, 1, 0.0)], &[found(1, 1, 2.0, 0.9)]).ap, 0.4);
    }

    #[test]
    fn thresholds_end_where_they_should() {
        assert_eq!((threshold(0), threshold(9), recall(0), recall(100)), (0.5, 0.95, 0.0, 1.0));
    }
}
