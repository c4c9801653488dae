//! When each command of a program runs, by the numbers of [`cycles`].

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use crate::commands::Streams;
use crate::{Engine, Error, cycles};

/// One command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The index of its group.
    pub group: usize,
    /// Its engine.
    pub engine: Engine,
    /// Its number within the group, counted from 1.
    pub id: usize,
    /// The number of the other engine's command that it waits for; 0 for none.
    pub wait: usize,
    /// The cycle in which it starts, counted from the start of the program.
    pub start: u64,
    /// The cycle before which it has ended.
    pub end: u64,
}

impl Entry {
    /// Cycles that it takes.
    pub fn cycles(&self) -> u64 {
        self.end - self.start
    }
}

/// A program's commands in time.
///
/// Each engine runs its commands in order. A command starts when its engine is free and the command of the other engine
/// that it names has finished; a group starts when the one before has finished. Nothing else delays a command: banks
/// of local memory that both engines want at once are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    entries: Vec<Entry>,
    busy: [u64; 2],
    cycles: u64,
}

impl Timeline {
    /// The timeline of the groups of a program.
    ///
    /// # Errors
    /// [`Error::NeverStarts`] for a command that waits for one that does not come.
    pub fn of(groups: &[Streams]) -> Result<Timeline, Error> {
        let mut timeline = Timeline::default();
        let count = groups.iter().map(|group| group.tiu.len() + group.gdma.len()).sum();
        timeline.entries.reserve_exact(count);
        for (index, group) in groups.iter().enumerate() {
            timeline.add(index, group)?;
        }
        Ok(timeline)
    }

    fn add(&mut self, group: usize, streams: &Streams) -> Result<(), Error> {
        let tiu = streams.tiu.iter().map(|command| (command.cmd_id_gdma, cycles::tiu(command)));
        let gdma = streams.gdma.iter().map(|command| (command.eng0_sync_id, cycles::gdma(command)));
        let mut lanes = [
            Lane { engine: Engine::Tiu, left: tiu.collect(), ends: vec![] },
            Lane { engine: Engine::Gdma, left: gdma.collect(), ends: vec![] },
        ];
        let base = self.cycles;
        let first = self.entries.len();
        loop {
            let [tiu, gdma] = &mut lanes;
            let before = self.entries.len();
            tiu.run(group, base, gdma, &mut self.entries);
            gdma.run(group, base, tiu, &mut self.entries);
            if self.entries.len() == before {
                break;
            }
        }
        for (lane, busy) in lanes.iter().zip(&mut self.busy) {
            if let Some((wait, _)) = lane.left.get(lane.ends.len()) {
                let (id, wait) = (lane.ends.len() + 1, (*wait).into());
                return Err(Error::NeverStarts { engine: lane.engine, id, group, wait });
            }
            let cycles = lane.left.iter().map(|(_, cycles)| *cycles);
            *busy = busy.saturating_add(cycles.fold(0, u64::saturating_add));
            self.cycles = self.cycles.max(lane.ends.last().copied().unwrap_or(base));
        }
        if let Some(entries) = self.entries.get_mut(first..) {
            entries.sort_by_key(|entry| (entry.start, entry.engine == Engine::Gdma, entry.id));
        }
        Ok(())
    }

    /// All commands, group by group, by their starts.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Cycles from the first command's start to the last one's end.
    pub fn cycles(&self) -> u64 {
        self.cycles
    }

    /// The same in milliseconds.
    pub fn milliseconds(&self) -> f64 {
        milliseconds(self.cycles)
    }

    /// Cycles in which an engine works.
    pub fn busy(&self, engine: Engine) -> u64 {
        let [tiu, gdma] = self.busy;
        match engine {
            Engine::Tiu => tiu,
            Engine::Gdma => gdma,
        }
    }

    /// The share of all cycles in which an engine works, 0 to 1.
    pub fn share(&self, engine: Engine) -> f64 {
        if self.cycles == 0 { 0.0 } else { float(self.busy(engine)) / float(self.cycles) }
    }
}

/// Cycles in milliseconds at the chip's clock.
pub fn milliseconds(cycles: u64) -> f64 {
    float(cycles) * 1000.0 / float(cycles::HERTZ)
}

#[expect(clippy::as_conversions, reason = "cycles beyond 2^53 are rounded")]
fn float(count: u64) -> f64 {
    count as f64
}

/// The commands of one engine: what they wait for and cost; when those that have run ended.
struct Lane {
    engine: Engine,
    left: Vec<(u16, u64)>,
    ends: Vec<u64>,
}

impl Lane {
    /// Runs all commands that can run with what the other engine has done.
    fn run(&mut self, group: usize, base: u64, other: &Lane, entries: &mut Vec<Entry>) {
        while let Some((wait, cycles)) = self.left.get(self.ends.len()) {
            let free = self.ends.last().copied().unwrap_or(base);
            let wait = usize::from(*wait);
            let ready = match wait.checked_sub(1) {
                None => base,
                Some(index) => match other.ends.get(index) {
                    Some(end) => *end,
                    None => return,
                },
            };
            let start = free.max(ready);
            let end = start.saturating_add(*cycles);
            self.ends.push(end);
            let id = self.ends.len();
            entries.push(Entry { group, engine: self.engine, id, wait, start, end });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Direction, Gdma, Task, Tiu};
    use crate::memory::local_address;

    /// A convolution of this many steps of 16 outputs and one tap of seven words: 15 cycles each.
    fn conv(steps: u16, wait: u16) -> Tiu {
        Tiu {
            cmd_id_gdma: wait,
            res0_addr: local_address(0, 0),
            tsk_typ: Task::Conv,
            tsk_opd_num: 2,
            opd0_c: 28,
            res0_h: steps,
            res0_w: 16,
            ..Tiu::default()
        }
    }

    /// A move within local memory of this many lines of 32 bytes: 3 cycles and one for each.
    fn shuffle(lines: u16, wait: u16) -> Gdma {
        let mut command = Gdma { eng0_sync_id: wait, ..Gdma::default() };
        command.direction = Direction::LocalToLocal;
        [command.src_nsize, command.src_csize, command.src_hsize, command.src_wsize] =
            [1, 1, lines, 8];
        [command.dst_nsize, command.dst_csize, command.dst_hsize, command.dst_wsize] =
            [1, 1, lines, 8];
        [command.src_hstride, command.src_wstride] = [8, 1];
        [command.dst_hstride, command.dst_wstride] = [8, 1];
        command
    }

    fn places(timeline: &Timeline) -> Vec<(usize, Engine, usize, u64, u64)> {
        let place = |entry: &Entry| (entry.group, entry.engine, entry.id, entry.start, entry.end);
        timeline.entries().iter().map(place).collect()
    }

    /// Exact, by hand: the second load overlaps the first convolution, the store waits for it.
    #[test]
    fn engines_wait_for_each_other() {
        let tiu = vec![conv(2, 1), conv(1, 2)];
        let gdma = vec![shuffle(7, 0), shuffle(17, 0), shuffle(2, 1), shuffle(1, 2)];
        let timeline = Timeline::of(&[Streams { tiu, gdma }]).expect("runs");
        let expected = [
            (0, Engine::Gdma, 1, 0, 10),
            (0, Engine::Tiu, 1, 10, 40),
            (0, Engine::Gdma, 2, 10, 30),
            (0, Engine::Tiu, 2, 40, 55),
            (0, Engine::Gdma, 3, 40, 45),
            (0, Engine::Gdma, 4, 55, 59),
        ];
        assert_eq!(places(&timeline), expected);
        let waits: Vec<usize> = timeline.entries().iter().map(|entry| entry.wait).collect();
        assert_eq!(waits, [0, 1, 0, 2, 1, 2]);
        assert_eq!(timeline.cycles(), 59);
        assert_eq!([Engine::Tiu, Engine::Gdma].map(|engine| timeline.busy(engine)), [45, 39]);
        assert!((timeline.share(Engine::Tiu) - 45.0 / 59.0).abs() < 1e-12);
        assert!((timeline.milliseconds() - 59.0 / 550_000.0).abs() < 1e-12);
    }

    /// Exact, by hand: waits count within a group, and the second group begins at the end of the first.
    #[test]
    fn groups_follow_one_another() {
        let first = Streams { tiu: vec![conv(1, 0)], gdma: vec![shuffle(37, 0)] };
        let second = Streams { tiu: vec![conv(1, 1)], gdma: vec![shuffle(1, 0)] };
        let timeline = Timeline::of(&[first, second]).expect("runs");
        let expected = [
            (0, Engine::Tiu, 1, 0, 15),
            (0, Engine::Gdma, 1, 0, 40),
            (1, Engine::Gdma, 1, 40, 44),
            (1, Engine::Tiu, 1, 44, 59),
        ];
        assert_eq!(places(&timeline), expected);
        assert_eq!(Timeline::of(&[]), Ok(Timeline::default()));
        assert_eq!(Timeline::default().share(Engine::Tiu), 0.0);
        // One engine alone.
        let alone = Streams { tiu: vec![], gdma: vec![shuffle(1, 0)] };
        assert_eq!(Timeline::of(&[alone]).map(|timeline| timeline.cycles()), Ok(4));
    }

    #[test]
    fn what_never_starts_is_told() {
        let missing = Streams { tiu: vec![conv(1, 2)], gdma: vec![shuffle(1, 0)] };
        let error = Timeline::of(&[Streams::default(), missing]).expect_err("stuck");
        let text = "TIU command 1 of group 1 waits for GDMA command 2, which does not come";
        assert_eq!(error.to_string(), text);
        let circle = Streams { tiu: vec![conv(1, 1)], gdma: vec![shuffle(1, 1)] };
        let error = Timeline::of(&[circle]).expect_err("stuck");
        assert_eq!(error, Error::NeverStarts { engine: Engine::Tiu, id: 1, group: 0, wait: 1 });
    }
}
