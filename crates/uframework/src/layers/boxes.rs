//! Boxes by their corners, as SSD compares them, and those that others leave. The one place of this crate's IoU but
//! for that of Proposal layers, whose boxes are of whole pixels.

/// xmin, ymin, xmax, ymax, in fractions of the picture, and the area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Corners {
    pub(super) sides: [f32; 4],
    area: f32,
}

impl Corners {
    /// A box that ends before it starts has no area.
    pub(super) fn new(sides: [f32; 4]) -> Self {
        let [xmin, ymin, xmax, ymax] = sides;
        let area = if xmax < xmin || ymax < ymin { 0.0 } else { (xmax - xmin) * (ymax - ymin) };
        Corners { sides, area }
    }

    /// From centre and size, whose area is not that of the rounded corners.
    pub(super) fn around([x, y]: [f32; 2], [width, height]: [f32; 2]) -> Self {
        let (right, down) = (width / 2.0, height / 2.0);
        Corners { sides: [x - right, y - down, x + right, y + down], area: width * height }
    }

    pub(super) fn area(&self) -> f32 {
        self.area
    }

    /// The area that both cover, over the area that one of them covers at least.
    pub(super) fn overlap(&self, other: &Corners) -> f32 {
        let (a, b) = (self.sides, other.sides);
        if b[0] > a[2] || b[2] < a[0] || b[1] > a[3] || b[3] < a[1] {
            return 0.0;
        }
        let side = |axis: usize| a[axis + 2].min(b[axis + 2]) - a[axis].max(b[axis]);
        let (width, height) = (side(0), side(1));
        if width > 0.0 && height > 0.0 {
            let both = width * height;
            both / (self.area + other.area - both)
        } else {
            0.0
        }
    }
}

/// Those that no better one drops, in their order, which is from the best one on.
pub(super) fn undropped(
    order: impl IntoIterator<Item = usize>,
    drops: impl Fn(usize, usize) -> bool,
) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    for index in order {
        if !kept.iter().any(|&better| drops(better, index)) {
            kept.push(index);
        }
    }
    kept
}

/// The larger score first; of equal ones that which came first.
pub(super) fn descending<T>(items: &mut [T], score: impl Fn(&T) -> f32) {
    // Scores are numbers: those who call have refused NaN.
    items.sort_by(|a, b| score(b).partial_cmp(&score(a)).unwrap_or(std::cmp::Ordering::Equal));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: small fractions.
    #[test]
    fn overlaps() {
        let corners = |sides| Corners::new(sides);
        let one = corners([0.0, 0.0, 0.5, 0.5]);
        assert_eq!(one.overlap(&one), 1.0);
        assert_eq!(one.overlap(&corners([0.25, 0.0, 0.75, 0.5])), 0.125 / 0.375);
        assert_eq!(one.overlap(&corners([0.5, 0.0, 1.0, 0.5])), 0.0);
        assert_eq!(one.overlap(&corners([0.6, 0.6, 1.0, 1.0])), 0.0);
        assert_eq!(corners([0.5, 0.5, 0.0, 0.0]).overlap(&one), 0.0);
    }
}
