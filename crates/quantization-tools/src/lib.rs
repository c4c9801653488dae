#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub use bm1684_codegen;
pub use bm1684_isa;
pub use bm1684_sim;
pub use bmodel;
pub use datum_store;
pub use detection;
pub use file_set;
pub use int8_calibration;
pub use ndarray;
pub use transform_param;
pub use uframework;
pub use umodel;
pub use umodel_import;

pub use umodel_import::cf_to_umodel;
#[cfg(feature = "onnx")]
pub use umodel_import::on_to_umodel;
#[cfg(feature = "tensorflow")]
pub use umodel_import::pb_to_umodel;

#[doc = include_str!("guide/guide.md")]
pub mod guide {}

/// What a program that quantizes a net usually needs.
pub mod prelude {
    pub use bm1684_codegen::{Package, compile, cut};
    pub use bmodel::Bmodel;
    pub use datum_store::{
        AnnotatedDatum, Backend, Datum, DatumData, Existing, Features, Store, StoreWriter, create,
        imageset, open,
    };
    pub use int8_calibration::{Method, Options, OutputFiles, calibrate, evaluate, similarity};
    pub use transform_param::{PictureOptions, Transform, TransformParam, picture_to_datum};
    pub use uframework::data::DatabaseSources;
    pub use uframework::{Capture, Executor, HostPart, Value, Workspace, extract};
    pub use umodel::{Net, NetParameter, NoSources, Phase, QuantizedNet};
}
