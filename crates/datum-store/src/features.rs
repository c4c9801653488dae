use ndarray::{ArrayView, Axis, Dimension};

use crate::datum::{Datum, DatumData, DatumError};
use crate::error::Error;
use crate::store::StoreWriter;

/// Blobs of a net as records, which a Data layer of another net reads.
///
/// Each item along a blob's first axis is a record, as Caffe makes them: C, H, W and floats, no label. An item that is
/// only a row has the vendor's shape, so that it is read as a row again; a blob without axes is one record. Keys count
/// from 0, in ten digits.
///
/// ```
/// use datum_store::{Existing, Features, lmdb};
/// use ndarray::Array4;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("conv5_lmdb");
/// let writer = lmdb::Writer::create(&path, Existing::Refuse)?;
/// let mut features = Features::new(Box::new(writer));
/// features.put(Array4::<f32>::zeros((2, 64, 7, 7)).view())?;
/// assert_eq!(features.records(), 2);
/// features.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
/// BVLC Caffe, `tools/extract_features.cpp`; the vendor's ExtractFeatures.
pub struct Features {
    writer: Box<dyn StoreWriter + Send>,
    records: u64,
}

impl Features {
    /// Starts with a database that has no records yet.
    pub fn new(writer: Box<dyn StoreWriter + Send>) -> Self {
        Features { writer, records: 0 }
    }

    /// Adds the records of one blob.
    ///
    /// # Errors
    /// [`DatumError::Dims`] for more than four axes, and those of [`StoreWriter::put`].
    pub fn put<D: Dimension>(&mut self, blob: ArrayView<f32, D>) -> Result<(), Error> {
        let mut blob = blob.into_dyn();
        if blob.ndim() == 0 {
            blob = blob.insert_axis(Axis(0));
        }
        for item in blob.axis_iter(Axis(0)) {
            let data = DatumData::Floats(item.iter().copied().collect());
            let datum = match *item.shape() {
                [] => Datum::with_dims(&[1], data, 0),
                [c] => Datum::with_dims(&[c], data, 0),
                [c, h] => Datum::new([c, h, 1], data, 0),
                [c, h, w] => Datum::new([c, h, w], data, 0),
                _ => {
                    let dims = blob.shape().iter();
                    let dims = dims.map(|&dim| i64::try_from(dim).unwrap_or(i64::MAX)).collect();
                    return Err(DatumError::Dims { dims }.into());
                }
            }?;
            self.writer.put(format!("{:010}", self.records).as_bytes(), &datum.to_wire())?;
            self.records += 1;
        }
        Ok(())
    }

    /// How many records there are.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Stores what is left, and gives the database its name, if it is not one of a [`StoreSet`](crate::StoreSet).
    ///
    /// # Errors
    /// Those of [`StoreWriter::finish`].
    pub fn finish(self) -> Result<(), Error> {
        self.writer.finish()
    }
}
