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

    /// The mean of each channel. `field` names the list in errors.
    fn channel(&self, field: &'static str, channels: usize) -> Result<Vec<f32>, Error> {
        match self {
            Mean::None | Mean::Picture(_) => Ok(vec![0.0; channels]),
            Mean::Values(values) => per_channel(field, values, channels),
        }
    }

    /// Subtracts the mean; a mean picture is cut at `offset` (h, w) first.
    pub(crate) fn subtract(
        &self,
        field: &'static str,
        picture: &mut Pixels<f32>,
        offset: [usize; 2],
    ) -> Result<(), Error> {
        let [c, h, w] = picture.shape();
        if let Mean::Picture(mean) = self {
            let shape = mean.shape();
            let wrong = || Error::Mean { mean: shape, picture: [c, h, w] };
            let cut = mean.crop(offset, [h, w]).map_err(|_| wrong())?;
            if shape[0] != c {
                return Err(wrong());
            }
            let plane = h * w;
            picture.for_each_channel(|channel, values| {
                let mean = &cut.data()[channel * plane..][..plane];
                values.iter_mut().zip(mean).for_each(|(value, mean)| *value -= mean);
            });
            return Ok(());
        }
        let means = self.channel(field, c)?;
        picture.for_each_channel(|channel, values| {
            values.iter_mut().for_each(|value| *value -= means[channel]);
        });
        Ok(())
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
