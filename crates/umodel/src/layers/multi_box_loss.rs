use super::detection_output::check_boxes;
use super::{Facts, check_given, loss};
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Loss of box locations and classes.
    ///
    /// # Shapes
    /// locations `[N, priors·4]` (times classes if not shared), confidences `[N, priors·classes]`, priors
    /// `[1, 2, priors·4]`, ground truth `[1, 1, boxes, 8]`; top a scalar.
    ///
    /// # Source
    /// SSD, MultiBoxLossLayer. The shapes do not depend on other fields of multibox_loss_param; those are kept as
    /// they are.
    MultiBoxLoss from multibox_loss_param {
        /// Classes, the background among them.
        num_classes: usize,
        /// One location for all classes.
        share_location: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        check_given("multibox_loss_param.num_classes", self.num_classes)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::LOSS
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [locations, confidences, priors, _] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(4), bottoms.len()));
        };
        check_boxes(
            [locations, confidences, priors],
            self.num_classes,
            if self.share_location { 1 } else { self.num_classes },
        )?;
        loss(bottoms, tops)
    }
}
