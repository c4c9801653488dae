use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

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
    /// Starts at 0 of `total`.
    pub fn new(what: &'static str, total: usize) -> Self {
        let bar = (std::io::stderr().is_terminal() && !is_quiet()).then(|| {
            let bar = ProgressBar::new(total as u64);
            let style = "{prefix} {wide_bar} {pos}/{len} {per_sec} {eta}";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style);
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

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
