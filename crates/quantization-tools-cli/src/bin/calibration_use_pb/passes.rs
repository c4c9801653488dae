use std::sync::{Mutex, PoisonError};

use quantization_tools::int8_calibration::{self as calibration, Pass};
use quantization_tools_cli::cli::Progress;

/// The progress of a calibration, one bar for each of its passes.
#[derive(Default)]
pub(crate) struct Passes(Mutex<Option<(Pass, Progress)>>);

impl Passes {
    pub(crate) fn at(&self, at: calibration::Progress) {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.as_ref().is_none_or(|(pass, _)| *pass != at.pass) {
            let (what, unit) = match at.pass {
                Pass::Ranges => ("ranges of channels", "batches"),
                Pass::Thresholds => ("thresholds", "batches"),
                Pass::Search => ("methods of thresholds", "groups of blobs"),
                Pass::Weights => ("weights", "layers"),
                Pass::Sensitivities => ("what each layer costs", "layers"),
            };
            *shown = Some((at.pass, Progress::new(what, unit, at.total)));
        }
        if let Some((_, progress)) = shown.as_ref() {
            progress.at(at.done);
        }
    }
}
