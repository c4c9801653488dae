use crate::error::Error;
use crate::frame::Frame;
use crate::mean::{FittingMean, Mean};
use crate::pixels::Pixels;
use crate::scene::View;

/// The arithmetic at the end: the mean is subtracted, then the scale multiplied, then the picture standardised.
#[derive(Clone, Debug)]
pub(crate) struct Finish {
    pub(crate) mean: Mean,
    pub(crate) scale: f32,
    pub(crate) standardization: bool,
}

impl Finish {
    /// No arithmetic.
    pub(crate) const NOTHING: Finish =
        Finish { mean: Mean::None, scale: 1.0, standardization: false };
}

/// A picture before the arithmetic of its last step: crop, mirror, mean and scale are written in one go.
pub struct Prepared<'a> {
    frame: Frame,
    offset: [usize; 2],
    size: [usize; 2],
    mirror: bool,
    mean: FittingMean<'a>,
    scale: f32,
    standardization: bool,
}

impl<'a> Prepared<'a> {
    pub(crate) fn new(finish: &'a Finish, frame: Frame, window: View) -> Result<Self, Error> {
        let mean = finish.mean.of("mean_value", frame.shape())?;
        Ok(Prepared {
            offset: window.offset,
            size: window.size.unwrap_or(frame.size()),
            mirror: window.mirrored,
            frame,
            mean,
            scale: finish.scale,
            standardization: finish.standardization,
        })
    }

    /// C, H, W of the net's input.
    pub fn shape(&self) -> [usize; 3] {
        [self.frame.shape()[0], self.size[0], self.size[1]]
    }

    /// Writes the net's input, C, H, W order.
    ///
    /// # Errors
    /// [`Error::OutputLength`] if `output` has another length.
    pub fn write(&self, output: &mut [f32]) -> Result<(), Error> {
        let expected = self.shape().iter().product();
        if output.len() != expected {
            return Err(Error::OutputLength { expected, found: output.len() });
        }
        match &self.frame {
            Frame::Bytes(picture) => self.write_from(picture, f32::from, output),
            Frame::Values(picture) => self.write_from(picture, |value| value, output),
        }
        if self.standardization {
            standardize(output);
        }
        Ok(())
    }

    /// The net's input.
    pub fn to_pixels(&self) -> Pixels<f32> {
        let mut out = vec![0.0; self.shape().iter().product()];
        // The length is right by construction.
        let _ = self.write(&mut out);
        Pixels::from_planes(self.shape(), out)
    }

    fn write_from<T: Copy>(
        &self,
        picture: &Pixels<T>,
        convert: impl Fn(T) -> f32,
        output: &mut [f32],
    ) {
        let [_, h, w] = picture.shape();
        let [height, width] = self.size;
        let scale = self.scale;
        let rows = output.chunks_exact_mut(width.max(1));
        for (index, out) in rows.enumerate() {
            let (channel, y) = (index / height, index % height);
            let start = (channel * h + self.offset[0] + y) * w + self.offset[1];
            let row = &picture.data()[start..start + width];
            match &self.mean {
                FittingMean::Channels(means) => {
                    let mean = means[channel];
                    for (out, &value) in out.iter_mut().zip(row) {
                        *out = (convert(value) - mean) * scale;
                    }
                }
                FittingMean::Picture(means) => {
                    let means = &means[start..start + width];
                    for ((out, &value), mean) in out.iter_mut().zip(row).zip(means) {
                        *out = (convert(value) - mean) * scale;
                    }
                }
            }
            if self.mirror {
                out.reverse();
            }
        }
    }
}

/// `(x − mean) / max(σ, 1 / √count)`; mean and σ in fp64.
#[expect(clippy::cast_possible_truncation, reason = "fp64 is rounded to fp32 at the end")]
fn standardize(values: &mut [f32]) {
    let count = values.len() as f64;
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    let squares = values.iter().map(|&value| (f64::from(value) - mean).powi(2)).sum::<f64>();
    let deviation = (squares / count).sqrt().max(1.0 / count.sqrt());
    values.iter_mut().for_each(|value| *value = ((f64::from(*value) - mean) / deviation) as f32);
}
