//! What is done to a picture and its boxes, one step after the other.
//!
//! The plain fields of transform_param and its written order both become one list of these.

mod crop;
mod distort;
mod expand;
mod fit;
mod noise;
mod resize;
mod sample;
mod stand;
mod window;

pub(crate) use crop::Crop;
pub(crate) use distort::Distort;
pub(crate) use expand::Expand;
pub(crate) use fit::Fit;
pub(crate) use noise::Noise;
pub(crate) use resize::Resize;
pub(crate) use sample::Sample;
pub(crate) use stand::Stand;
pub(crate) use window::Window;

use crate::chance::Chance;
use crate::error::Error;
use crate::scene::Scene;

/// One checked step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// `distort_param`.
    Distort(Distort),
    /// `expand_param`.
    Expand(Expand),
    /// `batch_sampler`.
    Sample(Sample),
    /// `resize_param`.
    Fit(Fit),
    /// `noise_param`.
    Noise(Noise),
    /// `crop_fraction`, CROP.
    Crop(Crop),
    /// `resize`, RESIZE.
    Resize(Resize),
    /// `crop_size`.
    Window(Window),
    /// `mirror`.
    Mirror,
    /// `height_scale` and `width_scale`.
    Stretch(Fit),
    /// STAND.
    Stand(Stand),
    /// Boxes are cut off at the picture's edges.
    Clip,
}

impl Step {
    pub(crate) fn apply(&self, scene: &mut Scene, chance: &mut Chance) -> Result<(), Error> {
        match self {
            Step::Distort(step) => step.apply(scene, chance),
            Step::Expand(step) => step.apply(scene, chance),
            Step::Sample(step) => step.apply(scene, chance),
            Step::Fit(step) => step.apply(scene, chance),
            Step::Noise(step) => step.apply(scene, chance),
            Step::Crop(step) => step.apply(scene),
            Step::Resize(step) => step.apply(scene),
            Step::Window(step) => step.apply(scene, chance),
            Step::Mirror => {
                if chance.happens(0.5) {
                    scene.mirror();
                }
                Ok(())
            }
            Step::Stretch(step) => step.stretch(scene),
            Step::Stand(step) => step.apply(scene),
            Step::Clip => {
                scene.clip();
                Ok(())
            }
        }
    }
}
