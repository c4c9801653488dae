//! Many forward passes, side by side.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use umodel::BlobId;

use crate::data::Batches;
use crate::error::Error;
use crate::exec::{Executor, Workspace};
use crate::value::Value;

/// Runs `work` once for each iteration over the net's layers that read pictures, on all of rayon's threads, and
/// gives the results in the iterations' order.
///
/// Each call gets the preprocessed source blobs of its iteration and a workspace that its thread
/// keeps. A thread of its own reads batches ahead, in order, and a forward pass runs on one thread, so results do not
/// depend on how many threads there are. `progress` is told the number of iterations done.
///
/// # Errors
/// The error of the earliest iteration that failed among those that were run; no new ones start
/// after a failure.
pub fn iterate<R: Send>(
    executor: &Executor,
    iterations: usize,
    work: impl Fn(&mut Workspace, Vec<(BlobId, Value)>) -> Result<R, Error> + Sync,
    progress: impl Fn(usize) + Sync,
) -> Result<Vec<R>, Error> {
    struct Queue {
        next: usize,
        done: usize,
    }
    let batches = Batches::open(executor.net())?;
    let preprocessing = batches.preprocessing();
    let reader = Mutex::new((batches.ahead()?, Queue { next: 0, done: 0 }));
    let results: Mutex<Vec<(usize, Result<R, Error>)>> = Mutex::new(Vec::new());
    let failed = AtomicBool::new(false);
    let lock_results = || results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    rayon::broadcast(|_| {
        let mut workspace = Workspace::default();
        while !failed.load(Ordering::Relaxed) {
            let (index, batch) = {
                let mut guard = reader.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let (batches, queue) = &mut *guard;
                if queue.next == iterations {
                    return;
                }
                queue.next += 1;
                (queue.next - 1, batches.read())
            };
            let result = batch
                .and_then(|batch| preprocessing.transform(&batch))
                .and_then(|sources| work(&mut workspace, sources));
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            lock_results().push((index, result));
            let mut guard = reader.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            guard.1.done += 1;
            progress(guard.1.done);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
