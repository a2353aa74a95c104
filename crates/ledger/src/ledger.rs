//! The machine itself: routes events to pools, and grants the oldest asks that fit.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::time::Duration;

use iago_sweep::{CallEnd, Money, PoolId, WorkerId};

use crate::asks::{Asks, Draw, Place, Waiting};
use crate::books::{Books, Grant};
use crate::claims::Claims;
use crate::meter::Quantity;
use crate::pool::Pool;
use crate::{Action, Ask, Ended, Event, Limits, PoolState, UsedBefore};

/// A driver that wakes up when told is never told to at once where nothing fits: it would spin.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// Who may call, and when.
#[derive(Debug)]
pub struct Ledger {
    pools: Vec<Pool>,
    asks: Asks,
    books: Books,
    /// Pools that are metered, and of which nobody was told that yet.
    to_meter: BTreeSet<PoolId>,
    start: Duration,
    now: Duration,
}

impl Ledger {
    /// A ledger of these pools; a [`PoolId`] is a position among them. Limits that are known begin with the last minute
    /// taken as used evenly and with nothing to catch up, since nobody knows what was called before.
    pub fn new(now: Duration, pools: Vec<Limits>) -> Self {
        let pools = pools.into_iter().map(|limits| Pool::new(now, limits)).collect();
        Self {
            pools,
            asks: Asks::default(),
            books: Books::default(),
            to_meter: BTreeSet::new(),
            start: now,
            now,
        }
    }

    /// Counts what was used of a pool before this ledger began, for its limits by the day.
    pub fn used_before(&mut self, pool: PoolId, used: UsedBefore) {
        let start = self.start;
        if let Some(pool) = self.pool_mut(pool) {
            pool.count_before(start, used);
        }
    }

    /// What an earlier ledger had found of a pool, in requests a minute, as workers remember it: the pool is metered from
    /// the next [`Ledger::grant`] on, and begins with the last minute taken as used evenly. Nothing changes where this
    /// ledger knows of less, or has found out itself, or of zero; of several that are carried over the least holds.
    pub fn carry_over(&mut self, pool: PoolId, requests_per_minute: u64, now: Duration) {
        let now = self.step(now);
        let metered = self.metered(pool);
        if requests_per_minute == 0 {
            return;
        }
        let Some(found) = self.pool_mut(pool) else { return };
        found.carry_over(now, requests_per_minute);
        if self.metered(pool) != metered {
            self.to_meter.insert(pool);
        }
    }

    /// Takes one event in. Grants nothing: see [`Ledger::grant`].
    pub fn apply(&mut self, now: Duration, event: Event, actions: &mut Vec<Action>) {
        let now = self.step(now);
        match event {
            Event::Joined(worker) => self.clear(worker, true),
            Event::Parted(worker) => self.clear(worker, false),
            Event::Asked(worker, ask) => self.ask(worker, ask, actions),
            Event::Withdrew(worker, number) => self.withdraw(now, worker, number),
            Event::Ended(worker, ended) => self.end(now, worker, &ended, actions),
            Event::Free(pool) => {
                if let Some(pool) = self.pool_mut(pool) {
                    pool.release(now);
                }
            }
        }
    }

    /// Grants all that fits now, oldest first: after a batch of events, and when [`Ledger::next_moment`] has come.
    pub fn grant(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let now = self.step(now);
        let metered = std::mem::take(&mut self.to_meter).into_iter();
        actions.extend(metered.map(|pool| Action::Meter(pool, true)));
        self.grow(now, actions);
        let mut claims = Claims::default();
        let mut heads: BinaryHeap<_> = self.heads().into_iter().map(Reverse).collect();
        while let Some(Reverse((_, route))) = heads.pop() {
            let Some((place, waiting)) = self.asks.head_of(route) else { continue };
            if self.claim(now, route, waiting.draw, &mut claims).is_some() {
                continue;
            }
            self.charge(now, place, waiting);
            actions.push(Action::Grant(waiting.worker, waiting.number));
            if let Some((next, _)) = self.asks.head_of(route) {
                heads.push(Reverse((next.age(), route)));
            }
        }
    }

    /// When something that waits could be granted, or when a change is due that calls for [`Ledger::grant`]: a
    /// concurrency that others are to be told, a rate that rises. At least a millisecond ahead; never after a moment
    /// at which `grant` would do something; `None` if only an event can change anything.
    pub fn next_moment(&mut self, now: Duration) -> Option<Duration> {
        let now = self.step(now);
        let mut heads = self.heads();
        heads.sort_unstable();
        let mut claims = Claims::default();
        let mut next: Option<Duration> = None;
        for (_, route) in heads {
            let Some((_, waiting)) = self.asks.head_of(route) else { continue };
            let opens = self.claim(now, route, waiting.draw, &mut claims).unwrap_or(now);
            next = next.into_iter().chain([opens]).min();
        }
        let rises = claims.pools().filter_map(|pool| self.pools[index(pool)].rises_at());
        let changes = self.pools.iter().filter_map(|pool| pool.concurrency.changes_at());
        let meters = (!self.to_meter.is_empty()).then_some(now);
        let all = next.into_iter().chain(rises).chain(changes).chain(claims.turns()).chain(meters);
        all.min().map(|next| next.max(now + SHORTEST_WAIT))
    }

    /// Whether calls of this pool ask first; [`Action::Meter`] tells when that changes.
    pub fn metered(&self, pool: PoolId) -> bool {
        self.pools.get(index(pool)).is_some_and(|pool| pool.metered)
    }

    /// Requests a minute that a pool is held to now, others' share of them left out: configured, told or found out;
    /// `None` where none of it is. What is to be carried over a restart.
    pub fn limit_in_force(&self, pool: PoolId) -> Option<u64> {
        let (limit, _) = self.pools.get(index(pool))?.limit(Quantity::Requests)?;
        Some(limit)
    }

    /// What people are shown of a pool, as of the last time that anything happened. An unknown pool is empty.
    pub fn state(&self, pool: PoolId) -> PoolState {
        let (waiting, oldest) = self.asks.of_pool(pool);
        let found = self.pools.get(index(pool));
        found
            .map(|pool| pool.show(self.now, waiting, oldest.map(|ask| ask.draw)))
            .unwrap_or_default()
    }

    /// Calls and cost of each pool that was used since this was last asked: to be stored, for limits by the day. Where
    /// dollars are limited, what calls under way can still cost is included, and less is said later if they cost less.
    pub fn take_use(&mut self, now: Duration) -> Vec<(PoolId, u64, Money)> {
        self.step(now);
        let used = self.pools.iter_mut().zip(0..).map(|(pool, id)| {
            let (calls, cost) = pool.take_use();
            (PoolId(id), calls, cost)
        });
        used.filter(|(_, calls, cost)| *calls > 0 || *cost != Money::ZERO).collect()
    }

    /// The clock never goes back.
    fn step(&mut self, now: Duration) -> Duration {
        self.now = self.now.max(now);
        self.now
    }

    fn heads(&self) -> Vec<(u64, usize)> {
        self.asks.heads().map(|(place, _)| (place.age(), place.route())).collect()
    }

    fn pool_mut(&mut self, pool: PoolId) -> Option<&mut Pool> {
        self.pools.get_mut(index(pool))
    }

    fn clear(&mut self, worker: WorkerId, connected: bool) {
        for place in self.books.clear_asks(worker, connected) {
            self.asks.take(place);
        }
        for grant in self.books.grants(worker) {
            for (pool, _) in &grant.charges {
                self.pools[index(*pool)].forget_start(grant.at);
            }
        }
    }

    fn ask(&mut self, worker: WorkerId, ask: Ask, actions: &mut Vec<Action>) {
        let Ask { number, pools, need, certain, cost_most } = ask;
        let draw = Draw { need, certain, cost_most };
        let pools = self.known_pools(&pools);
        if let Some(why) = self.refusal(&pools, draw) {
            return actions.push(Action::Refuse(worker, number, why));
        }
        let stuck = self.pools_of(&pools).any(|pool| pool.stuck(draw).is_some());
        let full = self.books.is_full(worker);
        let waiting = Waiting { worker, number, draw };
        let place = if full { None } else { self.asks.put(pools, waiting, stuck) };
        let Some(place) = place else { return actions.push(Action::Decline(worker, number)) };
        if let Some(before) = self.books.note_ask(worker, number, place) {
            self.asks.take(before);
        }
    }

    fn refusal(&self, pools: &[PoolId], draw: Draw) -> Option<String> {
        self.pools_of(pools).find_map(|pool| pool.refusal(draw))
    }

    fn pools_of(&self, pools: &[PoolId]) -> impl Iterator<Item = &Pool> {
        pools.iter().filter_map(|pool| self.pools.get(index(*pool)))
    }

    fn withdraw(&mut self, now: Duration, worker: WorkerId, number: u64) {
        if let Some(place) = self.books.take_ask(worker, number) {
            self.asks.take(place);
        } else if let Some(grant) = self.books.take_grant(worker, number) {
            for (pool, charge) in &grant.charges {
                self.pools[index(*pool)].refund(now, grant.at, charge);
            }
        }
    }

    fn end(&mut self, now: Duration, worker: WorkerId, ended: &Ended, actions: &mut Vec<Action>) {
        let grant = ended.number.and_then(|number| self.books.take_grant(worker, number));
        let at = grant.as_ref().map_or_else(|| now.saturating_sub(ended.took), |grant| grant.at);
        let pools = self.known_pools(&ended.pools);
        match &grant {
            Some(grant) => {
                for (pool, charge) in &grant.charges {
                    self.pools[index(*pool)].settle(now, at, charge, ended);
                }
            }
            None if ended.number.is_none() => {
                for pool in &pools {
                    self.pools[index(*pool)].count(now, at, ended);
                }
            }
            // Its grant was forgotten, and stays charged; what it cost was not known then.
            None => {
                for pool in &pools {
                    self.pools[index(*pool)].spend(now, ended);
                }
            }
        }
        if ended.how != CallEnd::Unsent {
            self.learn(now, at, &pools, ended, actions);
        }
    }

    fn learn(
        &mut self,
        now: Duration,
        at: Duration,
        pools: &[PoolId],
        ended: &Ended,
        actions: &mut Vec<Action>,
    ) {
        for pool in self.meant(pools) {
            let metered = self.metered(pool);
            self.pools[index(pool)].learn(now, at, ended);
            if self.metered(pool) != metered {
                actions.push(Action::Meter(pool, true));
            }
        }
        for (place, pool) in pools.iter().enumerate() {
            // An endpoint that is in trouble is no reason to use another one less that shares a pool with it.
            let concurrency = &mut self.pools[index(*pool)].concurrency;
            concurrency.hear(now, ended.took, ended.how, ended.usage, place == 0);
            tell_concurrency(now, *pool, &mut self.pools[index(*pool)], actions);
        }
    }

    /// Which of a call's pools its reply speaks of: those named beside the endpoint's own, if they can be meant, since
    /// it is they that say whose limits differ; the endpoint's own otherwise.
    fn meant(&self, pools: &[PoolId]) -> Vec<PoolId> {
        let beside = pools.iter().skip(1).copied();
        let meant: Vec<_> =
            beside.filter(|pool| self.pools[index(*pool)].speaks_of_minutes()).collect();
        if meant.is_empty() { pools.iter().take(1).copied().collect() } else { meant }
    }

    /// Without those that do not exist, and each once.
    fn known_pools(&self, pools: &[PoolId]) -> Vec<PoolId> {
        let mut seen = BTreeSet::new();
        let known = pools.iter().filter(|pool| index(**pool) < self.pools.len());
        known.filter(|pool| seen.insert(**pool)).copied().collect()
    }

    fn grow(&mut self, now: Duration, actions: &mut Vec<Action>) {
        for (pool, id) in self.pools.iter_mut().zip(0..) {
            pool.grow(now);
            tell_concurrency(now, PoolId(id), pool, actions);
        }
    }

    fn claim(
        &mut self,
        now: Duration,
        route: usize,
        draw: Draw,
        claims: &mut Claims,
    ) -> Option<Duration> {
        claims.claim(now, self.asks.pools(route), draw, &mut self.pools)
    }

    fn charge(&mut self, now: Duration, place: Place, waiting: Waiting) {
        let Waiting { worker, number, draw } = waiting;
        let pools = self.asks.pools(place.route());
        let charges =
            pools.iter().map(|pool| (*pool, self.pools[index(*pool)].charge(now, draw))).collect();
        self.asks.take(place);
        self.books.take_ask(worker, number);
        self.books.note_grant(worker, number, Grant { at: now, charges });
    }
}

fn tell_concurrency(now: Duration, id: PoolId, pool: &mut Pool, actions: &mut Vec<Action>) {
    if let Some(usable) = pool.concurrency.change(now) {
        actions.push(Action::Concurrency(id, usable));
    }
}

/// The position of a pool.
pub(crate) fn index(pool: PoolId) -> usize {
    usize::try_from(pool.0).unwrap_or(usize::MAX)
}
