use crate::error::Error;

/// A picture as planes: C, H, W order, colour as B, G, R.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels<T> {
    shape: [usize; 3],
    data: Vec<T>,
}

impl<T: Copy> Pixels<T> {
    /// Joins a shape C, H, W and the values.
    ///
    /// # Errors
    /// [`Error::OutputLength`] if the number of values is not C·H·W.
    pub fn new(shape: [usize; 3], data: Vec<T>) -> Result<Self, Error> {
        let expected = shape.iter().product();
        if data.len() != expected {
            return Err(Error::OutputLength { expected, found: data.len() });
        }
        Ok(Pixels { shape, data })
    }

    /// From planes whose number the caller vouches for.
    pub(crate) fn from_planes(shape: [usize; 3], data: Vec<T>) -> Self {
        debug_assert_eq!(data.len(), shape.iter().product::<usize>());
        Pixels { shape, data }
    }

    /// From interleaved values, H, W, C order.
    pub(crate) fn from_interleaved([c, h, w]: [usize; 3], interleaved: &[T]) -> Self {
        let mut data = Vec::with_capacity(interleaved.len());
        for channel in 0..c {
            data.extend(interleaved.iter().skip(channel).step_by(c));
        }
        Pixels { shape: [c, h, w], data }
    }

    /// From interleaved R, G, B, the planes B, G, R.
    pub(crate) fn from_rgb([h, w]: [usize; 2], interleaved: &[T]) -> Self
    where
        T: Default,
    {
        let plane = h * w;
        let mut data = vec![T::default(); 3 * plane];
        let (blue, rest) = data.split_at_mut(plane);
        let (green, red) = rest.split_at_mut(plane);
        let outs = blue.iter_mut().zip(green).zip(red);
        for (((b, g), r), rgb) in outs.zip(interleaved.chunks_exact(3)) {
            (*r, *g, *b) = (rgb[0], rgb[1], rgb[2]);
        }
        Pixels { shape: [3, h, w], data }
    }

    /// C, H, W.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// All values, plane after plane.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    /// All values, plane after plane.
    pub fn into_data(self) -> Vec<T> {
        self.data
    }

    /// The part of `size` (h, w) whose upper left corner is at `offset`.
    pub(crate) fn crop(&self, offset: [usize; 2], size: [usize; 2]) -> Result<Self, Error> {
        let [c, h, w] = self.shape;
        if offset[0] + size[0] > h || offset[1] + size[1] > w {
            return Err(Error::Crop { crop: size, picture: [h, w] });
        }
        let mut data = Vec::with_capacity(c * size[0] * size[1]);
        for plane in self.data.chunks_exact((h * w).max(1)) {
            for row in plane.chunks_exact(w.max(1)).skip(offset[0]).take(size[0]) {
                data.extend(row.iter().skip(offset[1]).take(size[1]));
            }
        }
        Ok(Pixels { shape: [c, size[0], size[1]], data })
    }

    /// The same picture with values of another type.
    pub(crate) fn map<U>(self, convert: impl Fn(T) -> U) -> Pixels<U> {
        Pixels { shape: self.shape, data: self.data.into_iter().map(convert).collect() }
    }

    /// Each value with the index of its channel.
    pub(crate) fn for_each_channel(&mut self, mut change: impl FnMut(usize, &mut [T])) {
        let plane = (self.shape[1] * self.shape[2]).max(1);
        for (channel, values) in self.data.chunks_exact_mut(plane).enumerate() {
            change(channel, values);
        }
    }

    /// The channels in reverse order: B, G, R to R, G, B.
    pub(crate) fn reverse_channels(self) -> Self {
        let plane = (self.shape[1] * self.shape[2]).max(1);
        let data = self.data.chunks_exact(plane).rev().flatten().copied().collect();
        Pixels { shape: self.shape, data }
    }
}
