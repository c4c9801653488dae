//! Checks a pair of command streams without executing them.
//!
//! The engines run side by side. A command waits for those before it in its own stream, and for all
//! commands of the other up to the id that it names. Where two commands of different engines touch the
//! same bytes, one of them writing, such a wait must order them; the vendor's simulator usually gives the
//! right result even without.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

mod access;

use std::fmt::{self, Display, Formatter};
use std::ops::Range;

pub use access::{Access, Region, of_gdma, of_tiu};

use crate::Engine;
use crate::commands::Streams;

/// The DDR that a program may use, by absolute address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Memory {
    /// Coefficients, which are only read.
    pub coefficients: Range<u64>,
    /// Blobs.
    pub context: Range<u64>,
}

impl Memory {
    /// These addresses of coefficients and of blobs.
    pub fn new(coefficients: Range<u64>, context: Range<u64>) -> Memory {
        Memory { coefficients, context }
    }
}

/// What is wrong with a pair of streams.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{engine} command {id}")]
pub struct CheckError {
    /// The command's engine.
    pub engine: Engine,
    /// The command, counted from 1.
    pub id: usize,
    /// What is wrong with it.
    #[source]
    pub violation: Violation,
}

/// What is wrong with a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// Ids must count from 1.
    #[error("its id is {found}")]
    Id {
        /// The id that it has.
        found: usize,
    },
    /// It waits for something that never comes.
    #[error("it waits for {engine} command {wanted}, which never finishes before")]
    Wait {
        /// The other engine.
        engine: Engine,
        /// The id that it waits for.
        wanted: usize,
    },
    /// The operation's operands are not known, so nothing can be said.
    #[error("the operands of this operation are not known")]
    Unknown,
    /// An operand reaches beyond its lane.
    #[error("an operand covers bytes {bytes:?} of a lane's 524288")]
    Lane {
        /// Bytes within the lane.
        bytes: Range<usize>,
    },
    /// An operand reaches beyond L2 memory.
    #[error("an operand covers bytes {bytes:?} of L2 memory's 4194304")]
    L2 {
        /// Bytes within L2 memory.
        bytes: Range<u64>,
    },
    /// An address is in no memory, or in the wrong one.
    #[error("address {address:#x} is not in the memory that the command uses")]
    Address {
        /// The address.
        address: u64,
    },
    /// A range of DDR is not the program's.
    #[error("DDR {bytes:x?} may not be {used}")]
    Ddr {
        /// The range of addresses.
        bytes: Range<u64>,
        /// What the command does with it.
        used: Use,
    },
    /// Two commands of different engines touch the same bytes and nothing orders them.
    #[error("no wait orders it with {engine} command {other}: {conflict} of {region}")]
    Hazard {
        /// The other engine.
        engine: Engine,
        /// The other command.
        other: usize,
        /// What the two do.
        conflict: Conflict,
        /// The bytes that this command touches.
        region: Region,
    },
}

/// What a command does with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It reads them.
    Read,
    /// It writes them.
    Write,
}

impl Display for Use {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Use::Read => "read",
            Use::Write => "written",
        })
    }
}

/// What two commands that nothing orders do with the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The TIU reads what the GDMA writes.
    ReadWrite,
    /// The TIU writes what the GDMA reads.
    WriteRead,
    /// Both write.
    WriteWrite,
}

impl Display for Conflict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Conflict::ReadWrite => "read and write",
            Conflict::WriteRead => "write and read",
            Conflict::WriteWrite => "write and write",
        })
    }
}

/// Checks ids, waits, addresses and the order of all pairs of commands that share bytes.
///
/// # Errors
/// [`CheckError`] with the first command found at fault.
pub fn check(streams: &Streams, memory: &Memory) -> Result<(), CheckError> {
    check_order(streams, &mut |access| check_ddr(access, memory))
}

/// The same for a program that may use all of DDR.
///
/// # Errors
/// As [`check`].
pub fn order(streams: &Streams) -> Result<(), CheckError> {
    check_order(streams, &mut |_| Ok(()))
}

fn check_order(
    streams: &Streams,
    check_ddr: &mut dyn FnMut(&Access) -> Result<(), Violation>,
) -> Result<(), CheckError> {
    let Streams { tiu, gdma } = streams;
    for (index, command) in tiu.iter().enumerate() {
        check_id(command.cmd_id_tpu, index).map_err(at(Engine::Tiu, index))?;
    }
    for (index, command) in gdma.iter().enumerate() {
        check_id(command.cmd_id, index).map_err(at(Engine::Gdma, index))?;
    }
    let tiu_waits = finished(tiu.iter().map(|command| command.cmd_id_gdma));
    let gdma_waits = finished(gdma.iter().map(|command| command.eng0_sync_id));
    check_progress(&tiu_waits, &gdma_waits)?;

    let mut gdma_accesses = Vec::with_capacity(gdma.len());
    for (index, command) in gdma.iter().enumerate() {
        let access = of_gdma(command).map_err(at(Engine::Gdma, index))?;
        check_ddr(&access).map_err(at(Engine::Gdma, index))?;
        gdma_accesses.push(access);
    }
    for ((index, command), &wait) in tiu.iter().enumerate().zip(&tiu_waits) {
        let access = of_tiu(command).map_err(at(Engine::Tiu, index))?;
        // Commands of the GDMA that need not have finished before, and may start before this one has.
        let others = gdma_accesses.iter().zip(&gdma_waits).enumerate().skip(wait);
        for (other, (gdma, _)) in others.take_while(|&(_, (_, &needs))| needs <= index) {
            if let Some((conflict, region)) = conflict(&access, gdma) {
                let (engine, other) = (Engine::Gdma, other + 1);
                let hazard = Violation::Hazard { engine, other, conflict, region };
                return Err(at(Engine::Tiu, index)(hazard));
            }
        }
    }
    Ok(())
}

/// Names the command of an engine that violates something.
fn at(engine: Engine, index: usize) -> impl Fn(Violation) -> CheckError {
    move |violation| CheckError { engine, id: index + 1, violation }
}

/// How many commands of the other stream are finished for certain when each command starts: those that
/// it or a command before it waits for.
fn finished(waits: impl Iterator<Item = u16>) -> Vec<usize> {
    let running = waits.scan(0, |most, wait| {
        *most = usize::from(wait).max(*most);
        Some(*most)
    });
    running.collect()
}

fn check_id(found: u16, index: usize) -> Result<(), Violation> {
    let found = usize::from(found);
    if found == index + 1 { Ok(()) } else { Err(Violation::Id { found }) }
}

/// Lets both engines run as far as they come.
fn check_progress(tiu: &[usize], gdma: &[usize]) -> Result<(), CheckError> {
    let (mut t, mut g) = (0, 0);
    loop {
        if gdma.get(g).is_some_and(|&wait| wait <= t) {
            g += 1;
        } else if tiu.get(t).is_some_and(|&wait| wait <= g) {
            t += 1;
        } else {
            break;
        }
    }
    let stuck = |engine: Engine, index: usize, wanted: usize| {
        Err(at(engine, index)(Violation::Wait { engine: engine.other(), wanted }))
    };
    match (tiu.get(t), gdma.get(g)) {
        (None, None) => Ok(()),
        (Some(&wanted), _) => stuck(Engine::Tiu, t, wanted),
        (None, Some(&wanted)) => stuck(Engine::Gdma, g, wanted),
    }
}

fn check_ddr(access: &Access, memory: &Memory) -> Result<(), Violation> {
    let within = |bytes: &Range<u64>, whole: &Range<u64>| {
        bytes.start >= whole.start && bytes.end <= whole.end
    };
    for region in &access.reads {
        if let Region::Ddr(bytes) = region
            && !within(bytes, &memory.coefficients)
            && !within(bytes, &memory.context)
        {
            return Err(Violation::Ddr { bytes: bytes.clone(), used: Use::Read });
        }
    }
    for region in &access.writes {
        if let Region::Ddr(bytes) = region
            && !within(bytes, &memory.context)
        {
            return Err(Violation::Ddr { bytes: bytes.clone(), used: Use::Write });
        }
    }
    Ok(())
}

fn conflict(tiu: &Access, gdma: &Access) -> Option<(Conflict, Region)> {
    let find = |a: &[Region], b: &[Region]| {
        a.iter().find(|region| b.iter().any(|other| region.overlaps(other))).cloned()
    };
    let pairs = [
        (Conflict::ReadWrite, &tiu.reads, &gdma.writes),
        (Conflict::WriteRead, &tiu.writes, &gdma.reads),
        (Conflict::WriteWrite, &tiu.writes, &gdma.writes),
    ];
    pairs.into_iter().find_map(|(kind, a, b)| find(a, b).map(|region| (kind, region)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Arithmetic, Direction, Gdma, Task, Tiu};
    use crate::memory::{COEFFICIENT_BASE, L2_BASE, L2_BYTES, local_address};

    const CONTEXT: u64 = COEFFICIENT_BASE + 0x1000;

    fn memory() -> Memory {
        Memory { coefficients: COEFFICIENT_BASE..CONTEXT, context: CONTEXT..CONTEXT + 0x1000 }
    }

    fn moved(direction: Direction, id: u16, wait: u16, ddr: u64, offset: usize) -> Gdma {
        let mut command = Gdma {
            cmd_id: id,
            eng0_sync_id: wait,
            direction,
            src_nsize: 1,
            src_csize: 4,
            src_hsize: 1,
            src_wsize: 8,
            src_cstride: 32,
            src_wstride: 1,
            dst_nsize: 1,
            dst_csize: 4,
            dst_hsize: 1,
            dst_wsize: 8,
            dst_cstride: 32,
            dst_wstride: 1,
            ..Gdma::default()
        };
        let local = u64::from(local_address(0, offset));
        let (source, destination) =
            if direction == Direction::DdrToLocal { (ddr, local) } else { (local, ddr) };
        command.set_source(source);
        command.set_destination(destination);
        command
    }

    fn relu(id: u16, wait: u16) -> Tiu {
        Tiu {
            tsk_typ: Task::Arithmetic,
            tsk_eu_typ: Arithmetic::Max.code(),
            tsk_opd_num: 2,
            opt_opd1_const: true,
            cmd_id_tpu: id,
            cmd_id_gdma: wait,
            res0_n: 4,
            res0_c: 4,
            res0_w: 8,
            res0_addr: local_address(0, 0x1000),
            opd0_addr: local_address(0, 0),
            ..Tiu::default()
        }
    }

    fn good() -> Streams {
        Streams {
            tiu: vec![relu(1, 1)],
            gdma: vec![
                moved(Direction::DdrToLocal, 1, 0, CONTEXT, 0),
                moved(Direction::LocalToDdr, 2, 1, CONTEXT + 0x400, 0x1000),
            ],
        }
    }

    fn violation(edit: impl Fn(&mut Streams)) -> Violation {
        let mut streams = good();
        edit(&mut streams);
        check(&streams, &memory()).expect_err("at fault").violation
    }

    #[test]
    fn a_good_pair() {
        assert_eq!(check(&good(), &memory()), Ok(()));
    }

    #[test]
    fn every_missing_wait_is_found() {
        let hazard = |expected, violation| {
            assert!(
                matches!(&violation, Violation::Hazard { conflict, .. } if *conflict == expected),
                "{violation}"
            );
        };
        hazard(Conflict::ReadWrite, violation(|s| s.tiu[0].cmd_id_gdma = 0));
        hazard(Conflict::WriteRead, violation(|s| s.gdma[1].eng0_sync_id = 0));
        hazard(
            Conflict::WriteWrite,
            violation(|s| {
                s.gdma[1] = moved(Direction::DdrToLocal, 2, 0, CONTEXT, 0x1000);
            }),
        );
        // A load into what is still being read.
        hazard(
            Conflict::ReadWrite,
            violation(|s| {
                s.gdma.insert(1, moved(Direction::DdrToLocal, 2, 0, CONTEXT, 0x10));
                s.gdma[2].cmd_id = 3;
            }),
        );
    }

    #[test]
    fn other_lanes_are_no_conflict() {
        let mut streams = good();
        let mut other = moved(Direction::DdrToLocal, 3, 0, CONTEXT, 0);
        other.set_destination(local_address(4, 0).into());
        other.cmd_id = 2;
        streams.gdma[1] = other;
        assert_eq!(check(&streams, &memory()), Ok(()));
    }

    #[test]
    fn ids_waits_and_addresses() {
        assert!(matches!(violation(|s| s.tiu[0].cmd_id_tpu = 2), Violation::Id { found: 2 }));
        assert!(matches!(violation(|s| s.gdma[0].eng0_sync_id = 1), Violation::Wait { .. }));
        assert!(matches!(
            violation(|s| s.tiu[0].cmd_id_gdma = 9),
            Violation::Wait { wanted: 9, .. }
        ));
        let far = |s: &mut Streams| s.gdma[0].set_source(CONTEXT + 0xff0);
        assert!(matches!(violation(far), Violation::Ddr { used: Use::Read, .. }));
        let coefficient = |s: &mut Streams| s.gdma[1].set_destination(COEFFICIENT_BASE);
        assert!(matches!(violation(coefficient), Violation::Ddr { used: Use::Write, .. }));
        let beyond = |s: &mut Streams| s.tiu[0].res0_addr = local_address(0, 0x7fff0);
        assert!(matches!(violation(beyond), Violation::Lane { .. }));
        let unmapped = |s: &mut Streams| s.tiu[0].opd0_addr = 0;
        assert!(matches!(violation(unmapped), Violation::Address { address: 0 }));
        let unknown = |s: &mut Streams| s.tiu[0].tsk_typ = Task::Correlate;
        assert!(matches!(violation(unknown), Violation::Unknown));
    }

    /// A command that looks words up in a table of 256 words at this byte of L2 memory.
    fn look_up(table: u32) -> Tiu {
        Tiu { tsk_typ: Task::LookUp, opd1_addr: table, opd1_h: 8, ..relu(1, 1) }
    }

    #[test]
    fn tables_and_copies_end_within_l2_memory() {
        let end = u32::try_from(L2_BYTES).expect("4 MiB");
        let table = |address: u32| move |s: &mut Streams| s.tiu[0] = look_up(address);
        let mut streams = good();
        table(end - 1024)(&mut streams);
        assert_eq!(check(&streams, &memory()), Ok(()));
        let end = L2_BYTES;
        for (first, bytes) in
            [(end - 1020, end - 1020..end + 4), (0xffff_fff0, 0xffff_fff0..0x1_0000_03f0)]
        {
            let address = u32::try_from(first).expect("32 bits");
            assert_eq!(violation(table(address)), Violation::L2 { bytes });
        }
        for opd1_h in [62, 63, 64, u16::MAX] {
            let large = violation(|s| s.tiu[0] = Tiu { opd1_h, ..look_up(0) });
            assert_eq!(large, Violation::L2 { bytes: 0..u64::MAX });
        }
        // The last line of L2 memory, and one word more.
        let copy = |from: u64| {
            move |s: &mut Streams| {
                s.gdma[0].direction = Direction::DdrToDdr;
                s.gdma[0].set_source(L2_BASE + from);
                s.gdma[0].set_destination(CONTEXT);
            }
        };
        let mut streams = good();
        copy(end - 0x1a0)(&mut streams);
        streams.tiu[0].cmd_id_gdma = 1;
        assert_eq!(check(&streams, &memory()), Ok(()));
        let bytes = end - 0x19c..end + 4;
        assert_eq!(violation(copy(end - 0x19c)), Violation::L2 { bytes });
    }
}
