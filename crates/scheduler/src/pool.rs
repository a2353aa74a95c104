//! What the scheduler keeps of a pool, and how its slots are divided among workers.

/// What may be used of a pool, over all workers together. Not how often calls may start: who asks
/// for that is granted it elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls at once.
    pub concurrency: u32,
}

/// One worker's part of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
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
        if self.concurrency == 0 {
            return 0;
        }
        self.concurrency.saturating_add(self.concurrency.clamp(AHEAD_MIN, AHEAD_MAX))
    }

    /// The most that is within both shares.
    pub(crate) fn within(self, other: Self) -> Self {
        Self { concurrency: self.concurrency.min(other.concurrency) }
    }
}

impl Limits {
    /// What is left of the limits beside a share that is in use.
    pub(crate) fn without(self, share: Share) -> Self {
        Self { concurrency: self.concurrency.saturating_sub(share.concurrency) }
    }

    /// Equal parts for `among` workers; what does not divide goes one each to the first of them,
    /// and so does all of it where there are more workers than parts.
    pub(crate) fn divide(self, among: u32) -> impl Iterator<Item = Share> {
        let all = self.concurrency;
        let part = move |place: u32| all / among + u32::from(place < all % among);
        (0..among).map(move |place| Share { concurrency: part(place) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_add_up_to_the_limits_and_differ_by_one_at_most(
            concurrency in 0u32..500, among in 1u32..40,
        ) {
            let parts: Vec<_> = Limits { concurrency }.divide(among).collect();
            prop_assert_eq!(parts.iter().map(|part| part.concurrency).sum::<u32>(), concurrency);
            prop_assert!(parts.windows(2).all(|two| two[0].concurrency >= two[1].concurrency));
            prop_assert!(parts[0].concurrency - parts[parts.len() - 1].concurrency <= 1);
        }
    }

    #[test]
    fn a_share_without_slots_has_no_window() {
        let window = |concurrency| Share { concurrency }.window();
        assert_eq!(window(0), 0);
        assert_eq!(window(1), 17);
        assert_eq!(window(40), 80);
        assert_eq!(window(1000), 1256);
    }
}
