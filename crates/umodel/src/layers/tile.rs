use super::{Facts, Role, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::movement::{Axis, Movement};

layer! {
    /// Repeats a blob along an axis.
    ///
    /// # Shapes
    /// top as the bottom, `tiles` times as long along `axis`.
    ///
    /// # Source
    /// BVLC Caffe, TileLayer.
    Tile from tile_param {
        /// The axis; negative counts from the end.
        axis: i32,
        /// How often; at least 1.
        tiles: i32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        if self.tiles < 1 {
            return Err(LayerError::bad("tile_param.tiles", self.tiles, ValueError::AtLeast(1)));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(if self.tiles == 1 { Role::Identity } else { Role::Computes })
    }

    fn movement(
        &self,
        bottom: &[usize],
        _: &[&[usize]],
        _: usize,
    ) -> Result<Option<Movement>, LayerError> {
        let axis = canonical_axis("tile_param.axis", self.axis, bottom.len())?;
        let product = |sizes: &[usize]| sizes.iter().product();
        let (outer, whole): (usize, usize) = (product(&bottom[..axis]), product(&bottom[axis..]));
        let tiles = usize::try_from(self.tiles).unwrap_or(0);
        Ok(Some(Movement::new(vec![
            Axis::run(0, whole, outer),
            Axis::run(0, 0, tiles),
            Axis::run(0, 1, whole),
        ])))
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let axis = canonical_axis("tile_param.axis", self.axis, bottom.len())?;
        let mut top = bottom.to_vec();
        top[axis] = top[axis].saturating_mul(usize::try_from(self.tiles).unwrap_or(0));
        one_top(tops, top)
    }
}
