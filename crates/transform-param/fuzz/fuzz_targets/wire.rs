//! Any transform_param on a small picture: an error or an input of the promised shape.
#![no_main]

use datum_store::{Datum, DatumData};
use libfuzzer_sys::fuzz_target;
use transform_param::TransformParam;

fuzz_target!(|bytes: &[u8]| {
    let Ok(transform) = TransformParam::from_wire(bytes) else { return };
    let datum = Datum::new([3, 4, 5], DatumData::Bytes((0..60).collect()), 0).expect("fits");
    if let Ok(shape) = transform.output_shape(&datum) {
        let mut input = vec![0.0; shape.iter().product()];
        transform.apply(&datum, &mut input).expect("as promised");
    }
});
