//! What a net was compiled to.

use quantization_tools::bm1684_codegen::{
    Cut, LayerCost, Package, Place, Program, TensorInfo, TensorType,
};
use quantization_tools::bm1684_isa::commands::Traffic;
use quantization_tools_cli::cli;

/// Prints inputs, outputs and sizes of each stage; of each layer, too, if asked for.
pub(crate) fn print(package: &Package, cuts: &[Cut], verbosity: u8) {
    let info = package.info();
    let stages = package.programs.iter().zip(cuts).zip(&info.stages).enumerate();
    for (index, ((program, cut), stage)) in stages {
        if package.programs.len() > 1 {
            cli::say!("stage {index}");
        }
        if verbosity > 0 {
            layers(program, cut);
        }
        stage.chip.inputs.iter().for_each(|input| tensor("input", input));
        stage.chip.outputs.iter().for_each(|output| tensor("output", output));
        if let Some(host) = &stage.host {
            host.inputs.iter().for_each(|input| tensor("host input", input));
            host.outputs.iter().for_each(|output| tensor("host output", output));
        }
        sizes(program);
    }
}

fn tensor(what: &str, tensor: &TensorInfo) {
    let kind = match tensor.dtype {
        TensorType::Float32 => "float32",
        TensorType::Int8 => "int8",
        TensorType::Uint8 => "uint8",
    };
    let TensorInfo { name, shape, scale, .. } = tensor;
    cli::say!("{what} {name}: {shape:?} {kind}, step {scale}");
}

/// A row for each layer of both parts.
fn layers(program: &Program, cut: &Cut) {
    cli::say!(
        "{:24} {:16} {:8} {:>8} {:>8} {:>12}",
        "layer",
        "type",
        "where",
        "TIU",
        "GDMA",
        "DDR bytes"
    );
    for LayerCost { layer, kind, place, tiu, gdma, traffic, .. } in &program.costs {
        let Traffic { read, written, copied } = traffic;
        let bytes = read.saturating_add(*written).saturating_add(*copied);
        cli::say!("{layer:24} {kind:16} {place:8} {tiu:8} {gdma:8} {bytes:12}");
    }
    let Some(host) = &cut.host else { return };
    for layer in host.net().layers().iter().filter(|layer| cut.on_host.contains(&layer.name)) {
        let reason = cut.unplaced.iter().find(|unplaced| unplaced.layer == layer.name);
        let reason = reason.map_or_else(
            || "depends on one that the host computes, or only serves such".to_owned(),
            |unplaced| unplaced.reason.to_string(),
        );
        cli::say!("{:24} {:16} {:8} {reason}", layer.name, layer.op.kind(), Place::Host);
    }
}

fn sizes(program: &Program) {
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
