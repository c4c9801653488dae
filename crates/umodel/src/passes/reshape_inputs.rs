use crate::Shape;
use crate::error::Error;
use crate::net::Net;

/// Gives the tops of the Input layers other shapes, in order, and every blob the shape that follows.
///
/// ```text
/// Input [1, 3, 224, 224] ─► conv [1, 64, 112, 112]
///                           ⇒
/// Input [4, 3, 224, 224] ─► conv [4, 64, 112, 112]
/// ```
///
/// # Errors
/// [`Error::InputCount`] if there are more or fewer tops; [`Error::Layer`] for the first layer that the
/// shapes do not suit.
pub fn reshape_inputs(net: &Net, shapes: &[Shape]) -> Result<Net, Error> {
    let expected = net.inputs().len();
    if expected != shapes.len() {
        return Err(Error::InputCount { expected, found: shapes.len() });
    }
    let names = net.inputs().into_iter().map(|id| net.blob(id).name.as_str());
    net.reshaped(&names.zip(shapes.iter().map(Vec::as_slice)).collect::<Vec<_>>())
}
