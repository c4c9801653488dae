//! `noise_param`: what spoils a picture on purpose, in SSD's order.

use crate::chance::Chance;
use crate::colorspace::{bgr_to_hsv, bgr_to_lab, bgr_to_ycrcb, decolorized, ycrcb_to_bgr};
use crate::equalize::{equalize, equalize_by_tiles};
use crate::error::{Error, ValueError};
use crate::frame::{Frame, byte, reflected};
use crate::mean::per_channel;
use crate::param::NoiseParam;
use crate::pixels::Pixels;
use crate::scene::{Scene, recoded};

/// A checked [`NoiseParam`].
#[derive(Clone, Debug)]
pub(crate) struct Noise {
    param: NoiseParam,
    /// Share of pixels and their value; one for all channels or one each.
    saltpepper: Option<(f32, Vec<f32>)>,
    quality: Option<u8>,
}

impl Noise {
    pub(crate) fn new(param: &NoiseParam) -> Result<Self, Error> {
        let saltpepper = match &param.saltpepper_param {
            _ if !param.saltpepper => None,
            Some(p) if !p.value.is_empty() && (0.0..=1.0).contains(&p.fraction) => {
                Some((p.fraction, p.value.clone()))
            }
            _ => {
                let reason = ValueError::Ends { needs: "needs a fraction from 0 to 1 and a value" };
                return Err(Error::Value { field: "noise_param.saltpepper_param", reason });
            }
        };
        let quality = match param.jpeg {
            quality if quality > 0.0 => Some(byte(quality).clamp(1, 100)),
            _ => None,
        };
        Ok(Noise { param: param.clone(), saltpepper, quality })
    }

    pub(crate) fn apply(&self, scene: &mut Scene, chance: &mut Chance) -> Result<(), Error> {
        let picture = scene.take().into_bytes("noise_param")?;
        scene.frame = self.spoil(picture, chance)?;
        Ok(())
    }

    fn spoil(&self, mut picture: Pixels<u8>, chance: &mut Chance) -> Result<Frame, Error> {
        let p = &self.param;
        if p.decolorize {
            picture = decolorized(&colored(picture, "noise_param.decolorize")?);
        }
        if p.gauss_blur {
            picture = blur(&picture);
        }
        if p.hist_eq {
            on_luma(&mut picture, "noise_param.hist_eq", |plane, _| equalize(plane))?;
        }
        if p.clahe {
            on_luma(&mut picture, "noise_param.clahe", |plane, size| {
                let equalized = equalize_by_tiles(plane, size, 4.0);
                plane.copy_from_slice(&equalized);
            })?;
        }
        if let Some(quality) = self.quality {
            picture = recoded(&picture, quality)?;
        }
        if p.erode {
            picture = erode(&picture);
        }
        if p.posterize {
            picture = picture.map(|value| value / 64 * 64 + 32);
        }
        if p.inverse {
            picture = picture.map(|value| 255 - value);
        }
        if let Some((fraction, values)) = &self.saltpepper {
            let values = per_channel("noise_param.saltpepper_param", values, picture.shape()[0])?;
            sprinkle(&mut picture, *fraction, &values, chance);
        }
        if p.convert_to_hsv {
            picture = bgr_to_hsv(&colored(picture, "noise_param.convert_to_hsv")?);
        }
        if p.convert_to_lab {
            let picture = colored(picture, "noise_param.convert_to_lab")?;
            return Ok(Frame::Values(bgr_to_lab(&picture)));
        }
        Ok(Frame::Bytes(picture))
    }
}

/// The picture, if it has three channels.
pub(crate) fn colored(picture: Pixels<u8>, field: &'static str) -> Result<Pixels<u8>, Error> {
    match picture.shape()[0] {
        3 => Ok(picture),
        found => Err(Error::Channels { field, found }),
    }
}

/// Changes the only plane, or the luma of a coloured picture.
fn on_luma(
    picture: &mut Pixels<u8>,
    field: &'static str,
    change: impl Fn(&mut [u8], [usize; 2]),
) -> Result<(), Error> {
    let [c, h, w] = picture.shape();
    if c == 1 {
        picture.for_each_channel(|_, plane| change(plane, [h, w]));
        return Ok(());
    }
    let mut ycrcb = bgr_to_ycrcb(&colored(picture.clone(), field)?);
    ycrcb.for_each_channel(|channel, plane| {
        if channel == 0 {
            change(plane, [h, w]);
        }
    });
    *picture = ycrcb_to_bgr(&ycrcb);
    Ok(())
}

/// `cv::GaussianBlur`, 7 × 7, σ 1.5, mirrored borders: weights of 8 fraction bits, one rounding, half up.
#[expect(clippy::cast_possible_truncation, reason = "the weights add up to 1")]
fn blur(picture: &Pixels<u8>) -> Pixels<u8> {
    const WEIGHTS: [u32; 7] = [9, 29, 55, 70, 55, 29, 9];
    let [c, h, w] = picture.shape();
    let taps = |at: usize, length: usize| -> [usize; 7] {
        std::array::from_fn(|tap| reflected(at + tap, 3, length))
    };
    let columns: Vec<_> = (0..w).map(|x| taps(x, w)).collect();
    let rows: Vec<_> = (0..h).map(|y| taps(y, h)).collect();
    let mut out = Vec::with_capacity(c * h * w);
    for plane in picture.data().chunks_exact((h * w).max(1)) {
        let mut across = Vec::with_capacity(h * w);
        for row in plane.chunks_exact(w) {
            across.extend(columns.iter().map(|taps| -> u32 {
                taps.iter().zip(WEIGHTS).map(|(&x, weight)| u32::from(row[x]) * weight).sum()
            }));
        }
        for taps in &rows {
            out.extend((0..w).map(|x| {
                let sum: u32 =
                    taps.iter().zip(WEIGHTS).map(|(&y, weight)| across[y * w + x] * weight).sum();
                ((sum + (1 << 15)) >> 16) as u8
            }));
        }
    }
    Pixels::from_planes([c, h, w], out)
}

/// `cv::erode` by a cross of 3 × 3.
fn erode(picture: &Pixels<u8>) -> Pixels<u8> {
    let [c, h, w] = picture.shape();
    let mut out = Vec::with_capacity(c * h * w);
    for plane in picture.data().chunks_exact((h * w).max(1)) {
        for y in 0..h {
            for x in 0..w {
                let at = y * w + x;
                let mut least = plane[at];
                for (inside, neighbour) in [
                    (y > 0, at.wrapping_sub(w)),
                    (y + 1 < h, at + w),
                    (x > 0, at.wrapping_sub(1)),
                    (x + 1 < w, at + 1),
                ] {
                    if inside {
                        least = least.min(plane[neighbour]);
                    }
                }
                out.push(least);
            }
        }
    }
    Pixels::from_planes([c, h, w], out)
}

/// Sets a share of the pixels, at places that may repeat, to a value.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the pixels, rounded down as SSD does"
)]
fn sprinkle(picture: &mut Pixels<u8>, fraction: f32, values: &[f32], chance: &mut Chance) {
    if chance.is_none() {
        return; // the places are left to chance
    }
    let [_, h, w] = picture.shape();
    let count = (fraction * w as f32 * h as f32).floor() as usize;
    let places: Vec<usize> = (0..count)
        .map(|_| {
            let x = chance.below(w);
            chance.below(h) * w + x
        })
        .collect();
    picture.for_each_channel(|channel, plane| {
        for &place in &places {
            plane[place] = byte(values[channel]);
        }
    });
}
