use umodel::Arithmetic;
use umodel::layers::{Im2col, Patches};

use super::{Call, Kernel, Site, Work, axis_of, f32_top};
use crate::error::KernelError;

/// The patches of maps of one size.
#[derive(Debug)]
struct Unrolled {
    /// Lengths of the bottom's axes behind the channels.
    lengths: Vec<usize>,
    axes: Vec<Patches>,
}

impl Kernel for Im2col {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        let shape = site.bottom_shape(0);
        let lengths = shape[axis_of(self.axis, shape) + 1..].to_vec();
        Ok(Box::new(Unrolled { lengths, axes: self.patches(shape)? }))
    }

    fn i8(&self, site: &Site<'_>, _: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        Err(site.no_integers())
    }
}

impl Work for Unrolled {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        let taps: usize = self.axes.iter().map(|axis| axis.kernel).product();
        let positions: usize = self.axes.iter().map(|axis| axis.output).product();
        let volume: usize = self.lengths.iter().product();
        let tops = f32_top(&mut call.tops).chunks_exact_mut((taps * positions).max(1));
        for (map, top) in input.chunks_exact(volume.max(1)).zip(tops) {
            for (tap, top) in top.chunks_exact_mut(positions.max(1)).enumerate() {
                for (position, y) in top.iter_mut().enumerate() {
                    *y = self.place(tap, position).map_or(0.0, |place| map[place]);
                }
            }
        }
        Ok(())
    }
}

impl Unrolled {
    /// Where in its map the value stands that a tap of the kernel sees at a position; none in the padding.
    fn place(&self, mut tap: usize, mut position: usize) -> Option<usize> {
        let (mut place, mut step) = (0, 1);
        for (axis, &length) in self.axes.iter().zip(&self.lengths).rev() {
            let (at, k) = (position % axis.output, tap % axis.kernel);
            (position, tap) = (position / axis.output, tap / axis.kernel);
            let inside = (at * axis.stride + k * axis.dilation).checked_sub(axis.pad)?;
            if inside >= length {
                return None;
            }
            place += inside * step;
            step *= length;
        }
        Some(place)
    }
}
