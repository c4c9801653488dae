//! Writes a database from arrays and reads it back: `cargo run --example arrays -- DB_NAME`.

use std::error::Error;

use datum_store::{Backend, DatumData, Existing, LmdbDataset, open};
use ndarray::Array4;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: arrays DB_NAME")?;

    // Two pictures of 3×4×4 values.
    let pictures = Array4::from_shape_fn((2, 3, 4, 4), |(n, c, h, w)| {
        n as f32 + 0.1 * c as f32 - 0.01 * (4 * h + w) as f32
    });
    let mut dataset = LmdbDataset::create(&path, Existing::Refuse)?;
    dataset.put(pictures.view(), Some(&[7, 9]), Some(&["seven", "nine"]))?;
    dataset.finish()?;

    let mut store = open(&path, Backend::Lmdb)?;
    while let Some(record) = store.next_record()? {
        let datum = record.datum()?;
        let DatumData::Floats(values) = datum.data() else { continue };
        let name = record.name();
        println!("{name}: {:?}, label {}, first value {}", datum.dims(), datum.label(), values[0]);
    }
    Ok(())
}
