use protobuf::Message;

use super::LayerParam;
use crate::Shape;
use crate::error::LayerError;
use crate::proto::{LayerParameter, TransformationParameter, data_parameter::DB};

/// The kind of database that a [`Data`] layer reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// LMDB.
    Lmdb,
    /// LevelDB, Caffe's default.
    LevelDb,
}

/// Batches of preprocessed pictures and their labels, read from a database.
///
/// # Shapes
/// tops: data `[batch_size, C, H, W]` and, optionally, labels `[batch_size]`. C, H and W depend on
/// the database and on the preprocessing, so a [`Sources`](crate::Sources) tells them.
///
/// # Source
/// BVLC Caffe, DataLayer.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Path of the database, relative to the working directory.
    pub source: String,
    /// Pictures in a batch, at least 1.
    pub batch_size: usize,
    /// LMDB or LevelDB.
    pub backend: Backend,
    /// `transform_param`: a TransformationParameter message in wire format, for the
    /// transform-param crate to decode and check; empty if there is none.
    pub transform: Vec<u8>,
}

impl LayerParam for Data {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.data_param;
        if p.source().is_empty() {
            return Err(LayerError::MissingField { field: "data_param.source" });
        }
        if p.batch_size() == 0 || p.batch_size() > 1 << 16 {
            return Err(LayerError::BadValue {
                field: "data_param.batch_size",
                value: p.batch_size().to_string(),
                reason: "must be from 1 to 65536".into(),
            });
        }
        let transform = layer.transform_param.as_ref().map_or(Ok(Vec::new()), |transform| {
            transform.write_to_bytes().map_err(|error| LayerError::BadValue {
                field: "transform_param",
                value: String::new(),
                reason: error.to_string(),
            })
        })?;
        Ok(Data {
            source: p.source().to_owned(),
            batch_size: p.batch_size() as usize,
            backend: match p.backend() {
                DB::LMDB => Backend::Lmdb,
                DB::LEVELDB => Backend::LevelDb,
            },
            transform,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.data_param.mut_or_insert_default();
        p.set_source(self.source.clone());
        p.set_batch_size(self.batch_size as u32);
        p.set_backend(match self.backend {
            Backend::Lmdb => DB::LMDB,
            Backend::LevelDb => DB::LEVELDB,
        });
        layer.transform_param = TransformationParameter::parse_from_bytes(&self.transform)
            .ok()
            .filter(|_| !self.transform.is_empty())
            .into();
    }

    /// Only the number of bottoms and tops; the shapes come from a [`Sources`](crate::Sources).
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        match (bottoms.len(), tops) {
            (0, 1 | 2) => Err(LayerError::NoSource),
            (0, found) => Err(LayerError::TopCount { expected: "1 or 2", found }),
            (found, _) => Err(LayerError::BottomCount { expected: "0", found }),
        }
    }
}
