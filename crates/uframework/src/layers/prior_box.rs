use umodel::layers::{PriorBox, PriorBoxClustered};

use super::{Call, Work, fp32_only};
use crate::error::KernelError;

fp32_only!(PriorBox, PriorBoxClustered);

impl Work for PriorBox {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let &PriorBox { clip, picture, step, offset, .. } = self;
        let grid = Grid { clip, picture, step, offset, variances: &self.variances };
        grid.fill(call, &shapes(self));
        Ok(())
    }
}

impl Work for PriorBoxClustered {
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let &PriorBoxClustered { clip, picture, step, offset, .. } = self;
        let grid = Grid { clip, picture, step, offset, variances: &self.variances };
        let sizes = self.widths.iter().zip(&self.heights);
        grid.fill(call, &sizes.map(|(&width, &height)| [width, height]).collect::<Vec<_>>());
        Ok(())
    }
}

/// Where the boxes stand, whatever their sizes.
struct Grid<'a> {
    clip: bool,
    picture: Option<[u32; 2]>,
    step: Option<[f32; 2]>,
    offset: f32,
    variances: &'a [f32],
}

impl Grid<'_> {
    /// Writes boxes of these widths and heights at each position, and the variances.
    fn fill(&self, call: &mut Call<'_>, shapes: &[[f32; 2]]) {
        let size = |shape: &[usize]| [2, 3].map(|axis| shape.get(axis).copied().unwrap_or(1));
        let map = size(call.bottom_shape(0));
        let picture = match self.picture {
            Some(sides) => sides.map(|side| side as f32),
            None => size(call.bottom_shape(1)).map(|side| side as f32),
        };
        let steps = match self.step {
            Some(steps) => steps,
            None => [0, 1].map(|axis| picture[axis] / map[axis] as f32),
        };
        let top = call.f32_top();
        let (boxes, variances) = top.split_at_mut(top.len() / 2);
        let mut corners = boxes.chunks_exact_mut(4);
        for y in 0..map[0] {
            for x in 0..map[1] {
                let centre =
                    [(y as f32 + self.offset) * steps[0], (x as f32 + self.offset) * steps[1]];
                for (&[width, height], corner) in shapes.iter().zip(&mut corners) {
                    corner[0] = (centre[1] - width / 2.0) / picture[1];
                    corner[1] = (centre[0] - height / 2.0) / picture[0];
                    corner[2] = (centre[1] + width / 2.0) / picture[1];
                    corner[3] = (centre[0] + height / 2.0) / picture[0];
                }
            }
        }
        if self.clip {
            boxes.iter_mut().for_each(|side| *side = side.clamp(0.0, 1.0));
        }
        for (index, variance) in variances.iter_mut().enumerate() {
            *variance = self.variances[index % self.variances.len()];
        }
    }
}

/// Width and height of the boxes of one position.
fn shapes(layer: &PriorBox) -> Vec<[f32; 2]> {
    let mut shapes = Vec::with_capacity(layer.boxes());
    for (index, &smallest) in layer.min_sizes.iter().enumerate() {
        // Caffe keeps sizes in integers, fractions are lost.
        let smallest = smallest.trunc();
        shapes.push([smallest; 2]);
        if let Some(largest) = layer.max_sizes.get(index) {
            shapes.push([(smallest * largest.trunc()).sqrt(); 2]);
        }
        for &ratio in &layer.aspect_ratios {
            if (ratio - 1.0).abs() >= 1e-6 {
                shapes.push([smallest * ratio.sqrt(), smallest / ratio.sqrt()]);
            }
        }
    }
    shapes
}
