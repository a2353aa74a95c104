//! A pool on the worker: slots, a smoothed rate, and a gate.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iago_attempt::{Gate, Opening};
use iago_protocol::Slice;
use tokio::time::Instant;

use crate::backoff::share;
use crate::pace::{Pace, Waiter};
use crate::slots::{Slot, Slots};

/// After a closed gate opens, calls start spread over this time and not all at once.
const SPREAD: Duration = Duration::from_millis(500);

/// What the coordinator lets this worker use of a pool.
#[derive(Debug)]
pub(crate) struct Pool {
    slots: Arc<Slots>,
    pace: Mutex<Pace>,
    gate: Mutex<Gate>,
    start: Instant,
}

/// The right to make one call, from when it was given.
#[derive(Debug)]
pub(crate) struct Permit {
    pub(crate) started: Duration,
    _slot: Slot,
}

/// The pool can do nothing until a person acts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Blocked(pub(crate) String);

impl Pool {
    pub(crate) fn new(slice: &Slice) -> Self {
        Self {
            slots: Slots::new(slice.concurrency),
            pace: Mutex::new(Pace::new(slice.requests_per_minute)),
            gate: Mutex::new(Gate::default()),
            start: Instant::now(),
        }
    }

    /// Another slice, from now on. What the endpoint said stays in force, except for a block: that
    /// a slice comes means that somebody wants it tried again.
    pub(crate) fn change(&self, slice: &Slice) {
        self.slots.resize(slice.concurrency);
        self.pace().change(slice.requests_per_minute);
        self.gate(|gate, _| gate.unblock());
    }

    /// Calls under way beyond what the slice allows.
    pub(crate) fn over(&self) -> u32 {
        self.slots.owed()
    }

    /// Nothing may start until there is another slice.
    pub(crate) fn close(&self) {
        self.slots.resize(0);
    }

    /// Waits for a slot, an open gate and the pace, in this order: nothing that waits for the gate
    /// uses up the pace. `key` spreads those that a closed gate held back.
    pub(crate) async fn enter(&self, key: u64) -> Result<Permit, Blocked> {
        loop {
            let slot = self.slots.take().await;
            let waiter = self.pace().waiter();
            tokio::select! {
                passed = self.pass(key, waiter) => passed?,
                // Somebody else may be waiting to be given it.
                () = slot.taken_away() => continue,
            }
            // Where slots were taken away meanwhile, this one may be among them.
            if !slot.is_owed() {
                return Ok(Permit { started: self.now(), _slot: slot });
            }
        }
    }

    /// Does something to the gate; never held over an await.
    pub(crate) fn gate<T>(&self, change: impl FnOnce(&mut Gate, Duration) -> T) -> T {
        let mut gate = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut gate, self.now())
    }

    async fn pass(&self, key: u64, mut pace: Waiter) -> Result<(), Blocked> {
        loop {
            self.pass_gate(key).await?;
            pace.ready().await;
            // Where the gate closed meanwhile, the pace is waited for again behind it: whoever kept
            // what it had would start with all the others that did, far above the limit.
            if self.gate(|gate, now| gate.opening(now)) == Opening::Open {
                return Ok(());
            }
        }
    }

    async fn pass_gate(&self, key: u64) -> Result<(), Blocked> {
        for nth in 0.. {
            match self.gate(|gate, now| gate.opening(now)) {
                Opening::Open => break,
                Opening::Blocked(why) => return Err(Blocked(why)),
                Opening::In(rest) => {
                    tokio::time::sleep(rest + SPREAD.mul_f64(share(key, nth))).await;
                }
            }
        }
        Ok(())
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn slice(requests_per_minute: Option<u32>, concurrency: u32) -> Slice {
        Slice { pool: "p".to_owned(), requests_per_minute, concurrency, number: 0, over: 0 }
    }

    #[tokio::test]
    async fn a_blocked_pool_turns_everybody_away() {
        let pool = Pool::new(&slice(None, 1));
        pool.gate(|gate, _| gate.block("401".to_owned()));
        assert_eq!(pool.enter(1).await.unwrap_err(), Blocked("401".to_owned()));
    }

    #[tokio::test]
    async fn what_only_waits_for_its_pace_keeps_no_slot_that_is_taken_away() {
        let pool = Arc::new(Pool::new(&slice(Some(0), 3)));
        let entering: Vec<_> = (0..3)
            .map(|key| {
                let pool = Arc::clone(&pool);
                tokio::spawn(async move { pool.enter(key).await })
            })
            .collect();
        tokio::task::yield_now().await;
        pool.change(&slice(Some(0), 1));
        assert_eq!(pool.over(), 2);
        tokio::task::yield_now().await;
        assert_eq!(pool.over(), 0);
        assert!(entering.iter().all(|entering| !entering.is_finished()));
    }

    #[tokio::test]
    async fn what_a_closed_gate_held_back_keeps_the_pace_once_it_opens() {
        let pool = Arc::new(Pool::new(&slice(Some(600), 16)));
        drop(pool.enter(0).await.unwrap());
        let entering: Vec<_> = (1..=11)
            .map(|key| {
                let pool = Arc::clone(&pool);
                tokio::spawn(async move { pool.enter(key).await.unwrap().started })
            })
            .collect();
        // All of them have asked for the pace while the gate was open, and it closes for longer
        // than the pace needs to let all of them through.
        tokio::task::yield_now().await;
        pool.gate(|gate, now| gate.throttled(now, now, Some(Duration::from_millis(1500))));
        let mut started = Vec::new();
        for one in entering {
            started.push(one.await.unwrap());
        }
        started.sort_unstable();
        let (first, last) = (started[0], started[10]);
        assert!(last - first >= Duration::from_millis(700), "11 calls in {:?}", last - first);
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_gate_lets_nobody_in_before_its_time() {
        let pool = Pool::new(&slice(None, 8));
        pool.gate(|gate, now| gate.throttled(now, now, Some(Duration::from_secs(7))));
        let permit = pool.enter(1).await.unwrap();
        assert!(permit.started >= Duration::from_secs(7), "{:?}", permit.started);
    }

    #[tokio::test]
    async fn another_slice_is_in_force_at_once_for_those_who_wait() {
        let pool = Pool::new(&slice(None, 0));
        let mut entering = [Box::pin(pool.enter(1)), Box::pin(pool.enter(2))];
        assert!(entering.iter_mut().all(|one| one.now_or_never().is_none()));
        pool.change(&slice(None, 1));
        let first = (&mut entering[0]).now_or_never().expect("there is a slot").unwrap();
        assert!((&mut entering[1]).now_or_never().is_none());
        pool.change(&slice(None, 0));
        drop(first);
        assert!((&mut entering[1]).now_or_never().is_none(), "the slot has gone with its call");
        pool.change(&slice(None, 1));
        assert!((&mut entering[1]).now_or_never().is_some());
    }

    #[tokio::test]
    async fn whoever_waits_for_its_pace_in_a_slot_that_was_taken_away_does_not_start() {
        let pool = Pool::new(&slice(Some(0), 1));
        let mut entering = Box::pin(pool.enter(1));
        assert!((&mut entering).now_or_never().is_none());
        pool.change(&slice(None, 0));
        assert!((&mut entering).now_or_never().is_none());
        pool.change(&slice(None, 1));
        assert!(entering.now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn another_slice_lifts_a_block_and_leaves_a_pause() {
        let pool = Pool::new(&slice(None, 1));
        pool.gate(|gate, now| gate.throttled(now, now, Some(Duration::from_secs(7))));
        pool.gate(|gate, _| gate.block("401".to_owned()));
        pool.change(&slice(None, 1));
        let permit = pool.enter(1).await.unwrap();
        assert!(permit.started >= Duration::from_secs(7), "{:?}", permit.started);
    }
}
