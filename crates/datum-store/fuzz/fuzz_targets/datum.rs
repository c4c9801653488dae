//! Any record: an error or a datum that survives a round trip.
#![no_main]

use datum_store::Datum;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(datum) = Datum::from_wire(bytes) {
        let _ = Datum::from_wire(&datum.to_wire()).expect("what is written can be read");
    }
});
