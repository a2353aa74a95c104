//! A pool on the worker: slots, a smoothed rate, and a gate.

use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

use governor::clock::DefaultClock;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use iago_attempt::{Gate, Opening};
use iago_protocol::Slice;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::backoff::share;

/// Calls that may start at once, as a share of a minute's limit. With a burst of one, every wake-up
/// that comes late is lost for good; a tenth of a second's worth makes up for it.
const BURST_MINUTES: f64 = 1.0 / 600.0;

/// Calls are spaced wider than the limit asks for by this factor. They are spaced where they start
/// and counted where they arrive: a call that is held up on the way moves into the minute of later
/// ones, and this leaves room for it, for more than half a second.
const HEADROOM: f64 = 1.01;

/// After a closed gate opens, calls start spread over this time and not all at once.
const SPREAD: Duration = Duration::from_millis(500);

type Pace = RateLimiter<NotKeyed, InMemoryState, DefaultClock>;

/// What the coordinator lets this worker use of a pool.
#[derive(Debug)]
pub(crate) struct Pool {
    slots: std::sync::Arc<Semaphore>,
    pace: Option<Pace>,
    gate: Mutex<Gate>,
    start: Instant,
}

/// The right to make one call, from when it was given.
#[derive(Debug)]
pub(crate) struct Permit {
    pub(crate) started: Duration,
    _slot: OwnedSemaphorePermit,
}

/// The pool can do nothing until a person acts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Blocked(pub(crate) String);

impl Pool {
    pub(crate) fn new(slice: &Slice) -> Self {
        Self {
            slots: std::sync::Arc::new(Semaphore::new(slice.concurrency.max(1) as usize)),
            pace: slice.requests_per_minute.map(|limit| RateLimiter::direct(quota(limit))),
            gate: Mutex::new(Gate::default()),
            start: Instant::now(),
        }
    }

    /// Waits for a slot, an open gate and the pace, in this order: nothing that waits for the gate
    /// uses up the pace. `key` spreads those that a closed gate held back.
    pub(crate) async fn enter(&self, key: u64) -> Result<Permit, Blocked> {
        let slot = std::sync::Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.map_err(|_closed| Blocked("the worker is stopping".to_owned()))?;
        self.pass_gate(key).await?;
        if let Some(pace) = &self.pace {
            pace.until_ready().await;
            // Where the gate closed meanwhile, the pace is waited for again behind it: whoever kept
            // what it had would start with all the others that did, far above the limit.
            while self.gate(|gate, now| gate.opening(now)) != Opening::Open {
                self.pass_gate(key).await?;
                pace.until_ready().await;
            }
        }
        Ok(Permit { started: self.now(), _slot: slot })
    }

    /// Does something to the gate; never held over an await.
    pub(crate) fn gate<T>(&self, change: impl FnOnce(&mut Gate, Duration) -> T) -> T {
        let mut gate = self.gate.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut gate, self.now())
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

    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A quota under which no sliding minute holds more than `limit` calls: with a burst of b, the rest
/// of the minute may hold only limit - b.
fn quota(limit: u32) -> Quota {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a 600th")]
    let burst = ((f64::from(limit) * BURST_MINUTES) as u32).max(1);
    let steady = limit.saturating_sub(burst).max(1);
    let cell = (Duration::from_secs(60) / steady).mul_f64(HEADROOM);
    let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
    Quota::with_period(cell)
        .unwrap_or_else(|| Quota::per_minute(NonZeroU32::MIN))
        .allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_sliding_minute_holds_more_calls_than_the_limit(limit in 1u32..20_000) {
            let clock = FakeRelativeClock::default();
            let pace = RateLimiter::direct_with_clock(quota(limit), clock.clone());
            // The worst start: idle, then as fast as it lets us, for two minutes.
            let mut calls = std::collections::VecDeque::new();
            let step = Duration::from_millis(60_000 / u64::from(limit).clamp(60, 6_000));
            let mut now = Duration::ZERO;
            while now < Duration::from_secs(120) {
                while pace.check().is_ok() {
                    calls.push_back(now);
                }
                while calls.front().is_some_and(|first| now - *first >= Duration::from_secs(60)) {
                    calls.pop_front();
                }
                prop_assert!(calls.len() <= limit as usize, "{} calls of {limit}", calls.len());
                clock.advance(step);
                now += step;
            }
        }
    }

    fn slice(requests_per_minute: Option<u32>, concurrency: u32) -> Slice {
        Slice { pool: "p".to_owned(), requests_per_minute, concurrency }
    }

    #[tokio::test]
    async fn a_blocked_pool_turns_everybody_away() {
        let pool = Pool::new(&slice(None, 1));
        pool.gate(|gate, _| gate.block("401".to_owned()));
        assert_eq!(pool.enter(1).await.unwrap_err(), Blocked("401".to_owned()));
    }

    #[tokio::test]
    async fn what_a_closed_gate_held_back_keeps_the_pace_once_it_opens() {
        let pool = std::sync::Arc::new(Pool::new(&slice(Some(600), 16)));
        drop(pool.enter(0).await.unwrap());
        let entering: Vec<_> = (1..=11)
            .map(|key| {
                let pool = std::sync::Arc::clone(&pool);
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
}
