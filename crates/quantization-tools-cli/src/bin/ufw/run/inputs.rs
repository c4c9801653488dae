//! What a net is run on.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use quantization_tools::datum_store::{DatumData, read_file};
use quantization_tools::ndarray::ArrayD;
use quantization_tools::prelude::*;
use quantization_tools::transform_param::Chance;
use quantization_tools::uframework::data::memory_batch;
use quantization_tools::umodel::{DType, Error as ModelError, LayerOp, Shape, Sources};
use quantization_tools_cli::cli::{self, DataFlags, Failure, Npy, NpyKind};

/// Bytes of a picture file at most.
const MAX_PICTURE: u64 = 1 << 30;

/// Arrays by name, or a picture.
pub(crate) struct Given {
    path: PathBuf,
    what: What,
    /// What was asked of a net that has other shapes, for an error.
    reshaped: Option<String>,
}

enum What {
    Arrays(Vec<(String, Npy)>),
    Picture {
        datum: Datum,
        /// What the net's Data layer makes of it, or the net's input itself.
        ready: Mutex<Option<ArrayD<f32>>>,
    },
}

/// Whether a layer of the net brings pictures, so that it says how they are preprocessed.
pub(crate) fn reads_pictures(model: &NetParameter) -> Result<bool, Failure> {
    let kinds = ["Data", "AnnotatedData", "ImageData", "MemoryData", "HDF5Data"];
    let layers = model.layers_in(Phase::Test)?;
    Ok(layers.iter().any(|layer| kinds.contains(&layer.kind())))
}

impl Given {
    /// Reads arrays or a picture, by the file's beginning.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let what = if matches!(extension, Some("npz" | "npy")) {
            let arrays = cli::read_arrays(path)?;
            if arrays.is_empty() {
                return Err(format!("{}: it has no arrays", path.display()).into());
            }
            What::Arrays(arrays)
        } else {
            let bytes = read_file(path, MAX_PICTURE)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            let datum = Datum::new([0; 3], DatumData::Encoded(bytes), 0)?;
            What::Picture { datum, ready: Mutex::new(None) }
        };
        Ok(Given { path: path.to_owned(), what, reshaped: None })
    }

    /// The arrays as they are.
    pub(crate) fn arrays(self) -> Result<Vec<(String, Value)>, Failure> {
        match self.what {
            What::Arrays(arrays) => Ok(arrays
                .into_iter()
                .map(|(name, Npy { values, kind })| {
                    (
                        name,
                        match kind {
                            NpyKind::Int8 => Value::I8(values.mapv(signed)),
                            NpyKind::Uint8 => Value::U8(values.mapv(unsigned)),
                            NpyKind::Other => Value::F32(values),
                        },
                    )
                })
                .collect()),
            What::Picture { .. } => Err(format!(
                "{}: give an .npz file with those inputs that the host's part reads",
                self.path.display()
            )
            .into()),
        }
    }

    /// Gives the Input layers of a net the shapes of the arrays, or one picture at a time, and makes the picture fit.
    pub(crate) fn suit(
        &mut self,
        model: &mut NetParameter,
        changes: &DataFlags,
    ) -> Result<(), Failure> {
        let layers = model.layers_in(Phase::Test)?;
        let inputs = layers.iter().filter(|layer| layer.kind() == "Input");
        let names: Vec<String> = inputs.flat_map(|layer| layer.tops().to_vec()).collect();
        let before = model.input_shapes();
        let mut shapes = before.clone();
        if shapes.len() != names.len() || names.is_empty() {
            // What has no Input layer, or an unusual one, is for the net to tell.
            return Ok(());
        }
        let path = self.path.display().to_string();
        match &mut self.what {
            What::Arrays(arrays) => {
                if let ([only], [name]) = (&mut arrays[..], &names[..]) {
                    // There is no doubt which is which.
                    only.0.clone_from(name);
                }
                for (shape, name) in shapes.iter_mut().zip(&names) {
                    *shape = array(arrays, &path, name)?.values.shape().to_vec();
                }
            }
            What::Picture { ready, .. } => {
                let ([name], [shape]) = (&names[..], &mut shapes[..]) else {
                    let (count, names) = (names.len(), quoted(names.iter()));
                    return Err(format!(
                        "the net has {count} inputs, {names}: give an .npz file with an array for each, not a picture"
                    )
                    .into());
                };
                let &mut [ref mut batch, c @ (1 | 3), h, w] = &mut shape[..] else {
                    let shape = cli::shape_text(shape);
                    return Err(format!(
                        "input {name:?} has shape {shape}, which is no picture: give an .npz or .npy file"
                    )
                    .into());
                };
                *batch = 1;
                let options = PictureOptions::default().gray(c == 1).resize([h, w]);
                let picture = picture_to_datum(&self.path, &options)
                    .map_err(|error| format!("{path}: {}", cli::one_line(&error)))?;
                let param = TransformParam::default()
                    .mean_value(changes.mean_value.clone())
                    .scale(changes.scale.unwrap_or(1.0));
                let pixels = Transform::new(&param)?.apply(&picture, &mut Chance::none())?;
                let array = ArrayD::from_shape_vec(vec![1, c, h, w], pixels.into_data())?;
                *ready.get_mut().unwrap_or_else(PoisonError::into_inner) = Some(array);
            }
        }
        if shapes != before {
            let text = |shapes: &[Shape]| -> String {
                let each = names.iter().zip(shapes);
                each.map(|(name, shape)| format!("{name:?} {}", cli::shape_text(shape)))
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            self.reshaped = Some(format!(
                "the net cannot have the shape of the input: {path} has {}, the prototxt {}",
                text(&shapes),
                text(&before)
            ));
            model.set_input_shapes(&shapes)?;
        }
        Ok(())
    }

    /// An error of a net that was given other shapes says so.
    pub(crate) fn explain(&self, error: ModelError) -> Failure {
        match &self.reshaped {
            Some(reshaped) => format!("{reshaped}: {}", cli::one_line(&error)).into(),
            None => error.into(),
        }
    }

    /// The values of all inputs.
    pub(crate) fn sources(
        &mut self,
        executor: &Executor,
    ) -> Result<Vec<(quantization_tools::umodel::BlobId, Value)>, Failure> {
        let net = executor.net();
        let path = self.path.display().to_string();
        let arrays = match &mut self.what {
            What::Arrays(arrays) => arrays,
            What::Picture { datum, ready } => {
                let ready = ready.get_mut().unwrap_or_else(PoisonError::into_inner).take();
                return match (ready, &net.inputs()[..]) {
                    (Some(values), &[input]) => Ok(vec![(input, Value::F32(values))]),
                    (None, &[input]) => {
                        let layer = &net.layers()[net.producer(input)].name;
                        Ok(memory_batch(net, layer, vec![datum.clone()])?)
                    }
                    (_, inputs) => {
                        let names = inputs.iter().map(|&id| &net.blob(id).name);
                        let (count, names) = (inputs.len(), quoted(names));
                        Err(format!(
                            "the net has {count} inputs, {names}: give an .npz file with an array for each"
                        )
                        .into())
                    }
                };
            }
        };
        let inputs = net.inputs();
        if let ([only], &[input]) = (&mut arrays[..], &inputs[..]) {
            only.0.clone_from(&net.blob(input).name);
        }
        let source = |&id: &_| {
            let name = &net.blob(id).name;
            let Npy { values, kind } = array(arrays, &path, name)?;
            // Integers of the input's own type are what it holds; all others are numbers.
            Ok((
                id,
                match (executor.format(id).dtype, kind) {
                    (DType::I8, NpyKind::Int8) => Value::I8(values.mapv(signed)),
                    (DType::U8, NpyKind::Uint8) => Value::U8(values.mapv(unsigned)),
                    _ => Value::F32(values.clone()),
                },
            ))
        };
        inputs.iter().map(source).collect()
    }
}

/// Both are exact: the numbers were bytes.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the numbers were read from bytes of this type"
)]
fn signed(value: f32) -> i8 {
    value as i8
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the numbers were read from bytes of this type"
)]
fn unsigned(value: f32) -> u8 {
    value as u8
}

fn array<'a>(arrays: &'a [(String, Npy)], path: &str, name: &str) -> Result<&'a Npy, Failure> {
    let found = arrays.iter().find(|(other, _)| other == name).map(|(_, array)| array);
    found.ok_or_else(|| {
        let names = arrays.iter().map(|(name, _)| name.as_str());
        format!("{path} has no array for input {name:?}; {}", cli::instead(name, names)).into()
    })
}

fn quoted<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

/// The shapes of layers that would read files: those of what is given in their stead.
impl Sources for Given {
    fn shapes(&self, layer: &str, op: &LayerOp, tops: &[String]) -> Result<Vec<Shape>, Failure> {
        let path = self.path.display().to_string();
        let mut shapes = Vec::new();
        match &self.what {
            What::Arrays(arrays) => {
                let only = matches!(&arrays[..], [_]);
                for (index, top) in tops.iter().enumerate() {
                    let array = match arrays.iter().find(|(name, _)| name == top) {
                        Some((_, array)) => array,
                        None if only && index == 0 => &arrays[0].1,
                        // Labels are not needed.
                        None if index > 0 && !matches!(op, LayerOp::Hdf5Data(_)) => break,
                        None => array(arrays, &path, top)?,
                    };
                    shapes.push(array.values.shape().to_vec());
                }
            }
            What::Picture { datum, ready } => {
                let transform = match op {
                    LayerOp::Data(p) => &p.transform,
                    LayerOp::AnnotatedData(p) => &p.data.transform,
                    LayerOp::ImageData(p) => &p.transform,
                    _ => {
                        return Err(format!(
                            "layer {layer:?} ({}) reads no pictures: give an .npz file",
                            op.kind()
                        )
                        .into());
                    }
                };
                let transform = Transform::new(&TransformParam::from_wire(transform)?)?;
                let mut datum = datum.clone();
                if let LayerOp::ImageData(p) = op {
                    let options = PictureOptions::default().gray(!p.is_color).resize(p.new_size);
                    datum = picture_to_datum(&self.path, &options)?;
                }
                let pixels = transform.apply(&datum, &mut Chance::none());
                let pixels =
                    pixels.map_err(|error| format!("{path}: {}", cli::one_line(&error)))?;
                let shape = [&[1], &pixels.shape()[..]].concat();
                let array = ArrayD::from_shape_vec(shape.clone(), pixels.into_data())?;
                *ready.lock().unwrap_or_else(PoisonError::into_inner) = Some(array);
                shapes.push(shape);
            }
        }
        if shapes.len() == 1 {
            shapes.push(match op {
                LayerOp::AnnotatedData(_) => vec![1, 1, 1, 8],
                _ => shapes[0][..1].to_vec(),
            });
        }
        Ok(shapes)
    }
}
