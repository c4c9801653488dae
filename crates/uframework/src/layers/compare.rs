//! Comparing and choosing, element by element, with broadcasting.

use umodel::layers::{Compare, CompareOp, Where};

use super::broadcast_binary::{axes, run};
use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(Compare, Where);

fn holds(operation: CompareOp) -> fn(f32, f32) -> f32 {
    match operation {
        CompareOp::Equal => |a, b| f32::from(u8::from(a == b)),
        CompareOp::Less => |a, b| f32::from(u8::from(a < b)),
        CompareOp::LessOrEqual => |a, b| f32::from(u8::from(a <= b)),
        CompareOp::Greater => |a, b| f32::from(u8::from(a > b)),
        CompareOp::GreaterOrEqual => |a, b| f32::from(u8::from(a >= b)),
        CompareOp::And => |a, b| f32::from(u8::from(a != 0.0 && b != 0.0)),
        CompareOp::Or => |a, b| f32::from(u8::from(a != 0.0 || b != 0.0)),
        CompareOp::Xor => |a, b| f32::from(u8::from((a != 0.0) != (b != 0.0))),
    }
}

impl Work for Compare {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let axes = axes(call.bottom_shape(0), call.bottom_shape(1));
        let (a, b) = (call.f32(0), call.f32(1));
        run(&axes, a, b, call.f32_top(), &holds(self.operation));
        Ok(())
    }
}

impl Work for Where {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let top_shape = call.top_shape(0);
        let bottoms: [(&[f32], Vec<usize>); 3] = std::array::from_fn(|index| {
            (call.f32(index), strides(call.bottom_shape(index), top_shape))
        });
        for (index, y) in call.f32_top().iter_mut().enumerate() {
            let at = |bottom: usize| {
                let (values, strides) = &bottoms[bottom];
                values[place(index, top_shape, strides)]
            };
            *y = if at(0) != 0.0 { at(1) } else { at(2) };
        }
        Ok(())
    }
}

/// How far apart neighbours of a bottom are along each of the top's axes: 0 where it is repeated.
fn strides(bottom: &[usize], top: &[usize]) -> Vec<usize> {
    let mut strides = vec![0; top.len()];
    let mut stride = 1;
    for (place, &size) in strides.iter_mut().rev().zip(bottom.iter().rev()) {
        *place = if size == 1 { 0 } else { stride };
        stride *= size;
    }
    strides
}

/// Where a bottom has the value for one of the top's.
fn place(index: usize, top: &[usize], strides: &[usize]) -> usize {
    let (mut rest, mut place) = (index, 0);
    for (&size, &stride) in top.iter().zip(strides).rev() {
        place += rest % size * stride;
        rest /= size;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: the places of bottoms that are repeated.
    #[test]
    fn places_are_broadcast() {
        let all = |bottom: &[usize]| -> Vec<usize> {
            let strides = strides(bottom, &[2, 3]);
            (0..6).map(|index| place(index, &[2, 3], &strides)).collect()
        };
        assert_eq!(all(&[2, 3]), [0, 1, 2, 3, 4, 5]);
        assert_eq!(all(&[3]), [0, 1, 2, 0, 1, 2]);
        assert_eq!(all(&[2, 1]), [0, 0, 0, 1, 1, 1]);
        assert_eq!(all(&[]), [0; 6]);
    }
}
