//! Looks into bmodels, takes them apart, joins them and runs them.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod layers;
mod picture;
mod run;
mod timeline;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use bmodel::Bmodel;
use clap::error::ErrorKind;
use clap::{ArgGroup, CommandFactory, Parser};
use quantization_tools::bm1684_codegen::foreign_files;
use quantization_tools::bm1684_isa::commands::{Streams, Traffic};
use quantization_tools::bm1684_isa::shape;
use quantization_tools::file_set::FileSet;
use quantization_tools_cli::cli::{self, Failure};

/// Of these flags exactly one must be given.
const TASKS: [&str; 7] = ["info", "print", "disassemble", "timeline", "extract", "combine", "run"];

/// Describe a bmodel, take it apart, combine several, or run one.
#[derive(Parser)]
#[command(name = "bm_model", version, max_term_width = 100)]
#[command(group = ArgGroup::new("task").required(true).args(TASKS))]
struct Arguments {
    /// Print what a bmodel holds: nets, stages, inputs, outputs, sizes; of BM1684's commands, how many are unlike all
    /// that the vendor's compiler emits
    #[arg(long, value_name = "BMODEL")]
    info: Option<PathBuf>,
    /// With --info, print the shapes of those commands, and where each is found first
    #[arg(short, long, conflicts_with_all = ["print", "disassemble", "timeline", "extract", "combine", "run"])]
    verbose: bool,
    /// Print all tables of a bmodel as JSON
    #[arg(long, value_name = "BMODEL")]
    print: Option<PathBuf>,
    /// Print the commands of a BM1684 bmodel as an assembly listing, and how many bytes they move
    #[arg(long, value_name = "BMODEL")]
    disassemble: Option<PathBuf>,
    /// Print how long a BM1684 bmodel takes by the vendor's estimates, how busy both engines are, and what each kind of
    /// command and each layer costs; the layers are those of a file that bmnetu or tpu-mlir wrote beside the bmodel. With
    /// the bmodel as a further argument, --timeline=FILE.json writes a trace for Perfetto or chrome://tracing,
    /// --timeline=FILE.svg a picture
    #[arg(long, value_name = "BMODEL", num_args = 0..=1, default_missing_value = "-")]
    timeline: Option<OsString>,
    /// Write each stage of each net to a file of its own in the current folder,
    /// bm_net0_stage0.bmodel and so on
    #[arg(long, value_name = "BMODEL")]
    extract: Option<PathBuf>,
    /// Join this bmodel and MORE; nets of the same name become stages of one net
    #[arg(long, value_name = "BMODEL", requires = "more")]
    combine: Option<PathBuf>,
    /// The other bmodels to combine; with --timeline=FILE, the bmodel
    #[arg(value_name = "MORE", conflicts_with_all = ["info", "print", "disassemble", "extract", "run"])]
    more: Vec<PathBuf>,
    /// Where the combined bmodel goes
    #[arg(long, value_name = "BMODEL", default_value = "bm_combined.bmodel")]
    o: PathBuf,
    /// Run a BM1684 bmodel on a simulator of the chip: the first stage whose inputs have the shapes of the arrays
    #[arg(long, value_name = "BMODEL", requires_all = ["input", "output"])]
    run: Option<PathBuf>,
    /// With --run, an .npz file with an array for each input, under its name, or an .npy file for the only one: integers
    /// of the input's own type, or real values
    #[arg(long, value_name = "FILE", requires = "run")]
    input: Option<PathBuf>,
    /// With --run, the .npz file to write: the outputs' real values in fp32
    #[arg(long, value_name = "NPZ", requires = "run")]
    output: Option<PathBuf>,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    if let Some(path) = &arguments.info {
        let model = read(path)?;
        cli::print(&bmodel::info(&model));
        if model.model.chip == "BM1684" {
            cli::print(&unseen(&model, arguments.verbose)?);
        }
        for file in foreign_files(path)? {
            cli::note!(
                "warning: {} is not what compilation.sha256 says: the bmodel and the files beside it are of two runs, \
                 run bmnetu again",
                file.display()
            );
        }
        cli::next!("bm_model --disassemble {}", cli::quoted(path));
    }
    if let Some(path) = &arguments.print {
        let model = read(path)?;
        cli::print(&format!("{}\n", serde_json::to_string_pretty(&model.model)?));
    }
    if let Some(path) = &arguments.disassemble {
        disassemble(&read(path)?)?;
    }
    if let Some(value) = &arguments.timeline {
        let value = if value == "-" { OsString::new() } else { value.clone() };
        let task = timeline::Task::new(&value, &arguments.more).unwrap_or_else(|text| {
            Arguments::command().error(ErrorKind::WrongNumberOfValues, text).exit()
        });
        let model = read(&task.bmodel)?;
        check_chip(&model)?;
        task.run(&model, stages(&model)?)?;
    }
    if let Some(path) = &arguments.extract {
        let stages = bmodel::extract(&read(path)?)?;
        let mut files = FileSet::new();
        for (name, stage) in &stages {
            files.add(name, &stage.to_bytes()?)?;
        }
        files.commit()?;
        for (name, _) in &stages {
            cli::say!("{name}");
        }
        if let Some((name, _)) = stages.first() {
            cli::next!("bm_model --info {name}");
        }
    }
    if let Some(first) = &arguments.combine {
        let models: Vec<Bmodel> =
            std::iter::once(first).chain(&arguments.more).map(read).collect::<Result<_, _>>()?;
        bmodel::combine(&models)?.write(&arguments.o)?;
        cli::wrote(&arguments.o);
        cli::next!("bm_model --info {}", cli::quoted(&arguments.o));
    }
    if let (Some(path), Some(input), Some(output)) =
        (&arguments.run, &arguments.input, &arguments.output)
    {
        run::run(&read(path)?, input, output)?;
    }
    Ok(())
}

/// How many commands have shapes that the vendor's compiler never emits, and these shapes if they are wanted.
fn unseen(model: &Bmodel, verbose: bool) -> Result<String, Failure> {
    let mut commands = 0;
    let mut counts: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (place, streams) in groups(model)? {
        commands += streams.tiu.len() + streams.gdma.len();
        for (text, group) in shape::unseen(&streams) {
            let first = format!("{place} {} command {}", group.engine, group.first);
            counts.entry(text).or_insert((0, first)).0 += group.count;
        }
    }
    let unseen: usize = counts.values().map(|(count, _)| count).sum();
    let mut text = format!(
        "{unseen} of {commands} commands have {} shapes that the vendor's compiler never emits\n",
        counts.len()
    );
    for (shape, (count, first)) in counts.iter().filter(|_| verbose) {
        text += &format!("  {count} × {shape}\n    first: {first}\n");
    }
    Ok(text)
}

/// The groups of every stage, and what it is called.
fn stages(model: &Bmodel) -> Result<Vec<(String, Vec<Streams>)>, Failure> {
    let mut stages = Vec::new();
    for net in &model.model.net {
        for (index, stage) in net.parameter.iter().flatten().enumerate() {
            let groups = stage.cmd_group.iter().flatten().map(|group| {
                let [tiu, gdma] = model.commands(group)?;
                Ok(Streams::decode(tiu, gdma)?)
            });
            let groups = groups.collect::<Result<Vec<_>, Failure>>()?;
            stages.push((format!("net {} stage {index}", net.name), groups));
        }
    }
    Ok(stages)
}

/// The commands of every group, and what it is called.
fn groups(model: &Bmodel) -> Result<Vec<(String, Streams)>, Failure> {
    let stages = stages(model)?.into_iter();
    let groups = stages.flat_map(|(name, groups)| {
        let named = groups.into_iter().enumerate();
        named.map(move |(index, group)| (format!("{name} group {index}"), group))
    });
    Ok(groups.collect())
}

/// Only BM1684's commands can be read.
fn check_chip(model: &Bmodel) -> Result<(), Failure> {
    match &model.model.chip {
        chip if chip == "BM1684" => Ok(()),
        chip => Err(format!("only BM1684's commands are known, not {chip}'s").into()),
    }
}

/// Prints the commands of every group, those of both engines merged in the order of their waits.
fn disassemble(model: &Bmodel) -> Result<(), Failure> {
    check_chip(model)?;
    for (name, streams) in groups(model)? {
        let Traffic { read, written, copied } = streams.traffic();
        cli::print(&format!(
            "; {name}\n; DDR traffic: {read} bytes read, {written} written, {copied} copied\n{streams}"
        ));
    }
    Ok(())
}

/// Reads a bmodel; coefficients that were changed are only reported, for there are tools that edit them.
fn read(path: &PathBuf) -> Result<Bmodel, Failure> {
    cli::repair([path])?;
    let model = Bmodel::read(path)?;
    if let Err(error) = model.check_coefficients() {
        cli::note!("warning: {}: {error}", path.display());
    }
    Ok(model)
}
