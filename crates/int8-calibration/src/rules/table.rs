//! Functions of one value: a table of the stored result for each stored value.

use std::sync::Arc;

use umodel::{Arithmetic, BlobFormat, DType, LayerOp};

use super::{Context, Quantized};

/// `table[x] = sat(round(f(x·s_in) / s_out))`, in double precision, half away from zero. The top is unsigned if no
/// result is negative. Its threshold is that of other layers' tops; a function that levels off on both sides has the
/// largest result of the bottom's integers instead, unless somebody asks for another one. `None` for a function that has no
/// result for any stored value.
pub(super) fn table(op: &LayerOp, context: &Context<'_>) -> Option<Quantized> {
    let &bottom = context.bottoms.first()?;
    let results = results(op, bottom)?;
    let unsigned = results.iter().all(|&result| result >= 0.0);
    let top = match levels_off(op, &results) && !context.asked {
        true => limited(unsigned, &results),
        false => context.top(unsigned),
    };
    let mut table = [0; 256];
    for (stored, result) in stored(bottom.dtype).zip(results) {
        table[usize::from(byte(stored))] = byte(nearest(result / f64::from(top.scale), top.dtype));
    }
    Some((Arithmetic::Table(Arc::new(table)), top))
}

/// Whether a function lies between its values far away on both sides, as a sigmoid does. The values of its top crowd at
/// its ends, with few on the way or few at one of the ends: KL takes those that matter for outliers, as it does with the
/// scores of a detector, of which nearly all are 0.
fn levels_off(op: &LayerOp, results: &[f64]) -> bool {
    const FAR: f64 = 1e300;
    let ends = [op.value(-FAR), op.value(FAR)].map(|end| end.unwrap_or(f64::NAN));
    let [least, most] = [ends[0].min(ends[1]), ends[0].max(ends[1])];
    let finite = ends.iter().all(|end| end.abs() < FAR.sqrt());
    finite && results.iter().all(|result| (least..=most).contains(result))
}

/// The format that just holds all results.
#[expect(clippy::cast_possible_truncation, reason = "scales are kept in fp32")]
fn limited(unsigned: bool, results: &[f64]) -> BlobFormat {
    let largest = results.iter().fold(0.0f64, |most, result| most.max(result.abs())) as f32;
    let threshold = if largest.is_normal() { largest } else { 1.0 };
    match unsigned {
        true => BlobFormat { dtype: DType::U8, scale: threshold / 255.0 },
        false => BlobFormat { dtype: DType::I8, scale: threshold / 127.0 },
    }
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
    use crate::rules::ShiftRule;

    fn made(op: impl Into<LayerOp>, dtype: DType, scale: f32, threshold: f32) -> (Vec<u8>, DType) {
        let context = Context {
            bottoms: vec![BlobFormat { dtype, scale }],
            shapes: vec![&[1]],
            top_shape: &[1],
            asked: false,
            largest: &|_| None,
            tops: 1,
            threshold: &move |_| threshold,
            relu: false,
            shifts: ShiftRule::VENDOR,
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
        // Swish is negative below zero, whatever the bottom's type.
        let swish = |dtype| made(Swish { beta: 1.0 }, dtype, 0.05, 6.0);
        assert_eq!(swish(DType::I8).1, DType::I8);
        assert_eq!(swish(DType::U8).1, DType::U8);
        // x·σ(x) for −1 is −0.2689, 5.69 steps of 6/127.
        assert_eq!(swish(DType::I8).0[usize::from((-20i8).cast_unsigned())].cast_signed(), -6);
    }

    /// Exact: a function that levels off needs no threshold.
    #[test]
    fn functions_that_level_off_keep_their_ends() {
        use umodel::layers::{Clip, Elu, HardSigmoid, Relu6, TanH, Threshold};
        let tiny = |op: LayerOp| made(op, DType::I8, 0.1, 1e-3);
        // 1/(1 + e^−1) and the half, of the largest result, 1/(1 + e^−12.7).
        let (table, dtype) = tiny(Sigmoid.into());
        assert_eq!(
            (table[10], table[127], table[0], table[129], dtype),
            (186, 255, 128, 0, DType::U8)
        );
        let (table, dtype) = tiny(TanH.into());
        assert_eq!((table[127], table[129], dtype), (127, 129, DType::I8));
        let (table, _) = tiny(HardSigmoid { alpha: 0.2, beta: 0.5 }.into());
        assert_eq!((table[127], table[5], table[128]), (255, 153, 0));
        let (table, dtype) = tiny(Clip { min: -2.0, max: 4.0 }.into());
        assert_eq!(
            (table[127].cast_signed(), table[128].cast_signed(), dtype),
            (127, -64, DType::I8)
        );
        assert_eq!(tiny(Relu6 { negative_slope: 0.0, threshold: 6.0 }.into()).0[60], 255);
        assert_eq!(tiny(Threshold { threshold: 3.0 }.into()).0[40], 255);
        // These do not level off: their thresholds hold.
        for op in [
            LayerOp::from(Elu { alpha: 1.0 }),
            Swish { beta: 1.0 }.into(),
            AbsVal.into(),
            Power { power: -1.0, scale: 1.0, shift: 20.0 }.into(),
            Power { power: -1.0, scale: 1.0, shift: 0.0 }.into(),
            umodel::layers::Bnll.into(),
            umodel::layers::Exp { base: -1.0, scale: 1.0, shift: 0.0 }.into(),
            Log { base: -1.0, scale: 1.0, shift: 20.0 }.into(),
        ] {
            let kind = op.kind();
            let (table, dtype) = tiny(op);
            let at = if dtype == DType::U8 { 255 } else { 127 };
            assert_eq!(table[100], at, "{kind} saturates at its threshold");
        }
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
            asked: false,
            largest: &|_| None,
            tops: 1,
            threshold: &|_| 1.0,
            relu: false,
            shifts: ShiftRule::VENDOR,
        };
        assert_eq!(super::table(&never.into(), &context), None);
    }
}
