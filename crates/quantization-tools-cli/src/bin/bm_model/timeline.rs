//! What a bmodel's programs cost in time: as tables, as a trace, as a picture.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bmodel::Bmodel;
use quantization_tools::bm1684_isa::Engine;
use quantization_tools::bm1684_isa::commands::{Streams, Traffic};
use quantization_tools::bm1684_isa::timeline::{Entry, Timeline, milliseconds};
use quantization_tools_cli::cli::{self, Failure};
use serde_json::json;

use crate::layers::{self, Layers};
use crate::picture;

/// Cycles of a microsecond.
const MICROSECOND: f64 = 550.0;

/// What is wanted: a bmodel, and where its timeline goes unless it is printed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) bmodel: PathBuf,
    output: Option<(PathBuf, Format)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Trace,
    Picture,
}

impl Format {
    /// That of a file to write.
    fn of(path: &Path) -> Option<Format> {
        match path.extension().and_then(OsStr::to_str) {
            Some("json") => Some(Format::Trace),
            Some("svg") => Some(Format::Picture),
            _ => None,
        }
    }
}

impl Task {
    /// The flag's value is the bmodel if no other argument is; else that is the bmodel, and the value a file to write.
    pub(crate) fn new(value: &OsStr, others: &[PathBuf]) -> Result<Task, String> {
        let value = (!value.is_empty()).then(|| PathBuf::from(value));
        let wrong = |path: &Path, text| Err(format!("--timeline={}: {text}", path.display()));
        match (value, others) {
            (Some(path), []) if Format::of(&path).is_some() => {
                wrong(&path, "of which bmodel? It is a further argument")
            }
            (Some(bmodel), []) => Ok(Task { bmodel, output: None }),
            (None, [bmodel]) => Ok(Task { bmodel: bmodel.clone(), output: None }),
            (Some(path), [bmodel]) => match Format::of(&path) {
                Some(format) => Ok(Task { bmodel: bmodel.clone(), output: Some((path, format)) }),
                None => wrong(&path, "what is written ends in .json or .svg"),
            },
            (None, []) => Err("--timeline wants a bmodel".to_owned()),
            (_, _) => Err("--timeline takes one bmodel".to_owned()),
        }
    }

    /// Prints or writes the timelines of all stages.
    pub(crate) fn run(
        &self,
        model: &Bmodel,
        stages: Vec<(String, Vec<Streams>)>,
    ) -> Result<(), Failure> {
        let mut layers = layers::read(&self.bmodel, &stages).into_iter();
        let mut runs = Vec::new();
        for (name, groups) in stages {
            runs.push(Run::new(name, &groups, layers.next().unwrap_or_default())?);
        }
        if runs.is_empty() {
            return Err(format!(
                "{} has no commands of {}",
                self.bmodel.display(),
                model.model.chip
            )
            .into());
        }
        let Some((path, format)) = &self.output else {
            runs.iter().for_each(|run| cli::print(&run.tables()));
            return Ok(());
        };
        let text = match format {
            Format::Trace => trace(&runs)?,
            Format::Picture => picture::draw(&runs),
        };
        let mut files = quantization_tools::file_set::FileSet::new();
        files.add(path, text.as_bytes())?;
        files.commit()?;
        cli::wrote(path);
        Ok(())
    }
}

/// One command of a timeline.
pub(crate) struct Item {
    pub(crate) entry: Entry,
    /// Its name in listings.
    pub(crate) kind: &'static str,
    /// The index of its layer.
    layer: Option<usize>,
}

/// One stage of a net.
pub(crate) struct Run {
    pub(crate) name: String,
    pub(crate) timeline: Timeline,
    pub(crate) items: Vec<Item>,
    traffic: Traffic,
    /// Names and types.
    layers: Vec<[String; 2]>,
}

impl Run {
    fn new(name: String, groups: &[Streams], layers: Layers) -> Result<Run, Failure> {
        let timeline = Timeline::of(groups).map_err(|error| format!("{name}: {error}"))?;
        let Layers { names: layers, owners } = layers;
        // How many commands of each engine the groups before have.
        let mut before = vec![[0, 0]];
        for group in groups {
            let [tiu, gdma] = before.last().copied().unwrap_or_default();
            before.push([tiu + group.tiu.len(), gdma + group.gdma.len()]);
        }
        let item = |entry: &Entry| {
            let group = &groups[entry.group];
            let [tiu, gdma] = before[entry.group];
            let (kind, owner) = match entry.engine {
                Engine::Tiu => {
                    (group.tiu[entry.id - 1].mnemonic(), owners[0].get(tiu + entry.id - 1))
                }
                Engine::Gdma => {
                    (group.gdma[entry.id - 1].mnemonic(), owners[1].get(gdma + entry.id - 1))
                }
            };
            Item { entry: *entry, kind, layer: owner.copied() }
        };
        let items = timeline.entries().iter().map(item).collect();
        let traffic = groups.iter().map(Streams::traffic).sum();
        Ok(Run { name, timeline, items, traffic, layers })
    }

    /// Commands and cycles of each kind, the most expensive one first.
    pub(crate) fn kinds(&self) -> Vec<(&'static str, Engine, usize, u64)> {
        // Both engines copy.
        let mut kinds: BTreeMap<(&str, bool), (Engine, usize, u64)> = BTreeMap::new();
        for Item { entry, kind, .. } in &self.items {
            let key = (*kind, entry.engine == Engine::Gdma);
            let (_, count, cycles) = kinds.entry(key).or_insert((entry.engine, 0, 0));
            *count += 1;
            *cycles = cycles.saturating_add(entry.cycles());
        }
        let mut kinds: Vec<_> = kinds
            .into_iter()
            .map(|((kind, _), (engine, count, cycles))| (kind, engine, count, cycles))
            .collect();
        kinds.sort_by_key(|(_, _, _, cycles)| std::cmp::Reverse(*cycles));
        kinds
    }

    /// For each of so many parts the cycles of the TIU and of the GDMA, and by how many cycles the program would end
    /// earlier if it ended before this part. These add up to the whole.
    fn by_part(&self, parts: usize, part: impl Fn(&Item) -> Option<usize>) -> Vec<[u64; 3]> {
        let mut busy = vec![[0u64; 2]; parts];
        let mut ends = vec![0u64; parts];
        for item in &self.items {
            let (Some(part), entry) = (part(item), item.entry) else { continue };
            let engine = usize::from(entry.engine == Engine::Gdma);
            busy[part][engine] = busy[part][engine].saturating_add(entry.cycles());
            ends[part] = ends[part].max(entry.end);
        }
        let mut last = 0;
        let steps = busy.into_iter().zip(ends).map(|([tiu, gdma], end)| {
            let step = end.saturating_sub(last);
            last = last.max(end);
            [tiu, gdma, step]
        });
        steps.collect()
    }

    fn tables(&self) -> String {
        let timeline = &self.timeline;
        let share = |cycles: u64| percent(cycles, timeline.cycles());
        let [tiu, gdma] = [Engine::Tiu, Engine::Gdma].map(|engine| {
            let busy = timeline.busy(engine);
            let idle = timeline.cycles().saturating_sub(busy);
            format!("{engine} busy {busy} cycles ({}), idle {idle}", share(busy))
        });
        let Traffic { read, written, copied } = self.traffic;
        let mut text = format!(
            "{}: {} cycles, {:.3} ms at 550 MHz\n{tiu}\n{gdma}\n\
             DDR traffic: {read} bytes read, {written} written, {copied} copied\n",
            self.name,
            timeline.cycles(),
            timeline.milliseconds(),
        );
        let mut rows = vec![cells(["kind", "engine", "commands", "cycles", "ms", "share"])];
        for (kind, engine, count, cycles) in self.kinds() {
            rows.push(vec![
                kind.to_owned(),
                engine.to_string(),
                count.to_string(),
                cycles.to_string(),
                format!("{:.3}", milliseconds(cycles)),
                share(cycles),
            ]);
        }
        text += &table(&rows, 2);
        let costs = |[tiu, gdma, step]: [u64; 3]| {
            let ms = format!("{:.3}", milliseconds(step));
            [tiu.to_string(), gdma.to_string(), step.to_string(), ms, share(step)]
        };
        if self.layers.is_empty() {
            text += "layers: no file beside the bmodel names them, so by group of commands\n";
            let groups = self.items.iter().map(|item| item.entry.group + 1).max().unwrap_or(0);
            let mut rows = vec![cells(["group", "TIU", "GDMA", "cycles", "ms", "share"])];
            let sums = self.by_part(groups, |item| Some(item.entry.group));
            for (group, sums) in sums.into_iter().enumerate() {
                rows.push([&[group.to_string()], &costs(sums)[..]].concat());
            }
            text += &table(&rows, 1);
        } else {
            let mut rows = vec![cells(["layer", "type", "TIU", "GDMA", "cycles", "ms", "share"])];
            let sums = self.by_part(self.layers.len(), |item| item.layer);
            for (names, sums) in self.layers.iter().zip(sums) {
                let names = names.each_ref().map(|name| cli::plain(name).into_owned());
                rows.push([&names, &costs(sums)[..]].concat());
            }
            text += &table(&rows, 2);
        }
        text
    }
}

fn percent(part: u64, whole: u64) -> String {
    // Rounded to tenths, without numbers that grow out of 64 bits.
    let tenths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn cells<const N: usize>(heads: [&str; N]) -> Vec<String> {
    heads.map(str::to_owned).to_vec()
}

/// Rows with columns of one width; the first ones begin, the others end below each other.
fn table(rows: &[Vec<String>], left: usize) -> String {
    let mut widths = vec![0; rows.first().map_or(0, Vec::len)];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Writing to a String cannot fail.
            let _ = match index {
                _ if index < left => write!(line, "{cell:<0$}  ", *width),
                _ => write!(line, "{cell:>0$}  ", *width),
            };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Microseconds of a cycle's begin.
#[expect(clippy::cast_precision_loss, reason = "cycles beyond 2^53 are rounded")]
pub(crate) fn microseconds(cycles: u64) -> f64 {
    cycles as f64 / MICROSECOND
}

/// The trace format of Perfetto and chrome://tracing: a process for each stage, a thread for each engine.
fn trace(runs: &[Run]) -> Result<String, Failure> {
    let mut events = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let pid = index + 1;
        events.push(
            json!({"ph": "M", "name": "process_name", "pid": pid, "args": {"name": run.name}}),
        );
        for (tid, engine) in [(1, Engine::Tiu), (2, Engine::Gdma)] {
            let args = json!({"name": engine.to_string()});
            events.push(
                json!({"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": args}),
            );
        }
        for Item { entry, kind, layer } in &run.items {
            let mut args = json!({"id": entry.id, "group": entry.group, "cycles": entry.cycles()});
            let other = if entry.engine == Engine::Tiu { Engine::Gdma } else { Engine::Tiu };
            if entry.wait > 0 {
                args["waits for"] = json!(format!("{other} {}", entry.wait));
            }
            if let Some([name, kind]) = layer.and_then(|layer| run.layers.get(layer)) {
                args["layer"] = json!(name);
                args["type"] = json!(kind);
            }
            events.push(json!({
                "ph": "X",
                "name": kind,
                "pid": pid,
                "tid": if entry.engine == Engine::Tiu { 1 } else { 2 },
                "ts": microseconds(entry.start),
                "dur": microseconds(entry.cycles()),
                "args": args,
            }));
        }
    }
    let events: Vec<String> = events.iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
    Ok(format!("{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n{}\n]}}\n", events.join(",\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bmodel_is_told_from_the_file() {
        let task = |value: &str, others: &[&str]| {
            let others: Vec<PathBuf> = others.iter().map(PathBuf::from).collect();
            Task::new(OsStr::new(value), &others)
        };
        let print = Task { bmodel: "a.bmodel".into(), output: None };
        assert_eq!(task("a.bmodel", &[]), Ok(print));
        let print = Task { bmodel: "a.json".into(), output: None };
        assert_eq!(task("", &["a.json"]), Ok(print));
        for (name, format) in [("t.json", Format::Trace), ("t.svg", Format::Picture)] {
            let write = Task { bmodel: "a.bmodel".into(), output: Some((name.into(), format)) };
            assert_eq!(task(name, &["a.bmodel"]), Ok(write));
        }
        let text = "--timeline=t.svg: of which bmodel? It is a further argument";
        assert_eq!(task("t.svg", &[]), Err(text.to_owned()));
        let text = "--timeline=t.png: what is written ends in .json or .svg";
        assert_eq!(task("t.png", &["a.bmodel"]), Err(text.to_owned()));
        assert_eq!(task("", &[]), Err("--timeline wants a bmodel".to_owned()));
        assert_eq!(task("t.svg", &["a", "b"]), Err("--timeline takes one bmodel".to_owned()));
    }

    #[test]
    fn shares_are_rounded() {
        let shares = [(1, 3), (2, 3), (0, 0), (5, 5), (u64::MAX, u64::MAX)];
        let text = shares.map(|(part, whole)| percent(part, whole));
        assert_eq!(text, ["33.3 %", "66.7 %", "0.0 %", "100.0 %", "100.0 %"]);
    }

    #[test]
    fn tables_are_straight() {
        let rows = [cells(["a", "b"]), cells(["long", "7"])];
        assert_eq!(table(&rows, 1), "a     b\nlong  7\n");
    }
}
