use protobuf::{Message, MessageField};

use super::{Facts, LayerParam, check_batch, fit, size, unknown_tops, wire};
use crate::Shape;
use crate::error::{Count, LayerError, ValueError};
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
        if p.batch_size.is_none() {
            return Err(LayerError::MissingField { field: "data_param.batch_size" });
        }
        Ok(Data {
            source: p.source().to_owned(),
            batch_size: size(p.batch_size()),
            backend: match p.backend() {
                DB::LMDB => Backend::Lmdb,
                DB::LEVELDB => Backend::LevelDb,
            },
            rand_skip: size(p.rand_skip()),
            prefetch: size(p.prefetch()),
            transform: encoded("transform_param", &layer.transform_param)?,
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.data_param.mut_or_insert_default();
        p.set_source(self.source.clone());
        p.set_batch_size(wire(self.batch_size));
        p.set_backend(match self.backend {
            Backend::Lmdb => DB::LMDB,
            Backend::LevelDb => DB::LEVELDB,
        });
        if self.rand_skip != size(p.rand_skip()) {
            p.set_rand_skip(wire(self.rand_skip));
        }
        if self.prefetch != size(p.prefetch()) {
            p.set_prefetch(wire(self.prefetch));
        }
        layer.transform_param = decoded::<TransformationParameter>(&self.transform);
    }

    fn check(&self) -> Result<(), LayerError> {
        check_source("data_param.source", &self.source)?;
        check_batch("data_param.batch_size", self.batch_size, 0)?;
        fit(&[("data_param.rand_skip", self.rand_skip), ("data_param.prefetch", self.prefetch)])?;
        check_message::<TransformationParameter>("transform_param", &self.transform)
    }

    fn facts(&self) -> Facts<'_> {
        Facts::pictures(true)
    }

    /// Only the number of bottoms and tops; the shapes come from a [`Sources`](crate::Sources).
    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        unknown_tops(bottoms, tops, Count::Either(1, 2))
    }
}

/// What is read must have a name.
pub(super) fn check_source(field: &'static str, source: &str) -> Result<(), LayerError> {
    if source.is_empty() { Err(LayerError::MissingField { field }) } else { Ok(()) }
}

/// Bytes must be the message that they are kept for.
pub(super) fn check_message<M: Message>(
    field: &'static str,
    bytes: &[u8],
) -> Result<(), LayerError> {
    let bad =
        |_| LayerError::bad(field, format_args!("{} bytes", bytes.len()), ValueError::Message);
    M::parse_from_bytes(bytes).map(drop).map_err(bad)
}

/// A message that another crate understands, in wire format; empty if it is not there.
pub(super) fn encoded<M: Message>(
    field: &'static str,
    message: &MessageField<M>,
) -> Result<Vec<u8>, LayerError> {
    message.as_ref().map_or(Ok(Vec::new()), |message| {
        message.write_to_bytes().map_err(|_| LayerError::bad(field, "", ValueError::Message))
    })
}

/// The inverse of [`encoded`].
pub(super) fn decoded<M: Message>(bytes: &[u8]) -> MessageField<M> {
    M::parse_from_bytes(bytes).ok().filter(|_| !bytes.is_empty()).into()
}
