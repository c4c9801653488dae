use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::note;
use super::output::is_quiet;

/// Shows how far a long work is: a bar on a terminal, a line for every tenth elsewhere.
pub struct Progress {
    what: &'static str,
    total: usize,
    bar: Option<ProgressBar>,
    tenths: AtomicUsize,
}

impl Progress {
    /// Starts at 0 of `total`. What is counted, `pictures` or `batches`, stands behind the speed.
    pub fn new(what: &'static str, unit: &'static str, total: usize) -> Self {
        let bar = (std::io::stderr().is_terminal() && !is_quiet()).then(|| {
            let bar = ProgressBar::new(total as u64);
            let template = "{prefix} {wide_bar} {pos}/{len} {speed} {eta}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                let print = move |state: &ProgressState, out: &mut dyn Write| {
                    // A terminal that has gone is no reason to stop.
                    let _ = out.write_str(&speed(state.per_sec(), unit));
                };
                bar.set_style(style.with_key("speed", print));
            }
            bar.with_prefix(what)
        });
        Progress { what, total, bar, tenths: AtomicUsize::new(0) }
    }

    /// `done` of the total are done.
    pub fn at(&self, done: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
            return;
        }
        if is_quiet() {
            return;
        }
        let tenth = done * 10 / self.total.max(1);
        if tenth > self.tenths.fetch_max(tenth, Ordering::Relaxed) {
            note!("{}: {done} of {}", self.what, self.total);
        }
    }
}

/// A speed in whole numbers: `6922 pictures/s`.
fn speed(per_second: f64, unit: &str) -> String {
    format!("{per_second:.0} {unit}/s")
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_whole_numbers() {
        assert_eq!(speed(6922.1974, "pictures"), "6922 pictures/s");
        assert_eq!(speed(0.4, "batches"), "0 batches/s");
    }
}
