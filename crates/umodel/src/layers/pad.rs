use super::{one, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Pads height and width.
    ///
    /// # Shapes
    /// the last two axes of a bottom of 2 to 4 axes grow.
    ///
    /// # Source
    /// Caffe forks for PyTorch models, PadLayer.
    Pad from pad_param {
        /// Rows above; negative cuts.
        pad_u: i32,
        /// Rows below.
        pad_d: i32,
        /// Columns to the left.
        pad_l: i32,
        /// Columns to the right.
        pad_r: i32,
        /// What constant padding holds.
        pad_value: f32,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        if !(2..=4).contains(&bottom.len()) {
            return Err(LayerError::AxisCount { expected: 4, found: bottom.to_vec() });
        }
        let mut top = bottom.to_vec();
        let first = bottom.len() - 2;
        for (axis, [before, after]) in
            [[self.pad_u, self.pad_d], [self.pad_l, self.pad_r]].into_iter().enumerate()
        {
            let length = bottom[first + axis] as i64 + i64::from(before) + i64::from(after);
            top[first + axis] =
                usize::try_from(length).ok().filter(|&length| length > 0).ok_or_else(|| {
                    LayerError::BadValue {
                        field: "pad_param",
                        value: format!("{before}, {after}"),
                        reason: format!("nothing is left of {}", bottom[first + axis]),
                    }
                })?;
        }
        one_top(tops, top)
    }
}
