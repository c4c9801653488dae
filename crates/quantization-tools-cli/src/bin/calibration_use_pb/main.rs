//! An fp32 net and pictures to an int8 net: five files beside the weights.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod check;
mod passes;
mod vendor_flags;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, ValueEnum};
use quantization_tools::bm1684_codegen::unplaced;
use quantization_tools::file_set::FileSet;
use quantization_tools::int8_calibration::{
    BiasLoss, FloatLayer, Keep, Search, Sensitivity, Target, prepare,
};
use quantization_tools::prelude::*;
use quantization_tools_cli::cli::{self, DataFlags, Failure};

use check::check;
use passes::Passes;
use vendor_flags::VendorFlags;

/// Quantize a network to int8.
///
/// Writes NAME.int8umodel and NAME_{deploy,test}_{fp32,int8}_unique_top.prototxt beside the
/// weights, NAME being the weights' file name without its extension. All five or none.
#[derive(Parser)]
#[command(name = "calibration_use_pb", version, max_term_width = 100)]
struct Arguments {
    /// What to do
    #[arg(value_enum)]
    mode: Mode,
    /// The net: a prototxt with a Data layer
    #[arg(long, value_name = "PROTOTXT")]
    model: PathBuf,
    /// Its weights: an fp32umodel or a caffemodel
    #[arg(long, value_name = "FILE")]
    weights: PathBuf,
    /// Passes over the Data layer, one batch each
    #[arg(long, default_value_t = 200, value_parser = cli::iterations())]
    iterations: usize,
    /// The result's type
    #[arg(long, default_value = "TO_INT8", value_parser = ["TO_INT8"])]
    bitwidth: String,
    /// How thresholds are chosen; PERCENTILE with any digits behind the 0., as PERCENTILE99999; AUTO tries several for
    /// each blob and takes a run of the net for each [default: MSE, KL with -vendor_rules=true]
    #[arg(long = "th_method", value_parser = Methods)]
    th_method: Option<Method>,
    /// How many seconds -th_method=AUTO may search
    #[arg(long = "auto_seconds", value_name = "SECONDS", default_value_t = 600)]
    auto_seconds: u64,
    /// Spend commands on accuracy: split depthwise convolutions
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
    recover: bool,
    /// Keep to the published rules of the vendor's compiler: one right shift for each layer, which may clip 3 % of its
    /// biases to 16 bits, weights rounded to the nearest
    #[arg(long = "vendor_rules", default_value_t = false, action = clap::ArgAction::Set)]
    vendor_rules: bool,
    /// Give each channel a factor of its own, taken up by the weights around it: free on the chip, and a second pass
    /// over the pictures [default: true, false with -vendor_rules=true]
    #[arg(long, action = clap::ArgAction::Set)]
    equalize: Option<bool>,
    /// Choose weights and biases by regression on the integers that layers really read: free on the chip, and takes time
    /// [default: true, false with -vendor_rules=true]
    #[arg(long, action = clap::ArgAction::Set)]
    regress: Option<bool>,
    /// Layers that stay in fp32 with all in front of them: names or patterns (* ? [a-c]), separated by commas
    #[arg(long = "fpfwd_inputs", value_name = "LAYERS", value_delimiter = ',')]
    fpfwd_inputs: Vec<String>,
    /// Layers that stay in fp32 with all behind them
    #[arg(long = "fpfwd_outputs", value_name = "LAYERS", value_delimiter = ',')]
    fpfwd_outputs: Vec<String>,
    /// Layers that stay in fp32 with what follows, up to the next layer that multiplies by weights
    #[arg(long = "fpfwd_blocks", value_name = "LAYERS", value_delimiter = ',')]
    fpfwd_blocks: Vec<String>,
    /// Keep so many layers in fp32, those that cost the outputs most, and list what each costs; 0 only lists them
    #[arg(long = "fp32_layers", value_name = "N", group = "aim")]
    fp32_layers: Option<usize>,
    /// Keep as few layers in fp32 as the outputs need for this cosine, on pictures held out of the calibration; takes a
    /// calibration for each number that is tried
    #[arg(long = "target_cosine", value_name = "COSINE", group = "aim", value_parser = share)]
    target_cosine: Option<f64>,
    /// Likewise for this share of pictures, from 0 to 1, whose best class is that of fp32
    #[arg(long = "target_top1", value_name = "SHARE", group = "aim", value_parser = share)]
    target_top1: Option<f64>,
    /// The phase of the net whose database has the pictures
    #[arg(long, default_value = "TEST", value_parser = ["TEST", "TRAIN"])]
    phase: String,
    #[command(flatten)]
    vendor: VendorFlags,
    #[command(flatten)]
    data: DataFlags,
}

/// Reads a number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

/// Reads the name of a method. The help lists those that have one name.
#[derive(Clone)]
struct Methods;

impl TypedValueParser for Methods {
    type Value = Method;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Method, clap::Error> {
        match value.to_str().map(str::parse) {
            Some(Ok(method)) => Ok(method),
            _ => PossibleValuesParser::new(Method::NAMES)
                .parse_ref(command, argument, value)
                .and_then(|_| Err(clap::Error::new(clap::error::ErrorKind::InvalidValue))),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Method::NAMES.into_iter().map(PossibleValue::new)))
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Calibrate and write the files
    Release,
    /// The same
    Quantize,
    /// Only write the fp32 net in the form that is calibrated: WEIGHTS_optimized and MODEL_optimized
    #[value(name = "graph_transform")]
    GraphTransform,
}

fn main() -> ExitCode {
    cli::main(run)
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { mode, model, weights, .. } = &arguments;
    arguments.vendor.check()?;
    let data = data_flags(&arguments)?;
    let net = cli::read_net(model, weights, &data)?;
    if let Mode::GraphTransform = mode {
        return graph_transform(&net, model, weights);
    }
    let mut options = Options::default()
        .iterations(arguments.iterations)
        .recover(arguments.recover)
        .vendor_rules(arguments.vendor_rules);
    options.method = arguments.th_method.unwrap_or(options.method);
    options.search_time = Duration::from_secs(arguments.auto_seconds);
    options.equalize = arguments.equalize.unwrap_or(options.equalize);
    options.regress = arguments.regress.unwrap_or(options.regress);
    let layers = arguments.fp32_layers.map(Target::FloatLayers);
    let cosine = arguments.target_cosine.map(Target::Cosine);
    options.target = layers.or(cosine).or(arguments.target_top1.map(Target::SameBest));
    for (keep, layers) in [
        (Keep::Inputs, &arguments.fpfwd_inputs),
        (Keep::Outputs, &arguments.fpfwd_outputs),
        (Keep::Blocks, &arguments.fpfwd_blocks),
    ] {
        // An empty list, as scripts write it for none.
        for layer in layers.iter().filter(|layer| !layer.is_empty()) {
            options = options.keep(keep, layer);
        }
    }
    if let Some(source) = cli::source(&net.to_parameter(), Phase::Test) {
        cli::say!("calibrating with {source}, {} batches", options.iterations);
    }
    cli::note_repeats(&net, options.iterations)?;
    let passes = Passes::default();
    let calibration = calibrate(&arguments.vendor.applied(&net)?, &options, |at| passes.at(at))?;
    drop(passes);
    let quantized = &calibration.quantized;
    if let Some(Search { groups, tried, method, changed, before, after, .. }) = &calibration.search
    {
        cli::say!(
            "AUTO: {method} for all blobs but those of {changed} of {groups} scales; outputs on pictures held out: \
             {before:.1} dB before, {after:.1} dB after"
        );
        if tried < groups {
            let seconds = arguments.auto_seconds;
            cli::note!(
                "note: -auto_seconds={seconds} ended the search when {tried} of {groups} scales were tried"
            );
        }
    }
    for Sensitivity { layer, kind, sqnr } in &calibration.sensitivities {
        cli::say!("  alone in int8: {layer} ({kind}) leaves the outputs {sqnr:.1} dB");
    }
    if let Some(reached) = calibration.reached {
        cli::say!("reached on pictures held out: {reached:.6}");
    }
    let files = OutputFiles::beside(weights);
    files.write(&net, quantized)?;
    if options.recover && calibration.split == 0 {
        cli::note!(
            "-recover=true changed nothing: no depthwise convolution needs shifts for parts of it"
        );
    }
    let (layers, floats) = (quantized.net().layers(), &calibration.float_layers);
    cli::say!("{} layers, {} of them in fp32", layers.len(), floats.len());
    let deployed = quantized.deploy()?;
    let unplaced = unplaced(&deployed);
    for FloatLayer { name, op, reason, deployed, .. } in floats {
        let then = match (deployed, unplaced.iter().any(|layer| layer.layer == *name)) {
            (false, _) => "only in the test net",
            (true, false) => "BM1684 computes it in fp32",
            (true, true) => "bmnetu leaves it, and what follows it, to the host",
        };
        cli::say!("  fp32: {name} ({}): {reason}; {then}", op.kind());
    }
    for BiasLoss { layer, kind, bits, shifts, of, .. } in calibration.bias_losses() {
        cli::say!(
            "  bias: {layer} ({kind}): weight bits lost to biases of 16 bits: {bits}, in {shifts} of {of} shifts"
        );
    }
    for layer in calibration.idle_thresholds() {
        cli::note!(
            "note: th_strategy, threshold and th_scale of layer {layer} change nothing: its tops stay fp32"
        );
    }
    if let [first, rest @ ..] = &calibration.zero_blobs()[..] {
        let more =
            if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        cli::note!(
            "warning: blob {first}{more} was 0 in every picture, so that its threshold means nothing: look at \
             transform_param, the pictures and the weights"
        );
    }
    check(net, calibration.quantized, deployed.net(), options.iterations)?;
    for file in files.all() {
        cli::say!("{}", file.display());
    }
    let [model, weights] = [&files.test_int8, &files.int8umodel].map(cli::quoted);
    cli::next!("ufw test_int8 -model={model} -weights={weights}");
    Ok(())
}

/// What stands in for fields of the Data layer: the database of the TRAIN phase, too, if that was asked for.
fn data_flags(arguments: &Arguments) -> Result<DataFlags, Failure> {
    let mut data = arguments.data.clone();
    if arguments.phase == "TRAIN" && data.source.is_none() {
        let source = cli::source(&NetParameter::read(&arguments.model)?, Phase::Train);
        let missing = "-phase=TRAIN: no layer of this phase, or more than one, names a database";
        data.source = Some(source.ok_or(missing)?);
    }
    Ok(data)
}

/// Writes the net as it is calibrated: identities removed, BatchNorm and Scale folded.
fn graph_transform(net: &Net, model: &Path, weights: &Path) -> Result<(), Failure> {
    let prepared = prepare(net)?;
    let beside = |file: &Path| {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push("_optimized");
        file.with_file_name(name)
    };
    let (model, weights) = (beside(model), beside(weights));
    let mut files = FileSet::new();
    files.add(&model, prepared.to_parameter().to_text().as_bytes())?;
    files.add(&weights, &prepared.to_parameter_with_weights().to_bytes()?)?;
    files.commit()?;
    for file in [&model, &weights] {
        cli::say!("{}", file.display());
    }
    let [model, weights] = [&model, &weights].map(cli::quoted);
    cli::next!("calibration_use_pb release -model={model} -weights={weights}");
    Ok(())
}
