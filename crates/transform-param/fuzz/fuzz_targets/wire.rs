//! Any transform_param on a small picture, TEST and TRAIN: an error or an input of the promised shape. What can be read
//! prints as text that reads as the same.
#![no_main]

use datum_store::{Datum, DatumData};
use libfuzzer_sys::fuzz_target;
use transform_param::{Chance, Transform, TransformParam};

fuzz_target!(|bytes: &[u8]| {
    let Ok(param) = TransformParam::from_wire(bytes) else { return };
    let text = param.to_string();
    let again: TransformParam = text.parse().expect("what is printed can be read");
    assert_eq!(again.to_string(), text);
    let Ok(transform) = Transform::new(&param) else { return };
    let datum = Datum::new([3, 4, 5], DatumData::Bytes((0..60).collect()), 0).expect("fits");
    for mut chance in [Chance::none(), Chance::new(1, bytes.len() as u64)] {
        if let Ok(prepared) = transform.prepare(&datum, &mut chance) {
            let mut input = vec![0.0; prepared.shape().iter().product()];
            prepared.write(&mut input).expect("as promised");
        }
    }
});
