//! Heads of YOLOv2 and YOLOv3: activations of maps, and boxes.

use umodel::layers::{Region, Yolo, YoloDetectionOutput, Yolov3DetectionOutput};

use super::boxes::{Corners, descending, undropped};
use super::softmax::softmax;
use super::{Call, Work, f32_top, fp32_only, no_nan};
use crate::error::KernelError;
use crate::value::ViewMut;

fp32_only!(Region, Yolo, YoloDetectionOutput, Yolov3DetectionOutput);

/// Values of a row of the top.
const ROW: usize = 7;

/// The logistic function, in double precision as the origins' constants make it.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest value is meant")]
fn sigmoid(x: f32) -> f32 {
    (1.0 / (1.0 + f64::from((-x).exp()))) as f32
}

/// A box that a head has found.
struct Found {
    class: usize,
    confidence: f32,
    centre: [f32; 2],
    size: [f32; 2],
}

/// The boxes of an item that no better one overlaps as much as the threshold, the best one first.
fn suppress(mut found: Vec<Found>, threshold: f32) -> Vec<Found> {
    descending(&mut found, |found| found.confidence);
    let corners: Vec<Corners> =
        found.iter().map(|found| Corners::around(found.centre, found.size)).collect();
    // An overlap that is no number, of infinite boxes, drops none.
    let drops = |better: usize, index: usize| corners[better].overlap(&corners[index]) >= threshold;
    let mut kept = undropped(0..found.len(), drops).into_iter().peekable();
    let mut place = 0;
    found.retain(|_| {
        place += 1;
        kept.next_if_eq(&(place - 1)).is_some()
    });
    found
}

/// Fills the top with the rows of all items, or with a row for each that tells that nothing was found.
fn write(
    call: &mut Call<'_>,
    items: usize,
    of_item: impl Fn(&Call<'_>, usize) -> Vec<Found>,
    row_of: impl Fn(&Found) -> [f32; ROW - 1],
) {
    let mut count = 0;
    for item in 0..items {
        let found = of_item(call, item);
        let rows = f32_top(&mut call.tops).chunks_exact_mut(ROW).skip(count);
        for (found, row) in found.iter().zip(rows) {
            row[0] = item as f32;
            row[1..].copy_from_slice(&row_of(found));
            count += 1;
        }
    }
    if count == 0 {
        for (item, row) in f32_top(&mut call.tops).chunks_exact_mut(ROW).take(items).enumerate() {
            row.fill(-1.0);
            row[0] = item as f32;
        }
        count = items;
    }
    call.counts[0] = Some(count);
}

fn check(call: &Call<'_>) -> Result<usize, KernelError> {
    for bottom in 0..call.bottoms.len() {
        no_nan(call, bottom)?;
    }
    Ok(call.bottom_shape(0).first().copied().unwrap_or(1))
}

/// Values of an item of a map, by channel and place.
struct Map<'a> {
    values: &'a [f32],
    size: [usize; 2],
}

impl<'a> Map<'a> {
    fn of(call: &Call<'a>, bottom: usize, item: usize) -> Self {
        let shape = call.bottom_shape(bottom);
        let [channels, height, width] = [1, 2, 3].map(|axis| shape.get(axis).copied().unwrap_or(1));
        let length = channels * height * width;
        Map { values: &call.f32(bottom)[item * length..][..length], size: [height, width] }
    }

    fn places(&self) -> usize {
        self.size[0] * self.size[1]
    }

    fn at(&self, channel: usize, place: usize) -> f32 {
        self.values[channel * self.places() + place]
    }

    /// The centre of a box whose x and y are within its place.
    fn centre(&self, place: usize, within: [f32; 2]) -> [f32; 2] {
        let [height, width] = self.size;
        [
            ((place % width) as f32 + within[0]) / width as f32,
            ((place / width) as f32 + within[1]) / height as f32,
        ]
    }
}

impl Work for Yolov3DetectionOutput {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let items = check(call)?;
        let of_item = |call: &Call<'_>, item: usize| {
            let mut found = Vec::new();
            for (index, &scale) in self.anchors_scale.iter().enumerate() {
                let anchors = &self.mask[index * self.num_box..][..self.num_box];
                add_v3(self, &Map::of(call, index, item), scale, anchors, &mut found);
            }
            suppress(found, self.nms_threshold)
        };
        write(call, items, of_item, |found| {
            let ([x, y], [width, height]) = (found.centre, found.size);
            [found.class as f32, found.confidence, x, y, width, height]
        });
        Ok(())
    }
}

/// Adds the boxes of a YOLOv3 map.
fn add_v3(
    layer: &Yolov3DetectionOutput,
    map: &Map<'_>,
    scale: usize,
    anchors: &[usize],
    found: &mut Vec<Found>,
) {
    // The four coordinates, and what stands between them.
    let step = if layer.gaussian_box { 2 } else { 1 };
    let [high, wide] = map.size.map(|side| (side * scale) as f32);
    for place in 0..map.places() {
        for (index, &anchor) in anchors.iter().enumerate() {
            let first = index * layer.width();
            let at = |value: usize| map.at(first + value, place);
            let mut object = sigmoid(at(4 * step));
            if layer.gaussian_box {
                let certain = [1, 3, 5, 7].map(|value| sigmoid(at(value)));
                object = object * certain.iter().fold(4.0, |left, certain| left - certain) / 4.0;
            }
            for class in 0..layer.num_classes {
                let confidence = sigmoid(at(4 * step + 1 + class)) * object;
                if confidence > layer.confidence_threshold {
                    let centre = map.centre(place, [sigmoid(at(0)), sigmoid(at(step))]);
                    let [width, height] = [layer.biases[2 * anchor], layer.biases[2 * anchor + 1]];
                    let size =
                        [at(2 * step).exp() * width / wide, at(3 * step).exp() * height / high];
                    found.push(Found { class, confidence, centre, size });
                }
            }
        }
    }
}

impl Work for YoloDetectionOutput {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let items = check(call)?;
        let of_item = |call: &Call<'_>, item: usize| {
            let mut found = Vec::new();
            for bottom in 0..call.bottoms.len() {
                add_v2(self, &Map::of(call, bottom, item), &mut found);
            }
            suppress(found, self.nms_threshold)
        };
        write(call, items, of_item, |found| {
            let [left, top, right, bottom] = Corners::around(found.centre, found.size).sides;
            [(found.class + 1) as f32, found.confidence, left, top, right, bottom]
        });
        Ok(())
    }
}

/// Adds the boxes of a YOLOv2 map.
fn add_v2(layer: &YoloDetectionOutput, map: &Map<'_>, found: &mut Vec<Found>) {
    let classes = layer.num_classes;
    let (mut scores, mut shares) = (vec![0.0; classes], vec![0.0; classes]);
    for place in 0..map.places() {
        for (index, anchor) in layer.biases.as_chunks::<2>().0.iter().enumerate() {
            let first = index * (classes + 5);
            let at = |value: usize| map.at(first + value, place);
            for (class, score) in scores.iter_mut().enumerate() {
                *score = at(5 + class);
            }
            softmax([1, classes, 1], &scores, &mut shares);
            let better = |best: usize, class: usize| match shares[class] > shares[best] {
                true => class,
                false => best,
            };
            let class = (0..classes).fold(0, better);
            let confidence = sigmoid(at(4)) * shares[class];
            if confidence >= layer.confidence_threshold {
                let [height, width] = map.size;
                let size = [
                    at(2).exp() * anchor[0] / width as f32,
                    at(3).exp() * anchor[1] / height as f32,
                ];
                let centre = map.centre(place, [sigmoid(at(0)), sigmoid(at(1))]);
                found.push(Found { class, confidence, centre, size });
            }
        }
    }
}

impl Work for Region {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let items = call.bottom_shape(0).first().copied().unwrap_or(1);
        let width = self.coords + 1 + self.classes;
        let channels = self.boxes * width;
        for item in 0..items {
            let map = Map::of(call, 0, item);
            let length = map.values.len();
            let top = &mut f32_top(&mut call.tops)[item * length..][..length];
            for (place, values) in top.chunks_exact_mut(channels).enumerate() {
                for (channel, value) in values.iter_mut().enumerate() {
                    *value = map.at(channel, place);
                }
                for values in values.chunks_exact_mut(width) {
                    values[self.coords] = sigmoid(values[self.coords]);
                    if self.softmax {
                        let scores = values[self.coords + 1..].to_vec();
                        softmax([1, self.classes, 1], &scores, &mut values[self.coords + 1..]);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Work for Yolo {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let items = call.bottom_shape(0).first().copied().unwrap_or(1);
        let [boxes, classes] =
            [self.boxes, self.classes].map(|size| usize::try_from(size).unwrap_or(0));
        let v2 = self.yolo_version == "V2";
        let (shares, background) = (v2 && self.softmax, v2 && self.background);
        for item in 0..items {
            let map = Map::of(call, 0, item);
            let plane = map.places();
            let mut values = map.values.to_vec();
            let (coordinates, scores) = values.split_at_mut(4 * boxes * plane);
            let (places, _) = coordinates.split_at_mut(2 * boxes * plane);
            let each = |values: &mut [f32]| values.iter_mut().for_each(|x| *x = sigmoid(*x));
            each(places);
            // The objectness stands before the classes.
            let first = match shares && background {
                true => 0,
                false => boxes * plane,
            };
            let (object, of_classes) = scores.split_at_mut(first);
            if !background {
                each(object);
            }
            if shares {
                let rows = of_classes.len() / (boxes * plane).max(1);
                let input = of_classes.to_vec();
                softmax([1, rows, boxes * plane], &input, of_classes);
            } else {
                each(of_classes);
            }
            let (object, of_classes) = scores.split_at(boxes * plane);
            fill(&mut call.tops[0], [items, item, 4 * boxes], coordinates);
            fill(&mut call.tops[1], [items, item, 1], object);
            fill(&mut call.tops[2], [items, item, classes], of_classes);
        }
        Ok(())
    }
}

/// Fills the rows of an item of a top, which are longer than their values.
fn fill(top: &mut ViewMut<'_>, [items, item, rows]: [usize; 3], values: &[f32]) {
    let top = f32_top(std::slice::from_mut(top));
    let length = top.len() / (items * rows).max(1);
    let used = values.len() / rows.max(1);
    for row in 0..rows {
        let (filled, rest) = top[(item * rows + row) * length..][..length].split_at_mut(used);
        filled.copy_from_slice(&values[row * used..][..used]);
        rest.fill(0.0);
    }
}
