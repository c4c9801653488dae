//! What a bmodel's programs cost in time: as tables, as a trace, as a picture.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bmodel::Bmodel;
use quantization_tools::bm1684_codegen::{LayersInfo, StageLayers};
use quantization_tools::bm1684_isa::Engine;
use quantization_tools::bm1684_isa::commands::{Streams, Traffic};
use quantization_tools::bm1684_isa::timeline::{Entry, Timeline, milliseconds};
use quantization_tools_cli::cli::{self, Failure};
use serde_json::json;

use crate::picture;

/// Bytes of a description of layers at most.
const MOST_LAYERS: u64 = 1 << 26;
/// Commands of an engine at most that layers are looked up for.
const MOST_COMMANDS: usize = 1 << 24;

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

impl Task {
    /// The flag's value is the bmodel if no other argument is; else that is the bmodel, and the value a file to write.
    pub(crate) fn new(value: &OsStr, others: &[PathBuf]) -> Result<Task, String> {
        let value = (!value.is_empty()).then(|| PathBuf::from(value));
        match (value, others) {
            (Some(bmodel), []) => Ok(Task { bmodel, output: None }),
            (None, [bmodel]) => Ok(Task { bmodel: bmodel.clone(), output: None }),
            (Some(path), [bmodel]) => {
                let format = match path.extension().and_then(OsStr::to_str) {
                    Some("json") => Format::Trace,
                    Some("svg") => Format::Picture,
                    _ => {
                        return Err(format!(
                            "--timeline={}: what is written ends in .json or .svg",
                            path.display()
                        ));
                    }
                };
                Ok(Task { bmodel: bmodel.clone(), output: Some((path, format)) })
            }
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
        let mut layers = layers(&self.bmodel, &stages).into_iter();
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

/// Which layers the commands of a stage belong to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Layers {
    /// Names and types.
    names: Vec<[String; 2]>,
    /// For each command of the TIU and of the GDMA, through all groups, the index of its layer.
    owners: [Vec<usize>; 2],
}

impl Layers {
    /// As bmnetu describes them.
    fn ours(stage: StageLayers) -> Layers {
        let mut layers = Layers::default();
        for (index, layer) in stage.layers.into_iter().enumerate() {
            let [tiu, gdma] = &mut layers.owners;
            // More than a bmodel can have is not stored.
            tiu.extend(std::iter::repeat_n(index, layer.tiu.min(MOST_COMMANDS)));
            gdma.extend(std::iter::repeat_n(index, layer.gdma.min(MOST_COMMANDS)));
            layers.names.push([layer.name, layer.kind]);
        }
        layers
    }

    /// As the vendor's compiler describes them: ids of both engines before and after each operation.
    fn vendor(operations: Vec<Operation>) -> Layers {
        let mut layers = Layers::default();
        for (index, operation) in operations.into_iter().enumerate() {
            for (engine, owners) in layers.owners.iter_mut().enumerate() {
                let [before, after] = [operation.before[engine], operation.after[engine]];
                let end = after.min(MOST_COMMANDS);
                owners.resize(owners.len().max(end), usize::MAX);
                owners.get_mut(before..end).into_iter().flatten().for_each(|owner| *owner = index);
            }
            let name = operation.results.into_iter().find_map(|result| result.name);
            let kind = operation.opcode.trim_start_matches("tpu.").to_owned();
            layers.names.push([name.unwrap_or_default(), kind]);
        }
        layers
    }

    /// Whether each command of the groups has its layer.
    fn fits(&self, groups: &[Streams]) -> bool {
        let count = |of: fn(&Streams) -> usize| groups.iter().map(of).sum::<usize>();
        let counts = [count(|group| group.tiu.len()), count(|group| group.gdma.len())];
        let whole = |owners: &Vec<usize>| owners.iter().all(|owner| *owner < self.names.len());
        self.owners.iter().map(Vec::len).eq(counts) && self.owners.iter().all(whole)
    }
}

/// An operation in the file that the vendor's compiler writes beside a bmodel.
#[derive(serde::Deserialize)]
struct Operation {
    opcode: String,
    #[serde(rename = "tiu_dma_id(before)")]
    before: [usize; 2],
    #[serde(rename = "tiu_dma_id(after)")]
    after: [usize; 2],
    results: Vec<OperationResult>,
}

#[derive(serde::Deserialize)]
struct OperationResult {
    name: Option<String>,
}

/// Reads the layers of all stages.
type Reader = fn(&str) -> Result<Vec<Layers>, serde_json::Error>;

/// The layers of each stage, if a file beside the bmodel names them: FILE.layers.json from bmnetu or FILE.bmodel.json from
/// the vendor's compiler. Layers are told as far as possible; what cannot be read is only noted.
fn layers(bmodel: &Path, stages: &[(String, Vec<Streams>)]) -> Vec<Layers> {
    let ours = bmodel.with_extension("layers.json");
    let mut vendors = bmodel.as_os_str().to_owned();
    vendors.push(".json");
    let vendors = PathBuf::from(vendors);
    let (path, read): (PathBuf, Reader) = if ours.is_file() {
        (ours, |text| {
            let info = LayersInfo::from_json(text)?;
            Ok(info.stages.into_iter().map(Layers::ours).collect())
        })
    } else if vendors.is_file() {
        (vendors, |text| Ok(vec![Layers::vendor(serde_json::from_str(text)?)]))
    } else {
        return Vec::new();
    };
    let text = std::fs::metadata(&path).and_then(|about| match about.len() {
        0..=MOST_LAYERS => std::fs::read_to_string(&path),
        _ => Err(std::io::Error::other(format!("it has more than {MOST_LAYERS} bytes"))),
    });
    let layers = text.map_err(Failure::from).and_then(|text| Ok(read(&text)?));
    let problem = match layers {
        Ok(layers) => {
            let fits =
                |(layers, (_, groups)): (&Layers, &(String, Vec<Streams>))| layers.fits(groups);
            if layers.len() == stages.len() && layers.iter().zip(stages).all(fits) {
                return layers;
            }
            "it belongs to another bmodel".to_owned()
        }
        Err(error) => error.to_string(),
    };
    cli::note!("warning: {}: {problem}; nothing is told by layer", path.display());
    Vec::new()
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
        let mut kinds: BTreeMap<&str, (Engine, usize, u64)> = BTreeMap::new();
        for Item { entry, kind, .. } in &self.items {
            let (_, count, cycles) = kinds.entry(kind).or_insert((entry.engine, 0, 0));
            *count += 1;
            *cycles = cycles.saturating_add(entry.cycles());
        }
        let mut kinds: Vec<_> = kinds
            .into_iter()
            .map(|(kind, (engine, count, cycles))| (kind, engine, count, cycles))
            .collect();
        kinds.sort_by_key(|(_, _, _, cycles)| std::cmp::Reverse(*cycles));
        kinds
    }

    /// For each layer the cycles of the TIU and of the GDMA, and by how many cycles the program would end earlier if it
    /// ended before this layer. These add up to the whole.
    fn by_layer(&self) -> Vec<[u64; 3]> {
        let mut busy = vec![[0u64; 2]; self.layers.len()];
        let mut ends = vec![0u64; self.layers.len()];
        for Item { entry, layer, .. } in &self.items {
            let Some(layer) = *layer else { continue };
            let engine = usize::from(entry.engine == Engine::Gdma);
            busy[layer][engine] = busy[layer][engine].saturating_add(entry.cycles());
            ends[layer] = ends[layer].max(entry.end);
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
        let [tiu, gdma] = [Engine::Tiu, Engine::Gdma].map(|engine| share(timeline.busy(engine)));
        let Traffic { read, written, copied } = self.traffic;
        let mut text = format!(
            "{}: {} cycles, {:.3} ms at 550 MHz\nTIU busy {tiu}, GDMA busy {gdma}\n\
             DDR traffic: {read} bytes read, {written} written, {copied} copied\n",
            self.name,
            timeline.cycles(),
            timeline.milliseconds(),
        );
        let mut rows =
            vec![["kind", "engine", "commands", "cycles", "ms", "share"].map(str::to_owned)];
        for (kind, engine, count, cycles) in self.kinds() {
            rows.push([
                kind.to_owned(),
                engine.to_string(),
                count.to_string(),
                cycles.to_string(),
                format!("{:.3}", milliseconds(cycles)),
                share(cycles),
            ]);
        }
        text += &table(&rows, 2);
        if !self.layers.is_empty() {
            let mut rows =
                vec![["layer", "type", "TIU", "GDMA", "cycles", "ms", "share"].map(str::to_owned)];
            for ([name, kind], [tiu, gdma, step]) in self.layers.iter().zip(self.by_layer()) {
                rows.push([
                    cli::plain(name).into_owned(),
                    kind.clone(),
                    tiu.to_string(),
                    gdma.to_string(),
                    step.to_string(),
                    format!("{:.3}", milliseconds(step)),
                    share(step),
                ]);
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

/// Rows with columns of one width; the first ones begin, the others end below each other.
fn table<const N: usize>(rows: &[[String; N]], left: usize) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
            // Writing to a String cannot fail.
            let _ = match index {
                _ if index < left => write!(line, "{cell:<width$}  "),
                _ => write!(line, "{cell:>width$}  "),
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
            if let (Some([name, kind]), Some(args)) =
                (layer.and_then(|layer| run.layers.get(layer)), args.as_object_mut())
            {
                args.insert("layer".to_owned(), json!(name));
                args.insert("type".to_owned(), json!(kind));
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
    use quantization_tools::bm1684_isa::commands::{Gdma, Tiu};

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
        let text = "--timeline=t.png: what is written ends in .json or .svg";
        assert_eq!(task("t.png", &["a.bmodel"]), Err(text.to_owned()));
        assert_eq!(task("", &[]), Err("--timeline wants a bmodel".to_owned()));
        assert_eq!(task("t.svg", &["a", "b"]), Err("--timeline takes one bmodel".to_owned()));
    }

    #[test]
    fn layers_of_both_compilers() {
        let text = r#"{"stages":[{"layers":[
            {"name":"a","type":"Convolution","tiu":2,"gdma":1},
            {"name":"b","type":"Permute","tiu":0,"gdma":2}
        ]}]}"#;
        let mut info = LayersInfo::from_json(text).expect("JSON");
        let names = [["a", "Convolution"], ["b", "Permute"]].map(|names| names.map(str::to_owned));
        let ours = Layers::ours(info.stages.remove(0));
        assert_eq!(ours, Layers { names: names.to_vec(), owners: [vec![0, 0], vec![0, 1, 1]] });
        let text = r#"[
            {"opcode":"tpu.Load","tiu_dma_id(before)":[0,0],"tiu_dma_id(after)":[0,2],"results":[{},{"name":"w"}]},
            {"opcode":"tpu.Conv2D","tiu_dma_id(before)":[0,3],"tiu_dma_id(after)":[1,3],"results":[]},
            {"opcode":"tpu.Load","tiu_dma_id(before)":[0,2],"tiu_dma_id(after)":[0,3],"results":[{"name":"x"}]}
        ]"#;
        let vendor = Layers::vendor(serde_json::from_str(text).expect("JSON"));
        assert_eq!(vendor.owners, [vec![1], vec![0, 0, 2]]);
        assert_eq!(vendor.names[0], ["w", "Load"]);
        let streams = |tiu, gdma| Streams {
            tiu: vec![Tiu::default(); tiu],
            gdma: vec![Gdma::default(); gdma],
        };
        assert!(vendor.fits(&[streams(1, 3)]) && vendor.fits(&[streams(1, 1), streams(0, 2)]));
        assert!(!vendor.fits(&[streams(1, 2)]) && !vendor.fits(&[streams(1, 4)]));
    }

    #[test]
    fn shares_are_rounded() {
        let shares = [(1, 3), (2, 3), (0, 0), (5, 5), (u64::MAX, u64::MAX)];
        let text = shares.map(|(part, whole)| percent(part, whole));
        assert_eq!(text, ["33.3 %", "66.7 %", "0.0 %", "100.0 %", "100.0 %"]);
    }

    #[test]
    fn tables_are_straight() {
        let rows = [["a", "b"], ["long", "7"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(&rows, 1), "a     b\nlong  7\n");
    }
}
