//! Layers that resize pictures: Resample, Interp, Resize, BilinearInterpolate.
use umodel::layers::{BilinearInterpolate, Int8Form, Interp, Resample, ResampleMethod, Resize};
use umodel::{Arithmetic, LayerOp, Taps};

use super::moving::moved;
use super::{Call, Kernel, Site, Work, f32_top};
use crate::error::KernelError;
use crate::kernels::interpolate::Interpolator;
use crate::kernels::resample::resample;
use crate::value::{View, ViewMut};

/// Height and width of the bottom and the top.
fn sizes(site: &Site<'_>) -> Result<[[usize; 2]; 2], KernelError> {
    let size = |shape: &[usize]| [2, 3].map(|axis| shape.get(axis).copied().unwrap_or(1));
    let [from, to] = [size(site.bottom_shape(0)), size(site.top_shape(0))];
    // Nothing cannot be resized to something.
    if from.contains(&0) { Err(KernelError::EmptyBottom) } else { Ok([from, to]) }
}

/// Weighted values of each plane's rows and columns.
#[derive(Debug)]
struct Resized {
    /// Height and width of the bottom.
    from: [usize; 2],
    rows: Taps,
    columns: Taps,
}

impl Resized {
    fn ready(site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        let [from, _] = sizes(site)?;
        match site.layer.op.taps(site.bottom_shape(0), site.top_shape(0))? {
            Some([rows, columns]) => Ok(Box::new(Resized { from, rows, columns })),
            None => Err(site.not_executable()),
        }
    }
}

impl Work for Resized {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let input = call.f32(0);
        let scratch = &mut call.scratch.floats;
        let taps = [&self.rows, &self.columns];
        resample(input, self.from, taps, scratch, f32_top(&mut call.tops));
        Ok(())
    }
}

/// The int8 form of bilinear resizing.
#[derive(Debug)]
struct Interpolated(Interpolator);

fn interpolate(
    op: &LayerOp,
    site: &Site<'_>,
    integers: &Arithmetic,
) -> Result<Box<dyn Work>, KernelError> {
    let (Arithmetic::Interpolate, Int8Form::Interpolate(linear)) = (integers, op.int8_form())
    else {
        return Err(site.no_integers());
    };
    let [from, _] = sizes(site)?;
    let plan = linear.plan(site.bottom_shape(0), site.top_shape(0));
    let plan = plan.map_err(|_| site.no_integers())?;
    Ok(Box::new(Interpolated(Interpolator::new(&plan, from))))
}

impl Work for Interpolated {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let scratch = &mut call.scratch.planes;
        match (call.bottoms[0], &mut call.tops[0]) {
            (View::I8(input), ViewMut::I8(top)) => self.0.run(input, scratch, top),
            (View::U8(input), ViewMut::U8(top)) => self.0.run(input, scratch, top),
            _ => unreachable!("a resized blob has its bottom's format"),
        }
        Ok(())
    }
}

macro_rules! bilinear {
    ($($layer:ty),*) => {$(
        impl Kernel for $layer {
            fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
                Resized::ready(site)
            }

            fn i8(&self, site: &Site<'_>, by: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
                interpolate(&(*self).into(), site, by)
            }
        }
    )*};
}

bilinear!(BilinearInterpolate, Interp, Resize);

impl Kernel for Resample {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        match self.method {
            ResampleMethod::Nearest(_) => moved(site),
            ResampleMethod::Linear | ResampleMethod::Cubic { .. } => Resized::ready(site),
        }
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        match self.method {
            ResampleMethod::Nearest(_) => moved(site),
            ResampleMethod::Linear => interpolate(&(*self).into(), site, integers),
            ResampleMethod::Cubic { .. } => Err(site.no_integers()),
        }
    }
}
