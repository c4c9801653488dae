//! `batch_sampler`: random parts of pictures that must show something of their objects.

use crate::boxes::{Area, float};
use crate::chance::Chance;
use crate::error::{Error, ValueError};
use crate::frame::check_size;
use crate::param::{AnnotatedDataParam, BatchSampler, SampleConstraint};
use crate::pixels::length;
use crate::scene::Scene;

/// The checked list; see [`AnnotatedDataParam`]. Pictures without annotations stay as they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample(Vec<BatchSampler>);

/// The most trials of a sampler.
const MOST_TRIALS: u32 = 1 << 16;

impl Sample {
    pub(crate) fn new(p: &AnnotatedDataParam) -> Result<Self, Error> {
        let ends = |field, needs| Err(Error::Value { field, reason: ValueError::Ends { needs } });
        for sampler in p.batch_sampler.iter().filter_map(|batch| batch.sampler.as_ref()) {
            let [low, high] = [sampler.min_scale, sampler.max_scale];
            if !(low > 0.0 && low <= high && high <= 1.0) {
                return ends("batch_sampler.sampler.min_scale", "needs 0 < min <= max <= 1");
            }
            let [low, high] = [sampler.min_aspect_ratio, sampler.max_aspect_ratio];
            if !(low > 0.0 && low <= high && high < f32::MAX) {
                return ends("batch_sampler.sampler.min_aspect_ratio", "needs 0 < min <= max");
            }
        }
        if p.batch_sampler.iter().any(|batch| batch.max_trials > MOST_TRIALS) {
            let reason = ValueError::TooMany { most: MOST_TRIALS };
            return Err(Error::Value { field: "batch_sampler.max_trials", reason });
        }
        Ok(Sample(p.batch_sampler.clone()))
    }

    pub(crate) fn apply(&self, scene: &mut Scene, chance: &mut Chance) -> Result<(), Error> {
        let Some(objects) = scene.objects() else { return Ok(()) };
        let Some(part) = self.find(&objects, chance) else { return Ok(()) };
        let part = part.clipped();
        let [h, w] = scene.frame.size().map(float);
        let [x0, y0, x1, y1] = [part.xmin * w, part.ymin * h, part.xmax * w, part.ymax * h];
        // Rounded down, as C++ converts.
        let size = [down(y1 - y0), down(x1 - x0)];
        check_size("batch_sampler", size)?;
        let cut = scene.take().crop([down(y0), down(x0)], size)?;
        scene.store(cut)?;
        scene.cut(part);
        Ok(())
    }

    /// A part of the picture with these objects; None if none satisfies.
    fn find(&self, objects: &[Area], chance: &mut Chance) -> Option<Area> {
        let mut found = Vec::new();
        for batch in self.0.iter().filter(|batch| batch.use_original_image) {
            let most = batch.max_sample.map_or(usize::MAX, length);
            let before = found.len();
            for _ in 0..batch.max_trials {
                if found.len() - before >= most {
                    break;
                }
                let part = Area::WHOLE.locate(part(batch, chance));
                if satisfies(part, objects, batch.sample_constraint.as_ref()) {
                    found.push(part);
                }
            }
        }
        let pick = chance.below(found.len());
        found.get(pick).copied()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within a side of the picture"
)]
fn down(place: f32) -> usize {
    place as usize
}

fn part(batch: &BatchSampler, chance: &mut Chance) -> Area {
    let sampler = batch.sampler.clone().unwrap_or_default();
    let scale = chance.uniform(sampler.min_scale, sampler.max_scale);
    // Beyond these ratios a side would be longer than the picture's.
    let low = sampler.min_aspect_ratio.max(scale * scale);
    let high = sampler.max_aspect_ratio.min(1.0 / (scale * scale));
    let root = chance.uniform(low, high).sqrt();
    let (width, height) = (scale * root, scale / root);
    let xmin = chance.uniform(0.0, 1.0 - width);
    let ymin = chance.uniform(0.0, 1.0 - height);
    Area { xmin, ymin, xmax: xmin + width, ymax: ymin + height }
}

/// Whether some object meets the first limit that is given.
///
/// SSD compares an object with one limit after the other and notes success as soon as it meets one: what the object
/// then fails has no effect any more, and one that fails the first limit is not compared with the others.
fn satisfies(part: Area, objects: &[Area], constraint: Option<&SampleConstraint>) -> bool {
    let Some(constraint) = constraint else { return true };
    let limits = [
        (constraint.min_jaccard_overlap, constraint.max_jaccard_overlap),
        (constraint.min_sample_coverage, constraint.max_sample_coverage),
        (constraint.min_object_coverage, constraint.max_object_coverage),
    ];
    let given = |(low, high): &(Option<f32>, Option<f32>)| low.is_some() || high.is_some();
    if !limits.iter().any(given) {
        return true;
    }
    let meets = |value: f32, (low, high): (Option<f32>, Option<f32>)| {
        low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high)
    };
    objects.iter().any(|&object| {
        let measures = [part.jaccard(object), part.coverage(object), object.coverage(part)];
        let first = limits.iter().zip(measures).find(|(limit, _)| given(limit));
        first.is_some_and(|(&limit, measure)| meets(measure, limit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: trials are a loop, of whatever length the prototxt says.
    #[test]
    fn trials_are_bounded() {
        let sampler = |max_trials| {
            let batch = BatchSampler { max_trials, ..BatchSampler::default() };
            Sample::new(&AnnotatedDataParam { batch_sampler: vec![batch], ..Default::default() })
        };
        assert!(sampler(MOST_TRIALS).is_ok());
        let error = sampler(MOST_TRIALS + 1).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("batch_sampler.max_trials")));
    }
}
