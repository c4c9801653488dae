//! Normalization by the statistics of the picture itself: MVN, InstanceNorm, LayerNorm, Normalize.
#![expect(clippy::cast_possible_truncation, reason = "sums in double precision become fp32")]

use umodel::layers::{InstanceNorm, LayerNorm, Mvn, Normalize};

use super::{Call, Work, axis_of, fp32_only};
use crate::error::KernelError;

fp32_only!(InstanceNorm, LayerNorm, Mvn, Normalize);

/// Mean and variance, summed in double precision, so that they do not depend on the order.
fn moments(values: &[f32]) -> (f32, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let variance = values.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / count;
    (mean as f32, variance)
}

impl Work for Mvn {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let skip = if self.across_channels { 1 } else { 2 };
        let inner = call.bottom_shape(0).iter().skip(skip).product::<usize>().max(1);
        let input = call.f32(0);
        let rows = input.chunks_exact(inner).zip(call.f32_top().chunks_exact_mut(inner));
        for (x, y) in rows {
            let (mean, variance) = moments(x);
            let deviation =
                if self.normalize_variance { variance.sqrt() as f32 + self.eps } else { 1.0 };
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - mean) / deviation);
        }
        Ok(())
    }
}

impl Work for InstanceNorm {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let inner = call.bottom_shape(0).iter().skip(2).product::<usize>().max(1);
        normalize(call, inner, self.eps);
        Ok(())
    }
}

impl Work for LayerNorm {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let inner = shape[axis_of(self.axis, shape)..].iter().product::<usize>().max(1);
        normalize(call, inner, self.eps);
        Ok(())
    }
}

/// Rows of so many values, each by its own mean and variance.
fn normalize(call: &mut Call<'_>, inner: usize, eps: f32) {
    let input = call.f32(0);
    for (x, y) in input.chunks_exact(inner).zip(call.f32_top().chunks_exact_mut(inner)) {
        let (mean, variance) = moments(x);
        let factor = (1.0 / (variance + f64::from(eps)).sqrt()) as f32;
        y.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - mean) * factor);
    }
}

impl Work for Normalize {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let inner = shape.iter().skip(2).product::<usize>().max(1);
        let channels = shape[1];
        let scale = call.weights(0);
        let input = call.f32(0);
        let norms = &mut call.scratch.floats;
        let top = super::f32_top(&mut call.tops);
        let size = (channels * inner).max(1);
        for (x, y) in input.chunks_exact(size).zip(top.chunks_exact_mut(size)) {
            norms.clear();
            norms.resize(inner, self.eps);
            for row in x.chunks_exact(inner) {
                norms.iter_mut().zip(row).for_each(|(norm, &x)| *norm += x * x);
            }
            if self.across_spatial {
                let sum: f64 = x.iter().map(|&x| f64::from(x).powi(2)).sum();
                norms.fill((sum + f64::from(self.eps)) as f32);
            }
            norms.iter_mut().for_each(|norm| *norm = norm.sqrt());
            let rows = x.chunks_exact(inner).zip(y.chunks_exact_mut(inner));
            for (channel, (x, y)) in rows.enumerate() {
                let scale = scale[if self.channel_shared { 0 } else { channel }];
                let values = x.iter().zip(&*norms);
                y.iter_mut().zip(values).for_each(|(y, (&x, &norm))| *y = x / norm * scale);
            }
        }
        Ok(())
    }
}
