//! The smoothed rate at which calls of a pool start, where the rate changes while calls wait for it.
//!
//! It keeps to no limit: which call may start in which minute is the coordinator's to say. Here the
//! starts of one worker are only spread out.

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::watch;

/// Calls that may start at once, as a share of a minute's limit. With a burst of one, every wake-up
/// that comes late is lost for good; a tenth of a second's worth makes up for it.
const BURST_MINUTES: f64 = 1.0 / 600.0;

/// A limiter on the clock of type `C`.
type Limiter<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// When the next call may start.
#[derive(Debug)]
pub(crate) struct Pace {
    limit: Option<u32>,
    rate: watch::Sender<Arc<Rate>>,
}

#[derive(Debug)]
enum Rate {
    Unlimited,
    Limited(Box<Limiter<DefaultClock>>),
    Nothing,
}

impl Pace {
    /// A pace of so many calls a minute; as many as there are where that is absent.
    pub(crate) fn new(limit: Option<u32>) -> Self {
        Self { limit, rate: watch::Sender::new(Arc::new(Rate::new(limit))) }
    }

    /// Another limit, from now on: whoever waits, waits by the new one. The same limit again changes
    /// nothing, and what was used up of it stays used up.
    pub(crate) fn change(&mut self, limit: Option<u32>) {
        if limit != self.limit {
            self.limit = limit;
            self.rate.send_replace(Arc::new(Rate::new(limit)));
        }
    }

    /// Who waits for this pace, whatever becomes of it.
    pub(crate) fn waiter(&self) -> Waiter {
        Waiter(self.rate.subscribe())
    }
}

/// Waits for a pace.
#[derive(Debug)]
pub(crate) struct Waiter(watch::Receiver<Arc<Rate>>);

impl Waiter {
    /// Waits until a call may start; it must start then, or is wasted.
    pub(crate) async fn ready(&mut self) {
        loop {
            let rate = Arc::clone(&self.0.borrow_and_update());
            tokio::select! {
                biased;
                Ok(()) = self.0.changed() => {}
                () = rate.ready() => return,
            }
        }
    }
}

impl Rate {
    fn new(limit: Option<u32>) -> Self {
        match limit.map(NonZeroU32::new) {
            None => Self::Unlimited,
            Some(None) => Self::Nothing,
            Some(Some(limit)) => Self::Limited(Box::new(limiter(limit, DefaultClock::default()))),
        }
    }

    async fn ready(&self) {
        match self {
            Self::Unlimited => {}
            Self::Limited(limiter) => limiter.until_ready().await,
            Self::Nothing => std::future::pending().await,
        }
    }
}

/// A limiter whose burst is used up: an earlier one, here or in the process before this one, may
/// have spent it a moment ago.
fn limiter<C: Clock>(limit: NonZeroU32, clock: C) -> Limiter<C> {
    let quota = quota(limit);
    let limiter = RateLimiter::direct_with_clock(quota, clock);
    let used_up = limiter.check_n(quota.burst_size());
    debug_assert!(matches!(used_up, Ok(Ok(()))), "a burst fits into itself");
    limiter
}

/// As many a minute as the limit says, and a burst on top of them.
fn quota(limit: NonZeroU32) -> Quota {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a 600th")]
    let burst = (f64::from(limit.get()) * BURST_MINUTES) as u32;
    Quota::per_minute(limit).allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::time::Duration;

    use futures_util::FutureExt;
    use governor::clock::FakeRelativeClock;
    use proptest::prelude::*;

    use super::*;

    /// The most calls that any sliding minute sees under these limits, one after the other: each is
    /// idle for so many seconds, and then called as fast as it lets us for so many more.
    fn most_in_a_minute(limits: &[(u32, u64, u64)]) -> usize {
        let clock = FakeRelativeClock::default();
        let (mut now, mut most, mut calls) = (Duration::ZERO, 0, VecDeque::new());
        for (limit, idle, busy) in limits {
            let limit = NonZeroU32::new(*limit).expect("the strategies begin at 1");
            let pace = limiter(limit, clock.clone());
            let step = Duration::from_millis(60_000 / u64::from(limit.get()).clamp(60, 6_000));
            let idle = Duration::from_secs(*idle);
            clock.advance(idle);
            now += idle;
            let end = now + Duration::from_secs(*busy);
            while now < end {
                while pace.check().is_ok() {
                    calls.push_back(now);
                }
                while calls.front().is_some_and(|first| now - *first >= Duration::from_secs(60)) {
                    calls.pop_front();
                }
                most = most.max(calls.len());
                clock.advance(step);
                now += step;
            }
        }
        most
    }

    /// A minute's calls and a burst.
    fn most(limit: u32) -> usize {
        limit as usize + (limit as usize / 600).max(1)
    }

    proptest! {
        #[test]
        fn no_sliding_minute_holds_more_calls_than_the_rate_and_a_burst(limit in 1u32..20_000) {
            let calls = most_in_a_minute(&[(limit, 90, 120)]);
            prop_assert!(calls <= most(limit), "{calls} calls of {limit}");
        }

        #[test]
        fn nor_does_one_in_which_the_rate_changed_hold_more_than_the_highest(
            limits in prop::collection::vec((1u32..2_000, 0u64..20, 1u64..50), 1..8),
        ) {
            let calls = most_in_a_minute(&limits);
            let highest = limits.iter().map(|(limit, ..)| *limit).max().unwrap_or(0);
            prop_assert!(calls <= most(highest), "{calls} calls of {highest}");
        }
    }

    #[tokio::test]
    async fn whoever_waits_for_a_pace_of_nothing_goes_when_there_is_one() {
        let mut pace = Pace::new(Some(0));
        let mut waiter = pace.waiter();
        assert!(waiter.ready().now_or_never().is_none());
        pace.change(None);
        assert!(waiter.ready().now_or_never().is_some());
    }

    #[test]
    fn a_limit_that_is_said_again_leaves_what_was_used_up_of_it_used_up() {
        let mut pace = Pace::new(Some(600));
        let before = Arc::clone(&pace.rate.borrow());
        pace.change(Some(600));
        assert!(Arc::ptr_eq(&before, &pace.rate.borrow()));
        pace.change(Some(599));
        assert!(!Arc::ptr_eq(&before, &pace.rate.borrow()));
    }
}
