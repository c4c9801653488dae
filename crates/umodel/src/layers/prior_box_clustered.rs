use super::{Facts, LayerParam, legacy, one_top};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
use crate::proto::LayerParameter;

/// Default boxes of given widths and heights at each position of a feature map, and their variances.
///
/// # Shapes
/// bottoms: the map `[N, C, H, W]` and the picture; top `[1, 2, H·W·boxes·4]`: boxes, then variances.
///
/// # Formula
/// The centre of the boxes at `(y, x)` is `((x + offset)·step_w, (y + offset)·step_h)`; corners are divided by the
/// picture's sides.
///
/// # Source
/// Intel's Caffe fork for detectors; OpenVINO, PriorBoxClustered-1.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorBoxClustered {
    /// Widths of the boxes, in pixels.
    pub widths: Vec<f32>,
    /// Their heights, as many.
    pub heights: Vec<f32>,
    /// Whether boxes are clipped to the picture.
    pub clip: bool,
    /// One variance, or four.
    pub variances: Vec<f32>,
    /// The picture's height and width; those of the second bottom if there are none.
    pub picture: Option<[u32; 2]>,
    /// Distance of boxes along H and W in pixels; from the sizes of picture and map if there is none.
    pub step: Option<[f32; 2]>,
    /// Where in a cell its boxes have their centre.
    pub offset: f32,
}

/// NaN is not positive, either.
fn not_positive(value: &f32) -> bool {
    value.is_nan() || *value <= 0.0
}

fn bad(field: &'static str, value: impl std::fmt::Debug, reason: ValueError) -> LayerError {
    LayerError::bad(field, format_args!("{value:?}"), reason)
}

impl LayerParam for PriorBoxClustered {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.prior_box_param;
        let unused = [
            ("prior_box_param.min_size", !p.min_size.is_empty()),
            ("prior_box_param.max_size", !p.max_size.is_empty()),
            ("prior_box_param.aspect_ratio", !p.aspect_ratio.is_empty()),
        ];
        if let Some((field, _)) = unused.into_iter().find(|&(_, given)| given) {
            return Err(bad(field, "", ValueError::Beside("width, height")));
        }
        // A side or a step of 0 is as good as none.
        let picture = match (p.img_size(), p.img_h(), p.img_w()) {
            (0, 0, 0) => None,
            (size, 0, 0) => Some([size, size]),
            (0, h, w) => Some([h, w]),
            (size, ..) => {
                let reason = ValueError::Beside("img_h, img_w");
                return Err(bad("prior_box_param.img_size", size, reason));
            }
        };
        let step = match (p.step(), p.step_h(), p.step_w()) {
            (0.0, 0.0, 0.0) => None,
            (step, 0.0, 0.0) => Some([step, step]),
            (_, h, w) => Some([h, w]),
        };
        Ok(PriorBoxClustered {
            widths: p.width.clone(),
            heights: p.height.clone(),
            clip: p.clip(),
            variances: if p.variance.is_empty() { vec![0.1] } else { p.variance.clone() },
            picture,
            step,
            offset: p.offset(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.prior_box_param.mut_or_insert_default();
        (p.width, p.height) = (self.widths.clone(), self.heights.clone());
        p.clip = Some(self.clip);
        p.variance = self.variances.clone();
        (p.img_size, p.img_h, p.img_w) =
            (None, self.picture.map(|sides| sides[0]), self.picture.map(|sides| sides[1]));
        (p.step, p.step_h, p.step_w) =
            (None, self.step.map(|steps| steps[0]), self.step.map(|steps| steps[1]));
        p.offset = Some(self.offset);
    }

    fn check(&self) -> Result<(), LayerError> {
        if self.widths.is_empty() {
            return Err(LayerError::MissingField { field: "prior_box_param.width" });
        }
        if self.widths.iter().any(not_positive) {
            return Err(bad("prior_box_param.width", &self.widths, ValueError::Positive));
        }
        if self.heights.len() != self.widths.len() || self.heights.iter().any(not_positive) {
            return Err(bad("prior_box_param.height", &self.heights, ValueError::Heights));
        }
        let variances = &self.variances;
        if ![1, 4].contains(&variances.len()) || variances.iter().any(not_positive) {
            return Err(bad("prior_box_param.variance", variances, ValueError::Variances));
        }
        if self.picture.is_some_and(|sides| sides.contains(&0)) {
            let reason = ValueError::BothPositive("sides");
            return Err(bad("prior_box_param.img_h", self.picture, reason));
        }
        if self.step.is_some_and(|steps| steps.iter().any(not_positive)) {
            let reason = ValueError::BothPositive("steps");
            return Err(bad("prior_box_param.step_h", self.step, reason));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [map, _] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(2), bottoms.len()));
        };
        let [_, _, h, w] = legacy(map)?;
        let all = [w, self.widths.len(), 4];
        one_top(tops, vec![1, 2, all.iter().fold(h, |all, &factor| all.saturating_mul(factor))])
    }
}
