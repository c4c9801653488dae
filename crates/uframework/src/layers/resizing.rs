//! Layers that resize pictures: Resample, Interp, Resize, BilinearInterpolate.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "coordinates of pixels: small, and clipped to the bottom's"
)]

use umodel::layers::{BilinearInterpolate, Int8Form, Interp, Resample, ResampleMethod, Resize};
use umodel::{Arithmetic, LayerError, LayerOp, ValueError};

use super::moving::moved;
use super::{Call, Kernel, Site, Work, f32_top};
use crate::error::KernelError;
use crate::kernels::interpolate::Interpolator;
use crate::kernels::resample::{Taps, resample};
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
    /// `taps` are those of an axis, by the lengths of the bottom and the top.
    fn ready(
        site: &Site<'_>,
        taps: impl Fn(usize, usize, usize) -> Taps,
    ) -> Result<Box<dyn Work>, KernelError> {
        let [from, to] = sizes(site)?;
        let (rows, columns) = (taps(0, from[0], to[0]), taps(1, from[1], to[1]));
        Ok(Box::new(Resized { from, rows, columns }))
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

/// Four values for each index, those beyond the edges being the edges'.
fn cubic(a: f32, length: usize, positions: impl Iterator<Item = f32>) -> Taps {
    let mut taps = Taps { count: 4, places: Vec::new(), weights: Vec::new() };
    for position in positions {
        let floor = position.floor();
        let t = position - floor;
        for step in -1i64..=2 {
            let place = (floor as i64 + step).clamp(0, length as i64 - 1);
            taps.places.push(usize::try_from(place).unwrap_or(0));
            let d = (t - step as f32).abs();
            taps.weights.push(if d <= 1.0 {
                ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0
            } else {
                ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a
            });
        }
    }
    taps
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

impl Kernel for Resample {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        match self.method {
            ResampleMethod::Nearest(_) => moved(site),
            ResampleMethod::Linear => {
                Resized::ready(site, |axis, from, _| Taps::linear(from, self.positions(axis, from)))
            }
            ResampleMethod::Cubic { a } => {
                Resized::ready(site, |axis, from, _| cubic(a, from, self.positions(axis, from)))
            }
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

impl Kernel for Interp {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        if self.pad_beg > 0 || self.pad_end > 0 {
            return Err(KernelError::from(LayerError::BadValue {
                field: "interp_param.pad_beg",
                value: format!("{}, {}", self.pad_beg, self.pad_end),
                reason: ValueError::OnlyCuts.into(),
            }));
        }
        let (front, cut) =
            (self.pad_beg.unsigned_abs() as usize, self.pad_end.unsigned_abs() as usize);
        Resized::ready(site, |_, from, to| {
            let from = from - front - cut;
            let ratio = if to > 1 { (from - 1) as f32 / (to - 1) as f32 } else { 0.0 };
            let mut taps = Taps::linear(from, (0..to).map(|index| ratio * index as f32));
            taps.places.iter_mut().for_each(|place| *place += front);
            taps
        })
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        interpolate(&(*self).into(), site, integers)
    }
}

impl Kernel for Resize {
    /// What lies beyond the edge counts as zero.
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        Resized::ready(site, |_, from, to| {
            let ratio = from as f32 / to as f32;
            let mut taps = Taps { count: 2, places: Vec::new(), weights: Vec::new() };
            for index in 0..to {
                let position = index as f32 * ratio;
                let first = position as usize;
                let part = position - first as f32;
                for (place, weight) in [(first, 1.0 - part), (first + 1, part)] {
                    taps.places.push(place.min(from - 1));
                    taps.weights.push(if place < from { weight } else { 0.0 });
                }
            }
            taps
        })
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        interpolate(&(*self).into(), site, integers)
    }
}

impl Kernel for BilinearInterpolate {
    fn f32(&self, site: &Site<'_>) -> Result<Box<dyn Work>, KernelError> {
        let align = self.align_corners;
        Resized::ready(site, |_, from, to| {
            let ratio = match align {
                true if to == 1 => 0.0,
                true => (from - 1) as f32 / (to - 1) as f32,
                false => from as f32 / to as f32,
            };
            let position = move |index: usize| {
                let index = index as f32;
                if align { ratio * index } else { ratio * (index + 0.5) - 0.5 }
            };
            Taps::linear(from, (0..to).map(position))
        })
    }

    fn i8(&self, site: &Site<'_>, integers: &Arithmetic) -> Result<Box<dyn Work>, KernelError> {
        interpolate(&(*self).into(), site, integers)
    }
}
