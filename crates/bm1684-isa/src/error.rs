use crate::Engine;

/// What can be wrong with a command or a pair of streams.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A field is too narrow for its value.
    #[error("{engine}: {field} has {width} bits, too few for {value}")]
    Value {
        /// The command's engine.
        engine: Engine,
        /// The field.
        field: &'static str,
        /// What it should hold.
        value: u64,
        /// Its bits.
        width: usize,
    },
    /// A field holds a code without a meaning.
    #[error("{engine}: {field} holds {value}, which stands for nothing")]
    Code {
        /// The command's engine.
        engine: Engine,
        /// The field.
        field: &'static str,
        /// What it holds.
        value: u64,
    },
    /// A bit is set that belongs to no field.
    #[error("{engine}: bit {bit} is set but belongs to no field")]
    Reserved {
        /// The command's engine.
        engine: Engine,
        /// The lowest such bit.
        bit: usize,
    },
    /// A stream's length is not a whole number of commands.
    #[error("{engine}: {length} bytes are no whole number of 128-byte commands")]
    StreamLength {
        /// The command's engine.
        engine: Engine,
        /// The stream's bytes.
        length: usize,
    },
    /// A command of a stream is wrong.
    #[error("{engine} command {id}")]
    Command {
        /// The command's engine.
        engine: Engine,
        /// The command, counted from 1.
        id: usize,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// A command waits for one that does not come.
    #[error(
        "{engine} command {id} of group {group} waits for {} command {wait}, which does not come",
        engine.other()
    )]
    NeverStarts {
        /// The command's engine.
        engine: Engine,
        /// The command, counted from 1.
        id: usize,
        /// Its group.
        group: usize,
        /// The command of the other engine.
        wait: usize,
    },
}
