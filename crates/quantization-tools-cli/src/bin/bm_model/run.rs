//! `bm_model --run`: a program on the simulator of the chip.

use std::path::Path;

use bmodel::{Bmodel, DataType};
use quantization_tools::bm1684_sim::{Program, Tensor};
use quantization_tools::file_set::{FileSet, is_stream};
use quantization_tools::ndarray::{ArrayD, IxDyn};
use quantization_tools_cli::cli::{self, Failure, Join, Npy, NpyKind, NpzWriter, shape_text};

type Arrays = Vec<(String, Npy)>;

/// Runs the stage whose inputs have the names and shapes of the arrays.
pub(crate) fn run(model: &Bmodel, input: &Path, output: &Path) -> Result<(), Failure> {
    let arrays = cli::read_arrays(input)?;
    let of_file = |problem: String| format!("{}: {problem}", input.display());
    let program = choose(model, &arrays).map_err(of_file)?;
    let values = program.inputs.iter().map(|tensor| {
        let array = find(tensor, &program, &arrays)
            .ok_or_else(|| of_file(format!("it has no array {:?}", tensor.name)))?;
        bytes(tensor, array).map_err(of_file)
    });
    let values: Vec<Vec<u8>> = values.collect::<Result<_, _>>()?;
    let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    let results = program.run(&values)?;

    let mut files = FileSet::new();
    let mut npz = NpzWriter::new(&mut files, output, Join::Append)?;
    for (tensor, bytes) in program.outputs.iter().zip(&results) {
        npz.push(&mut files, &tensor.name, &numbers(tensor, bytes)?)?;
    }
    npz.finish(&mut files)?;
    files.commit()?;
    // The archive itself may go to the standard output.
    if !is_stream(output) {
        cli::wrote(output);
    }
    Ok(())
}

/// The array of an input: of its name, or the only one there is for the only input.
fn find<'a>(tensor: &Tensor, program: &Program, arrays: &'a Arrays) -> Option<&'a Npy> {
    if let ([only], 1) = (&arrays[..], program.inputs.len()) {
        return Some(&only.1);
    }
    arrays.iter().find(|(name, _)| *name == tensor.name).map(|(_, array)| array)
}

/// The first stage of a net that has inputs of these shapes.
fn choose(model: &Bmodel, arrays: &Arrays) -> Result<Program, String> {
    let mut others = Vec::new();
    let mut failed = None;
    for (net_index, net) in model.model.net.iter().enumerate() {
        for stage in 0..net.parameter.as_deref().unwrap_or_default().len() {
            let program = match Program::load(model, net_index, stage) {
                Ok(program) => program.lenient(),
                Err(error) => {
                    failed.get_or_insert(cli::one_line(&error));
                    continue;
                }
            };
            let fits = |tensor: &Tensor| {
                find(tensor, &program, arrays)
                    .is_some_and(|array| array.values.shape() == tensor.shape)
            };
            if program.inputs.iter().all(fits) {
                return Ok(program);
            }
            let inputs = program.inputs.iter();
            let inputs =
                inputs.map(|tensor| format!("{:?} {}", tensor.name, shape_text(&tensor.shape)));
            others.push(inputs.collect::<Vec<_>>().join(", "));
        }
    }
    let given: Vec<String> = arrays
        .iter()
        .map(|(name, array)| format!("{name:?} {}", shape_text(array.values.shape())))
        .collect();
    match (others.is_empty(), failed) {
        (true, Some(error)) => Err(error),
        (true, None) => Err("the bmodel has no net".to_owned()),
        (false, _) => Err(format!(
            "the program's inputs are {}; the arrays are {}",
            others.join(", or "),
            given.join(", ")
        )),
    }
}

/// An input's bytes: integers of its own type as they are, other numbers rounded to its steps.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the numbers are clipped to the type"
)]
fn bytes(tensor: &Tensor, Npy { values, kind }: &Npy) -> Result<Vec<u8>, String> {
    let same = matches!(
        (tensor.data_type, kind),
        (DataType::I8, NpyKind::Int8) | (DataType::U8, NpyKind::Uint8)
    );
    let steps = if same { 1.0 } else { tensor.scale };
    let whole = |least: f32, most: f32| {
        values.iter().map(move |value| (value * steps).round().clamp(least, most))
    };
    match tensor.data_type {
        DataType::F32 => Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect()),
        DataType::I8 => {
            Ok(whole(-128.0, 127.0).map(|value| (value as i8).cast_unsigned()).collect())
        }
        DataType::U8 => Ok(whole(0.0, 255.0).map(|value| value as u8).collect()),
        other => Err(format!("input {:?} has type {other:?}, which is not read", tensor.name)),
    }
}

/// The real values of an output.
fn numbers(tensor: &Tensor, bytes: &[u8]) -> Result<ArrayD<f32>, Failure> {
    let values: Vec<f32> = match tensor.data_type {
        DataType::F32 => bytes.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)).collect(),
        DataType::I8 => {
            bytes.iter().map(|byte| f32::from(byte.cast_signed()) * tensor.scale).collect()
        }
        DataType::U8 => bytes.iter().map(|byte| f32::from(*byte) * tensor.scale).collect(),
        other => {
            let name = &tensor.name;
            return Err(format!("output {name:?} has type {other:?}, which is not written").into());
        }
    };
    Ok(ArrayD::from_shape_vec(IxDyn(&tensor.shape), values)?)
}
