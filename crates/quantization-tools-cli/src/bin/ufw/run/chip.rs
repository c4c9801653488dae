//! `ufw run -bmodel`: what bmnetu left for the host.

use std::path::Path;
use std::sync::Arc;

use quantization_tools::bm1684_codegen::{
    HostInfo, IoInfo, StageInfo, TensorInfo, TensorType, foreign_files,
};
use quantization_tools::datum_store::read_file;
use quantization_tools::prelude::*;
use quantization_tools::uframework::HostPart;
use quantization_tools::umodel::{Blob, BlobId};
use quantization_tools_cli::cli::{self, Failure};

use super::inputs::Given;
use super::{Arguments, Results, ready};

/// Bytes of an io_info.json at most.
const MOST_INFO: u64 = 1 << 24;
/// Bytes of a chip's outputs at most.
const MOST_OUTPUTS: u64 = 1 << 32;

/// Values by name.
type Named = Vec<(String, Value)>;

/// The results of the whole net.
pub(super) fn results(arguments: &Arguments, bmodel: &Path) -> Result<Results, Failure> {
    cli::repair([bmodel])?;
    let path = bmodel.with_file_name("io_info.json");
    let text = read_file(&path, MOST_INFO).map_err(|error| {
        format!("cannot read {}, which bmnetu writes beside a bmodel: {error}", path.display())
    })?;
    let info = IoInfo::from_json(&String::from_utf8_lossy(&text))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    for file in foreign_files(bmodel)? {
        cli::note!(
            "warning: {} is not what compilation.sha256 says: the files are of two runs of bmnetu",
            file.display()
        );
    }
    let (stage, given) = match &arguments.chip_outputs {
        Some(outputs) => {
            let (stage, mut given) = from_file(&info, outputs, arguments.stage)?;
            if let (Some(input), Some(_)) = (&arguments.input, &stage.host) {
                given.extend(Given::read(input)?.arrays()?);
            }
            (stage, given)
        }
        None => stand_in(&info, arguments)?,
    };
    let values = match &stage.host {
        Some(host) => host_part(bmodel, host, stage)?.run(given.clone())?,
        None => given.iter().map(|(_, value)| value.clone()).collect(),
    };
    let tensors: Vec<&TensorInfo> =
        stage.host.iter().flat_map(|host| &host.outputs).chain(&stage.chip.outputs).collect();
    let real = |(name, value): (&String, Value)| {
        let scale = tensors.iter().find(|tensor| &tensor.name == name).map_or(1.0, |t| t.scale);
        (name.clone(), value.to_f32(scale))
    };
    let names: Vec<&String> = match &stage.host {
        Some(_) => stage.outputs.iter().collect(),
        None => given.iter().map(|(name, _)| name).collect(),
    };
    Ok(names.into_iter().zip(values).map(real).collect())
}

/// Reads the host's part.
fn host_part(bmodel: &Path, host: &HostInfo, stage: &StageInfo) -> Result<HostPart, Failure> {
    let model = NetParameter::read(bmodel.with_file_name(&host.prototxt))?;
    let weights = match &host.weights {
        Some(weights) => NetParameter::read(bmodel.with_file_name(weights))?,
        // All of it is fp32, and nothing was learnt.
        None => NetParameter::parse_text("")?,
    };
    let net = QuantizedNet::read(&model, &weights, Phase::Test, &NoSources)?;
    Ok(HostPart::new(Arc::new(net), stage.outputs.clone())?)
}

/// Where a stage's outputs stand in a file.
struct Found<'a> {
    stage: &'a StageInfo,
    start: u64,
    padded: bool,
}

/// The chip's outputs from a file of raw values, and the stage that they are of.
fn from_file<'a>(
    info: &'a IoInfo,
    path: &Path,
    wanted: Option<usize>,
) -> Result<(&'a StageInfo, Named), Failure> {
    let bytes = read_file(path, MOST_OUTPUTS)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if let Some(wanted) = wanted.filter(|&wanted| wanted >= info.stages.len()) {
        return Err(
            format!("there is no stage {wanted}: the bmodel has {}", info.stages.len()).into()
        );
    }
    let size = |stage: &StageInfo, padded| {
        let outputs = stage.chip.outputs.iter().map(|tensor| stored(tensor, padded));
        outputs.into_iter().try_fold(0u64, |all, bytes| all.checked_add(bytes?))
    };
    let length = bytes.len() as u64;
    let mut found = Vec::new();
    let mut start = Some(0u64);
    let exact = info.stages.iter().map(|stage| size(stage, false));
    let all = exact.clone().try_fold(0u64, |all, bytes| all.checked_add(bytes?));
    for (index, (stage, bytes)) in info.stages.iter().zip(exact).enumerate() {
        if wanted.is_none_or(|wanted| wanted == index) {
            let at = |start, padded| Found { stage, start, padded };
            if bytes == Some(length) {
                found.push(at(0, false));
            } else if size(stage, true) == Some(length) {
                found.push(at(0, true));
            } else if let (true, Some(start)) = (all == Some(length), start) {
                found.push(at(start, false));
            }
        }
        start = start.zip(bytes).and_then(|(start, bytes)| start.checked_add(bytes));
    }
    match &found[..] {
        [Found { stage, start, padded }] => {
            let mut rest = usize::try_from(*start).ok().and_then(|start| bytes.get(start..));
            let mut values = Vec::new();
            for tensor in &stage.chip.outputs {
                let (value, behind) =
                    rest.and_then(|bytes| take(tensor, bytes, *padded)).ok_or_else(|| {
                        format!("{}: output {:?} cannot be read", path.display(), tensor.name)
                    })?;
                values.push((tensor.name.clone(), value));
                rest = Some(behind);
            }
            Ok((stage, values))
        }
        [] => {
            let sizes = info.stages.iter().map(|stage| {
                let text = |size: Option<u64>| size.map_or("?".to_owned(), |size| size.to_string());
                match (text(size(stage, false)), text(size(stage, true))) {
                    (exact, padded) if exact == padded => exact,
                    (exact, padded) => {
                        format!("{exact} ({padded} with images in groups of four)")
                    }
                }
            });
            let sizes = sizes.collect::<Vec<_>>().join(", of the next stage ");
            Err(format!("{} has {length} bytes, the chip's outputs have {sizes}", path.display())
                .into())
        }
        several => Err(format!(
            "{} can be the outputs of {} stages: say which by -stage",
            path.display(),
            several.len()
        )
        .into()),
    }
}

/// Bytes of a tensor in a file; runtimes pad images of 8 bits to groups of four.
fn stored(tensor: &TensorInfo, padded: bool) -> Option<u64> {
    let bytes = tensor.bytes()?;
    let images = tensor.shape.first().copied().unwrap_or(1) as u64;
    match tensor.dtype {
        TensorType::Int8 | TensorType::Uint8 if padded => {
            (bytes / images.max(1)).checked_mul(images.checked_next_multiple_of(4)?)
        }
        TensorType::Float32 | TensorType::Int8 | TensorType::Uint8 => Some(bytes),
    }
}

/// The next tensor, and what is behind it.
fn take<'a>(tensor: &TensorInfo, bytes: &'a [u8], padded: bool) -> Option<(Value, &'a [u8])> {
    let values = bytes.get(..usize::try_from(tensor.bytes()?).ok()?)?;
    let behind = bytes.get(usize::try_from(stored(tensor, padded)?).ok()?..)?;
    Some((Value::from_bytes(tensor.dtype.dtype(), &tensor.shape, values)?, behind))
}

/// The chip's outputs as the net computes them.
fn stand_in<'a>(
    info: &'a IoInfo,
    arguments: &Arguments,
) -> Result<(&'a StageInfo, Named), Failure> {
    let (executor, sources) = ready(arguments, true)?;
    let net = executor.net();
    let fits = |tensor: &TensorInfo| {
        let id = net.blob_id(&tensor.name);
        id.is_some_and(|id| net.blob(id).shape == tensor.shape)
    };
    let stage = info.stages.iter().find(|stage| stage.chip.inputs.iter().all(fits));
    let stage = stage.ok_or_else(|| {
        let shapes: Vec<String> = net
            .inputs()
            .into_iter()
            .map(|id| format!("{:?} {}", net.blob(id).name, cli::shape_text(&net.blob(id).shape)))
            .collect();
        format!("the bmodel has no stage for inputs {}", shapes.join(", "))
    })?;
    let wanted = stage.chip.outputs.iter().map(|tensor| {
        net.blob_id(&tensor.name).ok_or_else(|| {
            format!(
                "the net has no blob {:?}, which the bmodel gives: it is made of another net",
                tensor.name
            )
        })
    });
    let wanted: Vec<BlobId> = wanted.collect::<Result<_, _>>()?;
    let mut given: Vec<(String, Value)> = Vec::new();
    for (id, value) in &sources {
        given.push((net.blob(*id).name.clone(), value.clone()));
    }
    let mut found: Vec<Option<Value>> = vec![None; wanted.len()];
    let mut tap = |id: BlobId, _: &Blob, value: &Value| {
        for (slot, _) in found.iter_mut().zip(&wanted).filter(|(_, want)| **want == id) {
            *slot = Some(value.clone());
        }
    };
    executor.forward(&mut Workspace::default(), sources.clone(), &mut tap)?;
    let mut chip = Vec::new();
    for ((tensor, value), &id) in stage.chip.outputs.iter().zip(found).zip(&wanted) {
        let value = value.ok_or_else(|| format!("blob {:?} was not computed", tensor.name))?;
        let value = match (value, tensor.dtype) {
            // -output_as_fp32: the chip's last layer is a cast.
            (value @ (Value::I8(_) | Value::U8(_)), TensorType::Float32) => {
                Value::F32(value.to_f32(executor.format(id).scale))
            }
            (value, _) => value,
        };
        if value.dtype() != tensor.dtype.dtype() {
            let name = &tensor.name;
            return Err(format!(
                "blob {name:?} of the net is not what the bmodel gives: it is made of another net"
            )
            .into());
        }
        chip.push((tensor.name.clone(), value));
    }
    if stage.host.is_some() {
        chip.extend(given);
    }
    Ok((stage, chip))
}
