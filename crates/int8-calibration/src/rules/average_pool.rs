use umodel::Arithmetic;
use umodel::layers::Pooling;

use super::{Context, Quantized, largest_shift};

/// `m / 2^r = s_in / (s_out · area)` with 8 bits of m. Stays fp32 if Caffe's windows have different areas, or if
/// the sum over one could wrap.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a ratio above 0, below 255.5 by the shift's choice"
)]
pub(super) fn average_pool(pooling: &Pooling, context: &Context<'_>) -> Option<Quantized> {
    let shape = context.shapes.first()?;
    if pooling.overhangs(shape).ok()? {
        return None;
    }
    let area: usize = pooling.window(shape).ok()?.kernel.iter().product();
    let top = context.top(context.all_unsigned());
    let ratio = f64::from(context.bottoms.first()?.scale) / f64::from(top.scale) / area as f64;
    let right_shift = largest_shift(ratio, 255.5, 31)?;
    let multiplier = (ratio * f64::from(1u32 << right_shift)).round() as u8;
    // m times the largest sum must not wrap in 32 bits.
    let reach = area as u128 * u128::from(multiplier) * 255;
    (multiplier > 0 && reach < 1 << 31)
        .then_some((Arithmetic::AveragePool { multiplier, right_shift }, top))
}

#[cfg(test)]
mod tests {
    use umodel::{BlobFormat, DType};

    use super::*;

    #[test]
    fn a_window_whose_sum_could_wrap_stays_fp32() {
        let quantized = |side: usize| {
            let shape = [1, 1, side, side];
            let context = Context {
                bottoms: vec![BlobFormat { dtype: DType::U8, scale: 1.0 }],
                shapes: vec![&shape],
                top_shape: &[],
                threshold: &|steps| steps as f32,
                clipped: 0.0,
                relu: false,
            };
            average_pool(&Pooling::global_average(), &context).is_some()
        };
        assert!(quantized(100));
        assert!(!quantized(512));
    }
}
