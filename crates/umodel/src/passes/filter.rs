use crate::Phase;
use crate::error::Error;
use crate::parameter::NetParameter;
use crate::state::is_included;

/// Keeps the layers that Caffe would keep for a phase, a level and stages; the model's own `state` does
/// not count. Rules stay where they are.
///
/// ```text
/// layer { name: "a" include { phase: TRAIN } }
/// layer { name: "b" include { phase: TEST } }      ⇒ TEST      layer { name: "b" include { phase: TEST } }
/// layer { name: "c" }                                          layer { name: "c" }
/// ```
///
/// # Errors
/// [`Error::Layer`] for a layer with both include and exclude rules.
pub fn filter(
    model: &NetParameter,
    phase: Phase,
    level: i32,
    stages: &[&str],
) -> Result<NetParameter, Error> {
    let mut state = crate::proto::NetState::new();
    state.set_level(level);
    state.stage = stages.iter().map(|&stage| stage.to_owned()).collect();
    model.filtered(|layer| is_included(layer, &state, phase))
}
