//! `distort_param`: brightness, contrast, saturation, hue and the order of channels, at random.

use super::noise::colored;
use crate::chance::Chance;
use crate::colorspace::{bgr_to_hsv, hsv_to_bgr};
use crate::error::{Error, ValueError};
use crate::frame::Frame;
use crate::param::DistortParam;
use crate::pixels::Pixels;
use crate::scene::Scene;

/// A checked [`DistortParam`].
#[derive(Clone, Debug)]
pub(crate) struct Distort(DistortParam);

impl Distort {
    pub(crate) fn new(p: &DistortParam) -> Result<Self, Error> {
        let error = |field, reason| Err(Error::Value { field, reason });
        let bad = |delta: f32| !delta.is_finite() || delta < 0.0;
        let bad_range = |low: f32, high: f32| bad(low) || bad(high) || low > high;
        if bad(p.brightness_delta) {
            return error("distort_param.brightness_delta", ValueError::Negative);
        }
        if bad(p.hue_delta) {
            return error("distort_param.hue_delta", ValueError::Negative);
        }
        let range = ValueError::Ends { needs: "contrast and saturation need 0 <= lower <= upper" };
        if bad_range(p.contrast_lower, p.contrast_upper) {
            return error("distort_param.contrast_lower", range);
        }
        if bad_range(p.saturation_lower, p.saturation_upper) {
            return error("distort_param.saturation_lower", range);
        }
        Ok(Distort(p.clone()))
    }

    pub(crate) fn apply(&self, scene: &mut Scene, chance: &mut Chance) -> Result<(), Error> {
        let picture = scene.take().into_bytes("distort_param")?;
        scene.store(Frame::Bytes(self.distort(picture, chance)?))
    }

    fn distort(&self, mut picture: Pixels<u8>, chance: &mut Chance) -> Result<Pixels<u8>, Error> {
        let p = &self.0;
        let contrast_first = chance.happens(0.5);
        if chance.happens(p.brightness_prob) {
            let delta = chance.uniform(-p.brightness_delta, p.brightness_delta);
            if delta != 0.0 {
                picture = linear(picture, 1.0, delta);
            }
        }
        if contrast_first {
            picture = self.contrast(picture, chance);
        }
        if chance.happens(p.saturation_prob) {
            let factor = chance.uniform(p.saturation_lower, p.saturation_upper);
            picture = in_hsv(picture, 1, factor, 0.0)?;
        }
        if chance.happens(p.hue_prob) {
            let delta = chance.uniform(-p.hue_delta, p.hue_delta);
            if delta != 0.0 {
                picture = in_hsv(picture, 0, 1.0, delta)?;
            }
        }
        if !contrast_first {
            picture = self.contrast(picture, chance);
        }
        // Without chance there is no order to draw, even if the probability is 1.
        if !chance.is_none() && chance.happens(p.random_order_prob) {
            picture = shuffled(colored(picture, "distort_param.random_order_prob")?, chance);
        }
        Ok(picture)
    }

    fn contrast(&self, picture: Pixels<u8>, chance: &mut Chance) -> Pixels<u8> {
        let p = &self.0;
        if !chance.happens(p.contrast_prob) {
            return picture;
        }
        let factor = chance.uniform(p.contrast_lower, p.contrast_upper);
        if (factor - 1.0).abs() > 1e-3 { linear(picture, factor, 0.0) } else { picture }
    }
}

/// `Mat::convertTo` to bytes: `value · factor + delta` in fp32, rounded half to even, saturated.
fn linear(picture: Pixels<u8>, factor: f32, delta: f32) -> Pixels<u8> {
    let table = table(factor, delta);
    picture.map(|value| table[usize::from(value)])
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates, which is what OpenCV does"
)]
fn table(factor: f32, delta: f32) -> [u8; 256] {
    std::array::from_fn(|value| (value as f32).mul_add(factor, delta).round_ties_even() as u8)
}

/// Changes one channel of the picture's HSV form.
fn in_hsv(
    picture: Pixels<u8>,
    channel: usize,
    factor: f32,
    delta: f32,
) -> Result<Pixels<u8>, Error> {
    let mut hsv = bgr_to_hsv(&colored(picture, "distort_param")?);
    let table = table(factor, delta);
    hsv.for_each_channel(|index, plane| {
        if index == channel {
            plane.iter_mut().for_each(|value| *value = table[usize::from(*value)]);
        }
    });
    Ok(hsv_to_bgr(&hsv))
}

fn shuffled(picture: Pixels<u8>, chance: &mut Chance) -> Pixels<u8> {
    let mut order = [0, 1, 2];
    for last in [2, 1] {
        order.swap(last, chance.below(last + 1));
    }
    let plane = picture.data().len() / 3;
    let data = order.iter().flat_map(|&c| &picture.data()[c * plane..][..plane]).copied().collect();
    Pixels::from_planes(picture.shape(), data)
}
