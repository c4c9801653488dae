use umodel::Arithmetic;
use umodel::layers::{Bias, BinaryOp};

use super::broadcast_i8::Broadcast;
use super::scale::rows;
use super::{Call, Kernel, Site, Work};
use crate::error::KernelError;

impl Kernel for Bias {
    fn f32(&self, _: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Ok(Box::new(*self))
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        Broadcast::along(site, self.axis, integers, BinaryOp::Add)
    }
}

impl Work for Bias {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let (bias, shape) = if call.bottoms.len() == 1 {
            (call.weights(0), call.layer.weights[0].shape())
        } else {
            (call.f32(1), call.bottom_shape(1))
        };
        let matrix = self.matrix(call.bottom_shape(0), shape)?;
        let input = call.f32(0);
        for (operand, x, y) in rows(matrix, input, call.f32_top()) {
            let bias = bias[operand];
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = x + bias);
        }
        Ok(())
    }
}
