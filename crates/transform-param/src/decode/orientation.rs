//! Turning pictures as EXIF says.

use image::metadata::Orientation;

use crate::pixels::Pixels;

/// Makes the stored picture stand upright.
pub(super) fn upright(picture: Pixels<u8>, orientation: Orientation) -> Pixels<u8> {
    match orientation {
        Orientation::NoTransforms => picture,
        Orientation::FlipHorizontal => flip(picture, [false, true]),
        Orientation::Rotate180 => flip(picture, [true, true]),
        Orientation::FlipVertical => flip(picture, [true, false]),
        Orientation::Rotate90FlipH => transpose(&picture),
        Orientation::Rotate90 => flip(transpose(&picture), [false, true]),
        Orientation::Rotate270FlipH => flip(transpose(&picture), [true, true]),
        Orientation::Rotate270 => flip(transpose(&picture), [true, false]),
    }
}

/// Upside down, left to right.
fn flip(picture: Pixels<u8>, [vertical, horizontal]: [bool; 2]) -> Pixels<u8> {
    let [c, h, w] = picture.shape();
    let mut data = picture.into_data();
    let plane = (h * w).max(1);
    for values in data.chunks_exact_mut(plane) {
        match (vertical, horizontal) {
            (true, true) => values.reverse(),
            (false, true) => values.chunks_exact_mut(w).for_each(<[u8]>::reverse),
            (true, false) => {
                let (upper, lower) = values.split_at_mut(h / 2 * w);
                let rows = upper.chunks_exact_mut(w).zip(lower.chunks_exact_mut(w).rev());
                rows.for_each(|(a, b)| a.swap_with_slice(b));
            }
            (false, false) => {}
        }
    }
    Pixels::from_planes([c, h, w], data)
}

fn transpose(picture: &Pixels<u8>) -> Pixels<u8> {
    let [c, h, w] = picture.shape();
    let mut data = Vec::with_capacity(picture.data().len());
    for plane in picture.data().chunks_exact((h * w).max(1)) {
        for column in 0..w {
            data.extend(plane.iter().skip(column).step_by(w));
        }
    }
    Pixels::from_planes([c, w, h], data)
}
