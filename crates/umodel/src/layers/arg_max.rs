use super::{LayerParam, canonical_axis, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// The indices of the largest values.
///
/// # Shapes
/// bottom `[N, ...]`; top as the bottom with `top_k` along `axis`, or, without an axis, `[N, 1, top_k]`
/// followed by ones up to the bottom's number of axes (`[N, 2, top_k]` with the values).
///
/// # Source
/// BVLC Caffe, ArgMaxLayer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgMax {
    /// Whether the values are put out: instead of the indices along an axis, behind them without one.
    pub out_max_val: bool,
    /// How many there are.
    pub top_k: usize,
    /// Along which axis; of each image as a whole if there is none.
    pub axis: Option<i32>,
}

impl LayerParam for ArgMax {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.argmax_param;
        if p.top_k() == 0 {
            return Err(LayerError::BadValue {
                field: "argmax_param.top_k",
                value: "0".into(),
                reason: "must be at least 1".into(),
            });
        }
        Ok(ArgMax { out_max_val: p.out_max_val(), top_k: p.top_k() as usize, axis: p.axis })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.argmax_param.mut_or_insert_default();
        p.out_max_val = self.out_max_val.then_some(true);
        p.top_k = Some(self.top_k as u32);
        p.axis = self.axis;
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        let (values, top) = match self.axis {
            Some(axis) => {
                let axis = canonical_axis("argmax_param.axis", axis, bottom.len())?;
                let mut top = bottom.to_vec();
                top[axis] = self.top_k;
                (bottom[axis], top)
            }
            None => {
                let [images, values @ ..] = bottom else {
                    return Err(LayerError::AxisCount { expected: 1, found: bottom.to_vec() });
                };
                let mut top = vec![1; bottom.len().max(3)];
                top[0] = *images;
                top[1] = if self.out_max_val { 2 } else { 1 };
                top[2] = self.top_k;
                (values.iter().product(), top)
            }
        };
        if self.top_k > values {
            return Err(LayerError::BadValue {
                field: "argmax_param.top_k",
                value: self.top_k.to_string(),
                reason: format!("more than the {values} values"),
            });
        }
        one_top(tops, top)
    }
}
