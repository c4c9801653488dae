//! Reading on a thread of its own.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use datum_store::in_flight;

use super::{Batches, RawBatch};
use crate::error::Error;

/// Batches that a thread reads ahead, in order. Dropping it ends the thread.
pub struct Ahead {
    // Both are None only while this is dropped.
    batches: Option<Receiver<Result<RawBatch, Error>>>,
    thread: Option<JoinHandle<()>>,
    waiting: Arc<Waiting>,
}

impl Ahead {
    pub(super) fn start(mut batches: Batches) -> Result<Self, Error> {
        let (sender, receiver) = sync_channel(batches.prefetch);
        let waiting = Arc::new(Waiting::new(in_flight::LIMIT));
        let counted = waiting.clone();
        let read = move || {
            while counted.enter() {
                let batch = batches.read();
                let failed = batch.is_err();
                counted.change(|bytes| bytes.saturating_add(size(&batch)));
                if sender.send(batch).is_err() || failed {
                    return; // nobody listens any more, or there is nothing more to say
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("prefetch".to_owned())
            .spawn(read)
            .map_err(|source| Error::Thread { source })?;
        Ok(Ahead { batches: Some(receiver), thread: Some(thread), waiting })
    }

    /// The next batch.
    ///
    /// # Errors
    /// As [`Batches::read`]; [`Error::ReaderStopped`] after an error.
    pub fn read(&mut self) -> Result<RawBatch, Error> {
        let received = self.batches.as_ref().and_then(|batches| batches.recv().ok());
        let batch = received.unwrap_or(Err(Error::ReaderStopped));
        self.waiting.change(|bytes| bytes.saturating_sub(size(&batch)));
        batch
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        // The thread ends when it sends to a channel without receiver, or when it is told not to read any more.
        self.batches = None;
        self.waiting.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn size(batch: &Result<RawBatch, Error>) -> u64 {
    batch.as_ref().map_or(0, RawBatch::bytes)
}

/// The bytes of batches that wait; none once nobody wants them.
struct Waiting {
    limit: u64,
    bytes: Mutex<Option<u64>>,
    moved: Condvar,
}

impl Waiting {
    fn new(limit: u64) -> Self {
        Waiting { limit, bytes: Mutex::new(Some(0)), moved: Condvar::new() }
    }

    /// Waits until another batch may be read; false if none is wanted.
    fn enter(&self) -> bool {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |bytes: &mut Option<u64>| bytes.is_some_and(|bytes| bytes >= self.limit);
        self.moved.wait_while(bytes, full).unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn change(&self, to: impl FnOnce(u64) -> u64) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        *bytes = bytes.map(to);
        self.moved.notify_all();
    }

    fn close(&self) {
        *self.bytes.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact: nothing more is read while as much waits as may; nobody waits once it is closed.
    #[test]
    fn reading_waits_for_those_who_take() {
        let waiting = Waiting::new(10);
        assert!(waiting.enter());
        waiting.change(|bytes| bytes + 12);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| waiting.enter());
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!reader.is_finished(), "12 of 10 bytes wait");
            waiting.change(|bytes| bytes - 3);
            assert!(reader.join().expect("no panic"));
            waiting.change(|bytes| bytes + 3);
            let reader = scope.spawn(|| waiting.enter());
            waiting.close();
            assert!(!reader.join().expect("no panic"));
        });
    }
}
