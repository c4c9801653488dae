#![expect(clippy::cast_possible_truncation, reason = "draws in double precision become fp32")]

use umodel::layers::{DummyData, Fan, Filler};

use super::{Call, Work, fp32_only};
use crate::error::KernelError;
use crate::random::Random;
use crate::value::ViewMut;

fp32_only!(DummyData);

impl Work for DummyData {
    /// Random fillers give each top the same values in every pass, where Caffe draws anew: an executor's
    /// results depend on its inputs only.
    fn run(&self, call: &mut Call<'_>) -> Result<(), KernelError> {
        let shapes: Vec<&[usize]> =
            (0..call.tops.len()).map(|index| call.top_shape(index)).collect();
        for (index, (top, shape)) in call.tops.iter_mut().zip(shapes).enumerate() {
            let filler = self.fillers.get(index).or(self.fillers.first());
            let ViewMut::F32(values) = top else { unreachable!("an fp32 layer has fp32 tops") };
            fill(
                filler.unwrap_or(&Filler::Constant(0.0)),
                shape,
                Random::new(index as u64),
                values,
            );
        }
        Ok(())
    }
}

/// # Source
/// BVLC Caffe, filler.hpp.
fn fill(filler: &Filler, shape: &[usize], mut random: Random, values: &mut [f32]) {
    let count = values.len().max(1);
    let side = |axis: usize| shape.get(axis).copied().unwrap_or(1).max(1);
    let fan = |fan: Fan| {
        let (inputs, outputs) = ((count / side(0)) as f32, (count / side(1)) as f32);
        match fan {
            Fan::In => inputs,
            Fan::Out => outputs,
            Fan::Average => (inputs + outputs) / 2.0,
        }
    };
    match *filler {
        Filler::Constant(value) => values.fill(value),
        Filler::Uniform { min, max } => {
            values.fill_with(|| min + (max - min) * random.unit() as f32);
        }
        Filler::Gaussian { mean, std, sparse } => {
            values.fill_with(|| mean + std * random.normal() as f32);
            if let Some(nonzero) = sparse {
                let share = nonzero as f64 / side(0) as f64;
                values.iter_mut().for_each(|value| {
                    if random.unit() >= share {
                        *value = 0.0;
                    }
                });
            }
        }
        Filler::PositiveUnitBall => {
            values.fill_with(|| random.unit() as f32);
            for item in values.chunks_mut(count / side(0)) {
                let sum: f32 = item.iter().sum();
                item.iter_mut().for_each(|value| *value /= sum);
            }
        }
        Filler::Xavier(norm) => {
            let limit = (3.0 / fan(norm)).sqrt();
            values.fill_with(|| limit * (2.0 * random.unit() as f32 - 1.0));
        }
        Filler::Msra(norm) => {
            let std = (2.0 / fan(norm)).sqrt();
            values.fill_with(|| std * random.normal() as f32);
        }
        Filler::Bilinear => {
            let (h, w) = (side(2), side(3));
            let half = (w as f32 / 2.0).ceil();
            let centre = (2.0 * half - 1.0 - half % 2.0) / (2.0 * half);
            for (index, value) in values.iter_mut().enumerate() {
                let (x, y) = ((index % w) as f32, (index / w % h) as f32);
                *value = (1.0 - (x / half - centre).abs()) * (1.0 - (y / half - centre).abs());
            }
        }
    }
}
