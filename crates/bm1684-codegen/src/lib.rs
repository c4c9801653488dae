#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod command;
mod compile;
mod cut;
mod emit;
mod error;
mod form;
mod info;
mod local;
mod lower;
mod optimization;
mod package;
mod place;
mod plan;
mod program;
mod schedule;
mod tile;
mod write;

pub use compile::{compile, compile_stages, compile_with};
pub use cut::{Cut, cut, cut_stages};
pub use error::{Error, Int8Form, Reason, Remedy, Size, Unplaced};
pub use form::Form;
pub use info::{
    ChipInfo, HostInfo, IoInfo, LayerCommands, LayersInfo, StageInfo, StageLayers, TensorInfo,
    TensorType,
};
pub use lower::lowerings;
pub use optimization::Optimization;
pub use package::Package;
pub use place::unplaced;
pub use program::{LayerCost, Place, Port, Program};
pub use write::{References, foreign_files};
