//! Layers that only move values, fp32 and int8 alike: umodel says where those of each top come from.

use umodel::layers::{
    Crop, Pad, Permute, PixelShuffle, Reorg, Reverse, ShuffleChannel, Slice, StridedSlice, Tile,
    Upsample,
};
use umodel::{Arithmetic, LayerOp, Movement, Rescale};

use super::{Call, Kernel, Site, Work, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::requantize::rescale;
use crate::value::{View, ViewMut};

/// Where the values of each top come from.
fn movements(site: &Site<'_>) -> Result<Vec<Movement>, KernelError> {
    let op: &LayerOp = &site.layer.op;
    let movement = |top| match op.movement(site.bottom_shape(0), &site.shapes.tops, top)? {
        Some(movement) => Ok(movement),
        None => Err(site.not_executable()),
    };
    (0..site.layer.tops.len()).map(movement).collect()
}

/// Values moved to every top.
#[derive(Debug)]
struct Moved {
    /// One for each top.
    movements: Vec<Movement>,
}

impl Work for Moved {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        for (movement, top) in self.movements.iter().zip(&mut call.tops) {
            match (call.bottoms[0], top) {
                (View::F32(from), ViewMut::F32(to)) => movement.run(from, movement.fill, to),
                // An int8 net pads with zeros only.
                (View::I8(from), ViewMut::I8(to)) => movement.run(from, 0, to),
                (View::U8(from), ViewMut::U8(to)) => movement.run(from, 0, to),
                _ => unreachable!("a layer that moves values has tops of its bottom's format"),
            }
        }
        Ok(())
    }
}

/// A layer that moves values as they are.
pub(super) fn moved(site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
    Ok(Box::new(Moved { movements: movements(site)? }))
}

/// Values moved to every top and brought to its scale.
#[derive(Debug)]
struct Cut {
    /// One for each top.
    movements: Vec<Movement>,
    /// One for each top.
    by: Vec<Rescale>,
}

impl Work for Cut {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        fn place<T: Int8, U: Int8>(
            movement: &Movement,
            from: &[T],
            by: Rescale,
            moved: &mut Vec<T>,
            to: &mut [U],
        ) {
            moved.clear();
            moved.resize(to.len(), T::default());
            movement.run(from, T::default(), moved);
            to.iter_mut()
                .zip(moved)
                .for_each(|(y, &mut x)| *y = U::saturate(rescale(x.into(), by)));
        }
        let Call { bottoms, tops, scratch, .. } = call;
        for ((movement, &by), top) in self.movements.iter().zip(&self.by).zip(tops) {
            for_ints!(mut (top) to => match bottoms[0] {
                View::I8(from) => place(movement, from, by, &mut scratch.signed, to),
                View::U8(from) => place(movement, from, by, &mut scratch.unsigned, to),
                View::F32(_) => unreachable!("an int8 layer has int8 bottoms"),
            });
        }
        Ok(())
    }
}

macro_rules! moving {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                moved(site)
            }

            fn i8(&self, site: &Site<'_>, by: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
                match by {
                    Arithmetic::Cut(by) => {
                        Ok(Box::new(Cut { movements: movements(site)?, by: by.clone() }))
                    }
                    _ => moved(site),
                }
            }
        }
    )*};
}

moving!(
    Crop,
    Pad,
    Permute,
    PixelShuffle,
    Reorg,
    Reverse,
    ShuffleChannel,
    Slice,
    StridedSlice,
    Tile,
    Upsample
);
