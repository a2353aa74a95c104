//! Even starts: a generic cell rate limiter with two memories.
//!
//! The quick one allows a little more than the limit's flow, so that late starts are caught up, but hardly any burst;
//! the slow one allows the flow itself, with [`SLOW_MEMORY`] of catching up in all, so that an endpoint that refills a
//! bucket and lets it hold no more than a second's flow is not overrun after a pause, however long it was.

use std::time::Duration;

use crate::window::{MINUTE, SLACK};

/// How much faster than the limit's flow starts may follow each other.
const QUICK: f64 = 1.05;

/// Seconds of flow that may start at once.
const QUICK_MEMORY: f64 = 0.25;

/// Seconds of flow that are caught up after a pause, in all.
const SLOW_MEMORY: f64 = 0.75;

/// The two theoretical next starts, in seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    quick: f64,
    slow: f64,
    /// When all that is owed is void, in seconds: a minute after the start that made it, nothing of it counts at an
    /// endpoint, however much it was.
    void_at: f64,
}

/// The flow of a limit by the minute, in amount per second. Less than a sixtieth, so that it does not run into the
/// window's limit all the time.
pub(crate) fn flow_of(limit: f64) -> f64 {
    (limit / (MINUTE + SLACK).as_secs_f64()).max(f64::MIN_POSITIVE)
}

impl Pace {
    /// A pace whose memory is used up.
    pub(crate) fn used_up(now: Duration) -> Self {
        let now = now.as_secs_f64();
        Self { quick: now + QUICK_MEMORY, slow: now + SLOW_MEMORY, void_at: now }
    }

    /// When `amount` may start, in seconds, at this flow. `late` seconds of lateness are always caught up; below zero,
    /// starts of more than the memory are apart by so many more than the flow says.
    pub(crate) fn opens_at(&self, amount: f64, flow: f64, late: f64) -> f64 {
        let after = |next: f64, memory: f64, flow: f64| {
            next.min(self.void_at + memory) - (memory - amount / flow).max(late)
        };
        after(self.quick, QUICK_MEMORY, flow * QUICK).max(after(self.slow, SLOW_MEMORY, flow))
    }

    /// Counts a start of `amount`; a negative one takes it back.
    pub(crate) fn count(&mut self, now: Duration, amount: f64, flow: f64) {
        let a_minute_later = (now + MINUTE + SLACK).as_secs_f64();
        let now = now.as_secs_f64();
        let quick = self.quick.min(self.void_at + QUICK_MEMORY).max(now);
        let slow = self.slow.min(self.void_at + SLOW_MEMORY).max(now);
        // However small, what is added to a debt of a minute would otherwise keep all of it alive.
        if amount > 0.0 && self.quick.max(self.slow) < a_minute_later {
            self.void_at = self.void_at.max(a_minute_later);
        }
        self.quick = quick + amount / (flow * QUICK);
        self.slow = slow + amount / flow;
    }

    /// The flow changed: what is owed is owed in amounts, not in time.
    pub(crate) fn rescale(&mut self, now: Duration, ratio: f64) {
        let now = now.as_secs_f64();
        let owed = |next: f64| if next > now { now + (next - now) * ratio } else { next };
        self.quick = owed(self.quick);
        self.slow = owed(self.slow);
    }

    /// Nothing is caught up of the time before `at`.
    pub(crate) fn use_up(&mut self, at: Duration) {
        let fresh = Self::used_up(at);
        self.void_at = self.void_at.max(fresh.void_at);
        self.quick = self.quick.max(fresh.quick);
        self.slow = self.slow.max(fresh.slow);
    }
}
