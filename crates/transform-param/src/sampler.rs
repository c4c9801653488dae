//! `annotated_data_param`: random parts of pictures that must show something of their objects.

use prost::Message;

use crate::boxes::Area;
use crate::chance::Chance;
use crate::error::Error;
use crate::proto::{AnnotatedDataParameter, BatchSampler, SampleConstraint};

/// The checked `batch_sampler` list of an AnnotatedData layer.
///
/// # Formula
/// Each sampler tries up to `max_trials` parts of the picture, until it has `max_sample` that satisfy its
/// constraint by at least one object. A part has a random scale and aspect ratio, so that width is
/// `scale · √ratio` and height `scale / √ratio`, at a random place. Of all parts that were found one is
/// taken, at random. A sampler with `use_original_image: false` gives none.
///
/// # Source
/// SSD, sampler: GenerateBatchSamples; AnnotatedDataLayer.
#[derive(Clone, Debug, Default)]
pub struct Samplers(Vec<BatchSampler>);

impl Samplers {
    /// Decodes and checks an AnnotatedDataParameter message; no bytes are an empty message.
    ///
    /// # Errors
    /// [`Error::Wire`]; [`Error::Value`] for a range that is empty or beyond the picture.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, Error> {
        let p = AnnotatedDataParameter::decode(bytes)
            .map_err(|error| Error::Wire { reason: error.to_string() })?;
        for sampler in p.batch_sampler.iter().filter_map(|batch| batch.sampler.as_ref()) {
            let [low, high] = [sampler.min_scale(), sampler.max_scale()];
            let error =
                |field, reason: &str| Err(Error::Value { field, reason: reason.to_owned() });
            if !(low > 0.0 && low <= high && high <= 1.0) {
                return error("batch_sampler.sampler.min_scale", "needs 0 < min <= max <= 1");
            }
            let [low, high] = [sampler.min_aspect_ratio(), sampler.max_aspect_ratio()];
            if !(low > 0.0 && low <= high && high < f32::MAX) {
                return error("batch_sampler.sampler.min_aspect_ratio", "needs 0 < min <= max");
            }
        }
        if p.batch_sampler.iter().any(|batch| batch.max_trials() > 1 << 16) {
            let reason = "must be 65536 at most".to_owned();
            return Err(Error::Value { field: "batch_sampler.max_trials", reason });
        }
        Ok(Samplers(p.batch_sampler))
    }

    /// A part of the picture with these objects; None if none satisfies.
    pub(crate) fn sample(&self, objects: &[Area], chance: &mut Chance) -> Option<Area> {
        let mut found = Vec::new();
        for batch in self.0.iter().filter(|batch| batch.use_original_image()) {
            let before = found.len();
            for _ in 0..batch.max_trials() {
                if batch.max_sample.is_some_and(|most| found.len() - before >= most as usize) {
                    break;
                }
                let part = Area::WHOLE.locate(part(batch, chance));
                let constraint = batch.sample_constraint.unwrap_or_default();
                if satisfies(part, objects, &constraint) {
                    found.push(part);
                }
            }
        }
        let pick = chance.below(found.len());
        found.get(pick).copied()
    }
}

fn part(batch: &BatchSampler, chance: &mut Chance) -> Area {
    let sampler = batch.sampler.unwrap_or_default();
    let scale = chance.uniform(sampler.min_scale(), sampler.max_scale());
    // Beyond these ratios a side would be longer than the picture's.
    let low = sampler.min_aspect_ratio().max(scale * scale);
    let high = sampler.max_aspect_ratio().min(1.0 / (scale * scale));
    let root = chance.uniform(low, high).sqrt();
    let (width, height) = (scale * root, scale / root);
    let xmin = chance.uniform(0.0, 1.0 - width);
    let ymin = chance.uniform(0.0, 1.0 - height);
    Area { xmin, ymin, xmax: xmin + width, ymax: ymin + height }
}

/// Whether some object meets one of the limits that are given. As in SSD, an object that meets the
/// overlap counts even if it then fails a coverage.
fn satisfies(part: Area, objects: &[Area], constraint: &SampleConstraint) -> bool {
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
        // The first limit that is given decides: the next ones are only looked at if it is met, and
        // meeting it has been noted by then.
        let first = limits.iter().zip(measures).find(|(limit, _)| given(limit));
        first.is_some_and(|(&limit, measure)| meets(measure, limit))
    })
}
