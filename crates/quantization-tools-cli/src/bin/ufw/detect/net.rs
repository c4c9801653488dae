//! The net: where its pictures come in, how they are made ready, and where its boxes come out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use quantization_tools::detection::ndarray::{ArrayD, ArrayViewD};
use quantization_tools::detection::{Decoding, Detection, Fit, Head, Nms, Place, Ssd};
use quantization_tools::prelude::*;
use quantization_tools::transform_param::{
    Chance, ColorMode, Interpolation, Pixels, ResizeMode, TransformOp, decode, resize,
};
use quantization_tools::umodel::{BlobId, DataChanges, LayerOp, Shape, Sources, passes};
use quantization_tools::{datum_store, uframework};
use quantization_tools_cli::cli::{self, Failure};

use super::Arguments;
use super::pictures::named;

/// What lies beside a letterboxed picture: YOLO's grey.
const PAD: u8 = 114;
/// Bytes of a picture's file at most.
const MAX_BYTES: u64 = 1 << 33;

/// A net that finds boxes in pictures.
pub(super) struct Detector {
    executor: Executor,
    source: BlobId,
    /// Channels, height and width of the input.
    shape: [usize; 3],
    transform: Transform,
    /// Whether the transform itself resizes to the input, whatever the aspect.
    resizes: bool,
    letterbox: bool,
    outputs: Vec<BlobId>,
    pub(super) head: Head,
    decoding: Decoding,
    nms: Nms,
}

impl Detector {
    /// `first` is a picture that tells the size of the input of a test net without `resize_param` whose database is not
    /// there.
    pub(super) fn read(arguments: &Arguments, first: &Path) -> Result<Self, Failure> {
        let Arguments { model, weights, .. } = arguments;
        cli::repair([model, weights])?;
        let mut parameter = NetParameter::read(model)?;
        let trained = NetParameter::read(weights)?;
        let layers = parameter.layers_in(Phase::Test)?;
        let reads_pictures = layers.iter().any(|layer| layer.source().is_some());
        drop(layers);
        if reads_pictures {
            if arguments.bgr2rgb {
                return Err(
                    "-bgr2rgb goes with a prototxt that starts from an Input layer: a Data \
                            layer says so in its transform_op"
                        .into(),
                );
            }
            let mut changes = DataChanges::default().batch_size(1);
            changes.mean_value =
                (!arguments.mean_value.is_empty()).then(|| arguments.mean_value.clone());
            changes.scale = arguments.scale;
            changes.apply(&mut parameter, Phase::Test)?;
        } else if let [shape] = parameter.input_shapes().as_slice()
            && shape.first().is_some_and(|&batch| batch > 1)
        {
            let mut shape = shape.clone();
            shape[0] = 1;
            parameter.set_input_shapes(&[shape])?;
        }
        let sources = PictureSources { first: first.to_owned() };
        let int8 = trained.layers().any(|layer| layer.brings_integers() == Some(true));
        let executor;
        let transform;
        if int8 {
            let net = QuantizedNet::read(&parameter, &trained, Phase::Test, &sources)?;
            transform = own_transform(net.net())?;
            executor = Executor::quantized(Arc::new(net.deploy()?))?;
        } else {
            let net = Net::with_weights(&parameter, trained, Phase::Test, &sources)?;
            transform = own_transform(&net)?;
            executor = Executor::new(Arc::new(passes::deploy(&net)?))?;
        }
        let transform = transform.unwrap_or_else(|| arguments.transform());
        let (source, shape) = input(executor.net(), model)?;
        let head = head(arguments, executor.net())?;
        let outputs = outputs(arguments, executor.net())?;
        let resizes = transform
            .resize_param
            .as_ref()
            .is_some_and(|param| param.resize_mode == ResizeMode::Warp);
        let [_, height, width] = shape;
        let nms = Nms::default().keep(arguments.most).iou_threshold(arguments.iou_threshold);
        Ok(Detector {
            executor,
            source,
            shape,
            transform: Transform::new(&transform)?,
            resizes,
            letterbox: arguments.letterbox,
            outputs,
            head,
            decoding: Decoding::new([height, width]).score_threshold(arguments.score_threshold),
            nms,
        })
    }

    /// Reads a picture in the net's channels.
    pub(super) fn picture(&self, path: &Path) -> Result<Pixels<u8>, Failure> {
        let bytes = datum_store::read_file(path, MAX_BYTES).map_err(|error| named(path, &error))?;
        let mode = if self.shape[0] == 1 { ColorMode::Gray } else { ColorMode::Color };
        decode(&bytes, mode).map_err(|error| named(path, &error))
    }

    /// The boxes of a picture, in its own pixels, the best one first.
    pub(super) fn detect(
        &self,
        workspace: &mut Workspace,
        picture: &Pixels<u8>,
    ) -> Result<Vec<Detection>, Failure> {
        let (values, fit) = self.prepare(picture)?;
        let [c, h, w] = self.shape;
        let values = ArrayD::from_shape_vec(vec![1, c, h, w], values.into_data())?;
        let mut capture = uframework::Capture::new(&self.executor, &self.outputs);
        self.executor.forward(workspace, vec![(self.source, Value::F32(values))], &mut capture)?;
        let views: Vec<ArrayViewD<'_, f32>> =
            capture.values.iter().map(|value| value.view()).collect();
        let boxes = self.head.decode(&views, &self.decoding).map_err(|error| self.told(&error))?;
        let boxes = boxes.into_iter().next().unwrap_or_default();
        let boxes = if self.head.is_suppressed() {
            boxes.into_iter().take(self.nms.keep).collect()
        } else {
            self.nms.apply(&boxes)
        };
        Ok(fit.boxes_to_picture(&boxes))
    }

    /// The net's input for a picture.
    fn prepare(&self, picture: &Pixels<u8>) -> Result<(Pixels<f32>, Fit), Failure> {
        let [_, height, width] = self.shape;
        let [_, h, w] = picture.shape();
        let fit = if self.letterbox {
            Fit::letterbox([h, w], [height, width], Place::Middle)?
        } else {
            Fit::warp([h, w], [height, width])?
        };
        let fitted = if self.letterbox {
            letterboxed(&resize(picture, fit.resized(), Interpolation::Linear), &fit)?
        } else if self.resizes {
            picture.clone()
        } else {
            resize(picture, fit.resized(), Interpolation::Linear)
        };
        let values = self.transform.apply_to(fitted, &mut Chance::none())?;
        if values.shape() != self.shape {
            let [found, expected] =
                [values.shape(), self.shape].map(|shape| cli::shape_text(&shape));
            return Err(format!(
                "transform_param makes {found} of a picture, the net takes {expected}"
            )
            .into());
        }
        Ok((values, fit))
    }

    /// An error of the head with the names of the outputs that were given to it.
    fn told(&self, error: &quantization_tools::detection::Error) -> Failure {
        let net = self.executor.net();
        let name = |(index, &id): (usize, &BlobId)| {
            let blob = net.blob(id);
            format!("{index} {:?} {}", blob.name, cli::shape_text(&blob.shape))
        };
        let names: Vec<String> = self.outputs.iter().enumerate().map(name).collect();
        format!("head {}: {error}; its tensors are {}", self.head, names.join(", ")).into()
    }
}

impl Arguments {
    /// How the pictures of a net without a Data layer are made ready.
    fn transform(&self) -> TransformParam {
        let stand = TransformOp::stand().bgr2rgb(self.bgr2rgb).scale([self.scale.unwrap_or(1.0)]);
        let stand = match self.mean_value.as_slice() {
            [] => stand,
            means => stand.mean_value(means.to_vec()),
        };
        TransformParam::default().transform_op([stand])
    }
}

/// The only input of the net, and its channels, height and width.
fn input(net: &Net, model: &Path) -> Result<(BlobId, [usize; 3]), Failure> {
    let model = model.display();
    let inputs = net.inputs();
    let [source] = inputs.as_slice() else {
        let count = inputs.len();
        return Err(format!("{model}: the net has {count} inputs, pictures are one").into());
    };
    let blob = net.blob(*source);
    match *blob.shape {
        [1, c @ (1 | 3), h, w] => Ok((*source, [c, h, w])),
        _ => {
            let shape = cli::shape_text(&blob.shape);
            let name = &blob.name;
            Err(format!("{model}: the input {name:?} is {shape}, pictures are 1x3xHxW or 1x1xHxW")
                .into())
        }
    }
}

/// The head that is given, or that of the net's only DetectionOutput layer.
fn head(arguments: &Arguments, net: &Net) -> Result<Head, Failure> {
    if let Some(head) = &arguments.head {
        return Ok(head.clone());
    }
    let mut backgrounds = net.layers().iter().filter_map(|layer| match &layer.op {
        LayerOp::DetectionOutput(p) => Some(p.background_label_id),
        _ => None,
    });
    match (backgrounds.next(), backgrounds.next()) {
        (Some(background), None) => Ok(Head::Ssd(Ssd::new(usize::try_from(background).ok()))),
        _ => Err("the net has no DetectionOutput layer that finds boxes: -head=SPEC says how its \
                  outputs are decoded, as yolov8:classes=3"
            .into()),
    }
}

/// The blobs that the head decodes.
fn outputs(arguments: &Arguments, net: &Net) -> Result<Vec<BlobId>, Failure> {
    if !arguments.outputs.is_empty() {
        let id = |name: &String| {
            net.blob_id(name).ok_or_else(|| {
                let near = quantization_tools::umodel::nearest(
                    name,
                    net.blobs().iter().map(|blob| blob.name.as_str()),
                );
                let near: Vec<String> = near.iter().map(|name| format!("{name:?}")).collect();
                let near = match near.as_slice() {
                    [] => String::new(),
                    near => format!("; did you mean {}?", near.join(" or ")),
                };
                Failure::from(format!("no blob {name:?}{near}"))
            })
        };
        return arguments.outputs.iter().map(id).collect();
    }
    let rows = |layer: &umodel::Layer| matches!(layer.op, LayerOp::DetectionOutput(_));
    if arguments.head.is_none() {
        let layers = net.layers().iter().filter(|layer| rows(layer));
        return Ok(layers.flat_map(|layer| layer.tops.first().copied()).collect());
    }
    Ok(net.outputs())
}

/// A picture with grey beside it.
fn letterboxed(resized: &Pixels<u8>, fit: &Fit) -> Result<Pixels<u8>, Failure> {
    let ([c, h, w], [height, width], [top, left]) = (resized.shape(), fit.input(), fit.offset());
    let mut data = vec![PAD; c * height * width];
    for (index, row) in resized.data().chunks_exact(w.max(1)).enumerate() {
        let start = (index / h * height + top + index % h) * width + left;
        data[start..start + w].copy_from_slice(row);
    }
    Ok(Pixels::new([c, height, width], data)?)
}

/// What the net's layer that brings pictures does with them; none for an Input layer.
fn own_transform(net: &Net) -> Result<Option<TransformParam>, Failure> {
    let wire = net.layers().iter().find_map(|layer| wire_of(&layer.op));
    Ok(wire.map(TransformParam::from_wire).transpose()?)
}

/// A layer's `transform_param`.
fn wire_of(op: &LayerOp) -> Option<&[u8]> {
    match op {
        LayerOp::Data(data) => Some(&data.transform),
        LayerOp::AnnotatedData(p) => Some(&p.data.transform),
        LayerOp::ImageData(p) => Some(&p.transform),
        _ => None,
    }
}

/// The shapes of a test net's pictures: as its database says, or, if that is not there, as its `transform_param` makes
/// the first picture.
struct PictureSources {
    first: PathBuf,
}

impl Sources for PictureSources {
    fn shapes(
        &self,
        layer: &str,
        op: &LayerOp,
        tops: &[String],
    ) -> Result<Vec<Shape>, Box<dyn std::error::Error + Send + Sync>> {
        let missing = match DatabaseSources.shapes(layer, op, tops) {
            Ok(shapes) => return Ok(shapes),
            Err(error) => error,
        };
        let Some(wire) = wire_of(op) else { return Err(missing) };
        let transform = Transform::new(&TransformParam::from_wire(wire)?)?;
        let first = picture_to_datum(&self.first, &PictureOptions::default());
        let first = first.map_err(|error| named(&self.first, &error))?;
        let [c, h, w] = transform.apply(&first, &mut Chance::none())?.shape();
        // Boxes, if the layer has any; whoever reads them goes.
        let labels = match op {
            LayerOp::AnnotatedData(_) => vec![1, 1, 1, 8],
            _ => vec![1],
        };
        Ok(vec![vec![1, c, h, w], labels])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: the picture lies where the fit says, and grey beside it.
    #[test]
    fn letterboxes_are_grey() {
        let fit = Fit::letterbox([2, 4], [4, 4], Place::Middle).expect("sizes");
        let picture = Pixels::new([2, 2, 4], (0..16).collect()).expect("planes");
        let found = letterboxed(&picture, &fit).expect("a picture");
        let mut expected = Vec::new();
        for plane in [0..8, 8..16] {
            expected.extend([PAD; 4].into_iter().chain(plane).chain([PAD; 4]));
        }
        assert_eq!((found.shape(), found.data()), ([2, 4, 4], expected.as_slice()));
    }
}
