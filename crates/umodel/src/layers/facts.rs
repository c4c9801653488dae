//! What layers tell graph passes, quantizers and executors about themselves, beyond their shapes.

use super::{BinaryOp, Pooling, Reduce, Reduction};
use crate::quant::interpolate::Linear;

/// The facts of a layer that others decide by. Each layer states them in its own file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Facts<'a> {
    pub(crate) role: Role,
    pub(crate) int8: Int8Form<'a>,
}

impl Facts<'_> {
    /// A layer with a function of its own, in fp32 only.
    pub(crate) const FP32: Facts<'static> = Facts { role: Role::Computes, int8: Int8Form::Float };

    /// A loss.
    pub(crate) const LOSS: Facts<'static> = Facts { role: Role::Loss, int8: Int8Form::Float };

    /// Pictures in the first top and labels in the others.
    pub(crate) const fn pictures(from_files: bool) -> Facts<'static> {
        Facts { role: Role::Pictures { from_files }, int8: Int8Form::Source { tops: 1 } }
    }

    /// A layer whose top has the function [`LayerParam::value`](super::LayerParam::value) of each value.
    pub(crate) const VALUE: Facts<'static> = Facts { role: Role::Computes, int8: Int8Form::Value };

    /// A layer that moves values and changes none.
    pub(crate) const fn moves(role: Role) -> Facts<'static> {
        Facts { role, int8: Int8Form::Same }
    }
}

/// What a layer does in a net, as far as graph passes and evaluation have to know it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    /// The caller fills its tops.
    Input,
    /// Its first top has pictures, its others have labels. A deploy net has an
    /// [`Input`](super::Input) in its place.
    Pictures {
        /// Whether the layer reads files, so that the shapes of its tops are known only with them. Otherwise
        /// the caller gives the pictures.
        from_files: bool,
    },
    /// Its first top is part of the net's loss.
    Loss,
    /// Its top equals its bottom in the TEST phase.
    Identity,
    /// All of its tops equal its bottom. It goes when nothing reads them any more.
    Split,
    /// Its top equals its bottom if it has only one.
    Joins,
    /// Its top has the bottom's values in their order. Both are equal if their shapes are.
    Reshapes,
    /// Each value becomes `factor · x + offset`.
    Affine(Affine),
    /// Sums of products with its first weight. A factor for each output channel may be multiplied into that
    /// weight, and an offset added to a bias, which is the second weight.
    Linear {
        /// The axis of the first weight that has the output channels of a group.
        axis: usize,
        /// How many groups of output channels follow each other along the first weight's axis 0.
        groups: usize,
    },
    /// Its top shows the bottom in another form, which is no result of its own: it goes when nothing reads the
    /// top any more.
    Presents,
    /// Anything else.
    Computes,
}

/// Where the factor and the offset of a [`Role::Affine`] come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Affine {
    /// One factor and one offset for all values.
    Constant {
        /// The factor.
        factor: f32,
        /// The offset.
        offset: f32,
    },
    /// Of each channel, from the weights mean, variance, and the number by which both are divided:
    /// `factor = 1 / sqrt(variance + eps)`, `offset = −mean · factor`.
    Statistics {
        /// Added to the variance.
        eps: f32,
        /// Whether two more weights follow, a factor and an offset of the result.
        learnt: bool,
    },
    /// Of each channel, from the weights scale, bias, mean and inverse deviation.
    Normalized,
    /// The weights are the factor and the offset, or one of them. They cover some axes of the bottom.
    Learnt {
        /// The first axis that they cover; negative counts from the end.
        axis: i32,
        /// How many axes they cover, −1 for all that follow.
        num_axes: i32,
        /// Whether there is a factor.
        factor: bool,
        /// Whether there is an offset.
        offset: bool,
    },
}

/// How a layer can compute in int8, by its type and its parameters. A quantizer starts from it, and a
/// [`QuantizedNet`](crate::QuantizedNet) takes only the [`Arithmetic`](crate::Arithmetic) that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Int8Form<'a> {
    /// Not at all: always [`Arithmetic::Float`](crate::Arithmetic::Float).
    Float,
    /// [`Arithmetic::Cast`](crate::Arithmetic::Cast) of what comes into the net.
    Source {
        /// How many of the first tops may be int8.
        tops: usize,
    },
    /// [`Arithmetic::Cast`](crate::Arithmetic::Cast) of an fp32 bottom.
    Quantize,
    /// [`Arithmetic::Cast`](crate::Arithmetic::Cast) of an int8 bottom.
    Dequantize,
    /// [`Arithmetic::Same`](crate::Arithmetic::Same): moves or compares values.
    Same,
    /// Clips at zero and at a limit. [`Arithmetic::Same`](crate::Arithmetic::Same) if no stored value lies beyond
    /// the limit, otherwise as [`Int8Form::Value`]. A layer in front of it can do it instead, see [`Int8Form::clips`].
    Clip {
        /// The upper limit, above zero; infinite for a ReLU.
        limit: f32,
    },
    /// [`Arithmetic::LeakyRelu`](crate::Arithmetic::LeakyRelu), or [`Arithmetic::Same`](crate::Arithmetic::Same) of
    /// an unsigned bottom. As [`Int8Form::Value`] for a slope that no rescale can have.
    LeakyRelu {
        /// The slope below zero, which is not 0.
        slope: f32,
    },
    /// [`Arithmetic::Prelu`](crate::Arithmetic::Prelu), or [`Arithmetic::Same`](crate::Arithmetic::Same) of an
    /// unsigned bottom. The slopes are weights.
    Prelu,
    /// [`Arithmetic::Table`](crate::Arithmetic::Table) of [`LayerOp::value`](crate::LayerOp::value): each value of the
    /// top is a function of the same value of the bottom.
    Value,
    /// [`Arithmetic::Interpolate`](crate::Arithmetic::Interpolate): bilinear resizing.
    Interpolate(Linear),
    /// [`Arithmetic::MultiplyAccumulate`](crate::Arithmetic::MultiplyAccumulate): sums of products.
    MultiplyAccumulate {
        /// Whether there is a bias.
        bias: bool,
        /// Whether the fp32 weights have inputs by outputs. Those of the int8 form never have.
        transposed: bool,
    },
    /// [`Arithmetic::MultiplyAccumulate`](crate::Arithmetic::MultiplyAccumulate): one product for each value, by
    /// channel, if the factors are weights; as [`Int8Form::Factor`] if they are a second bottom.
    ChannelScale {
        /// Whether there is a bias.
        bias: bool,
    },
    /// [`Arithmetic::Product`](crate::Arithmetic::Product) with a second bottom that is repeated along the axes that it
    /// lacks, if there are two bottoms and no bias.
    Factor {
        /// Whether there is a bias.
        bias: bool,
    },
    /// The sum with a second bottom that is repeated along the axes that it lacks,
    /// [`Arithmetic::Rescaled`](crate::Arithmetic::Rescaled), if there are two bottoms.
    Offset,
    /// Two bottoms, repeated along axes of length 1: [`Arithmetic::Product`](crate::Arithmetic::Product) of a product,
    /// [`Arithmetic::Rescaled`](crate::Arithmetic::Rescaled) of anything else.
    Broadcast(BinaryOp),
    /// [`Arithmetic::Constant`](crate::Arithmetic::Constant).
    Constant,
    /// A part of the bottom in each top, [`Arithmetic::Same`](crate::Arithmetic::Same) or
    /// [`Arithmetic::Cut`](crate::Arithmetic::Cut).
    Cut,
    /// [`Arithmetic::AveragePool`](crate::Arithmetic::AveragePool), or
    /// [`Arithmetic::ClippedAveragePool`](crate::Arithmetic::ClippedAveragePool) where windows reach beyond the padding.
    AveragePool(&'a Pooling),
    /// [`Arithmetic::AveragePool`](crate::Arithmetic::AveragePool) of a sum or a mean, and
    /// [`Arithmetic::Same`](crate::Arithmetic::Same) of the largest or smallest value, if the chip has commands for the
    /// axes. For a mean over height and width the quantizer puts [`Pooling::global_average`] in the layer's place.
    Reduce(&'a Reduce),
    /// As [`Int8Form::Reduce`], for Caffe's own layer.
    Reduction(&'a Reduction),
    /// [`Arithmetic::Rescaled`](crate::Arithmetic::Rescaled) bottoms side by side.
    Concat,
    /// The maximum of [`Arithmetic::Rescaled`](crate::Arithmetic::Rescaled) bottoms.
    Max,
    /// The sum of [`Arithmetic::Rescaled`](crate::Arithmetic::Rescaled) bottoms, multiplied by these coefficients.
    Sum(&'a [f32]),
    /// [`Arithmetic::Product`](crate::Arithmetic::Product), if there are two bottoms.
    Product,
}

impl Int8Form<'_> {
    /// Whether the chip's command for this form can clip its result at zero, so that a
    /// [`Int8Form::Clip`] behind it costs nothing.
    pub fn clips(self) -> bool {
        match self {
            Int8Form::MultiplyAccumulate { .. }
            | Int8Form::ChannelScale { .. }
            | Int8Form::Offset
            | Int8Form::Broadcast(BinaryOp::Add | BinaryOp::Sub)
            | Int8Form::Sum(_) => true,
            Int8Form::Float
            | Int8Form::Source { .. }
            | Int8Form::Quantize
            | Int8Form::Dequantize
            | Int8Form::Same
            | Int8Form::Clip { .. }
            | Int8Form::LeakyRelu { .. }
            | Int8Form::Prelu
            | Int8Form::Value
            | Int8Form::Interpolate(_)
            | Int8Form::AveragePool(_)
            | Int8Form::Factor { .. }
            | Int8Form::Broadcast(_)
            | Int8Form::Constant
            | Int8Form::Cut
            | Int8Form::Reduce(_)
            | Int8Form::Reduction(_)
            | Int8Form::Concat
            | Int8Form::Max
            | Int8Form::Product => false,
        }
    }
}
