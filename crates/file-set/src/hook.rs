//! Kills at chosen steps, for tests. Release builds have none of it.

/// A step of publishing. A build with debug assertions counts them, and ends or waits at one of them if the
/// environment variable `FILE_SET_STEP` says so: `kill:7` aborts the process at the seventh step, `pause:7` holds it
/// there for two seconds.
#[cfg(debug_assertions)]
pub(crate) fn step() {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static WANTED: OnceLock<Option<(bool, usize)>> = OnceLock::new();
    static STEPS: AtomicUsize = AtomicUsize::new(0);
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("FILE_SET_STEP").ok()?;
        let (what, step) = text.split_once(':')?;
        Some((what == "kill", step.parse().ok()?))
    });
    let Some((kill, wanted)) = *wanted else { return };
    if STEPS.fetch_add(1, Ordering::SeqCst) + 1 == wanted {
        if kill {
            std::process::abort();
        }
        std::thread::sleep(std::time::Duration::from_secs(2));
    }
}

#[cfg(not(debug_assertions))]
pub(crate) fn step() {}
