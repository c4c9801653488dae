use umodel::{Arithmetic, DType, Rescale};

use super::{Context, Quantized};

/// The fewest bits that are worth a scale of its own.
const FEWEST: u8 = 2;

/// The most: a multiplier has seven.
const MOST: u8 = 6;

/// Parts of the bottom. A top whose values use no more than a quarter of the bottom's steps is multiplied by the
/// largest power of two that leaves all of them inside: no value changes, and layers behind it that round in the scale
/// of their bottom lose less. Any other factor would round, and gain nothing, since the bottom is rounded already. All
/// other tops keep the bottom's format.
pub(super) fn cut(context: &Context<'_>) -> Option<Quantized> {
    let &format = context.bottoms.first()?;
    let steps = if format.dtype == DType::U8 { 255.0 } else { 127.0 };
    let bits = |top: usize| {
        let largest = (context.largest)(top).filter(|&largest| largest > 0.0);
        let reach = largest.map(|largest| (largest / format.scale).round().max(1.0));
        let fits = |&bits: &u8| reach.is_some_and(|reach| reach * f32::from(1u8 << bits) <= steps);
        (FEWEST..=MOST).rev().find(fits).unwrap_or(0)
    };
    let bits: Vec<u8> = (0..context.tops).map(bits).collect();
    if bits.iter().all(|&bits| bits == 0) {
        return Some((Arithmetic::Same, format));
    }
    let by = bits.iter().map(|&bits| Rescale { multiplier: 1 << bits, right_shift: 0 });
    Some((Arithmetic::Cut(by.collect()), format))
}
