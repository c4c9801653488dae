use bm1684_isa::check::CheckError;

/// Why a net could not be compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer cannot be placed on the chip.
    #[error("layer {layer:?} ({kind})")]
    Layer {
        /// The layer.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// Why, and what to do.
        source: Reason,
    },
    /// There is nothing to compute.
    #[error("the net has no layers")]
    Empty,
    /// A blob without values.
    #[error("blob {blob:?} has no values: its shape is {shape:?}")]
    NoValues {
        /// The blob.
        blob: String,
        /// Its shape.
        shape: umodel::Shape,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] umodel::Error),
    /// The net as a whole cannot be placed.
    #[error("the net cannot be placed")]
    Size(#[source] Reason),
    /// A command does not fit its format; an error of this crate.
    #[error("a command came out wrong")]
    Command(#[from] bm1684_isa::Error),
    /// The streams are not synchronised; an error of this crate.
    #[error("group {group} of the commands came out wrong")]
    Check {
        /// The group, counted from 1.
        group: usize,
        /// What is wrong.
        source: CheckError,
    },
}

/// Why a layer cannot be placed, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The layer is left in fp32, and there is no code for it in fp32.
    #[error(
        "it is computed in fp32, for which there is no BM1684 code yet: cut the net before it and \
         compute it on the host"
    )]
    Float,
    /// The layer type is for testing or training.
    #[error("this type is not for deployment: compile the deploy prototxt")]
    Type,
    /// More channels than the command can count.
    #[error(
        "a convolution can sum over {limit} input channels at most, not {found}: give it more groups, \
         or split it and add the parts"
    )]
    InputChannels {
        /// Input channels of a group.
        found: usize,
        /// The most that are possible.
        limit: usize,
    },
    /// Even the smallest tile does not fit.
    #[error(
        "its smallest tile needs {needed} bytes of the {available} of a lane: use a smaller {what}"
    )]
    LocalMemory {
        /// Bytes of the smallest tile in a lane.
        needed: usize,
        /// Bytes of a lane.
        available: usize,
        /// What makes it so large.
        what: &'static str,
    },
    /// A size does not fit the command's field.
    #[error("{what} is {found}, more than the command's {limit}: {advice}")]
    Size {
        /// What is too large.
        what: &'static str,
        /// How large it is.
        found: usize,
        /// How large it may be.
        limit: usize,
        /// What to do.
        advice: &'static str,
    },
    /// The commands are too many for one program.
    #[error("the program would have more than {limit} commands: use a smaller batch")]
    Commands {
        /// The most that are possible.
        limit: usize,
    },
    /// The blobs do not fit into the chip's addresses.
    #[error(
        "blobs and coefficients need {needed} bytes, more than the 4 GiB of addresses: {advice}"
    )]
    Ddr {
        /// Bytes needed.
        needed: u64,
        /// What to do.
        advice: &'static str,
    },
}
