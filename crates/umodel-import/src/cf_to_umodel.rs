//! Caffe's nets to umodels, for completeness: the other tools read Caffe's files as they are. What the tool
//! `cf_to_umodel` does, for programs.

pub use crate::convert::caffe::convert_cf_to_umodel;
pub use crate::convert::{ArgumentError, Arguments, Converted, Error};
