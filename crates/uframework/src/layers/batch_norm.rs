use umodel::layers::{BatchNorm, BatchNormKyle, Bn};

use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(BatchNorm, BatchNormKyle, Bn);

impl Work for BatchNorm {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        normalize(call, self.eps, self.scale_bias);
        Ok(())
    }
}

impl Work for BatchNormKyle {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        normalize(call, self.eps, self.use_alpha_beta);
        Ok(())
    }
}

/// By stored statistics; with two more weights, a factor and an offset of the result.
fn normalize(call: &mut Call<'_>, eps: f32, learnt: bool) {
    let (mean, variance) = (call.weights(0), call.weights(1));
    let line = learnt.then(|| (call.weights(3), call.weights(4)));
    let stored = call.weights(2)[0];
    let norm = if stored == 0.0 { 0.0 } else { 1.0 / stored };
    let shape = call.bottom_shape(0);
    let inner: usize = shape.iter().skip(2).product::<usize>().max(1);
    let input = call.f32(0);
    let channels = mean.len();
    let rows = input.chunks_exact(inner).zip(call.f32_top().chunks_exact_mut(inner));
    for (row, (x, y)) in rows.enumerate() {
        let channel = row % channels;
        let mean = mean[channel] * norm;
        let deviation = (variance[channel] * norm + eps).sqrt();
        y.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - mean) / deviation);
        if let Some((factor, offset)) = line {
            let (factor, offset) = (factor[channel], offset[channel]);
            y.iter_mut().for_each(|y| *y = *y * factor + offset);
        }
    }
}

impl Work for Bn {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let [factor, bias, mean, inverse] = std::array::from_fn(|index| call.weights(index));
        let inner: usize = call.bottom_shape(0).iter().skip(2).product::<usize>().max(1);
        let input = call.f32(0);
        let rows = input.chunks_exact(inner).zip(call.f32_top().chunks_exact_mut(inner));
        for (row, (x, y)) in rows.enumerate() {
            let c = row % factor.len();
            let (mean, inverse, factor, bias) = (mean[c], inverse[c], factor[c], bias[c]);
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - mean) * inverse * factor + bias);
        }
        Ok(())
    }
}
