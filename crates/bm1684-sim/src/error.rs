use std::sync::Arc;

use bm1684_isa::Engine;
use bm1684_isa::check::Violation;

/// What can go wrong when a program is loaded or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bmodel is not for this chip.
    #[error("the bmodel is for {chip}, not for BM1684")]
    Chip {
        /// The chip that it names.
        chip: String,
    },
    /// There is no such net.
    #[error("there is no net {net}; the bmodel has {count}")]
    Net {
        /// The index asked for.
        net: usize,
        /// How many there are.
        count: usize,
    },
    /// There is no such stage.
    #[error("there is no stage {stage}; the net has {count}")]
    Stage {
        /// The index asked for.
        stage: usize,
        /// How many there are.
        count: usize,
    },
    /// A stage cannot be executed.
    #[error("the stage {problem}, which cannot be executed here")]
    Stages {
        /// What it has.
        problem: &'static str,
    },
    /// A tensor of the bmodel is of a kind that the runtime does not have.
    #[error("tensor {name} has {field} {value}, which is not known")]
    TensorKind {
        /// The tensor.
        name: String,
        /// What of it.
        field: &'static str,
        /// The number in the file.
        value: i64,
    },
    /// A tensor of the bmodel lies outside its memory.
    #[error("tensor {name} at {address:#x} with {length} bytes is outside the program's memory")]
    TensorPlace {
        /// The tensor.
        name: String,
        /// Where it begins.
        address: u64,
        /// Its bytes.
        length: usize,
    },
    /// The program asks for more memory than a chip has.
    #[error("the program needs {bytes} bytes of DDR; {limit} at most")]
    Memory {
        /// The bytes asked for.
        bytes: u64,
        /// How many there may be.
        limit: u64,
    },
    /// Not as many inputs as the program has.
    #[error("the program has {expected} inputs; {found} given")]
    InputCount {
        /// How many the program has.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// An input of the wrong length.
    #[error("input {name} has {expected} bytes; {found} given")]
    InputLength {
        /// The input.
        name: String,
        /// The bytes that it has.
        expected: usize,
        /// The bytes that were given.
        found: usize,
    },
    /// The bmodel's parts are not where it says.
    #[error(transparent)]
    Bmodel(#[from] bmodel::Error),
    /// A command's bytes stand for nothing.
    #[error("group {group}")]
    Decode {
        /// The group, counted from 0.
        group: usize,
        /// What is wrong.
        source: bm1684_isa::Error,
    },
    /// Ids, waits or the order of two commands are wrong.
    #[error("group {group}: {engine} command {id}: {listing}")]
    Check {
        /// The group, counted from 0.
        group: usize,
        /// The command's engine.
        engine: Engine,
        /// The command, counted from 1.
        id: usize,
        /// The command as text.
        listing: String,
        /// What is wrong with it.
        source: Violation,
    },
    /// A command cannot be executed.
    #[error("group {group}: {engine} command {id}: {listing}")]
    Command {
        /// The group, counted from 0.
        group: usize,
        /// The command's engine.
        engine: Engine,
        /// The command, counted from 1.
        id: usize,
        /// The command as text.
        listing: String,
        /// Why.
        source: Fault,
    },
    /// An output has bytes that mean nothing.
    #[error("output {name}: value {index} was {}", why(*.unwritten))]
    Output {
        /// The output.
        name: String,
        /// The first such value, counted in N, C, H, W.
        index: usize,
        /// Whether nothing ever wrote it; else it is computed from an image beyond N, or from what nothing wrote.
        unwritten: bool,
        /// The first command that computed with bytes that were never written, if there is one.
        #[source]
        first: Option<Arc<Error>>,
    },
}

fn why(unwritten: bool) -> &'static str {
    if unwritten { "never written" } else { "computed from bytes that mean nothing" }
}

/// Why a command cannot be executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// What the command does is not understood, so nothing is guessed.
    #[error("{what} is not understood")]
    Unknown {
        /// The option, operation or combination.
        what: &'static str,
    },
    /// A field's value contradicts others.
    #[error("{field} is {value}, which does not fit")]
    Field {
        /// The field.
        field: &'static str,
        /// What it holds.
        value: u64,
    },
    /// An operand reaches beyond its memory.
    #[error(
        "an operand at {address:#x} of {length} bytes is not in the memory that the command uses"
    )]
    Outside {
        /// Where it begins.
        address: u64,
        /// Bytes from its first to behind its last, within a lane where it is local.
        length: usize,
    },
    /// It writes coefficients.
    #[error("{address:#x} may only be read")]
    ReadOnly {
        /// Where it would write.
        address: u64,
    },
    /// It computes with a byte that nothing ever wrote.
    #[error("it reads {address:#x}, which was never written")]
    Unwritten {
        /// The byte.
        address: u64,
    },
    /// It would compute longer than any sensible command.
    #[error("it takes {steps} steps; {limit} at most are executed")]
    TooLong {
        /// How many steps it has.
        steps: u64,
        /// How many are executed.
        limit: u64,
    },
}
