//! Functions of one value: a table of the stored result for each stored value.

use std::sync::Arc;

use umodel::{Arithmetic, BlobFormat, DType, LayerOp};

use super::{Context, Quantized};

/// `table[x] = sat(round(f(x·s_in) / s_out))`, in double precision, half away from zero. The top is unsigned if no
/// result is negative. `None` for a function that has no result for any stored value.
pub(super) fn table(op: &LayerOp, context: &Context<'_>) -> Option<Quantized> {
    let &bottom = context.bottoms.first()?;
    let results = results(op, bottom)?;
    let top = context.top(results.iter().all(|&result| result >= 0.0));
    let mut table = [0; 256];
    for (stored, result) in stored(bottom.dtype).zip(results) {
        table[usize::from(byte(stored))] = byte(nearest(result / f64::from(top.scale), top.dtype));
    }
    Some((Arithmetic::Table(Arc::new(table)), top))
}

/// The integers of a type, in their order.
fn stored(dtype: DType) -> std::ops::RangeInclusive<i16> {
    if dtype == DType::U8 { 0..=255 } else { -128..=127 }
}

/// The results for all stored values, in their order. Where the function has none, as the logarithm of what is below
/// zero, stands that of the nearest value that has one: the stored value can only come from rounding.
fn results(op: &LayerOp, bottom: BlobFormat) -> Option<Vec<f64>> {
    let value = |stored: i16| op.value(f64::from(stored) * f64::from(bottom.scale));
    let values = stored(bottom.dtype).map(value).collect::<Option<Vec<f64>>>()?;
    let near = |place: usize| {
        let numbers = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
        numbers.min_by_key(|(other, _)| other.abs_diff(place)).map(|(_, &value)| value)
    };
    (0..values.len()).map(near).collect()
}

/// The stored integer nearest to a value, half away from zero.
#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn nearest(value: f64, dtype: DType) -> i16 {
    let range = stored(dtype);
    (value.round() as i16).clamp(*range.start(), *range.end())
}

/// The byte of a stored integer.
fn byte(stored: i16) -> u8 {
    stored.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use umodel::layers::{AbsVal, Log, Power, Sigmoid, Swish};

    use super::*;

    fn made(op: impl Into<LayerOp>, dtype: DType, scale: f32, threshold: f32) -> (Vec<u8>, DType) {
        let context = Context {
            bottoms: vec![BlobFormat { dtype, scale }],
            shapes: vec![&[1]],
            top_shape: &[1],
            largest: &|_| None,
            tops: 1,
            threshold: &move |_| threshold,
            relu: false,
            clipped: 0.0,
        };
        match table(&op.into(), &context) {
            Some((Arithmetic::Table(table), format)) => (table.to_vec(), format.dtype),
            other => panic!("{other:?}"),
        }
    }

    /// Exact: values that are easy by hand.
    #[test]
    fn entries_are_rounded_and_saturated() {
        // |x| with a top of half the range: 255/64 steps of the top for one of the bottom.
        let (table, dtype) = made(AbsVal, DType::I8, 1.0, 64.0);
        assert_eq!(dtype, DType::U8);
        assert_eq!([table[0], table[1], table[255], table[64], table[128]], [0, 4, 4, 255, 255]);
        // Halves are rounded away from zero: half of 3 and of −3 in steps of 1.
        let half = Power { power: 1.0, scale: 0.5, shift: 0.0 };
        let (table, dtype) = made(half, DType::I8, 1.0, 127.0);
        assert_eq!((table[3], table[253].cast_signed(), dtype), (2, -2, DType::I8));
        let (table, dtype) = made(Sigmoid, DType::I8, 0.1, 1.0);
        assert_eq!((table[10], table[127], dtype), (186, 255, DType::U8));
        // Swish is negative below zero, whatever the bottom's type.
        let swish = |dtype| made(Swish { beta: 1.0 }, dtype, 0.05, 6.0);
        assert_eq!(swish(DType::I8).1, DType::I8);
        assert_eq!(swish(DType::U8).1, DType::U8);
        // x·σ(x) for −1 is −0.2689, 5.69 steps of 6/127.
        assert_eq!(swish(DType::I8).0[usize::from((-20i8).cast_unsigned())].cast_signed(), -6);
    }

    /// Exact: infinite results saturate, and where there is none the nearest one stands.
    #[test]
    fn results_that_are_no_numbers() {
        let log = Log { base: -1.0, scale: 1.0, shift: 0.0 };
        let (table, dtype) = made(log, DType::I8, 1.0, 5.0);
        assert_eq!(dtype, DType::I8);
        let at = |x: i8| table[usize::from(x.cast_unsigned())].cast_signed();
        assert_eq!([at(0), at(-1), at(-128), at(1)], [-128, -128, -128, 0]);
        let root = Power { power: 0.5, scale: 1.0, shift: 0.0 };
        let (table, dtype) = made(root, DType::I8, 1.0, 255.0);
        assert_eq!((dtype, table[255], table[128], table[9]), (DType::U8, 0, 0, 3));
        let never = Power { power: 0.5, scale: 0.0, shift: -1.0 };
        let context = Context {
            bottoms: vec![BlobFormat { dtype: DType::I8, scale: 1.0 }],
            shapes: vec![&[1]],
            top_shape: &[1],
            largest: &|_| None,
            tops: 1,
            threshold: &|_| 1.0,
            relu: false,
            clipped: 0.0,
        };
        assert_eq!(super::table(&never.into(), &context), None);
    }
}
