//! The tables of the file, as `proto/bmodel.fbs` has them.

#[allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    rustdoc::private_intra_doc_links,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    clippy::unwrap_used,
    clippy::indexing_slicing
)]
mod generated {
    // The unsafe code is planus' own: fixed-size writes into its builder, and reads whose bounds it has
    // checked.
    include!(concat!(env!("OUT_DIR"), "/schema.rs"));
}

pub use generated::bmodel::{
    Binary, Cascade, CmdGroup, CoeffMem, CoreCommands, CpuConst, CpuParam, CpuopModule,
    KernelModule, Location, MergeParam, Model, Net, NetDynamic, NetParameter, NetStatic,
    OutputFrom, RelEntry, Shape, StageIr, SubNet, SwitchParam, Tensor,
};

pub(crate) use generated::bmodel::{
    CmdGroupRef, CoeffMemRef, CoreCommandsRef, CpuParamRef, ModelRef, NetParameterRef, NetRef,
    SubNetRef, TensorRef,
};
