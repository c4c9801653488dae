use super::{Facts, check_given, nchw, one_top, pair};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Max pooling of regions to one size.
    ///
    /// # Shapes
    /// bottoms: map `[N, C, H, W]`, regions `[R, 5]` (image, x1, y1, x2, y2); top
    /// `[R, C, pooled_h, pooled_w]`.
    ///
    /// # Source
    /// Fast R-CNN, ROIPoolingLayer.
    RoiPooling from roi_pooling_param or 154 {
        /// Rows of a pooled region.
        pooled_h: usize,
        /// Columns of a pooled region.
        pooled_w: usize,
        /// From the regions' coordinates to the map's.
        spatial_scale: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        check_given("roi_pooling_param.pooled_h", self.pooled_h)?;
        check_given("roi_pooling_param.pooled_w", self.pooled_w)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [map, rois] = pair(bottoms)?;
        let [_, channels, _, _] = nchw(map)?;
        let count = rois.first().copied().unwrap_or(1);
        one_top(tops, vec![count, channels, self.pooled_h, self.pooled_w])
    }
}
