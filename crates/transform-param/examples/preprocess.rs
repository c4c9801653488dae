//! Applies a transform_param to a picture and saves what the net would see as PNG.
//!
//! ```sh
//! cargo run -p transform-param --example preprocess -- cat.jpg \
//!     'resize_param { height: 256 width: 256 } crop_size: 224 mean_value: 104 mean_value: 117 mean_value: 123' cat.png
//! ```

use std::error::Error;

use transform_param::{Chance, ColorMode, Format, Pixels, Transform, decode, encode};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [picture, text, output] = arguments.as_slice() else {
        return Err("usage: preprocess PICTURE 'FIELDS OF transform_param' OUTPUT.png".into());
    };
    let transform: Transform = text.parse()?;
    let picture = decode(&std::fs::read(picture)?, ColorMode::AsStored)?;
    let input = transform.apply_to(picture, &mut Chance::none())?;

    let values = input.data();
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let [c, h, w] = input.shape();
    println!("{c} x {h} x {w}, from {low} to {high}");
    let range = (high - low).max(f32::MIN_POSITIVE);
    let bytes = values.iter().map(|value| byte((value - low) / range)).collect();
    std::fs::write(output, encode(&Pixels::new(input.shape(), bytes)?, Format::Png)?)?;
    Ok(())
}

/// A value from 0 to 1 as 0 to 255.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded down")]
fn byte(value: f32) -> u8 {
    (255.0 * value) as u8
}
