use super::{Facts, check_given, one, one_top};
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Looks up vectors by index.
    ///
    /// # Shapes
    /// bottom of any shape; top the same and `[num_output]` behind; weights `[input_dim, num_output]`, bias
    /// `[num_output]`.
    ///
    /// # Formula
    /// `y = W[x] + b`
    ///
    /// # Source
    /// BVLC Caffe, EmbedLayer.
    Embed from embed_param {
        /// Length of a vector.
        num_output: usize,
        /// Number of vectors.
        input_dim: usize,
        /// Whether a bias is added.
        bias_term: bool,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()?;
        check_given("embed_param.num_output", self.num_output)?;
        check_given("embed_param.input_dim", self.input_dim)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        one_top(tops, [one(bottoms)?, &[self.num_output]].concat())
    }

    fn weight_shapes(&self, _: &[&[usize]]) -> Result<Vec<Shape>, LayerError> {
        let mut shapes = vec![vec![self.input_dim, self.num_output]];
        shapes.extend(self.bias_term.then(|| vec![self.num_output]));
        Ok(shapes)
    }
}
