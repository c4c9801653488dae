use super::{Facts, mismatch};
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Passes on the images that a selector marks.
    ///
    /// # Shapes
    /// bottoms `[N, ...]` and, last, the selector `[N]`; tops as the bottoms, at most: how many of N are selected
    /// is only known when it runs.
    ///
    /// # Source
    /// BVLC Caffe, FilterLayer.
    Filter;

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn counted_axis(&self, _: usize, _: &[usize]) -> Option<usize> {
        Some(0)
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let Some((selector, data @ [first, ..])) = bottoms.split_last() else {
            return Err(LayerError::bottoms(Count::AtLeast(2), bottoms.len()));
        };
        if tops != data.len() {
            return Err(LayerError::tops(Count::OneLessThanBottoms, tops));
        }
        let batch = |shape: &[usize]| shape.first().copied();
        if selector.iter().skip(1).any(|&size| size != 1)
            || data.iter().any(|shape| batch(shape).is_none() || batch(shape) != batch(selector))
        {
            return Err(mismatch(first, selector));
        }
        Ok(data.iter().map(|shape| shape.to_vec()).collect())
    }
}
