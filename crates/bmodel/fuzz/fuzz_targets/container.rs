//! Any file: an error or a model that can be described, taken apart and written again.
#![no_main]

use bmodel::Bmodel;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(model) = Bmodel::from_bytes(bytes) {
        let _ = bmodel::info(&model);
        let _ = bmodel::extract(&model);
        let _ = model.check_coefficients();
        let written = model.to_bytes().expect("as short as what was read");
        let read = Bmodel::from_bytes(&written).expect("what is written can be read");
        assert_eq!(read.to_bytes().expect("bytes"), written);
    }
});
