//! What keeps a layer whose type has an int8 form from having it.

use std::fmt;

use ndarray::ArrayD;
use umodel::layers::{BinaryOp, Int8Form};
use umodel::quant::interpolate::ResizingError;
use umodel::{LayerOp, LayerSpec};

use crate::rules::{Context, bias_at, deconvolution, largest_shift, rescale};

/// What of a layer does not fit into the chip's integers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Misfit {
    /// A weight would be more than 127 even without a right shift.
    Weights {
        /// The largest weight.
        largest: f32,
        /// The scale of its bottom in steps of the top's.
        ratio: f64,
    },
    /// Too many biases would exceed 16 bits even without a right shift.
    Biases,
    /// The sum could exceed 32 bits.
    Accumulator,
    /// A factor between two scales that is too large or too small.
    Ratio {
        /// The factor.
        ratio: f64,
    },
    /// A slope that is too large.
    Slope {
        /// The largest.
        largest: f32,
    },
    /// The factor is a second bottom, and there is a bias as well.
    FactorAndBias,
    /// Its operand is learnt, and covers other axes than the channels.
    Operands,
    /// A product of more or fewer than two bottoms.
    Factors {
        /// How many.
        found: usize,
    },
    /// A reduction for which there is no single command.
    Axes,
    /// A function without a result.
    NoResult,
    /// More zeros between pixels or weights than the command has room for.
    InsertedZeros {
        /// How many.
        found: usize,
        /// The most that are possible.
        limit: usize,
    },
    /// A deconvolution that cuts off more than its kernel adds.
    NegativePadding {
        /// The kernel's extent.
        extent: usize,
        /// The padding.
        pad: usize,
    },
    /// More padding than the command has room for.
    Padding {
        /// How much.
        found: usize,
        /// The most that is possible.
        limit: usize,
    },
    /// A resizing that is not one of few convolutions.
    Resizing(ResizingError),
    /// Every value of its top would be 0: somebody asks for a threshold that is much too large.
    NoValues {
        /// The largest value.
        largest: f32,
        /// The scale of its top.
        step: f32,
    },
    /// Every weight would be 0, even with the largest right shift: somebody asks for a threshold of its bottom that is much too
    /// small, or of its top that is much too large.
    NoWeights {
        /// The largest weight.
        largest: f32,
    },
    /// Its parameters.
    Parameters,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Weights { largest, ratio } => write!(
                f,
                "its largest weight, {largest}, times the scales' ratio, {ratio:.4}, is beyond the 127 of an int8 \
                 weight: its top is much smaller than its bottom and weights let expect"
            ),
            Misfit::Biases => {
                f.write_str("too many of its biases exceed 16 bits at any right shift")
            }
            Misfit::Accumulator => f.write_str("its sums could exceed 32 bits"),
            Misfit::Ratio { ratio } => write!(
                f,
                "the factor between two of its scales, {ratio:.3e}, is not one of m/2^r with m from 1 to 127 and r \
                 from 0 to 15"
            ),
            Misfit::Slope { largest } => {
                write!(f, "its largest slope, {largest}, is beyond the 127 of an int8 factor")
            }
            Misfit::FactorAndBias => f.write_str(
                "its factor is a second bottom, and the chip has no command that adds a bias to such a product",
            ),
            Misfit::Operands => f.write_str("its operand is not one value for each channel"),
            Misfit::Factors { found } => {
                write!(f, "it multiplies {found} bottoms, and there is an int8 form for two")
            }
            Misfit::Axes => f.write_str("the chip has no single command that reduces these axes"),
            Misfit::NoResult => {
                f.write_str("its function has no result for any value of its bottom")
            }
            Misfit::InsertedZeros { found, limit } => write!(
                f,
                "its stride or dilation needs {found} zeros between two values, and the command inserts {limit} at most"
            ),
            Misfit::NegativePadding { extent, pad } => write!(
                f,
                "its padding of {pad} cuts off all that its kernel of {extent} adds, and the command has no negative \
                 padding"
            ),
            Misfit::Padding { found, limit } => write!(
                f,
                "as a convolution it needs a padding of {found}, and the command has {limit} at most"
            ),
            Misfit::Resizing(reason) => reason.fmt(f),
            Misfit::NoValues { largest, step } => write!(
                f,
                "with the threshold that is asked for, one step of its top is {step:e}, and its largest value, \
                 {largest}, would be 0"
            ),
            Misfit::NoWeights { largest } => write!(
                f,
                "with the threshold that is asked for, its largest weight, {largest}, would be 0 even with a right \
                 shift of 31"
            ),
            Misfit::Parameters => f.write_str("the chip has no command for its parameters"),
        }
    }
}

/// Why the rule of a layer's form gave nothing.
pub(crate) fn misfit(layer: &LayerSpec, context: &Context<'_>) -> Misfit {
    let top = |unsigned| f64::from(context.top(unsigned).scale);
    let scales = || context.bottoms.iter().map(|bottom| f64::from(bottom.scale));
    let wrong = |ratio: &f64| rescale(*ratio).is_none();
    match layer.op.int8_form() {
        Int8Form::Value | Int8Form::Clip { .. } => Misfit::NoResult,
        Int8Form::LeakyRelu { slope } => Misfit::Slope { largest: slope },
        Int8Form::Prelu => Misfit::Slope { largest: largest(layer) },
        Int8Form::ChannelScale { bias: true } | Int8Form::Factor { bias: true }
            if layer.bottoms.len() == 2 =>
        {
            Misfit::FactorAndBias
        }
        Int8Form::ChannelScale { .. } if layer.bottoms.len() == 2 => {
            let ratio = scales().product::<f64>() / top(context.all_unsigned());
            Misfit::Ratio { ratio }
        }
        Int8Form::Factor { .. } | Int8Form::Offset if layer.bottoms.len() != 2 => Misfit::Operands,
        Int8Form::Factor { .. } | Int8Form::Broadcast(BinaryOp::Mul) => {
            Misfit::Ratio { ratio: scales().product::<f64>() / top(context.all_unsigned()) }
        }
        Int8Form::Offset | Int8Form::Broadcast(BinaryOp::Add | BinaryOp::Sub) => {
            let top = top(context.relu);
            let ratio = scales().map(|scale| scale / top).find(wrong);
            ratio.map_or(Misfit::Parameters, |ratio| Misfit::Ratio { ratio })
        }
        Int8Form::MultiplyAccumulate { .. } | Int8Form::ChannelScale { .. } => {
            if let LayerOp::Deconvolution(op) = &layer.op
                && let Some(misfit) = deconvolution::limits(&op.convolution)
            {
                return misfit;
            }
            products(layer, context)
        }
        Int8Form::AveragePool(_) => Misfit::Accumulator,
        Int8Form::Reduce(p) => {
            reduction(context.shapes.first().and_then(|shape| p.window(shape).ok()?))
        }
        Int8Form::Reduction(p) => {
            reduction(context.shapes.first().and_then(|shape| p.window(shape).ok()?))
        }
        Int8Form::Concat | Int8Form::Max | Int8Form::Broadcast(_) => {
            let top = top(context.all_unsigned());
            let ratio = scales().map(|scale| scale / top).find(wrong);
            ratio.map_or(Misfit::Parameters, |ratio| Misfit::Ratio { ratio })
        }
        Int8Form::Sum(coefficients) => {
            let top = top(context.relu);
            let scales = scales().zip(coefficients);
            let ratio = scales.map(|(scale, &by)| f64::from(by) * scale / top).find(wrong);
            ratio.map_or(Misfit::Parameters, |ratio| Misfit::Ratio { ratio })
        }
        Int8Form::Product => match context.bottoms.len() {
            2 => Misfit::Ratio { ratio: scales().product::<f64>() / top(context.all_unsigned()) },
            found => Misfit::Factors { found },
        },
        Int8Form::Interpolate(linear) => {
            let shape = context.shapes.first().copied().unwrap_or_default();
            linear.plan(shape, context.top_shape).err().map_or(Misfit::Parameters, Misfit::Resizing)
        }
        Int8Form::Float
        | Int8Form::Source { .. }
        | Int8Form::Quantize
        | Int8Form::Dequantize
        | Int8Form::Constant
        | Int8Form::Cut
        | Int8Form::Same => Misfit::Parameters,
    }
}

/// What does not fit of a reduction of so many values by one command, if there is one.
fn reduction(values: Option<usize>) -> Misfit {
    if values.is_some() { Misfit::Accumulator } else { Misfit::Axes }
}

/// The largest of the first weights.
fn largest(layer: &LayerSpec) -> f32 {
    let largest = |weights: &ArrayD<f32>| weights.iter().fold(0.0f32, |most, w| most.max(w.abs()));
    layer.weights.first().map_or(0.0, |weights| largest(weights))
}

/// What does not fit of sums of products.
fn products(layer: &LayerSpec, context: &Context<'_>) -> Misfit {
    let [bottom] = context.bottoms[..] else { return Misfit::Operands };
    let top = context.top(context.relu);
    let ratio = f64::from(bottom.scale) / f64::from(top.scale);
    let largest = largest(layer);
    if largest_shift(f64::from(largest) * ratio, 127.5, 31).is_none() {
        return Misfit::Weights { largest, ratio };
    }
    let biases = layer.weights.get(1).map_or(0.0, |biases| {
        let over = biases.iter().filter(|&&b| bias_at(0, b, top).abs() > 32767.0).count();
        over as f64 / biases.len().max(1) as f64
    });
    if biases > context.shifts.clipped { Misfit::Biases } else { Misfit::Accumulator }
}
