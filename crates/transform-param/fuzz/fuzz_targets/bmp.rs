//! What comes after the signature, so that the fuzzer stays inside this decoder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transform_param::{ColorMode, Limits, decode_with};

fuzz_target!(|bytes: &[u8]| {
    // Enough for every seed, and no second is spent on pixels.
    let limits = Limits::default().width(1 << 12).height(1 << 12).pixels(1 << 18);
    let file = [b"BM", bytes].concat();
    for mode in [ColorMode::Color, ColorMode::Gray, ColorMode::AsStored] {
        if let Ok(picture) = decode_with(&file, mode, &limits) {
            let [c, h, w] = picture.shape();
            assert_eq!(picture.data().len(), c * h * w);
        }
    }
});
