use super::{Facts, LayerParam, MOST, nchw, one, same_shape, size, wire};
use crate::Shape;
use crate::error::{LayerError, ValueError};
use crate::proto::{LayerParameter, lrnparameter::NormRegion};
use crate::quant::float::{Float, RowOperand, Rows, Source, Step};

/// Which neighbours a value is normalized by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LrnRegion {
    /// `local_size` channels at the same place.
    AcrossChannels,
    /// A `local_size × local_size` window of the same channel.
    WithinChannel,
}

/// Local response normalization.
///
/// # Formula
/// `y = x · (k + alpha/n · Σ x²)^−beta` over the region's neighbours; `n` is `local_size` across
/// channels. Within a channel k is 1 and the mean of squares is an average pooling with pad
/// `(local_size − 1)/2`, padding counted.
///
/// # Source
/// BVLC Caffe, LRNLayer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lrn {
    /// Odd number of neighbours along each axis of the region.
    pub local_size: usize,
    /// Factor on the mean of squares.
    pub alpha: f32,
    /// Exponent.
    pub beta: f32,
    /// Constant; used across channels only.
    pub k: f32,
    /// Across channels or within one.
    pub region: LrnRegion,
}

impl LayerParam for Lrn {
    fn parse(layer: &LayerParameter) -> Result<Self, LayerError> {
        let p = &layer.lrn_param;
        Ok(Lrn {
            local_size: size(p.local_size()),
            alpha: p.alpha(),
            beta: p.beta(),
            k: p.k(),
            region: match p.norm_region() {
                NormRegion::ACROSS_CHANNELS => LrnRegion::AcrossChannels,
                NormRegion::WITHIN_CHANNEL => LrnRegion::WithinChannel,
            },
        })
    }

    fn write(&self, layer: &mut LayerParameter) {
        let p = layer.lrn_param.mut_or_insert_default();
        p.set_local_size(wire(self.local_size));
        p.set_alpha(self.alpha);
        p.set_beta(self.beta);
        p.set_k(self.k);
        p.set_norm_region(match self.region {
            LrnRegion::AcrossChannels => NormRegion::ACROSS_CHANNELS,
            LrnRegion::WithinChannel => NormRegion::WITHIN_CHANNEL,
        });
    }

    fn check(&self) -> Result<(), LayerError> {
        if self.local_size.is_multiple_of(2) || self.local_size > MOST {
            let reason = ValueError::Odd(MOST as u64 - 1);
            return Err(LayerError::bad("lrn_param.local_size", self.local_size, reason));
        }
        Ok(())
    }

    fn facts(&self) -> Facts<'_> {
        Facts::FP32
    }

    fn steps(&self, float: &Float<'_>) -> Option<Vec<Step>> {
        let &[images, channels, height, width] = float.top else { return None };
        let mut rows = Rows::default();
        let plane = height * width;
        let reach = (self.local_size - 1) / 2;
        match self.region {
            LrnRegion::AcrossChannels => {
                let factor = self.alpha / self.local_size as f32;
                let sizes = [images, channels, plane];
                let squares =
                    rows.compute(sizes, &[RowOperand::all(Source::Bottom(0), sizes)], &|values| {
                        values[0] * values[0]
                    });
                let sum = rows.sum_of_neighbours(
                    squares,
                    sizes,
                    self.local_size / 2,
                    self.local_size / 2,
                );
                let inputs =
                    [RowOperand::all(Source::Bottom(0), sizes), RowOperand::all(sum, sizes)];
                rows.compute(sizes, &inputs, &|values| {
                    values[0] * (values[1] * factor + self.k).power(-self.beta)
                });
            }
            LrnRegion::WithinChannel => {
                let factor = self.alpha / (self.local_size * self.local_size) as f32;
                let sizes = [images * channels, 1, plane];
                let squares =
                    rows.compute(sizes, &[RowOperand::all(Source::Bottom(0), sizes)], &|values| {
                        values[0] * values[0]
                    });
                let behind = self.local_size - 1 - reach;
                let of_rows = [images * channels, height, width];
                let sum = rows.sum_of_neighbours(squares, of_rows, reach, behind);
                let of_columns = [images * channels * height, width, 1];
                let sum = rows.sum_of_neighbours(sum, of_columns, reach, behind);
                let inputs =
                    [RowOperand::all(Source::Bottom(0), sizes), RowOperand::all(sum, sizes)];
                rows.compute(sizes, &inputs, &|values| {
                    values[0] * (values[1] * factor + 1.0).power(-self.beta)
                });
            }
        }
        rows.finish()
    }

    fn infer(&self, bottoms: &[&[usize]], tops: usize) -> Result<Vec<Shape>, LayerError> {
        nchw(one(bottoms)?)?;
        same_shape(bottoms, tops)
    }
}
