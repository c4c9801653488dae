//! The importer that both front ends drive: tensors of the foreign graph on one side, layers and blobs on
//! the other.

mod names;
mod room;
mod tensor;
mod view;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use ndarray::ArrayD;
use umodel::layers::{Input, LayerOp, Parameter, Permute, Reshape};
use umodel::{LayerSpec, NetBuilder, Shape};

pub(crate) use room::{Array, Budget, Room, volume};
pub(crate) use tensor::{
    Tensor, broadcast_shape, for_tensor, layer_axis, narrowed, signed, to_int,
};
pub(crate) use umodel::nearest;
pub(crate) use view::{Site, Value, View, inverse};

use names::Names;

use crate::error::{Error, Format, NodeError, Unsupported, UnsupportedNode};
use crate::imported::{Imported, TensorBlob};
use crate::passes;

pub(crate) type Result<T> = std::result::Result<T, NodeError>;

/// Weights of a layer, shared with the constants they come from.
pub(crate) type Weight = Arc<ArrayD<f32>>;

/// How the four axes of pictures are ordered in the foreign graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// N, C, H, W as in Caffe and ONNX.
    ChannelsFirst,
    /// N, H, W, C as in TensorFlow.
    ChannelsLast,
}

impl Layout {
    /// The logical axis of each of the blob's axes N, C, H, W.
    pub(crate) fn order(self) -> [usize; 4] {
        match self {
            Layout::ChannelsFirst => [0, 1, 2, 3],
            Layout::ChannelsLast => [0, 3, 1, 2],
        }
    }

    /// The logical axis of the channels, for any number of axes.
    pub(crate) fn channel_axis(self, rank: usize) -> usize {
        match self {
            Layout::ChannelsFirst => 1,
            Layout::ChannelsLast => rank.saturating_sub(1),
        }
    }
}

/// Builds the net, layer by layer, and remembers what became of each tensor.
pub(crate) struct Importer {
    builder: NetBuilder,
    specs: Vec<LayerSpec>,
    layer_names: Names,
    blob_names: Names,
    /// The layer that writes each blob.
    producers: HashMap<String, usize>,
    values: HashMap<String, Value>,
    /// Tensors in the order in which they were defined.
    defined: Vec<String>,
    /// Permuted and reshaped blobs that exist already.
    arranged: HashMap<(String, Vec<usize>, bool), String>,
    /// For blobs whose length along an axis is known only when the net runs, that axis.
    counted: HashMap<String, usize>,
    inputs: Vec<String>,
    unsupported: Vec<UnsupportedNode>,
    format: Format,
    budget: Rc<Budget>,
    /// The batch that the model was made for and the one that it gets, if they differ.
    pub(crate) batch: Option<[usize; 2]>,
}

impl Importer {
    /// An empty net of this name, whose constants draw on the budget.
    pub(crate) fn new(name: &str, format: Format, budget: Rc<Budget>) -> Importer {
        Importer {
            builder: NetBuilder::new(name),
            specs: Vec::new(),
            layer_names: Names::default(),
            blob_names: Names::default(),
            producers: HashMap::new(),
            values: HashMap::new(),
            defined: Vec::new(),
            arranged: HashMap::new(),
            counted: HashMap::new(),
            inputs: Vec::new(),
            unsupported: Vec::new(),
            format,
            budget,
            batch: None,
        }
    }

    /// Room for a constant of this shape.
    ///
    /// # Errors
    /// If it is too large.
    pub(crate) fn room<T>(&self, shape: &[usize]) -> Result<Room<T>> {
        Ok(self.budget.room(shape)?)
    }

    /// What all constants draw on.
    pub(crate) fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    /// A constant without axes.
    pub(crate) fn scalar(&self, value: f32) -> Result<Tensor> {
        Ok(self.room(&[])?.fill(value).into())
    }

    /// A constant integer without axes.
    pub(crate) fn integer(&self, value: i64) -> Result<Tensor> {
        Ok(self.room(&[])?.fill(value).into())
    }

    /// A constant of one axis, such as a shape.
    pub(crate) fn integers(&self, values: Vec<i64>) -> Result<Tensor> {
        Ok(self.room(&[values.len()])?.values(values)?.into())
    }

    /// What a tensor has become; nothing for a name that nobody has defined (yet), or that depends on an
    /// unsupported node.
    pub(crate) fn value(&self, tensor: &str) -> Option<&Value> {
        self.values.get(tensor)
    }

    /// Defines a tensor of the graph.
    pub(crate) fn define(&mut self, tensor: &str, value: impl Into<Value>) {
        if self.values.insert(tensor.to_owned(), value.into()).is_none() {
            self.defined.push(tensor.to_owned());
        }
    }

    /// Notes a node that cannot be imported; its outputs stay undefined. [`Importer::finish`] reports all.
    pub(crate) fn unsupported(&mut self, node: &str, op: &str, reason: Option<Unsupported>) {
        let (node, op) = (node.to_owned(), op.to_owned());
        self.unsupported.push(UnsupportedNode { node, op, reason });
    }

    /// Whether some node could not be imported, so that tensors may be undefined.
    pub(crate) fn has_unsupported(&self) -> bool {
        !self.unsupported.is_empty()
    }

    /// Adds an Input layer and defines its tensor. `order[k]` is the logical axis of the blob's axis k:
    /// [`Layout::order`] for pictures, ascending for all else. `shape` is logical.
    pub(crate) fn input(&mut self, tensor: &str, shape: &[usize], order: &[usize]) -> Result<()> {
        volume(shape)?;
        let blob_shape: Shape = order.iter().map(|&axis| shape[axis]).collect();
        let input = Input { shapes: vec![blob_shape], int8_scale: None };
        let view = self.add(&Site::new(tensor, tensor), input, &[], vec![])?;
        let view = View::ordered(&view.blob, view.blob_shape, order);
        self.inputs.push(tensor.to_owned());
        self.define(tensor, view);
        Ok(())
    }

    /// Adds a layer with one top. The blob is named after the site's tensor, with `_1`, … if that is taken.
    pub(crate) fn add(
        &mut self,
        site: &Site,
        op: impl Into<LayerOp>,
        bottoms: &[&str],
        weights: Vec<Weight>,
    ) -> Result<View> {
        let mut tops = self.add_with_tops(site, op, bottoms, &[site.tensor.as_str()], weights)?;
        Ok(tops.swap_remove(0))
    }

    /// Adds a layer with any number of tops, at least one.
    pub(crate) fn add_with_tops(
        &mut self,
        site: &Site,
        op: impl Into<LayerOp>,
        bottoms: &[&str],
        tops: &[&str],
        weights: Vec<Weight>,
    ) -> Result<Vec<View>> {
        let names: Vec<String> = tops.iter().map(|&top| self.blob_names.fresh(top)).collect();
        let name = self.layer_names.fresh(&site.layer);
        let tops: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut spec = LayerSpec::new(&name, op, bottoms, &tops);
        spec.weights = weights;
        self.builder.add(spec.clone()).map_err(Box::new)?;
        let counted = self.counted_tops(&spec)?;
        self.specs.push(spec);
        let mut views = Vec::with_capacity(names.len());
        for name in &names {
            let shape = self.builder.shape(name).unwrap_or_default();
            // umodel limits the volume, which says nothing if an axis has size 0.
            volume(shape)?;
            views.push(View::plain(name, shape.to_vec()));
        }
        let layer = self.specs.len() - 1;
        for (name, axis) in names.iter().zip(counted) {
            if let Some(axis) = axis {
                self.counted.insert(name.clone(), axis);
            }
        }
        self.producers.extend(names.into_iter().map(|name| (name, layer)));
        Ok(views)
    }

    /// For each top of a layer the axis whose length is known only when the net runs. What follows from such lengths
    /// is seen by other ones: a layer that cannot have them is refused.
    fn counted_tops(&self, spec: &LayerSpec) -> Result<Vec<Option<usize>>> {
        let shape = |name: &String| self.builder.shape(name).unwrap_or_default().to_vec();
        let own: Vec<Shape> = spec.tops.iter().map(shape).collect();
        let counted = own.iter().enumerate().map(|(top, shape)| spec.op.counted_axis(top, shape));
        let mut counted: Vec<Option<usize>> = counted.collect();
        if !spec.bottoms.iter().any(|bottom| self.counted.contains_key(bottom)) {
            return Ok(counted);
        }
        // A length of 1 would be repeated where others are longer; of two, a slice may take both.
        for (length, must_fit) in [(2, true), (1, false)] {
            let other = |name: &String| {
                let mut shape = shape(name);
                if let Some(size) = self.counted.get(name).and_then(|&axis| shape.get_mut(axis)) {
                    *size = if *size > length { length } else { *size + 1 };
                }
                shape
            };
            let bottoms: Vec<Shape> = spec.bottoms.iter().map(other).collect();
            let bottoms: Vec<&[usize]> = bottoms.iter().map(Vec::as_slice).collect();
            let found = match spec.op.top_shapes(&bottoms, spec.tops.len()) {
                Ok(found) => found,
                Err(_) if must_fit => return Err(Unsupported::Counted.into()),
                Err(_) => continue,
            };
            for ((counted, own), found) in counted.iter_mut().zip(&own).zip(&found) {
                let sizes = own.iter().zip(found).enumerate();
                let changed = sizes.filter(|(_, (own, found))| own != found);
                for axis in changed.map(|(axis, _)| axis) {
                    if counted.is_some_and(|counted| counted != axis) {
                        return Err(Unsupported::Counted.into());
                    }
                    *counted = Some(axis);
                }
            }
        }
        Ok(counted)
    }

    /// The logical axis of a value whose length is known only when the net runs; an error if it is joined with others.
    pub(crate) fn counted(&self, value: &Value) -> Result<Option<usize>> {
        let Value::Blob(view) = value else { return Ok(None) };
        let Some(axis) = self.counted.get(&view.blob) else { return Ok(None) };
        let turned = view.transposed_shape();
        let axis = view.axes.iter().position(|at| at == axis).unwrap_or_default();
        match same_axis(&turned, axis, &view.shape) {
            Some(axis) => Ok(Some(axis)),
            None => Err(Unsupported::Counted.into()),
        }
    }

    /// The layer that writes a blob.
    pub(crate) fn producer(&self, blob: &str) -> Option<&LayerSpec> {
        self.specs.get(*self.producers.get(blob)?)
    }

    /// The value as a blob: constants become Parameter layers.
    pub(crate) fn blob(&mut self, site: &Site, value: &Value) -> Result<View> {
        match value {
            Value::Blob(view) => Ok(view.clone()),
            Value::Constant(tensor) => self.parameter(&site.sub("constant"), tensor),
        }
    }

    /// A constant as a blob.
    pub(crate) fn parameter(&mut self, site: &Site, tensor: &Tensor) -> Result<View> {
        let parameter = Parameter { shape: tensor.shape().to_vec() };
        self.add(site, parameter, &[], vec![tensor.to_f32()?.weight()])
    }

    /// A blob whose axis k is the view's logical axis `order[k]`; adds Permute and Reshape layers where the
    /// values do not lie so already. Returns its name.
    pub(crate) fn arrange(&mut self, view: &View, order: &[usize]) -> Result<String> {
        let wanted: Shape = order.iter().map(|&axis| view.shape[axis]).collect();
        let Some(pairs) = view.pairing() else {
            // The reshape mixes axes, so their values have to be in logical order first.
            let plain = self.permuted(view, &view.blob, &view.axes)?;
            let plain = self.reshaped(view, &plain, &view.shape)?;
            return self.permuted(view, &plain, order);
        };
        if view.is_transposition() {
            let axes: Vec<usize> = order.iter().map(|&axis| view.axes[axis]).collect();
            let permuted = self.permuted(view, &view.blob, &axes)?;
            return self.reshaped(view, &permuted, &wanted);
        }
        let moved: Vec<usize> = order.iter().filter_map(|&axis| pairs[axis]).collect();
        if moved.is_sorted() {
            return self.reshaped(view, &view.blob, &wanted);
        }
        // A batch of 1 stays in front, so that it may be changed later.
        let single = |axis: &usize| view.blob_shape[*axis] == 1;
        let front = usize::from(wanted.first() == Some(&1) && view.blob_shape.first() == Some(&1));
        let mut axes: Vec<usize> = (0..front).collect();
        axes.extend(moved);
        axes.extend((front..view.blob_shape.len()).filter(single));
        let permuted = self.permuted(view, &view.blob, &axes)?;
        self.reshaped(view, &permuted, &wanted)
    }

    /// A blob in logical order.
    pub(crate) fn plain(&mut self, view: &View) -> Result<View> {
        let order: Vec<usize> = (0..view.shape.len()).collect();
        let blob = self.arrange(view, &order)?;
        Ok(View::plain(&blob, view.shape.clone()))
    }

    /// The same values as a mere permutation of a blob's axes.
    pub(crate) fn transposition(&mut self, view: &View) -> Result<View> {
        if view.is_transposition() { Ok(view.clone()) } else { self.plain(view) }
    }

    fn permuted(&mut self, view: &View, blob: &str, axes: &[usize]) -> Result<String> {
        let shape = self.builder.shape(blob).unwrap_or_default().to_vec();
        let moved: Vec<usize> = axes.iter().copied().filter(|&axis| shape[axis] != 1).collect();
        if moved.is_sorted() {
            // Only axes of size 1 move: the reshape that follows does that as well.
            return match axes.is_sorted() {
                true => Ok(blob.to_owned()),
                false => {
                    let shape: Shape = axes.iter().map(|&axis| shape[axis]).collect();
                    self.reshaped(view, blob, &shape)
                }
            };
        }
        let key = (blob.to_owned(), axes.to_vec(), true);
        if let Some(done) = self.arranged.get(&key) {
            return Ok(done.clone());
        }
        let site = view.site.clone().unwrap_or_else(|| Site::new(blob, blob).sub("permuted"));
        let top = self.add(&site, Permute { order: axes.to_vec() }, &[blob], vec![])?.blob;
        self.arranged.insert(key, top.clone());
        Ok(top)
    }

    fn reshaped(&mut self, view: &View, blob: &str, shape: &[usize]) -> Result<String> {
        let old = self.builder.shape(blob).unwrap_or_default().to_vec();
        if old == shape {
            return Ok(blob.to_owned());
        }
        let key = (blob.to_owned(), shape.to_vec(), false);
        if let Some(done) = self.arranged.get(&key) {
            return Ok(done.clone());
        }
        let site = view.site.clone().unwrap_or_else(|| Site::new(blob, blob).sub("reshaped"));
        let mut dims: Vec<i64> = shape.iter().map(|&size| signed(size)).collect();
        if let (Some(first), true) = (dims.first_mut(), old.first() == shape.first()) {
            // So that the batch may be changed later.
            *first = 0;
        }
        if let Some(&axis) = self.counted.get(blob) {
            let axis = same_axis(&old, axis, shape).ok_or(Unsupported::Counted)?;
            dims[axis] = -1;
        }
        let reshape = Reshape { dims, axis: 0, num_axes: -1 };
        let top = self.add(&site, reshape, &[blob], vec![])?.blob;
        self.arranged.insert(key, top.clone());
        Ok(top)
    }

    /// Ends the import. Outputs are brought into logical order; with `keep_layout`, pictures (NHWC as NCHW
    /// blobs) stay as they are. `unknown` is the error for an output that nobody has defined.
    pub(crate) fn finish(
        mut self,
        outputs: &[String],
        keep_layout: bool,
        unknown: impl Fn(&str) -> Error,
    ) -> std::result::Result<Imported, Error> {
        if !self.unsupported.is_empty() {
            return Err(Error::Unsupported { format: self.format, nodes: self.unsupported });
        }
        let mut results = Vec::new();
        for output in outputs {
            let view = match self.values.get(output) {
                Some(Value::Blob(view)) => view.clone(),
                Some(Value::Constant(_)) => {
                    return Err(Error::ConstantOutput { name: output.clone() });
                }
                None => return Err(unknown(output)),
            };
            let picture = view.is_transposition() && view.axes == [0, 2, 3, 1];
            if !(keep_layout && picture) {
                let (node, op) = (output.clone(), "output".to_owned());
                let plain = self.plain(&view).map_err(|source| match source {
                    NodeError::Unsupported(reason) => {
                        let nodes = vec![UnsupportedNode { node, op, reason: Some(reason) }];
                        Error::Unsupported { format: self.format, nodes }
                    }
                    source => Error::Node { node, op, source: source.into() },
                })?;
                self.values.insert(output.clone(), plain.into());
            }
            results.push(output.clone());
        }
        let record = |tensor: &String| match self.values.get(tensor) {
            Some(Value::Blob(view)) => Some(TensorBlob {
                tensor: tensor.clone(),
                blob: view.blob.clone(),
                blob_shape: view.blob_shape.clone(),
                axes: view.axes.clone(),
                shape: view.shape.clone(),
                counted: self.counted.get(&view.blob).copied(),
            }),
            _ => None,
        };
        let inputs: Vec<TensorBlob> = self.inputs.iter().filter_map(record).collect();
        let outputs: Vec<TensorBlob> = results.iter().filter_map(record).collect();
        let mut tensors: Vec<TensorBlob> = self.defined.iter().filter_map(record).collect();
        let kept: Vec<&str> =
            inputs.iter().chain(&outputs).map(|tensor| tensor.blob.as_str()).collect();
        let name = self.builder.finish().name().to_owned();
        let net = passes::tidy(&name, self.specs, &kept).map_err(Error::Net)?;
        let blobs: HashSet<&str> = net.blobs().iter().map(|blob| blob.name.as_str()).collect();
        tensors.retain(|tensor| blobs.contains(tensor.blob.as_str()));
        Ok(Imported { net, inputs, outputs, tensors })
    }
}

/// Where an axis of a shape is in another shape of the same values: behind as many of them, and as long.
pub(crate) fn same_axis(from: &[usize], axis: usize, to: &[usize]) -> Option<usize> {
    let before: usize = from[..axis].iter().product();
    (0..to.len()).find(|&at| to[at] == from[axis] && to[..at].iter().product::<usize>() == before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn importer(shape: &[usize], order: &[usize]) -> (Importer, View) {
        let budget = Budget::new(None, 0);
        let mut importer = Importer::new("test", Format::Onnx, budget);
        importer.input("x", shape, order).expect("input");
        let Some(Value::Blob(view)) = importer.value("x").cloned() else { panic!("no blob") };
        (importer, view)
    }

    fn kinds(importer: &Importer) -> Vec<&'static str> {
        importer.specs.iter().map(|spec| spec.op.kind()).collect()
    }

    #[test]
    fn channels_last_inputs_are_channels_first_blobs() {
        let (mut importer, view) = importer(&[2, 5, 7, 3], &Layout::ChannelsLast.order());
        assert_eq!((&view.blob_shape[..], &view.axes[..]), (&[2, 3, 5, 7][..], &[0, 2, 3, 1][..]));
        let blob = importer.arrange(&view, &Layout::ChannelsLast.order()).expect("as it is");
        assert_eq!((blob.as_str(), kinds(&importer)), ("x", vec!["Input"]));
        let plain = importer.plain(&view).expect("permuted");
        assert_eq!(importer.builder.shape(&plain.blob), Some(&[2, 5, 7, 3][..]));
        let again = importer.plain(&view).expect("permuted");
        assert_eq!((plain.blob, kinds(&importer)), (again.blob, vec!["Input", "Permute"]));
    }

    #[test]
    fn axes_of_size_one_move_by_reshaping() {
        let (mut importer, view) = importer(&[2, 1, 1, 3], &Layout::ChannelsLast.order());
        let flat = View { shape: vec![2, 3], ..view };
        let plain = importer.plain(&flat).expect("reshaped");
        assert_eq!(importer.builder.shape(&plain.blob), Some(&[2, 3][..]));
        assert_eq!(kinds(&importer), ["Input", "Reshape"]);
    }

    #[test]
    fn a_batch_of_one_stays_open() {
        let (mut importer, view) = importer(&[1, 1, 1, 3], &Layout::ChannelsLast.order());
        let flat = View { shape: vec![1, 3], ..view.clone() };
        importer.plain(&flat).expect("reshaped");
        let dims = |importer: &Importer| match &importer.specs.last().expect("a layer").op {
            LayerOp::Reshape(p) => p.dims.clone(),
            _ => Vec::new(),
        };
        assert_eq!((kinds(&importer), dims(&importer)), (vec!["Input", "Reshape"], vec![0, 3]));
        let (mut importer, view) = self::importer(&[1, 5, 7, 3], &Layout::ChannelsLast.order());
        let wide = View { shape: vec![1, 5, 1, 7, 3], ..view };
        importer.plain(&wide).expect("permuted");
        assert_eq!(kinds(&importer), ["Input", "Permute", "Reshape"]);
        assert_eq!(dims(&importer), [0, 5, 1, 7, 3]);
    }

    #[test]
    fn mixed_axes_are_put_in_order_first() {
        let (mut importer, view) = importer(&[2, 5, 7, 3], &Layout::ChannelsLast.order());
        let flat = View { shape: vec![2, 105], ..view };
        assert_eq!(flat.pairing(), None);
        let turned = importer.arrange(&flat, &[1, 0]).expect("arranged");
        assert_eq!(importer.builder.shape(&turned), Some(&[105, 2][..]));
        assert_eq!(kinds(&importer), ["Input", "Permute", "Reshape", "Permute"]);
    }
}
