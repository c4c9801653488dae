use protobuf::{Message, MessageField};

use super::{LayerParam, unknown_tops};
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
/// BVLC Caffe, DataLayer; `batch_size` 0 is the vendor's.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Path of the database, relative to the working directory.
    pub source: String,
    /// Pictures in a batch; 0: as the database's records tell.
    pub batch_size: usize,
    /// LMDB or LevelDB.
    pub backend: Backend,
    /// In training, fewer than so many records are skipped at the start.
    pub rand_skip: usize,
    /// Batches that are read ahead.
    pub prefetch: usize,
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
        if p.batch_size.is_none() {
            return Err(LayerError::MissingField { field: "data_param.batch_size" });
        }
        Ok(Data {
            source: p.source().to_owned(),
            batch_size: batch_size("data_param.batch_size", p.batch_size(), 0)?,
            backend: match p.backend() {
                DB::LMDB => Backend::Lmdb,
                DB::LEVELDB => Backend::LevelDb,
            },
            rand_skip: p.rand_skip() as usize,
            prefetch: p.prefetch() as usize,
            transform: encoded("transform_param", &layer.transform_param)?,
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
        if self.rand_skip != p.rand_skip() as usize {
            p.set_rand_skip(self.rand_skip as u32);
        }
        if self.prefetch != p.prefetch() as usize {
            p.set_prefetch(self.prefetch as u32);
        }
        layer.transform_param = decoded::<TransformationParameter>(&self.transform);
    }

    /// Only the number of bottoms and tops; the shapes come from a [`Sources`](crate::Sources).
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, 1..=2, "1 or 2")
    }
}

/// Pictures in a batch, from `least` to 65536.
pub(super) fn batch_size(field: &'static str, value: u32, least: u32) -> Result<usize, LayerError> {
    if (least..=1 << 16).contains(&value) {
        return Ok(value as usize);
    }
    Err(LayerError::BadValue {
        field,
        value: value.to_string(),
        reason: format!("must be from {least} to 65536"),
    })
}

/// A message that another crate understands, in wire format; empty if it is not there.
pub(super) fn encoded<M: Message>(
    field: &'static str,
    message: &MessageField<M>,
) -> Result<Vec<u8>, LayerError> {
    message.as_ref().map_or(Ok(Vec::new()), |message| {
        message.write_to_bytes().map_err(|error| LayerError::BadValue {
            field,
            value: String::new(),
            reason: error.to_string(),
        })
    })
}

/// The inverse of [`encoded`].
pub(super) fn decoded<M: Message>(bytes: &[u8]) -> MessageField<M> {
    M::parse_from_bytes(bytes).ok().filter(|_| !bytes.is_empty()).into()
}
