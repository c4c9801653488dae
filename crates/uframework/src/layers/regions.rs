//! Pooling of regions of a map: ROIPooling and PSROIPooling.

use std::ops::Range;

use umodel::layers::{PsRoiPooling, RoiPooling};

use super::{Call, Work, f32_top, fp32_only, no_nan};
use crate::error::KernelError;

fp32_only!(PsRoiPooling, RoiPooling);

/// The map and the regions of a layer.
struct Blobs<'a> {
    map: &'a [f32],
    size: [usize; 4],
    rois: &'a [f32],
}

impl<'a> Blobs<'a> {
    fn of(call: &Call<'a>) -> Result<Self, KernelError> {
        no_nan(call, 1)?;
        let shape = call.bottom_shape(0);
        let size = std::array::from_fn(|axis| shape.get(axis).copied().unwrap_or(1));
        Ok(Blobs { map: call.f32(0), size, rois: call.f32(1) })
    }

    /// Each region: its picture and its corners.
    fn regions(&self) -> impl Iterator<Item = Result<(usize, [f32; 4]), KernelError>> + 'a {
        let items = self.size[0];
        self.rois.chunks_exact(5).enumerate().map(move |(index, roi)| {
            let item = roi[0];
            let known = (0..items).find(|&known| known as f32 == item.trunc());
            let item = known.ok_or(KernelError::Region { index, item, items })?;
            Ok((item, [roi[1], roi[2], roi[3], roi[4]]))
        })
    }

    fn plane(&self, item: usize, channel: usize) -> &'a [f32] {
        let [_, channels, height, width] = self.size;
        &self.map[(item * channels + channel) * height * width..][..height * width]
    }

    /// The rows and columns of a bin, inside of the map: from floor to ceil of what is counted from `start`, and moved
    /// by `origin`.
    fn bin(
        &self,
        [origin, start]: [[f32; 2]; 2],
        bin: [f32; 2],
        place: [usize; 2],
    ) -> [Range<usize>; 2] {
        std::array::from_fn(|axis| {
            let length = self.size[2 + axis];
            let at = |place: usize| place as f32 * bin[axis] + start[axis];
            let from = at(place[axis]).floor() + origin[axis];
            let to = at(place[axis] + 1).ceil() + origin[axis];
            within(from, length)..within(to, length)
        })
    }
}

/// A whole number as a place from 0 to a length.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion cuts at 0 and at the largest number"
)]
fn within(value: f32, length: usize) -> usize {
    (value as usize).min(length)
}

fn values<'a>(
    plane: &'a [f32],
    width: usize,
    [rows, columns]: [Range<usize>; 2],
) -> impl Iterator<Item = f32> + 'a {
    rows.flat_map(move |row| columns.clone().map(move |column| plane[row * width + column]))
}

impl Work for RoiPooling {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let blobs = Blobs::of(call)?;
        let [_, channels, _, width] = blobs.size;
        let pooled = [self.pooled_h, self.pooled_w];
        let area = self.pooled_h * self.pooled_w;
        let mut tops = f32_top(&mut call.tops).chunks_exact_mut(area.max(1));
        for region in blobs.regions() {
            let (item, corners) = region?;
            let [x0, y0, x1, y1] = corners.map(|side| (side * self.spatial_scale).round());
            let start = [y0, x0];
            let size = [(y1 - y0 + 1.0).max(1.0), (x1 - x0 + 1.0).max(1.0)];
            let bin = [size[0] / pooled[0] as f32, size[1] / pooled[1] as f32];
            for (channel, top) in (0..channels).zip(&mut tops) {
                let plane = blobs.plane(item, channel);
                for (place, top) in top.iter_mut().enumerate() {
                    let place = [place / pooled[1], place % pooled[1]];
                    let window = blobs.bin([start, [0.0; 2]], bin, place);
                    let best = values(plane, width, window).reduce(f32::max);
                    *top = best.unwrap_or(0.0);
                }
            }
        }
        Ok(())
    }
}

impl Work for PsRoiPooling {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let blobs = Blobs::of(call)?;
        let [_, _, _, width] = blobs.size;
        let group = usize::try_from(self.group_size).unwrap_or(1).max(1);
        let mut tops = f32_top(&mut call.tops).chunks_exact_mut(group * group);
        let outputs = usize::try_from(self.output_dim).unwrap_or(0);
        for region in blobs.regions() {
            let (item, corners) = region?;
            let [x0, y0, x1, y1] = corners.map(f32::round);
            let scale = self.spatial_scale;
            let start = [y0 * scale, x0 * scale];
            let end = [(y1 + 1.0) * scale, (x1 + 1.0) * scale];
            let bin: [f32; 2] =
                std::array::from_fn(|axis| (end[axis] - start[axis]).max(0.1) / group as f32);
            for (output, top) in (0..outputs).zip(&mut tops) {
                for (place, top) in top.iter_mut().enumerate() {
                    let plane = blobs.plane(item, output * group * group + place);
                    let window = blobs.bin([[0.0; 2], start], bin, [place / group, place % group]);
                    let count = window[0].len() * window[1].len();
                    let sum: f32 = values(plane, width, window).sum();
                    *top = if count == 0 { 0.0 } else { sum / count as f32 };
                }
            }
        }
        Ok(())
    }
}
