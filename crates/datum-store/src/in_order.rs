//! Work on many threads, results in order on one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, mpsc};

use crate::in_flight::{Taken, hold_until_taken};

/// Calls `work` for each item on `threads` threads, and `take` with the items and what came of them
/// on this one, in the items' order.
///
/// No item is begun before the one `ahead` places earlier was taken, which bounds the memory that
/// results need. So does [`in_flight`](crate::in_flight): what `work` asks for there is held until its result is taken,
/// which then takes as much as `bytes` says.
///
/// # Errors
/// The first of `take`; no more items are begun then.
pub(crate) fn in_order<T: Sync, R: Send, E>(
    items: &[T],
    threads: usize,
    ahead: usize,
    work: impl Fn(&T) -> R + Sync,
    bytes: impl Fn(&R) -> u64 + Sync,
    mut take: impl FnMut(&T, R) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let window = Window::new(ahead.max(1));
    std::thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            let (sender, next, window) = (sender.clone(), &next, &window);
            let (work, bytes) = (&work, &bytes);
            scope.spawn(move || {
                let _closing = Closing { window, always: false };
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    if !window.enter(index) {
                        break;
                    }
                    let turn = window.order.turn(index);
                    let (result, mut held) = hold_until_taken(turn, || work(item));
                    held.becomes(bytes(&result));
                    if sender.send((index, (result, held))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        // Whatever happens, no thread is left waiting.
        let _closing = Closing { window: &window, always: true };
        let mut early = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            let (result, held) = loop {
                if let Some(result) = early.remove(&index) {
                    break result;
                }
                // Without senders a thread has panicked, as the scope will.
                let Ok((index, result)) = results.recv() else { return Ok(()) };
                early.insert(index, result);
            };
            take(item, result)?;
            drop(held);
            window.advance();
        }
        Ok(())
    })
}

/// The items that may be worked on.
struct Window {
    ahead: usize,
    /// Items taken; none are awaited any more if this is none.
    taken: Mutex<Option<usize>>,
    moved: Condvar,
    /// The same number for those who wait for memory.
    order: Taken,
}

impl Window {
    fn new(ahead: usize) -> Self {
        let taken = Mutex::new(Some(0));
        Window { ahead, taken, moved: Condvar::new(), order: Taken::default() }
    }

    /// Waits until an item may be begun; false if it need not be.
    fn enter(&self, index: usize) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let early =
            |taken: &mut Option<usize>| taken.is_some_and(|taken| index >= taken + self.ahead);
        self.moved.wait_while(taken, early).unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn advance(&self) {
        self.change(|taken| taken.map(|taken| taken + 1));
    }

    fn change(&self, to: impl FnOnce(Option<usize>) -> Option<usize>) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken = to(*taken);
        // Once nothing is taken any more, those who wait for memory get it from results that are dropped.
        if let Some(taken) = *taken {
            self.order.set(taken);
        }
        self.moved.notify_all();
    }
}

/// Closes the window when it goes, or only if that is because of a panic.
struct Closing<'a> {
    window: &'a Window,
    always: bool,
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if self.always || std::thread::panicking() {
            self.window.change(|_| None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::time::Duration;

    use super::*;
    use crate::in_flight::{LIMIT, ask};

    #[test]
    fn results_come_in_order_and_not_too_early() {
        let items: Vec<usize> = (0..300).collect();
        let taken = AtomicUsize::new(0);
        for threads in [1, 2, 7] {
            taken.store(0, Ordering::SeqCst);
            let work = |&item: &usize| {
                assert!(item < taken.load(Ordering::SeqCst) + 5);
                if item % 10 == 3 {
                    std::thread::sleep(Duration::from_millis(1));
                }
                2 * item
            };
            let take = |&item: &usize, result| {
                assert_eq!((item, result), (taken.fetch_add(1, Ordering::SeqCst), 2 * item));
                Ok::<_, ()>(())
            };
            assert_eq!(in_order(&items, threads, 4, work, |_| 0, take), Ok(()));
            assert_eq!(taken.load(Ordering::SeqCst), 300);
        }
        assert_eq!(in_order(&[], 2, 4, |_: &u8| (), |()| 0, |_, ()| Err(())), Ok(()));
    }

    #[test]
    fn an_error_ends_the_work() {
        let items: Vec<usize> = (0..1000).collect();
        let begun = AtomicUsize::new(0);
        let work = |_: &usize| begun.fetch_add(1, Ordering::SeqCst);
        let take = |&item: &usize, _| if item == 3 { Err(item) } else { Ok(()) };
        assert_eq!(in_order(&items, 2, 4, work, |_| 0, take), Err(3));
        assert!(begun.load(Ordering::SeqCst) < 20);
    }

    /// Exact: what is decoded or waits for its turn takes no more than the limit and the picture whose turn it is,
    /// on however many threads; and all results are there, in order.
    #[test]
    fn pictures_in_flight_are_bounded() {
        let items: Vec<u64> =
            (0..200).map(|item| if item % 40 == 7 { 3 * LIMIT } else { LIMIT / 4 }).collect();
        for threads in [1, 16] {
            let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
            let work = |&bytes: &u64| {
                ask(bytes);
                let sum = now.fetch_add(bytes, Ordering::SeqCst) + bytes;
                most.fetch_max(sum, Ordering::SeqCst);
                std::thread::yield_now();
                // It becomes a record of a third of the size.
                now.fetch_sub(bytes - bytes / 3, Ordering::SeqCst);
                bytes
            };
            let mut results = Vec::new();
            let take = |_: &u64, bytes| {
                results.push(bytes);
                now.fetch_sub(bytes / 3, Ordering::SeqCst);
                Ok::<_, ()>(())
            };
            assert_eq!(in_order(&items, threads, 128, work, |bytes| bytes / 3, take), Ok(()));
            assert_eq!(results, items);
            assert!(most.into_inner() <= LIMIT + 3 * LIMIT);
            assert_eq!(now.into_inner(), 0);
        }
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let work = |&item: &usize| assert!(item != 5);
        let _ = in_order(&(0..50).collect::<Vec<_>>(), 2, 4, work, |()| 0, |_, ()| Ok::<_, ()>(()));
    }
}
