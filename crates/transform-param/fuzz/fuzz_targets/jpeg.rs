//! What comes after the signature, so that the fuzzer stays inside the two JPEG decoders, which must
//! agree, and their EXIF reader.
#![no_main]

use libfuzzer_sys::fuzz_target;
use transform_param::fuzzing;

fuzz_target!(|bytes: &[u8]| {
    fuzzing::jpeg(&[&[0xFF, 0xD8, 0xFF][..], bytes].concat());
});
