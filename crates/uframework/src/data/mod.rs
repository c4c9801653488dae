//! Layers that bring pictures: batches of preprocessed pictures and their labels, from databases and lists, and
//! rows of HDF5 files.

mod ahead;
mod database;
mod hdf5;
#[cfg(feature = "hdf5")]
mod hdf5_file;
mod images;
mod labels;
mod memory;
mod supply;

use std::sync::Arc;

use datum_store::{AnnotatedDatum, AnnotationGroup, Datum, in_flight};
use ndarray::{ArrayD, IxDyn};
use transform_param::{AnnotatedDataParam, Chance, Prepared, Transform, TransformParam};
use umodel::{BlobId, LayerOp, Net, Shape, Sources};

pub use ahead::Ahead;
use database::Database;
use hdf5::Hdf5Rows;
use images::ImageList;
pub use memory::memory_batch;
pub use supply::Supply;

use crate::error::Error;
use crate::value::Value;

/// Tells the shapes of layers that read files by looking at their first record or file.
#[derive(Clone, Copy, Debug, Default)]
pub struct DatabaseSources;

impl Sources for DatabaseSources {
    fn shapes(
        &self,
        layer: &str,
        op: &LayerOp,
        tops: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        // The caller names the layer.
        shapes(layer, op, tops).map_err(Error::without_layer)
    }
}

/// The shapes of the tops of a layer that reads files.
fn shapes(layer: &str, op: &LayerOp, tops: &[String]) -> Result<Vec<Shape>, Error> {
    if let LayerOp::Hdf5Data(p) = op {
        return hdf5::shapes(layer, p, tops);
    }
    let (mut reader, worker) = feed(layer, op, None)?;
    // One picture tells the shape of all: a batch of them would take seconds to decode.
    let Some((first, count)) = reader.first()? else { return Ok(Vec::new()) };
    let done = worker.prepare(0, &first)?;
    let mut pictures = vec![count];
    pictures.extend(worker.axes(&first, done.picture.shape()));
    let labels = match &done.objects {
        // As in Caffe, the first record tells.
        Some(_) => {
            let boxes: usize = first.groups().iter().map(|group| group.annotations.len()).sum();
            vec![1, 1, boxes.max(1), labels::WIDTH]
        }
        None if matches!(op, LayerOp::AnnotatedData(_)) => vec![count, 1, 1, 1],
        None => vec![count],
    };
    Ok(vec![pictures, labels])
}

/// One record as it was stored.
#[derive(Debug)]
pub(crate) struct Item {
    /// Its key or path.
    name: String,
    record: Record,
}

#[derive(Debug)]
enum Record {
    Plain(Datum),
    Annotated(AnnotatedDatum),
}

impl Item {
    fn datum(&self) -> &Datum {
        match &self.record {
            Record::Plain(datum) => datum,
            Record::Annotated(annotated) => &annotated.datum,
        }
    }

    /// What it takes in memory.
    fn bytes(&self) -> u64 {
        datum_store::imageset::Storable::bytes(self.datum())
    }

    fn groups(&self) -> &[AnnotationGroup] {
        match &self.record {
            Record::Plain(_) => &[],
            Record::Annotated(annotated) => &annotated.groups,
        }
    }
}

/// Reads the records of one layer's batches, in order and over again.
enum Reader {
    Database(Database),
    Images(ImageList),
}

impl Reader {
    /// The next record alone, and how many a batch has.
    fn first(&mut self) -> Result<Option<(Item, usize)>, Error> {
        match self {
            Reader::Database(database) => database.first(),
            Reader::Images(list) => list.first().map(Some),
        }
    }

    fn read(&mut self) -> Result<Vec<Item>, Error> {
        match self {
            Reader::Database(database) => database.read(),
            Reader::Images(list) => list.read(),
        }
    }

    fn supply(&mut self, most: u64) -> Result<Supply, Error> {
        match self {
            Reader::Database(database) => database.supply(most),
            Reader::Images(list) => Ok(list.supply()),
        }
    }
}

/// Preprocesses the records of one layer.
struct Worker {
    layer: String,
    kind: &'static str,
    transform: Transform,
    seed: Option<u64>,
}

struct Done<'a> {
    picture: Prepared<'a>,
    /// The boxes of an annotated record.
    objects: Option<Vec<AnnotationGroup>>,
}

/// The two halves of a layer that brings pictures.
fn feed(layer: &str, op: &LayerOp, seed: Option<u64>) -> Result<(Reader, Worker), Error> {
    let kind = op.kind();
    let owned = layer.to_owned();
    let fail = |source| Error::Data {
        layer: layer.to_owned(),
        kind,
        record: None,
        source: Box::new(source),
    };
    let worker = |transform: &[u8], annotated: &[u8]| -> Result<Worker, Error> {
        let transform = TransformParam::from_wire(transform).map_err(fail)?;
        let samplers = AnnotatedDataParam::from_wire(annotated).map_err(fail)?;
        let transform = Transform::with_samplers(&transform, &samplers).map_err(fail)?;
        Ok(Worker { layer: owned.clone(), kind, transform, seed })
    };
    Ok(match op {
        LayerOp::Data(data) => (
            Reader::Database(Database::open(layer, kind, data, false, seed)?),
            worker(&data.transform, &[])?,
        ),
        LayerOp::AnnotatedData(p) => (
            Reader::Database(Database::open(layer, kind, &p.data, true, seed)?),
            worker(&p.data.transform, &p.annotated)?,
        ),
        LayerOp::ImageData(p) => {
            (Reader::Images(ImageList::open(layer, p, seed)?), worker(&p.transform, &[])?)
        }
        _ => return Err(Error::NotReadable { layer: layer.to_owned(), kind }),
    })
}

impl Worker {
    fn chance(&self, index: u64) -> Chance {
        self.seed.map_or_else(Chance::none, |seed| Chance::new(seed, index))
    }

    fn prepare(&self, index: u64, item: &Item) -> Result<Done<'_>, Error> {
        let chance = &mut self.chance(index);
        let done = match &item.record {
            Record::Annotated(record) => {
                self.transform.annotated(record, chance).map(|(picture, groups)| {
                    let objects = record.annotation_type.is_some().then_some(groups);
                    Done { picture, objects }
                })
            }
            Record::Plain(datum) => {
                self.transform.prepare(datum, chance).map(|picture| Done { picture, objects: None })
            }
        };
        done.map_err(|source| self.failed(&item.name, source))
    }

    /// The axes of one picture in the blob: C, H, W, or C alone if the vendor's record says so.
    fn axes(&self, item: &Item, shape: [usize; 3]) -> Vec<usize> {
        match (item.datum().dims(), shape) {
            (Some(dims), [c, 1, 1]) if dims.len() <= 2 => vec![c],
            _ => shape.to_vec(),
        }
    }

    fn failed(&self, key: &str, source: transform_param::Error) -> Error {
        let record = Some(key.to_owned());
        let source = Box::new(source);
        Error::Data { layer: self.layer.clone(), kind: self.kind, record, source }
    }
}

impl RawBatch {
    /// What its records take in memory.
    fn bytes(&self) -> u64 {
        self.layers.iter().flat_map(|layer| &layer.items).map(Item::bytes).sum()
    }
}

/// A batch before it is preprocessed: the records of every layer that brings pictures.
#[derive(Debug)]
pub struct RawBatch {
    layers: Vec<RawLayer>,
    /// What is not preprocessed: the rows of HDF5 files.
    ready: Vec<(BlobId, Value)>,
}

#[derive(Debug)]
struct RawLayer {
    /// How many records came before.
    first: u64,
    items: Vec<Item>,
}

/// Reads the batches of a net's Data, AnnotatedData, ImageData and HDF5Data layers, one for each iteration. At
/// the end of a database or list it starts over.
///
/// Reading and preprocessing are apart, so that batches can be read in order on one thread and
/// preprocessed on many: see [`Batches::ahead`] and [`Batches::preprocessing`].
pub struct Batches {
    readers: Vec<(Reader, u64)>,
    rows: Vec<Hdf5Rows>,
    preprocessing: Arc<Preprocessing>,
    prefetch: usize,
}

/// What makes a net's input of raw batches; the same for every batch, on any thread.
pub struct Preprocessing {
    layers: Vec<(Worker, Layout)>,
}

struct Layout {
    /// N, C, H, W; with the vendor's records N, C as well.
    shape: Vec<usize>,
    data: BlobId,
    label: Option<BlobId>,
}

impl Batches {
    /// Opens what the layers name, for the TEST phase: nothing is left to chance. HDF5Data layers shuffle
    /// in this phase, too, if they say so, with a fixed seed.
    ///
    /// # Errors
    /// [`Error::NoDataLayer`]; [`Error::Store`], [`Error::Data`], [`Error::List`] and [`Error::Hdf5`] for what
    /// cannot be read.
    pub fn open(net: &Net) -> Result<Self, Error> {
        Batches::with_seed(net, None)
    }

    /// The same for the TRAIN phase. Every picture's draws depend on the seed and on how many came
    /// before it, never on threads.
    ///
    /// # Errors
    /// As [`Batches::open`].
    pub fn training(net: &Net, seed: u64) -> Result<Self, Error> {
        Batches::with_seed(net, Some(seed))
    }

    fn with_seed(net: &Net, seed: Option<u64>) -> Result<Self, Error> {
        let mut readers = Vec::new();
        let mut rows = Vec::new();
        let mut layers = Vec::new();
        let mut prefetch = 1;
        for layer in net.layers().iter().filter(|layer| layer.op.reads_files()) {
            // Layers must not draw alike.
            let before = (layers.len() + rows.len()) as u64;
            let seed = seed.map(|seed| seed.wrapping_add(before));
            if let LayerOp::Hdf5Data(p) = &layer.op {
                let seed = seed.unwrap_or(before);
                rows.push(Hdf5Rows::open(net, &layer.name, p, &layer.tops, seed)?);
                continue;
            }
            let (reader, worker) = feed(&layer.name, &layer.op, seed)?;
            readers.push((reader, 0));
            let layout = Layout {
                shape: net.blob(layer.tops[0]).shape.clone(),
                data: layer.tops[0],
                label: layer.tops.get(1).copied(),
            };
            layers.push((worker, layout));
            prefetch = prefetch.max(match &layer.op {
                LayerOp::Data(data) => data.prefetch,
                LayerOp::AnnotatedData(annotated) => annotated.data.prefetch,
                _ => 1,
            });
        }
        if layers.is_empty() && rows.is_empty() {
            return Err(Error::NoDataLayer);
        }
        // A batch of a database may be large; more than this many do not make reading faster.
        let prefetch = prefetch.min(64);
        Ok(Batches { readers, rows, preprocessing: Arc::new(Preprocessing { layers }), prefetch })
    }

    /// Reads the records of the next iteration.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Data`] for a picture file, [`Error::Hdf5`].
    pub fn read(&mut self) -> Result<RawBatch, Error> {
        let read = |(reader, count): &mut (Reader, u64)| {
            let (first, items) = (*count, reader.read()?);
            *count += items.len() as u64;
            Ok(RawLayer { first, items })
        };
        let layers = self.readers.iter_mut().map(read).collect::<Result<_, Error>>()?;
        let mut ready = Vec::new();
        for rows in &mut self.rows {
            rows.read(&mut ready)?;
        }
        Ok(RawBatch { layers, ready })
    }

    /// Counts the records of the databases and lists that so many iterations would read more than once, in the order
    /// of the layers.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn repeats(net: &Net, iterations: usize) -> Result<Vec<Supply>, Error> {
        let mut repeats = Vec::new();
        for (mut reader, _) in Batches::open(net)?.readers {
            let iterations = u64::try_from(iterations).unwrap_or(u64::MAX);
            let supply = reader.supply(iterations)?;
            repeats.extend(Some(supply).filter(|supply| supply.passes(iterations) > 1.0));
        }
        Ok(repeats)
    }

    /// Preprocesses a batch, as [`Preprocessing::transform`].
    ///
    /// # Errors
    /// As [`Preprocessing::transform`].
    pub fn transform(&self, batch: &RawBatch) -> Result<Vec<(BlobId, Value)>, Error> {
        self.preprocessing.transform(batch)
    }

    /// The second half, for other threads.
    pub fn preprocessing(&self) -> Arc<Preprocessing> {
        self.preprocessing.clone()
    }

    /// Reads on a thread of its own, as many batches ahead as the layers' `prefetch` says.
    ///
    /// # Errors
    /// [`Error::Thread`] if no thread can be started.
    pub fn ahead(self) -> Result<Ahead, Error> {
        Ahead::start(self)
    }
}

impl Preprocessing {
    /// The values of all blobs that the layers bring, in fp32. Boxes have as many rows as the batch
    /// has boxes.
    ///
    /// # Errors
    /// [`Error::Data`] and [`Error::RecordShape`] name the record.
    pub fn transform(&self, batch: &RawBatch) -> Result<Vec<(BlobId, Value)>, Error> {
        let mut values = batch.ready.clone();
        for ((worker, layout), raw) in self.layers.iter().zip(&batch.layers) {
            worker.fill(layout, raw, &mut values)?;
        }
        Ok(values)
    }
}

impl Worker {
    fn fill(
        &self,
        layout: &Layout,
        raw: &RawLayer,
        values: &mut Vec<(BlobId, Value)>,
    ) -> Result<(), Error> {
        let expected = &layout.shape[1..];
        let volume: usize = expected.iter().product();
        let mut data = vec![0.0; raw.items.len() * volume];
        let mut classes = Vec::with_capacity(raw.items.len());
        let mut objects: Option<Vec<Vec<AnnotationGroup>>> = None;
        for (at, item) in raw.items.iter().enumerate() {
            // The decoded picture is in memory until it is written into the blob.
            let prepared = in_flight::hold(|| {
                let done = self.prepare(raw.first + at as u64, item)?;
                let found = self.axes(item, done.picture.shape());
                if found != expected {
                    return Err(Error::RecordShape {
                        layer: self.layer.clone(),
                        kind: self.kind,
                        record: item.name.clone(),
                        expected: expected.into(),
                        found: found.into(),
                    });
                }
                let part = &mut data[at * volume..][..volume];
                done.picture.write(part).map_err(|source| self.failed(&item.name, source))?;
                Ok(done.objects)
            });
            classes.push(item.datum().label() as f32);
            if let Some(groups) = prepared? {
                objects.get_or_insert_default().push(groups);
            }
        }
        let mut shape = layout.shape.clone();
        shape[0] = raw.items.len();
        values.push((layout.data, value(&shape, data)));
        if let Some(label) = layout.label {
            values.push((
                label,
                match objects {
                    Some(objects) if objects.len() == raw.items.len() => {
                        let rows = labels::rows(&objects);
                        value(&[1, 1, rows.len() / labels::WIDTH, labels::WIDTH], rows)
                    }
                    // Records with and without boxes do not mix.
                    Some(_) => {
                        return Err(Error::Annotations {
                            layer: self.layer.clone(),
                            kind: self.kind,
                        });
                    }
                    None if matches!(
                        raw.items.first().map(|item| &item.record),
                        Some(Record::Annotated(_))
                    ) =>
                    {
                        value(&[classes.len(), 1, 1, 1], classes)
                    }
                    None => value(&[classes.len()], classes),
                },
            ));
        }
        Ok(())
    }
}

fn value(shape: &[usize], values: Vec<f32>) -> Value {
    let array = ArrayD::from_shape_vec(IxDyn(shape), values);
    Value::F32(array.unwrap_or_else(|_| unreachable!("one value for each place")))
}
