use umodel::layers::Concat;
use umodel::{Arithmetic, Rescale};

use super::{Call, Kernel, f32_top, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::rescale;

/// For each bottom, `(row length, offset in a top row)`, and the length of a top row.
fn layout(call: &Call<'_>, axis: usize) -> (Vec<(usize, usize)>, usize) {
    let inner = |shape: &[usize]| shape.iter().skip(axis).product::<usize>();
    let mut offset = 0;
    let parts = (0..call.bottoms.len()).map(|index| {
        let length = inner(call.bottom_shape(index));
        offset += length;
        (length, offset - length)
    });
    let parts: Vec<_> = parts.collect();
    (parts, offset)
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
    fn f32(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let axis = self.canonical_axis(call.bottom_shape(0))?;
        let (parts, row) = layout(call, axis);
        for (index, &part) in parts.iter().enumerate() {
            let input = call.f32(index);
            place(input, part, row, f32_top(&mut call.tops), |x| x);
        }
        Ok(())
    }

    fn i8(&self, call: &mut Call<'_>) {
        let Arithmetic::Rescaled(rescales) = call.arithmetic else {
            unreachable!("an int8 Concat rescales");
        };
        let axis = self.canonical_axis(call.bottom_shape(0)).unwrap_or_default();
        let (parts, row) = layout(call, axis);
        for_ints!(mut (&mut call.tops[0]) top => {
            for ((&bottom, &by), &part) in call.bottoms.iter().zip(rescales).zip(&parts) {
                for_ints!((bottom) input => rescaled(input, by, part, row, top));
            }
        });
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
