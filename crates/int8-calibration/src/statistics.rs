use std::sync::{Arc, Mutex, PoisonError};

use uframework::{Executor, Tap, Value, Workspace, iterate};
use umodel::{Blob, BlobId, Net};

use crate::error::Error;
use crate::histogram::Histogram;

/// The distribution of every blob of a net.
#[derive(Clone, Debug)]
pub struct Statistics {
    net: Arc<Net>,
    blobs: Vec<Histogram>,
}

impl Statistics {
    fn new(net: Arc<Net>) -> Self {
        Statistics { blobs: vec![Histogram::default(); net.blobs().len()], net }
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
        let net = executor.net();
        // As many as there are threads: each iteration takes one that is idle.
        let idle: Mutex<Vec<Statistics>> = Mutex::new(Vec::new());
        let lock = || idle.lock().unwrap_or_else(PoisonError::into_inner);
        iterate(
            executor,
            iterations,
            |workspace: &mut Workspace, sources| {
                let taken = lock().pop();
                let mut statistics = taken.unwrap_or_else(|| Statistics::new(net.clone()));
                executor.forward(workspace, sources, &mut statistics)?;
                lock().push(statistics);
                Ok(())
            },
            progress,
        )?;
        let mut sum = Statistics::new(net.clone());
        for part in idle.into_inner().unwrap_or_else(PoisonError::into_inner) {
            sum.blobs.iter_mut().zip(&part.blobs).for_each(|(sum, part)| sum.merge(part));
        }
        match net.blobs().iter().zip(&sum.blobs).find(|(_, counts)| counts.not_finite() > 0) {
            Some((blob, counts)) => {
                Err(Error::NotFinite { blob: blob.name.clone(), count: counts.not_finite() })
            }
            None => Ok(sum),
        }
    }

    /// The net that was run.
    pub fn net(&self) -> &Arc<Net> {
        &self.net
    }

    /// The distribution of the blob of this name.
    pub fn histogram(&self, blob: &str) -> Option<&Histogram> {
        self.net.blob_id(blob).map(|id| &self.blobs[id.index()])
    }
}

impl Tap for Statistics {
    fn blob(&mut self, id: BlobId, _: &Blob, value: &Value) {
        if let Value::F32(values) = value
            && let Some(values) = values.as_slice()
        {
            self.blobs[id.index()].add(values);
        }
    }
}
