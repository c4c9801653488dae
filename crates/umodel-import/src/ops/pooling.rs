//! Poolings of pictures.

use umodel::layers::{PoolMethod, Pooling, Power, Scale};

use super::convolution::{picture, seen};
use super::pad::{self, Padding};
use crate::error::{AttributeError, ShapeError};
use crate::graph::{Importer, Layout, Result, Site, Value, View, Weight, signed, volume};

/// A pooling's parameters.
#[derive(Clone, Debug)]
pub(crate) struct Pool2d {
    /// The order of the value's axes.
    pub(crate) layout: Layout,
    pub(crate) method: PoolMethod,
    pub(crate) kernel: [usize; 2],
    pub(crate) strides: [usize; 2],
    /// Rows above, columns left, rows below, columns right; not negative.
    pub(crate) pads: [usize; 4],
    /// Whether the number of windows is rounded up; a window must begin inside the picture or the padding in
    /// front of it.
    pub(crate) ceil: bool,
    /// Whether an average divides by the window's padding, too.
    pub(crate) count_include_pad: bool,
}

/// One axis of a pooling.
#[derive(Clone, Copy)]
struct Line {
    length: usize,
    kernel: usize,
    stride: usize,
    before: usize,
    after: usize,
    windows: usize,
}

impl Pool2d {
    fn line(&self, axis: usize, length: usize) -> Result<Line> {
        let (kernel, stride) = (self.kernel[axis], self.strides[axis]);
        let (before, after) = (self.pads[axis], self.pads[axis + 2]);
        let bad = |name| {
            let pads = [before, after];
            AttributeError::Window { kernel, stride, pads, length }.of(name)
        };
        let padded = before.checked_add(after).and_then(|pads| pads.checked_add(length));
        let (Some(padded), true, true) = (padded.filter(|_| length > 0), kernel > 0, stride > 0)
        else {
            return Err(bad("kernel_shape"));
        };
        let Some(mut windows) = windows(padded, kernel, stride, self.ceil) else {
            return Err(bad("kernel_shape"));
        };
        if before >= kernel {
            return Err(bad("pads"));
        }
        if self.ceil && (windows - 1) * stride >= length + before {
            windows -= 1;
        }
        Ok(Line { length, kernel, stride, before, after, windows })
    }
}

/// How many windows a padded length has. Rounded up, a kernel that is larger by less than a stride is one.
fn windows(padded: usize, kernel: usize, stride: usize, ceil: bool) -> Option<usize> {
    match (padded.checked_sub(kernel), ceil) {
        (Some(room), true) => Some(room.div_ceil(stride) + 1),
        (Some(room), false) => Some(room / stride + 1),
        (None, true) if kernel - padded < stride => Some(1),
        (None, _) => None,
    }
}

impl Line {
    /// By how much a window's sum is divided along this axis.
    fn divisor(&self, window: usize, include_pad: bool) -> usize {
        let start = window * self.stride;
        let (low, high) = match include_pad {
            true => (0, self.length + self.before + self.after),
            false => (self.before, self.before + self.length),
        };
        (start + self.kernel).min(high).saturating_sub(start.max(low))
    }

    /// Whether Caffe, rounding up or down, has the same windows with the pad `before` on both sides.
    fn fits(&self, ceil: bool, any_pad: bool) -> bool {
        let padded = self.length + 2 * self.before;
        let Some(mut windows) = windows(padded, self.kernel, self.stride, ceil) else {
            return false;
        };
        if ceil && any_pad && (windows - 1) * self.stride >= self.length + self.before {
            windows -= 1;
        }
        windows == self.windows
    }

    /// What Caffe divides by.
    fn caffe_divisor(&self, window: usize) -> usize {
        let start = window * self.stride;
        (start + self.kernel).min(self.length + 2 * self.before)
            - start.min(self.length + 2 * self.before)
    }
}

/// Pools a picture. Windows that Caffe cannot have become a Pad layer and a pooling; averages that Caffe divides
/// by another area are multiplied by the ratio behind it.
pub(crate) fn pooling(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    p: &Pool2d,
) -> Result<Value> {
    let mut x = picture(importer, site, x, p.layout)?;
    let given = [p.line(0, x.shape[2])?, p.line(1, x.shape[3])?];
    let mut lines = given;
    let any_pad = lines.iter().any(|line| line.before > 0);
    let mut ceil =
        [true, false].into_iter().find(|&ceil| lines.iter().all(|line| line.fits(ceil, any_pad)));
    if ceil.is_none() {
        // The padding that windows reach becomes real, so that all of them lie inside.
        let fill = match p.method {
            PoolMethod::Max => f32::MIN,
            PoolMethod::Average => 0.0,
        };
        let mut pads = [[0i64; 2]; 4];
        for (axis, line) in lines.iter_mut().enumerate() {
            let reach = (line.windows - 1) * line.stride + line.kernel;
            // Negative: rows behind the last window.
            let after = signed(reach) - signed(line.length + line.before);
            pads[axis + 2] = [signed(line.before), after];
            (line.length, line.before, line.after) = (reach, 0, 0);
        }
        let shape: Vec<usize> = vec![x.shape[0], x.shape[1], lines[0].length, lines[1].length];
        volume(&shape)?;
        let padded =
            pad::pad(importer, &site.sub("pad"), &x.into(), &pads, Padding::Constant(fill))?;
        x = importer.blob(site, &padded)?;
        ceil = Some(true);
    }
    let [rows, columns] = &lines;
    let layer = Pooling {
        method: p.method,
        kernel: p.kernel,
        stride: p.strides,
        pad: [rows.before, columns.before],
        global: false,
        ceil: ceil.unwrap_or(true),
    };
    let factors = match p.method {
        PoolMethod::Max => Factors::One,
        PoolMethod::Average => factors(importer, &given, &lines, p.count_include_pad)?,
    };
    let at = if factors == Factors::One { site.clone() } else { site.sub("window") };
    let pooled = importer.add(&at, layer, &[&x.blob], vec![])?;
    let top: View = match factors {
        Factors::One => pooled,
        Factors::Equal(scale) => {
            let layer = Power { power: 1.0, scale, shift: 0.0 };
            importer.add(site, layer, &[&pooled.blob], vec![])?
        }
        Factors::Each(factors) => {
            let layer = Scale { axis: 2, num_axes: 2, bias: false };
            importer.add(site, layer, &[&pooled.blob], vec![factors])?
        }
    };
    Ok(seen(top, p.layout))
}

/// What the windows' averages are multiplied by.
#[derive(PartialEq)]
enum Factors {
    /// Nothing.
    One,
    /// The same number.
    Equal(f32),
    /// One number for each window.
    Each(Weight),
}

/// The quotients of the areas that Caffe divides by and those that the model does.
fn factors(
    importer: &Importer,
    given: &[Line; 2],
    caffes: &[Line; 2],
    include_pad: bool,
) -> Result<Factors> {
    let [rows, columns] = given;
    let [caffe_rows, caffe_columns] = caffes;
    let same = |line: &Line, caffe: &Line| {
        let own = |window| line.divisor(window, include_pad);
        (0..line.windows).all(|window| own(window) == caffe.caffe_divisor(window))
    };
    if same(rows, caffe_rows) && same(columns, caffe_columns) {
        return Ok(Factors::One);
    }
    let factor = |y: usize, x: usize| {
        let own = rows.divisor(y, include_pad) * columns.divisor(x, include_pad);
        let caffe = caffe_rows.caffe_divisor(y) * caffe_columns.caffe_divisor(x);
        caffe.max(1) as f32 / own.max(1) as f32
    };
    // There may be very many windows: nothing is done for each before this says that there is room.
    let room = importer.room(&[rows.windows, columns.windows])?;
    let first = factor(0, 0);
    let mut all = (0..rows.windows).flat_map(|y| (0..columns.windows).map(move |x| factor(y, x)));
    if all.all(|factor| factor == first) {
        return Ok(if first == 1.0 { Factors::One } else { Factors::Equal(first) });
    }
    Ok(Factors::Each(room.by_place(|at| factor(at[0], at[1])).weight()))
}

/// One window over the whole picture, of any number of axes behind N and C.
pub(crate) fn global(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    method: PoolMethod,
) -> Result<Value> {
    let axes: Vec<i64> = (2..signed(x.shape().len())).collect();
    if axes.is_empty() {
        return Err(ShapeError::Axes { shape: x.shape().to_vec(), wanted: 4 }.into());
    }
    let function = match method {
        PoolMethod::Max => super::reduce::Reduction::Max,
        PoolMethod::Average => super::reduce::Reduction::Mean,
    };
    super::reduce::reduce(importer, site, function, x, &axes, true)
}
