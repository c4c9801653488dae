#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod cf_to_umodel;
pub mod cli;
pub mod pb_to_umodel;
