//! A chip that executes the commands of both engines.

use std::sync::Arc;

use bm1684_isa::check::{Access, CheckError};
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
    lenient: bool,
    doubt: Option<Arc<Error>>,
}

impl Default for Chip {
    fn default() -> Self {
        Chip::new()
    }
}

/// A command of one of the engines.
#[derive(Clone, Copy)]
enum Command<'a> {
    Tiu(&'a Tiu),
    Gdma(&'a Gdma),
}

impl Command<'_> {
    fn error(self, group: usize, id: usize, source: Fault) -> Error {
        let (engine, listing) = match self {
            Command::Tiu(command) => (Engine::Tiu, command.to_string()),
            Command::Gdma(command) => (Engine::Gdma, command.to_string()),
        };
        Error::Command { group, engine, id, listing: listing.trim_end().to_owned(), source }
    }

    fn access(self) -> Option<Access> {
        match self {
            Command::Tiu(command) => check::of_tiu(command).ok(),
            Command::Gdma(command) => check::of_gdma(command).ok(),
        }
    }
}

impl Chip {
    /// A chip that was just switched on. It computes with as many threads as the host has processors.
    pub fn new() -> Chip {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Chip { memory: Memory::new(), threads, lenient: false, doubt: None }
    }

    /// The same with so many threads. Results do not depend on it.
    #[must_use]
    pub fn threads(self, threads: usize) -> Chip {
        Chip { threads: threads.max(1), ..self }
    }

    /// The same, but a command may compute with bytes that were never written. They count as [`State::Filler`] from then
    /// on: zeros of which nothing may reach an output.
    ///
    /// [`State::Filler`]: crate::State::Filler
    #[must_use]
    pub fn lenient(self) -> Chip {
        Chip { lenient: true, ..self }
    }

    /// The error of the first command that computed with bytes that were never written, if the chip is lenient.
    pub fn doubt(&self) -> Option<Arc<Error>> {
        self.doubt.clone()
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
                g += 1;
                self.step(Command::Gdma(command), group, g)?;
                continue;
            }
            let next = streams.tiu.get(t);
            if let Some(command) = next.filter(|next| usize::from(next.cmd_id_gdma) <= g) {
                t += 1;
                self.step(Command::Tiu(command), group, t)?;
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

    fn step(&mut self, command: Command, group: usize, id: usize) -> Result<(), Error> {
        let Err(fault) = self.command(command) else { return Ok(()) };
        let unwritten = matches!(fault, Fault::Unwritten { .. });
        let error = command.error(group, id, fault);
        let access = command.access().filter(|_| self.lenient && unwritten);
        let Some(access) = access else { return Err(error) };
        self.doubt.get_or_insert(Arc::new(error));
        // Nothing has been written yet: what is at fault is found before.
        access.reads.iter().for_each(|region| self.memory.settle(region));
        self.command(command).map_err(|fault| command.error(group, id, fault))
    }

    fn command(&mut self, command: Command) -> Result<(), Fault> {
        match command {
            Command::Tiu(command) => self.tiu(command),
            Command::Gdma(command) => self.gdma(command),
        }
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
