//! The net that is compiled: from its files, with the outputs and shapes that were asked for.

use std::path::Path;

use quantization_tools::int8_calibration::prepare;
use quantization_tools::prelude::*;
use quantization_tools::umodel::{BlobId, DType, Error as ModelError, Shape};
use quantization_tools_cli::cli::{self, Failure, StageShapes};

use crate::{Arguments, Precision};

/// Reads the net.
pub(crate) fn read(
    model: &Path,
    weights: &Path,
    precision: Precision,
) -> Result<QuantizedNet, Failure> {
    let model = NetParameter::read(model)?;
    let weights = NetParameter::read(weights)?;
    match precision {
        Precision::Int8 => {
            let net = QuantizedNet::read(&model, &weights, Phase::Test, &NoSources);
            net.map_err(|error| with_remedy(error, "to compile it in fp32 as it is: -prec=FP32"))
        }
        Precision::Fp32 => {
            let net = Net::with_weights(&model, weights, Phase::Test, &NoSources);
            let net =
                net.map_err(|error| with_remedy(error, "to compile the int8 net: -prec=INT8"))?;
            Ok(QuantizedNet::from_float(prepare(&net)?)?)
        }
    }
}

/// What else can be done about weights of the other precision.
fn with_remedy(error: ModelError, remedy: &str) -> Failure {
    match error {
        ModelError::FloatWeights { .. } | ModelError::Int8Weights { .. } => {
            format!("{}; {remedy}", cli::one_line(&error)).into()
        }
        error => error.into(),
    }
}

/// The net with the outputs that were asked for, and with inputs and outputs in fp32.
pub(crate) fn with_ports(
    net: &QuantizedNet,
    arguments: &Arguments,
) -> Result<QuantizedNet, Failure> {
    let mut net = net.clone();
    let Arguments { output_names, input_as_fp32, output_as_fp32, .. } = arguments;
    if !output_names.is_empty() {
        for name in output_names {
            let channels = net.net().blob_id(name).and_then(|id| net.channels(id));
            if let Some(channels) = channels {
                let how = match (channels.are_scaled(), channels.are_sorted()) {
                    (true, true) => {
                        "each divided by a factor of its own and in another order, which"
                    }
                    (true, false) => "each divided by a factor of its own, which",
                    _ => "in another order, which",
                };
                cli::note!(
                    "warning: channels of the output {name} are {how} the int8umodel has as channel_factor and \
                     channel_order: calibrate with -equalize=false if its values are wanted"
                );
            }
        }
        net = net.with_outputs(&names(output_names))?;
    }
    let float = |net: &QuantizedNet, ids: Vec<BlobId>, flag: &str, asked: &[String]| {
        for id in ids {
            let name = &net.net().blob(id).name;
            if net.format(id).dtype == DType::F32 && asked.contains(name) {
                cli::note!("note: -{flag}={name} has no effect: it is fp32 already");
            }
        }
    };
    if !input_as_fp32.is_empty() {
        float(&net, net.net().inputs(), "input_as_fp32", input_as_fp32);
        net = net.with_float_inputs(&names(input_as_fp32))?;
    }
    if !output_as_fp32.is_empty() {
        float(&net, net.net().outputs(), "output_as_fp32", output_as_fp32);
        net = net.with_float_outputs(&names(output_as_fp32))?;
    }
    Ok(net)
}

fn names(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// The net for each of the shapes that were asked for.
pub(crate) fn stages(
    net: &QuantizedNet,
    shapes: Option<StageShapes>,
    images: Option<u32>,
) -> Result<Vec<QuantizedNet>, Failure> {
    let graph = net.net();
    let inputs = graph.inputs();
    let own = || inputs.iter().map(|&id| graph.blob(id).shape.clone()).collect();
    let mut stages: Vec<Vec<Shape>> = match shapes {
        Some(shapes) => shapes.stages(inputs.len())?,
        None => vec![own()],
    };
    if let Some(images) = images {
        if stages.len() > 1 {
            return Err(
                "-max_n goes with the shapes of one stage: say the batch of each in -shapes".into(),
            );
        }
        for size in stages.iter_mut().flatten().filter_map(|shape| shape.first_mut()) {
            *size = images as usize;
        }
    }
    for (index, stage) in stages.iter().enumerate() {
        if stages.iter().take(index).any(|other| other == stage) {
            return Err(format!(
                "-shapes has {stage:?} twice: the runtime tells stages by their shapes"
            )
            .into());
        }
    }
    let names: Vec<&str> = inputs.iter().map(|&id| graph.blob(id).name.as_str()).collect();
    let stage = |shapes: &Vec<Shape>| {
        let shapes: Vec<(&str, &[usize])> =
            names.iter().copied().zip(shapes.iter().map(Vec::as_slice)).collect();
        Ok(net.reshaped(&shapes)?)
    };
    stages.iter().map(stage).collect()
}

/// A name for a net whose prototxt has none: that of its file, without what calibration put behind it.
pub(crate) fn name_of(model: &Path) -> String {
    let stem = model.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_default();
    let ends = ["_deploy_int8_unique_top", "_deploy_fp32_unique_top"];
    let short = ends.iter().find_map(|end| stem.strip_suffix(end)).filter(|name| !name.is_empty());
    short.unwrap_or(&stem).to_owned()
}
