//! Functions of one value, element by element.

use umodel::layers::{
    AbsVal, Bnll, Clip, Elu, Erf, Exp, Gelu, HardSigmoid, HardSwish, LayerOp, Log, PRelu, Power,
    Relu, Round, RoundMode, Sigmoid, Swish, TanH,
};

use crate::error::Unsupported;
use crate::graph::{Importer, Result, Site, Tensor, Value, View, narrowed};

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unary {
    Relu,
    /// The slope below zero.
    LeakyRelu(f32),
    /// The lower and the upper limit, infinite if open.
    Clip(f32, f32),
    Sigmoid,
    Tanh,
    Exp,
    Log,
    Sqrt,
    Rsqrt,
    Square,
    Reciprocal,
    Abs,
    Neg,
    /// The negative limit, negated.
    Elu(f32),
    /// Slope and offset.
    HardSigmoid(f32, f32),
    HardSwish,
    /// `x · sigmoid(beta · x)`
    Swish(f32),
    Softplus,
    Erf,
    /// By the error function, or by the hyperbolic tangent.
    Gelu {
        tanh: bool,
    },
    /// To whole numbers.
    Round(RoundMode),
}

impl Unary {
    /// The function itself, for constants.
    pub(crate) fn of(self, x: f32) -> f32 {
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        match self {
            Unary::Relu => x.max(0.0),
            Unary::LeakyRelu(slope) => {
                if x < 0.0 {
                    slope * x
                } else {
                    x
                }
            }
            Unary::Clip(low, high) => x.max(low).min(high),
            Unary::Sigmoid => sigmoid(x),
            Unary::Tanh => x.tanh(),
            Unary::Exp => x.exp(),
            Unary::Log => x.ln(),
            Unary::Sqrt => x.sqrt(),
            Unary::Rsqrt => 1.0 / x.sqrt(),
            Unary::Square => x * x,
            Unary::Reciprocal => 1.0 / x,
            Unary::Abs => x.abs(),
            Unary::Neg => -x,
            Unary::Elu(alpha) => {
                if x > 0.0 {
                    x
                } else {
                    alpha * (x.exp() - 1.0)
                }
            }
            Unary::HardSigmoid(alpha, beta) => (alpha * x + beta).clamp(0.0, 1.0),
            Unary::HardSwish => x * ((x + 3.0) / 6.0).clamp(0.0, 1.0),
            Unary::Swish(beta) => x * sigmoid(beta * x),
            Unary::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Unary::Erf => narrowed(Erf::of(x.into())),
            Unary::Gelu { tanh } => narrowed(Gelu { tanh }.of(x.into())),
            Unary::Round(RoundMode::Nearest) => x.round_ties_even(),
            Unary::Round(RoundMode::Floor) => x.floor(),
            Unary::Round(RoundMode::Ceil) => x.ceil(),
            Unary::Round(RoundMode::Truncate) => x.trunc(),
        }
    }

    /// The layer that computes the function; nothing for the identity.
    fn layer(self) -> Option<LayerOp> {
        let power = |power, scale| Power { power, scale, shift: 0.0 };
        Some(match self {
            Unary::Relu => Relu { negative_slope: 0.0 }.into(),
            Unary::LeakyRelu(negative_slope) => Relu { negative_slope }.into(),
            Unary::Clip(f32::NEG_INFINITY, f32::INFINITY) => return None,
            Unary::Clip(0.0, f32::INFINITY) => Relu { negative_slope: 0.0 }.into(),
            Unary::Clip(low, high) => {
                // Where the two cross, ONNX takes the upper limit and Caffe the lower one.
                Clip { min: low.min(high).max(f32::MIN), max: high.min(f32::MAX) }.into()
            }
            Unary::Sigmoid => Sigmoid.into(),
            Unary::Tanh => TanH.into(),
            Unary::Exp => Exp { base: -1.0, scale: 1.0, shift: 0.0 }.into(),
            Unary::Log => Log { base: -1.0, scale: 1.0, shift: 0.0 }.into(),
            Unary::Sqrt => power(0.5, 1.0).into(),
            Unary::Rsqrt => power(-0.5, 1.0).into(),
            Unary::Square => power(2.0, 1.0).into(),
            Unary::Reciprocal => power(-1.0, 1.0).into(),
            Unary::Abs => AbsVal.into(),
            Unary::Neg => power(1.0, -1.0).into(),
            Unary::Elu(alpha) => Elu { alpha }.into(),
            Unary::HardSigmoid(alpha, beta) => HardSigmoid { alpha, beta }.into(),
            Unary::HardSwish => HardSwish.into(),
            Unary::Swish(beta) => Swish { beta }.into(),
            Unary::Softplus => Bnll.into(),
            Unary::Erf => Erf.into(),
            Unary::Gelu { tanh } => Gelu { tanh }.into(),
            Unary::Round(mode) => Round { mode }.into(),
        })
    }
}

/// Computes the function of a value.
pub(crate) fn unary(
    importer: &mut Importer,
    site: &Site,
    function: Unary,
    x: &Value,
) -> Result<Value> {
    match x {
        Value::Constant(Tensor::I64(array)) if function == Unary::Neg => {
            Ok(Tensor::from(array.map(|value| value.wrapping_neg())?).into())
        }
        Value::Constant(Tensor::I64(array)) if function == Unary::Abs => {
            Ok(Tensor::from(array.map(|value| value.wrapping_abs())?).into())
        }
        Value::Constant(tensor) => {
            Ok(Tensor::from(tensor.to_f32()?.map(|&value| function.of(value))?).into())
        }
        Value::Blob(view) => match function.layer() {
            Some(layer) => Ok(in_place(importer, site, layer, view)?.into()),
            None => Ok(x.clone()),
        },
    }
}

/// A layer that works element by element, whatever the order of axes.
pub(super) fn in_place(
    importer: &mut Importer,
    site: &Site,
    layer: impl Into<LayerOp>,
    view: &View,
) -> Result<View> {
    let top = importer.add(site, layer, &[&view.blob], vec![])?;
    Ok(view.of(&top.blob))
}

/// ReLU with slopes from a constant that is broadcast to the value: one slope, or one for each channel
/// (`channel` is the logical axis).
pub(crate) fn prelu(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    slopes: &Tensor,
    channel: usize,
) -> Result<Value> {
    if let Some(slope) = slopes.single() {
        return unary(importer, site, Unary::LeakyRelu(slope), x);
    }
    let rank = x.shape().len();
    let channels = x.shape().get(channel).copied().unwrap_or(0);
    let lead = rank.checked_sub(slopes.shape().len());
    let fits = slopes.len() == channels
        && lead.is_some_and(|lead| {
            let sizes = slopes.shape().iter().enumerate();
            sizes.clone().all(|(axis, &size)| size == 1 || axis + lead == channel)
        });
    if !fits {
        let (slopes, shape) = (slopes.shape().to_vec(), x.shape().to_vec());
        return Err(Unsupported::Slopes { slopes, shape }.into());
    }
    let view = importer.blob(site, x)?;
    let mut view = importer.transposition(&view)?;
    if view.axes[channel] != 1 {
        // The layer's channels are axis 1.
        let mut order: Vec<usize> = (0..rank).filter(|&axis| axis != channel).collect();
        order.insert(1.min(order.len()), channel);
        let blob = importer.arrange(&view, &order)?;
        let shape = order.iter().map(|&axis| view.shape[axis]).collect();
        view = View::ordered(&blob, shape, &order);
    }
    let weights = slopes.to_f32()?.reshaped(&[channels])?.weight();
    let layer = PRelu { channel_shared: false };
    let top = importer.add(site, layer, &[&view.blob], vec![weights])?;
    Ok(view.of(&top.blob).into())
}
