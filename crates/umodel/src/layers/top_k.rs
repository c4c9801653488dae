use super::arg_max::check_top_k;
use super::{Facts, canonical_axis, one};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};

layer! {
    /// The largest or smallest values along an axis, and where they are.
    ///
    /// # Shapes
    /// bottom with at least k values along `axis`; tops as the bottom with k there: the values, if `put_values`, then
    /// their indices, if `put_indices`
    ///
    /// # Formula
    /// The best value comes first, of equal ones that with the lower index (`last_of_equals`: the higher one). NaN
    /// counts as larger than any number.
    ///
    /// # Source
    /// ONNX TopK, ArgMax and ArgMin. In [`ArgMax`](super::ArgMax), Caffe's own, of equal values the last one is taken.
    TopK from top_k_param {
        /// The axis; negative counts from the end.
        axis: i32,
        /// How many.
        k: usize,
        /// Whether the smallest values are wanted instead of the largest.
        smallest: bool,
        /// Whether of equal values the one with the higher index comes first.
        last_of_equals: bool,
        /// Whether the values are a top.
        put_values: bool,
        /// Whether the indices are a top.
        put_indices: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        if !self.put_values && !self.put_indices {
            return Err(LayerError::MissingField { field: "top_k_param.put_values" });
        }
        check_top_k("top_k_param.k", self.k)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let mut top = one(bottoms)?.to_vec();
        let axis = canonical_axis("top_k_param.axis", self.axis, top.len())?;
        if self.k > top[axis] {
            return Err(LayerError::bad("top_k_param.k", self.k, ValueError::Values(top[axis])));
        }
        top[axis] = self.k;
        let expected = usize::from(self.put_values) + usize::from(self.put_indices);
        if tops != expected {
            return Err(LayerError::tops(Count::Exactly(expected), tops));
        }
        Ok(vec![top; expected])
    }
}
