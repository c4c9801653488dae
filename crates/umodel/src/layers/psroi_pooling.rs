use super::{Facts, nchw, one_top, pair};
use crate::Shape;
use crate::error::{LayerError, ValueError};

layer! {
    /// Position-sensitive average pooling of regions.
    ///
    /// # Shapes
    /// bottoms: map `[N, output_dim·group_size², H, W]`, regions `[R, 5]`; top
    /// `[R, output_dim, group_size, group_size]`.
    ///
    /// # Source
    /// R-FCN, PSROIPoolingLayer.
    PsRoiPooling from psroi_pooling_param or 153, 10001 {
        /// From the regions' coordinates to the map's.
        spatial_scale: f32,
        /// Channels of the top.
        output_dim: i32,
        /// Bins along each axis.
        group_size: i32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        for (field, size) in [
            ("psroi_pooling_param.output_dim", self.output_dim),
            ("psroi_pooling_param.group_size", self.group_size),
        ] {
            if size < 1 {
                return Err(LayerError::bad(field, size, ValueError::AtLeast(1)));
            }
        }
        if self.spatial_scale <= 0.0 {
            return Err(LayerError::MissingField { field: "psroi_pooling_param.spatial_scale" });
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [map, rois] = pair(bottoms)?;
        let [_, channels, _, _] = nchw(map)?;
        let count = rois.first().copied().unwrap_or(1);
        let size = |value: i32| usize::try_from(value).unwrap_or(0);
        let (outputs, bins) = (size(self.output_dim), size(self.group_size));
        if outputs.saturating_mul(bins).saturating_mul(bins) != channels {
            let reason = ValueError::Bins { bins, channels };
            return Err(LayerError::bad("psroi_pooling_param.output_dim", self.output_dim, reason));
        }
        one_top(tops, vec![count, outputs, bins, bins])
    }
}
