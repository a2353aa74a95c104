//! How many calls may be under way at once, where that number changes while they are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

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
}

/// One of them, for as long as it is kept.
#[derive(Debug)]
pub(crate) struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    slots: Arc<Slots>,
}

impl Slots {
    pub(crate) fn new(limit: u32) -> Arc<Self> {
        let limit = limit as usize;
        let count = Mutex::new(Count { limit, owed: 0 });
        let (free, lowered) = (Arc::new(Semaphore::new(limit)), Notify::new());
        Arc::new(Self { free, count, lowered })
    }

    /// Waits for a slot, in turn.
    pub(crate) async fn take(self: &Arc<Self>) -> Slot {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        let permit = permit.expect("nobody closes this semaphore");
        Slot { permit: Some(permit), slots: Arc::clone(self) }
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
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut count = self.slots.count();
        let Some(permit) = self.permit.take() else { return };
        if count.owed > 0 {
            count.owed -= 1;
            permit.forget();
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
                        let taken = slots.take().now_or_never();
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
}
