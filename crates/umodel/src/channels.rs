//! Weights that are for pictures of another number of channels.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use crate::Shape;
use crate::error::{LayerError, QuantizationError};
use crate::layers::Role;
use crate::net::{BlobId, Layer, Net};

/// The first layer with weights behind the pictures meets them if they are grey and the net wants colours, or the
/// other way round. Then the shapes of its weights say less than the channels do.
pub(crate) fn explain(net: &Net, layer: &Layer, reason: LayerError) -> LayerError {
    let shapes = match &reason {
        LayerError::WeightShape { index: 0, expected, found }
        | LayerError::Quantization(QuantizationError::WeightShape { expected, found }) => {
            (expected, found)
        }
        _ => return reason,
    };
    channels(net, layer, shapes).unwrap_or(reason)
}

fn channels(net: &Net, layer: &Layer, (expected, found): (&Shape, &Shape)) -> Option<LayerError> {
    // Outputs, then the inputs of a group; the rest must be alike.
    let ([outputs, inputs, window @ ..], [found_outputs, found_inputs, found_window @ ..]) =
        (expected.as_slice(), found.as_slice())
    else {
        return None;
    };
    if outputs != found_outputs || window != found_window || *inputs == 0 {
        return None;
    }
    let &bottom = layer.bottoms.first()?;
    let source = source(net, bottom)?;
    let blob = net.blob(source);
    let &channels = blob.shape.get(1)?;
    let wanted = channels.checked_mul(*found_inputs)?;
    if blob.shape.len() != 4 || wanted % inputs != 0 {
        return None;
    }
    let producer = net.layers().get(net.producer(source))?;
    Some(LayerError::Channels {
        bottom: blob.name.clone(),
        found: channels,
        expected: wanted / inputs,
        pictures: matches!(producer.op.role(), Role::Pictures { .. }),
    })
}

/// The input of the net that a blob is made of by layers without weights.
fn source(net: &Net, mut blob: BlobId) -> Option<BlobId> {
    loop {
        let layer = net.layers().get(net.producer(blob))?;
        match layer.op.role() {
            Role::Pictures { .. } | Role::Input => return Some(blob),
            _ => {}
        }
        let &[bottom] = layer.bottoms.as_slice() else { return None };
        let shapes = [net.blob(bottom).shape.as_slice()];
        if !layer.op.param().weight_shapes(&shapes).ok()?.is_empty() {
            return None;
        }
        blob = bottom;
    }
}
