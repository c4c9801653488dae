//! What comes after the signature, so that the fuzzer stays inside this decoder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transform_param::{ColorMode, Limits, decode_with};

const LIMITS: Limits = Limits { width: 1 << 12, height: 1 << 12, pixels: 1 << 18 };

fuzz_target!(|bytes: &[u8]| {
    let file = [b"BM", bytes].concat();
    for mode in [ColorMode::Color, ColorMode::Gray, ColorMode::AsStored] {
        if let Ok(picture) = decode_with(&file, mode, &LIMITS) {
            let [c, h, w] = picture.shape();
            assert_eq!(picture.data().len(), c * h * w);
        }
    }
});
