//! Any manifest. No panic.
#![no_main]

use datum_store::leveldb::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::manifest(bytes));
