//! A chip that executes the commands of both engines.

use bm1684_isa::check::CheckError;
use bm1684_isa::commands::{Gdma, Streams, Task, Tiu};
use bm1684_isa::{Engine, check};

use crate::{
    Error, Fault, Memory, arithmetic, conv, depthwise, gdma, lookup, matmul, scalar, special,
};

/// A chip: its memories, and the engines that work on them.
#[derive(Clone, Debug)]
pub struct Chip {
    /// What it holds.
    pub memory: Memory,
    threads: usize,
}

impl Default for Chip {
    fn default() -> Self {
        Chip::new()
    }
}

impl Chip {
    /// A chip that was just switched on. It computes with as many threads as the host has processors.
    pub fn new() -> Chip {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Chip { memory: Memory::new(), threads }
    }

    /// The same with so many threads. Results do not depend on it.
    #[must_use]
    pub fn threads(self, threads: usize) -> Chip {
        Chip { threads: threads.max(1), ..self }
    }

    /// Executes a group of commands. Before it does it checks ids, waits, and that a wait orders any two commands of
    /// which one writes what the other touches. `group` is the number that errors state.
    ///
    /// # Errors
    /// [`Error::Check`], [`Error::Command`]. Commands before the one at fault have been executed.
    pub fn execute(&mut self, streams: &Streams, group: usize) -> Result<(), Error> {
        self.check(streams, group)?;
        let (mut t, mut g) = (0, 0);
        loop {
            let next = streams.gdma.get(g);
            if let Some(command) = next.filter(|next| usize::from(next.eng0_sync_id) <= t) {
                self.gdma(command).map_err(|source| Error::Command {
                    group,
                    engine: Engine::Gdma,
                    id: g + 1,
                    listing: command.to_string().trim_end().to_owned(),
                    source,
                })?;
                g += 1;
                continue;
            }
            let next = streams.tiu.get(t);
            if let Some(command) = next.filter(|next| usize::from(next.cmd_id_gdma) <= g) {
                self.tiu(command).map_err(|source| Error::Command {
                    group,
                    engine: Engine::Tiu,
                    id: t + 1,
                    listing: command.to_string().trim_end().to_owned(),
                    source,
                })?;
                t += 1;
                continue;
            }
            // The check found that every wait comes.
            return Ok(());
        }
    }

    fn check(&self, streams: &Streams, group: usize) -> Result<(), Error> {
        check::order(streams).map_err(|CheckError { engine, id, violation, .. }| {
            let listing = match engine {
                Engine::Tiu => streams.tiu.get(id - 1).map(Tiu::to_string),
                Engine::Gdma => streams.gdma.get(id - 1).map(Gdma::to_string),
            };
            let listing = listing.unwrap_or_default().trim_end().to_owned();
            Error::Check { group, engine, id, listing, source: violation }
        })
    }

    /// Executes one command of the TIU, without looking at its waits.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn tiu(&mut self, t: &Tiu) -> Result<(), Fault> {
        for (set, what) in [
            (!t.cmd_en, "a command that is not enabled"),
            (t.tsk_lane_num != u64::MAX, "a mask of lanes"),
            (t.res0_h_shift != 0 || t.res0_w_shift != 0, "a shift of the result"),
            (t.opd0_h_shift != 0 || t.opd0_w_shift != 0, "a shift of operand 0"),
            (t.opd1_h_shift != 0 || t.opd1_w_shift != 0, "a shift of operand 1"),
        ] {
            if set {
                return Err(Fault::Unknown { what });
            }
        }
        let Memory { lanes, l2, .. } = &mut self.memory;
        match t.tsk_typ {
            Task::Conv => conv::run(t, lanes, self.threads),
            Task::Depthwise => depthwise::run(t, lanes, self.threads),
            Task::MatMul => matmul::run(t, lanes, self.threads),
            Task::Arithmetic => arithmetic::run(t, lanes),
            Task::LookUp => lookup::run(t, lanes, l2),
            Task::Special => special::run(t, lanes, l2),
            Task::Scalar => scalar::run(t, lanes),
            Task::Linear => scalar::linear(t, lanes),
            Task::Compare => scalar::compare(t, lanes),
            _ => Err(Fault::Unknown { what: "this unit of the TIU" }),
        }
    }

    /// Executes one command of the GDMA, without looking at its waits.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn gdma(&mut self, g: &Gdma) -> Result<(), Fault> {
        gdma::run(g, &mut self.memory)
    }
}
