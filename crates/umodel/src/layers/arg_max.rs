use super::{Facts, LayerParam, canonical_axis, fit, one, one_top, product, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
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

/// How many of the best values count: at least one.
pub(super) fn check_top_k(field: &'static str, top_k: usize) -> Result<(), LayerError> {
    if top_k == 0 {
        return Err(LayerError::bad(field, top_k, ValueError::AtLeast(1)));
    }
    fit(&[(field, top_k)])
}

impl LayerParam for ArgMax {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.argmax_param;
        Ok(ArgMax { out_max_val: p.out_max_val(), top_k: size(p.top_k()), axis: p.axis })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.argmax_param.mut_or_insert_default();
        p.out_max_val = self.out_max_val.then_some(true);
        p.top_k = Some(wire(self.top_k));
        p.axis = self.axis;
    }

    fn check(&self) -> Result<(), LayerError> {
        check_top_k("argmax_param.top_k", self.top_k)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
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
                (product(values), top)
            }
        };
        if self.top_k > values {
            return Err(LayerError::bad(
                "argmax_param.top_k",
                self.top_k,
                ValueError::Values(values),
            ));
        }
        one_top(tops, top)
    }
}
