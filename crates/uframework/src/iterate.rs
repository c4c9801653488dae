//! Many forward passes, side by side.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use ndarray::ArrayD;
use umodel::BlobId;

use crate::data::Batches;
use crate::error::Error;
use crate::exec::{Capture, Executor, Workspace};
use crate::value::Value;

/// Runs `work` once for each iteration over the net's layers that read pictures, on all of rayon's threads, and
/// gives the results in the iterations' order. [`for_each_result`] does not keep them all.
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
    let mut results = Vec::with_capacity(iterations);
    let sink = |result| {
        results.push(result);
        Ok(())
    };
    for_each_result(executor, iterations, work, sink, progress)?;
    Ok(results)
}

/// Runs a net over its layers that read pictures, and gives what each iteration makes of these blobs to `sink`, in the
/// iterations' order: in fp32, those of an int8 net as the real values that their integers stand for. Memory does not
/// grow with the iterations.
///
/// It is what `ExtractFeatures` of the vendor's U-FrameWork does; `datum_store::Features` makes records of the blobs.
///
/// # Errors
/// As [`iterate`]; the first error of `sink`, after which no iteration starts.
pub fn extract(
    executor: &Executor,
    iterations: usize,
    blobs: &[BlobId],
    sink: impl FnMut(Vec<ArrayD<f32>>) -> Result<(), Error> + Send,
    progress: impl Fn(usize) + Sync,
) -> Result<(), Error> {
    let run = |workspace: &mut Workspace, sources| {
        let mut capture = Capture::new(executor, blobs);
        executor.forward(workspace, sources, &mut capture)?;
        Ok(capture.values)
    };
    for_each_result(executor, iterations, run, sink, progress)
}

/// As [`iterate`], but each result goes to `sink` as soon as all those before it have gone there. No more than two
/// results for each thread wait for their turn.
///
/// # Errors
/// As [`iterate`]; the first error of `sink`, after which no iteration starts.
pub fn for_each_result<R: Send>(
    executor: &Executor,
    iterations: usize,
    work: impl Fn(&mut Workspace, Vec<(BlobId, Value)>) -> Result<R, Error> + Sync,
    sink: impl FnMut(R) -> Result<(), Error> + Send,
    progress: impl Fn(usize) + Sync,
) -> Result<(), Error> {
    struct Queue {
        next: usize,
        done: usize,
    }
    let batches = Batches::open(executor.net())?;
    let preprocessing = batches.preprocessing();
    let reader = Mutex::new((batches.ahead()?, Queue { next: 0, done: 0 }));
    let line = Line::new(sink, 2 * rayon::current_num_threads());
    rayon::broadcast(|_| {
        let mut workspace = Workspace::default();
        let _guard = StopOnPanic(&line);
        loop {
            let (index, batch) = {
                let mut guard = lock(&reader);
                let (batches, queue) = &mut *guard;
                if queue.next == iterations || line.has_failed() {
                    return;
                }
                queue.next += 1;
                (queue.next - 1, batches.read())
            };
            if !line.wait(index) {
                return;
            }
            let result = batch
                .and_then(|batch| preprocessing.transform(&batch))
                .and_then(|sources| work(&mut workspace, sources));
            line.put(index, result);
            let mut guard = lock(&reader);
            guard.1.done += 1;
            progress(guard.1.done);
        }
    });
    line.finish()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where results wait until all those before them have gone to the sink.
struct Line<R, S> {
    state: Mutex<LineState<R, S>>,
    moved: Condvar,
    /// How far ahead of the sink work may be.
    ahead: usize,
}

struct LineState<R, S> {
    sink: S,
    /// The iteration whose result goes to the sink next.
    next: usize,
    waiting: BTreeMap<usize, R>,
    /// The earliest iteration that failed.
    failure: Option<(usize, Error)>,
    stopped: bool,
}

impl<R, S: FnMut(R) -> Result<(), Error>> Line<R, S> {
    fn new(sink: S, ahead: usize) -> Self {
        let waiting = BTreeMap::new();
        let state = LineState { sink, next: 0, waiting, failure: None, stopped: false };
        Line { state: Mutex::new(state), moved: Condvar::new(), ahead }
    }

    fn has_failed(&self) -> bool {
        lock(&self.state).stopped
    }

    /// Waits until the sink is near enough to this iteration; false if the work has ended by then. The sink's next
    /// iteration never waits, so that it comes nearer.
    fn wait(&self, index: usize) -> bool {
        let far = |state: &mut LineState<R, S>| !state.stopped && index >= state.next + self.ahead;
        let state = self.moved.wait_while(lock(&self.state), far);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        // An iteration before the one that failed still tells its own error.
        !state.stopped || state.failure.as_ref().is_some_and(|&(failed, _)| index < failed)
    }

    fn put(&self, index: usize, result: Result<R, Error>) {
        let mut guard = lock(&self.state);
        let state = &mut *guard;
        match result {
            Ok(result) => {
                state.waiting.insert(index, result);
                while let Some(result) = state.waiting.remove(&state.next) {
                    if let Err(error) = (state.sink)(result) {
                        // Nothing before it can fail any more.
                        state.failure = Some((state.next, error));
                        state.stopped = true;
                        state.waiting.clear();
                        break;
                    }
                    state.next += 1;
                }
            }
            Err(error) => {
                if state.failure.as_ref().is_none_or(|&(earliest, _)| index < earliest) {
                    state.failure = Some((index, error));
                }
                state.stopped = true;
            }
        }
        self.moved.notify_all();
    }

    fn finish(self) -> Result<(), Error> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.failure.map_or(Ok(()), |(_, error)| Err(error))
    }
}

/// Lets no thread wait for the result of one that has panicked.
struct StopOnPanic<'a, R, S: FnMut(R) -> Result<(), Error>>(&'a Line<R, S>);

impl<R, S: FnMut(R) -> Result<(), Error>> Drop for StopOnPanic<'_, R, S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.state).stopped = true;
            self.0.moved.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: results that come out of order leave in order, and none waits longer than it must.
    #[test]
    fn results_wait_for_their_turn() {
        let mut got = Vec::new();
        let sink = |result: usize| {
            got.push(result);
            Ok(())
        };
        let line = Line::new(sink, 4);
        for index in [2, 1, 0, 4, 3, 7] {
            assert!(line.wait(index), "{index}");
            line.put(index, Ok(index));
        }
        assert_eq!(lock(&line.state).waiting.keys().copied().collect::<Vec<_>>(), [7]);
        line.finish().expect("no failure");
        assert_eq!(got, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn work_waits_for_the_sink_and_stops_at_a_failure() {
        let line = Line::new(|_: usize| Ok(()), 2);
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| line.wait(2));
            line.put(1, Ok(1));
            line.put(0, Ok(0));
            assert!(waiter.join().expect("no panic"), "iteration 2 is near now");
            let waiter = scope.spawn(|| line.wait(5));
            line.put(3, Err(Error::NoDataLayer));
            assert!(!waiter.join().expect("no panic"), "nothing starts after a failure");
        });
        assert!(line.wait(2) && !line.wait(4), "only what comes before the failure");
        assert!(line.finish().is_err());
    }

    /// Exact: whoever is fast waits for the slow first iteration.
    #[test]
    fn no_more_results_wait_than_allowed() {
        let line = Line::new(|_: usize| Ok(()), 4);
        let most = std::thread::scope(|scope| {
            let fast = scope.spawn(|| {
                let put = |index| {
                    assert!(line.wait(index));
                    line.put(index, Ok(index));
                    lock(&line.state).waiting.len()
                };
                (1..100).map(put).max()
            });
            std::thread::sleep(std::time::Duration::from_millis(50));
            line.put(0, Ok(0));
            fast.join().expect("no panic")
        });
        assert!(most <= Some(3), "{most:?}");
    }

    /// Exact: the sink's error is the one that is told, though a later iteration has failed before.
    #[test]
    fn a_sink_that_fails_ends_the_work() {
        let sink = |result: usize| match result {
            1 => Err(Error::Sink("the disk is full".into())),
            result => {
                assert_eq!(result, 0, "nothing comes after the error");
                Ok(())
            }
        };
        let line = Line::new(sink, 8);
        line.put(3, Err(Error::NoDataLayer));
        line.put(2, Ok(2));
        line.put(0, Ok(0));
        line.put(1, Ok(1));
        assert!(line.has_failed() && !line.wait(4));
        let error = line.finish().expect_err("the sink's");
        assert_eq!(error.to_string(), "the disk is full");
    }

    #[test]
    fn a_panic_wakes_those_who_wait() {
        let line = Line::new(|_: usize| Ok(()), 1);
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| line.wait(1));
            let panics = scope.spawn(|| {
                let _guard = StopOnPanic(&line);
                panic!("as wanted");
            });
            assert!(panics.join().is_err());
            assert!(!waiter.join().expect("no panic"));
        });
    }
}
