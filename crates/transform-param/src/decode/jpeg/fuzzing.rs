//! Our decoder beside libjpeg, for tests and the fuzzer.

use super::super::{ColorMode, Limits};
use super::{baseline, libjpeg};
use crate::simd::Avx2;

/// Decodes a file in every way, and tells whether it always was one for our decoder.
///
/// # Panics
/// If what is decoded here is not what libjpeg decodes.
pub fn jpeg(file: &[u8]) -> bool {
    let limits = Limits::default().width(1 << 12).height(1 << 12).pixels(1 << 18);
    let mut ours = true;
    for mode in [ColorMode::Color, ColorMode::Gray, ColorMode::AsStored] {
        let decode = || libjpeg::decode(file, mode, &limits).ok();
        let expected = std::panic::catch_unwind(decode).ok().flatten();
        for vector in [Avx2::for_test("JPEG decoding"), None] {
            let found = baseline::decode_on(vector, file, mode, &limits);
            ours &= found.is_some();
            assert!(found.is_none() || found == expected, "{mode:?}, {} bytes", file.len());
        }
    }
    ours
}
