//! `cv::cvtColor` between B, G, R and other colour spaces, on planes.
//!
//! # Source
//! OpenCV's documentation of colour conversions for the formulas; its fixed-point weights and rounding
//! for 8 bits.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "OpenCV cuts off and rounds in the same places; all values are bounded by those of bytes"
)]

use crate::pixels::Pixels;

/// Applies a function of three bytes to each pixel of a three-channel picture.
fn each_pixel(picture: &Pixels<u8>, convert: impl Fn([u8; 3]) -> [u8; 3]) -> Pixels<u8> {
    let mut out = vec![0; picture.data().len()];
    let plane = picture.data().len() / 3;
    let (first, rest) = picture.data().split_at(plane);
    let (second, third) = rest.split_at(plane);
    let (out0, rest) = out.split_at_mut(plane);
    let (out1, out2) = rest.split_at_mut(plane);
    for (at, ((&a, &b), &c)) in first.iter().zip(second).zip(third).enumerate() {
        [out0[at], out1[at], out2[at]] = convert([a, b, c]);
    }
    Pixels::from_planes(picture.shape(), out)
}

fn clip(value: i32) -> u8 {
    value.clamp(0, 255) as u8
}

/// `v / 2^shift`, rounded half up.
fn descale(value: i32, shift: u32) -> i32 {
    (value + (1 << (shift - 1))) >> shift
}

/// The grey value of each pixel, in all three channels: `BGR2GRAY` and back.
pub(crate) fn decolorized(picture: &Pixels<u8>) -> Pixels<u8> {
    each_pixel(picture, |[b, g, r]| {
        let [b, g, r] = [b, g, r].map(i32::from);
        [clip(descale(b * 3735 + g * 19235 + r * 9798, 15)); 3]
    })
}

/// `BGR2YCrCb`.
pub(crate) fn bgr_to_ycrcb(picture: &Pixels<u8>) -> Pixels<u8> {
    each_pixel(picture, |[b, g, r]| {
        let [b, g, r] = [b, g, r].map(i32::from);
        let y = descale(b * 1868 + g * 9617 + r * 4899, 14);
        let middle = 128 << 14;
        let cr = descale((r - y) * 11682 + middle, 14);
        let cb = descale((b - y) * 9241 + middle, 14);
        [clip(y), clip(cr), clip(cb)]
    })
}

/// `YCrCb2BGR`.
pub(crate) fn ycrcb_to_bgr(picture: &Pixels<u8>) -> Pixels<u8> {
    each_pixel(picture, |[y, cr, cb]| {
        let [y, cr, cb] = [i32::from(y), i32::from(cr) - 128, i32::from(cb) - 128];
        let b = y + descale(cb * 29049, 14);
        let g = y + descale(cb * -5636 + cr * -11698, 14);
        let r = y + descale(cr * 22987, 14);
        [clip(b), clip(g), clip(r)]
    })
}

/// `BGR2HSV`: H from 0 to 180, S and V from 0 to 255.
pub(crate) fn bgr_to_hsv(picture: &Pixels<u8>) -> Pixels<u8> {
    // `factor · 2^12 / divisor`, rounded half to even.
    let share = |factor: f64, divisor: i32| match divisor {
        0 => 0,
        divisor => (factor * 4096.0 / f64::from(divisor)).round_ties_even() as i32,
    };
    let saturations: Vec<i32> = (0..256).map(|v| share(255.0, v)).collect();
    let hues: Vec<i32> = (0..256).map(|diff| share(180.0, 6 * diff)).collect();
    each_pixel(picture, |[b, g, r]| {
        let [b, g, r] = [b, g, r].map(i32::from);
        let v = b.max(g).max(r);
        let diff = v - b.min(g).min(r);
        let s = descale(diff * saturations[v as usize], 12);
        let h = if v == r {
            g - b
        } else if v == g {
            b - r + 2 * diff
        } else {
            r - g + 4 * diff
        };
        let h = descale(h * hues[diff as usize], 12);
        [clip(if h < 0 { h + 180 } else { h }), clip(s), clip(v)]
    })
}

/// `HSV2BGR`, in fp32, rounded down. OpenCV's vector code does that, too; the last pixels of a row, fewer
/// than a vector holds, it rounds to nearest. A fused multiplication there differs by 1 in a few of
/// 100,000 bytes.
pub(crate) fn hsv_to_bgr(picture: &Pixels<u8>) -> Pixels<u8> {
    each_pixel(picture, |[h, s, v]| {
        let s = f32::from(s) * (1.0 / 255.0);
        let v = f32::from(v) * (1.0 / 255.0);
        let h = f32::from(h) * (6.0 / 180.0);
        let sector = h.floor();
        let fraction = h - sector;
        let tab = [v, v * (1.0 - s), v * (1.0 - s * fraction), v * (1.0 - s * (1.0 - fraction))];
        let [b, g, r] = match sector as i32 % 6 {
            0 => [tab[1], tab[3], tab[0]],
            1 => [tab[1], tab[0], tab[2]],
            2 => [tab[3], tab[0], tab[1]],
            3 => [tab[0], tab[2], tab[1]],
            4 => [tab[0], tab[1], tab[3]],
            _ => [tab[2], tab[1], tab[0]],
        };
        [b, g, r].map(|value| (value * 255.0) as u8)
    })
}

/// `BGR2Lab` of floats: L from 0 to 100, a and b within ±127, by the formula; OpenCV reads its curves
/// from tables, which differ from it by up to 0.04.
pub(crate) fn bgr_to_lab(picture: &Pixels<u8>) -> Pixels<f32> {
    let linear: Vec<f64> = (0..256)
        .map(|value| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
        .collect();
    let f = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let plane = picture.data().len() / 3;
    let mut out = vec![0.0; 3 * plane];
    for at in 0..plane {
        let [b, g, r] = [0, 1, 2].map(|c| linear[usize::from(picture.data()[c * plane + at])]);
        let x = f((0.412453 * r + 0.357580 * g + 0.180423 * b) / 0.950456);
        let y_linear = 0.212671 * r + 0.715160 * g + 0.072169 * b;
        let y = f(y_linear);
        let z = f((0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.088754);
        let l = if y_linear > 0.008856 { 116.0 * y - 16.0 } else { 903.3 * y_linear };
        out[at] = l as f32;
        out[plane + at] = (500.0 * (x - y)) as f32;
        out[2 * plane + at] = (200.0 * (y - z)) as f32;
    }
    Pixels::from_planes(picture.shape(), out)
}
