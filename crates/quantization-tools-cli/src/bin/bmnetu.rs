//! An int8 net to a bmodel for BM1684, with reference data to compare the chip's results with.

#![deny(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use quantization_tools::bm1684_codegen::{Port, Program, References};
use quantization_tools::bm1684_isa::commands::Traffic;
use quantization_tools::prelude::*;
use quantization_tools::uframework::Random;
use quantization_tools::umodel::DType;
use quantization_tools::umodel_import::convert::Shapes;
use quantization_tools_cli::cli::{self, Failure};

/// Compile an int8 network for BM1684.
///
/// Writes compilation.bmodel, and, for comparing, random inputs (input_ref_data.dat) and what the
/// int8 net makes of them (output_ref_data.dat): plain N,C,H,W in the bmodel's own types, tensors one
/// after another. All files or none.
#[derive(Parser)]
#[command(name = "bmnetu", version, max_term_width = 100)]
struct Arguments {
    /// The net: NAME_deploy_int8_unique_top.prototxt
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its integers: NAME.int8umodel
    #[arg(long, alias = "weights", value_name = "FILE")]
    weight: PathBuf,
    /// The net's name in the bmodel [default: the prototxt's]
    #[arg(long = "net_name", value_name = "NAME")]
    net_name: Option<String>,
    // No doc comment, because the brackets are no links.
    #[arg(
        long,
        value_name = "SHAPES",
        help = "Shapes of the inputs, as [1,3,224,224] or [[1,3,224,224],[1,1]] \
                [default: the prototxt's]"
    )]
    shapes: Option<Shapes>,
    /// Images at a time, instead of the first size of each shape
    #[arg(long = "max_n", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_n: Option<u32>,
    /// Precision
    #[arg(long, default_value = "INT8", value_parser = ["INT8"])]
    prec: String,
    /// Where the files go; made if it is not there
    #[arg(long, value_name = "FOLDER", default_value = "compilation")]
    outdir: PathBuf,
    /// The chip
    #[arg(long, default_value = "BM1684", value_parser = ["BM1684"])]
    target: String,
    /// Write the reference data
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
    cmp: bool,
    /// What the random inputs depend on
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How much to print: 0 a summary, 1 also every layer
    #[arg(long, short, default_value_t = 0)]
    v: u8,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    cli::repair([&arguments.model, &arguments.weight])?;
    let mut model = NetParameter::read(&arguments.model)?;
    let weights = NetParameter::read(&arguments.weight)?;
    let told = arguments.shapes.is_some() || arguments.max_n.is_some();
    let mut shapes = arguments.shapes.map_or_else(|| model.input_shapes(), |shapes| shapes.0);
    if let Some(images) = arguments.max_n {
        for size in shapes.iter_mut().filter_map(|shape| shape.first_mut()) {
            *size = images as usize;
        }
    }
    model.set_input_shapes(&shapes)?;
    let net = Arc::new(QuantizedNet::read(&model, &weights, Phase::Test, &NoSources)?);
    let mut program = compile(&net)?;
    if let Some(name) = arguments.net_name {
        program.name = name;
    }

    let references = arguments.cmp.then(|| references(&net, arguments.seed)).transpose()?;
    let paths = program.write(&arguments.outdir, references.as_ref())?;
    print(&program, arguments.v);
    let batch = program.inputs.iter().filter_map(|input| input.shape.first()).max();
    if let Some(batch @ 2..) = batch.filter(|_| !told) {
        cli::note!(
            "note: the bmodel takes {batch} images at a time, as the prototxt says; -max_n=1 makes one for single \
             images"
        );
    }
    for path in paths {
        cli::say!("{}", path.display());
    }
    let folder = cli::quoted(&arguments.outdir);
    if arguments.cmp {
        cli::next!("bmrt_test --context_dir={folder}   (on the board)");
    } else {
        let file = cli::quoted(arguments.outdir.join("compilation.bmodel"));
        cli::next!("bmrt_test --bmodel={file}   (on the board)");
    }
    Ok(())
}

/// Random inputs, and what the int8 net makes of them.
fn references(net: &Arc<QuantizedNet>, seed: u64) -> Result<References, Failure> {
    let inputs = Random::new(seed).inputs(net);
    let given = inputs.iter().flat_map(|(_, value)| value.to_bytes()).collect();
    let outputs = Executor::quantized(net.clone())?.outputs(inputs)?;
    Ok(References::new(given, outputs.iter().flat_map(Value::to_bytes).collect()))
}

fn print(program: &Program, verbosity: u8) {
    if verbosity > 0 {
        for cost in &program.costs {
            let (layer, kind) = (&cost.layer, cost.kind);
            cli::say!("{layer:24} {kind:16} {:6} TIU {:6} GDMA commands", cost.tiu, cost.gdma);
        }
    }
    let port = |what: &str, port: &Port| {
        let kind = match port.format.dtype {
            DType::F32 => "float32",
            DType::I8 => "int8",
            DType::U8 => "uint8",
        };
        cli::say!("{what} {}: {:?} {kind}, step {}", port.name, port.shape, port.format.scale);
    };
    program.inputs.iter().for_each(|input| port("input", input));
    program.outputs.iter().for_each(|output| port("output", output));
    let tiu: usize = program.groups.iter().map(|group| group.tiu.len()).sum();
    let gdma: usize = program.groups.iter().map(|group| group.gdma.len()).sum();
    let Traffic { read, written, copied } = program.traffic();
    cli::say!("{tiu} TIU and {gdma} GDMA commands in {} group(s)", program.groups.len());
    cli::say!(
        "coefficients: {} bytes, blobs: {} bytes",
        program.coefficients.len(),
        program.context_bytes
    );
    cli::say!("DDR traffic: {read} bytes read, {written} written, {copied} copied");
}
