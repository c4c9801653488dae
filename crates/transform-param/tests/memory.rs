//! Pictures for which the system has no memory are errors, not the end of the program.
//!
//! The test starts itself once more under a bound of the shell, because memory that ends cannot be had otherwise. The
//! bound is on addresses, and so holds where programs can be bounded like that: on Linux.
#![cfg(target_os = "linux")]

use std::process::Command;

use transform_param::{ColorMode, Error, decode};

/// A grey picture of 2^27 pixels, which as colour takes 400 MB; the file takes 16 MB.
fn large() -> Vec<u8> {
    let mut file = b"P4 16384 8192\n".to_vec();
    file.resize(file.len() + (16384 / 8) * 8192, 0);
    file
}

#[test]
#[ignore = "is started by the other one, with little memory"]
fn with_little_memory() {
    let small = decode(b"P5 1 1 255 x", ColorMode::Color).expect("a good picture before");
    let error = decode(&large(), ColorMode::Color).expect_err("too large for this program");
    assert!(matches!(error, Error::Memory { .. }), "{error}");
    assert_eq!(decode(b"P5 1 1 255 x", ColorMode::Color).expect("and after"), small);
}

#[test]
fn a_picture_beyond_the_memory_is_an_error() {
    let program = std::env::current_exe().expect("this test");
    let bounded =
        "ulimit -v 400000 && exec \"$0\" --exact with_little_memory --ignored --test-threads 1";
    let run = Command::new("sh").args(["-c", bounded]).arg(program).output().expect("a shell");
    let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}
