use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use ndarray::ArrayD;
use uframework::{Executor, Value, Workspace};
use umodel::Net;
use umodel_import::TensorBlob;

use super::{Failure, read_npz, say};

/// The largest difference that counts as equal, relative to a tensor's largest value.
const BOUND: f32 = 1e-4;

/// How a net's tensors compare with those that another framework computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// How many tensors were compared.
    pub compared: usize,
    /// The largest relative difference, and the tensor.
    pub worst: (f32, String),
    /// The first tensor, in execution order, that differs by more than 1e-4.
    pub first: Option<(f32, String)>,
}

/// Runs a net on the recorded inputs and compares every recorded tensor, one after the other in execution
/// order. `node` and `node:0` are the same name.
///
/// # Errors
/// If the file cannot be read, lacks an input or has none of the tensors, and if a shape is wrong.
pub fn compare(
    net: &Net,
    inputs: &[TensorBlob],
    tensors: &[TensorBlob],
    recorded: &Path,
) -> Result<Comparison, Failure> {
    let plain = |name: &str| name.strip_suffix(":0").unwrap_or(name).to_owned();
    let recorded: HashMap<String, ArrayD<f32>> =
        read_npz(recorded)?.into_iter().map(|(name, array)| (plain(&name), array)).collect();
    let shape = |tensor: &TensorBlob, found: &[usize]| {
        format!(
            "tensor {:?} was recorded as {found:?}, the net has {:?}",
            tensor.tensor, tensor.shape
        )
    };
    let mut sources = Vec::new();
    for input in inputs {
        let array = recorded.get(&plain(&input.tensor));
        let array =
            array.ok_or_else(|| no_input(&input.tensor, recorded.keys().map(String::as_str)))?;
        let blob = input.to_blob(array).ok_or_else(|| shape(input, array.shape()))?;
        let id = net.blob_id(&input.blob).ok_or_else(|| format!("no blob {:?}", input.blob))?;
        sources.push((id, Value::F32(blob)));
    }
    let mut blobs = HashMap::new();
    let wanted: HashSet<&str> = tensors
        .iter()
        .filter(|tensor| recorded.contains_key(&plain(&tensor.tensor)))
        .map(|tensor| tensor.blob.as_str())
        .collect();
    let mut tap = |_, blob: &umodel::Blob, value: &Value| {
        if wanted.contains(blob.name.as_str()) {
            blobs.insert(blob.name.clone(), value.to_f32(1.0));
        }
    };
    Executor::new(Arc::new(net.clone()))?.forward(&mut Workspace::default(), sources, &mut tap)?;
    let is_input = |tensor: &TensorBlob| inputs.iter().any(|input| input.tensor == tensor.tensor);
    let mut comparison = Comparison::default();
    for tensor in tensors.iter().filter(|tensor| !is_input(tensor)) {
        let expected = recorded.get(&plain(&tensor.tensor));
        let (Some(expected), Some(blob)) = (expected, blobs.get(&tensor.blob)) else { continue };
        let found = tensor.from_blob(blob).filter(|found| found.shape() == expected.shape());
        let found = found.ok_or_else(|| shape(tensor, expected.shape()))?;
        let error = relative_error(&found, expected);
        comparison.compared += 1;
        if error > BOUND && comparison.first.is_none() {
            comparison.first = Some((error, tensor.tensor.clone()));
        }
        if error > comparison.worst.0 {
            comparison.worst = (error, tensor.tensor.clone());
        }
    }
    if comparison.compared == 0 {
        let ours = tensors.iter().map(|tensor| tensor.tensor.as_str());
        return Err(no_match(recorded.keys().map(String::as_str), ours).into());
    }
    Ok(comparison)
}

fn no_input<'a>(input: &str, recorded: impl Iterator<Item = &'a str>) -> String {
    format!("no recorded values of input {input:?}; the file has {}", some(recorded))
}

fn no_match<'a>(
    recorded: impl Iterator<Item = &'a str>,
    ours: impl Iterator<Item = &'a str>,
) -> String {
    format!(
        "none of the recorded tensors is one of the net's: the file has {}, the net {}; name the arrays after the \
         net's tensors, as in numpy.savez(FILE, **{{NAME: array}})",
        some(recorded),
        some(ours)
    )
}

/// A few names, and how many more there are.
fn some<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const MOST: usize = 4;
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let listed: Vec<String> = names.iter().take(MOST).map(|name| format!("{name:?}")).collect();
    match (names.len(), names.len().saturating_sub(MOST)) {
        (0, _) => "no names".to_owned(),
        (_, 0) => listed.join(", "),
        (_, more) => format!("{} and {more} more", listed.join(", ")),
    }
}

/// Prints a comparison; a tensor that differs is an error.
///
/// # Errors
/// Names the first tensor that differs.
pub(super) fn print(comparison: &Comparison) -> Result<(), Failure> {
    let Comparison { compared, worst: (error, tensor), first } = comparison;
    say!("{compared} tensors compared, largest relative difference {error:e} ({tensor})");
    match first {
        None => Ok(()),
        Some((error, tensor)) => Err(format!(
            "tensor {tensor:?} is the first to differ, by {error:e} of its largest value"
        )
        .into()),
    }
}

/// The largest difference, relative to the largest expected value; infinite for values that are no numbers.
fn relative_error(found: &ArrayD<f32>, expected: &ArrayD<f32>) -> f32 {
    if found.iter().chain(expected).any(|value| value.is_nan()) {
        return f32::INFINITY;
    }
    let largest = expected.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest
}
