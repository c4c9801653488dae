use std::collections::HashMap;

use rayon::prelude::*;
use uframework::{Executor, Value, Workspace};
use umodel::layers::{Input, Int8Form};
use umodel::quant::QuantizedSpec;
use umodel::{Arithmetic, BlobFormat, LayerSpec, QuantizedNet, Shape};

use crate::error::Error;

/// An int8 net that is run layer by layer, each for all pictures before the next.
pub(super) struct Lockstep {
    specs: Vec<QuantizedSpec>,
    /// The layer that is run next.
    next: usize,
    blobs: HashMap<String, Stored>,
    /// The last layer that reads each blob.
    readers: HashMap<String, usize>,
}

/// A blob that some layer still reads.
struct Stored {
    shape: Shape,
    format: BlobFormat,
    /// One for each iteration.
    values: Vec<Value>,
}

impl Lockstep {
    /// Before the first layer of an int8 net.
    pub(super) fn new(specs: Vec<QuantizedSpec>) -> Self {
        let mut readers = HashMap::new();
        for (index, spec) in specs.iter().enumerate() {
            readers.extend(spec.spec.bottoms.iter().map(|bottom| (bottom.clone(), index)));
        }
        Lockstep { specs, next: 0, blobs: HashMap::new(), readers }
    }

    /// The values of a blob in each iteration; none if its layer was not run yet, or all that read it were.
    pub(super) fn values(&self, blob: &str) -> Option<&[Value]> {
        self.blobs.get(blob).map(|stored| &stored.values[..])
    }

    pub(super) fn specs(&self) -> &[QuantizedSpec] {
        &self.specs
    }

    pub(super) fn format(&self, blob: &str) -> Option<BlobFormat> {
        self.blobs.get(blob).map(|stored| stored.format)
    }

    /// Other integers for a layer that was not run yet.
    pub(super) fn replace(&mut self, layer: usize, arithmetic: Arithmetic) {
        self.specs[layer].arithmetic = arithmetic;
    }

    pub(super) fn into_specs(self) -> Vec<QuantizedSpec> {
        self.specs
    }

    /// Runs the next layer. `sources` are what the net's layers that read pictures gave, in fp32: of each iteration the values
    /// by the names of their blobs.
    ///
    /// # Errors
    /// What the executor reports.
    pub(super) fn run(&mut self, sources: &[&HashMap<String, Value>]) -> Result<(), Error> {
        let index = self.next;
        self.next += 1;
        let QuantizedSpec { spec, formats, .. } = &self.specs[index];
        let values: Vec<Vec<Value>> = if let Int8Form::Source { .. } = spec.op.int8_form() {
            let given = |values: &&HashMap<String, Value>| {
                let tops = spec.tops.iter().zip(formats);
                tops.map(|(top, &format)| Some(values.get(top)?.clone().into_format(format)))
                    .collect::<Option<Vec<Value>>>()
                    .unwrap_or_default()
            };
            sources.iter().map(given).collect()
        } else {
            self.compute(index, sources.len())?
        };
        for (place, (top, &format)) in spec.tops.iter().zip(formats).enumerate() {
            let read = self.readers.get(top).is_some_and(|&reader| reader > index);
            let values =
                values.iter().map(|tops| tops.get(place).cloned()).collect::<Option<Vec<_>>>();
            if let Some(values) = values.filter(|values| read && !values.is_empty()) {
                let shape = values[0].shape().into();
                self.blobs.insert(top.clone(), Stored { shape, format, values });
            }
        }
        let readers = &self.readers;
        self.blobs.retain(|blob, _| readers.get(blob).is_some_and(|&reader| reader > index));
        Ok(())
    }

    /// The tops of a layer for each iteration, by a net of that layer alone.
    fn compute(&self, index: usize, iterations: usize) -> Result<Vec<Vec<Value>>, Error> {
        let layer = &self.specs[index];
        let mut specs = Vec::new();
        let mut bottoms: Vec<&str> = Vec::new();
        for bottom in &layer.spec.bottoms {
            let Some(stored) = self.blobs.get(bottom) else { return Ok(Vec::new()) };
            if bottoms.contains(&bottom.as_str()) {
                continue;
            }
            let input = Input { shapes: vec![stored.shape.clone()], int8_scale: None };
            let name = format!("{}, bottom {}", layer.spec.name, bottoms.len());
            let spec = LayerSpec::new(&name, input, &[], &[bottom]);
            let formats = vec![stored.format];
            specs.push(QuantizedSpec { spec, arithmetic: Arithmetic::Cast, formats });
            bottoms.push(bottom);
        }
        specs.push(layer.clone());
        let executor = Executor::quantized(QuantizedNet::from_specs("", specs)?.into())?;
        let net = executor.net();
        let ids: Vec<_> = bottoms.iter().filter_map(|bottom| net.blob_id(bottom)).collect();
        let tops: Vec<_> = layer.spec.tops.iter().filter_map(|top| net.blob_id(top)).collect();
        let one = |workspace: &mut Workspace, iteration: usize| {
            let value = |bottom: &&str| self.blobs[*bottom].values[iteration].clone();
            let sources = ids.iter().copied().zip(bottoms.iter().map(value)).collect();
            let mut found: Vec<Option<Value>> = vec![None; tops.len()];
            executor.forward(workspace, sources, &mut |id, _: &umodel::Blob, value: &Value| {
                if let Some(place) = tops.iter().position(|&top| top == id) {
                    found[place] = Some(value.clone());
                }
            })?;
            Ok(found.into_iter().flatten().collect())
        };
        (0..iterations).into_par_iter().map_init(Workspace::default, one).collect()
    }
}
