use umodel::Arithmetic;
use umodel::layers::{PoolMethod, PoolWindow, Spp};

use super::{Call, Kernel, Site, Work, f32_top};
use crate::error::KernelError;
use crate::kernels::pool;

/// The pyramid over maps of one size.
#[derive(Debug)]
struct Pyramid {
    channels: usize,
    size: [usize; 2],
    method: PoolMethod,
    levels: Vec<PoolWindow>,
}

impl Kernel for Spp {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        let shape = site.bottom_shape(0);
        let levels = self.windows(shape)?;
        let size = [shape[2], shape[3]];
        Ok(Box::new(Pyramid { channels: shape[1], size, method: self.method, levels }))
    }

    fn i8(&self, site: &Site<'_>, _: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        Err(site.no_integers())
    }
}

impl Work for Pyramid {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        let picture = self.channels * self.size[0] * self.size[1];
        let lengths = self.levels.iter().map(|window| window.output[0] * window.output[1]);
        let bins: usize = lengths.sum();
        let tops = f32_top(&mut call.tops).chunks_exact_mut((self.channels * bins).max(1));
        for (picture, mut top) in input.chunks_exact(picture.max(1)).zip(tops) {
            for window in &self.levels {
                let length = self.channels * window.output[0] * window.output[1];
                let (level, rest) = top.split_at_mut(length);
                match self.method {
                    PoolMethod::Max => pool::max(picture, self.size, window, f32::MIN, level),
                    PoolMethod::Average => pool::average(picture, self.size, window, level),
                }
                top = rest;
            }
        }
        Ok(())
    }
}
