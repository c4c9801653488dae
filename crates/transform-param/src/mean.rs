//! What is subtracted from a picture.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, ValueError};
use crate::mean_file;
use crate::pixels::Pixels;

/// The mean of a `mean_value` list or a `mean_file`.
#[derive(Clone, Debug)]
pub(crate) enum Mean {
    /// Nothing is subtracted.
    None,
    /// One value for all channels, or one for each.
    Values(Vec<f32>),
    /// A whole picture.
    Picture(Arc<Pixels<f32>>),
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
            ([], Some(file)) => Ok(Mean::Picture(Arc::new(mean_file::read(Path::new(file))?))),
            (_, Some(_)) => {
                let reason = ValueError::Both { field: "mean_file", other: "mean_value" };
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
            let reason = ValueError::Count { found: values.len(), channels };
            Err(Error::Value { field, reason })
        }
    }
}
