//! Layers that only move values: each is a [`Gather`] for each of its tops, fp32 and int8 alike.

use umodel::layers::{
    Crop, Pad, PadMode, Permute, PixelShuffle, Reorg, Reverse, ShuffleChannel, Slice, StridedSlice,
    Tile, Upsample,
};
use umodel::{Arithmetic, LayerError, Rescale, ValueError};

use super::{Call, Kernel, Site, Work, axis_of, for_ints};
use crate::error::KernelError;
use crate::kernels::Int8;
use crate::kernels::gather::{Axis, FILL, Gather};
use crate::kernels::requantize::rescale;
use crate::value::{View, ViewMut};

/// A layer whose tops are values of its first bottom, moved.
trait Moving {
    /// Where the values of a top come from.
    fn gather(&self, site: &Site<'_>, top: usize) -> Result<Gather, KernelError>;

    /// What stands where nothing of the bottom belongs.
    fn fill(&self) -> f32 {
        0.0
    }
}

/// Values moved to every top.
#[derive(Debug)]
pub(super) struct Moved {
    /// One for each top.
    pub(super) gathers: Vec<Gather>,
    pub(super) fill: f32,
}

impl Work for Moved {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        for (gather, top) in self.gathers.iter().zip(&mut call.tops) {
            match (call.bottoms[0], top) {
                (View::F32(from), ViewMut::F32(to)) => gather.run(from, self.fill, to),
                // An int8 net pads with zeros only.
                (View::I8(from), ViewMut::I8(to)) => gather.run(from, 0, to),
                (View::U8(from), ViewMut::U8(to)) => gather.run(from, 0, to),
                _ => unreachable!("a layer that moves values has tops of its bottom's format"),
            }
        }
        Ok(())
    }
}

fn moved(layer: &impl Moving, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
    let tops = 0..site.layer.tops.len();
    let gathers = tops.map(|top| layer.gather(site, top)).collect::<Result<_, _>>()?;
    Ok(Box::new(Moved { gathers, fill: layer.fill() }))
}

/// Values moved to every top and brought to its scale.
#[derive(Debug)]
struct Cut {
    moved: Moved,
    /// One for each top.
    by: Vec<Rescale>,
}

impl Work for Cut {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        fn place<T: Int8, U: Int8>(
            gather: &Gather,
            from: &[T],
            by: Rescale,
            moved: &mut Vec<T>,
            to: &mut [U],
        ) {
            moved.clear();
            moved.resize(to.len(), T::default());
            gather.run(from, T::default(), moved);
            to.iter_mut()
                .zip(moved)
                .for_each(|(y, &mut x)| *y = U::saturate(rescale(x.into(), by)));
        }
        let Call { bottoms, tops, scratch, .. } = call;
        for ((gather, &by), top) in self.moved.gathers.iter().zip(&self.by).zip(tops) {
            for_ints!(mut (top) to => match bottoms[0] {
                View::I8(from) => place(gather, from, by, &mut scratch.signed, to),
                View::U8(from) => place(gather, from, by, &mut scratch.unsigned, to),
                View::F32(_) => unreachable!("an int8 layer has int8 bottoms"),
            });
        }
        Ok(())
    }
}

fn cut(
    layer: &impl Moving,
    site: &Site<'_>,
    integers: &Arithmetic,
) -> Result<Box<dyn Work>, KernelError> {
    let Arithmetic::Cut(by) = integers else { return moved(layer, site) };
    let tops = 0..site.layer.tops.len();
    let gathers = tops.map(|top| layer.gather(site, top)).collect::<Result<_, _>>()?;
    Ok(Box::new(Cut { moved: Moved { gathers, fill: 0.0 }, by: by.clone() }))
}

macro_rules! cutting {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                moved(self, site)
            }

            fn i8(&self, site: &Site<'_>, by: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
                cut(self, site, by)
            }
        }
    )*};
}

cutting!(Slice, StridedSlice);

macro_rules! moving {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                moved(self, site)
            }

            fn i8(&self, site: &Site<'_>, _: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
                moved(self, site)
            }
        }
    )*};
}

moving!(Crop, Pad, Permute, PixelShuffle, Reorg, Reverse, ShuffleChannel, Tile, Upsample);

/// The distance of neighbours along each axis.
fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The axes of a view of the input, in another order.
fn permuted(shape: &[usize], order: &[usize]) -> Gather {
    let strides = strides(shape);
    Gather::new(order.iter().map(|&axis| Axis::run(0, strides[axis], shape[axis])).collect())
}

/// A part of the input: where it begins along each axis, and how large it is.
fn part(shape: &[usize], begin: &[usize], size: &[usize]) -> Gather {
    let axes = strides(shape).into_iter().zip(begin).zip(size);
    let axis = |((stride, begin), &size): ((usize, &usize), &usize)| {
        Axis::run(begin * stride, stride, size)
    };
    Gather::new(axes.map(axis).collect())
}

/// The product of the axes in front and behind an axis, and its own length.
fn around(shape: &[usize], axis: usize) -> [usize; 3] {
    let product = |sizes: &[usize]| sizes.iter().product();
    [product(&shape[..axis]), shape[axis], product(&shape[axis + 1..])]
}

impl Moving for Permute {
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let shape = site.bottom_shape(0);
        Ok(permuted(shape, &self.axes(shape)?))
    }
}

impl Moving for Crop {
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let shape = site.bottom_shape(0);
        let first = axis_of(self.axis, shape);
        let begin: Vec<usize> = (0..shape.len())
            .map(|axis| match (axis.checked_sub(first), self.offset.as_slice()) {
                (None, _) | (_, []) => 0,
                (_, [one]) => *one,
                (Some(index), each) => each[index],
            })
            .collect();
        Ok(part(shape, &begin, site.top_shape(0)))
    }
}

impl Moving for Slice {
    fn gather(&self, site: &Site<'_>, top: usize) -> Result<Gather, KernelError> {
        let shape = site.bottom_shape(0);
        let axis = axis_of(self.axis, shape);
        let mut begin = vec![0; shape.len()];
        begin[axis] = (0..top).map(|before| site.top_shape(before)[axis]).sum();
        Ok(part(shape, &begin, site.top_shape(top)))
    }
}

impl Moving for StridedSlice {
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let shape = site.bottom_shape(0);
        let axes = strides(shape).into_iter().zip(self.ranges(shape)?).map(|(distance, range)| {
            // Steps may go down; each index lies inside the axis.
            let step = isize::try_from(range.stride).unwrap_or(0);
            let index = |index: usize| range.begin.wrapping_add_signed(index.cast_signed() * step);
            Axis::of((0..range.count).map(|place| index(place) * distance))
        });
        Ok(Gather::new(axes.collect()))
    }
}

impl Moving for Tile {
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let shape = site.bottom_shape(0);
        let [outer, length, inner] = around(shape, axis_of(self.axis, shape));
        let tiles = usize::try_from(self.tiles).unwrap_or(0);
        let whole = length * inner;
        Ok(Gather::new(vec![
            Axis::run(0, whole, outer),
            Axis::run(0, 0, tiles),
            Axis::run(0, 1, whole),
        ]))
    }
}

impl Moving for ShuffleChannel {
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let shape = site.bottom_shape(0);
        let images = shape.first().copied().unwrap_or(1);
        let channels = shape.get(1).copied().unwrap_or(1);
        let inner = shape.iter().skip(2).product();
        let view = [images, self.group, channels / self.group, inner];
        Ok(permuted(&view, &[0, 2, 1, 3]))
    }
}

impl Moving for PixelShuffle {
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let [front @ .., channels, h, w] = site.bottom_shape(0) else {
            return Ok(Gather::new(vec![]));
        };
        let factor = usize::try_from(self.upscale_factor).unwrap_or(1);
        let view = [front.iter().product(), channels / (factor * factor), factor, factor, *h, *w];
        Ok(permuted(&view, &[0, 1, 4, 2, 5, 3]))
    }
}

impl Moving for Reorg {
    /// As Darknet does it: the input is taken for one of s² times fewer channels and s times larger pictures,
    /// which differs from moving each pixel's neighbours to channels.
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let [n, c, h, w] = four(site.bottom_shape(0));
        let s = self.stride;
        if self.reverse {
            let view = [n, s, s, c / (s * s), h, w];
            return Ok(permuted(&view, &[0, 3, 4, 1, 5, 2]));
        }
        if !c.is_multiple_of(s * s) {
            return Err(KernelError::from(LayerError::BadValue {
                field: "reorg_param.stride",
                value: s.to_string(),
                reason: ValueError::SquareDividesChannels(c).into(),
            }));
        }
        let view = [n, c / (s * s), h, s, w, s];
        Ok(permuted(&view, &[0, 3, 5, 1, 2, 4]))
    }
}

impl Moving for Reverse {
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let shape = site.bottom_shape(0);
        let reversed: Vec<usize> = self.axes.iter().map(|&axis| axis_of(axis, shape)).collect();
        let axes = shape.iter().zip(strides(shape)).enumerate().map(|(axis, (&size, stride))| {
            if reversed.contains(&axis) {
                Axis::of((0..size).rev().map(|index| index * stride))
            } else {
                Axis::run(0, stride, size)
            }
        });
        Ok(Gather::new(axes.collect()))
    }
}

impl Moving for Upsample {
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let shape = site.bottom_shape(0);
        let grown = if self.dims_num == 3 { 1 } else { 2 };
        let axes = shape.iter().zip(strides(shape)).enumerate().map(|(axis, (&size, stride))| {
            if axis + grown < shape.len() {
                return Axis::run(0, stride, size);
            }
            let scale = self.scale[axis + 2 - shape.len()];
            Axis::of((0..size * scale).map(|index| index / scale * stride))
        });
        Ok(Gather::new(axes.collect()))
    }
}

impl Moving for Pad {
    fn gather(&self, site: &Site<'_>, _: usize) -> Result<Gather, KernelError> {
        let shape = site.bottom_shape(0);
        let axes = shape.iter().zip(strides(shape)).zip(self.all(shape)?);
        let axes = axes.zip(site.top_shape(0)).map(|(((&size, stride), [before, _]), &count)| {
            let before = isize::try_from(before).unwrap_or(0);
            let place = |index: usize| {
                let place = index.cast_signed() - before;
                source(self.mode, place, size.cast_signed()).map_or(FILL, |place| place * stride)
            };
            Axis::of((0..count).map(place))
        });
        Ok(Gather::new(axes.collect()))
    }

    fn fill(&self) -> f32 {
        match self.mode {
            PadMode::Constant(value) => value,
            PadMode::Edge | PadMode::Reflect | PadMode::Symmetric => 0.0,
        }
    }
}

/// Where the value comes from that padding puts at a place relative to the axis's begin.
fn source(mode: PadMode, place: isize, size: isize) -> Option<usize> {
    let last = size - 1;
    let place = match mode {
        _ if (0..size).contains(&place) => place,
        PadMode::Constant(_) => return None,
        PadMode::Edge => place.clamp(0, last),
        PadMode::Reflect if place < 0 => -place,
        PadMode::Reflect => 2 * last - place,
        PadMode::Symmetric if place < 0 => -place - 1,
        PadMode::Symmetric => 2 * last + 1 - place,
    };
    usize::try_from(place).ok()
}

fn four(shape: &[usize]) -> [usize; 4] {
    std::array::from_fn(|axis| shape.get(axis).copied().unwrap_or(1))
}
