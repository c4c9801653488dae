//! What is subtracted from a picture.

use std::path::Path;

use prost::Message;

use crate::error::Error;
use crate::pixels::Pixels;
use crate::proto::BlobProto;

/// The mean of a `mean_value` list or a `mean_file`.
#[derive(Clone, Debug)]
pub(crate) enum Mean {
    /// Nothing is subtracted.
    None,
    /// One value for all channels, or one for each.
    Values(Vec<f32>),
    /// A whole picture.
    Picture(Pixels<f32>),
}

impl Mean {
    /// At most one of the two may be given.
    pub(crate) fn new(
        field: &'static str,
        values: &[f32],
        file: Option<&str>,
    ) -> Result<Self, Error> {
        match (values, file) {
            ([], None) => Ok(Mean::None),
            (values, None) => Ok(Mean::Values(values.to_vec())),
            ([], Some(file)) => read(Path::new(file)).map(Mean::Picture),
            (_, Some(_)) => {
                let reason = "mean_file and mean_value exclude each other".to_owned();
                Err(Error::Value { field, reason })
            }
        }
    }

    /// The mean for a picture of this shape. `field` names the list in errors.
    ///
    /// # Errors
    /// [`Error::Value`] for a list of the wrong length, [`Error::Mean`] for a mean picture of another
    /// shape.
    pub(crate) fn of(
        &self,
        field: &'static str,
        picture: [usize; 3],
    ) -> Result<FittingMean<'_>, Error> {
        Ok(match self {
            Mean::None => FittingMean::Channels(vec![0.0; picture[0]]),
            Mean::Values(values) => FittingMean::Channels(per_channel(field, values, picture[0])?),
            Mean::Picture(mean) if mean.shape() == picture => FittingMean::Picture(mean.data()),
            Mean::Picture(mean) => return Err(Error::Mean { mean: mean.shape(), picture }),
        })
    }
}

/// A mean that fits a picture.
pub(crate) enum FittingMean<'a> {
    Channels(Vec<f32>),
    Picture(&'a [f32]),
}

impl FittingMean<'_> {
    /// The mean of `count` neighbouring values of a channel; the first has this index in the picture.
    pub(crate) fn row(
        &self,
        channel: usize,
        index: usize,
        count: usize,
    ) -> impl DoubleEndedIterator<Item = f32> + ExactSizeIterator {
        let (constant, values) = match self {
            FittingMean::Channels(means) => (means[channel], None),
            FittingMean::Picture(values) => (0.0, Some(&values[index..index + count])),
        };
        (0..count).map(move |at| values.map_or(constant, |values| values[at]))
    }
}

/// One value for all channels, or one for each.
pub(crate) fn per_channel(
    field: &'static str,
    values: &[f32],
    channels: usize,
) -> Result<Vec<f32>, Error> {
    match values {
        [all] => Ok(vec![*all; channels]),
        each if each.len() == channels => Ok(each.to_vec()),
        _ => {
            let reason = format!("{} values for {channels} channels", values.len());
            Err(Error::Value { field, reason })
        }
    }
}

/// Reads a mean file: a BlobProto with one picture.
fn read(path: &Path) -> Result<Pixels<f32>, Error> {
    let bytes =
        std::fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let unreadable = |reason: String| Error::Value {
        field: "mean_file",
        reason: format!("{}: {reason}", path.display()),
    };
    let blob =
        BlobProto::decode(bytes.as_slice()).map_err(|error| unreadable(error.to_string()))?;
    let dims: Vec<i64> = match &blob.shape {
        Some(shape) => shape.dim.clone(),
        None => [blob.num(), blob.channels(), blob.height(), blob.width()].map(i64::from).to_vec(),
    };
    let sizes: Option<Vec<usize>> = dims.iter().map(|&dim| usize::try_from(dim).ok()).collect();
    match sizes.as_deref() {
        Some([1, c, h, w] | [c, h, w])
            if c.checked_mul(*h).and_then(|v| v.checked_mul(*w)) == Some(blob.data.len()) =>
        {
            Pixels::new([*c, *h, *w], blob.data)
        }
        _ => Err(unreadable(format!("shape {dims:?} with {} values", blob.data.len()))),
    }
}
