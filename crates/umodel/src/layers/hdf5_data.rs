use super::unknown_tops;
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Arrays from HDF5 files.
    ///
    /// # Shapes
    /// one top for each dataset, of the name of the top; known with the files.
    ///
    /// # Source
    /// BVLC Caffe, HDF5DataLayer.
    Hdf5Data from hdf5_data_param {
        /// A file with the names of HDF5 files.
        source: String,
        /// Rows at a time.
        batch_size: usize,
        /// Whether rows are shuffled.
        shuffle: bool,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, 1..=usize::MAX, "1 or more")
    }
}
