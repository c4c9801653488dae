//! Poolings of pictures.

use std::sync::Arc;

use ndarray::ArrayD;
use umodel::layers::{PoolMethod, Pooling, Power, Scale};

use super::convolution::{picture, seen};
use super::pad::{self, Padding};
use crate::error::NodeError;
use crate::graph::{Importer, Layout, Result, Site, Value, View, volume};

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
        let padded = before.checked_add(after).and_then(|pads| pads.checked_add(length));
        let room = padded.and_then(|padded| padded.checked_sub(kernel));
        let (Some(room), true, true) = (room, kernel > 0, stride > 0) else {
            let reason = format!(
                "kernel {kernel}, stride {stride}, pads {before} and {after}, {length} pixels"
            );
            return Err(NodeError::attribute("kernel_shape", reason));
        };
        if before >= kernel {
            return Err(NodeError::attribute("pads", format!("{before} for a kernel of {kernel}")));
        }
        let mut windows = if self.ceil { room.div_ceil(stride) } else { room / stride } + 1;
        if self.ceil && (windows - 1) * stride >= length + before {
            windows -= 1;
        }
        Ok(Line { length, kernel, stride, before, after, windows })
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
        let Some(room) = (self.length + 2 * self.before).checked_sub(self.kernel) else {
            return false;
        };
        let mut windows = if ceil { room.div_ceil(self.stride) } else { room / self.stride } + 1;
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
    let mut lines = [p.line(0, x.shape[2])?, p.line(1, x.shape[3])?];
    let areas = match p.method {
        PoolMethod::Max => None,
        PoolMethod::Average => {
            Some(divisors(&lines, |line, window| line.divisor(window, p.count_include_pad)))
        }
    };
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
            let after = reach as i64 - (line.length + line.before) as i64;
            pads[axis + 2] = [line.before as i64, after];
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
    let Some(areas) = areas else {
        let top = importer.add(site, layer, &[&x.blob], vec![])?;
        return Ok(seen(top, p.layout));
    };
    let caffe = divisors(&lines, Line::caffe_divisor);
    let ratios: Vec<f32> = caffe.iter().zip(&areas).map(|(&a, &b)| a as f32 / b as f32).collect();
    let first = ratios.first().copied().unwrap_or(1.0);
    if ratios.iter().all(|&ratio| ratio == 1.0) {
        let top = importer.add(site, layer, &[&x.blob], vec![])?;
        return Ok(seen(top, p.layout));
    }
    let sums = importer.add(&site.sub("window"), layer, &[&x.blob], vec![])?;
    let top: View = if ratios.iter().all(|&ratio| ratio == first) {
        importer.add(site, Power { power: 1.0, scale: first, shift: 0.0 }, &[&sums.blob], vec![])?
    } else {
        let shape = [rows.windows, columns.windows];
        let factors =
            ArrayD::from_shape_fn(shape.as_slice(), |at| ratios[at[0] * shape[1] + at[1]]);
        let layer = Scale { axis: 2, num_axes: 2, bias: false };
        importer.add(site, layer, &[&sums.blob], vec![Arc::new(factors)])?
    };
    Ok(seen(top, p.layout))
}

/// The area of each window.
fn divisors(lines: &[Line; 2], along: impl Fn(&Line, usize) -> usize) -> Vec<usize> {
    let [rows, columns] = lines;
    let mut areas = Vec::with_capacity(rows.windows * columns.windows);
    for y in 0..rows.windows {
        for x in 0..columns.windows {
            areas.push((along(rows, y) * along(columns, x)).max(1));
        }
    }
    areas
}

/// One window over the whole picture, of any number of axes behind N and C.
pub(crate) fn global(
    importer: &mut Importer,
    site: &Site,
    x: &Value,
    method: PoolMethod,
) -> Result<Value> {
    let axes: Vec<i64> = (2..x.shape().len() as i64).collect();
    if axes.is_empty() {
        return Err(NodeError::shapes(format!("{:?} has no height and width", x.shape())));
    }
    let function = match method {
        PoolMethod::Max => super::reduce::Reduction::Max,
        PoolMethod::Average => super::reduce::Reduction::Mean,
    };
    super::reduce::reduce(importer, site, function, x, &axes, true)
}
