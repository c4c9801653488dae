//! How layers become integers: for each [`Int8Form`] of a layer the numbers that it computes with.

// A new type, role or form has to be thought about wherever they are told apart.
#![deny(clippy::wildcard_enum_match_arm)]

mod affine;
mod average_pool;
mod broadcast;
mod cut;
pub(crate) mod deconvolution;
mod eltwise;
mod prelu;
mod reduce;
pub(crate) mod relu;
mod table;

use ndarray::{Array1, ArrayD, ArrayViewD, Axis};
use std::ops::Range;
use std::sync::Arc;
use umodel::layers::Int8Form;
use umodel::{Arithmetic, BlobFormat, DType, LayerOp, LayerSpec, Rescale, Shifts};

/// What a rule may ask about the layer's surroundings.
pub(crate) struct Context<'a> {
    /// Formats of the bottoms whose values are read; all of them int8.
    pub(crate) bottoms: Vec<BlobFormat>,
    /// Shapes of the same bottoms.
    pub(crate) shapes: Vec<&'a [usize]>,
    /// Shape of the first top.
    pub(crate) top_shape: &'a [usize],
    /// The threshold of the top for a number of integer steps.
    pub(crate) threshold: &'a dyn Fn(usize) -> f32,
    /// Whether somebody asks for a threshold of the top.
    pub(crate) asked: bool,
    /// The largest absolute value of a top, if it is known.
    pub(crate) largest: &'a dyn Fn(usize) -> Option<f32>,
    /// How many tops there are.
    pub(crate) tops: usize,
    /// Whether a ReLU was fused into the layer, so that its top is unsigned.
    pub(crate) relu: bool,
    /// How a layer with weights gets its right shifts.
    pub(crate) shifts: ShiftRule,
}

/// How layers that multiply and accumulate get their right shifts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ShiftRule {
    /// The share of a layer's biases that may be clipped to 16 bits.
    pub(crate) clipped: f64,
    /// How many output channels have a shift of their own.
    pub(crate) block: usize,
}

impl ShiftRule {
    /// The vendor's: one shift for all output channels, and it lets a share of the biases exceed 16 bits.
    pub(crate) const VENDOR: ShiftRule = ShiftRule { clipped: 0.03, block: usize::MAX };
    /// As many as the chip takes, and no bias is clipped.
    pub(crate) const BEST: ShiftRule = ShiftRule { clipped: 0.0, block: Shifts::BLOCK };
}

impl Context<'_> {
    /// The format of a top of its own: unsigned if asked for.
    pub(crate) fn top(&self, unsigned: bool) -> BlobFormat {
        let (dtype, steps) = if unsigned { (DType::U8, 255) } else { (DType::I8, 127) };
        BlobFormat { dtype, scale: (self.threshold)(steps) / steps as f32 }
    }

    /// Whether all bottoms are unsigned.
    pub(crate) fn all_unsigned(&self) -> bool {
        self.bottoms.iter().all(|format| format.dtype == DType::U8)
    }
}

/// A layer's int8 form: its arithmetic and the format of all its tops, which [`Arithmetic::Cut`] changes for each. The
/// rule may have changed the layer itself, too.
pub(crate) type Quantized = (Arithmetic, BlobFormat);

/// The int8 form of a layer, or `None` if it stays fp32.
pub(crate) fn quantize(layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
    let op = layer.op.clone();
    match op.int8_form() {
        // A constant has a twin for each reader's storage.
        Int8Form::Float
        | Int8Form::Source { .. }
        | Int8Form::Quantize
        | Int8Form::Dequantize
        | Int8Form::Constant => None,
        Int8Form::Same => same(context),
        Int8Form::Clip { limit } => {
            relu::limited(limit, context).or_else(|| table::table(&op, context))
        }
        Int8Form::LeakyRelu { slope } => {
            relu::leaky(slope, context).or_else(|| table::table(&op, context))
        }
        Int8Form::Prelu => prelu::prelu(layer, context),
        Int8Form::Value => table::table(&op, context),
        Int8Form::Interpolate(linear) => {
            let fits = linear.plan(context.shapes.first()?, context.top_shape).is_ok();
            fits.then_some((Arithmetic::Interpolate, *context.bottoms.first()?))
        }
        Int8Form::MultiplyAccumulate { transposed: false, .. } => {
            if let LayerOp::Deconvolution(op) = &op {
                deconvolution::integers(&op.convolution, layer, context)
            } else {
                affine::integers(layer, context)
            }
        }
        Int8Form::MultiplyAccumulate { transposed: true, .. } => affine::turned(layer, context),
        Int8Form::ChannelScale { bias } if layer.bottoms.len() == 2 => {
            broadcast::factor(bias, context)
        }
        Int8Form::ChannelScale { .. } => affine::integers(layer, context),
        Int8Form::Factor { bias } => broadcast::factor(bias, context),
        Int8Form::Offset => broadcast::offset(context),
        Int8Form::Broadcast(operation) => broadcast::binary(operation, context),
        Int8Form::Cut => cut::cut(context),
        Int8Form::AveragePool(pooling) => average_pool::average_pool(pooling, context),
        Int8Form::Reduce(reduce) => reduce::reduce(reduce, layer, context),
        Int8Form::Reduction(reduction) => reduce::reduction(reduction, context),
        Int8Form::Concat => eltwise::concat(context),
        Int8Form::Max => eltwise::max(context),
        Int8Form::Sum(coefficients) => eltwise::sum(coefficients, context),
        Int8Form::Product => eltwise::product(context),
    }
}

/// Whether an fp32 bottom is worth a Quantize layer of its own: the layer computes more than a cast costs.
pub(crate) fn wants_integers(op: &LayerOp) -> bool {
    matches!(op.int8_form(), Int8Form::MultiplyAccumulate { .. })
}

/// The bottom's format and its integers, unchanged.
fn same(context: &Context<'_>) -> Option<Quantized> {
    context.bottoms.first().map(|&format| (Arithmetic::Same, format))
}

/// The largest shift of a Rescale.
const MAX_RESCALE_SHIFT: u8 = 15;

/// `multiplier / 2^right_shift` nearest to a ratio, with as many bits as fit; `None` if the ratio
/// is too large or too small for any.
#[expect(clippy::cast_possible_truncation, reason = "below 127.5 by the shift's choice")]
pub(crate) fn rescale(ratio: f64) -> Option<Rescale> {
    let shift = largest_shift(ratio.abs(), 127.5, MAX_RESCALE_SHIFT)?;
    let multiplier = (ratio * f64::from(1u32 << shift)).round() as i8;
    if multiplier == 0 {
        return None;
    }
    // Powers of two need no multiplication; 1 / 1 then leaves the value as it is.
    let zeros = u8::try_from(multiplier.trailing_zeros()).unwrap_or(shift).min(shift);
    Some(Rescale { multiplier: multiplier >> zeros, right_shift: shift - zeros })
}

/// As [`rescale`], but a ratio too small for any multiplier gives one that makes 0 of every stored value: what is less
/// than half a step adds nothing.
pub(crate) fn rescale_or_nothing(ratio: f64) -> Option<Rescale> {
    let nothing = Rescale { multiplier: 1, right_shift: MAX_RESCALE_SHIFT };
    let small = ratio.abs() * f64::from(1u32 << MAX_RESCALE_SHIFT) < 0.5;
    if small { Some(nothing) } else { rescale(ratio) }
}

/// The largest shift up to `most` with `value · 2^shift` below `limit`.
pub(crate) fn largest_shift(value: f64, limit: f64, most: u8) -> Option<u8> {
    (0..=most).rev().find(|&shift| value * f64::from(1u32 << shift) < limit)
}

/// Integers of a layer that multiplies and accumulates: `y = (Σ x·w8 + b16) >> r`.
///
/// # Formula
/// For each block of output channels that has a shift of its own, r is the largest one with
/// `max |w| · 2^r · s_in / s_out < 127.5`, lowered while more of the biases than the rule allows exceed 16 bits;
/// `w8 = round(w · 2^r · s_in / s_out)` and `b16 = round(b · 2^r / s_out)`. `None` if no shift from 0 to 31 will do, or if
/// the 32-bit accumulator could wrap.
///
/// # Source
/// The vendor's published lowering for BM1684, which has one shift for all output channels.
#[expect(
    clippy::cast_possible_truncation,
    reason = "weights are below 127.5 by the shift's choice; biases saturate, and few of them by rule"
)]
pub(crate) fn multiply_accumulate(
    weights: &ArrayD<f32>,
    bias: Option<&ArrayD<f32>>,
    bottom: BlobFormat,
    top: BlobFormat,
    rule: ShiftRule,
) -> Option<Arithmetic> {
    let ratio = f64::from(bottom.scale) / f64::from(top.scale);
    let outputs = weights.shape().first().copied().unwrap_or(0);
    let biases = |channels: Range<usize>| {
        bias.into_iter().flat_map(move |b| b.iter().skip(channels.start).take(channels.len()))
    };
    let shift = |start: usize| -> Option<u8> {
        let channels = start..outputs.min(start.saturating_add(rule.block));
        let rows = weights.slice_axis(Axis(0), channels.clone().into());
        let largest = rows.iter().fold(0.0f32, |most, w| most.max(w.abs()));
        let most = largest_shift(f64::from(largest) * ratio, 127.5, 31)?;
        let fits = |shift: &u8| {
            let over = |&&b: &&f32| bias_at(*shift, b, top).abs() > 32767.0;
            let over = biases(channels.clone()).filter(over).count();
            over as f64 <= rule.clipped * channels.len() as f64
        };
        (0..=most).rev().find(fits)
    };
    let shifts: Vec<u8> =
        (0..outputs.max(1)).step_by(rule.block).map(shift).collect::<Option<_>>()?;
    let right_shifts = Shifts::of_blocks(shifts).simplified();
    let steps = |channel: usize| f64::from(1u32 << right_shifts.of_channel(channel));
    let mut w8 = ArrayD::zeros(weights.raw_dim());
    let rows = w8.axis_iter_mut(Axis(0)).zip(weights.axis_iter(Axis(0)));
    for (channel, (mut w8, weights)) in rows.enumerate() {
        let factor = ratio * steps(channel);
        w8.zip_mut_with(&weights, |w8, &w| *w8 = (f64::from(w) * factor).round() as i8);
    }
    let b16: Option<Array1<i16>> = bias.map(|bias| {
        let exact = |(channel, &b)| bias_at(right_shifts.of_channel(channel), b, top) as i16;
        bias.iter().enumerate().map(exact).collect()
    });
    let wraps = |(row, weights): (usize, ArrayViewD<'_, i8>)| {
        let offset = b16.as_ref().map_or(0, |bias| i64::from(bias[row]));
        could_wrap(weights.iter(), offset, bottom)
    };
    if w8.axis_iter(Axis(0)).enumerate().any(wraps) {
        return None;
    }
    Some(Arithmetic::MultiplyAccumulate {
        weights: Arc::new(w8),
        bias: b16.map(Arc::new),
        right_shifts,
    })
}

/// Whether the 32-bit accumulator of an output could wrap.
pub(crate) fn could_wrap<'a>(
    weights: impl Iterator<Item = &'a i8>,
    bias: i64,
    bottom: BlobFormat,
) -> bool {
    let most_input = if bottom.dtype == DType::U8 { 255 } else { 128 };
    let reach: i64 = weights.map(|&w| i64::from(w).abs() * most_input).sum();
    reach + bias.abs() >= 1 << 31
}

/// A bias in steps of the accumulator.
pub(crate) fn bias_at(shift: u8, bias: f32, top: BlobFormat) -> f64 {
    (f64::from(bias) * f64::from(1u32 << shift) / f64::from(top.scale)).round()
}

#[cfg(test)]
mod tests {
    use ndarray::arr1;

    use super::*;

    /// Exact: every stored value becomes 0.
    #[test]
    fn what_is_too_small_is_nothing() {
        for ratio in [0.0, 1e-6, -1e-5, 1.5e-5] {
            let by = rescale_or_nothing(ratio).expect("nothing");
            let rounded = |x: i32| (x * i32::from(by.multiplier) + (1 << 14)) >> by.right_shift;
            assert!((-128..=255).all(|x| rounded(x) == 0), "{ratio}: {by:?}");
        }
        assert_eq!(rescale_or_nothing(0.37), rescale(0.37));
        assert_eq!(rescale_or_nothing(-0.001), rescale(-0.001));
        assert_eq!(rescale_or_nothing(128.0), None);
    }

    #[test]
    fn rescales_are_near_and_short() {
        for ratio in [1.0, 0.5, 0.37, 1.9, 100.0, -0.7, 0.01] {
            let found = rescale(ratio).expect("representable");
            let value = f64::from(found.multiplier) / f64::from(1u32 << found.right_shift);
            assert!((value / ratio - 1.0).abs() < 0.008, "{ratio}: {found:?}");
        }
        assert_eq!(rescale(1.0), Some(Rescale::ONE));
        assert_eq!(rescale(0.25), Some(Rescale { multiplier: 1, right_shift: 2 }));
        assert_eq!((rescale(128.0), rescale(1e-6)), (None, None));
    }

    /// Bit-exact: the worked example of the vendor's compiler.
    #[test]
    fn shifts_and_weights_of_the_worked_example() {
        let format = |threshold: f32| BlobFormat { dtype: DType::I8, scale: threshold / 127.0 };
        let weights = arr1(&[0.8579f32, -0.1]).into_dyn();
        let weights = weights.into_shape_with_order(vec![1, 2]).expect("two");
        let bias = arr1(&[0.5f32]).into_dyn();
        let found =
            multiply_accumulate(&weights, Some(&bias), format(2.0), format(5.0), ShiftRule::VENDOR);
        let Some(Arithmetic::MultiplyAccumulate { weights, bias, right_shifts }) = found else {
            panic!("{found:?}")
        };
        assert_eq!(right_shifts.uniform(), Some(8));
        assert_eq!(weights.as_slice(), Some(&[88, -10][..]));
        assert_eq!(bias.expect("bias").as_slice(), Some(&[3251][..]));
    }

    #[test]
    fn biases_are_clipped_or_lower_the_shift() {
        let format = |threshold: f32| BlobFormat { dtype: DType::I8, scale: threshold / 127.0 };
        let weights = ArrayD::from_elem(vec![50, 1], 0.5f32);
        let mut bias = ArrayD::zeros(vec![50]);
        bias[[7]] = 2.0;
        let integers = |clipped: f64| match multiply_accumulate(
            &weights,
            Some(&bias),
            format(0.5),
            format(1.0),
            ShiftRule { clipped, ..ShiftRule::VENDOR },
        ) {
            Some(Arithmetic::MultiplyAccumulate { bias: Some(bias), right_shifts, .. }) => {
                (bias[7], right_shifts.uniform().expect("one"))
            }
            other => panic!("{other:?}"),
        };
        assert_eq!((integers(0.03), integers(0.0)), ((32767, 8), (32512, 7)));
    }

    #[test]
    fn what_does_not_fit_stays_fp32() {
        let format = |scale: f32| BlobFormat { dtype: DType::I8, scale };
        let weights = arr1(&[200.0f32]).into_dyn();
        assert_eq!(
            multiply_accumulate(&weights, None, format(1.0), format(1.0), ShiftRule::VENDOR),
            None
        );
        let many = ArrayD::from_elem(vec![1, 300_000], 1.0f32);
        assert_eq!(
            multiply_accumulate(&many, None, format(1.0), format(1.0), ShiftRule::VENDOR),
            None
        );
    }
}
