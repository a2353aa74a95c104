//! The endpoint's own limit on requests, measured where it counts: over the times of arrival.

use std::collections::VecDeque;
use std::time::Duration;

use crate::settings::{Limit, LimitKind};

const MINUTE: Duration = Duration::from_secs(60);

/// Counts arrivals against a limit. A call that is not admitted costs nothing.
#[derive(Debug)]
pub(crate) enum Limiter {
    SlidingMinute { limit: u32, arrivals: VecDeque<Duration> },
    TokenBucket { limit: u32, burst: u32, full_at: Duration },
}

/// Where the caller stands after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// How long until the whole limit is there again.
    pub(crate) reset_after: Duration,
    /// If the call was not admitted: how long until one will be.
    pub(crate) retry_after: Option<Duration>,
}

impl Limiter {
    pub(crate) fn new(limit: Limit) -> Self {
        let Limit { requests_per_minute, kind } = limit;
        match kind {
            LimitKind::SlidingMinute => {
                Self::SlidingMinute { limit: requests_per_minute, arrivals: VecDeque::new() }
            }
            LimitKind::TokenBucket { burst } => {
                Self::TokenBucket { limit: requests_per_minute, burst, full_at: Duration::ZERO }
            }
        }
    }

    /// Admits a call or not. Times must not run backwards.
    pub(crate) fn arrive(&mut self, now: Duration) -> Standing {
        match self {
            Self::SlidingMinute { limit, arrivals } => slide(*limit, arrivals, now),
            Self::TokenBucket { limit, burst, full_at } => drip(*limit, *burst, full_at, now),
        }
    }
}

/// An arrival leaves the window after exactly a minute.
fn slide(limit: u32, arrivals: &mut VecDeque<Duration>, now: Duration) -> Standing {
    while arrivals.front().is_some_and(|first| *first + MINUTE <= now) {
        arrivals.pop_front();
    }
    let until_left = |arrival: &Duration| *arrival + MINUTE - now;
    let used = u32::try_from(arrivals.len()).expect("no more than the limit are ever kept");
    let retry_after = if used < limit { None } else { arrivals.front().map(until_left) };
    if retry_after.is_none() {
        arrivals.push_back(now);
    }
    let used = used + u32::from(retry_after.is_none());
    let reset_after = arrivals.back().map(until_left).unwrap_or_default();
    Standing { limit, remaining: limit - used, reset_after, retry_after }
}

/// The bucket is kept as the time at which it will be full: every call puts that off by the time
/// that one token takes, and an empty bucket is `burst` tokens away from it.
fn drip(limit: u32, burst: u32, full_at: &mut Duration, now: Duration) -> Standing {
    let per_token = MINUTE / limit;
    let capacity = per_token * burst;
    let after = (*full_at).max(now) + per_token;
    let retry_after = (after - now).checked_sub(capacity).filter(|wait| !wait.is_zero());
    if retry_after.is_none() {
        *full_at = after;
    }
    let reset_after = full_at.saturating_sub(now);
    let held = capacity.saturating_sub(reset_after).as_nanos() / per_token.as_nanos();
    let remaining = u32::try_from(held).unwrap_or(burst);
    Standing { limit, remaining, reset_after, retry_after }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sliding(limit: u32) -> Limiter {
        Limiter::new(Limit { requests_per_minute: limit, kind: LimitKind::SlidingMinute })
    }

    fn bucket(limit: u32, burst: u32) -> Limiter {
        Limiter::new(Limit { requests_per_minute: limit, kind: LimitKind::TokenBucket { burst } })
    }

    fn admitted(limiter: &mut Limiter, gaps_ms: &[u64]) -> Vec<Duration> {
        let mut now = Duration::ZERO;
        let mut admitted = Vec::new();
        for gap in gaps_ms {
            now += Duration::from_millis(*gap);
            if limiter.arrive(now).retry_after.is_none() {
                admitted.push(now);
            }
        }
        admitted
    }

    proptest! {
        #[test]
        fn no_sliding_minute_sees_more_than_the_limit(
            limit in 1_u32..20, gaps in prop::collection::vec(0_u64..10_000, 1..200),
        ) {
            let admitted = admitted(&mut sliding(limit), &gaps);
            for first in &admitted {
                let inside = admitted.iter().filter(|at| *at >= first && **at < *first + MINUTE);
                prop_assert!(inside.count() <= limit as usize);
            }
        }

        #[test]
        fn a_bucket_gives_its_burst_and_its_flow_and_no_more(
            limit in 1_u32..100, burst in 1_u32..20,
            gaps in prop::collection::vec(0_u64..5_000, 1..200),
        ) {
            let admitted = admitted(&mut bucket(limit, burst), &gaps);
            for (index, first) in admitted.iter().enumerate() {
                for (more, last) in (1_u32..).zip(&admitted[index..]) {
                    let flowed = (*last - *first).as_secs_f64() * f64::from(limit) / 60.0;
                    prop_assert!(f64::from(more) <= f64::from(burst) + flowed + 1e-3);
                }
            }
        }

        #[test]
        fn who_waits_as_told_is_admitted(
            limit in 1_u32..50, burst in prop::option::of(1_u32..20),
            gaps in prop::collection::vec(0_u64..3_000, 1..100),
        ) {
            let mut limiter = burst.map_or_else(|| sliding(limit), |burst| bucket(limit, burst));
            let mut now = Duration::ZERO;
            for gap in gaps {
                now += Duration::from_millis(gap);
                if let Some(wait) = limiter.arrive(now).retry_after {
                    now += wait;
                    prop_assert_eq!(limiter.arrive(now).retry_after, None);
                }
            }
        }
    }

    #[test]
    fn what_remains_counts_down_to_a_refusal() {
        for mut limiter in [sliding(3), bucket(3, 3)] {
            let now = Duration::from_secs(5);
            let remaining: Vec<_> = (0..4).map(|_| limiter.arrive(now).remaining).collect();
            assert_eq!(remaining, [2, 1, 0, 0]);
            assert!(limiter.arrive(now).retry_after.is_some());
        }
    }
}
