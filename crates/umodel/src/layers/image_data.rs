use super::unknown_tops;
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Pictures from files that a list names.
    ///
    /// # Shapes
    /// tops: pictures and labels; known with the pictures.
    ///
    /// # Source
    /// BVLC Caffe, ImageDataLayer.
    ImageData from image_data_param {
        /// The list: a path and a label on each line.
        source: String,
        /// What stands before each path.
        root_folder: String,
        /// Images at a time.
        batch_size: usize,
        /// Up to how many images are skipped at the start.
        rand_skip: usize,
        /// Whether the list is shuffled.
        shuffle: bool,
        /// Height to which pictures are resized; 0 leaves them.
        new_height: usize,
        /// Width to which pictures are resized; 0 leaves them.
        new_width: usize,
        /// Three channels instead of one.
        is_color: bool,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, 2..=2, "2")
    }
}
