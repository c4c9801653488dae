use umodel::layers::NonMaxSuppression;

use super::boxes::descending;
use super::{Call, Work, f32_top, fp32_only, no_nan};
use crate::error::KernelError;

fp32_only!(NonMaxSuppression);

/// Values of a row of the top.
const WIDTH: usize = 3;

impl Work for NonMaxSuppression {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        no_nan(call, 0)?;
        no_nan(call, 1)?;
        let &[pictures, classes, count] = call.bottom_shape(1) else { return Ok(()) };
        let (boxes, scores) = (call.f32(0), call.f32(1));
        let mut rows = f32_top(&mut call.tops).chunks_exact_mut(WIDTH);
        let mut found = 0;
        for picture in 0..pictures {
            let corners = boxes[picture * count * 4..][..count * 4].chunks_exact(4);
            let corners: Vec<Rectangle> =
                corners.map(|values| Rectangle::new(self, values)).collect();
            for class in 0..classes {
                let scores = &scores[(picture * classes + class) * count..][..count];
                for (number, row) in keep(self, &corners, scores).into_iter().zip(&mut rows) {
                    row.copy_from_slice(&[picture as f32, class as f32, number as f32]);
                    found += 1;
                }
            }
        }
        call.counts[0] = Some(found);
        Ok(())
    }
}

/// The lower corner, the higher corner, the area.
#[derive(Clone, Copy, Debug)]
struct Rectangle {
    low: [f32; 2],
    high: [f32; 2],
    area: f32,
}

impl Rectangle {
    fn new(layer: &NonMaxSuppression, values: &[f32]) -> Self {
        let (first, second) = ([values[0], values[1]], [values[2], values[3]]);
        let both = |function: fn(f32, f32) -> f32| {
            std::array::from_fn(|axis| function(first[axis], second[axis]))
        };
        // Corners may come in any order. A negative size is none, as it is in onnxruntime.
        let (low, high): ([f32; 2], [f32; 2]) = match layer.center_point_box {
            true => {
                (both(|centre, size| centre - size / 2.0), both(|centre, size| centre + size / 2.0))
            }
            false => (both(f32::min), both(f32::max)),
        };
        Rectangle { low, high, area: (high[0] - low[0]) * (high[1] - low[1]) }
    }

    /// Whether both have more than this share of what they cover together.
    fn overlaps(&self, other: &Rectangle, threshold: f32) -> bool {
        let side = |axis: usize| {
            self.high[axis].min(other.high[axis]) - self.low[axis].max(other.low[axis])
        };
        let (height, width) = (side(0), side(1));
        if height <= 0.0 || width <= 0.0 || self.area <= 0.0 || other.area <= 0.0 {
            return false;
        }
        let both = height * width;
        let together = self.area + other.area - both;
        together > 0.0 && both / together > threshold
    }
}

/// The numbers of the boxes of a class that are kept, the best one first.
fn keep(layer: &NonMaxSuppression, boxes: &[Rectangle], scores: &[f32]) -> Vec<usize> {
    let passes = |&number: &usize| layer.score_threshold.is_none_or(|least| scores[number] > least);
    let mut order: Vec<usize> = (0..boxes.len()).filter(passes).collect();
    descending(&mut order, |&number| scores[number]);
    let mut kept: Vec<usize> = Vec::new();
    for number in order {
        if kept.len() >= layer.max_output_boxes_per_class {
            break;
        }
        let clear = |&other: &usize| !boxes[number].overlaps(&boxes[other], layer.iou_threshold);
        if kept.iter().all(clear) {
            kept.push(number);
        }
    }
    kept
}
