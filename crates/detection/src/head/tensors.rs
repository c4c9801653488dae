//! Tensors of any layout as grids and lists of boxes.

use ndarray::{ArrayViewD, CowArray, IxDyn};

use crate::error::Error;

/// A tensor whose values are finite and stand in C order.
pub(crate) struct Tensor<'a>(CowArray<'a, f32, IxDyn>);

impl<'a> Tensor<'a> {
    /// All tensors of a head.
    pub(crate) fn all(tensors: &'a [ArrayViewD<'_, f32>]) -> Result<Vec<Self>, Error> {
        let check = |(tensor, view): (usize, &'a ArrayViewD<'_, f32>)| {
            if let Some((index, &value)) = view.iter().enumerate().find(|(_, v)| !v.is_finite()) {
                let shape = view.shape().to_vec();
                return Err(Error::NotFinite { tensor, shape, index, value });
            }
            Ok(Tensor(view.as_standard_layout()))
        };
        tensors.iter().enumerate().map(check).collect()
    }

    pub(crate) fn shape(&self) -> &[usize] {
        self.0.shape()
    }

    pub(crate) fn values(&self) -> &[f32] {
        self.0.as_slice().unwrap_or_default()
    }
}

/// Where the values of some channels stand in a tensor.
pub(crate) struct Part<'a> {
    values: &'a [f32],
    start: usize,
    channels: usize,
    per_picture: usize,
    /// Channels that follow each other; the next ones begin `per_group` further on.
    group: usize,
    per_group: usize,
    per_channel: usize,
    per_cell: usize,
}

impl<'a> Part<'a> {
    /// Of N, C, cells (rows and columns are one axis here).
    fn channels_first(tensor: &'a Tensor<'_>, channels: usize, cells: usize) -> Self {
        Part {
            values: tensor.values(),
            start: 0,
            channels,
            per_picture: channels * cells,
            group: channels,
            per_group: 0,
            per_channel: cells,
            per_cell: 1,
        }
    }

    /// Of N, groups, cells, channels of a group.
    fn channels_last(tensor: &'a Tensor<'_>, groups: usize, cells: usize, group: usize) -> Self {
        Part {
            values: tensor.values(),
            start: 0,
            channels: groups * group,
            per_picture: groups * cells * group,
            group,
            per_group: cells * group,
            per_channel: 1,
            per_cell: group,
        }
    }

    fn at(&self, picture: usize, channel: usize, cell: usize) -> f32 {
        let (group, inside) = (channel / self.group, channel % self.group);
        let group = group * self.per_group + inside * self.per_channel;
        self.values[self.start + picture * self.per_picture + group + cell * self.per_cell]
    }
}

/// One level of a head: its channels at each place.
pub(crate) struct Grid<'a> {
    pub(crate) stride: usize,
    /// Rows and columns.
    pub(crate) size: [usize; 2],
    parts: Vec<Part<'a>>,
}

impl Grid<'_> {
    /// How many places it has.
    pub(crate) fn cells(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The value of a channel at a place.
    pub(crate) fn at(&self, picture: usize, channel: usize, cell: usize) -> f32 {
        let mut channel = channel;
        for part in &self.parts {
            if channel < part.channels {
                return part.at(picture, channel, cell);
            }
            channel -= part.channels;
        }
        unreachable!("the parts have all channels")
    }
}

/// What the levels of a head look like.
pub(crate) struct Levels<'a> {
    /// Height and width of the net's input.
    pub(crate) input: [usize; 2],
    pub(crate) strides: &'a [usize],
    /// Channels of each level: `groups` times those of a group.
    pub(crate) channels: &'a [usize],
    /// How many anchors they belong to.
    pub(crate) groups: &'a [usize],
}

impl Levels<'_> {
    /// Rows and columns of a level. A place that is only partly in the input counts.
    fn size(&self, stride: usize) -> [usize; 2] {
        self.input.map(|side| side.div_ceil(stride))
    }

    /// Whether a tensor has the size of a level.
    pub(crate) fn has(&self, tensor: &Tensor<'_>) -> bool {
        self.strides.iter().any(|&stride| size_of(tensor) == Some(self.size(stride)))
    }

    /// Levels of tensors N, C, H, W, or N, anchors, H, W, channels of an anchor.
    pub(crate) fn grids<'a>(&self, tensors: &'a [Tensor<'_>]) -> Result<Vec<Grid<'a>>, Error> {
        let mut used = vec![false; tensors.len()];
        let mut grids = Vec::with_capacity(self.strides.len());
        let each = self.strides.iter().zip(self.channels).zip(self.groups);
        for ((&stride, &channels), &groups) in each {
            let size = self.size(stride);
            let [height, width] = size;
            let (mut parts, mut found, mut sum) = (Vec::new(), Vec::new(), 0usize);
            for (tensor, used) in tensors.iter().zip(&mut used) {
                if *used || sum >= channels || size_of(tensor) != Some(size) {
                    continue;
                }
                let part = match *tensor.shape() {
                    [_, c, h, w] => Part::channels_first(tensor, c, h * w),
                    [_, a, h, w, k] => Part::channels_last(tensor, a, h * w, k),
                    _ => continue,
                };
                *used = true;
                found.push(part.channels);
                sum = sum.saturating_add(part.channels);
                // Anchors on an axis of their own must be as many as there are.
                if tensor.shape().len() == 5
                    && (tensor.shape()[1], part.channels) != (groups, channels)
                {
                    sum = usize::MAX;
                }
                parts.push(part);
            }
            if sum != channels {
                return Err(Error::Channels { stride, height, width, expected: channels, found });
            }
            grids.push(Grid { stride, size, parts });
        }
        match used.iter().position(|&used| !used) {
            None => Ok(grids),
            Some(index) => Err(self.no_grid(index, &tensors[index])),
        }
    }

    /// Levels that stand one behind the other in a tensor N, C, places or N, places, C; every level has the same
    /// channels.
    pub(crate) fn joined<'a>(
        &self,
        index: usize,
        tensor: &'a Tensor<'_>,
        order: Order,
    ) -> Result<Vec<Grid<'a>>, Error> {
        let channels = self.channels.first().copied().unwrap_or(0);
        let sizes = self.strides.iter().map(|&stride| self.size(stride));
        let cells: usize = sizes.clone().map(|[h, w]| h.saturating_mul(w)).sum();
        let first = match *tensor.shape() {
            [_, c, n] if (c, n) == (channels, cells) && (c != n || order == Order::First) => true,
            [_, n, c] if (c, n) == (channels, cells) => false,
            _ => return Err(self.no_grid(index, tensor)),
        };
        let mut before = 0;
        let level = |(&stride, size): (&usize, [usize; 2])| {
            let part = if first {
                Part::channels_first(tensor, channels, cells)
            } else {
                Part::channels_last(tensor, 1, cells, channels)
            };
            let part = Part { start: before * part.per_cell, ..part };
            before += size[0] * size[1];
            Grid { stride, size, parts: vec![part] }
        };
        Ok(self.strides.iter().zip(sizes).map(level).collect())
    }

    pub(crate) fn no_grid(&self, index: usize, tensor: &Tensor<'_>) -> Error {
        let grid = |&stride: &usize| {
            let [height, width] = self.size(stride);
            [stride, height, width]
        };
        Error::Grid {
            tensor: index,
            shape: tensor.shape().to_vec(),
            grids: self.strides.iter().map(grid).collect(),
            channels: self.channels.first().copied().unwrap_or(0),
        }
    }
}

/// Rows and columns of a tensor of maps.
fn size_of(tensor: &Tensor<'_>) -> Option<[usize; 2]> {
    match *tensor.shape() {
        [_, _, h, w] | [_, _, h, w, _] => Some([h, w]),
        _ => None,
    }
}

/// Which axis of a tensor of three comes first if both may be the channels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// N, channels, places.
    First,
    /// N, places, channels.
    Last,
}

/// Boxes one behind the other, with so many values each.
pub(crate) struct Rows<'a> {
    pub(crate) count: usize,
    part: Part<'a>,
}

impl<'a> Rows<'a> {
    /// Of a tensor N, rows, width or N, width, rows. Axes of length 1 behind the first do not count, if there are more
    /// than three.
    pub(crate) fn new(
        index: usize,
        tensor: &'a Tensor<'_>,
        width: usize,
        order: Order,
    ) -> Result<Self, Error> {
        let shape = tensor.shape();
        let mut axes: Vec<usize> = shape.iter().skip(1).copied().collect();
        while axes.len() > 2
            && let Some(one) = axes.iter().position(|&axis| axis == 1)
        {
            axes.remove(one);
        }
        let first = match *axes.as_slice() {
            [a, b] if a == width && (b != width || order == Order::First) => true,
            [_, b] if b == width => false,
            _ => return Err(Error::Rows { tensor: index, shape: shape.to_vec(), width }),
        };
        let count = if first { axes[1] } else { axes[0] };
        let part = if first {
            Part::channels_first(tensor, width, count)
        } else {
            Part::channels_last(tensor, 1, count, width)
        };
        Ok(Rows { count, part })
    }

    /// A value of a row.
    pub(crate) fn at(&self, picture: usize, row: usize, value: usize) -> f32 {
        self.part.at(picture, value, row)
    }
}

/// The only tensor of a head.
pub(crate) fn one<'a, 'b>(
    head: &'static str,
    tensors: &'a [Tensor<'b>],
) -> Result<&'a Tensor<'b>, Error> {
    match tensors {
        [one] => Ok(one),
        _ => {
            Err(Error::TensorCount { head, expected: "one tensor of boxes", found: tensors.len() })
        }
    }
}
