//! How many calls may be under way at once, where that number changes while they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Where several take slots, so many may be waited in by one of them whatever its share is: with a
/// handful of slots each could have but one, and every grant would be waited for alone.
const SHARE_MIN: usize = 8;

/// Slots of which some may be owed: taken away while they were in use, and gone when they are free.
#[derive(Debug)]
pub(crate) struct Slots {
    free: Arc<Semaphore>,
    count: Mutex<Count>,
    /// Told when some are taken away.
    lowered: Notify,
}

#[derive(Debug)]
struct Count {
    limit: usize,
    owed: usize,
    /// Who waits for how many.
    wanted: BTreeMap<Taker, usize>,
    /// Who has how many.
    held: BTreeMap<Taker, usize>,
}

/// On whose behalf slots are taken.
pub(crate) type Taker = u64;

/// One of them, for as long as it is kept.
#[derive(Debug)]
pub(crate) struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    slots: Arc<Slots>,
    taker: Taker,
}

impl Slots {
    pub(crate) fn new(limit: u32) -> Arc<Self> {
        let limit = limit as usize;
        let count =
            Mutex::new(Count { limit, owed: 0, wanted: BTreeMap::new(), held: BTreeMap::new() });
        let (free, lowered) = (Arc::new(Semaphore::new(limit)), Notify::new());
        Arc::new(Self { free, count, lowered })
    }

    /// Waits for a slot, in turn.
    pub(crate) async fn take(self: &Arc<Self>, taker: Taker) -> Slot {
        let wish = Wish::new(self, taker);
        let permit = Arc::clone(&self.free).acquire_owned().await;
        drop(wish);
        self.give(permit.expect("nobody closes this semaphore"), taker)
    }

    /// A slot that is free now.
    pub(crate) fn try_take(self: &Arc<Self>, taker: Taker) -> Option<Slot> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        Some(self.give(permit, taker))
    }

    fn give(self: &Arc<Self>, permit: OwnedSemaphorePermit, taker: Taker) -> Slot {
        add(&mut self.count().held, taker);
        Slot { permit: Some(permit), slots: Arc::clone(self), taker }
    }

    /// Changes their number. Those in use stay in use.
    pub(crate) fn resize(&self, limit: u32) {
        let limit = limit as usize;
        let mut count = self.count();
        if let Some(more) = limit.checked_sub(count.limit) {
            let settled = more.min(count.owed);
            count.owed -= settled;
            self.free.add_permits(more - settled);
        } else {
            let fewer = count.limit - limit;
            count.owed += fewer - self.free.forget_permits(fewer);
            self.lowered.notify_waiters();
        }
        count.limit = limit;
    }

    /// How many more of them are in use than there are.
    pub(crate) fn owed(&self) -> u32 {
        u32::try_from(self.count().owed).unwrap_or(u32::MAX)
    }

    /// How many there are, those in use included.
    #[cfg(test)]
    pub(crate) fn limit(&self) -> usize {
        self.count().limit
    }

    /// How many of them this taker may have and not use yet: all where nobody else has or wants any
    /// now, and else enough are left for those that need not wait.
    pub(crate) fn share_of(&self, taker: Taker) -> u32 {
        let Count { limit, wanted, held, .. } = &*self.count();
        let takers: BTreeSet<_> = wanted.keys().chain(held.keys()).chain([&taker]).collect();
        let share = match takers.len() {
            1 => *limit,
            several => (limit / (several + 1)).max(SHARE_MIN.min(*limit)),
        };
        u32::try_from(share).unwrap_or(u32::MAX)
    }

    /// Whether somebody else waits for one.
    fn is_wanted_by_another(&self, taker: Taker) -> bool {
        self.count().wanted.keys().any(|other| *other != taker)
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Waits until there are more slots in use than there are.
    pub(crate) async fn taken_away(&self) {
        loop {
            let lowered = self.slots.lowered.notified();
            if self.is_owed() {
                return;
            }
            lowered.await;
        }
    }

    /// Whether there are more slots in use than there are: this one has to go back unused.
    pub(crate) fn is_owed(&self) -> bool {
        self.slots.owed() > 0
    }

    /// Whether somebody else waits for one of these.
    pub(crate) fn is_wanted_by_another(&self, taker: Taker) -> bool {
        self.slots.is_wanted_by_another(taker)
    }
}

/// Counts somebody who waits, for as long as it is kept.
struct Wish<'a> {
    slots: &'a Slots,
    taker: Taker,
}

impl<'a> Wish<'a> {
    fn new(slots: &'a Slots, taker: Taker) -> Self {
        add(&mut slots.count().wanted, taker);
        Self { slots, taker }
    }
}

impl Drop for Wish<'_> {
    fn drop(&mut self) {
        remove(&mut self.slots.count().wanted, self.taker);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut count = self.slots.count();
        let Some(permit) = self.permit.take() else { return };
        remove(&mut count.held, self.taker);
        if count.owed > 0 {
            count.owed -= 1;
            permit.forget();
        }
    }
}

fn add(counts: &mut BTreeMap<Taker, usize>, taker: Taker) {
    *counts.entry(taker).or_default() += 1;
}

fn remove(counts: &mut BTreeMap<Taker, usize>, taker: Taker) {
    if let Some(count) = counts.get_mut(&taker) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&taker);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Take,
        GiveBack(prop::sample::Index),
        Resize(u32),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::Take),
            2 => any::<prop::sample::Index>().prop_map(Step::GiveBack),
            1 => (0..6u32).prop_map(Step::Resize),
        ]
    }

    proptest! {
        #[test]
        fn a_slot_is_free_exactly_where_fewer_are_in_use_than_there_are(
            steps in prop::collection::vec(step(), 0..60),
        ) {
            let (slots, mut limit, mut in_use) = (Slots::new(3), 3, Vec::new());
            for step in steps {
                match step {
                    Step::Take => {
                        let taken = slots.take(1).now_or_never();
                        prop_assert_eq!(taken.is_some(), in_use.len() < limit);
                        in_use.extend(taken);
                    }
                    Step::GiveBack(_) if in_use.is_empty() => {}
                    Step::GiveBack(which) => drop(in_use.swap_remove(which.index(in_use.len()))),
                    Step::Resize(to) => {
                        slots.resize(to);
                        limit = to as usize;
                    }
                }
                prop_assert!(in_use.iter().all(|slot| slot.is_owed() == (in_use.len() > limit)));
            }
        }
    }
    #[tokio::test]
    async fn a_share_is_all_of_them_unless_others_have_or_want_some_now() {
        let slots = Slots::new(60);
        assert_eq!(slots.share_of(1), 60);
        let of_others = [slots.try_take(2), slots.try_take(3), slots.try_take(3)];
        assert_eq!((slots.share_of(1), slots.share_of(2)), (15, 20));
        drop(of_others);
        assert_eq!(slots.share_of(1), 60, "they have been here, and are not now");
        let all: Vec<_> = (0..60).map(|_| slots.try_take(1)).collect();
        let mut wanting = Box::pin(slots.take(2));
        assert!((&mut wanting).now_or_never().is_none());
        assert_eq!(slots.share_of(1), 20);
        drop((wanting, all));
        let _another = slots.try_take(2);
        for (limit, share) in [(9, 8), (5, 5), (1, 1), (0, 0)] {
            slots.resize(limit);
            assert_eq!(slots.share_of(1), share, "of {limit}");
        }
    }
}
