use crate::error::Error;
use crate::memory;

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
        let expected = volume(shape);
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

    /// A picture without pixels.
    pub(crate) fn none() -> Self {
        Pixels { shape: [0; 3], data: Vec::new() }
    }

    /// From interleaved values, H, W, C order, as cameras and most crates have them.
    ///
    /// ```
    /// use transform_param::Pixels;
    /// let pixels = Pixels::from_interleaved([2, 1, 2], &[1, 10, 2, 20])?;
    /// assert_eq!(pixels.data(), [1, 2, 10, 20]);
    /// assert_eq!(pixels.to_interleaved(), [1, 10, 2, 20]);
    /// # Ok::<(), transform_param::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutputLength`] if the number of values is not C·H·W; [`Error::Memory`].
    pub fn from_interleaved([c, h, w]: [usize; 3], interleaved: &[T]) -> Result<Self, Error> {
        let expected = volume([c, h, w]);
        if interleaved.len() != expected {
            return Err(Error::OutputLength { expected, found: interleaved.len() });
        }
        let mut data = memory::room(interleaved.len())?;
        for channel in 0..c {
            data.extend(interleaved.iter().skip(channel).step_by(c));
        }
        Ok(Pixels { shape: [c, h, w], data })
    }

    /// Interleaved values, H, W, C order.
    pub fn to_interleaved(&self) -> Vec<T> {
        let [c, h, w] = self.shape;
        let pixel = |at: usize| self.data.iter().skip(at).step_by((h * w).max(1)).take(c);
        (0..h * w).flat_map(pixel).copied().collect()
    }

    /// From interleaved R, G, B, the planes B, G, R.
    pub(crate) fn from_rgb([h, w]: [usize; 2], interleaved: &[T]) -> Result<Self, Error>
    where
        T: Default,
    {
        let plane = h * w;
        let mut data = memory::zeros(3 * plane)?;
        let (blue, rest) = data.split_at_mut(plane);
        let (green, red) = rest.split_at_mut(plane);
        let outs = blue.iter_mut().zip(green).zip(red);
        for (((b, g), r), rgb) in outs.zip(interleaved.as_chunks().0) {
            [*r, *g, *b] = *rgb;
        }
        Ok(Pixels { shape: [3, h, w], data })
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
        let beyond = |axis: usize, whole: usize| {
            offset[axis].checked_add(size[axis]).is_none_or(|end| end > whole)
        };
        if beyond(0, h) || beyond(1, w) {
            return Err(Error::Crop { crop: size, picture: [h, w] });
        }
        let mut data = memory::room(c * size[0] * size[1])?;
        for plane in self.data.chunks_exact((h * w).max(1)) {
            for row in plane.chunks_exact(w.max(1)).skip(offset[0]).take(size[0]) {
                data.extend(row.iter().skip(offset[1]).take(size[1]));
            }
        }
        Ok(Pixels { shape: [c, size[0], size[1]], data })
    }

    /// The first channel alone.
    pub(crate) fn first_channel(&self) -> Self {
        let [_, h, w] = self.shape;
        Pixels { shape: [1, h, w], data: self.data.iter().take(h * w).copied().collect() }
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

/// C·H·W, or more than any picture has.
fn volume([c, h, w]: [usize; 3]) -> usize {
    c.checked_mul(h).and_then(|area| area.checked_mul(w)).unwrap_or(usize::MAX)
}

/// A length that a field gives.
pub(crate) fn length(length: u32) -> usize {
    // A length beyond the machine's memory is refused as a size.
    usize::try_from(length).unwrap_or(usize::MAX)
}
