//! The endpoint's own limit, measured where it counts: over the times of arrival.

use std::time::Duration;

use crate::bucket::Bucket;
use crate::limit::{Limit, Quantity};
use crate::minute::{Cost, Minute};

/// Holds arrivals against a limit, which may change. What was admitted before a change counts after
/// it too.
#[derive(Debug)]
pub(crate) struct Limiter {
    limit: Option<Limit>,
    minute: Minute,
    buckets: [Bucket; Quantity::ALL.len()],
}

/// Where the caller stands after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Standing {
    /// Of each limited quantity, in the order of [`Quantity::ALL`].
    pub(crate) levels: [Option<Level>; Quantity::ALL.len()],
    pub(crate) refusal: Option<Refusal>,
}

/// Where the caller stands with one quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    /// How long until the whole limit is there again.
    pub(crate) reset_after: Duration,
}

/// Why a call is not admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The one that takes longest.
    pub(crate) quantity: Quantity,
    /// How long until this call would be admitted, if no other one is; nothing if it never would.
    pub(crate) retry_after: Option<Duration>,
}

impl Limiter {
    pub(crate) fn new(limit: Option<Limit>) -> Self {
        Self { limit, minute: Minute::default(), buckets: Default::default() }
    }

    pub(crate) fn limit(&self) -> Option<&Limit> {
        self.limit.as_ref()
    }

    pub(crate) fn minute(&self) -> &Minute {
        &self.minute
    }

    pub(crate) fn set_limit(&mut self, now: Duration, limit: Option<Limit>) {
        self.advance(now);
        self.limit = limit;
    }

    /// Admits a call or not. Times must not run backwards.
    pub(crate) fn arrive(&mut self, now: Duration, cost: Cost) -> Standing {
        self.advance(now);
        let refusal = self.refuse(now, cost);
        if refusal.is_none() {
            self.minute.admit(now, cost);
            for (quantity, bucket) in Quantity::ALL.into_iter().zip(&mut self.buckets) {
                bucket.take(cost.of(quantity));
            }
        }
        let level = |quantity| self.level(now, quantity);
        Standing { levels: Quantity::ALL.map(level), refusal }
    }

    fn advance(&mut self, now: Duration) {
        self.minute.advance(now);
        for (quantity, bucket) in Quantity::ALL.into_iter().zip(&mut self.buckets) {
            bucket.advance(now, self.limit.and_then(|limit| limit.of(quantity)));
        }
    }

    fn refuse(&self, now: Duration, cost: Cost) -> Option<Refusal> {
        let waits = Quantity::ALL.into_iter().filter_map(|quantity| {
            let wait = self.wait(now, quantity, cost.of(quantity))?;
            (!wait.is_zero()).then_some((quantity, wait))
        });
        let (quantity, wait) = waits.max_by_key(|(_, wait)| *wait)?;
        let retry_after = (wait < Duration::MAX).then_some(wait);
        Some(Refusal { quantity, retry_after })
    }

    /// How long until so much is there; forever if it is more than a minute's. Nothing where there
    /// is no limit.
    fn wait(&self, now: Duration, quantity: Quantity, much: u64) -> Option<Duration> {
        let limit = self.limit.as_ref()?;
        let most = limit.of(quantity)?;
        if much > most {
            return Some(Duration::MAX);
        }
        if let Some(burst) = limit.kind.burst() {
            return Some(self.buckets[quantity as usize].wait(much, most, burst));
        }
        let excess = (self.minute.used(quantity) + much).saturating_sub(most);
        let wait = || self.minute.wait_for(quantity, excess, now);
        Some(if excess == 0 || much == 0 { Duration::ZERO } else { wait() })
    }

    fn level(&self, now: Duration, quantity: Quantity) -> Option<Level> {
        let limit = self.limit.as_ref()?;
        let most = limit.of(quantity)?;
        let bucket = &self.buckets[quantity as usize];
        Some(match limit.kind.burst() {
            Some(burst) => Level {
                limit: most,
                remaining: bucket.holds(most, burst).min(most),
                reset_after: bucket.fills_after(most),
            },
            None => Level {
                limit: most,
                remaining: most.saturating_sub(self.minute.used(quantity)),
                reset_after: self.minute.wait_for_all(now),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limit::LimitKind;
    use crate::minute::MINUTE;

    /// What was admitted, and when.
    type Admitted = Vec<(Duration, Cost)>;
    /// Milliseconds since the call before, input and output.
    type Arrival = (u64, u64, u64);

    fn per_minute(requests: u32, tokens: [u64; 3]) -> Limit {
        let [input, output, both] = tokens;
        Limit {
            input_tokens_per_minute: Some(input),
            output_tokens_per_minute: Some(output),
            tokens_per_minute: Some(both),
            ..Limit::requests(requests)
        }
    }

    fn bucket(burst_seconds: f64) -> LimitKind {
        LimitKind::TokenBucket { burst_seconds }
    }

    fn limits() -> impl Strategy<Value = Limit> {
        (1_u32..30, [1_u64..3_000, 1_u64..3_000, 1_u64..5_000])
            .prop_map(|(requests, tokens)| per_minute(requests, tokens))
    }

    fn kinds() -> impl Strategy<Value = LimitKind> {
        prop_oneof![Just(LimitKind::SlidingMinute), (0.001_f64..90.0).prop_map(bucket),]
    }

    fn arrivals(gap_max_ms: u64) -> impl Strategy<Value = Vec<Arrival>> {
        prop::collection::vec((0..gap_max_ms, 0_u64..400, 0_u64..400), 1..200)
    }

    fn admit(limiter: &mut Limiter, arrivals: &[Arrival]) -> Admitted {
        let mut now = Duration::ZERO;
        let mut admitted = Vec::new();
        for (gap, input, output) in arrivals {
            now += Duration::from_millis(*gap);
            let cost = Cost { input: *input, output: *output };
            if limiter.arrive(now, cost).refusal.is_none() {
                admitted.push((now, cost));
            }
        }
        admitted
    }

    fn sum(admitted: &[(Duration, Cost)], quantity: Quantity) -> u64 {
        admitted.iter().map(|(_, cost)| cost.of(quantity)).sum()
    }

    proptest! {
        #[test]
        fn no_sliding_minute_sees_more_than_the_limit_of_any_quantity(
            limit in limits(), arrivals in arrivals(10_000),
        ) {
            let admitted = admit(&mut Limiter::new(Some(limit)), &arrivals);
            for (index, (first, _)) in admitted.iter().enumerate() {
                let inside: Vec<_> = admitted[index..]
                    .iter()
                    .copied()
                    .take_while(|(at, _)| *at < *first + MINUTE)
                    .collect();
                for quantity in Quantity::ALL {
                    prop_assert!(Some(sum(&inside, quantity)) <= limit.of(quantity));
                }
            }
        }

        #[test]
        fn a_bucket_gives_its_burst_or_one_call_and_its_flow_and_no_more(
            limit in limits(), burst in 0.001_f64..90.0, arrivals in arrivals(5_000),
        ) {
            let limit = Limit { kind: bucket(burst), ..limit };
            let admitted = admit(&mut Limiter::new(Some(limit)), &arrivals);
            for (index, (first, _)) in admitted.iter().enumerate() {
                for end in index..admitted.len() {
                    let part = &admitted[index..=end];
                    let seconds = (part[part.len() - 1].0 - *first).as_secs_f64();
                    for quantity in Quantity::ALL {
                        let rate = limit.of(quantity).unwrap() as f64 / 60.0;
                        let largest = part.iter().map(|(_, cost)| cost.of(quantity)).max();
                        let burst = (rate * burst).max(largest.unwrap() as f64);
                        let given = sum(part, quantity) as f64;
                        prop_assert!(given <= burst + rate * seconds + 1e-3, "{quantity:?}");
                    }
                }
            }
        }

        #[test]
        fn who_waits_as_told_is_admitted_and_not_sooner(
            limit in limits(), kind in kinds(), arrivals in arrivals(3_000),
        ) {
            let mut limiter = Limiter::new(Some(Limit { kind, ..limit }));
            let mut now = Duration::ZERO;
            for (gap, input, output) in arrivals {
                let cost = Cost { input, output };
                now += Duration::from_millis(gap);
                let Some(refusal) = limiter.arrive(now, cost).refusal else { continue };
                let Some(wait) = refusal.retry_after else {
                    let takes_too_much =
                        |quantity| Some(cost.of(quantity)) > limit.of(quantity);
                    prop_assert!(Quantity::ALL.into_iter().any(takes_too_much));
                    continue;
                };
                now += wait - Duration::from_nanos(1);
                prop_assert!(limiter.arrive(now, cost).refusal.is_some());
                now += Duration::from_nanos(1);
                prop_assert_eq!(limiter.arrive(now, cost).refusal, None);
            }
        }

        #[test]
        fn a_refused_call_costs_nothing(
            limit in limits(), kind in kinds(), arrivals in arrivals(3_000),
        ) {
            let limit = Limit { kind, ..limit };
            let (mut all, mut only) = (Limiter::new(Some(limit)), Limiter::new(Some(limit)));
            for (at, cost) in admit(&mut all, &arrivals) {
                prop_assert_eq!(only.arrive(at, cost).refusal, None);
            }
            let now = Duration::from_secs(10_000);
            prop_assert_eq!(all.arrive(now, Cost::default()), only.arrive(now, Cost::default()));
        }
    }

    #[test]
    fn what_remains_counts_down_to_a_refusal() {
        for kind in [LimitKind::SlidingMinute, bucket(60.0)] {
            for limit in [3, 7] {
                let limit = Limit { kind, ..Limit::requests(limit) };
                let mut limiter = Limiter::new(Some(limit));
                let now = Duration::from_secs(5);
                for left in (0..limit.of(Quantity::Requests).unwrap()).rev() {
                    let standing = limiter.arrive(now, Cost::default());
                    assert_eq!(standing.levels[0].map(|level| level.remaining), Some(left));
                    assert_eq!(standing.refusal, None);
                }
                assert!(limiter.arrive(now, Cost::default()).refusal.is_some());
            }
        }
    }

    #[test]
    fn a_new_limit_counts_what_the_minute_has_seen() {
        let mut limiter = Limiter::new(Some(Limit::requests(10)));
        let second = Duration::from_secs;
        for at in 0..6 {
            assert_eq!(limiter.arrive(second(at), Cost::default()).refusal, None);
        }
        limiter.set_limit(second(10), Some(Limit::requests(3)));
        let refusal = limiter.arrive(second(10), Cost::default()).refusal;
        assert_eq!(refusal.and_then(|refusal| refusal.retry_after), Some(second(60 + 3 - 10)));
        limiter.set_limit(second(11), Some(Limit::requests(7)));
        assert_eq!(limiter.arrive(second(11), Cost::default()).refusal, None);
        assert!(limiter.arrive(second(11), Cost::default()).refusal.is_some());
        limiter.set_limit(second(12), None);
        assert_eq!(limiter.arrive(second(12), Cost::default()), Standing::default());
    }

    #[test]
    fn a_limit_of_0_admits_nothing_that_takes_any_of_it() {
        for kind in [LimitKind::SlidingMinute, bucket(1.0)] {
            let mut limiter = Limiter::new(Some(Limit { kind, ..Limit::requests(0) }));
            let refusal = limiter.arrive(Duration::ZERO, Cost::default()).refusal;
            assert_eq!(refusal.map(|refusal| refusal.retry_after), Some(None));
        }
    }

    #[test]
    fn a_call_that_is_larger_than_the_bucket_waits_until_it_is_full() {
        let limit = Limit { kind: bucket(1.0), ..per_minute(6_000, [600, 600, 600]) };
        let mut limiter = Limiter::new(Some(limit));
        let cost = Cost { input: 100, output: 0 };
        assert_eq!(limiter.arrive(Duration::ZERO, cost).refusal, None);
        let refusal = limiter.arrive(Duration::ZERO, cost).refusal.unwrap();
        assert_eq!(refusal.retry_after, Some(Duration::from_secs(10)));
    }
}
