//! An int8 or fp32 net to a bmodel for BM1684, with reference data to compare the chip's results with.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod net;
mod refused;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, ValueEnum};
use quantization_tools::bm1684_codegen::{Cut, Optimization, Package, References};
use quantization_tools::file_set::FileSet;
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools_cli::cli::{self, Failure, StageShapes};

/// Compile a network, int8 or fp32, for BM1684.
///
/// Writes compilation.bmodel, io_info.json with the names, shapes, types and scales of inputs and outputs, and, for
/// comparing, random inputs (input_ref_data.dat) and what the net makes of them (output_ref_data.dat): plain N,C,H,W in
/// the bmodel's own types, tensors one after another, stage after stage. All files or none.
///
/// A net with layers that the chip cannot do is cut before them. NAME_host.prototxt has the rest; ufw run -bmodel
/// computes it.
#[derive(Parser)]
#[command(name = "bmnetu", version, max_term_width = 100)]
struct Arguments {
    /// The net: NAME_deploy_int8_unique_top.prototxt, with -prec=FP32 NAME_deploy_fp32_unique_top.prototxt
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its integers: NAME.int8umodel; with -prec=FP32 its weights
    #[arg(long, alias = "weights", value_name = "FILE")]
    weight: PathBuf,
    /// The net's name in the bmodel [default: the prototxt's]
    #[arg(long = "net_name", value_name = "NAME")]
    net_name: Option<String>,
    // No doc comment, because the brackets are no links.
    #[arg(
        long,
        value_name = "SHAPES",
        help = "Shapes of the inputs, as [1,3,224,224] or [[1,3,224,224],[1,1]]; several with commas between them \
                become stages of the bmodel [default: the prototxt's]"
    )]
    shapes: Option<StageShapes>,
    /// Images at a time, instead of the first size of each shape
    #[arg(long = "max_n", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_n: Option<u32>,
    /// Precision
    #[arg(long, value_enum, default_value_t = Precision::Int8)]
    prec: Precision,
    /// What to write: the bmodel, or the net itself as it would be compiled, a prototxt and a umodel
    #[arg(long, value_enum, default_value_t = Mode::Compile)]
    mode: Mode,
    /// Where the files go; made if it is not there
    #[arg(long, value_name = "FOLDER", default_value = "compilation")]
    outdir: PathBuf,
    /// The chip
    #[arg(long, default_value = "BM1684", value_parser = ["BM1684"])]
    target: String,
    /// Blobs that are to be the outputs, in this order, with commas between them; also blobs that layers read
    #[arg(long = "output_names", value_name = "NAMES", value_delimiter = ',')]
    output_names: Vec<String>,
    /// Inputs that the bmodel takes in fp32 and quantizes itself, with commas between them
    #[arg(long = "input_as_fp32", value_name = "NAMES", value_delimiter = ',')]
    input_as_fp32: Vec<String>,
    /// Outputs that the bmodel gives in fp32, with commas between them
    #[arg(long = "output_as_fp32", value_name = "NAMES", value_delimiter = ',')]
    output_as_fp32: Vec<String>,
    /// Stop at layers that the chip cannot do, instead of cutting the net before them
    #[arg(long = "no_cut", default_value_t = false, action = clap::ArgAction::Set)]
    no_cut: bool,
    /// Write the reference data
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
    cmp: bool,
    /// What the random inputs depend on
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How much to print: 0 a summary, 1 also every layer: where it runs, commands, bytes from and to DDR
    #[arg(long, short, default_value_t = 0)]
    v: u8,
    /// How much to do for speed: 0 layer by layer through DDR, 1 blobs stay in local memory where they fit, 2 also their
    /// layouts are chosen by the cycles that they cost
    #[arg(long, value_name = "LEVEL", default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=2))]
    opt: u8,
    #[command(flatten)]
    vendor: VendorFlags,
}

/// Flags of the vendor's tool that change nothing here.
#[derive(clap::Args)]
struct VendorFlags {
    /// Shapes that are chosen at run time; false is all there is: give -shapes for each size
    #[arg(long = "dyn", default_value_t = false, action = clap::ArgAction::Set)]
    dynamic: bool,
    /// Convolutions by Winograd's algorithm; without effect
    #[arg(long = "use_wino", default_value_t = false, action = clap::ArgAction::Set)]
    use_wino: bool,
    /// Data for the vendor's profiler; without effect
    #[arg(long = "enable_profile", default_value_t = false, action = clap::ArgAction::Set)]
    enable_profile: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Precision {
    #[value(name = "FP32")]
    Fp32,
    #[value(name = "INT8")]
    Int8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    #[value(name = "compile")]
    Compile,
    #[value(name = "GenUmodel")]
    GenUmodel,
}

impl VendorFlags {
    fn check(&self) -> Result<(), Failure> {
        if self.dynamic {
            return Err("-dyn=true: there are only programs for shapes that are known beforehand; give each of them, \
                        -shapes='[1,3,224,224],[4,3,224,224]'"
                .into());
        }
        for (given, flag) in [(self.use_wino, "use_wino"), (self.enable_profile, "enable_profile")]
        {
            if given {
                cli::note!("note: -{flag} has no effect");
            }
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    arguments.vendor.check()?;
    cli::repair([&arguments.model, &arguments.weight])?;
    let told = arguments.shapes.is_some() || arguments.max_n.is_some();
    let net = net::read(&arguments.model, &arguments.weight, arguments.prec)?;
    let net = net::with_ports(&net, &arguments)?;
    let stages = net::stages(&net, arguments.shapes.clone(), arguments.max_n)?;
    if arguments.mode == Mode::GenUmodel {
        return generate(&stages, &arguments);
    }
    let optimization = match arguments.opt {
        0 => Optimization::Layers,
        1 => Optimization::Groups,
        _ => Optimization::Search,
    };
    let (mut package, cuts) = if arguments.no_cut {
        let whole: Vec<Cut> = stages.iter().map(Cut::none).collect();
        Package::new(&whole, optimization).map(|package| (package, whole))
    } else {
        Package::build(&stages, optimization)
    }
    .map_err(|error| refused::explained(error, arguments.no_cut))?;
    if let Some(name) = &arguments.net_name {
        package.rename(name);
    } else if package.name().is_empty() {
        package.rename(&net::name_of(&arguments.model));
    }
    let references: Vec<References> = if arguments.cmp {
        cuts.iter().map(|cut| references(&cut.chip, arguments.seed)).collect::<Result<_, _>>()?
    } else {
        Vec::new()
    };
    let paths = package.write(&arguments.outdir, &references)?;
    if let Some(cut) = cuts.first() {
        refused::tell_cut(cut, &package, net.net().layers().len());
    }
    table::print(&package, &cuts, arguments.v);
    let batch = stages.iter().flat_map(|stage| {
        let graph = stage.net();
        graph.inputs().into_iter().filter_map(|id| graph.blob(id).shape.first().copied())
    });
    if let Some(batch @ 2..) = batch.max().filter(|_| !told) {
        cli::note!(
            "note: the bmodel takes {batch} images at a time, as the prototxt says; -max_n=1 makes one for single \
             images"
        );
    }
    for path in paths {
        cli::say!("{}", path.display());
    }
    next(&arguments.outdir, arguments.cmp, package.hosts.len());
    Ok(())
}

fn next(folder: &Path, references: bool, hosts: usize) {
    let bmodel = cli::quoted(folder.join("compilation.bmodel"));
    if references {
        cli::next!("bmrt_test --context_dir={}   (on the board)", cli::quoted(folder));
    } else {
        cli::next!("bmrt_test --bmodel={bmodel}   (on the board)");
    }
    if hosts > 0 && references {
        let outputs = cli::quoted(folder.join("output_ref_data.dat"));
        let stage = if hosts > 1 { " -stage=0" } else { "" };
        cli::next!("ufw run -bmodel={bmodel} -chip_outputs={outputs}{stage} -out=outputs.npz");
    }
}

/// Random inputs of the chip's part, and what it makes of them.
fn references(net: &QuantizedNet, seed: u64) -> Result<References, Failure> {
    let inputs = Random::new(seed).inputs(net);
    let given = inputs.iter().flat_map(|(_, value)| value.to_bytes()).collect();
    let outputs = Executor::quantized(Arc::new(net.clone()))?.outputs(inputs)?;
    Ok(References::new(given, outputs.iter().flat_map(Value::to_bytes).collect()))
}

/// `-mode=GenUmodel`: the net itself.
fn generate(stages: &[QuantizedNet], arguments: &Arguments) -> Result<(), Failure> {
    let [net] = stages else {
        return Err("-mode=GenUmodel writes a net of one shape: give one to -shapes".into());
    };
    let own = net.net().name().to_owned();
    let own = if own.is_empty() { net::name_of(&arguments.model) } else { own };
    let name = arguments.net_name.clone().unwrap_or(own).replace(['/', '\\'], "_");
    let (model, weights, kind) = match arguments.prec {
        Precision::Int8 => (net.to_parameter(), net.to_parameter_with_weights(), "int8umodel"),
        Precision::Fp32 => {
            let net = net.net();
            (net.to_parameter(), net.to_parameter_with_weights(), "fp32umodel")
        }
    };
    let folder = &arguments.outdir;
    let mut files = FileSet::in_folder(folder)?;
    let paths = [format!("{name}_bmnetu.prototxt"), format!("{name}_bmnetu.{kind}")]
        .map(|n| folder.join(n));
    files.add(&paths[0], model.to_text().as_bytes())?;
    files.add(&paths[1], &weights.to_bytes()?)?;
    files.commit()?;
    for path in &paths {
        cli::say!("{}", path.display());
    }
    let [model, weight] = paths.map(cli::quoted);
    let precision = if arguments.prec == Precision::Fp32 { " -prec=FP32" } else { "" };
    cli::next!("bmnetu -model={model} -weight={weight}{precision}");
    Ok(())
}
