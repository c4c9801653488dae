//! The two engines' commands, one table each.

mod gdma;
mod tiu;

pub use gdma::{Direction, Format, Function, Gdma, Nchw};
pub use tiu::{Arithmetic, Precision, Task, Tiu};

use crate::Error;
use crate::field::{COMMAND_BYTES, Encoded};

/// The command streams of one group: both engines start together, each in its own order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams {
    /// Commands of the TIU; the one at index i has the id i + 1.
    pub tiu: Vec<Tiu>,
    /// Commands of the GDMA; the one at index i has the id i + 1.
    pub gdma: Vec<Gdma>,
}

impl Streams {
    /// Decodes the two streams of a group as they stand in a bmodel.
    ///
    /// # Errors
    /// [`Error::StreamLength`]; [`Error::Command`] with the id of the first bad command.
    pub fn decode(tiu: &[u8], gdma: &[u8]) -> Result<Self, Error> {
        Ok(Streams {
            tiu: decode(tiu, "TIU", Tiu::decode)?,
            gdma: decode(gdma, "GDMA", Gdma::decode)?,
        })
    }

    /// The bytes of both streams, TIU and GDMA.
    ///
    /// # Errors
    /// [`Error::Command`] with the id of a command whose field is too narrow.
    pub fn encode(&self) -> Result<[Vec<u8>; 2], Error> {
        Ok([encode(&self.tiu, "TIU", Tiu::encode)?, encode(&self.gdma, "GDMA", Gdma::encode)?])
    }
}

fn decode<T>(
    bytes: &[u8],
    engine: &'static str,
    decode: impl Fn(&Encoded) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let (commands, rest) = bytes.as_chunks::<COMMAND_BYTES>();
    if !rest.is_empty() {
        return Err(Error::StreamLength { engine, length: bytes.len() });
    }
    let decoded = commands.iter().enumerate().map(|(index, command)| {
        decode(command).map_err(|source| command_error(engine, index, source))
    });
    decoded.collect()
}

fn encode<T>(
    commands: &[T],
    engine: &'static str,
    encode: impl Fn(&T) -> Result<Encoded, Error>,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(commands.len() * COMMAND_BYTES);
    for (index, command) in commands.iter().enumerate() {
        let encoded = encode(command).map_err(|source| command_error(engine, index, source))?;
        bytes.extend_from_slice(&encoded);
    }
    Ok(bytes)
}

fn command_error(engine: &'static str, index: usize, source: Error) -> Error {
    Error::Command { engine, id: index + 1, source: Box::new(source) }
}
