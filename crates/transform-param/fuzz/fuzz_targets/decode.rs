//! Any file: an error or a picture.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transform_param::{ColorMode, decode};

fuzz_target!(|bytes: &[u8]| {
    let _ = decode(bytes, ColorMode::Color);
    let _ = decode(bytes, ColorMode::Gray);
});
