use umodel::layers::{Lrn, LrnRegion, PoolWindow};

use super::{Call, Work, fp32_only};
use crate::error::KernelError;
use crate::kernels::pool;

fp32_only!(Lrn);

impl Work for Lrn {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shape = call.bottom_shape(0);
        let input = call.f32(0);
        let mut squares = std::mem::take(&mut call.scratch.floats);
        squares.clear();
        squares.extend(input.iter().map(|x| x * x));
        let top = call.f32_top();
        match self.region {
            LrnRegion::AcrossChannels => self.across(shape, &squares, top),
            LrnRegion::WithinChannel => self.within(shape, &squares, top),
        }
        // The top holds k + alpha · mean of squares; it becomes x times its power.
        top.iter_mut().zip(input).for_each(|(y, &x)| *y = x * y.powf(-self.beta));
        call.scratch.floats = squares;
        Ok(())
    }
}

trait Bases {
    fn across(&self, shape: &[usize], squares: &[f32], bases: &mut [f32]);
    fn within(&self, shape: &[usize], squares: &[f32], bases: &mut [f32]);
}

impl Bases for Lrn {
    fn across(&self, shape: &[usize], squares: &[f32], bases: &mut [f32]) {
        let (channels, plane) = (shape[1], (shape[2] * shape[3]).max(1));
        let factor = self.alpha / self.local_size as f32;
        let reach = self.local_size / 2;
        for (index, bases) in bases.chunks_exact_mut(plane).enumerate() {
            let (picture, channel) = (index / channels, index % channels);
            bases.fill(self.k);
            for near in channel.saturating_sub(reach)..(channel + reach + 1).min(channels) {
                let squares = &squares[(picture * channels + near) * plane..][..plane];
                bases.iter_mut().zip(squares).for_each(|(base, square)| *base += factor * square);
            }
        }
    }

    fn within(&self, shape: &[usize], squares: &[f32], bases: &mut [f32]) {
        let pad = (self.local_size - 1) / 2;
        let window = PoolWindow {
            kernel: [self.local_size; 2],
            stride: [1, 1],
            pad: [pad; 2],
            output: [shape[2], shape[3]],
        };
        pool::average(squares, [shape[2], shape[3]], &window, bases);
        bases.iter_mut().for_each(|base| *base = 1.0 + self.alpha * *base);
    }
}
