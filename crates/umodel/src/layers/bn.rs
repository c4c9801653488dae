use super::{Affine, Facts, Int8Form, Role, legacy, one, same_shape};
use crate::Shape;
use crate::error::LayerError;
use crate::quant::float::{Float, Step};

layer! {
    /// Batch normalization with its own factor and bias.
    ///
    /// # Shapes
    /// bottom and top `[N, C, H, W]`; weights: factor, bias, mean and inverse
    /// standard deviation, all `[1, C]`.
    ///
    /// # Formula
    /// `y = factor · (x − mean) · inverse deviation + bias`; training makes the last weight of variance and eps
    ///
    /// # Source
    /// Caffe forks with SegNet and PSPNet, BNLayer.
    Bn from bn_param or 45, 152 {
        /// Added to the variance.
        eps: f32,
        /// What is kept of the old statistics while training.
        momentum: f32,
        /// Whether training leaves everything as it is.
        frozen: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts { role: Role::Affine(Affine::Normalized), int8: Int8Form::Float }
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let [factor, bias, mean, inverse] = [0, 1, 2, 3].map(|index| float.numbers(index));
        let weights = [mean?, inverse?, factor?, bias?];
        float.channels(&weights, |values| {
            (values[0] - values[1]) * values[2] * values[3] + values[4]
        })
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        legacy(one(bottoms)?)?;
        same_shape(bottoms, tops)
    }

    fn weight_shapes(&self, bottoms: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let [_, channels, _, _] = legacy(one(bottoms)?)?;
        Ok(vec![vec![1, channels]; 4])
    }
}
