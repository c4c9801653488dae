use super::unknown_tops;
use crate::Shape;
use crate::error::LayerError;

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

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, 2..=2, "2")
    }
}
