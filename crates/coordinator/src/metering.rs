//! The ledger and its clock.

use std::collections::BTreeMap;

use iago_ledger::{Action, Ask, Ended, Event, Ledger, PoolState, UsedBefore};
use iago_sweep::{Money, PoolId, WorkerId};
use tokio::time::{Duration, Instant};

use crate::settings::Settings;

/// The ledger and its clock.
#[derive(Debug)]
pub(crate) struct Metering {
    ledger: Ledger,
    /// When its time began.
    began: Instant,
    /// What it decided, and what is still to be done.
    decided: Vec<Action>,
    /// Calls at once that may be used of each pool.
    usable: BTreeMap<PoolId, u32>,
    /// When to grant next.
    next: Option<Instant>,
}

impl Metering {
    /// The ledger of these pools.
    pub(crate) fn new(settings: &Settings) -> Self {
        let limits = settings.pools.iter().map(|pool| pool.limits).collect();
        let ledger = Ledger::new(Duration::ZERO, limits);
        let usable = (0..).map(PoolId).zip(settings.pools.iter().map(|pool| pool.concurrency()));
        Self {
            ledger,
            began: Instant::now(),
            decided: Vec::new(),
            usable: usable.collect(),
            next: None,
        }
    }

    /// What was used of pools before its time began.
    pub(crate) fn count_before(&mut self, used: Vec<(PoolId, UsedBefore)>) {
        used.into_iter().for_each(|(pool, used)| self.ledger.used_before(pool, used));
    }

    /// A worker begins a connection: what it asked for in an earlier one is void.
    pub(crate) fn join(&mut self, worker: WorkerId) {
        self.apply(Event::Joined(worker));
    }

    /// A worker's connection ended: nothing that is granted to it would arrive.
    pub(crate) fn part(&mut self, worker: WorkerId) {
        self.apply(Event::Parted(worker));
    }

    /// A worker wants to call.
    pub(crate) fn ask(&mut self, worker: WorkerId, ask: Ask) {
        self.apply(Event::Asked(worker, ask));
    }

    /// A worker does not want these calls any more.
    pub(crate) fn withdraw(&mut self, worker: WorkerId, numbers: &[u64]) {
        for number in numbers {
            self.apply(Event::Withdrew(worker, *number));
        }
    }

    /// A call ended.
    pub(crate) fn end(&mut self, worker: WorkerId, ended: Ended) {
        self.apply(Event::Ended(worker, ended));
    }

    /// A person acted: these pools may be tried again.
    pub(crate) fn free(&mut self, pools: impl IntoIterator<Item = PoolId>) {
        for pool in pools {
            self.apply(Event::Free(pool));
        }
    }

    /// Grants what can be granted now. Gives all that was decided since this was last asked.
    pub(crate) fn grant(&mut self) -> Vec<Action> {
        let now = self.now();
        self.ledger.grant(now, &mut self.decided);
        // What an endpoint asks for may lie beyond all clocks.
        self.next = self.ledger.next_moment(now).and_then(|next| self.began.checked_add(next));
        let decided = std::mem::take(&mut self.decided);
        for action in &decided {
            if let Action::Concurrency(pool, calls) = action {
                self.usable.insert(*pool, *calls);
            }
        }
        decided
    }

    /// When something that waits could be granted; `None`: not before something happens.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.next
    }

    /// Nobody may be granted anything before this is asked for again.
    pub(crate) fn put_off(&mut self) {
        self.next = None;
    }

    /// Whether calls of a pool are asked for.
    pub(crate) fn is_metered(&self, pool: PoolId) -> bool {
        self.ledger.metered(pool)
    }

    /// Calls a minute that a pool is held to, where that is known by now.
    pub(crate) fn limit_in_force(&self, pool: PoolId) -> Option<u64> {
        self.ledger.limit_in_force(pool)
    }

    /// Whoever led before had found out that a pool takes so many calls a minute.
    pub(crate) fn carry_over(&mut self, pool: PoolId, requests_per_minute: u64) {
        let now = self.now();
        self.ledger.carry_over(pool, requests_per_minute, now);
    }

    /// Calls at once that may be used of a pool.
    pub(crate) fn usable(&self, pool: PoolId) -> u32 {
        self.usable.get(&pool).copied().unwrap_or(0)
    }

    /// A pool, for people.
    pub(crate) fn state(&self, pool: PoolId) -> PoolState {
        self.ledger.state(pool)
    }

    /// What was called in pools since this was last asked.
    pub(crate) fn take_use(&mut self) -> Vec<(PoolId, u64, Money)> {
        let now = self.now();
        self.ledger.take_use(now)
    }

    fn apply(&mut self, event: Event) {
        let now = self.now();
        self.ledger.apply(now, event, &mut self.decided);
    }

    /// Its time.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }
}
