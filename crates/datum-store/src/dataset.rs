use std::path::PathBuf;

use ndarray::{ArrayView, Axis, Dimension};

use crate::datum::{Datum, DatumData, DatumError};
use crate::error::{Error, PerPicture};
use crate::store::{Backend, Existing, StoreWriter, create};

/// A type of picture elements that a [`LmdbDataset`] takes: `u8` or `f32`.
pub trait Element: Copy + sealed::Sealed {
    #[doc(hidden)]
    fn data(values: Vec<Self>) -> DatumData;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for f32 {}
}

impl Element for u8 {
    fn data(values: Vec<Self>) -> DatumData {
        DatumData::Bytes(values)
    }
}

impl Element for f32 {
    fn data(values: Vec<Self>) -> DatumData {
        DatumData::Floats(values)
    }
}

/// Makes a database of arrays, in the manner of the vendor's `ufw.io.LMDB_Dataset`.
///
/// Every record has the shape of a net's input, so that a Data layer with `batch_size: 0` takes it
/// from there. Keys are a counter of ten digits, two underscores and the given key.
///
/// # Source
/// `array_to_datum` and `LMDB_Dataset` of the vendor's `tpu_perf/io.py`. Its `put` makes one record
/// of a whole array; here that is [`LmdbDataset::put_batch`].
pub struct LmdbDataset {
    writer: Box<dyn StoreWriter>,
    index: u64,
}

impl LmdbDataset {
    /// Starts a database that will stand at `path`.
    ///
    /// # Errors
    /// Those of [`create`].
    pub fn create(path: impl Into<PathBuf>, existing: Existing) -> Result<Self, Error> {
        Ok(LmdbDataset { writer: create(path, Backend::Lmdb, existing)?, index: 0 })
    }

    /// Adds N×C×H×W pictures as N records, or C×H×W as one; each record is 1×C×H×W. Without `labels`
    /// they are 0, without `keys` empty.
    ///
    /// # Errors
    /// [`DatumError::Dims`] for other shapes, [`Error::Count`] if labels or keys are not as many as
    /// pictures, and those of [`StoreWriter::put`].
    pub fn put<T: Element, D: Dimension>(
        &mut self,
        images: ArrayView<T, D>,
        labels: Option<&[i32]>,
        keys: Option<&[&str]>,
    ) -> Result<(), Error> {
        let mut images = images.into_dyn();
        if images.ndim() == 3 {
            images = images.insert_axis(Axis(0));
        }
        if images.ndim() != 4 {
            return Err(dims(images.shape()));
        }
        let expected = images.len_of(Axis(0));
        let (labelled, named) = (labels.map(<[_]>::len), keys.map(<[_]>::len));
        for (what, found) in [(PerPicture::Labels, labelled), (PerPicture::Keys, named)] {
            if let Some(found) = found.filter(|&found| found != expected) {
                return Err(Error::Count { what, expected, found });
            }
        }
        for (index, image) in images.axis_iter(Axis(0)).enumerate() {
            let label = labels.and_then(|labels| labels.get(index)).copied().unwrap_or(0);
            let key = keys.and_then(|keys| keys.get(index)).copied().unwrap_or_default();
            self.put_batch(image.insert_axis(Axis(0)), label, key)?;
        }
        Ok(())
    }

    /// Adds one record of N×C×H×W pictures: the input of a net with a batch of N.
    ///
    /// # Errors
    /// [`DatumError::Dims`] for other shapes, and those of [`StoreWriter::put`].
    pub fn put_batch<T: Element, D: Dimension>(
        &mut self,
        images: ArrayView<T, D>,
        label: i32,
        key: &str,
    ) -> Result<(), Error> {
        if images.ndim() != 4 {
            return Err(dims(images.shape()));
        }
        let data = T::data(images.iter().copied().collect());
        let datum = Datum::with_dims(images.shape(), data, label)?;
        let key = format!("{:010}__{key}", self.index);
        self.index += 1;
        self.writer.put(key.as_bytes(), &datum.to_wire())
    }

    /// Stores what is left and gives the database its name.
    ///
    /// # Errors
    /// Those of [`StoreWriter::finish`].
    pub fn finish(self) -> Result<(), Error> {
        self.writer.finish()
    }
}

fn dims(shape: &[usize]) -> Error {
    let dims = shape.iter().map(|&dim| i64::try_from(dim).unwrap_or(i64::MAX)).collect();
    DatumError::Dims { dims }.into()
}

#[cfg(all(test, feature = "lmdb"))]
mod tests {
    use ndarray::Array;

    use super::*;
    use crate::store::{Backend, open};

    #[test]
    fn arrays_become_records() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("db");
        let mut dataset = LmdbDataset::create(&path, Existing::Refuse).expect("new");
        let floats =
            Array::from_shape_fn((2, 3, 1, 2), |(n, c, _, w)| (100 * n + 10 * c + w) as f32);
        dataset.put(floats.view(), Some(&[5, 6]), Some(&["a", "b"])).expect("put");
        // Not in memory order.
        let bytes = Array::from_shape_fn((2, 1, 3), |(w, _, c)| (10 * c + w).to_le_bytes()[0]);
        dataset.put(bytes.t(), None, None).expect("put");
        dataset.put_batch(floats.view(), 7, "c").expect("put");
        let wrong = dataset.put(floats.view(), Some(&[1]), None);
        assert!(matches!(
            wrong,
            Err(Error::Count { what: PerPicture::Labels, expected: 2, found: 1 })
        ));
        let wrong = dataset.put(Array::<u8, _>::zeros((2, 2)).view(), None, None);
        assert!(matches!(wrong, Err(Error::Datum(DatumError::Dims { .. }))));
        dataset.finish().expect("finish");

        let mut store = open(&path, Backend::Lmdb).expect("open");
        let mut found = Vec::new();
        while let Some(record) = store.next_record().expect("sound") {
            let datum = record.datum().expect("a datum");
            let dims = datum.dims().expect("the vendor's convention").to_vec();
            found.push((record.name(), dims, datum.label(), datum.data().clone()));
        }
        let half =
            |n: usize| DatumData::Floats(floats.index_axis(Axis(0), n).iter().copied().collect());
        let expected = [
            ("0000000000__a".to_owned(), vec![1, 3, 1, 2], 5, half(0)),
            ("0000000001__b".to_owned(), vec![1, 3, 1, 2], 6, half(1)),
            (
                "0000000002__".to_owned(),
                vec![1, 3, 1, 2],
                0,
                DatumData::Bytes(vec![0, 1, 10, 11, 20, 21]),
            ),
            (
                "0000000003__c".to_owned(),
                vec![2, 3, 1, 2],
                7,
                DatumData::Floats(floats.iter().copied().collect()),
            ),
        ];
        assert_eq!(found, expected);
    }
}
