use umodel::layers::Concat;
use umodel::{Arithmetic, Rescale};

use super::{Call, Kernel, Site, Work, f32_top, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::rescale;

/// Bottoms put side by side.
#[derive(Debug)]
struct Joined {
    /// For each bottom, `(row length, offset in a top row)`.
    parts: Vec<(usize, usize)>,
    /// The length of a top row.
    row: usize,
    /// One for each bottom of an int8 net.
    rescales: Vec<Rescale>,
}

impl Joined {
    fn new(layer: &Concat, site: &Site<'_>, rescales: Vec<Rescale>) -> Result<Self, KernelError> {
        let axis = layer.canonical_axis(site.bottom_shape(0))?;
        let mut row = 0;
        let parts = (0..site.layer.bottoms.len()).map(|index| {
            let length = site.bottom_shape(index).iter().skip(axis).product::<usize>();
            row += length;
            (length, row - length)
        });
        Ok(Joined { parts: parts.collect(), row, rescales })
    }
}

/// Copies the rows of one bottom to their place in the top's rows.
fn place<T: Copy, U>(
    input: &[T],
    (length, offset): (usize, usize),
    row: usize,
    top: &mut [U],
    convert: impl Fn(T) -> U,
) {
    if length == 0 {
        return;
    }
    for (x, y) in input.chunks_exact(length).zip(top.chunks_exact_mut(row)) {
        let y = &mut y[offset..offset + length];
        y.iter_mut().zip(x).for_each(|(y, &x)| *y = convert(x));
    }
}

impl Kernel for Concat {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(Joined::new(self, site, Vec::new())?))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let Arithmetic::Rescaled(rescales) = integers else { return Err(site.no_integers()) };
        Ok(Box::new(Rescaled(Joined::new(self, site, rescales.clone())?)))
    }
}

impl Work for Joined {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        for (index, &part) in self.parts.iter().enumerate() {
            let input = call.f32(index);
            place(input, part, self.row, f32_top(&mut call.tops), |x| x);
        }
        Ok(())
    }
}

/// The same with each bottom brought to the top's scale.
#[derive(Debug)]
struct Rescaled(Joined);

impl Work for Rescaled {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let Joined { parts, row, rescales } = &self.0;
        for_ints!(mut (&mut call.tops[0]) top => {
            for ((&bottom, &by), &part) in call.bottoms.iter().zip(rescales).zip(parts) {
                for_ints!((bottom) input => rescaled(input, by, part, *row, top));
            }
        });
        Ok(())
    }
}

fn rescaled<T: Int8, U: Int8>(
    input: &[T],
    by: Rescale,
    part: (usize, usize),
    row: usize,
    top: &mut [U],
) {
    place(input, part, row, top, |x| U::saturate(rescale(x.into(), by)));
}
