//! A pool on the worker: slots, a smoothed rate, a gate, and a budget of repeats.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iago_attempt::{Gate, Opening, Repeats};
use iago_protocol::Slice;
use tokio::time::Instant;

use crate::pace::{Pace, Waiter};
use crate::slots::Slots;

/// The one clock of all gates of a worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(self) -> Duration {
        self.0.elapsed()
    }
}

/// A gate that calls share.
#[derive(Debug)]
pub(crate) struct SharedGate {
    gate: Mutex<Gate>,
    clock: Clock,
}

impl SharedGate {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { gate: Mutex::default(), clock }
    }

    /// Does something to the gate; never held over an await.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut Gate, Duration) -> T) -> T {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut gate, self.clock.now())
    }

    pub(crate) fn opening(&self) -> Opening {
        self.with(|gate, now| gate.opening(now))
    }

    pub(crate) fn waits_for(&self) -> Option<String> {
        self.with(|gate, now| gate.waits_for(now))
    }
}

/// What the coordinator lets this worker use of a pool.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) slots: Arc<Slots>,
    /// Closed while its endpoint cannot be reached, blocked while only a person can help.
    pub(crate) gate: SharedGate,
    pace: Mutex<Pace>,
    repeats: Mutex<Repeats>,
    /// Its calls are asked for.
    metered: AtomicBool,
    clock: Clock,
}

impl Pool {
    pub(crate) fn new(slice: &Slice, clock: Clock) -> Self {
        Self {
            slots: Slots::new(slice.concurrency),
            gate: SharedGate::new(clock),
            pace: Mutex::new(Pace::new(slice.requests_per_minute)),
            repeats: Mutex::default(),
            metered: AtomicBool::new(slice.metered),
            clock,
        }
    }

    /// Another slice, from now on. What the endpoint said stays in force, and a block does until a
    /// person has acted.
    pub(crate) fn change(&self, slice: &Slice) {
        self.metered.store(slice.metered, Ordering::Relaxed);
        self.slots.resize(slice.concurrency);
        self.pace().change(slice.requests_per_minute);
        if slice.lifts {
            self.gate.with(|gate, _| gate.unblock());
        }
    }

    /// Whether its calls are asked for.
    pub(crate) fn is_metered(&self) -> bool {
        self.metered.load(Ordering::Relaxed)
    }

    /// Calls under way beyond what the slice allows.
    pub(crate) fn over(&self) -> u32 {
        self.slots.owed()
    }

    /// Nothing may start until there is another slice.
    pub(crate) fn close(&self) {
        self.slots.resize(0);
    }

    /// Who waits for its pace.
    pub(crate) fn waiter(&self) -> Waiter {
        self.pace().waiter()
    }

    /// A first call of a request begins.
    pub(crate) fn called(&self) {
        self.repeats().called();
    }

    /// Waits until a call may be repeated. Nobody needs to wait in a slot for that.
    pub(crate) async fn repeat(&self) {
        loop {
            let may = self.repeats().may_repeat(self.clock.now());
            let Err(wait) = may else { return };
            tokio::time::sleep(wait).await;
        }
    }

    /// A repeat was answered, or never began.
    pub(crate) fn give_repeat_back(&self) {
        self.repeats().give_back();
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn repeats(&self) -> MutexGuard<'_, Repeats> {
        self.repeats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use iago_attempt::{REPEAT_EVERY, REPEATS_AT_START};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn repeats_wait_for_the_budget_of_their_pool() {
        let slice = Slice { pool: "p".to_owned(), concurrency: 1, ..Slice::default() };
        let clock = Clock::start();
        let pool = Pool::new(&slice, clock);
        for _ in 0..=REPEATS_AT_START {
            assert_eq!(pool.repeat().now_or_never(), Some(()));
        }
        let before = clock.now();
        pool.repeat().await;
        assert!(clock.now() - before >= REPEAT_EVERY);
        pool.give_repeat_back();
        assert_eq!(pool.repeat().now_or_never(), Some(()));
    }
}
