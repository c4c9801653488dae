use super::Facts;
use crate::Shape;
use crate::error::{LayerError, Obstacle};

layer! {
    /// Windows of pictures that a file names.
    ///
    /// # Shapes
    /// tops: windows and labels; known with the pictures.
    ///
    /// # Source
    /// BVLC Caffe, WindowDataLayer.
    WindowData from window_data_param {
        /// The file with pictures and windows.
        source: String,
        /// Windows at a time.
        batch_size: usize,
        /// Their height and width.
        crop_size: usize,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        let _ = (bottoms, tops);
        Err(Obstacle::Windows.into())
    }
}
