//! Any stored block, footer and unpacked block of a table. No panic.
#![no_main]

use datum_store::leveldb::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fuzzing::block(bytes));
