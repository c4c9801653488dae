//! The memory of all pictures that are in work at one time, in the whole process: a small file may hold a picture of
//! gigabytes, and every thread may have one.
//!
//! Whoever decodes a picture calls [`ask`] with the bytes that it takes, as soon as its header tells, and waits there
//! until the pictures of other threads leave room. [`hold`] says how long the picture is there. A picture that is
//! larger than the whole room waits until it is alone.
//!
//! Nobody waits for good: a thread waits only for pictures in the hands of others, never while it has one itself. In
//! conversions, where results wait for earlier ones, the picture whose turn it is does not wait.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The bytes that all pictures in work take together at most, unless a single one takes more.
pub const LIMIT: u64 = 1 << 30;

static SHARED: Room = Room::new(LIMIT);

thread_local! {
    static CURRENT: RefCell<Option<Scope>> = const { RefCell::new(None) };
}

/// What a thread has.
struct Scope {
    held: Held,
    turn: Option<Turn>,
}

/// Runs `work`, and gives back afterwards what it has [asked](ask) for. Within another call it changes nothing: the
/// outer one gives back.
///
/// ```
/// use datum_store::in_flight;
/// // Decoding and whatever is done with the picture.
/// let sum = in_flight::hold(|| {
///     in_flight::ask(6 * 640 * 480);
///     1 + 1
/// });
/// # assert_eq!(sum, 2);
/// ```
pub fn hold<R>(work: impl FnOnce() -> R) -> R {
    if CURRENT.with_borrow(Option::is_some) {
        return work();
    }
    let opened = Opened::new(None);
    let result = work();
    drop(opened);
    result
}

/// Waits until there is room for a picture of so many bytes. Outside of [`hold`] it does nothing. If the thread has
/// room already, as much as is missing is added without waiting.
pub fn ask(bytes: u64) {
    // The borrow must not last while the thread waits: nobody else could use it, but a panic would.
    let Some((before, turn)) = CURRENT.with_borrow(|current| {
        current.as_ref().map(|scope| (scope.held.bytes, scope.turn.clone()))
    }) else {
        return;
    };
    if bytes <= before {
        return;
    }
    if before == 0 {
        SHARED.take(bytes, || turn.as_ref().is_some_and(Turn::is_next));
    } else {
        SHARED.add(bytes - before);
    }
    CURRENT.with_borrow_mut(|current| {
        if let Some(scope) = current {
            scope.held.bytes = bytes;
        }
    });
}

/// As [`hold`], for work whose result waits until those before it were taken: what it holds is given back by whoever
/// takes the result.
pub(crate) fn hold_until_taken<R>(turn: Turn, work: impl FnOnce() -> R) -> (R, Held) {
    let opened = Opened::new(Some(turn));
    let result = work();
    (result, opened.close())
}

/// The scope of this thread, which ends with it.
struct Opened;

impl Opened {
    fn new(turn: Option<Turn>) -> Self {
        CURRENT.set(Some(Scope { held: Held { bytes: 0 }, turn }));
        Opened
    }

    fn close(self) -> Held {
        CURRENT.take().map_or(Held { bytes: 0 }, |scope| scope.held)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

/// Room that somebody has; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: u64,
}

impl Held {
    /// The picture has become a record of this size.
    pub(crate) fn becomes(&mut self, bytes: u64) {
        if bytes < self.bytes {
            SHARED.give(self.bytes - bytes);
        } else {
            SHARED.add(bytes - self.bytes);
        }
        self.bytes = bytes;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        SHARED.give(self.bytes);
    }
}

/// A place in an order of results.
#[derive(Clone, Debug)]
pub(crate) struct Turn {
    index: usize,
    taken: Taken,
}

impl Turn {
    fn is_next(&self) -> bool {
        self.index <= self.taken.0.load(Ordering::SeqCst)
    }
}

/// How many results have been taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken(Arc<AtomicUsize>);

impl Taken {
    pub(crate) fn turn(&self, index: usize) -> Turn {
        Turn { index, taken: self.clone() }
    }

    /// So many are taken.
    pub(crate) fn set(&self, count: usize) {
        self.0.store(count, Ordering::SeqCst);
        SHARED.wake();
    }
}

/// Bytes that are shared.
struct Room {
    limit: u64,
    state: Mutex<State>,
    moved: Condvar,
}

struct State {
    held: u64,
    /// Numbers of those who wait. The one that came first goes first, so that a large picture is not passed by small
    /// ones for ever.
    waiting: BTreeSet<u64>,
    next: u64,
}

impl Room {
    const fn new(limit: u64) -> Self {
        let state = State { held: 0, waiting: BTreeSet::new(), next: 0 };
        Room { limit, state: Mutex::new(state), moved: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so many bytes, or until `now` says that there is no waiting.
    fn take(&self, bytes: u64, now: impl Fn() -> bool) {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.waiting.insert(number);
        let wait = |state: &mut State| {
            let fits = state.held == 0 || state.held.saturating_add(bytes) <= self.limit;
            let is_first = state.waiting.first() == Some(&number);
            !(now() || (fits && is_first))
        };
        let mut state = self.moved.wait_while(state, wait).unwrap_or_else(PoisonError::into_inner);
        state.waiting.remove(&number);
        state.held = state.held.saturating_add(bytes);
        drop(state);
        self.moved.notify_all();
    }

    fn add(&self, bytes: u64) {
        let mut state = self.lock();
        state.held = state.held.saturating_add(bytes);
    }

    fn give(&self, bytes: u64) {
        let mut state = self.lock();
        state.held = state.held.saturating_sub(bytes);
        drop(state);
        self.moved.notify_all();
    }

    fn wake(&self) {
        // Nobody is between looking and waiting while the lock is had.
        drop(self.lock());
        self.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    fn held_here() -> u64 {
        CURRENT.with_borrow(|current| current.as_ref().map_or(0, |scope| scope.held.bytes))
    }

    /// Exact.
    #[test]
    fn the_outermost_scope_gives_back() {
        ask(5);
        assert_eq!(held_here(), 0, "there is no scope");
        hold(|| {
            ask(5);
            hold(|| ask(3));
            assert_eq!(held_here(), 5, "the larger one");
            hold(|| ask(7));
            assert_eq!(held_here(), 7);
        });
        assert_eq!(held_here(), 0);
        let caught = std::panic::catch_unwind(|| hold(|| panic!("as wanted")));
        assert!(caught.is_err() && held_here() == 0);
        assert!(CURRENT.with_borrow(Option::is_none));
    }

    /// Exact: never more than the limit, or a single picture; all come through, large ones too.
    #[test]
    fn threads_share_the_room() {
        let room = Room::new(100);
        let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for thread in 0..8u64 {
                let (room, now, most) = (&room, &now, &most);
                scope.spawn(move || {
                    for round in 0..200 {
                        let bytes = if (thread + round) % 50 == 0 { 250 } else { 30 };
                        room.take(bytes, || false);
                        let sum = now.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        assert!(sum <= 100 || sum == 250, "{sum}");
                        most.fetch_max(sum, Ordering::SeqCst);
                        std::thread::yield_now();
                        now.fetch_sub(bytes, Ordering::SeqCst);
                        room.give(bytes);
                    }
                });
            }
        });
        let state = room.lock();
        assert_eq!((state.held, state.waiting.len()), (0, 0));
        assert_eq!(most.into_inner(), 250);
    }
}
