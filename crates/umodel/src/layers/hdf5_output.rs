use super::Facts;
use crate::Shape;
use crate::error::{Count, LayerError};

layer! {
    /// Writes its bottoms to an HDF5 file.
    ///
    /// # Source
    /// BVLC Caffe, HDF5OutputLayer.
    Hdf5Output from hdf5_output_param {
        /// The file.
        file_name: String,
    }

    fn check(&self) -> Result<(), LayerError> {
        self.check_fields()
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        match (bottoms.len(), tops) {
            (2, 0) => Ok(Vec::new()),
            (2, found) => Err(LayerError::tops(Count::Exactly(0), found)),
            (found, _) => Err(LayerError::bottoms(Count::Exactly(2), found)),
        }
    }
}
