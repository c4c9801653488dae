use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use uframework::{Executor, Tap, Value, Workspace, for_each_result};
use umodel::layers::Role;
use umodel::{Blob, BlobId, Layer, Net};

use crate::error::Error;
use crate::grid::Grid;
use crate::histogram::Histogram;

/// The distribution of every blob of a net.
#[derive(Clone, Debug)]
pub struct Statistics {
    net: Arc<Net>,
    blobs: Vec<Histogram>,
    /// The blobs whose values are counted. Of the others, only extremes are known.
    counted: Arc<[bool]>,
    /// The different values of the pictures' blobs, by their index.
    grids: BTreeMap<usize, Grid>,
}

impl Statistics {
    fn new(net: Arc<Net>, counted: Arc<[bool]>) -> Self {
        let pictures = |layer: &&Layer| matches!(layer.op.role(), Role::Pictures { .. });
        let firsts = net.layers().iter().filter(pictures).filter_map(|layer| layer.tops.first());
        let grids = firsts.map(|top| (top.index(), Grid::new())).collect();
        Statistics { blobs: vec![Histogram::default(); net.blobs().len()], net, counted, grids }
    }

    /// Runs the net over its Data layers and counts every value of every blob.
    ///
    /// The result does not depend on the number of threads. `progress` is told the number of
    /// iterations done.
    ///
    /// # Errors
    /// [`Error::Execution`]; [`Error::NotFinite`] names a blob with infinite values or NaN.
    pub fn collect(
        executor: &Executor,
        iterations: usize,
        progress: impl Fn(usize) + Sync,
    ) -> Result<Self, Error> {
        Self::collect_of(executor, |_| true, iterations, || (), |()| (), progress)
    }

    /// As [`Statistics::collect`], but counts the values only of blobs whose names are `wanted`: counting takes longer
    /// than many a layer. Infinite values and NaN are found in all. Each iteration has a tap of its own, too, which `seen`
    /// gets afterwards, in the order of the iterations.
    pub(crate) fn collect_of<T: Tap + Send>(
        executor: &Executor,
        wanted: impl Fn(&str) -> bool,
        iterations: usize,
        tap: impl Fn() -> T + Sync,
        mut seen: impl FnMut(T) + Send,
        progress: impl Fn(usize) + Sync,
    ) -> Result<Self, Error> {
        let net = executor.net();
        let counted: Arc<[bool]> = net.blobs().iter().map(|blob| wanted(&blob.name)).collect();
        // As many as there are threads: each iteration takes one that is idle.
        let idle: Mutex<Vec<Statistics>> = Mutex::new(Vec::new());
        let lock = || idle.lock().unwrap_or_else(PoisonError::into_inner);
        let run = |workspace: &mut Workspace, sources| {
            let taken = lock().pop();
            let mut statistics =
                taken.unwrap_or_else(|| Statistics::new(net.clone(), counted.clone()));
            let mut tap = tap();
            let mut both = |id, blob: &Blob, value: &Value| {
                statistics.blob(id, blob, value);
                tap.blob(id, blob, value);
            };
            executor.forward(workspace, sources, &mut both)?;
            lock().push(statistics);
            Ok(tap)
        };
        let sink = |tap| {
            seen(tap);
            Ok(())
        };
        for_each_result(executor, iterations, run, sink, progress)?;
        let mut sum = Statistics::new(net.clone(), counted.clone());
        for part in idle.into_inner().unwrap_or_else(PoisonError::into_inner) {
            sum.blobs.iter_mut().zip(&part.blobs).for_each(|(sum, part)| sum.merge(part));
            sum.grids.values_mut().zip(part.grids.values()).for_each(|(sum, part)| sum.merge(part));
        }
        match net.blob_ids().zip(&sum.blobs).find(|(_, counts)| counts.not_finite() > 0) {
            Some((id, counts)) => {
                let (layer, blob) = (&net.layers()[net.producer(id)], net.blob(id).name.clone());
                let (layer, kind) = (layer.name.clone(), layer.op.kind());
                Err(Error::NotFinite { layer, kind, blob, count: counts.not_finite() })
            }
            None => Ok(sum),
        }
    }

    /// The net that was run.
    pub fn net(&self) -> &Arc<Net> {
        &self.net
    }

    /// The step that all values of a picture's blob are multiples of, see [`Grid::step`].
    pub(crate) fn picture_step(&self, blob: &str) -> Option<f32> {
        self.grids.get(&self.net.blob_id(blob)?.index())?.step()
    }

    /// The distribution of the blob of this name; nothing if its values were not counted, since no threshold depends
    /// on them.
    pub fn histogram(&self, blob: &str) -> Option<&Histogram> {
        let index = self.net.blob_id(blob)?.index();
        self.counted[index].then(|| &self.blobs[index])
    }
}

/// Refuses weights that are infinite or NaN, by the first layer that has some.
///
/// # Errors
/// [`Error::WeightNotFinite`].
pub(crate) fn check_weights(net: &Net) -> Result<(), Error> {
    for layer in net.layers() {
        for (index, weights) in layer.weights.iter().enumerate() {
            let count = weights.iter().filter(|weight| !weight.is_finite()).count();
            if count > 0 {
                return Err(Error::WeightNotFinite { layer: layer.name.clone(), index, count });
            }
        }
    }
    Ok(())
}

impl Tap for Statistics {
    fn blob(&mut self, id: BlobId, _: &Blob, value: &Value) {
        if let Value::F32(values) = value
            && let Some(values) = values.as_slice()
        {
            if let Some(grid) = self.grids.get_mut(&id.index()) {
                grid.add(values);
            }
            let histogram = &mut self.blobs[id.index()];
            if self.counted[id.index()] {
                histogram.add(values);
            } else {
                histogram.add_extremes(values);
            }
        }
    }
}
