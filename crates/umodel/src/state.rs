//! Phase and stage rules: which layers belong to the net that is built.

#![deny(clippy::indexing_slicing, clippy::as_conversions)]

use crate::Phase;
use crate::error::{LayerError, ValueError};
use crate::proto::{self, LayerParameter, NetState, NetStateRule};

/// Whether Caffe would keep this layer for the phase; `include` and `exclude` may not be mixed.
pub(crate) fn is_included(
    layer: &LayerParameter,
    state: &NetState,
    phase: Phase,
) -> Result<bool, LayerError> {
    if !layer.include.is_empty() && !layer.exclude.is_empty() {
        return Err(LayerError::bad("exclude", "", ValueError::Rules));
    }
    let meets = |rule: &NetStateRule| meets(rule, state, phase);
    Ok(if layer.include.is_empty() {
        !layer.exclude.iter().any(meets)
    } else {
        layer.include.iter().any(meets)
    })
}

fn meets(rule: &NetStateRule, state: &NetState, phase: Phase) -> bool {
    let same_phase = match rule.phase.map(|phase| phase.enum_value_or_default()) {
        None => true,
        Some(proto::Phase::TRAIN) => phase == Phase::Train,
        Some(proto::Phase::TEST) => phase == Phase::Test,
    };
    same_phase
        && rule.min_level.is_none_or(|level| state.level() >= level)
        && rule.max_level.is_none_or(|level| state.level() <= level)
        && rule.stage.iter().all(|stage| state.stage.contains(stage))
        && !rule.not_stage.iter().any(|stage| state.stage.contains(stage))
}
