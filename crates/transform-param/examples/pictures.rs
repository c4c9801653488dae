//! Decodes a picture as OpenCV does, brings it to a size, and encodes it: no Caffe in sight.
//!
//! ```sh
//! cargo run -p transform-param --example pictures -- photo.webp 320 240 small.jpg
//! ```

use std::error::Error;
use std::path::Path;

use transform_param::{
    ColorMode, EncodeOptions, Format, Interpolation, Limits, decode_with, encode_with, resize,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, width, height, output] = arguments.as_slice() else {
        return Err("usage: pictures INPUT WIDTH HEIGHT OUTPUT".into());
    };
    let file = std::fs::read(input)?;
    // Of files from others, sizes beyond what is expected are refused before memory is asked for.
    let limits = Limits::default().pixels(100_000_000);
    let picture = decode_with(&file, ColorMode::Color, &limits)?;
    let [_, h, w] = picture.shape();

    // Means of areas look best for smaller pictures, cubic interpolation for larger ones.
    let size = [height.parse()?, width.parse()?];
    let smaller = size[0] <= h && size[1] <= w;
    let how = if smaller { Interpolation::Area } else { Interpolation::Cubic };
    let resized = resize(&picture, size, how);

    let extension = Path::new(output).extension().and_then(|name| name.to_str());
    let format: Format = extension.unwrap_or_default().parse()?;
    let encoded = encode_with(&resized, format, &EncodeOptions::default().jpeg_quality(90))?;
    std::fs::write(output, encoded)?;
    println!("{input}: {w} x {h}; {output}: {width} x {height}, {format}");
    Ok(())
}
