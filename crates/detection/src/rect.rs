/// An upright rectangle. Corners are in pixels, of the net's input or of a picture, as real numbers: the first pixel
/// reaches from 0 to 1 on both axes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left side.
    pub x0: f32,
    /// Upper side.
    pub y0: f32,
    /// Right side.
    pub x1: f32,
    /// Lower side.
    pub y1: f32,
}

impl Rect {
    /// From its upper left and its lower right corner.
    pub fn new([x0, y0]: [f32; 2], [x1, y1]: [f32; 2]) -> Self {
        Rect { x0, y0, x1, y1 }
    }

    /// From its centre, width and height.
    pub fn around([x, y]: [f32; 2], [width, height]: [f32; 2]) -> Self {
        let (half_width, half_height) = (width / 2.0, height / 2.0);
        Rect { x0: x - half_width, y0: y - half_height, x1: x + half_width, y1: y + half_height }
    }

    /// From x1 − x0; negative if the sides have changed places.
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// From y1 − y0; negative if the sides have changed places.
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// Width times height, 0 for a rectangle without inside.
    pub fn area(&self) -> f32 {
        self.width().max(0.0) * self.height().max(0.0)
    }

    /// Whether all four sides are finite numbers.
    pub fn is_finite(&self) -> bool {
        [self.x0, self.y0, self.x1, self.y1].iter().all(|side| side.is_finite())
    }

    /// The part inside a picture of this height and width. A rectangle beside the picture becomes one without inside,
    /// on the picture's edge.
    pub fn clip(&self, [height, width]: [f32; 2]) -> Self {
        Rect {
            x0: self.x0.clamp(0.0, width.max(0.0)),
            y0: self.y0.clamp(0.0, height.max(0.0)),
            x1: self.x1.clamp(0.0, width.max(0.0)),
            y1: self.y1.clamp(0.0, height.max(0.0)),
        }
    }

    /// Intersection over union (the Jaccard index) of two rectangles: from 0 to 1, and 0 where neither has an inside.
    ///
    /// ```
    /// use detection::Rect;
    /// let a = Rect::new([0.0, 0.0], [2.0, 2.0]);
    /// let b = Rect::new([1.0, 0.0], [3.0, 2.0]);
    /// assert_eq!(a.iou(&b), 1.0 / 3.0);
    /// ```
    pub fn iou(&self, other: &Rect) -> f32 {
        let width = self.x1.min(other.x1) - self.x0.max(other.x0);
        let height = self.y1.min(other.y1) - self.y0.max(other.y0);
        let inside = width.max(0.0) * height.max(0.0);
        let union = self.area() + other.area() - inside;
        if union > 0.0 { inside / union } else { 0.0 }
    }
}

/// An object that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Its class, counted from 0. No background is among the classes.
    pub label: usize,
    /// How sure the net is, from 0 to 1.
    pub score: f32,
    /// Where it is, in pixels.
    pub rect: Rect,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rect() -> impl Strategy<Value = Rect> {
        let side = -100.0f32..100.0;
        (side.clone(), side.clone(), side.clone(), side)
            .prop_map(|(a, b, c, d)| Rect::new([a, b], [c, d]))
    }

    proptest! {
        /// Exact: IoU is symmetric, between 0 and 1, and 1 for a rectangle with an inside and itself.
        #[test]
        fn iou_is_a_share(a in rect(), b in rect()) {
            prop_assert_eq!(a.iou(&b), b.iou(&a));
            prop_assert!((0.0..=1.0).contains(&a.iou(&b)));
            prop_assert_eq!(a.iou(&a), if a.width() > 0.0 && a.height() > 0.0 { 1.0 } else { 0.0 });
        }

        /// Exact: what is clipped lies in the picture, and clipping again changes nothing.
        #[test]
        fn clipped_rectangles_lie_in_the_picture(a in rect(), h in 0.0f32..90.0, w in 0.0f32..90.0) {
            let clipped = a.clip([h, w]);
            for (side, most) in [(clipped.x0, w), (clipped.x1, w), (clipped.y0, h), (clipped.y1, h)] {
                prop_assert!((0.0..=most).contains(&side));
            }
            prop_assert_eq!(clipped.clip([h, w]), clipped);
        }
    }

    #[test]
    fn rectangles_without_inside_overlap_nothing() {
        let point = Rect::new([1.0, 1.0], [1.0, 1.0]);
        let turned = Rect::new([2.0, 2.0], [0.0, 0.0]);
        let whole = Rect::new([0.0, 0.0], [2.0, 2.0]);
        for other in [point, turned, Rect::new([2.0, 0.0], [4.0, 2.0])] {
            assert_eq!(whole.iou(&other), 0.0);
        }
        assert_eq!((turned.area(), point.iou(&point)), (0.0, 0.0));
    }
}
