//! Checks a pair of command streams without executing them.
//!
//! The engines run side by side. A command waits for those before it in its own stream, and for all
//! commands of the other up to the id that it names. Where two commands of different engines touch the
//! same bytes, one of them writing, such a wait must order them; the vendor's simulator usually gives the
//! right result even without.

mod access;

use std::ops::Range;

pub use access::{Access, Region, of_gdma, of_tiu};

use crate::commands::Streams;

/// The DDR that a program may use, by absolute address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Coefficients, which are only read.
    pub coefficients: Range<u64>,
    /// Blobs.
    pub context: Range<u64>,
}

/// What is wrong with a pair of streams.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{engine} command {id}: {violation}")]
pub struct CheckError {
    /// TIU or GDMA.
    pub engine: &'static str,
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
        engine: &'static str,
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
        /// "read" or "written".
        used: &'static str,
    },
    /// Two commands of different engines touch the same bytes and nothing orders them.
    #[error("no wait orders it with {engine} command {other}: {kind} of {region:?}")]
    Hazard {
        /// The other engine.
        engine: &'static str,
        /// The other command.
        other: usize,
        /// What could go wrong.
        kind: &'static str,
        /// The bytes that this command touches.
        region: Region,
    },
}

/// Checks ids, waits, addresses and the order of all pairs of commands that share bytes.
///
/// # Errors
/// [`CheckError`] with the first command found at fault.
pub fn check(streams: &Streams, memory: &Memory) -> Result<(), CheckError> {
    let tiu_error =
        |index: usize, violation| CheckError { engine: "TIU", id: index + 1, violation };
    let gdma_error =
        |index: usize, violation| CheckError { engine: "GDMA", id: index + 1, violation };

    let waits = |wait: &dyn Fn(usize) -> usize, count: usize| -> Vec<usize> {
        let running = (0..count).scan(0, |most, index| {
            *most = wait(index).max(*most);
            Some(*most)
        });
        running.collect()
    };
    for (index, command) in streams.tiu.iter().enumerate() {
        check_id(command.cmd_id_tpu, index).map_err(|violation| tiu_error(index, violation))?;
    }
    for (index, command) in streams.gdma.iter().enumerate() {
        check_id(command.cmd_id, index).map_err(|violation| gdma_error(index, violation))?;
    }
    // What of the other stream is finished for certain when a command starts.
    let tiu_waits = waits(&|index| streams.tiu[index].cmd_id_gdma.into(), streams.tiu.len());
    let gdma_waits = waits(&|index| streams.gdma[index].eng0_sync_id.into(), streams.gdma.len());
    check_progress(&tiu_waits, &gdma_waits)?;

    let mut gdma_accesses = Vec::with_capacity(streams.gdma.len());
    for (index, command) in streams.gdma.iter().enumerate() {
        let access = of_gdma(command).map_err(|violation| gdma_error(index, violation))?;
        check_ddr(&access, memory).map_err(|violation| gdma_error(index, violation))?;
        gdma_accesses.push(access);
    }
    for (index, command) in streams.tiu.iter().enumerate() {
        let access = of_tiu(command).map_err(|violation| tiu_error(index, violation))?;
        let unfinished = tiu_waits[index]..gdma_accesses.len();
        for other in unfinished.take_while(|&other| gdma_waits[other] <= index) {
            if let Some((kind, region)) = conflict(&access, &gdma_accesses[other]) {
                let hazard = Violation::Hazard { engine: "GDMA", other: other + 1, kind, region };
                return Err(tiu_error(index, hazard));
            }
        }
    }
    Ok(())
}

fn check_id(found: u16, index: usize) -> Result<(), Violation> {
    let found = usize::from(found);
    if found == index + 1 { Ok(()) } else { Err(Violation::Id { found }) }
}

/// Lets both engines run as far as they come.
fn check_progress(tiu: &[usize], gdma: &[usize]) -> Result<(), CheckError> {
    let (mut t, mut g) = (0, 0);
    loop {
        if g < gdma.len() && gdma[g] <= t {
            g += 1;
        } else if t < tiu.len() && tiu[t] <= g {
            t += 1;
        } else {
            break;
        }
    }
    let stuck = |engine, id: usize, other, wanted| {
        let violation = Violation::Wait { engine: other, wanted };
        Err(CheckError { engine, id: id + 1, violation })
    };
    match (tiu.get(t), gdma.get(g)) {
        (None, None) => Ok(()),
        (Some(&wanted), _) => stuck("TIU", t, "GDMA", wanted),
        (None, Some(&wanted)) => stuck("GDMA", g, "TIU", wanted),
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
            return Err(Violation::Ddr { bytes: bytes.clone(), used: "read" });
        }
    }
    for region in &access.writes {
        if let Region::Ddr(bytes) = region
            && !within(bytes, &memory.context)
        {
            return Err(Violation::Ddr { bytes: bytes.clone(), used: "written" });
        }
    }
    Ok(())
}

fn conflict(tiu: &Access, gdma: &Access) -> Option<(&'static str, Region)> {
    let find = |a: &[Region], b: &[Region]| {
        a.iter().find(|region| b.iter().any(|other| region.overlaps(other))).cloned()
    };
    let pairs = [
        ("read and write", &tiu.reads, &gdma.writes),
        ("write and read", &tiu.writes, &gdma.reads),
        ("write and write", &tiu.writes, &gdma.writes),
    ];
    pairs.into_iter().find_map(|(kind, a, b)| find(a, b).map(|region| (kind, region)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Arithmetic, Direction, Gdma, Task, Tiu};
    use crate::memory::{COEFFICIENT_BASE, local_address};

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
            tsk_eu_typ: Arithmetic::Max as u8,
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
        let hazard = |kind: &str, violation| {
            assert!(
                matches!(&violation, Violation::Hazard { kind: k, .. } if *k == kind),
                "{violation}"
            );
        };
        hazard("read and write", violation(|s| s.tiu[0].cmd_id_gdma = 0));
        hazard("write and read", violation(|s| s.gdma[1].eng0_sync_id = 0));
        hazard(
            "write and write",
            violation(|s| {
                s.gdma[1] = moved(Direction::DdrToLocal, 2, 0, CONTEXT, 0x1000);
            }),
        );
        // A load into what is still being read.
        hazard(
            "read and write",
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
        assert!(matches!(violation(far), Violation::Ddr { used: "read", .. }));
        let coefficient = |s: &mut Streams| s.gdma[1].set_destination(COEFFICIENT_BASE);
        assert!(matches!(violation(coefficient), Violation::Ddr { used: "written", .. }));
        let beyond = |s: &mut Streams| s.tiu[0].res0_addr = local_address(0, 0x7fff0);
        assert!(matches!(violation(beyond), Violation::Lane { .. }));
        let unmapped = |s: &mut Streams| s.tiu[0].opd0_addr = 0;
        assert!(matches!(violation(unmapped), Violation::Address { address: 0 }));
        let unknown = |s: &mut Streams| s.tiu[0].tsk_typ = Task::Correlate;
        assert!(matches!(violation(unknown), Violation::Unknown));
    }
}
