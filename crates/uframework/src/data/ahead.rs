//! Reading on a thread of its own.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use super::{Batches, RawBatch};
use crate::error::Error;

/// Batches that a thread reads ahead, in order. Dropping it ends the thread.
pub struct Ahead {
    // Both are None only while this is dropped.
    batches: Option<Receiver<Result<RawBatch, Error>>>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    pub(super) fn start(mut batches: Batches) -> Result<Self, Error> {
        let (sender, receiver) = sync_channel(batches.prefetch);
        let read = move || {
            loop {
                let batch = batches.read();
                let failed = batch.is_err();
                if sender.send(batch).is_err() || failed {
                    return; // nobody listens any more, or there is nothing more to say
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("prefetch".to_owned())
            .spawn(read)
            .map_err(|source| Error::Thread { source })?;
        Ok(Ahead { batches: Some(receiver), thread: Some(thread) })
    }

    /// The next batch.
    ///
    /// # Errors
    /// As [`Batches::read`]; [`Error::ReaderStopped`] after an error.
    pub fn read(&mut self) -> Result<RawBatch, Error> {
        let received = self.batches.as_ref().and_then(|batches| batches.recv().ok());
        received.unwrap_or(Err(Error::ReaderStopped))
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        // The thread ends when it sends to a channel without receiver.
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
