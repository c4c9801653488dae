use std::fmt::{self, Display, Formatter};

use bm1684_isa::check::CheckError;

/// Why a net could not be compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Layers cannot be placed on the chip: all of them, in the net's order.
    #[error("{}", listed(unplaced, *layers))]
    Layers {
        /// These, and why.
        unplaced: Vec<Unplaced>,
        /// How many layers the net has.
        layers: usize,
    },
    /// All layers that compute something cannot be placed, or depend on such layers.
    #[error("nothing of the net can run on the chip: {}", listed(unplaced, *layers))]
    NothingPlaced {
        /// The layers that cannot be placed, and why.
        unplaced: Vec<Unplaced>,
        /// How many layers the net has.
        layers: usize,
    },
    /// There is nothing to compute.
    #[error("the net has no layers")]
    Empty,
    /// The blobs that are alive together do not fit into the chip's addresses, although those of each layer do.
    #[error(
        "blobs and coefficients need {needed} bytes, more than the 4 GiB of addresses; most are alive at layer \
         {layer:?} ({kind}), {bytes} bytes: {}",
        Remedy::Batch
    )]
    Memory {
        /// Bytes needed.
        needed: u64,
        /// The layer at which most blobs are alive.
        layer: String,
        /// Its type.
        kind: &'static str,
        /// Bytes of the blobs that are alive there.
        bytes: u64,
    },
    /// There are no shapes to compile for.
    #[error("there are no nets to compile")]
    NoStages,
    /// One of several nets cannot be compiled.
    #[error("inputs of shapes {shapes:?}")]
    Stage {
        /// The shapes of its inputs.
        shapes: Vec<umodel::Shape>,
        /// Why.
        source: Box<Error>,
    },
    /// The net cannot be edited; an error of this crate.
    #[error("the net cannot be cut")]
    Net(#[from] umodel::Error),
    /// A description cannot be written; an error of this crate.
    #[error("a description of the program cannot be made")]
    Info(#[from] serde_json::Error),
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] file_set::Error),
    /// The net as a whole cannot be placed.
    #[error("the net cannot be placed")]
    Size(#[source] Reason),
    /// A command does not fit its format; an error of this crate.
    #[error("a command came out wrong")]
    Command(#[from] bm1684_isa::Error),
    /// The bmodel cannot hold the program.
    #[error("the bmodel cannot be made")]
    Bmodel(#[from] bmodel::Error),
    /// The streams are not synchronised; an error of this crate.
    #[error("group {group} of the commands came out wrong")]
    Check {
        /// The group, counted from 1.
        group: usize,
        /// What is wrong.
        source: CheckError,
    },
}

impl Error {
    /// Whether single layers are the reason, so that the net can be cut before them.
    pub(crate) fn is_of_layers(&self) -> bool {
        match self {
            Error::Layers { .. } => true,
            Error::Stage { source, .. } => source.is_of_layers(),
            Error::NothingPlaced { .. }
            | Error::Empty
            | Error::Write(_)
            | Error::Size(_)
            | Error::Command(_)
            | Error::Bmodel(_)
            | Error::Check { .. }
            | Error::Memory { .. }
            | Error::NoStages
            | Error::Net(_)
            | Error::Info(_) => false,
        }
    }
}

/// A layer that cannot be placed on the chip.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("layer {layer:?} ({kind}): {reason}")]
#[non_exhaustive]
pub struct Unplaced {
    /// The layer.
    pub layer: String,
    /// Its type.
    pub kind: &'static str,
    /// Why, and what to do.
    pub reason: Reason,
}

/// All layers that cannot be placed.
fn listed(unplaced: &[Unplaced], layers: usize) -> String {
    let all: Vec<String> = unplaced.iter().map(ToString::to_string).collect();
    match &all[..] {
        [one] => one.clone(),
        all => format!("{} of {layers} layers cannot be placed: {}", all.len(), all.join("; ")),
    }
}

/// Why a layer cannot be placed, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The layer is left in fp32, and there is no code for it in fp32.
    #[error(
        "it is computed in fp32, for which there is no BM1684 code yet: compute it on the host"
    )]
    Float,
    /// The layer is in int8, and there is no code for it in int8.
    #[error("there is no BM1684 code yet for {form} in int8: compute it on the host")]
    Int8 {
        /// What there is no code for.
        form: Int8Form,
    },
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
    #[error("its smallest tile needs {needed} bytes of the {available} of a lane: {remedy}")]
    LocalMemory {
        /// Bytes of the smallest tile in a lane.
        needed: usize,
        /// Bytes of a lane.
        available: usize,
        /// What makes it smaller.
        remedy: Remedy,
    },
    /// A size does not fit the command's field.
    #[error("{size} is {found}, more than the command's {limit}: {}", size.remedy())]
    Size {
        /// What is too large.
        size: Size,
        /// How large it is.
        found: usize,
        /// How large it may be.
        limit: usize,
    },
    /// The commands are too many for one program.
    #[error("the program would have more than {limit} commands: {}", Remedy::Batch)]
    Commands {
        /// The most that are possible.
        limit: usize,
    },
    /// A blob without values.
    #[error("blob {blob:?} has no values: its shape is {shape:?}")]
    NoValues {
        /// The blob.
        blob: String,
        /// Its shape.
        shape: umodel::Shape,
    },
    /// The layer's blobs do not fit into the chip's addresses.
    #[error(
        "blobs and coefficients need {needed} bytes, more than the 4 GiB of addresses: {}",
        Remedy::Batch
    )]
    Ddr {
        /// Bytes needed.
        needed: u64,
    },
}

/// What of an int8 layer there is no code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Int8Form {
    /// Its type, whatever its parameters.
    Type,
    /// The second top of a pooling: where the largest values stood.
    PoolingPositions,
}

impl Display for Int8Form {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Int8Form::Type => "this type",
            Int8Form::PoolingPositions => "the positions of largest values",
        })
    }
}

/// A size that a command has to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Size {
    /// Height of a kernel.
    KernelHeight,
    /// Width of a kernel.
    KernelWidth,
    /// Weights of an output channel, four to a word.
    Weights,
    /// Height of an output.
    OutputHeight,
    /// Width of an output.
    OutputWidth,
}

impl Size {
    /// What to do about a size that is too large.
    pub fn remedy(self) -> Remedy {
        match self {
            Size::KernelHeight | Size::KernelWidth | Size::Weights => Remedy::Kernel,
            Size::OutputHeight | Size::OutputWidth => Remedy::Pictures,
        }
    }
}

impl Display for Size {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Size::KernelHeight => "the kernel's height",
            Size::KernelWidth => "the kernel's width",
            Size::Weights => "the number of weights of an output, in words,",
            Size::OutputHeight => "the output's height",
            Size::OutputWidth => "the output's width",
        })
    }
}

/// What to do about a layer that is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// A smaller kernel.
    Kernel,
    /// A smaller kernel or fewer channels.
    KernelOrChannels,
    /// Smaller pictures.
    Pictures,
    /// Fewer values along the axis that is brought together.
    Rows,
    /// Fewer bottoms.
    Bottoms,
    /// A smaller batch.
    Batch,
}

impl Display for Remedy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Remedy::Kernel => "use a smaller kernel",
            Remedy::KernelOrChannels => "use a smaller kernel or fewer channels",
            Remedy::Pictures => "cut the pictures",
            Remedy::Rows => "bring fewer values together",
            Remedy::Bottoms => "use fewer bottoms",
            Remedy::Batch => "use a smaller batch",
        })
    }
}
