//! What workers may use of pools, as they are told.
//!
//! Who is told to use less goes on with the calls that are under way: until it says that they have
//! ended, nobody else is told to use more. So no more calls are under way than a pool allows, however
//! often it is divided anew.
//!
//! A new leader does not know how many workers an earlier one had, nor what they use: until they have
//! had the time to come back, each keeps to what it had, and whoever is new has to wait. Otherwise the
//! first one back would be told to use all of a limit that the others are still using.

use std::collections::{BTreeMap, BTreeSet};

use iago_scheduler::{PoolId, Share, WorkerId};

/// Slices, by what is meant and by what may be told so far.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    parts: BTreeMap<(PoolId, WorkerId), Part>,
    /// Who is there to be told anything.
    present: BTreeSet<WorkerId>,
    /// Slices told so far.
    told: u64,
}

/// One worker's part of one pool.
#[derive(Debug, Default)]
struct Part {
    /// What it is to have.
    meant: Option<Share>,
    /// What it was last told, and the number of that slice.
    told: Option<(u64, Share)>,
    /// What it brought from an earlier connection.
    brought: Option<Share>,
    /// It was told since its connection began, and since a person acted.
    lifted: bool,
    /// As many of its calls as may be under way.
    busy: u32,
}

/// What a worker was told in an earlier connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brought {
    pub(crate) pool: PoolId,
    pub(crate) share: Share,
    /// Its calls under way beyond that.
    pub(crate) over: u32,
}

/// A slice to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) worker: WorkerId,
    pub(crate) share: Share,
    pub(crate) number: u64,
    /// It is the first since the worker's connection began, or since a person acted.
    pub(crate) lifts: bool,
}

impl Slices {
    /// A worker begins a connection, with what it was told in an earlier one.
    pub(crate) fn bring(&mut self, worker: WorkerId, brought: &[Brought]) {
        self.present.insert(worker);
        let own = self.parts.iter_mut().filter(|((_, of), _)| *of == worker);
        own.for_each(|(_, part)| part.lifted = false);
        for Brought { pool, share, over } in brought {
            let part = self.parts.entry((*pool, worker)).or_default();
            part.brought = Some(*share);
            part.busy = part.busy.max(share.concurrency.saturating_add(*over));
        }
    }

    /// A person acted: the next slice of everybody says so.
    pub(crate) fn lift(&mut self) {
        self.parts.values_mut().for_each(|part| part.lifted = false);
    }

    /// A worker is gone, and its calls with it.
    pub(crate) fn forget(&mut self, worker: WorkerId) {
        self.present.remove(&worker);
        self.parts.retain(|(_, of), _| *of != worker);
    }

    /// What a worker is to have of a pool. Gives what it may be told at once, whether or not that is
    /// anything new; nothing for one that has gone meanwhile.
    pub(crate) fn mean(
        &mut self,
        (worker, pool): (WorkerId, PoolId),
        share: Share,
        limit: u32,
        in_grace: bool,
    ) -> Option<Told> {
        if !self.present.contains(&worker) {
            return None;
        }
        self.parts.entry((pool, worker)).or_default().meant = Some(share);
        let free = limit.saturating_sub(self.busy(pool));
        let share = self.allowed((pool, worker), free, in_grace)?;
        Some(self.tell(pool, worker, share))
    }

    /// No more calls of a worker are under way than the slice of this number allows.
    pub(crate) fn within(&mut self, worker: WorkerId, pool: PoolId, number: u64) {
        let Some(part) = self.parts.get_mut(&(pool, worker)) else { return };
        if let Some((_, share)) = part.told.filter(|(told, _)| *told == number) {
            part.busy = share.concurrency;
        }
    }

    /// What can be told now that could not be told before.
    pub(crate) fn settle(&mut self, pool: PoolId, limit: u32, in_grace: bool) -> Vec<Told> {
        let keys: Vec<_> = self.parts_of(pool).map(|(key, _)| *key).collect();
        let (mut told, mut busy) = (Vec::new(), self.busy(pool));
        for key in keys {
            let Some(part) = self.parts.get(&key) else { continue };
            let (before, was_busy) = (part.told.map(|(_, share)| share), part.busy);
            let now = self.allowed(key, limit.saturating_sub(busy), in_grace);
            if let Some(share) = now.filter(|_| now != before) {
                told.push(self.tell(pool, key.1, share));
                busy += share.concurrency.saturating_sub(was_busy);
            }
        }
        told
    }

    /// What everybody was last told of a pool, as slices with new numbers.
    pub(crate) fn again(&mut self, pool: PoolId) -> Vec<Told> {
        let told = self.parts_of(pool).filter_map(|((_, worker), part)| {
            let (_, share) = part.told?;
            self.present.contains(worker).then_some((*worker, share))
        });
        let told: Vec<_> = told.collect();
        told.into_iter().map(|(worker, share)| self.tell(pool, worker, share)).collect()
    }

    fn parts_of(&self, pool: PoolId) -> impl Iterator<Item = (&(PoolId, WorkerId), &Part)> {
        self.parts.range((pool, WorkerId(0))..=(pool, WorkerId(u64::MAX)))
    }

    /// Every pool that somebody has a part of.
    pub(crate) fn pools(&self) -> Vec<PoolId> {
        let mut pools: Vec<_> = self.parts.keys().map(|(pool, _)| *pool).collect();
        pools.dedup();
        pools
    }

    fn tell(&mut self, pool: PoolId, worker: WorkerId, share: Share) -> Told {
        let number = self.next_number();
        let part = self.parts.entry((pool, worker)).or_default();
        part.told = Some((number, share));
        part.busy = part.busy.max(share.concurrency);
        let lifts = !std::mem::replace(&mut part.lifted, true);
        Told { worker, share, number, lifts }
    }

    /// The number of another slice.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.told += 1;
        self.told
    }

    /// As many calls of a pool as may be under way.
    fn busy(&self, pool: PoolId) -> u32 {
        self.parts_of(pool).fold(0, |sum, (_, part)| sum.saturating_add(part.busy))
    }

    /// What a worker may use at this moment, of what it is to have, where so many calls may be under
    /// way beyond those that are.
    fn allowed(&self, key: (PoolId, WorkerId), free: u32, in_grace: bool) -> Option<Share> {
        let part = self.parts.get(&key)?;
        let meant = part.meant?;
        let most = if in_grace { part.within_what_it_brought(meant) } else { meant };
        // What it uses already is its own.
        let has = part.told.map_or(0, |(_, share)| share.concurrency);
        let most_now = has.max(free.saturating_add(part.busy));
        Some(Share { concurrency: most.concurrency.min(most_now) })
    }
}

impl Part {
    fn within_what_it_brought(&self, meant: Share) -> Share {
        let brought = self.brought.map_or(0, |brought| brought.concurrency);
        Share { concurrency: brought.min(meant.concurrency) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    const POOL: PoolId = PoolId(0);
    const LIMIT: u32 = 12;
    const WORKERS: usize = 4;

    /// A worker, and what is on its way to it and from it.
    #[derive(Clone, Debug, Default)]
    struct Worker {
        coming: VecDeque<Told>,
        /// The latest slice that came, and whether it was answered.
        has: Option<Told>,
        answered: bool,
        under_way: u32,
        going: VecDeque<u64>,
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        /// Parts for so many workers from the first or the last.
        Divide(usize, bool),
        Hear(usize),
        Call(usize),
        End(usize),
        Answer(usize),
        Arrive(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let worker = 0..WORKERS;
        prop_oneof![
            1 => (1..=WORKERS, any::<bool>()).prop_map(|(among, last)| Step::Divide(among, last)),
            3 => worker.clone().prop_map(Step::Hear),
            6 => worker.clone().prop_map(Step::Call),
            3 => worker.clone().prop_map(Step::End),
            3 => worker.clone().prop_map(Step::Answer),
            3 => worker.prop_map(Step::Arrive),
        ]
    }

    #[derive(Default)]
    struct World {
        slices: Slices,
        workers: [Worker; WORKERS],
        meant: [u32; WORKERS],
    }

    impl World {
        fn take(&mut self, step: Step) {
            match step {
                Step::Divide(among, last) => self.divide(among, last),
                Step::Hear(of) => {
                    let worker = &mut self.workers[of];
                    if let Some(told) = worker.coming.pop_front() {
                        (worker.has, worker.answered) = (Some(told), false);
                    }
                }
                Step::Call(of) => {
                    let worker = &mut self.workers[of];
                    let most = worker.has.map_or(0, |told| told.share.concurrency);
                    worker.under_way += u32::from(worker.under_way < most);
                }
                Step::End(of) => {
                    self.workers[of].under_way = self.workers[of].under_way.saturating_sub(1);
                }
                Step::Answer(of) => {
                    let worker = &mut self.workers[of];
                    let Some(told) = worker.has.filter(|_| !worker.answered) else { return };
                    if worker.under_way <= told.share.concurrency {
                        worker.answered = true;
                        worker.going.push_back(told.number);
                    }
                }
                Step::Arrive(of) => {
                    let Some(number) = self.workers[of].going.pop_front() else { return };
                    self.slices.within(WorkerId(of as u64), POOL, number);
                    self.slices
                        .settle(POOL, LIMIT, false)
                        .into_iter()
                        .for_each(|told| self.tell(told));
                }
            }
        }

        /// As the scheduler does: first everybody lets go of what is not theirs any more.
        fn divide(&mut self, among: usize, last: bool) {
            let part = LIMIT / u32::try_from(among).unwrap();
            let has = |of: usize| if last { of >= WORKERS - among } else { of < among };
            let new: Vec<u32> = (0..WORKERS).map(|of| u32::from(has(of)) * part).collect();
            for lowers in [true, false] {
                for (of, concurrency) in new.iter().copied().enumerate() {
                    if (concurrency < self.meant[of]) == lowers {
                        let share = Share { concurrency };
                        let key = (WorkerId(of as u64), POOL);
                        let told = self.slices.mean(key, share, LIMIT, false);
                        self.tell(told.unwrap());
                    }
                }
            }
            self.meant.copy_from_slice(&new);
        }

        fn tell(&mut self, told: Told) {
            self.workers[usize::try_from(told.worker.0).unwrap()].coming.push_back(told);
        }

        fn under_way(&self) -> u32 {
            self.workers.iter().map(|worker| worker.under_way).sum()
        }

        /// Everything arrives and every call ends.
        fn come_to_rest(&mut self) {
            for _ in 0..100 {
                for of in 0..WORKERS {
                    self.workers[of].under_way = 0;
                    for step in [Step::Hear(of), Step::Answer(of), Step::Arrive(of)] {
                        self.take(step);
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_more_calls_are_under_way_than_the_pool_allows_and_everybody_gets_their_part(
            steps in prop::collection::vec(step(), 0..200),
        ) {
            let mut world = World::default();
            (0..WORKERS).for_each(|of| world.slices.bring(WorkerId(of as u64), &[]));
            for step in steps {
                world.take(step);
                prop_assert!(world.under_way() <= LIMIT, "{:?}", world.workers);
            }
            world.come_to_rest();
            for (worker, meant) in world.workers.iter().zip(world.meant) {
                prop_assert_eq!(worker.has.map_or(0, |told| told.share.concurrency), meant);
            }
        }
    }

    fn share(concurrency: u32) -> Share {
        Share { concurrency }
    }

    fn join(slices: &mut Slices, worker: u64, concurrency: u32, over: u32) -> (WorkerId, PoolId) {
        let worker = WorkerId(worker);
        slices.bring(worker, &[Brought { pool: POOL, share: share(concurrency), over }]);
        (worker, POOL)
    }

    #[test]
    fn a_new_leader_gives_nothing_away_that_earlier_workers_may_use() {
        let mut slices = Slices::default();
        let new = join(&mut slices, 2, 0, 0);
        let told = |told: Option<Told>| told.map(|told| told.share.concurrency);
        assert_eq!(told(slices.mean(new, share(12), LIMIT, true)), Some(0));
        let old = join(&mut slices, 1, 5, 3);
        assert_eq!(told(slices.mean(old, share(6), LIMIT, true)), Some(5));
        slices.mean(new, share(6), LIMIT, true);
        let now: Vec<_> = slices.settle(POOL, LIMIT, false).iter().map(|told| told.share).collect();
        assert_eq!(now, [share(6), share(4)], "of the old one's calls two still have to end");
    }

    #[test]
    fn what_is_meant_for_a_worker_that_has_gone_keeps_nothing_from_the_others() {
        let mut slices = Slices::default();
        let (gone, here) = (join(&mut slices, 1, 0, 0), join(&mut slices, 2, 0, 0));
        slices.forget(gone.0);
        assert_eq!(slices.mean(gone, share(12), LIMIT, false), None);
        let told = slices.mean(here, share(12), LIMIT, false);
        assert_eq!(told.map(|told| told.share), Some(share(12)));
    }
}
