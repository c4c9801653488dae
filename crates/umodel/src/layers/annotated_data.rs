use super::unknown_tops;
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Pictures with boxes from a database.
    ///
    /// # Shapes
    /// tops: pictures, and boxes `[1, 1, boxes, 8]`; known with the database.
    ///
    /// # Source
    /// SSD, AnnotatedDataLayer. Its samplers, data_param and transform_param are kept as the prototxt has them.
    AnnotatedData from data_param {
        /// The database.
        source: String,
        /// Images at a time.
        batch_size: usize,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, 1..=2, "1 or 2")
    }
}
