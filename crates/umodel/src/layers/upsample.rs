use super::{Facts, Role, one, one_top};
use crate::Shape;
use crate::error::{LayerError, ValueError};

layer! {
    /// Repeats pixels (nearest neighbour).
    ///
    /// # Shapes
    /// the last two axes (`dims_num` 4) or the last one (3) grow `scale` times.
    ///
    /// # Source
    /// Caffe forks with YOLOv3, UpsampleLayer.
    Upsample from upsample_param or 150 {
        /// How often; at least 1.
        scale: i32,
        /// 3 or 4: which axes.
        dims_num: i32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        if self.scale < 1 || ![3, 4].contains(&self.dims_num) {
            let value = format_args!("scale {}, dims_num {}", self.scale, self.dims_num);
            return Err(LayerError::bad("upsample_param", value, ValueError::Upsampling));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::moves(Role::Computes)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let axes = if self.dims_num == 3 { 1 } else { 2 };
        if bottom.len() < axes {
            return Err(LayerError::AxisCount { expected: 4, found: bottom.to_vec() });
        }
        let mut top = bottom.to_vec();
        for size in top.iter_mut().rev().take(axes) {
            *size = size.saturating_mul(usize::try_from(self.scale).unwrap_or(0));
        }
        one_top(tops, top)
    }
}
