use crate::error::Error;
use crate::names::UniqueTops;
use crate::parameter::NetParameter;

/// Gives a layer that works in place a top of its own, named after the old one with `_1`, `_2`, … behind
/// it, and lets later layers read that. For models of one phase, see [`filter`](super::filter()).
///
/// ```text
/// conv1 ─► conv1                      conv1 ─► conv1
/// relu1: conv1 ─► conv1       ⇒       relu1: conv1 ─► conv1_1
/// pool1: conv1 ─► pool1               pool1: conv1_1 ─► pool1
/// ```
///
/// # Errors
/// [`Error::Layer`] for a bottom that no layer above writes, or a top written twice but not in place.
pub fn unique_tops(model: &NetParameter) -> Result<NetParameter, Error> {
    let mut names = UniqueTops::new(&model.message);
    model.edited(|layer| {
        (layer.bottom, layer.top) = names.resolve(layer)?;
        Ok(())
    })
}
