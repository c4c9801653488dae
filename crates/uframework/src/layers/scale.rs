use umodel::Arithmetic;
use umodel::layers::{BinaryOp, Scale};

use super::broadcast_i8::Broadcast;
use super::{Call, Kernel, Site, Work, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::rsh;
use crate::value::View;

/// `[outer, operands, inner]` for a broadcast operand that the layer has already accepted.
pub(super) fn rows<'a>(
    matrix: [usize; 3],
    input: &'a [f32],
    output: &'a mut [f32],
) -> impl Iterator<Item = (usize, &'a [f32], &'a mut [f32])> {
    let [_, operands, inner] = matrix;
    let inner = inner.max(1);
    let rows = input.chunks_exact(inner).zip(output.chunks_exact_mut(inner));
    rows.enumerate().map(move |(row, (x, y))| (row % operands.max(1), x, y))
}

impl Kernel for Scale {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(*self))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        let Arithmetic::MultiplyAccumulate { weights, bias, right_shifts } = integers else {
            return Broadcast::along(site, self.axis, integers, BinaryOp::Mul);
        };
        let factors: Vec<i32> = weights.iter().map(|&weight| weight.into()).collect();
        let bias: Vec<i32> = match bias {
            Some(bias) => bias.iter().map(|&value| value.into()).collect(),
            None => vec![0; factors.len()],
        };
        let inner = site.bottom_shape(0).iter().skip(2).product::<usize>().max(1);
        let shifts = (0..factors.len()).map(|channel| right_shifts.of_channel(channel)).collect();
        Ok(Box::new(Scaled { factors, bias, shifts, inner }))
    }
}

impl Work for Scale {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let learnt = call.bottoms.len() == 1;
        let (factor, shape) = if learnt {
            (call.weights(0), call.layer.weights[0].shape())
        } else {
            (call.f32(1), call.bottom_shape(1))
        };
        let bias = self.bias.then(|| call.weights(usize::from(learnt)));
        let matrix = self.matrix(call.bottom_shape(0), shape)?;
        let input = call.f32(0);
        for (operand, x, y) in rows(matrix, input, call.f32_top()) {
            let factor = factor[operand];
            let bias = bias.map_or(0.0, |bias| bias[operand]);
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = x * factor + bias);
        }
        Ok(())
    }
}

/// The int8 form: a factor, a bias and a shift for each channel.
#[derive(Debug)]
struct Scaled {
    factors: Vec<i32>,
    bias: Vec<i32>,
    shifts: Vec<u8>,
    /// Values of a channel.
    inner: usize,
}

impl Work for Scaled {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.bottoms[0];
        for_ints!(mut (&mut call.tops[0]) top => self.scale(input, top));
        Ok(())
    }
}

impl Scaled {
    fn scale<T: Int8>(&self, input: View<'_>, top: &mut [T]) {
        for_ints!((input) input => {
            let rows = input.chunks_exact(self.inner).zip(top.chunks_exact_mut(self.inner));
            let channels = self.factors.iter().zip(&self.bias).zip(&self.shifts).cycle();
            for ((x, y), ((factor, bias), &shift)) in rows.zip(channels) {
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = T::saturate(rsh(i32::from(x) * factor + bias, shift));
                }
            }
        });
    }
}
