//! Any file through the door that all use: an error or a picture, in every mode.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transform_param::{ColorMode, Limits, decode_with};

fuzz_target!(|bytes: &[u8]| {
    // Enough for every seed, and no second is spent on pixels.
    let limits = Limits::default().width(1 << 12).height(1 << 12).pixels(1 << 18);
    for mode in [ColorMode::Color, ColorMode::Gray, ColorMode::AsStored] {
        let _ = decode_with(bytes, mode, &limits);
    }
});
