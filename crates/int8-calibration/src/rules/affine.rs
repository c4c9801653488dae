//! Convolution, InnerProduct and Scale: multiply and accumulate.

use ndarray::ArrayD;
use umodel::layers::{
    Convolution, ConvolutionDepthwise, DepthwiseConvolution, InnerProduct, Scale,
};
use umodel::{LayerOp, LayerSpec};

use super::{Context, Quantized, Rule, multiply_accumulate};

/// Takes the layer's fp32 weights and gives its integers.
fn integers(layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
    let [bottom] = context.bottoms[..] else { return None };
    let top = context.top(context.relu);
    let bias = layer.weights.get(1).map(|bias| bias.as_ref());
    let arithmetic =
        multiply_accumulate(layer.weights.first()?, bias, bottom, top, context.clipped)?;
    layer.weights.clear();
    Some((arithmetic, top))
}

macro_rules! convolutions {
    ($($layer:ty),*) => {$(
        impl Rule for $layer {
            fn quantize(&self, layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
                integers(layer, context)
            }

            fn wants_integers(&self) -> bool {
                true
            }
        }
    )*};
}

convolutions!(Convolution, ConvolutionDepthwise, DepthwiseConvolution);

impl Rule for InnerProduct {
    fn quantize(&self, layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        if self.transpose {
            // The int8 form is always [num_output, K].
            let mut weights: Vec<ArrayD<f32>> =
                layer.weights.iter().map(|weights| weights.as_ref().clone()).collect();
            let turned = weights.first()?.t().as_standard_layout().into_owned();
            *weights.first_mut()? = turned;
            let mut turned = layer.clone();
            turned.set_weights(weights);
            turned.op = LayerOp::InnerProduct(InnerProduct { transpose: false, ..self.clone() });
            let quantized = integers(&mut turned, context)?;
            *layer = turned;
            return Some(quantized);
        }
        integers(layer, context)
    }

    fn wants_integers(&self) -> bool {
        true
    }
}

impl Rule for Scale {
    fn quantize(&self, layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        let per_channel = self.axis == 1 && self.num_axes == 1 && layer.bottoms.len() == 1;
        per_channel.then(|| integers(layer, context)).flatten()
    }
}
