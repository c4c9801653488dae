#![doc = include_str!("../README.md")]

mod annotated;
pub mod annotations;
mod dataset;
mod datum;
mod error;
pub mod imageset;
mod in_order;
pub mod leveldb;
pub mod lmdb;
mod staging;
mod store;

pub use annotated::{AnnotatedDatum, Annotation, AnnotationGroup, AnnotationType, NormalizedBBox};
pub use dataset::{Element, LmdbDataset};
pub use datum::{Datum, DatumData};
pub use error::Error;
pub use store::{Backend, Existing, Record, Store, StoreWriter, create, open};

mod proto {
    #![allow(missing_docs, unreachable_pub)]
    include!(concat!(env!("OUT_DIR"), "/caffe.rs"));
}
