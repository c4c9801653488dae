use super::{Facts, LayerParam, legacy, one_top};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
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
    /// Aspect ratios: 1, those given, and with `flip` their inverses. No two are alike.
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
        let ratios = self.aspect_ratios.len().saturating_mul(self.min_sizes.len());
        ratios.saturating_add(self.max_sizes.len())
    }
}

/// Whether an aspect ratio is another one than those before, in the sense of SSD.
fn differs(ratio: f32, known: &[f32]) -> bool {
    known.iter().all(|&known| (ratio - known).abs() >= 1e-6)
}

/// NaN is not positive, either.
fn not_positive(value: f32) -> bool {
    value.is_nan() || value <= 0.0
}

fn bad(field: &'static str, value: impl std::fmt::Debug, reason: ValueError) -> LayerError {
    LayerError::bad(field, format_args!("{value:?}"), reason)
}

impl LayerParam for PriorBox {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.prior_box_param;
        let mut ratios = vec![1.0f32];
        for &ratio in &p.aspect_ratio {
            if not_positive(ratio) {
                return Err(bad("prior_box_param.aspect_ratio", ratio, ValueError::Positive));
            }
            if differs(ratio, &ratios) {
                ratios.push(ratio);
                if p.flip() {
                    ratios.push(1.0 / ratio);
                }
            }
        }
        let variances = if p.variance.is_empty() { vec![0.1] } else { p.variance.clone() };
        let picture = match (p.img_size, p.img_h, p.img_w) {
            (None, None, None) => None,
            (Some(size), None, None) => Some([size, size]),
            (None, h, w) => Some([h.unwrap_or(0), w.unwrap_or(0)]),
            _ => {
                return Err(bad(
                    "prior_box_param.img_size",
                    p.img_size,
                    ValueError::Beside("img_h, img_w"),
                ));
            }
        };
        let step = match (p.step, p.step_h, p.step_w) {
            (None, None, None) => None,
            (Some(step), None, None) => Some([step, step]),
            (None, h, w) => Some([h.unwrap_or(0.0), w.unwrap_or(0.0)]),
            _ => {
                return Err(bad(
                    "prior_box_param.step",
                    p.step,
                    ValueError::Beside("step_h, step_w"),
                ));
            }
        };
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

    fn check(&self) -> Result<(), LayerError> {
        if self.min_sizes.is_empty() {
            return Err(LayerError::MissingField { field: "prior_box_param.min_size" });
        }
        if self.min_sizes.iter().any(|&size| not_positive(size)) {
            return Err(bad("prior_box_param.min_size", &self.min_sizes, ValueError::Positive));
        }
        let pairs = || self.max_sizes.iter().zip(&self.min_sizes);
        if !self.max_sizes.is_empty()
            && (self.max_sizes.len() != self.min_sizes.len()
                || pairs().any(|(max, min)| not_positive(max - min)))
        {
            return Err(bad("prior_box_param.max_size", &self.max_sizes, ValueError::LargestSides));
        }
        let ratios = &self.aspect_ratios;
        let alike = |(index, &ratio): (usize, &f32)| {
            not_positive(ratio) || !differs(ratio, ratios.get(..index).unwrap_or_default())
        };
        if ratios.first() != Some(&1.0) || ratios.iter().enumerate().any(alike) {
            return Err(bad("prior_box_param.aspect_ratio", ratios, ValueError::AspectRatios));
        }
        let variances = &self.variances;
        if ![1, 4].contains(&variances.len()) || variances.iter().any(|&value| not_positive(value))
        {
            return Err(bad("prior_box_param.variance", variances, ValueError::Variances));
        }
        if self.picture.is_some_and(|sides| sides.contains(&0)) {
            let reason = ValueError::BothPositive("sides");
            return Err(bad("prior_box_param.img_h", self.picture, reason));
        }
        if self.step.is_some_and(|steps| steps.iter().any(|&step| not_positive(step))) {
            let reason = ValueError::BothPositive("steps");
            return Err(bad("prior_box_param.step_h", self.step, reason));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    /// The boxes depend on the sizes of the map and the picture alone.
    fn reads_shape_only(&self, _: usize) -> bool {
        true
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let [map, _] = bottoms else {
            return Err(LayerError::bottoms(Count::Exactly(2), bottoms.len()));
        };
        let [_, _, h, w] = legacy(map)?;
        one_top(
            tops,
            vec![
                1,
                2,
                [w, self.boxes(), 4].iter().fold(h, |all, &factor| all.saturating_mul(factor)),
            ],
        )
    }
}
