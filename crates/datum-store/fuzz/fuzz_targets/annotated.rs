//! Any record: an error or an annotated datum that survives a round trip.
#![no_main]

use datum_store::AnnotatedDatum;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(datum) = AnnotatedDatum::from_wire(bytes) {
        let _ = AnnotatedDatum::from_wire(&datum.to_wire()).expect("what is written can be read");
    }
});
