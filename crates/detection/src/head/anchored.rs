//! What heads with anchors have in common.

use super::tensors::{Levels, Tensor};
use super::{check_classes, check_strides};
use crate::error::Error;

/// One level of a head with anchors.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Pixels of the input between two places.
    pub stride: usize,
    /// Width and height of each anchor, in pixels of the input.
    pub anchors: Vec<[f32; 2]>,
}

impl Level {
    /// A level of this stride with these anchors, width and height each.
    pub fn new(stride: usize, anchors: impl Into<Vec<[f32; 2]>>) -> Self {
        Level { stride, anchors: anchors.into() }
    }
}

/// Classes and levels, checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Anchored {
    pub(crate) classes: usize,
    pub(crate) levels: Vec<Level>,
}

impl Anchored {
    pub(crate) fn new(
        head: &'static str,
        classes: usize,
        levels: Vec<Level>,
    ) -> Result<Self, Error> {
        check_classes(head, classes)?;
        let strides: Vec<usize> = levels.iter().map(|level| level.stride).collect();
        check_strides(head, &strides)?;
        for Level { anchors, .. } in &levels {
            let side = |side: &f32| *side > 0.0 && side.is_finite();
            if !(1..=64).contains(&anchors.len()) || !anchors.iter().flatten().all(side) {
                return Err(Error::Value {
                    head,
                    key: "anchors",
                    expected: "1 to 64 of WIDTHxHEIGHT above 0 for each stride",
                    found: super::spec::anchors(anchors),
                });
            }
        }
        Ok(Anchored { classes, levels })
    }

    /// Values of an anchor.
    pub(crate) fn width(&self) -> usize {
        5 + self.classes
    }

    /// Calls `work` with what the levels look like.
    pub(crate) fn with_levels<R>(
        &self,
        input: [usize; 2],
        work: impl FnOnce(&Levels<'_>) -> R,
    ) -> R {
        let strides: Vec<usize> = self.levels.iter().map(|level| level.stride).collect();
        let groups: Vec<usize> = self.levels.iter().map(|level| level.anchors.len()).collect();
        let channels: Vec<usize> = groups.iter().map(|&count| count * self.width()).collect();
        work(&Levels { input, strides: &strides, channels: &channels, groups: &groups })
    }

    /// Whether these tensors are maps of the levels, not a list of boxes.
    pub(crate) fn are_maps(&self, tensors: &[Tensor<'_>], input: [usize; 2]) -> bool {
        let [only] = tensors else { return true };
        only.shape().len() == 5 || self.with_levels(input, |levels| levels.has(only))
    }
}
