//! Eltwise and Concat: every bottom is brought to the top's scale.

use umodel::{Arithmetic, BlobFormat, Rescale};

use super::{Context, Quantized, rescale, rescale_or_nothing};

/// One rescale for each bottom, by `coefficient · s_in / s_out`. `joined` if each value is made of one of every bottom,
/// so that the very small ones may vanish.
fn rescales(
    context: &Context<'_>,
    coefficients: &[f32],
    top: BlobFormat,
    joined: bool,
) -> Option<Vec<Rescale>> {
    let ratio = |(bottom, &by): (&BlobFormat, &f32)| {
        let ratio = f64::from(by) * f64::from(bottom.scale) / f64::from(top.scale);
        if joined { rescale_or_nothing(ratio) } else { rescale(ratio) }
    };
    context.bottoms.iter().zip(coefficients).map(ratio).collect()
}

pub(super) fn sum(coefficients: &[f32], context: &Context<'_>) -> Option<Quantized> {
    let top = context.top(context.relu);
    Some((Arithmetic::Rescaled(rescales(context, coefficients, top, true)?), top))
}

pub(super) fn max(context: &Context<'_>) -> Option<Quantized> {
    side_by_side(context, true)
}

pub(super) fn concat(context: &Context<'_>) -> Option<Quantized> {
    side_by_side(context, false)
}

/// Every bottom as it is, in the top's scale.
pub(super) fn side_by_side(context: &Context<'_>, joined: bool) -> Option<Quantized> {
    let top = context.top(context.all_unsigned());
    let ones = vec![1.0; context.bottoms.len()];
    Some((Arithmetic::Rescaled(rescales(context, &ones, top, joined)?), top))
}

pub(super) fn product(context: &Context<'_>) -> Option<Quantized> {
    let [a, b] = context.bottoms[..] else { return None };
    let top = context.top(context.all_unsigned());
    let ratio = f64::from(a.scale) * f64::from(b.scale) / f64::from(top.scale);
    Some((Arithmetic::Product(rescale(ratio)?), top))
}
