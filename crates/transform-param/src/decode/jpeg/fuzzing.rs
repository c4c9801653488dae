//! An entrance for fuzzing: our decoder beside libjpeg.

use super::super::{ColorMode, Limits};
use super::{baseline, libjpeg};
use crate::simd::Avx2;

/// Decodes a file in every way.
///
/// # Panics
/// If what is decoded here is not what libjpeg decodes.
pub fn jpeg(file: &[u8]) {
    let limits = Limits { width: 1 << 12, height: 1 << 12, pixels: 1 << 18 };
    for mode in [ColorMode::Color, ColorMode::Gray, ColorMode::AsStored] {
        let expected =
            std::panic::catch_unwind(|| libjpeg::decode(file, mode, &limits).ok()).ok().flatten();
        for vector in [Avx2::detect(), None] {
            if let Some(found) = baseline::decode_on(vector, file, mode, &limits) {
                assert!(Some(&found) == expected.as_ref(), "{mode:?}");
            }
        }
    }
}
