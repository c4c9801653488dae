use umodel::layers::Pooling;
use umodel::{Arithmetic, PoolFactor};

use super::{Context, Quantized, largest_shift};

/// `m / 2^r = s_in / (s_out · area)` with 8 bits of m. Where Caffe's ceil rule lets windows reach beyond the padding
/// there is one factor for each area. Stays fp32 if the sum over a window could wrap.
pub(super) fn average_pool(pooling: &Pooling, context: &Context<'_>) -> Option<Quantized> {
    let shape = context.shapes.first()?;
    let areas = pooling.areas(shape).ok()?;
    let top = context.top(context.all_unsigned());
    let ratio = f64::from(context.bottoms.first()?.scale) / f64::from(top.scale);
    let factor = |area: usize| pool_factor(ratio / area as f64, area);
    if pooling.overhangs(shape).ok()? {
        let [inside, right, below, corner] = areas.map(factor);
        let factors = [inside?, right?, below?, corner?];
        return Some((Arithmetic::ClippedAveragePool(factors), top));
    }
    let PoolFactor { multiplier, right_shift } = factor(areas[0])?;
    Some((Arithmetic::AveragePool { multiplier, right_shift }, top))
}

/// `m / 2^r` nearest to a ratio, for a sum of so many values that must not wrap in 32 bits when it is multiplied by m.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a ratio above 0, below 255.5 by the shift's choice"
)]
pub(super) fn pool_factor(ratio: f64, values: usize) -> Option<PoolFactor> {
    let right_shift = largest_shift(ratio, 255.5, 31)?;
    let multiplier = (ratio * f64::from(1u32 << right_shift)).round() as u8;
    let reach = values as u128 * u128::from(multiplier) * 255;
    let fits = multiplier > 0 && reach < 1 << 31;
    fits.then_some(PoolFactor { multiplier, right_shift })
}

#[cfg(test)]
mod tests {
    use umodel::layers::PoolMethod;
    use umodel::{BlobFormat, DType};

    use super::*;
    use crate::rules::ShiftRule;

    fn quantized(pooling: &Pooling, side: usize) -> Option<Quantized> {
        let shape = [1, 1, side, side];
        let context = Context {
            bottoms: vec![BlobFormat { dtype: DType::U8, scale: 1.0 }],
            shapes: vec![&shape],
            top_shape: &[],
            threshold: &|steps| steps as f32,
            asked: false,
            largest: &|_| None,
            tops: 1,
            shifts: ShiftRule::VENDOR,
            relu: false,
        };
        average_pool(pooling, &context)
    }

    #[test]
    fn a_window_whose_sum_could_wrap_stays_fp32() {
        assert!(quantized(&Pooling::global_average(), 100).is_some());
        assert!(quantized(&Pooling::global_average(), 512).is_none());
    }

    /// Relative, 1/255: factors of windows of 2 x 2 that reach beyond a map of 5 x 5.
    #[test]
    fn each_area_has_its_factor() {
        let (kernel, stride, pad) = ([2, 2], [2, 2], [0, 0]);
        let method = PoolMethod::Average;
        let pooling = Pooling { method, kernel, stride, pad, global: false, ceil: true };
        let Some((Arithmetic::ClippedAveragePool(factors), _)) = quantized(&pooling, 5) else {
            panic!("no form");
        };
        let values = factors
            .map(|factor| f64::from(factor.multiplier) / f64::from(1u32 << factor.right_shift));
        assert_eq!(values, [0.25, 0.5, 0.5, 1.0]);
    }
}
