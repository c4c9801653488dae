use std::sync::Arc;

use ndarray::ArrayD;
use umodel::{Arithmetic, BlobFormat, BlobId, LayerOp, Net, QuantizedNet};

use crate::error::Error;
use crate::kernels::PackedWeights;
use crate::layers::{Call, Scratch, kernel};
use crate::plan::Plan;
use crate::tap::Tap;
use crate::value::{Pool, Value};

/// Runs a net, fp32 or int8. It does not change while it runs: threads share one executor, each
/// with a [`Workspace`] of its own.
///
/// A forward pass works on the calling thread alone, so that its results never depend on how many
/// others run beside it.
#[derive(Debug)]
pub struct Executor {
    net: Arc<Net>,
    quantized: Option<Arc<QuantizedNet>>,
    packed: Vec<Vec<PackedWeights>>,
    plan: Plan,
}

/// What a forward pass leaves for the next one: buffers only, never results.
#[derive(Debug, Default)]
pub struct Workspace {
    blobs: Vec<Option<Value>>,
    pool: Pool,
    scratch: Scratch,
}

impl Executor {
    /// An executor of the fp32 net.
    ///
    /// # Errors
    /// [`Error::NoWeights`] if the net was built without, [`Error::NotExecutable`] for a type that cannot
    /// be run.
    pub fn new(net: Arc<Net>) -> Result<Self, Error> {
        let plan = Plan::new(&net);
        let executor =
            Executor { packed: vec![Vec::new(); net.layers().len()], plan, quantized: None, net };
        executor.check()?;
        Ok(executor)
    }

    /// An executor of an int8 net, bit for bit as BM1684 computes it. Layers that stay fp32 are
    /// computed in fp32.
    ///
    /// # Errors
    /// [`Error::NoWeights`] if an fp32 layer has none, [`Error::NotExecutable`] for a type that cannot be
    /// run.
    pub fn quantized(quantized: Arc<QuantizedNet>) -> Result<Self, Error> {
        let net = quantized.net().clone();
        let pack = |(index, layer): (usize, &umodel::Layer)| match quantized.arithmetic(index) {
            Arithmetic::MultiplyAccumulate { weights, .. } => kernel(&layer.op).pack(weights),
            _ => Vec::new(),
        };
        let packed = net.layers().iter().enumerate().map(pack).collect();
        let plan = Plan::new(&net);
        let executor = Executor { net, quantized: Some(quantized), packed, plan };
        executor.check()?;
        Ok(executor)
    }

    fn check(&self) -> Result<(), Error> {
        for (index, layer) in self.net.layers().iter().enumerate() {
            if !kernel(&layer.op).runs(layer.tops.len()) {
                let (layer, kind) = (layer.name.clone(), layer.op.kind());
                return Err(Error::NotExecutable { layer, kind });
            }
            let float = matches!(self.arithmetic(index), Arithmetic::Float);
            let shapes = layer.bottoms.iter().map(|&id| self.net.blob(id).shape.as_slice());
            let needed = layer.op.weight_count(&shapes.collect::<Vec<_>>());
            if float && needed != layer.weights.len() {
                return Err(Error::NoWeights { layer: layer.name.clone() });
            }
        }
        Ok(())
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
        self.quantized.as_ref().map_or(BlobFormat::F32, |quantized| quantized.format(id))
    }

    fn arithmetic(&self, layer: usize) -> &Arithmetic {
        self.quantized.as_ref().map_or(&Arithmetic::Float, |quantized| quantized.arithmetic(layer))
    }

    /// Computes the whole net. `sources` are the tops of its Input and Data layers; fp32 values of
    /// a source that is stored in int8 are multiplied by its inverse scale and rounded half away
    /// from zero. `tap` sees every blob as soon as it is there.
    ///
    /// # Errors
    /// [`Error::MissingSource`], [`Error::SourceShape`], [`Error::SourceType`]; [`Error::Layer`]
    /// for a label that is no class.
    pub fn forward(
        &self,
        workspace: &mut Workspace,
        sources: Vec<(BlobId, Value)>,
        tap: &mut dyn Tap,
    ) -> Result<(), Error> {
        workspace.blobs.clear();
        workspace.blobs.resize(self.net.blobs().len(), None);
        for (id, value) in sources {
            workspace.blobs[id.index()] = Some(self.source(id, value)?);
        }
        for (index, layer) in self.net.layers().iter().enumerate() {
            match &layer.op {
                op if is_source(op) => {
                    for &top in &layer.tops {
                        if workspace.blobs[top.index()].is_none() {
                            let blob = self.net.blob(top).name.clone();
                            return Err(Error::MissingSource { blob });
                        }
                    }
                }
                _ => self.run(workspace, index)?,
            }
            for &top in &layer.tops {
                if let Some(value) = &workspace.blobs[top.index()] {
                    tap.blob(top, self.net.blob(top), value);
                }
            }
            for &id in self.plan.last_read_by(index) {
                if let Some(value) = workspace.blobs[id.index()].take() {
                    workspace.pool.give(value);
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
        let mut tap = |id: BlobId, _: &umodel::Blob, value: &Value| {
            if let Some(index) = wanted.iter().position(|&output| output == id) {
                values[index] = Some(value.clone());
            }
        };
        self.forward(&mut Workspace::default(), sources, &mut tap)?;
        Ok(values.into_iter().flatten().collect())
    }

    fn source(&self, id: BlobId, value: Value) -> Result<Value, Error> {
        let blob = self.net.blob(id);
        if value.shape() != blob.shape && !self.is_boxes(id, value.shape()) {
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

    /// Whether a value of this shape suits the boxes of an AnnotatedData layer: each batch has as many
    /// as it has.
    fn is_boxes(&self, id: BlobId, shape: &[usize]) -> bool {
        let mut layers = self.net.layers().iter();
        matches!(shape, [1, 1, _, 8])
            && self.net.blob(id).shape.len() == 4
            && layers.any(|layer| {
                matches!(layer.op, LayerOp::AnnotatedData(_)) && layer.tops.get(1) == Some(&id)
            })
    }

    fn run(&self, workspace: &mut Workspace, index: usize) -> Result<(), Error> {
        let layer = &self.net.layers()[index];
        let Workspace { blobs, pool, scratch } = workspace;
        let mut tops: Vec<Value> = layer
            .tops
            .iter()
            .map(|&top| pool.take(self.format(top).dtype, &self.net.blob(top).shape))
            .collect();
        let filled = |id: &BlobId| blobs[id.index()].as_ref();
        let bottoms: Vec<&Value> = layer.bottoms.iter().filter_map(filled).collect();
        let arithmetic = self.arithmetic(index);
        if let (Arithmetic::Cast, [bottom], [top]) = (arithmetic, &bottoms[..], &mut tops[..]) {
            *top = match &layer.op {
                LayerOp::Quantize(_) => {
                    Value::F32(bottom.to_f32(1.0)).into_format(self.format(layer.tops[0]))
                }
                _ => Value::F32(bottom.to_f32(self.format(layer.bottoms[0]).scale)),
            };
        } else {
            let mut call = Call {
                net: &self.net,
                layer,
                bottoms: bottoms.iter().map(|value| value.view()).collect(),
                tops: tops.iter_mut().map(Value::view_mut).collect(),
                arithmetic,
                as_bm1684: self.quantized.is_some(),
                packed: &self.packed[index],
                scratch,
            };
            let kernel = kernel(&layer.op);
            if let Arithmetic::Float = arithmetic {
                kernel.f32(&mut call).map_err(|source| Error::Layer {
                    position: layer.position,
                    layer: layer.name.clone(),
                    kind: layer.op.kind(),
                    source,
                })?;
            } else {
                kernel.i8(&mut call);
            }
        }
        for (&id, value) in layer.tops.iter().zip(tops) {
            blobs[id.index()] = Some(value);
        }
        Ok(())
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
    fn blob(&mut self, id: BlobId, _: &umodel::Blob, value: &Value) {
        for (slot, _) in self.values.iter_mut().zip(self.wanted).filter(|(_, want)| **want == id) {
            *slot = value.to_f32(self.executor.format(id).scale);
        }
    }
}
