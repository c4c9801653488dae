use uframework::{Random, Value};
use umodel::LayerOp;
use umodel::layers::Convolution;

/// The values that a layer multiplies by its weights, at positions of its top that were drawn from all pictures.
pub(super) struct Patches<'a> {
    integers: &'a [Value],
    reals: &'a [Value],
    /// The inverse of the real value of an integer.
    inverse: f32,
    window: Window,
    positions: Vec<Position>,
}

/// A picture and a pixel of the top.
struct Position {
    iteration: usize,
    picture: usize,
    pixel: [usize; 2],
}

/// Which values of a picture are read for a pixel of the top.
#[derive(Clone, Debug)]
struct Window {
    /// Channels of a group, height and width of the bottom.
    bottom: [usize; 3],
    groups: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    pad: [usize; 2],
    dilation: [usize; 2],
    /// Height and width of the top.
    top: [usize; 2],
}

impl Window {
    /// Of a layer with a bottom and a top of these shapes; none for other layers than Convolution and InnerProduct.
    fn of(op: &LayerOp, bottom: &[usize], top: &[usize]) -> Option<(usize, Window)> {
        let convolution = |p: &Convolution| {
            let (&[pictures, channels, h, w], &[_, _, out_h, out_w]) = (bottom, top) else { return None };
            let bottom = [channels / p.group, h, w];
            let window = Window {
                bottom,
                groups: p.group,
                kernel: p.kernel,
                stride: p.stride,
                pad: p.pad,
                dilation: p.dilation,
                top: [out_h, out_w],
            };
            Some((pictures, window))
        };
        match op {
            LayerOp::Convolution(p) => convolution(p),
            LayerOp::ConvolutionDepthwise(p) => convolution(&p.convolution),
            LayerOp::DepthwiseConvolution(p) => convolution(&p.convolution),
            LayerOp::InnerProduct(p) => {
                let axes = i32::try_from(bottom.len()).ok()?;
                let axis = usize::try_from(p.axis.rem_euclid(axes.max(1))).ok()?;
                let rows = bottom[..axis].iter().product();
                let columns = bottom[axis..].iter().product();
                let window = Window {
                    bottom: [columns, 1, 1],
                    groups: 1,
                    kernel: [1; 2],
                    stride: [1; 2],
                    pad: [0; 2],
                    dilation: [1; 2],
                    top: [1; 2],
                };
                Some((rows, window))
            }
            _ => None,
        }
    }

    fn weights(&self) -> usize {
        self.bottom[0] * self.kernel[0] * self.kernel[1]
    }

    /// The values of a group that one pixel is made of, in the order of the weights.
    fn gather(
        &self,
        group: usize,
        position: &Position,
        row: &mut [f32],
        value: impl Fn(usize) -> f32,
    ) {
        let [channels, height, width] = self.bottom;
        let plane = height * width;
        let first = (position.picture * self.groups + group) * channels * plane;
        let area = self.kernel[0] * self.kernel[1];
        for ky in 0..self.kernel[0] {
            for kx in 0..self.kernel[1] {
                let place = |axis: usize, tap: usize| {
                    let inside = position.pixel[axis] * self.stride[axis] + tap * self.dilation[axis];
                    inside.checked_sub(self.pad[axis]).filter(|&at| at < self.bottom[axis + 1])
                };
                let at = place(0, ky).zip(place(1, kx)).map(|(y, x)| first + y * width + x);
                let taps = row[ky * self.kernel[1] + kx..].iter_mut().step_by(area);
                for (channel, tap) in taps.take(channels).enumerate() {
                    *tap = at.map_or(0.0, |at| value(at + channel * plane));
                }
            }
        }
    }
}

impl<'a> Patches<'a> {
    /// Of about so many positions, fewer if the tops have no more. `scale` is the real value of an integer.
    pub(super) fn new(
        op: &LayerOp,
        top: &[usize],
        integers: &'a [Value],
        reals: &'a [Value],
        scale: f32,
        seed: u64,
        wanted: impl Fn(usize) -> usize,
    ) -> Option<Self> {
        let (pictures, window) = Window::of(op, integers.first()?.shape(), top)?;
        let pixels = window.top[0] * window.top[1];
        let each = wanted(window.weights()).div_ceil((integers.len() * pictures).max(1)).clamp(1, pixels);
        let mut random = Random::new(seed);
        let mut positions = Vec::with_capacity(each * pictures * integers.len());
        for iteration in 0..integers.len() {
            for picture in 0..pictures {
                // One of each stretch of pixels, so that no two are the same.
                for draw in 0..each {
                    let (start, end) = (draw * pixels / each, (draw + 1) * pixels / each);
                    let offset = random.bits() % (end - start).max(1) as u64;
                    let pixel = start + usize::try_from(offset).unwrap_or(0);
                    let pixel = [pixel / window.top[1], pixel % window.top[1]];
                    positions.push(Position { iteration, picture, pixel });
                }
            }
        }
        Some(Patches { integers, reals, inverse: 1.0 / scale, window, positions })
    }

    pub(super) fn groups(&self) -> usize {
        self.window.groups
    }

    /// How many weights each sum has.
    pub(super) fn weights(&self) -> usize {
        self.window.weights()
    }

    /// How many positions there are in the iterations of the first half, and in all.
    pub(super) fn halves(&self) -> [usize; 2] {
        let half = self.integers.len() / 2;
        [self.positions.partition_point(|position| position.iteration < half), self.positions.len()]
    }

    /// The integers that a group reads for these positions, a row for each, and how far the real values are from them, in
    /// the same steps.
    pub(super) fn rows(&self, group: usize, range: std::ops::Range<usize>) -> (Vec<f32>, Vec<f32>) {
        let weights = self.weights();
        let mut integers = vec![0f32; range.len() * weights];
        let mut errors = vec![0f32; range.len() * weights];
        let rows = integers.chunks_exact_mut(weights).zip(errors.chunks_exact_mut(weights));
        for (position, (integers, errors)) in self.positions[range].iter().zip(rows) {
            let stored = &self.integers[position.iteration];
            match stored {
                Value::F32(values) => gather(self, group, position, integers, values.as_slice(), |v| v),
                Value::I8(values) => gather(self, group, position, integers, values.as_slice(), f32::from),
                Value::U8(values) => gather(self, group, position, integers, values.as_slice(), f32::from),
            }
            if let Value::F32(values) = &self.reals[position.iteration] {
                gather(self, group, position, errors, values.as_slice(), |v| v * self.inverse);
            }
            errors.iter_mut().zip(integers.iter()).for_each(|(error, &integer)| *error -= integer);
        }
        (integers, errors)
    }
}

fn gather<T: Copy>(
    patches: &Patches<'_>,
    group: usize,
    position: &Position,
    row: &mut [f32],
    values: Option<&[T]>,
    number: impl Fn(T) -> f32,
) {
    let values = values.unwrap_or_default();
    patches.window.gather(group, position, row, |at| values.get(at).map_or(0.0, |&v| number(v)));
}
