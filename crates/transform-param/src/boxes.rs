//! Annotated boxes on their way through the geometric steps.
//!
//! # Source
//! SSD, bbox_util and DataTransformer; fp32 throughout, as there.

use crate::param::{EmitConstraint, EmitType};

/// A rectangle in shares of a picture's width and height: 0, 0, 1, 1 is the whole picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) xmin: f32,
    pub(crate) ymin: f32,
    pub(crate) xmax: f32,
    pub(crate) ymax: f32,
}

impl Area {
    pub(crate) const WHOLE: Area = Area { xmin: 0.0, ymin: 0.0, xmax: 1.0, ymax: 1.0 };

    /// Where `size` (h, w) lies at `offset` in a picture of `whole` (h, w). Offsets are negative where
    /// the picture was padded.
    pub(crate) fn part(offset: [f32; 2], size: [usize; 2], whole: [usize; 2]) -> Area {
        let [h, w] = whole.map(float);
        Area {
            xmin: offset[1] / w,
            ymin: offset[0] / h,
            xmax: (offset[1] + float(size[1])) / w,
            ymax: (offset[0] + float(size[0])) / h,
        }
    }

    /// Width · height; 0 if a side is negative.
    pub(crate) fn size(self) -> f32 {
        if self.xmax < self.xmin || self.ymax < self.ymin {
            return 0.0;
        }
        (self.xmax - self.xmin) * (self.ymax - self.ymin)
    }

    /// The part that lies within the picture.
    pub(crate) fn clipped(self) -> Area {
        let clip = |value: f32| value.clamp(0.0, 1.0);
        Area {
            xmin: clip(self.xmin),
            ymin: clip(self.ymin),
            xmax: clip(self.xmax),
            ymax: clip(self.ymax),
        }
    }

    fn intersection(self, other: Area) -> Area {
        if other.xmin > self.xmax
            || other.xmax < self.xmin
            || other.ymin > self.ymax
            || other.ymax < self.ymin
        {
            return Area { xmin: 0.0, ymin: 0.0, xmax: 0.0, ymax: 0.0 };
        }
        Area {
            xmin: self.xmin.max(other.xmin),
            ymin: self.ymin.max(other.ymin),
            xmax: self.xmax.min(other.xmax),
            ymax: self.ymax.min(other.ymax),
        }
    }

    /// Intersection over union.
    pub(crate) fn jaccard(self, other: Area) -> f32 {
        let common = self.intersection(other);
        let (width, height) = (common.xmax - common.xmin, common.ymax - common.ymin);
        if width > 0.0 && height > 0.0 {
            let size = width * height;
            size / (self.size() + other.size() - size)
        } else {
            0.0
        }
    }

    /// Which share of this area `other` covers.
    pub(crate) fn coverage(self, other: Area) -> f32 {
        let common = self.intersection(other).size();
        if common > 0.0 { common / self.size() } else { 0.0 }
    }

    /// The same place, told in shares of `source`, a part of the picture; clipped to it. None if they
    /// have nothing in common.
    pub(crate) fn projected(self, source: Area) -> Option<Area> {
        if self.xmin >= source.xmax
            || self.xmax <= source.xmin
            || self.ymin >= source.ymax
            || self.ymax <= source.ymin
        {
            return None;
        }
        let (width, height) = (source.xmax - source.xmin, source.ymax - source.ymin);
        let area = Area {
            xmin: (self.xmin - source.xmin) / width,
            ymin: (self.ymin - source.ymin) / height,
            xmax: (self.xmax - source.xmin) / width,
            ymax: (self.ymax - source.ymin) / height,
        };
        Some(area.clipped()).filter(|area| area.size() > 0.0)
    }

    /// The place of an area that is told in shares of this one.
    pub(crate) fn locate(self, inner: Area) -> Area {
        let (width, height) = (self.xmax - self.xmin, self.ymax - self.ymin);
        Area {
            xmin: self.xmin + inner.xmin * width,
            ymin: self.ymin + inner.ymin * height,
            xmax: self.xmin + inner.xmax * width,
            ymax: self.ymin + inner.ymax * height,
        }
    }

    /// As seen in a mirror that swaps left and right.
    pub(crate) fn mirrored(self) -> Area {
        Area { xmin: 1.0 - self.xmax, xmax: 1.0 - self.xmin, ..self }
    }
}

/// A length of a picture in the arithmetic of boxes.
pub(crate) fn float(length: usize) -> f32 {
    length as f32
}

/// Which boxes stay when a part of the picture is cut out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Emit {
    /// All that have anything in common with the part.
    Any,
    /// Those whose centre is in it.
    Center,
    /// Those of which it covers more than this share.
    Overlap(f32),
}

impl Emit {
    pub(crate) fn new(constraint: Option<&EmitConstraint>) -> Self {
        match constraint.map(|constraint| (constraint.emit_type, constraint.emit_overlap)) {
            None => Emit::Any,
            Some((EmitType::Center, _)) => Emit::Center,
            Some((EmitType::MinOverlap, share)) => Emit::Overlap(share.unwrap_or_default()),
        }
    }

    pub(crate) fn keeps(self, area: Area, part: Area) -> bool {
        match self {
            Emit::Any => true,
            Emit::Center => {
                let x = (area.xmin + area.xmax) / 2.0;
                let y = (area.ymin + area.ymax) / 2.0;
                x >= part.xmin && x <= part.xmax && y >= part.ymin && y <= part.ymax
            }
            Emit::Overlap(least) => area.coverage(part) > least,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(xmin: f32, ymin: f32, xmax: f32, ymax: f32) -> Area {
        Area { xmin, ymin, xmax, ymax }
    }

    /// Exact: powers of two.
    #[test]
    fn areas_are_cut_and_told_in_shares_of_the_part() {
        let part = area(0.25, 0.0, 0.75, 0.5);
        assert_eq!(area(0.5, 0.25, 1.0, 0.75).projected(part), Some(area(0.5, 0.5, 1.0, 1.0)));
        assert_eq!(area(0.75, 0.0, 1.0, 0.5).projected(part), None);
        assert_eq!(area(0.5, 0.25, 0.5, 0.5).projected(part), None, "no width");
        assert_eq!(part.locate(area(0.5, 0.5, 1.0, 1.0)), area(0.5, 0.25, 0.75, 0.5));
        assert_eq!(area(0.0, 0.1, 0.25, 0.2).mirrored(), area(0.75, 0.1, 1.0, 0.2));
        assert_eq!(Area::part([-1.0, 2.0], [4, 4], [2, 8]), area(0.25, -0.5, 0.75, 1.5));
    }

    /// Exact: powers of two.
    #[test]
    fn overlaps() {
        let (a, b) = (area(0.0, 0.0, 0.5, 0.5), area(0.25, 0.25, 0.5, 0.5));
        assert_eq!(a.jaccard(b), 0.25);
        assert_eq!((a.coverage(b), b.coverage(a)), (0.25, 1.0));
        assert_eq!(a.jaccard(area(0.5, 0.5, 1.0, 1.0)), 0.0);
        assert!(Emit::Center.keeps(a, b) && !Emit::Center.keeps(area(0.0, 0.0, 0.4, 0.5), b));
        assert!(Emit::Overlap(0.2).keeps(a, b) && !Emit::Overlap(0.25).keeps(a, b));
    }
}
