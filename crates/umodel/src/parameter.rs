//! Model files: one [`NetParameter`] message, as text or binary.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use protobuf::reflect::RuntimeType;
use protobuf::{Message, MessageFull};

use crate::error::{Error, LayerError};
use crate::proto::quantization_parameter::blob_format::DType;
use crate::{Phase, Position, Reader, Shape, Weights, blob, load, proto, text, upgrade};

/// A model as it stands in a file: a prototxt, a caffemodel or a umodel.
#[derive(Clone, Debug)]
pub struct NetParameter {
    pub(crate) message: proto::NetParameter,
    pub(crate) positions: Vec<Option<Position>>,
    /// What a text has that the schema does not, in order; the messages are without it.
    pub(crate) unknown: Vec<text::Unknown>,
    pub(crate) path: Option<PathBuf>,
}

impl NetParameter {
    pub(crate) fn from_message(message: proto::NetParameter) -> Self {
        NetParameter { message, positions: Vec::new(), unknown: Vec::new(), path: None }
    }

    /// Reads a file, text or binary, with [`Reader::default`]'s limits, and brings an older form to the present
    /// one.
    ///
    /// # Errors
    /// Those of [`Reader::read`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        Reader::default().read(path)
    }

    /// Parses a prototxt with [`Reader::default`]'s limits and brings an older form to the present one.
    ///
    /// # Errors
    /// Those of [`Reader::parse_text`].
    pub fn parse_text(text: &str) -> Result<Self, Error> {
        Reader::default().parse_text(text)
    }

    /// Decodes a binary model with [`Reader::default`]'s limits and brings an older form to the present one.
    ///
    /// # Errors
    /// Those of [`Reader::decode`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Reader::default().decode(bytes)
    }

    /// Brings an older form to the present one, as Caffe does whenever it reads a file: V0 and V1 layers,
    /// preprocessing among a data layer's parameters, `input` fields, BatchNorm's parameter specs.
    ///
    /// # Errors
    /// [`Error::Layer`] for a V0 layer without an equivalent; [`Error::Text`] if a layer that vanishes has something
    /// [unknown](NetParameter::unknown).
    pub fn upgrade(mut self) -> Result<Self, Error> {
        upgrade::upgrade(&mut self.message, &mut self.positions)
            .map_err(|error| error.in_file(self.path.as_deref()))?;
        let kept: HashSet<Position> = self.positions.iter().copied().flatten().collect();
        match self.unknown.iter().find(|unknown| !kept.contains(&unknown.entry)) {
            Some(unknown) => Err(self.unknown_error(unknown)),
            None => Ok(self),
        }
    }

    /// What a prototxt's layers have that no schema knows, in order: fields and values of enumerations. They were
    /// passed over, so that the rest can be looked at. A net that has such a layer cannot be built, and the model
    /// cannot be written as bytes. Each error is an [`Error::Text`], which names file, line and column.
    pub fn unknown(&self) -> impl Iterator<Item = Error> {
        self.unknown.iter().map(|unknown| self.unknown_error(unknown))
    }

    fn unknown_error(&self, unknown: &text::Unknown) -> Error {
        let (path, position) = (self.path.clone(), unknown.at);
        Error::Text { path, position, source: unknown.error.clone() }
    }

    /// Refuses a model with anything [unknown](NetParameter::unknown), whichever layer has it.
    pub(crate) fn check_known(&self) -> Result<(), Error> {
        self.unknown().next().map_or(Ok(()), Err)
    }

    /// Refuses a layer with anything unknown. `rules` are those that say in which nets it is, else all the rest.
    pub(crate) fn check_layer_known(&self, index: usize, rules: bool) -> Result<(), Error> {
        let Some(position) = self.layer_position(index) else { return Ok(()) };
        // They stand in the order of the text, and so of their layers.
        let first = self.unknown.partition_point(|unknown| unknown.entry < position);
        let mut of_layer =
            self.unknown.iter().skip(first).take_while(|unknown| unknown.entry == position);
        let of_rules = |part: &str| ["include", "exclude"].contains(&part);
        match of_layer.find(|unknown| of_rules(&unknown.part) == rules) {
            Some(unknown) => Err(self.unknown_error(unknown)),
            None => Ok(()),
        }
    }

    /// The net's name; may be empty.
    pub fn name(&self) -> &str {
        self.message.name()
    }

    /// The mark of the calibration that made this file: the same in all files of one calibration, and none in files
    /// that are not int8 or come from elsewhere.
    pub fn calibration_id(&self) -> Option<&str> {
        self.message.calibration_id.as_deref()
    }

    /// Marks the file as one of a calibration.
    pub fn set_calibration_id(&mut self, id: impl Into<String>) {
        self.message.calibration_id = Some(id.into());
    }

    /// The file that the model was read from.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The model with the layers that a rule keeps.
    pub(crate) fn filtered(
        &self,
        keep: impl Fn(&proto::LayerParameter) -> Result<bool, LayerError>,
    ) -> Result<Self, Error> {
        let mut kept = self.clone();
        (kept.message.layer, kept.positions) = (Vec::new(), Vec::new());
        for (index, layer) in self.message.layer.iter().enumerate() {
            if keep(layer).map_err(|source| self.layer_error(index, source))? {
                kept.message.layer.push(layer.clone());
                kept.positions.push(self.layer_position(index));
            }
        }
        Ok(kept)
    }

    /// The model with each layer changed.
    pub(crate) fn edited(
        &self,
        mut edit: impl FnMut(&mut proto::LayerParameter) -> Result<(), LayerError>,
    ) -> Result<Self, Error> {
        let mut edited = self.clone();
        for (index, layer) in edited.message.layer.iter_mut().enumerate() {
            edit(layer).map_err(|source| self.layer_error(index, source))?;
        }
        Ok(edited)
    }

    pub(crate) fn layer_error(&self, index: usize, source: LayerError) -> Error {
        let layer = &self.message.layer[index];
        let position = self.layer_position(index);
        Error::layer(self.path(), position, layer.name(), layer.type_(), source)
    }

    /// The names of all layers, in order, whatever their phase.
    pub fn layer_names(&self) -> impl Iterator<Item = &str> {
        self.message.layer.iter().map(|layer| layer.name())
    }

    /// All layers, in order, whatever their phase and whether their type is known or not.
    pub fn layers(&self) -> impl Iterator<Item = LayerRecord<'_>> {
        self.message.layer.iter().map(LayerRecord)
    }

    /// The layers of one phase, in order: those of a [`Net`](crate::Net) of that phase, as they stand in the model.
    ///
    /// # Errors
    /// [`Error::Layer`] for a layer with both include and exclude rules.
    pub fn layers_in(&self, phase: Phase) -> Result<Vec<LayerRecord<'_>>, Error> {
        let targets = load::included(self, phase)?;
        Ok(targets.into_iter().map(|target| LayerRecord(target.layer)).collect())
    }

    /// The shapes that the Input layers state for their tops, in order.
    pub fn input_shapes(&self) -> Vec<Shape> {
        let dims = |shape: &proto::BlobShape| {
            shape.dim.iter().map(|&dim| usize::try_from(dim).unwrap_or(0)).collect()
        };
        let shapes = |layer: &proto::LayerParameter| -> Vec<Shape> {
            match layer.input_param.shape.as_slice() {
                [one] => vec![dims(one); layer.top.len()],
                each => each.iter().map(dims).collect(),
            }
        };
        let inputs = self.message.layer.iter().filter(|layer| layer.type_() == "Input");
        inputs.flat_map(shapes).collect()
    }

    /// Gives the tops of the Input layers other shapes, in order: another batch size, say.
    ///
    /// # Errors
    /// [`Error::InputCount`] if there are more or fewer tops.
    pub fn set_input_shapes(&mut self, shapes: &[Shape]) -> Result<(), Error> {
        let inputs = self.message.layer.iter_mut().filter(|layer| layer.type_() == "Input");
        let inputs: Vec<_> = inputs.collect();
        let expected = inputs.iter().map(|layer| layer.top.len()).sum();
        if expected != shapes.len() {
            return Err(Error::InputCount { expected, found: shapes.len() });
        }
        let mut shapes = shapes.iter();
        for layer in inputs {
            let shapes = shapes.by_ref().take(layer.top.len());
            let shapes = shapes.map(|shape| blob::shape_message(shape)).collect();
            layer.input_param.mut_or_insert_default().shape = shapes;
        }
        Ok(())
    }

    pub(crate) fn layer_position(&self, index: usize) -> Option<Position> {
        self.positions.get(index).copied().flatten()
    }

    /// The model as a prototxt. What was [unknown](NetParameter::unknown) in its text is not there; comments in front
    /// of all layers name it.
    pub fn to_text(&self) -> String {
        let lost = self
            .unknown
            .iter()
            .map(|text::Unknown { at, error, .. }| format!("# Left out, line {at}: {}\n", error));
        lost.chain([text::print(&self.message)]).collect()
    }

    /// The model as bytes, fields of a binary file that this crate does not know included.
    ///
    /// # Errors
    /// [`Error::Binary`] for a message beyond protobuf's 2 GiB; [`Error::Text`] for the first that is
    /// [unknown](NetParameter::unknown) in the model's text.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.check_known()?;
        let bytes = self.message.write_to_bytes();
        bytes.map_err(|error| Error::Binary { path: None, reason: error.into() })
    }
}

/// One layer of a [`NetParameter`], as it stands there: nothing of it has been checked.
#[derive(Clone, Copy, Debug)]
pub struct LayerRecord<'a>(&'a proto::LayerParameter);

impl<'a> LayerRecord<'a> {
    pub(crate) fn of(layer: &'a proto::LayerParameter) -> Self {
        LayerRecord(layer)
    }

    /// Where a Data, AnnotatedData or ImageData layer finds its pictures; empty if it does not say.
    pub fn source(self) -> Option<&'a str> {
        match self.kind() {
            "Data" | "AnnotatedData" => Some(self.0.data_param.source()),
            "ImageData" => Some(self.0.image_data_param.source()),
            _ => None,
        }
    }

    /// The layer's name.
    pub fn name(self) -> &'a str {
        self.0.name()
    }

    /// Its type, such as `Convolution`.
    pub fn kind(self) -> &'a str {
        self.0.type_()
    }

    /// The blobs that it reads.
    pub fn bottoms(self) -> &'a [String] {
        &self.0.bottom
    }

    /// The blobs that it writes.
    pub fn tops(self) -> &'a [String] {
        &self.0.top
    }

    /// How many values each of its weights has.
    pub fn weight_counts(self) -> impl Iterator<Item = usize> + use<'a> {
        self.0.blobs.iter().map(blob::count)
    }

    /// Its weights.
    ///
    /// # Errors
    /// [`Error::Layer`] for a weight whose values do not fit its shape.
    pub fn weights(self) -> Result<Weights, Error> {
        let arrays = self.0.blobs.iter().map(|blob| blob::from_proto(Cow::Borrowed(blob)));
        arrays
            .collect::<Result<_, _>>()
            .map_err(|source| Error::layer(None, None, self.name(), self.kind(), source))
    }

    /// Whether a layer of an int8umodel brings integers or fp32; none for a layer that says nothing about it, as in
    /// all other files.
    pub fn brings_integers(self) -> Option<bool> {
        let quantization = self.0.quantization_param.as_ref()?;
        Some(quantization.top.iter().any(|top| top.dtype() != DType::FLOAT32))
    }

    /// The parameters of its type on one line, as in a prototxt: `num_output: 20 kernel_size: 5`.
    /// Fillers and what belongs to training are left out.
    pub fn parameters(self) -> String {
        let mut layer = self.0.clone();
        for filler in ["weight_filler", "bias_filler", "filler", "scale_filler", "slope_filler"] {
            clear_fields(&mut layer, filler);
        }
        let parameters = proto::LayerParameter {
            name: None,
            type_: None,
            bottom: Vec::new(),
            top: Vec::new(),
            loss_weight: Vec::new(),
            param: Vec::new(),
            blobs: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            phase: None,
            propagate_down: Vec::new(),
            ..layer
        };
        // A single message needs no braces.
        text::line(&parameters, "_param")
    }
}

/// Clears the fields of this name in the parameter messages of a layer.
fn clear_fields(layer: &mut proto::LayerParameter, name: &str) {
    for field in proto::LayerParameter::descriptor().fields() {
        if field.is_singular()
            && field.has_field(layer)
            && let RuntimeType::Message(inner) = field.singular_runtime_type()
            && let Some(filler) = inner.field_by_name(name)
        {
            filler.clear_field(field.mut_message(layer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_get_other_shapes() {
        let mut model = NetParameter::parse_text(
            "layer { name: 'x' type: 'Input' top: 'a' top: 'b' input_param { shape { dim: [1, 2] } } }",
        )
        .expect("good");
        assert_eq!(model.input_shapes(), [[1, 2], [1, 2]]);
        model.set_input_shapes(&[vec![4, 2], vec![4, 3]]).expect("two shapes");
        assert_eq!(model.input_shapes(), [[4, 2], [4, 3]]);
        let one = model.set_input_shapes(&[vec![1]]);
        assert!(matches!(one, Err(Error::InputCount { expected: 2, found: 1 })));
    }
}
