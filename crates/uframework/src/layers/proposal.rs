use umodel::layers::Proposal;

use super::{Call, Work, fp32_only, no_nan};
use crate::error::KernelError;
use crate::value::ViewMut;

fp32_only!(Proposal);

/// xmin, ymin, xmax, ymax in pixels, and the score.
type Region = [f32; 5];

impl Work for Proposal {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        for bottom in 0..3 {
            no_nan(call, bottom)?;
        }
        let shape = call.bottom_shape(0);
        let axis = |axis: usize| shape.get(axis).copied().unwrap_or(1);
        let (items, map) = (axis(0), [axis(2), axis(3)]);
        let picture = call.f32(2);
        let picture = [0, 1].map(|side| picture.get(side).copied().unwrap_or(0.0));
        let anchors = anchors(self);
        let (scores, offsets) = (call.f32(0), call.f32(1));
        let mut kept: Vec<(usize, Region)> = Vec::new();
        for item in 0..items {
            let part =
                |values: &'_ [f32]| values.len() / items * item..values.len() / items * (item + 1);
            let (scores, offsets) = (&scores[part(scores)], &offsets[part(offsets)]);
            // The first half is of the background.
            let scores = &scores[scores.len() / 2..];
            let mut regions = regions(self, &anchors, scores, offsets, map, picture);
            let first = regions.len().min(self.pre_nms_topn);
            sort(&mut regions, self.pre_nms_topn);
            regions.truncate(first);
            kept.extend(suppress(self, &regions).into_iter().map(|region| (item, region)));
        }
        let count = Some(kept.len());
        call.counts.iter_mut().for_each(|counted| *counted = count);
        for (index, top) in call.tops.iter_mut().enumerate() {
            let ViewMut::F32(top) = top else { unreachable!("an fp32 layer has fp32 tops") };
            for (row, (item, region)) in kept.iter().enumerate() {
                match index {
                    0 => {
                        top[5 * row] = *item as f32;
                        top[5 * row + 1..5 * row + 5].copy_from_slice(&region[..4]);
                    }
                    _ => top[row] = region[4],
                }
            }
        }
        Ok(())
    }
}

/// The anchors around the first position, ratio by ratio.
fn anchors(layer: &Proposal) -> Vec<[f32; 4]> {
    let base = layer.base_size as f32;
    let centre = 0.5 * (base - 1.0);
    let mut anchors = Vec::with_capacity(layer.ratios.len() * layer.scales.len());
    for &ratio in &layer.ratios {
        let width = (base * base / ratio).sqrt();
        let height = width * ratio;
        for &scale in &layer.scales {
            let [x, y] = [width, height].map(|side| 0.5 * rounded(side, scale, base));
            anchors.push([centre - x, centre - y, centre + x, centre + y]);
        }
    }
    anchors
}

/// Half up, towards zero below zero, as the origin's macro.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest value is meant")]
fn rounded(side: f32, scale: f32, base: f32) -> f32 {
    (f64::from(side * scale) / f64::from(base) - 1.0 + 0.5).trunc() as f32
}

/// All regions, position by position, moved and sized by the offsets. One that is too small has score 0.
fn regions(
    layer: &Proposal,
    anchors: &[[f32; 4]],
    scores: &[f32],
    offsets: &[f32],
    map: [usize; 2],
    [picture_h, picture_w]: [f32; 2],
) -> Vec<Region> {
    let area = map[0] * map[1];
    let least = layer.min_size as f32;
    let mut regions = Vec::with_capacity(anchors.len() * area);
    for place in 0..area {
        let stride = layer.feat_stride;
        let [y, x] = [place / map[1] * stride, place % map[1] * stride].map(|at| at as f32);
        for (index, anchor) in anchors.iter().enumerate() {
            let offset = |which: usize| offsets[(4 * index + which) * area + place];
            let [x0, y0] = [x + anchor[0], y + anchor[1]];
            let [width, height] = [x + anchor[2] - x0 + 1.0, y + anchor[3] - y0 + 1.0];
            let centre_x = offset(0) * width + (x0 + 0.5 * width);
            let centre_y = offset(1) * height + (y0 + 0.5 * height);
            let (width, height) =
                (0.5 * (offset(2).exp() * width), 0.5 * (offset(3).exp() * height));
            let inside = |at: f32, side: f32| at.min(side - 1.0).max(0.0);
            let x0 = inside(centre_x - width, picture_w);
            let y0 = inside(centre_y - height, picture_h);
            let x1 = inside(centre_x + width, picture_w);
            let y1 = inside(centre_y + height, picture_h);
            let large = x1 - x0 + 1.0 >= least && y1 - y0 + 1.0 >= least;
            let score = if large { scores[index * area + place] } else { 0.0 };
            regions.push([x0, y0, x1, y1, score]);
        }
    }
    regions
}

/// Sorts by score, the largest first, as far as the first `most`. Which of equal scores comes first is decided by the
/// steps: quicksort around the first one, walking from both ends.
fn sort(regions: &mut [Region], most: usize) {
    let mut parts = vec![(0, regions.len())];
    while let Some((start, end)) = parts.pop() {
        if end - start < 2 {
            continue;
        }
        let pivot = regions[start][4];
        let (mut left, mut right) = (start + 1, end - 1);
        while left <= right {
            while left < end && regions[left][4] >= pivot {
                left += 1;
            }
            while right > start && regions[right][4] <= pivot {
                right -= 1;
            }
            if left <= right {
                regions.swap(left, right);
                left += 1;
                right -= 1;
            }
        }
        regions.swap(start, right);
        if right + 1 < most {
            parts.push((right + 1, end));
        }
        parts.push((start, right));
    }
}

/// Drops regions that overlap too much with a better one.
fn suppress(layer: &Proposal, regions: &[Region]) -> Vec<Region> {
    let mut kept: Vec<Region> = Vec::new();
    for region in regions {
        if kept.len() == layer.post_nms_topn {
            break;
        }
        if kept.iter().all(|better| overlap(better, region) <= layer.nms_thresh) {
            kept.push(*region);
        }
    }
    kept
}

/// Of boxes whose last pixel belongs to them.
fn overlap(a: &Region, b: &Region) -> f32 {
    if a[0] > b[2] || a[1] > b[3] || a[2] < b[0] || a[3] < b[1] {
        return 0.0;
    }
    let side = |axis: usize| (a[axis + 2].min(b[axis + 2]) - a[axis].max(b[axis]) + 1.0).max(0.0);
    let area = |region: &Region| (region[2] - region[0] + 1.0) * (region[3] - region[1] + 1.0);
    let both = side(0) * side(1);
    both / (area(a) + area(b) - both)
}
