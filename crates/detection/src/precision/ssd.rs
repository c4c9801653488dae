//! The score of a detector: average precision, as SSD's solver computes it of a DetectionEvaluate layer's top.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::error::Error;

/// How the area under precision over recall is taken: SSD's `ap_version`.
///
/// # Source
/// SSD, ComputeAP. Its scripts choose `11point`, its solver has `Integral` if nobody chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApVersion {
    /// The mean of the best precision at the recalls 0, 0.1, … 1: VOC 2007.
    #[default]
    ElevenPoints,
    /// The area under the best precision at each recall or beyond: VOC 2012, ILSVRC.
    MaxIntegral,
    /// The area under the precision.
    Integral,
}

impl FromStr for ApVersion {
    type Err = Error;

    /// `11point`, `MaxIntegral` or `Integral`, in small letters or large ones.
    fn from_str(name: &str) -> Result<Self, Error> {
        let named = |text: &str| name.eq_ignore_ascii_case(text);
        match name {
            _ if named("11point") => Ok(ApVersion::ElevenPoints),
            _ if named("MaxIntegral") => Ok(ApVersion::MaxIntegral),
            _ if named("Integral") => Ok(ApVersion::Integral),
            _ => Err(Error::ApVersion { name: name.to_owned() }),
        }
    }
}

/// What a DetectionEvaluate layer has said in all iterations: for each class how many boxes are sought, and for each
/// found box its score and whether it is right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detections {
    classes: BTreeMap<i32, Class>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Class {
    sought: u64,
    /// In the order in which they came.
    found: Vec<(f32, bool)>,
}

impl Detections {
    /// Adds the layer's rows: `[−1, class, boxes that are sought, −1, −1]` for each class, and
    /// `[item, class, score, right, wrong]` for each found box. One that is neither right nor wrong does not count.
    pub fn add(&mut self, rows: impl IntoIterator<Item = [f32; 5]>) {
        for [item, label, score, right, wrong] in rows {
            let class = self.classes.entry(whole(label)).or_default();
            match (whole(item), whole(right), whole(wrong)) {
                (-1, ..) => class.sought += u64::try_from(whole(score)).unwrap_or(0),
                (_, 0, 0) => {}
                (_, right, _) => class.found.push((score, right == 1)),
            }
        }
    }

    /// Classes with their average precisions. A class of which nothing was sought has 0.
    pub fn precisions(&self, version: ApVersion) -> Vec<(i32, f32)> {
        // Label −1 says that nothing was found in a picture.
        let classes = self.classes.iter().filter(|&(&label, _)| label >= 0);
        classes.map(|(&label, class)| (label, class.average_precision(version))).collect()
    }

    /// The mean over the classes, mAP.
    pub fn mean(&self, version: ApVersion) -> f32 {
        let precisions = self.precisions(version);
        let sum: f32 = precisions.iter().map(|&(_, precision)| precision).sum();
        sum / precisions.len().max(1) as f32
    }
}

impl Class {
    fn average_precision(&self, version: ApVersion) -> f32 {
        if self.sought == 0 {
            return 0.0;
        }
        let mut found = self.found.clone();
        // Of equal scores that which came first; those that are no numbers have been refused.
        found.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(std::cmp::Ordering::Equal));
        let mut right = 0.0;
        let curve = found.iter().enumerate().map(|(index, &(_, is_right))| {
            right += f64::from(u8::from(is_right));
            (right / self.sought as f64, right / (index + 1) as f64)
        });
        let curve: Vec<(f64, f64)> = curve.collect();
        let best = |from: f64| {
            let beyond = curve.iter().filter(|&&(recall, _)| recall >= from);
            beyond.map(|&(_, precision)| precision).fold(0.0, f64::max)
        };
        let area = |height: &mut dyn FnMut(usize) -> f64| {
            let mut before = 0.0;
            let mut area = 0.0;
            for (index, &(recall, _)) in curve.iter().enumerate() {
                if recall > before {
                    area += height(index) * (recall - before);
                    before = recall;
                }
            }
            area
        };
        nearest(match version {
            ApVersion::ElevenPoints => {
                (0..=10).map(|tenth| best(f64::from(tenth) / 10.0)).sum::<f64>() / 11.0
            }
            ApVersion::MaxIntegral => {
                let mut heights: Vec<f64> = curve.iter().map(|&(_, precision)| precision).collect();
                for index in (1..heights.len()).rev() {
                    heights[index - 1] = heights[index - 1].max(heights[index]);
                }
                area(&mut |index| heights[index])
            }
            ApVersion::Integral => area(&mut |index| curve[index].1),
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "towards zero, as the origin")]
fn whole(value: f32) -> i32 {
    value as i32
}

#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest value is meant")]
fn nearest(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: by hand. Two boxes are sought; the best guess is right, the second wrong, the third right.
    #[test]
    fn three_versions() {
        let mut detections = Detections::default();
        detections.add([[-1.0, 1.0, 2.0, -1.0, -1.0], [0.0, 1.0, 0.5, 0.0, 1.0]]);
        detections.add([
            [-1.0, 1.0, 0.0, -1.0, -1.0],
            [-1.0, 2.0, 1.0, -1.0, -1.0],
            [0.0, 1.0, 0.25, 1.0, 0.0],
            [0.0, 1.0, 0.75, 1.0, 0.0],
            [0.0, 1.0, 0.9, 0.0, 0.0],
            [1.0, -1.0, -1.0, 0.0, 1.0],
        ]);
        let of = |version| detections.precisions(version);
        let two_thirds = 2.0 / 3.0;
        let eleven = nearest((6.0 + 5.0 * two_thirds) / 11.0);
        assert_eq!(of(ApVersion::ElevenPoints), [(1, eleven), (2, 0.0)]);
        let area = nearest(0.5 + 0.5 * two_thirds);
        assert_eq!(of(ApVersion::MaxIntegral), [(1, area), (2, 0.0)]);
        assert_eq!(of(ApVersion::Integral), [(1, area), (2, 0.0)]);
        assert_eq!(detections.mean(ApVersion::Integral), area / 2.0);
        assert_eq!(Detections::default().mean(ApVersion::Integral), 0.0);
    }

    #[test]
    fn names() {
        assert_eq!("maxintegral".parse::<ApVersion>().expect("a name"), ApVersion::MaxIntegral);
        assert!(matches!("12point".parse::<ApVersion>(), Err(Error::ApVersion { .. })));
    }
}
