//! What comes after the signature, so that the fuzzer stays inside libjpeg and its EXIF reader.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transform_param::{ColorMode, Limits, decode_with};

const LIMITS: Limits = Limits { width: 1 << 12, height: 1 << 12, pixels: 1 << 18 };

fuzz_target!(|bytes: &[u8]| {
    let file = [&[0xFF, 0xD8, 0xFF][..], bytes].concat();
    for mode in [ColorMode::Color, ColorMode::Gray, ColorMode::AsStored] {
        let _ = decode_with(&file, mode, &LIMITS);
    }
});
