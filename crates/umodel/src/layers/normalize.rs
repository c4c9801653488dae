use super::{Facts, legacy, one, one_top};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Fold, RowOperand, Rows, Source, Step};

layer! {
    /// Normalizes the L2 norm.
    ///
    /// # Shapes
    /// bottom and top `[N, C]` to `[N, C, H, W]`; weight: scale, a scalar or `[C]`.
    ///
    /// # Formula
    /// `y = scale · x / sqrt(Σ x² + eps)`, the sum over the channels of each position or over the whole image
    ///
    /// # Source
    /// SSD, NormalizeLayer.
    Normalize from norm_param {
        /// The norm of the whole image instead of each position.
        across_spatial: bool,
        /// One scale for all channels.
        channel_shared: bool,
        /// Added to the sum of squares.
        eps: f32,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let [images, channels, plane @ ..] = float.top else { return None };
        let inner: usize = plane.iter().product();
        let sizes = match self.across_spatial {
            true => [*images, channels * inner, 1],
            false => [*images, *channels, inner],
        };
        let mut scale = float.numbers(0)?;
        if self.channel_shared {
            scale.truncate(1);
        }
        let mut rows = Rows::default();
        let x = RowOperand::all(Source::Bottom(0), sizes);
        let norm = rows.fold(
            sizes,
            std::slice::from_ref(&x),
            Fold::Sum,
            &|values| values[0] * values[0],
            &|sum| (sum + self.eps).rsqrt(),
        );
        let inputs = [x, RowOperand::of_rows(norm, sizes)];
        let y = rows.compute(sizes, &inputs, &|values| values[0] * values[1]);
        let sizes = [*images, *channels, inner];
        let scale = RowOperand::of_channels(scale);
        let inputs = [RowOperand::all(y, sizes), scale];
        rows.compute(sizes, &inputs, &|values| values[0] * values[1]);
        rows.finish()
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let bottom = one(bottoms)?;
        if bottom.len() < 2 {
            return Err(LayerError::AxisCount { expected: 2, found: bottom.to_vec() });
        }
        legacy(bottom)?;
        one_top(tops, bottom.to_vec())
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let channels = one(bottoms)?.iter().skip(1).take(1);
        Ok(vec![if self.channel_shared { Vec::new() } else { channels.copied().collect() }])
    }
}
