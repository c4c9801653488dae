//! The tables of the file, as `proto/bmodel.fbs` has them.
//!
//! They are plain structs. How they are packed is an affair of this crate: traits of the crate planus that
//! they implement may change with any version.

// planus' own code: its unsafe parts are writes of fixed size into its builder, and reads whose bounds it
// has checked.
#[allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    dead_code,
    rustdoc::private_intra_doc_links,
    clippy::all,
    clippy::as_conversions,
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]
mod generated;

pub use generated::bmodel::{
    Binary, Cascade, CmdGroup, CoeffMem, CoreCommands, CpuConst, CpuParam, CpuopModule,
    KernelModule, Location, MergeParam, Model, Net, NetDynamic, NetParameter, NetStatic,
    OutputFrom, RelEntry, Shape, StageIr, SubNet, SwitchParam, Tensor,
};

pub(crate) use generated::bmodel::{
    CmdGroupRef, CoeffMemRef, CoreCommandsRef, CpuParamRef, ModelRef, NetParameterRef, NetRef,
    SubNetRef, TensorRef,
};
