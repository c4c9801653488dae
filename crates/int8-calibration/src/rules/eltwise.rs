//! Eltwise and Concat: every bottom is brought to the top's scale.

use umodel::layers::{Concat, Eltwise, EltwiseOp};
use umodel::{Arithmetic, BlobFormat, LayerSpec, Rescale};

use super::{Context, Quantized, Rule, rescale};

/// One rescale for each bottom, by `coefficient · s_in / s_out`.
fn rescales(context: &Context<'_>, coefficients: &[f32], top: BlobFormat) -> Option<Vec<Rescale>> {
    let ratio = |(bottom, &by): (&BlobFormat, &f32)| {
        rescale(f64::from(by) * f64::from(bottom.scale) / f64::from(top.scale))
    };
    context.bottoms.iter().zip(coefficients).map(ratio).collect()
}

impl Rule for Eltwise {
    fn quantize(&self, layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        match &self.operation {
            EltwiseOp::Sum(coefficients) => {
                let top = context.top(context.relu);
                Some((Arithmetic::Rescaled(rescales(context, coefficients, top)?), top))
            }
            EltwiseOp::Max => {
                let top = context.top(context.all_unsigned());
                let ones = vec![1.0; layer.bottoms.len()];
                Some((Arithmetic::Rescaled(rescales(context, &ones, top)?), top))
            }
            EltwiseOp::Product => {
                let [a, b] = context.bottoms[..] else { return None };
                let top = context.top(context.all_unsigned());
                let ratio = f64::from(a.scale) * f64::from(b.scale) / f64::from(top.scale);
                Some((Arithmetic::Product(rescale(ratio)?), top))
            }
        }
    }
}

impl Rule for Concat {
    fn quantize(&self, layer: &mut LayerSpec, context: &Context<'_>) -> Option<Quantized> {
        let top = context.top(context.all_unsigned());
        let ones = vec![1.0; layer.bottoms.len()];
        Some((Arithmetic::Rescaled(rescales(context, &ones, top)?), top))
    }
}
