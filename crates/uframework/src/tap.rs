use umodel::{Blob, BlobId};

use crate::value::Value;

/// Looks at the blobs of a forward pass.
pub trait Tap {
    /// Called for every blob as soon as it is computed: the sources first, then layer by layer.
    fn blob(&mut self, id: BlobId, blob: &Blob, value: &Value);
}

/// Looks at nothing.
impl Tap for () {
    fn blob(&mut self, _: BlobId, _: &Blob, _: &Value) {}
}

/// A closure is a tap.
impl<F: FnMut(BlobId, &Blob, &Value)> Tap for F {
    fn blob(&mut self, id: BlobId, blob: &Blob, value: &Value) {
        self(id, blob, value);
    }
}
