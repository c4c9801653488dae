//! Data layers: batches of preprocessed pictures from databases.

use datum_store::{Datum, Store};
use ndarray::{ArrayD, IxDyn};
use transform_param::TransformParam;
use umodel::layers::{Backend, Data};
use umodel::{BlobId, LayerOp, Net, Shape, Sources};

use crate::error::Error;
use crate::value::Value;

/// Tells the shapes of Data layers by looking at the first record of their databases.
#[derive(Clone, Copy, Debug, Default)]
pub struct DatabaseSources;

impl Sources for DatabaseSources {
    fn shapes(
        &self,
        layer: &str,
        data: &Data,
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        let mut source = Source::open(layer, data)?;
        let (key, datum) = source.next()?;
        let [c, h, w] = source.shape(&key, &datum)?;
        Ok(vec![vec![data.batch_size, c, h, w], vec![data.batch_size]])
    }
}

/// One Data layer's database, read in key order and over again.
struct Source {
    layer: String,
    store: Box<dyn Store>,
    transform: TransformParam,
}

impl Source {
    fn open(layer: &str, data: &Data) -> Result<Self, Error> {
        let transform = TransformParam::from_wire(&data.transform)
            .map_err(|source| Error::Data { layer: layer.to_owned(), record: None, source })?;
        let backend = match data.backend {
            Backend::Lmdb => datum_store::Backend::Lmdb,
            Backend::LevelDb => datum_store::Backend::LevelDb,
        };
        let store = datum_store::open(&data.source, backend)?;
        Ok(Source { layer: layer.to_owned(), store, transform })
    }

    /// The next record; after the last one the first.
    fn next(&mut self) -> Result<(String, Datum), Error> {
        loop {
            if let Some(record) = self.store.next_record()? {
                return Ok((record.name(), record.datum()?));
            }
            // A store that opens has at least one record.
            self.store.rewind();
        }
    }

    fn failed(&self, key: &str, source: transform_param::Error) -> Error {
        Error::Data { layer: self.layer.clone(), record: Some(key.to_owned()), source }
    }

    fn shape(&self, key: &str, datum: &Datum) -> Result<[usize; 3], Error> {
        self.transform.output_shape(datum).map_err(|source| self.failed(key, source))
    }
}

/// A batch before it is preprocessed: the records of every Data layer.
#[derive(Debug)]
pub struct RawBatch(Vec<Vec<(String, Datum)>>);

/// Reads the batches of a net's Data layers, one for each iteration. At the end of a database it
/// starts over.
///
/// Reading and preprocessing are apart, so that batches can be read in order on one thread and
/// preprocessed on many.
pub struct Batches {
    layers: Vec<(Source, Layout)>,
}

struct Layout {
    batch: usize,
    shape: [usize; 3],
    data: BlobId,
    label: Option<BlobId>,
}

impl Batches {
    /// Opens the databases of all Data layers.
    ///
    /// # Errors
    /// [`Error::NoDataLayer`]; [`Error::Store`] and [`Error::Data`] for what cannot be read.
    pub fn open(net: &Net) -> Result<Self, Error> {
        let mut layers = Vec::new();
        for layer in net.layers() {
            let LayerOp::Data(data) = &layer.op else { continue };
            let shape = &net.blob(layer.tops[0]).shape;
            let layout = Layout {
                batch: data.batch_size,
                shape: [shape[1], shape[2], shape[3]],
                data: layer.tops[0],
                label: layer.tops.get(1).copied(),
            };
            layers.push((Source::open(&layer.name, data)?, layout));
        }
        if layers.is_empty() {
            return Err(Error::NoDataLayer);
        }
        Ok(Batches { layers })
    }

    /// Reads the records of the next iteration.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn read(&mut self) -> Result<RawBatch, Error> {
        let read = |(source, layout): &mut (Source, Layout)| {
            (0..layout.batch).map(|_| source.next()).collect()
        };
        self.layers.iter_mut().map(read).collect::<Result<_, _>>().map(RawBatch)
    }

    /// Preprocesses a batch: the values of all source blobs, in fp32.
    ///
    /// # Errors
    /// [`Error::Data`] and [`Error::RecordShape`] name the record.
    pub fn transform(&self, batch: &RawBatch) -> Result<Vec<(BlobId, Value)>, Error> {
        let mut values = Vec::new();
        for ((source, layout), records) in self.layers.iter().zip(&batch.0) {
            let [c, h, w] = layout.shape;
            let mut data = vec![0.0; layout.batch * c * h * w];
            let mut labels = Vec::with_capacity(layout.batch);
            for ((key, datum), out) in records.iter().zip(data.chunks_exact_mut((c * h * w).max(1)))
            {
                if let Err(error) = source.transform.apply(datum, out) {
                    let found = source.shape(key, datum)?;
                    return Err(if found == layout.shape {
                        source.failed(key, error)
                    } else {
                        Error::RecordShape {
                            layer: source.layer.clone(),
                            record: key.clone(),
                            expected: layout.shape,
                            found,
                        }
                    });
                }
                labels.push(datum.label() as f32);
            }
            values.push((layout.data, value(&[layout.batch, c, h, w], data)));
            if let Some(label) = layout.label {
                values.push((label, value(&[layout.batch], labels)));
            }
        }
        Ok(values)
    }
}

fn value(shape: &[usize], values: Vec<f32>) -> Value {
    let array = ArrayD::from_shape_vec(IxDyn(shape), values);
    Value::F32(array.unwrap_or_else(|_| unreachable!("one value for each place")))
}
