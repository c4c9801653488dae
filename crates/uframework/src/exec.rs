use std::sync::Arc;

use ndarray::{ArrayD, Axis};
use umodel::quant::float::steps;
use umodel::{Arithmetic, Blob, BlobFormat, BlobId, Layer, LayerOp, Net, QuantizedNet, Shape};

use crate::error::{Error, KernelError};
use crate::layers::staged::Staged;
use crate::layers::{Call, Scratch, Shapes, Site, Work, kernel};
use crate::plan::{Home, Plan};
use crate::tap::Tap;
use crate::value::{Buffers, Value};

/// Runs a net, fp32 or int8. It does not change while it runs: threads share one executor, each
/// with a [`Workspace`] of its own.
///
/// A forward pass works on the calling thread alone, so that its results never depend on how many
/// others run beside it.
#[derive(Debug)]
pub struct Executor {
    net: Arc<Net>,
    quantized: Option<Arc<QuantizedNet>>,
    /// One for each layer; none where the caller fills the tops.
    works: Vec<Option<Box<dyn Work>>>,
    /// One for each blob.
    formats: Vec<BlobFormat>,
    plan: Plan,
}

/// What a forward pass leaves for the next one: buffers only, never results.
///
/// How much memory that is depends on the nets that it has served, not on how often: as many blobs as live at once
/// in one of them. Sources are the caller's and go with the pass.
#[derive(Debug, Default)]
pub struct Workspace {
    blobs: Vec<Option<Value>>,
    buffers: Buffers,
    scratch: Scratch,
}

impl Workspace {
    /// The memory that is kept between forward passes, in bytes.
    pub fn bytes(&self) -> usize {
        self.buffers.bytes() + self.scratch.bytes()
    }
}

impl Executor {
    /// An executor of the fp32 net.
    ///
    /// # Errors
    /// [`Error::NoWeights`] if the net was built without, [`Error::NotExecutable`] for a type that cannot
    /// be run, [`Error::Layer`] for a layer whose parameters do not fit its blobs.
    pub fn new(net: Arc<Net>) -> Result<Self, Error> {
        Executor::build(net, None)
    }

    /// An executor of an int8 net, bit for bit as BM1684 computes it. Layers that stay fp32 are
    /// computed in fp32.
    ///
    /// # Errors
    /// [`Error::NoWeights`] if an fp32 layer has none, [`Error::NotExecutable`] for a type that cannot be
    /// run, [`Error::Layer`] for a layer whose parameters do not fit its blobs.
    pub fn quantized(quantized: Arc<QuantizedNet>) -> Result<Self, Error> {
        Executor::build(quantized.net().clone(), Some(quantized))
    }

    fn build(net: Arc<Net>, quantized: Option<Arc<QuantizedNet>>) -> Result<Self, Error> {
        let format = |id: BlobId| match &quantized {
            Some(quantized) => quantized.format(id),
            None => BlobFormat::F32,
        };
        let formats: Vec<BlobFormat> = net.blob_ids().map(format).collect();
        let plan = Plan::new(&net, |layer| is_source(&layer.op), format);
        let mut executor = Executor { works: Vec::new(), plan, formats, quantized, net };
        let work = |(index, layer): (usize, &Layer)| match is_source(&layer.op) {
            true => Ok(None),
            false => executor.work(index, Shapes::of(&executor.net, layer)).map(Some),
        };
        let works = executor.net.layers().iter().enumerate().map(work).collect::<Result<_, _>>()?;
        executor.works = works;
        Ok(executor)
    }

    /// The computation of a layer whose blobs have these shapes.
    fn work(&self, index: usize, shapes: Shapes<'_>) -> Result<Box<dyn Work>, Error> {
        let layer = &self.net.layers()[index];
        let as_bm1684 = self.quantized.is_some();
        let site = Site { layer, shapes, formats: &self.formats, as_bm1684 };
        match self.quantized.as_ref().map(|quantized| quantized.arithmetic(index)) {
            None => float_work(&site),
            Some(Arithmetic::Float) => {
                let top = site.shapes.tops.first().copied().unwrap_or_default();
                match steps(layer, &site.shapes.bottoms, top) {
                    Some(steps) => Ok(Box::new(Staged::new(steps))),
                    None => float_work(&site),
                }
            }
            Some(integers) => {
                kernel(&layer.op).i8(&site, integers).map_err(|source| error(layer, source))
            }
        }
    }

    /// The graph that is run.
    pub fn net(&self) -> &Arc<Net> {
        &self.net
    }

    /// The quantized form, if this is an int8 executor.
    pub fn quantized_net(&self) -> Option<&QuantizedNet> {
        self.quantized.as_deref()
    }

    /// How a blob is stored.
    pub fn format(&self, id: BlobId) -> BlobFormat {
        self.formats.get(id.index()).copied().unwrap_or(BlobFormat::F32)
    }

    /// The values of a blob of the fp32 net: stored integers times its scale, each channel times its factor and in the
    /// fp32 net's place, see [`QuantizedNet::channels`].
    pub fn real(&self, id: BlobId, value: &Value) -> ArrayD<f32> {
        let stored = value.to_f32(self.format(id).scale);
        let Some(channels) = self.quantized.as_ref().and_then(|net| net.channels(id)) else {
            return stored;
        };
        // A blob whose length is counted may have fewer channels than the net says.
        if stored.shape().get(1) != Some(&channels.order.len()) {
            return stored;
        }
        let mut real = ArrayD::zeros(stored.raw_dim());
        let places = channels.order.iter().zip(channels.factors.iter());
        for (stored, (&channel, &factor)) in stored.axis_iter(Axis(1)).zip(places) {
            real.index_axis_mut(Axis(1), channel as usize)
                .assign(&stored.mapv(|value| value * factor));
        }
        real
    }

    /// Computes the whole net. `sources` are the tops of its Input and Data layers; fp32 values of
    /// a source that is stored in int8 are multiplied by its inverse scale and rounded half away
    /// from zero. `tap` sees every blob as soon as it is there.
    ///
    /// A blob whose length is known only when its layer runs ([`LayerOp::counted_axis`]) has that length, not the
    /// one of the net's shapes, and so have the blobs that are computed of it: as in Caffe, the layers that read it
    /// take the shapes of the pass.
    ///
    /// # Errors
    /// [`Error::MissingSource`], [`Error::NotSource`], [`Error::SourceShape`], [`Error::SourceType`];
    /// [`Error::Layer`] for a label that is no class, or if a layer reads a blob of a length that it cannot take.
    pub fn forward(
        &self,
        workspace: &mut Workspace,
        sources: Vec<(BlobId, Value)>,
        tap: &mut dyn Tap,
    ) -> Result<(), Error> {
        workspace.blobs.clear();
        workspace.blobs.resize(self.net.blobs().len(), None);
        for (id, value) in sources {
            let value = self.source(id, value)?;
            workspace.blobs[id.index()] = Some(value);
        }
        for (index, (layer, work)) in self.net.layers().iter().zip(&self.works).enumerate() {
            match work {
                Some(work) => self.run(workspace, index, work.as_ref())?,
                None => {
                    let missing = |top: &&BlobId| workspace.blobs[top.index()].is_none();
                    if let Some(&top) = layer.tops.iter().find(missing) {
                        return Err(Error::MissingSource { blob: self.net.blob(top).name.clone() });
                    }
                }
            }
            for &top in &layer.tops {
                if let Some(value) = &workspace.blobs[top.index()] {
                    tap.blob(top, self.net.blob(top), value);
                }
            }
            for &id in self.plan.last_read_by(index) {
                let value = workspace.blobs[id.index()].take();
                if let (Some(value), Some(Home::Buffer(buffer))) = (value, self.plan.home(id)) {
                    workspace.buffers.give(buffer, value);
                }
            }
        }
        Ok(())
    }

    /// Computes a deploy net: the values of its outputs, in the order of [`Net::outputs`].
    ///
    /// # Errors
    /// As [`Executor::forward`].
    pub fn outputs(&self, sources: Vec<(BlobId, Value)>) -> Result<Vec<Value>, Error> {
        let wanted = self.net.outputs();
        let mut values: Vec<Option<Value>> = vec![None; wanted.len()];
        let mut tap = |id: BlobId, _: &Blob, value: &Value| {
            if let Some(index) = wanted.iter().position(|&output| output == id) {
                values[index] = Some(value.clone());
            }
        };
        self.forward(&mut Workspace::default(), sources, &mut tap)?;
        Ok(values.into_iter().flatten().collect())
    }

    fn source(&self, id: BlobId, value: Value) -> Result<Value, Error> {
        let blob = match self.plan.home(id) {
            Some(Home::Given) => self.net.blob(id),
            Some(Home::Buffer(_)) => {
                return Err(Error::NotSource { blob: Some(self.net.blob(id).name.clone()) });
            }
            None => return Err(Error::NotSource { blob: None }),
        };
        if !self.suits(id, value.shape()) {
            return Err(Error::SourceShape {
                blob: blob.name.clone(),
                expected: blob.shape.clone(),
                found: value.shape().to_vec(),
            });
        }
        let format = self.format(id);
        let value = value.into_format(format).standard();
        if value.dtype() != format.dtype {
            return Err(Error::SourceType { blob: blob.name.clone() });
        }
        Ok(value)
    }

    /// Whether a value of this shape suits a source blob, whose length along one axis may be free.
    fn suits(&self, id: BlobId, shape: &[usize]) -> bool {
        let expected = &self.net.blob(id).shape;
        let layer = &self.net.layers()[self.net.producer(id)];
        let top = layer.tops.iter().position(|&top| top == id).unwrap_or(0);
        let free = layer.op.counted_axis(top, expected);
        let fits =
            |(axis, sizes): (usize, (&usize, &usize))| sizes.0 == sizes.1 || free == Some(axis);
        shape.len() == expected.len() && shape.iter().zip(expected).enumerate().all(fits)
    }

    fn run(&self, workspace: &mut Workspace, index: usize, work: &dyn Work) -> Result<(), Error> {
        let layer = &self.net.layers()[index];
        let Workspace { blobs, buffers, scratch } = workspace;
        let filled = |id: &BlobId| blobs[id.index()].as_ref();
        let bottoms: Vec<&Value> = layer.bottoms.iter().filter_map(filled).collect();
        let mut shapes = Shapes::of(&self.net, layer);
        let found = bottoms.iter().map(|value| value.shape());
        // Only lengths that are known just now differ from the net's.
        let (counted, tops, other);
        let work = if found.clone().eq(shapes.bottoms.iter().copied()) {
            work
        } else {
            counted = found.collect::<Vec<_>>();
            tops = counted_tops(layer, &shapes, &counted).map_err(|source| error(layer, source))?;
            shapes = Shapes { bottoms: counted, tops: tops.iter().map(Vec::as_slice).collect() };
            other = self.work(index, shapes.clone())?;
            other.as_ref()
        };
        let take = |(&top, shape): (&BlobId, &&[usize])| match self.plan.home(top) {
            Some(Home::Buffer(buffer)) => {
                buffers.take(&self.plan, self.format(top).dtype, buffer, shape)
            }
            _ => unreachable!("the caller gives the tops of sources only"),
        };
        let mut tops: Vec<Value> = layer.tops.iter().zip(&shapes.tops).map(take).collect();
        let mut call = Call {
            layer,
            shapes,
            bottoms: bottoms.iter().map(|value| value.view()).collect(),
            tops: tops.iter_mut().map(Value::view_mut).collect(),
            scratch,
            counts: vec![None; layer.tops.len()],
        };
        work.run(&mut call).map_err(|source| error(layer, source))?;
        let counts = std::mem::take(&mut call.counts);
        for (top, (&id, value)) in layer.tops.iter().zip(tops).enumerate() {
            let axis = layer.op.counted_axis(top, value.shape());
            blobs[id.index()] = Some(match (axis, counts[top]) {
                (Some(axis), Some(count)) => value.cut(axis, count),
                _ => value,
            });
        }
        Ok(())
    }
}

/// The shapes of the tops for bottoms that have not the net's shapes.
fn counted_tops(
    layer: &Layer,
    usual: &Shapes<'_>,
    bottoms: &[&[usize]],
) -> Result<Vec<Shape>, KernelError> {
    let owned = || bottoms.iter().map(|shape| shape.to_vec()).collect();
    let fail = |source| KernelError::Counted { bottoms: owned(), source: Box::new(source) };
    let tops = layer.op.top_shapes(bottoms, layer.tops.len()).map_err(fail)?;
    let weights = layer.op.weight_shapes(bottoms).map_err(fail)?;
    match layer.op.weight_shapes(&usual.bottoms).is_ok_and(|usual| usual == weights) {
        true => Ok(tops),
        false => Err(KernelError::CountedWeights { bottoms: owned() }),
    }
}

/// The computation of a layer in fp32.
fn float_work(site: &Site<'_>) -> Result<Box<dyn Work>, Error> {
    let layer = site.layer;
    let work = kernel(&layer.op).f32(site).map_err(|source| error(layer, source))?;
    let needed = layer.op.weight_count(&site.shapes.bottoms);
    if needed != layer.weights.len() {
        return Err(Error::NoWeights { layer: layer.name.clone() });
    }
    Ok(work)
}

fn error(layer: &Layer, source: KernelError) -> Error {
    match source {
        KernelError::NotExecutable { kind } => {
            Error::NotExecutable { layer: layer.name.clone(), kind }
        }
        source => Error::Layer {
            file: layer.file().map(Into::into),
            position: layer.position,
            layer: layer.name.clone(),
            kind: layer.op.kind(),
            source,
        },
    }
}

/// Whether the caller gives the layer's tops.
fn is_source(op: &LayerOp) -> bool {
    matches!(op, LayerOp::Input(_)) || op.pictures().is_some()
}

/// The values of some blobs of one forward pass, in fp32.
#[derive(Debug)]
pub struct Capture<'a> {
    executor: &'a Executor,
    wanted: &'a [BlobId],
    /// The captured values, in the order in which they were asked for.
    pub values: Vec<ArrayD<f32>>,
}

impl<'a> Capture<'a> {
    /// Captures these blobs.
    pub fn new(executor: &'a Executor, wanted: &'a [BlobId]) -> Self {
        Capture { executor, wanted, values: vec![ArrayD::default(vec![0]); wanted.len()] }
    }
}

impl Tap for Capture<'_> {
    fn blob(&mut self, id: BlobId, _: &Blob, value: &Value) {
        for (slot, _) in self.values.iter_mut().zip(self.wanted).filter(|(_, want)| **want == id) {
            *slot = self.executor.real(id, value);
        }
    }
}
