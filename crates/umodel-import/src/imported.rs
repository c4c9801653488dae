//! What an import gives, and what it may be told.

use ndarray::{ArrayD, IxDyn};
use umodel::{Net, Shape};

/// Choices that a model leaves open.
///
/// ```
/// let options = umodel_import::Options::new("net").inputs(["x"]).shapes([vec![1, 3, 224, 224]]);
/// assert_eq!(options.inputs, ["x"]);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// The net's name.
    pub name: String,
    /// Names of the tensors to start from; the model's own inputs if empty.
    pub inputs: Vec<String>,
    /// Names of the tensors to end with; the model's own outputs if empty.
    pub outputs: Vec<String>,
    /// The inputs' shapes in the model's order of axes; those of the model if empty. A model's open axes
    /// are 1 unless a shape says otherwise.
    pub shapes: Vec<Shape>,
    /// Truth values of tensors, by name, for a TensorFlow graph. Its Placeholders of truth values, such as `phase_train`
    /// and `keras_learning_phase`, are false unless they are named here.
    pub booleans: Vec<(String, bool)>,
    /// Values of an ONNX model's inputs that become constants, by name: all of a tensor's values are this one, of the
    /// type that the model says, as 16000 for a rate of samples. Conditions that depend on them are then known.
    pub constants: Vec<(String, f64)>,
    /// The bytes that all constants may take together: weights, and what is computed of them during the
    /// import. Without a value 256 MiB and 32 times the model's own bytes, so that a small file cannot
    /// fill the memory. One constant has at most 2^28 values in any case.
    pub constant_bytes: Option<u64>,
}

impl Options {
    /// The defaults, for a net of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Options { name: name.into(), ..Options::default() }
    }

    /// Sets the tensors to start from.
    pub fn inputs<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.inputs = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the tensors to end with.
    pub fn outputs<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.outputs = names.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the inputs' shapes.
    pub fn shapes(mut self, shapes: impl IntoIterator<Item = Shape>) -> Self {
        self.shapes = shapes.into_iter().collect();
        self
    }

    /// Sets truth values of tensors.
    pub fn booleans<T: Into<String>>(
        mut self,
        values: impl IntoIterator<Item = (T, bool)>,
    ) -> Self {
        self.booleans = values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        self
    }

    /// Sets inputs that become constants.
    pub fn constants<T: Into<String>>(
        mut self,
        values: impl IntoIterator<Item = (T, f64)>,
    ) -> Self {
        self.constants = values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        self
    }

    /// Sets the bytes that all constants may take together.
    pub fn constant_bytes(mut self, limit: u64) -> Self {
        self.constant_bytes = Some(limit);
        self
    }
}

/// A model of another framework as a net.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The net, with weights.
    pub net: Net,
    /// The inputs, in the model's order or as [`Options::inputs`] has them.
    pub inputs: Vec<TensorBlob>,
    /// The outputs, in the model's order or as [`Options::outputs`] has them.
    pub outputs: Vec<TensorBlob>,
    /// Every tensor of the model that is a blob of the net, or a view of one, in execution order.
    pub tensors: Vec<TensorBlob>,
}

impl Imported {
    /// The tensor of this name.
    pub fn tensor(&self, name: &str) -> Option<&TensorBlob> {
        self.tensors.iter().find(|tensor| tensor.tensor == name)
    }
}

/// Where a model's tensor is found in the net: `tensor = reshape(transpose(blob, axes), shape)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorBlob {
    /// The tensor's name.
    pub tensor: String,
    /// The blob's name.
    pub blob: String,
    /// The blob's shape.
    pub blob_shape: Shape,
    /// Axis i of the transposed blob is the blob's axis `axes[i]`.
    pub axes: Vec<usize>,
    /// The tensor's shape.
    pub shape: Shape,
    /// The blob's axis whose length is known only when the net runs; the shapes say the most that it can be.
    pub counted: Option<usize>,
}

impl TensorBlob {
    /// The tensor's values from the blob's; nothing if the array has another shape.
    pub fn from_blob(&self, blob: &ArrayD<f32>) -> Option<ArrayD<f32>> {
        if !self.has_order() {
            return None;
        }
        let shape = self.counted_shape(blob.shape())?;
        let turned = blob.view().permuted_axes(IxDyn(&self.axes));
        let values: Vec<f32> = turned.iter().copied().collect();
        ArrayD::from_shape_vec(IxDyn(&shape), values).ok()
    }

    /// The tensor's shape for a blob of this shape.
    fn counted_shape(&self, blob: &[usize]) -> Option<Shape> {
        if blob == self.blob_shape {
            return Some(self.shape.clone());
        }
        let counted = self.counted?;
        let found = *blob.get(counted)?;
        let mut expected = self.blob_shape.clone();
        *expected.get_mut(counted)? = found;
        let turned: Option<Shape> =
            self.axes.iter().map(|&axis| self.blob_shape.get(axis).copied()).collect();
        let axis = self.axes.iter().position(|&axis| axis == counted)?;
        let axis = crate::graph::same_axis(&turned?, axis, &self.shape)?;
        let mut shape = self.shape.clone();
        *shape.get_mut(axis)? = found;
        (expected == blob).then_some(shape)
    }

    /// Whether every axis of the blob is there once.
    fn has_order(&self) -> bool {
        let mut sorted = self.axes.clone();
        sorted.sort_unstable();
        sorted.into_iter().eq(0..self.blob_shape.len())
    }

    /// The blob's values from the tensor's; nothing if the array has another shape.
    pub fn to_blob(&self, tensor: &ArrayD<f32>) -> Option<ArrayD<f32>> {
        if tensor.shape() != self.shape || !self.has_order() {
            return None;
        }
        let turned: Option<Shape> =
            self.axes.iter().map(|&axis| self.blob_shape.get(axis).copied()).collect();
        let values: Vec<f32> = tensor.iter().copied().collect();
        let turned = ArrayD::from_shape_vec(IxDyn(&turned?), values).ok()?;
        let inverse = crate::graph::inverse(&self.axes);
        Some(turned.permuted_axes(IxDyn(&inverse)).as_standard_layout().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_and_blobs_are_each_other_turned() {
        let nhwc = TensorBlob {
            tensor: "x".into(),
            blob: "x".into(),
            blob_shape: vec![1, 3, 2, 2],
            axes: vec![0, 2, 3, 1],
            shape: vec![1, 12],
            counted: None,
        };
        let blob =
            ArrayD::from_shape_fn(vec![1, 3, 2, 2], |at| (at[1] * 100 + at[2] * 10 + at[3]) as f32);
        let tensor = nhwc.from_blob(&blob).expect("shape");
        let expected = [0, 100, 200, 1, 101, 201, 10, 110, 210, 11, 111, 211].map(|v| v as f32);
        assert_eq!(tensor.as_slice(), Some(&expected[..]));
        assert_eq!(nhwc.to_blob(&tensor).as_ref(), Some(&blob));
        assert_eq!(nhwc.to_blob(&ArrayD::default(vec![12])), None);
        let twice = TensorBlob { axes: vec![0, 0, 1, 2], ..nhwc };
        assert_eq!((twice.from_blob(&blob), twice.to_blob(&tensor)), (None, None));
    }
}
