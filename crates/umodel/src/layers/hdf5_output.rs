
use crate::Shape;
use crate::error::LayerError;

layer! {
    /// Writes its bottoms to an HDF5 file.
    ///
    /// # Source
    /// BVLC Caffe, HDF5OutputLayer.
    Hdf5Output from hdf5_output_param {
        /// The file.
        file_name: String,
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        match (bottoms.len(), tops) {
            (2, 0) => Ok(Vec::new()),
            (2, found) => Err(LayerError::TopCount { expected: "0", found }),
            (found, _) => Err(LayerError::BottomCount { expected: "2", found }),
        }
    }
}
