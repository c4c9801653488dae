//! Applies a transform_param to a picture and saves what the net would see as PNG.
//!
//! ```sh
//! cargo run -p transform-param --example preprocess -- cat.jpg \
//!     'resize_param { height: 256 width: 256 } crop_size: 224 mean_value: 104 mean_value: 117 mean_value: 123' cat.png
//! ```

use std::error::Error;

use datum_store::{Datum, DatumData};
use transform_param::{Chance, Pixels, TransformParam};
use umodel::{LayerOp, Net, NetParameter, Phase, Shape, Sources};

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [picture, text, output] = arguments.as_slice() else {
        return Err("usage: preprocess PICTURE 'FIELDS OF transform_param' OUTPUT.png".into());
    };
    let transform = TransformParam::from_wire(&parse(text)?)?;
    let stored = Datum::new([0; 3], DatumData::Encoded(std::fs::read(picture)?), 0)?;
    let input = transform.apply(&stored, &mut Chance::none())?;
    let [c, h, w] = input.shape();
    let values = input.data();
    let low = values.iter().copied().fold(f32::INFINITY, f32::min);
    let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    println!("{c} x {h} x {w}, from {low} to {high}");
    save(&input, [low, high], output)
}

/// The message of a transform_param's text: umodel reads it as part of a layer.
fn parse(text: &str) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    /// The net's shapes do not matter here.
    struct Any;
    impl Sources for Any {
        fn shapes(
            &self,
            _: &str,
            _: &LayerOp,
            _: &[String],
        ) -> Result<Vec<Shape>, Box<dyn Error + Send + Sync>> {
            Ok(vec![vec![1, 3, 1, 1]])
        }
    }
    let net = format!(
        "layer {{ name: 'data' type: 'Data' top: 'data' data_param {{ source: '-' batch_size: 1 }}
         transform_param {{ {text}\n}} }}"
    );
    let net = Net::new(&NetParameter::parse_text(&net)?, None, Phase::Test, &Any)?;
    match net.layers().first().map(|layer| &layer.op) {
        Some(LayerOp::Data(data)) => Ok(data.transform.clone()),
        _ => Err("no Data layer".into()),
    }
}

/// Values from `low` to `high` as 0 to 255; B, G, R as R, G, B.
fn save(
    input: &Pixels<f32>,
    [low, high]: [f32; 2],
    path: &str,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let [c, h, w] = input.shape();
    let plane = h * w;
    let byte = |value: f32| (255.0 * (value - low) / (high - low).max(f32::MIN_POSITIVE)) as u8;
    let at = |x: u32, y: u32, channel: usize| {
        byte(input.data()[channel * plane + y as usize * w + x as usize])
    };
    let picture = image::RgbImage::from_fn(w as u32, h as u32, |x, y| match c {
        3 => image::Rgb([at(x, y, 2), at(x, y, 1), at(x, y, 0)]),
        _ => image::Rgb([at(x, y, 0); 3]),
    });
    Ok(picture.save_with_format(path, image::ImageFormat::Png)?)
}
