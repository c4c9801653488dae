//! The two engines' commands, one table each.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

mod gdma;
mod tiu;

pub use gdma::{Direction, Format, Function, Gdma, Nchw};
pub use tiu::{Arithmetic, Precision, Task, Tiu};

use std::iter::Sum;

use crate::field::{COMMAND_BYTES, Encoded};
use crate::memory::{Place, wide};
use crate::{Engine, Error};

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
            tiu: decode(tiu, Engine::Tiu, Tiu::decode)?,
            gdma: decode(gdma, Engine::Gdma, Gdma::decode)?,
        })
    }

    /// The bytes of both streams, TIU and GDMA.
    ///
    /// # Errors
    /// [`Error::Command`] with the id of a command whose field is too narrow.
    pub fn encode(&self) -> Result<[Vec<u8>; 2], Error> {
        Ok([
            encode(&self.tiu, Engine::Tiu, Tiu::encode)?,
            encode(&self.gdma, Engine::Gdma, Gdma::encode)?,
        ])
    }
}

/// Bytes that the GDMA moves to and from DDR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// From DDR to local memory.
    pub read: u64,
    /// From local memory to DDR.
    pub written: u64,
    /// From DDR to DDR or to L2 memory; each byte counts once.
    pub copied: u64,
}

impl Sum for Traffic {
    fn sum<I: Iterator<Item = Traffic>>(all: I) -> Traffic {
        all.fold(Traffic::default(), |sum, part| Traffic {
            read: sum.read.saturating_add(part.read),
            written: sum.written.saturating_add(part.written),
            copied: sum.copied.saturating_add(part.copied),
        })
    }
}

impl Streams {
    /// Bytes that the group moves.
    pub fn traffic(&self) -> Traffic {
        let one = |command: &Gdma| {
            // A fill has no source.
            let sizes = command.destination_layout()[0].map(u64::from);
            let elements = sizes.into_iter().fold(1, u64::saturating_mul);
            let bytes = |format: Format| elements.saturating_mul(wide(format.bytes()));
            let mut traffic = Traffic::default();
            match command.direction {
                Direction::DdrToLocal => traffic.read = bytes(command.src_data_format),
                Direction::LocalToDdr => traffic.written = bytes(command.dst_data_format),
                Direction::DdrToDdr if matches!(Place::of(command.source()), Place::Ddr(_)) => {
                    traffic.copied = bytes(command.src_data_format);
                }
                Direction::DdrToDdr | Direction::LocalToLocal => {}
            }
            traffic
        };
        self.gdma.iter().map(one).sum()
    }
}

fn decode<T>(
    bytes: &[u8],
    engine: Engine,
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
    engine: Engine,
    encode: impl Fn(&T) -> Result<Encoded, Error>,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(commands.len() * COMMAND_BYTES);
    for (index, command) in commands.iter().enumerate() {
        let encoded = encode(command).map_err(|source| command_error(engine, index, source))?;
        bytes.extend_from_slice(&encoded);
    }
    Ok(bytes)
}

fn command_error(engine: Engine, index: usize, source: Error) -> Error {
    Error::Command { engine, id: index + 1, source: Box::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{COEFFICIENT_BASE, L2_BASE, local_address};

    #[test]
    fn traffic_counts_what_touches_ddr() {
        let [ddr, local] = [COEFFICIENT_BASE, local_address(0, 0).into()];
        let command = |direction, from: u64, to: u64, format| {
            let mut command = Gdma { direction, src_data_format: format, ..Gdma::default() };
            command.dst_data_format = Format::Word;
            [command.dst_nsize, command.dst_csize, command.dst_hsize, command.dst_wsize] =
                [2, 3, 4, 5];
            command.set_source(from);
            command.set_destination(to);
            command
        };
        let gdma = vec![
            // Bytes that become words: the side of DDR counts.
            command(Direction::DdrToLocal, ddr, local, Format::I8),
            command(Direction::LocalToDdr, local, ddr, Format::Word),
            command(Direction::DdrToDdr, ddr, ddr, Format::I16),
            command(Direction::DdrToDdr, ddr, L2_BASE, Format::Word),
            // From L2 memory, and a fill.
            command(Direction::DdrToDdr, L2_BASE, ddr, Format::Word),
            command(Direction::LocalToLocal, 0, local, Format::Word),
        ];
        let streams = Streams { tiu: vec![], gdma };
        let expected = Traffic { read: 120, written: 480, copied: 240 + 480 };
        assert_eq!(streams.traffic(), expected);
        assert_eq!([expected, expected].into_iter().sum::<Traffic>().written, 960);
    }
}
