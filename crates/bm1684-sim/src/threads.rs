//! Work spread over threads. What comes out does not depend on how many there are.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Steps below which starting a thread takes longer than the work.
const WORTH_A_THREAD: u64 = 1 << 20;

/// The results of tasks 0 to `count`, in this order. `steps` says how much work all of them are.
pub(crate) fn spread<T: Send>(
    threads: usize,
    count: usize,
    steps: u64,
    task: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let threads = if steps < WORTH_A_THREAD { 1 } else { threads.min(count) };
    if threads < 2 {
        return (0..count).map(task).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return done;
            }
            done.push((index, task(index)));
        }
    };
    let mut results: Vec<(usize, T)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        for other in others {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        let expected: Vec<usize> = (0..1000).map(|index| index * index).collect();
        for threads in [1, 2, 7] {
            assert_eq!(spread(threads, 1000, u64::MAX, |index| index * index), expected);
        }
    }
}
