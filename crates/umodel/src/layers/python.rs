use super::Facts;
use crate::Shape;
use crate::error::{LayerError, Obstacle};

layer! {
    /// A layer written in Python.
    ///
    /// # Shapes
    /// tops: what the Python class says, which is not known here.
    ///
    /// # Source
    /// BVLC Caffe, PythonLayer.
    Python from python_param {
        /// The Python module.
        module: String,
        /// The class in it.
        layer: String,
        /// What the class is told.
        param_str: String,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let _ = (bottoms, tops);
        Err(Obstacle::Python.into())
    }
}
