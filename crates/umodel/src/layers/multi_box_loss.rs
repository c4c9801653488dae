use super::detection_output::check_boxes;
use super::loss;
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Loss of box locations and classes.
    ///
    /// # Shapes
    /// locations `[N, priors·4]` (times classes if not shared), confidences `[N, priors·classes]`, priors `[1, 2, priors·4]`, ground truth `[1, 1, boxes, 8]`; top a scalar.
    ///
    /// # Source
    /// SSD, MultiBoxLossLayer. Fields of multibox_loss_param that are not here do not bear on shapes and are kept as they are.
    MultiBoxLoss from multibox_loss_param {
        /// Classes, the background among them.
        num_classes: usize,
        /// One location for all classes.
        share_location: bool,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [locations, confidences, priors, _] = bottoms else {
            return Err(LayerError::BottomCount { expected: "4", found: bottoms.len() });
        };
        check_boxes(
            [locations, confidences, priors],
            self.num_classes,
            if self.share_location { 1 } else { self.num_classes },
        )?;
        loss(bottoms, tops)
    }

    fn check(&self) -> Result<(), LayerError> {
        if self.num_classes == 0 {
            return Err(LayerError::MissingField { field: "multibox_loss_param.num_classes" });
        }
        Ok(())
    }
}
