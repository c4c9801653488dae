use super::{LayerParam, legacy, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// The default boxes of a feature map, and their variances.
///
/// # Shapes
/// bottoms: the map `[N, C, H, W]` and the picture; top `[1, 2, H·W·boxes·4]`: boxes, then variances.
///
/// # Source
/// SSD, PriorBoxLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorBox {
    /// Smallest sides of boxes, in pixels.
    pub min_sizes: Vec<f32>,
    /// Largest sides, one for each of `min_sizes`, or none.
    pub max_sizes: Vec<f32>,
    /// Aspect ratios: 1, those given, and with `flip` their inverses.
    pub aspect_ratios: Vec<f32>,
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

impl PriorBox {
    /// Boxes at each position.
    pub fn boxes(&self) -> usize {
        self.aspect_ratios.len() * self.min_sizes.len() + self.max_sizes.len()
    }
}

/// NaN is not positive, either.
fn not_positive(value: f32) -> bool {
    value.is_nan() || value <= 0.0
}

fn bad(field: &'static str, value: impl std::fmt::Debug, reason: &str) -> LayerError {
    LayerError::BadValue { field, value: format!("{value:?}"), reason: reason.into() }
}

impl LayerParam for PriorBox {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.prior_box_param;
        if p.min_size.is_empty() {
            return Err(LayerError::MissingField { field: "prior_box_param.min_size" });
        }
        if p.min_size.iter().any(|&size| not_positive(size)) {
            return Err(bad("prior_box_param.min_size", &p.min_size, "must be positive"));
        }
        let pairs = || p.max_size.iter().zip(&p.min_size);
        if !p.max_size.is_empty()
            && (p.max_size.len() != p.min_size.len() || pairs().any(|(max, min)| not_positive(max - min)))
        {
            let reason = "one for each min_size, and larger";
            return Err(bad("prior_box_param.max_size", &p.max_size, reason));
        }
        let mut ratios = vec![1.0f32];
        for &ratio in &p.aspect_ratio {
            if not_positive(ratio) {
                return Err(bad("prior_box_param.aspect_ratio", ratio, "must be positive"));
            }
            if ratios.iter().all(|&known| (ratio - known).abs() >= 1e-6) {
                ratios.push(ratio);
                if p.flip() {
                    ratios.push(1.0 / ratio);
                }
            }
        }
        let variances = if p.variance.is_empty() { vec![0.1] } else { p.variance.clone() };
        if ![1, 4].contains(&variances.len()) || variances.iter().any(|&value| not_positive(value)) {
            let reason = "one or four positive numbers";
            return Err(bad("prior_box_param.variance", &p.variance, reason));
        }
        let picture = match (p.img_size, p.img_h, p.img_w) {
            (None, None, None) => None,
            (Some(size), None, None) => Some([size, size]),
            (None, h, w) => Some([h.unwrap_or(0), w.unwrap_or(0)]),
            _ => return Err(bad("prior_box_param.img_size", p.img_size, "not beside img_h, img_w")),
        };
        if picture.is_some_and(|sides| sides.contains(&0)) {
            return Err(bad("prior_box_param.img_h", picture, "both sides must be positive"));
        }
        let step = match (p.step, p.step_h, p.step_w) {
            (None, None, None) => None,
            (Some(step), None, None) => Some([step, step]),
            (None, h, w) => Some([h.unwrap_or(0.0), w.unwrap_or(0.0)]),
            _ => return Err(bad("prior_box_param.step", p.step, "not beside step_h, step_w")),
        };
        if step.is_some_and(|steps| steps.iter().any(|&step| not_positive(step))) {
            return Err(bad("prior_box_param.step_h", step, "both steps must be positive"));
        }
        Ok(PriorBox {
            min_sizes: p.min_size.clone(),
            max_sizes: p.max_size.clone(),
            aspect_ratios: ratios,
            clip: p.clip(),
            variances,
            picture,
            step,
            offset: p.offset(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.prior_box_param.mut_or_insert_default();
        p.min_size = self.min_sizes.clone();
        p.max_size = self.max_sizes.clone();
        // All ratios stand there, so none is to be flipped.
        p.aspect_ratio = self.aspect_ratios.iter().skip(1).copied().collect();
        p.flip = Some(false);
        p.clip = Some(self.clip);
        p.variance = self.variances.clone();
        (p.img_size, p.img_h, p.img_w) =
            (None, self.picture.map(|sides| sides[0]), self.picture.map(|sides| sides[1]));
        (p.step, p.step_h, p.step_w) =
            (None, self.step.map(|steps| steps[0]), self.step.map(|steps| steps[1]));
        p.offset = Some(self.offset);
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [map, _] = bottoms else {
            return Err(LayerError::BottomCount { expected: "2", found: bottoms.len() });
        };
        let [_, _, h, w] = legacy(map)?;
        one_top(tops, vec![1, 2, h.saturating_mul(w).saturating_mul(self.boxes() * 4)])
    }
}
