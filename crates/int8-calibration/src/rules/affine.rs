//! Convolution, InnerProduct and Scale: multiply and accumulate.

use ndarray::ArrayD;
use umodel::layers::InnerProduct;
use umodel::{LayerOp, LayerSpec};

use super::{Context, Quantized, multiply_accumulate};

/// Takes the layer's fp32 weights and gives its integers.
pub(super) fn integers(layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
    let [bottom] = context.bottoms[..] else { return None };
    let top = context.top(context.relu);
    let bias = layer.weights.get(1).map(|bias| bias.as_ref());
    let weights = layer.weights.first()?;
    let arithmetic = multiply_accumulate(weights, bias, bottom, top, context.shifts)?;
    layer.weights.clear();
    Some((arithmetic, top))
}

/// As [`integers`] for an InnerProduct whose weights are `[K, num_output]`. The int8 form is always
/// `[num_output, K]`.
pub(super) fn turned(layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
    let LayerOp::InnerProduct(op) = &layer.op else { return None };
    let op = InnerProduct { transpose: false, ..op.clone() };
    let mut weights: Vec<ArrayD<f32>> =
        layer.weights.iter().map(|weights| weights.as_ref().clone()).collect();
    let first = weights.first()?.t().as_standard_layout().into_owned();
    *weights.first_mut()? = first;
    let mut turned = layer.clone();
    turned.set_weights(weights);
    turned.op = op.into();
    let quantized = integers(&mut turned, context)?;
    *layer = turned;
    Some(quantized)
}
