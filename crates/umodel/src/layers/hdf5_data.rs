use super::data::batch_size;
use super::{LayerParam, unknown_tops};
use crate::Shape;
use crate::error::LayerError;
use crate::proto::LayerParameter;

/// Rows of datasets in HDF5 files.
///
/// # Shapes
/// one top for each dataset, of the dataset's name: `[batch_size, …]`, where the dataset has `[N, …]`. The
/// datasets depend on the files, so a [`Sources`](crate::Sources) tells them.
///
/// # Source
/// BVLC Caffe, HDF5DataLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct Hdf5Data {
    /// The list: names of HDF5 files, apart by white space.
    pub source: String,
    /// Rows in a batch.
    pub batch_size: usize,
    /// Whether files and the rows of each are shuffled, anew each time they have been read, in both phases.
    pub shuffle: bool,
}

impl LayerParam for Hdf5Data {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.hdf5_data_param;
        if p.source().is_empty() {
            return Err(LayerError::MissingField { field: "hdf5_data_param.source" });
        }
        if layer.transform_param.is_some() {
            return Err(LayerError::BadValue {
                field: "transform_param",
                value: layer.transform_param.to_string(),
                reason: "HDF5Data layers do not transform data".into(),
            });
        }
        Ok(Hdf5Data {
            source: p.source().to_owned(),
            batch_size: batch_size("hdf5_data_param.batch_size", p.batch_size(), 1)?,
            shuffle: p.shuffle(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.hdf5_data_param.mut_or_insert_default();
        p.set_source(self.source.clone());
        p.set_batch_size(self.batch_size as u32);
        if self.shuffle != p.shuffle() {
            p.set_shuffle(self.shuffle);
        }
    }

    /// Only the number of bottoms and tops; the shapes come from a [`Sources`](crate::Sources).
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, 1..=usize::MAX, "1 or more")
    }
}
