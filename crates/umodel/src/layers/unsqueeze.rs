use super::{Facts, Role, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Inserts an axis.
    ///
    /// # Shapes
    /// the bottom with an axis of length 1 inserted.
    ///
    /// # Source
    /// Caffe forks for PyTorch models, UnsqueezeLayer.
    Unsqueeze from unsqueeze_param {
        /// Where; negative counts from behind the last.
        dim: i32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Reshapes)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let axis = canonical_axis("unsqueeze_param.dim", self.dim, bottom.len() + 1)?;
        let mut top = bottom.to_vec();
        top.insert(axis, 1);
        one_top(tops, top)
    }
}
