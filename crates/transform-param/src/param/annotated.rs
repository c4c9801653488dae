//! `annotated_data_param`, and what decides over boxes.

use super::table::{self, initial, message, setter, slot, values};
use crate::error::Error;

/// Which boxes stay when a part of the picture is cut out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EmitType {
    /// Those whose centre is in the part.
    #[default]
    Center,
    /// Those of which the part covers more than `emit_overlap`.
    MinOverlap,
}

values! {
    EmitType = "EmitConstraint.EmitType" {
        Center = 0 "CENTER",
        MinOverlap = 1 "MIN_OVERLAP",
    }
}

message! {
    /// `emit_constraint`: which boxes stay when a part of the picture is cut out. Without it all stay that have
    /// anything in common with the part.
    EmitConstraint = "EmitConstraint", "emit_constraint" {
        /// What decides.
        1 singular emit_type: EmitType = EmitType::Center;
        /// For MIN_OVERLAP: the share of a box that has to be exceeded.
        2 optional emit_overlap: f32;
    }
}

/// What an AnnotatedDatum holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AnnotationType {
    /// Boxes.
    #[default]
    Bbox,
}

values! {
    AnnotationType = "AnnotationType" {
        Bbox = 0 "BBOX",
    }
}

message! {
    /// `annotated_data_param`: random parts of pictures that must show something of their objects.
    ///
    /// # Formula
    /// Each sampler tries up to `max_trials` parts of the picture, until it has `max_sample` that satisfy its
    /// constraint by at least one object. Of all parts that were found one is taken, at random. A sampler with
    /// `use_original_image: false` gives none.
    ///
    /// # Source
    /// SSD, sampler: GenerateBatchSamples; AnnotatedDataLayer.
    AnnotatedDataParam = "AnnotatedDataParameter", "annotated_data_param" {
        /// Who looks for parts.
        1 repeated batch_sampler: BatchSampler;
        /// Names of the labels; has no effect here.
        2 string label_map_file: String;
        /// The kind of annotations; has no effect here.
        3 optional anno_type: AnnotationType;
    }
}

impl AnnotatedDataParam {
    /// Decodes an AnnotatedDataParameter message; no bytes are an empty message.
    ///
    /// # Errors
    /// [`Error::Wire`].
    pub fn from_wire(bytes: &[u8]) -> Result<Self, Error> {
        table::from_wire(bytes)
    }
}

message! {
    /// `batch_sampler`: looks for parts of a picture that satisfy a constraint.
    BatchSampler = "BatchSampler", "batch_sampler" {
        /// Without it, this sampler finds nothing.
        1 singular use_original_image: bool = true;
        /// Which parts are tried.
        2 optional sampler: Sampler;
        /// What a part has to show.
        3 optional sample_constraint: SampleConstraint;
        /// After so many finds it stops.
        4 optional max_sample: u32;
        /// After so many trials it stops.
        5 singular max_trials: u32 = 100;
    }
}

message! {
    /// `sampler`: parts of a random scale and aspect ratio, at a random place.
    ///
    /// # Formula
    /// The part's width is `scale · √ratio`, its height `scale / √ratio`, in shares of the picture's.
    Sampler = "Sampler", "sampler" {
        /// The least scale.
        1 singular min_scale: f32 = 1.0;
        /// The greatest scale.
        2 singular max_scale: f32 = 1.0;
        /// The least ratio.
        3 singular min_aspect_ratio: f32 = 1.0;
        /// The greatest ratio.
        4 singular max_aspect_ratio: f32 = 1.0;
    }
}

message! {
    /// `sample_constraint`: what a part has to have in common with one of the objects. The first of the three
    /// measures that has a limit decides.
    SampleConstraint = "SampleConstraint", "sample_constraint" {
        /// Intersection over union, at least.
        1 optional min_jaccard_overlap: f32;
        /// Intersection over union, at most.
        2 optional max_jaccard_overlap: f32;
        /// The share of the part that the object covers, at least.
        3 optional min_sample_coverage: f32;
        /// The share of the part that the object covers, at most.
        4 optional max_sample_coverage: f32;
        /// The share of the object that the part covers, at least.
        5 optional min_object_coverage: f32;
        /// The share of the object that the part covers, at most.
        6 optional max_object_coverage: f32;
    }
}
