use super::data::check_source;
use super::{Facts, LayerParam, check_batch, size, unknown_tops, wire};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
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
        if let Some(value) = layer.transform_param.as_ref() {
            let reason = ValueError::NotTransformed;
            return Err(LayerError::bad("transform_param", value, reason));
        }
        Ok(Hdf5Data {
            source: p.source().to_owned(),
            batch_size: size(p.batch_size()),
            shuffle: p.shuffle(),
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.hdf5_data_param.mut_or_insert_default();
        p.set_source(self.source.clone());
        p.set_batch_size(wire(self.batch_size));
        if self.shuffle != p.shuffle() {
            p.set_shuffle(self.shuffle);
        }
    }

    fn check(&self) -> Result<(), LayerError> {
        check_source("hdf5_data_param.source", &self.source)?;
        check_batch("hdf5_data_param.batch_size", self.batch_size, 1)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::pictures(true)
    }

    /// Only the number of bottoms and tops; the shapes come from a [`Sources`](crate::Sources).
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, Count::AtLeast(1))
    }
}
