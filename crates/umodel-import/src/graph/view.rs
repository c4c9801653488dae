//! Values of the foreign graph, and how they lie in the net's blobs.

use umodel::Shape;

use super::Tensor;

/// Where a tensor comes from: gives layers and blobs their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// The node's name, the layer's name.
    pub(crate) layer: String,
    /// The tensor's name, the blob's name.
    pub(crate) tensor: String,
}

impl Site {
    pub(crate) fn new(layer: &str, tensor: &str) -> Site {
        Site { layer: layer.to_owned(), tensor: tensor.to_owned() }
    }

    /// The names of a layer that only prepares this one.
    pub(crate) fn sub(&self, part: &str) -> Site {
        Site { layer: format!("{}/{part}", self.layer), tensor: format!("{}/{part}", self.tensor) }
    }
}

/// A tensor of the foreign graph that is a blob of the net, seen through a permutation of its axes and
/// then a reshape:
///
/// `tensor = reshape(transpose(blob, axes), shape)`
///
/// So an NHWC tensor is an NCHW blob with the axes `[0, 2, 3, 1]`, and transposing or reshaping needs no
/// layer until somebody needs the values in their logical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// The blob's name.
    pub(crate) blob: String,
    pub(crate) blob_shape: Shape,
    /// Axis i of the transposed blob is the blob's axis `axes[i]`.
    pub(crate) axes: Vec<usize>,
    /// The logical shape.
    pub(crate) shape: Shape,
    /// The node that made the view, whose names its layers get should they be needed.
    pub(crate) site: Option<Site>,
}

impl View {
    /// A blob as it is.
    pub(crate) fn plain(blob: &str, shape: Shape) -> View {
        let axes = (0..shape.len()).collect();
        View { blob: blob.to_owned(), blob_shape: shape.clone(), axes, shape, site: None }
    }

    /// A blob whose axis k is the logical axis `order[k]`.
    pub(crate) fn ordered(blob: &str, blob_shape: Shape, order: &[usize]) -> View {
        let axes = inverse(order);
        let shape = axes.iter().map(|&axis| blob_shape[axis]).collect();
        View { blob: blob.to_owned(), blob_shape, axes, shape, site: None }
    }

    /// The same view of another blob of the same shape.
    pub(crate) fn of(&self, blob: &str) -> View {
        View { blob: blob.to_owned(), site: None, ..self.clone() }
    }

    /// The blob's shape with its axes in the view's order, before the reshape.
    pub(crate) fn transposed_shape(&self) -> Shape {
        self.axes.iter().map(|&axis| self.blob_shape[axis]).collect()
    }

    /// Whether the view is a mere permutation, so that logical axis i is the blob's axis `axes[i]`.
    pub(crate) fn is_transposition(&self) -> bool {
        self.shape == self.transposed_shape()
    }

    /// The order of logical axes in the blob, if the view is a mere permutation; otherwise the logical
    /// order.
    pub(crate) fn order(&self) -> Vec<usize> {
        if self.is_transposition() { inverse(&self.axes) } else { (0..self.shape.len()).collect() }
    }

    /// For each logical axis the blob's axis, `None` for those of size 1; nothing if the reshape does more
    /// than adding and removing axes of size 1.
    pub(crate) fn pairing(&self) -> Option<Vec<Option<usize>>> {
        let mut stored = self.axes.iter().copied().filter(|&axis| self.blob_shape[axis] != 1);
        let pairs = self.shape.iter().map(|&size| match size {
            1 => Some(None),
            _ => stored.next().filter(|&axis| self.blob_shape[axis] == size).map(Some),
        });
        let pairs: Vec<Option<usize>> = pairs.collect::<Option<_>>()?;
        stored.next().is_none().then_some(pairs)
    }
}

/// Where each number stands in a permutation.
pub(crate) fn inverse(order: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; order.len()];
    for (index, &axis) in order.iter().enumerate() {
        inverse[axis] = index;
    }
    inverse
}

/// A tensor of the foreign graph.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Known before the net runs.
    Constant(Tensor),
    /// A blob of the net.
    Blob(View),
}

impl Value {
    /// The logical shape.
    pub(crate) fn shape(&self) -> &[usize] {
        match self {
            Value::Constant(tensor) => tensor.shape(),
            Value::Blob(view) => &view.shape,
        }
    }

    pub(crate) fn constant(&self) -> Option<&Tensor> {
        match self {
            Value::Constant(tensor) => Some(tensor),
            Value::Blob(_) => None,
        }
    }
}

impl From<View> for Value {
    fn from(view: View) -> Self {
        Value::Blob(view)
    }
}

impl From<Tensor> for Value {
    fn from(tensor: Tensor) -> Self {
        Value::Constant(tensor)
    }
}
