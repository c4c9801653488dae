//! Pictures of MemoryData layers.

use datum_store::Datum;
use transform_param::{Transform, TransformParam};
use umodel::{BlobId, LayerOp, Net};

use super::{Item, Layout, RawLayer, Record, Worker};
use crate::error::Error;
use crate::value::Value;

/// Preprocesses one batch for a MemoryData layer, in the TEST phase: the values of its tops, for
/// [`Executor::forward`](crate::Executor::forward).
///
/// # Errors
/// [`Error::NotReadable`] if the net has no MemoryData layer of this name; [`Error::BatchLength`] for
/// another number of pictures than its `batch_size`; [`Error::Data`] and [`Error::RecordShape`] tell the
/// picture by its index.
///
/// # Source
/// BVLC Caffe, MemoryDataLayer: AddDatumVector.
pub fn memory_batch(
    net: &Net,
    layer: &str,
    pictures: Vec<Datum>,
) -> Result<Vec<(BlobId, Value)>, Error> {
    let found = net.layers().iter().find(|candidate| candidate.name == layer);
    let Some((found, LayerOp::MemoryData(p))) = found.map(|found| (found, &found.op)) else {
        return Err(Error::NotReadable { layer: layer.to_owned(), kind: "MemoryData" });
    };
    let kind = found.op.kind();
    if pictures.len() != p.batch_size {
        let (expected, found) = (p.batch_size, pictures.len());
        return Err(Error::BatchLength { layer: layer.to_owned(), expected, found });
    }
    let transform = TransformParam::from_wire(&p.transform).and_then(|p| Transform::new(&p));
    let transform = transform.map_err(|source| Error::Data {
        layer: layer.to_owned(),
        kind,
        record: None,
        source: Box::new(source),
    })?;
    let worker = Worker { layer: layer.to_owned(), kind, transform, seed: None };
    let layout = Layout {
        shape: net.blob(found.tops[0]).shape.clone(),
        data: found.tops[0],
        label: found.tops.get(1).copied(),
    };
    let item = |(index, datum): (usize, Datum)| Item {
        name: index.to_string(),
        record: Record::Plain(datum),
    };
    let items = pictures.into_iter().enumerate().map(item).collect();
    let mut values = Vec::new();
    worker.fill(&layout, &RawLayer { first: 0, items }, &mut values)?;
    Ok(values)
}
