//! What the scheduler keeps of a pool, and how its limits are divided among workers.

/// A pool's number within one coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(pub u32);

/// What may be used of a pool, over all workers together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls a minute; unlimited where absent.
    pub requests_per_minute: Option<u32>,
    /// Calls at once.
    pub concurrency: u32,
}

/// One worker's part of a pool's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Calls a minute; unlimited where absent.
    pub requests_per_minute: Option<u32>,
    /// Calls at once; none where zero.
    pub concurrency: u32,
}

/// A pool as dispatch sees it.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub(crate) limits: Limits,
    /// Assignments that are out.
    pub(crate) out: u32,
    /// Why nothing may be handed out.
    pub(crate) blocked: Option<String>,
}

impl Share {
    /// How many assignments may be out with the worker: one in each slot, and as many again (but
    /// not without bound) so that no slot waits for the next one to travel. Zero where the worker
    /// may not call at all.
    pub fn window(&self) -> u32 {
        const AHEAD_MIN: u32 = 16;
        const AHEAD_MAX: u32 = 256;
        if self.concurrency == 0 || self.requests_per_minute == Some(0) {
            return 0;
        }
        self.concurrency.saturating_add(self.concurrency.clamp(AHEAD_MIN, AHEAD_MAX))
    }

    /// No part of a pool with these limits.
    pub(crate) fn none_of(limits: Limits) -> Self {
        Self { requests_per_minute: limits.requests_per_minute.map(|_| 0), concurrency: 0 }
    }

    /// The most that is within both shares.
    pub(crate) fn within(self, other: Self) -> Self {
        let both = self.requests_per_minute.zip(other.requests_per_minute);
        Self {
            requests_per_minute: both.map(|(one, other)| one.min(other)),
            concurrency: self.concurrency.min(other.concurrency),
        }
    }
}

impl Limits {
    /// What is left of the limits beside a share that is in use.
    pub(crate) fn without(self, share: Share) -> Self {
        let used = share.requests_per_minute.unwrap_or(0);
        Self {
            requests_per_minute: self.requests_per_minute.map(|all| all.saturating_sub(used)),
            concurrency: self.concurrency.saturating_sub(share.concurrency),
        }
    }

    /// Equal parts for `among` workers; what does not divide goes one each to the first of them,
    /// and so does all of it where there are more workers than parts.
    pub(crate) fn divide(self, among: u32) -> impl Iterator<Item = Share> {
        let part = move |all: u32, place: u32| all / among + u32::from(place < all % among);
        (0..among).map(move |place| Share {
            requests_per_minute: self.requests_per_minute.map(|all| part(all, place)),
            concurrency: part(self.concurrency, place),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_add_up_to_the_limits_and_differ_by_one_at_most(
            rate in proptest::option::of(0u32..5000), concurrency in 0u32..500, among in 1u32..40,
        ) {
            let limits = Limits { requests_per_minute: rate, concurrency };
            let parts: Vec<_> = limits.divide(among).collect();
            prop_assert_eq!(parts.iter().map(|part| part.concurrency).sum::<u32>(), concurrency);
            let rates: Option<u32> = parts.iter().map(|part| part.requests_per_minute).sum();
            prop_assert_eq!(rates, rate);
            prop_assert!(parts.windows(2).all(|two| two[0].concurrency >= two[1].concurrency));
            prop_assert!(parts[0].concurrency - parts[parts.len() - 1].concurrency <= 1);
        }
    }

    #[test]
    fn a_share_without_calls_or_without_slots_has_no_window() {
        let window = |rate, concurrency| Share { requests_per_minute: rate, concurrency }.window();
        assert_eq!(window(Some(0), 8), 0);
        assert_eq!(window(None, 0), 0);
        assert_eq!(window(None, 1), 17);
        assert_eq!(window(Some(1), 40), 80);
        assert_eq!(window(None, 1000), 1256);
    }
}
