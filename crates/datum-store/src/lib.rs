#![doc = include_str!("../README.md")]

mod datum;
mod error;
pub mod imageset;
pub mod lmdb;
mod meta;

pub use datum::{Datum, DatumData};
pub use error::Error;

mod proto {
    #![allow(missing_docs, unreachable_pub)]
    include!(concat!(env!("OUT_DIR"), "/caffe.rs"));
}
