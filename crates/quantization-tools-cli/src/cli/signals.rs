//! What Ctrl-C and SIGTERM do: temporary files go at once.

/// From now on SIGINT and SIGTERM end the tool with 130 and 143, after its temporary files and folders are removed
/// and outputs that are just getting their names have got them. A file that grows beyond `ulimit -f` is an error
/// instead of the end of the process.
#[cfg(unix)]
pub(super) fn clean_up() {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;

    // A tool that cannot have signals works all the same, and the next run tidies up after it.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            file_set::abandon_all();
            std::process::exit(128 + signal);
        }
    });
}

/// Other systems have no such signals.
#[cfg(not(unix))]
pub(super) fn clean_up() {}
