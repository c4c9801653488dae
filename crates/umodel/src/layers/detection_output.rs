use super::{Facts, LayerParam, check_given, legacy, one_top, size, wire};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::{LayerParameter, prior_box_parameter::CodeType as ProtoCode};

/// How boxes are coded relative to default boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxCode {
    /// Offsets of corners.
    Corner,
    /// Offsets of the centre, and logarithms of the sizes.
    CenterSize,
    /// Offsets of corners, relative to the sizes.
    CornerSize,
}

/// Non-maximum suppression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suppression {
    /// Boxes that overlap more than this with a better one are dropped.
    pub threshold: f32,
    /// How many boxes of a class are looked at.
    pub top_k: Option<i32>,
    /// Factor on the threshold after each kept box while it is above 0.5.
    pub eta: f32,
}

/// Boxes from locations, confidences and default boxes.
///
/// # Shapes
/// bottoms: locations `[N, priors·4]` (times classes if not shared), confidences `[N, priors·classes]`,
/// priors `[1, 2, priors·4]`, optionally the picture; top `[1, 1, boxes, 7]`, each row
/// `[item, label, confidence, xmin, ymin, xmax, ymax]`. How many boxes there are is only known when it runs; the
/// graph says the most that there can be, where Caffe's says 1.
///
/// # Source
/// SSD, DetectionOutputLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectionOutput {
    /// Classes, the background among them.
    pub num_classes: usize,
    /// One location for all classes.
    pub share_location: bool,
    /// The class that is no object; −1 for none.
    pub background_label_id: i32,
    /// How boxes are suppressed; not at all if there is none.
    pub nms: Option<Suppression>,
    /// How boxes are coded.
    pub code: BoxCode,
    /// Whether variances are part of the coded boxes.
    pub variance_encoded_in_target: bool,
    /// How many boxes are kept of an image; −1 for all.
    pub keep_top_k: i32,
    /// Boxes of less confidence are dropped.
    pub confidence_threshold: Option<f32>,
}

/// Checks locations, confidences and priors of boxes against each other.
pub(super) fn check_boxes(
    [locations, confidences, priors]: [&[usize]; 3],
    classes: usize,
    location_classes: usize,
) -> Result<(), LayerError> {
    let [n, locations_found, ..] = legacy(locations)?;
    let [m, confidences_found, ..] = legacy(confidences)?;
    // Boxes, then variances.
    let [one, two, sides, last] = legacy(priors)?;
    if [one, two, last] != [1, 2, 1] {
        let expected = vec![1, 2, sides, 1];
        return Err(LayerError::BottomShape { index: 2, expected, found: priors.to_vec() });
    }
    let count = sides / 4;
    let wanted = [
        (
            0,
            vec![n, count.saturating_mul(location_classes).saturating_mul(4)],
            [n, locations_found],
        ),
        (1, vec![n, count.saturating_mul(classes)], [m, confidences_found]),
    ];
    for (index, expected, found) in wanted {
        if expected != found {
            return Err(LayerError::BottomShape { index, expected, found: found.to_vec() });
        }
    }
    Ok(())
}

impl DetectionOutput {
    /// The most boxes that so many items can have. Items without boxes get a row each if none has one.
    fn most(&self, items: usize, priors: usize) -> usize {
        let limit = |count: i32| usize::try_from(count).unwrap_or(usize::MAX);
        let background = usize::try_from(self.background_label_id);
        let background = background.is_ok_and(|label| label < self.num_classes);
        let classes = self.num_classes - usize::from(background);
        let of_class = self.nms.and_then(|nms| nms.top_k).map_or(priors, |k| priors.min(limit(k)));
        let of_item = of_class.saturating_mul(classes).min(limit(self.keep_top_k));
        items.saturating_mul(of_item.max(1))
    }
}

impl LayerParam for DetectionOutput {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.detection_output_param;
        let nms = p.nms_param.as_ref().map(|nms| Suppression {
            threshold: nms.nms_threshold(),
            top_k: nms.top_k,
            eta: nms.eta(),
        });
        Ok(DetectionOutput {
            num_classes: size(p.num_classes()),
            share_location: p.share_location(),
            background_label_id: p.background_label_id(),
            nms,
            code: match p.code_type() {
                ProtoCode::CORNER => BoxCode::Corner,
                ProtoCode::CENTER_SIZE => BoxCode::CenterSize,
                ProtoCode::CORNER_SIZE => BoxCode::CornerSize,
            },
            variance_encoded_in_target: p.variance_encoded_in_target(),
            keep_top_k: p.keep_top_k(),
            confidence_threshold: p.confidence_threshold,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.detection_output_param.mut_or_insert_default();
        p.num_classes = Some(wire(self.num_classes));
        p.share_location = Some(self.share_location);
        p.background_label_id = Some(self.background_label_id);
        match self.nms {
            None => p.nms_param.clear(),
            Some(nms) => {
                let message = p.nms_param.mut_or_insert_default();
                message.nms_threshold = Some(nms.threshold);
                message.top_k = nms.top_k;
                message.eta = (nms.eta != 1.0).then_some(nms.eta);
            }
        }
        p.set_code_type(match self.code {
            BoxCode::Corner => ProtoCode::CORNER,
            BoxCode::CenterSize => ProtoCode::CENTER_SIZE,
            BoxCode::CornerSize => ProtoCode::CORNER_SIZE,
        });
        p.variance_encoded_in_target = self.variance_encoded_in_target.then_some(true);
        p.keep_top_k = Some(self.keep_top_k);
        p.confidence_threshold = self.confidence_threshold;
    }

    fn check(&self) -> Result<(), LayerError> {
        check_given("detection_output_param.num_classes", self.num_classes)?;
        if let Some(Suppression { threshold, eta, .. }) = self.nms
            && !(threshold >= 0.0 && eta > 0.0 && eta <= 1.0)
        {
            let value = format_args!("nms_threshold {threshold}, eta {eta}");
            let field = "detection_output_param.nms_param";
            return Err(LayerError::bad(field, value, ValueError::Suppression));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let ([locations, confidences, priors] | [locations, confidences, priors, _]) = bottoms
        else {
            return Err(LayerError::bottoms(Count::Either(3, 4), bottoms.len()));
        };
        let location_classes = if self.share_location { 1 } else { self.num_classes };
        check_boxes([locations, confidences, priors], self.num_classes, location_classes)?;
        let [items, _, _, _] = legacy(locations)?;
        one_top(tops, vec![1, 1, self.most(items, legacy(priors)?[2] / 4), 7])
    }

    fn counted_axis(&self, _: usize, _: &[usize]) -> Option<usize> {
        Some(2)
    }
}
