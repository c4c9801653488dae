use std::ops::Range;

use umodel::LayerOp;
use umodel::layers::Convolution;

/// Which values of a picture are read for a pixel of the top.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Channels of a group, height and width of the bottom.
    bottom: [usize; 3],
    groups: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    pad: [usize; 2],
    dilation: [usize; 2],
    /// Height and width of the top.
    top: [usize; 2],
    /// Pictures of the bottom, or rows.
    pictures: usize,
}

impl Window {
    /// Of a layer with a bottom and a top of these shapes; none for other layers than Convolution and InnerProduct.
    pub(super) fn of(op: &LayerOp, bottom: &[usize], top: &[usize]) -> Option<Window> {
        let convolution = |p: &Convolution| {
            let (&[pictures, channels, h, w], &[_, _, out_h, out_w]) = (bottom, top) else {
                return None;
            };
            let bottom = [channels / p.group, h, w];
            Some(Window {
                bottom,
                groups: p.group,
                kernel: p.kernel,
                stride: p.stride,
                pad: p.pad,
                dilation: p.dilation,
                top: [out_h, out_w],
                pictures,
            })
        };
        match op {
            LayerOp::Convolution(p) => convolution(p),
            LayerOp::ConvolutionDepthwise(p) => convolution(&p.convolution),
            LayerOp::DepthwiseConvolution(p) => convolution(&p.convolution),
            LayerOp::InnerProduct(p) => {
                let axes = i32::try_from(bottom.len()).ok()?;
                let axis = usize::try_from(p.axis.rem_euclid(axes.max(1))).ok()?;
                let pictures = bottom[..axis].iter().product();
                let columns = bottom[axis..].iter().product();
                Some(Window {
                    bottom: [columns, 1, 1],
                    groups: 1,
                    kernel: [1; 2],
                    stride: [1; 2],
                    pad: [0; 2],
                    dilation: [1; 2],
                    top: [1; 2],
                    pictures,
                })
            }
            _ => None,
        }
    }

    /// How many weights each sum has.
    pub(super) fn weights(&self) -> usize {
        self.bottom[0] * self.area()
    }

    /// How many of them each channel has.
    pub(super) fn area(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// How many channels a group reads.
    pub(super) fn channels(&self) -> usize {
        self.bottom[0]
    }

    pub(super) fn groups(&self) -> usize {
        self.groups
    }

    pub(super) fn pictures(&self) -> usize {
        self.pictures
    }

    /// How many pixels a channel of the top has.
    pub(super) fn pixels(&self) -> usize {
        self.top[0] * self.top[1]
    }

    /// The values of some channels of a group that one pixel of a picture is made of, in the order of the weights.
    pub(super) fn gather(
        &self,
        (group, channels): (usize, &Range<usize>),
        (picture, pixel): (usize, usize),
        row: &mut [f32],
        value: impl Fn(usize) -> f32,
    ) {
        let [all, height, width] = self.bottom;
        let plane = height * width;
        let pixel = [pixel / self.top[1], pixel % self.top[1]];
        let first = ((picture * self.groups + group) * all + channels.start) * plane;
        let area = self.area();
        for ky in 0..self.kernel[0] {
            for kx in 0..self.kernel[1] {
                let place = |axis: usize, tap: usize| {
                    let inside = pixel[axis] * self.stride[axis] + tap * self.dilation[axis];
                    inside.checked_sub(self.pad[axis]).filter(|&at| at < self.bottom[axis + 1])
                };
                let at = place(0, ky).zip(place(1, kx)).map(|(y, x)| first + y * width + x);
                let taps = row[ky * self.kernel[1] + kx..].iter_mut().step_by(area);
                for (channel, tap) in taps.take(channels.len()).enumerate() {
                    *tap = at.map_or(0.0, |at| value(at + channel * plane));
                }
            }
        }
    }
}
