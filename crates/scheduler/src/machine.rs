//! The machine: one `match` over everything that can happen.

mod dispatch;
mod sharing;
mod workers;

use std::collections::BTreeMap;

use iago_sweep::{JobId, PoolId, SweepId, WorkerId};

use crate::estimates::{need_of, tokens_of};
use crate::events::{Action, End, Event, Leased, PauseReason, Settled, Start};
use crate::known::{Known, StageCount};
use crate::pool::{Limits, Pool};
use crate::route::{Route, RouteId, Routes};
use crate::spend::Spend;
use crate::sweep::Sweep;
use crate::turns::Turns;
use crate::worker::Worker;

/// A lease's identity: the term in which it was given, and its number within that.
type LeaseKey = (u64, u64);

/// A lease that is out.
#[derive(Clone, Debug)]
struct Out {
    worker: WorkerId,
    route: RouteId,
    sweep: SweepId,
    job: JobId,
    attempt: u32,
    /// The tokens that it was expected to take when its sweep had its turn; none where it was adopted.
    tokens: u64,
}

/// The machine. See the crate's documentation.
#[derive(Debug)]
pub struct Scheduler {
    term: u64,
    last_lease: u64,
    pool_names: Vec<String>,
    pools: BTreeMap<PoolId, Pool>,
    routes: Routes,
    turns: BTreeMap<RouteId, Turns>,
    /// Routes with jobs of which nobody has a share of every pool, and who is to have them.
    called: BTreeMap<RouteId, WorkerId>,
    workers: BTreeMap<WorkerId, Worker>,
    sweeps: BTreeMap<SweepId, Sweep>,
    leases: BTreeMap<LeaseKey, Out>,
    /// Of sweeps that were forgotten, the highest number that an execution has had in this term.
    forgotten: BTreeMap<SweepId, u32>,
    /// Leases of an earlier term may still turn up.
    in_grace: bool,
    draining: bool,
    drained: bool,
}

impl Scheduler {
    /// A machine that leads in `term`, with its pools by name.
    pub fn new(term: u64, pools: Vec<(String, Limits)>) -> Self {
        let (pool_names, limits): (Vec<_>, Vec<_>) = pools.into_iter().unzip();
        let pool = |limits| Pool { limits, out: 0, blocked: None };
        Self {
            term,
            last_lease: 0,
            pool_names,
            pools: (0..).map(PoolId).zip(limits.into_iter().map(pool)).collect(),
            routes: Routes::default(),
            turns: BTreeMap::new(),
            called: BTreeMap::new(),
            workers: BTreeMap::new(),
            sweeps: BTreeMap::new(),
            leases: BTreeMap::new(),
            forgotten: BTreeMap::new(),
            in_grace: true,
            draining: false,
            drained: false,
        }
    }

    /// Takes what happened and appends what is to be done about it.
    pub fn apply(&mut self, event: Event, actions: &mut Vec<Action>) {
        match event {
            Event::Loaded(id, known, start) => self.load(id, *known, start),
            Event::GraceOver => {
                self.in_grace = false;
                self.sweeps.values_mut().for_each(Sweep::end_grace);
            }
            Event::Joined(worker, pools, held) => self.join(worker, &pools, held, actions),
            Event::Away(worker) => self.change(worker, |worker| worker.away = true),
            Event::Leaving(worker) => self.change(worker, |worker| worker.leaving = true),
            Event::Left(worker) => self.leave(worker, actions),
            Event::Departed(worker) => self.depart(worker, actions),
            Event::Credit(worker, jobs) => {
                self.change(worker, |worker| worker.credit = worker.credit.max(jobs));
            }
            Event::Settled(worker, settled) => self.settle(worker, *settled, actions),
            Event::Pause(sweep, who) => self.pause(sweep, who),
            Event::Cancel(sweep) => {
                if let Some(sweep) = self.sweeps.get_mut(&sweep) {
                    sweep.course.cancel();
                }
            }
            Event::Usable(pool, concurrency) => self.limit(pool, concurrency, actions),
            Event::PoolBlocked(pool, why) => {
                if let Some(pool) = self.pools.get_mut(&pool) {
                    pool.blocked = Some(why);
                }
            }
            Event::Unblock => self.unblock(actions),
            Event::Drain => self.draining = true,
        }
    }

    /// Counts by stage of a sweep.
    pub fn counts(&self, sweep: SweepId) -> Vec<StageCount> {
        self.sweeps.get(&sweep).map(Sweep::counts).unwrap_or_default()
    }

    /// What a sweep has cost so far, and what is reserved for it.
    pub fn spent(&self, sweep: SweepId) -> Spend {
        self.sweeps.get(&sweep).map(Sweep::spend).unwrap_or_default()
    }

    /// The number of a set of pools, of which the first is the endpoint's; the others may come in any
    /// order, and more than once.
    pub fn route(&mut self, pools: Vec<PoolId>) -> RouteId {
        self.routes.intern(Route::new(pools, &self.pool_names))
    }

    /// The names of a route's pools, joined with `+`: under this, stores know its frontiers. Empty for
    /// one that was never asked for.
    pub fn route_name(&self, route: RouteId) -> &str {
        self.routes.get(route).map_or("", |route| &route.name)
    }

    /// The route of this name, if it was ever asked for.
    pub fn find_route(&self, name: &str) -> Option<RouteId> {
        self.routes.find(name)
    }

    /// The pools of a route, that of the endpoint first.
    pub fn pools_of(&self, route: RouteId) -> &[PoolId] {
        self.routes.pools(route)
    }

    /// Assignments that are out, by pool; each counts in every pool of its route.
    pub fn out(&self) -> impl Iterator<Item = (&str, u32, Option<&str>)> {
        self.pool_names
            .iter()
            .zip(self.pools.values())
            .map(|(name, pool)| (name.as_str(), pool.out, pool.blocked.as_deref()))
    }

    /// Whether a worker is there that takes jobs of a pool.
    pub fn is_served(&self, name: &str) -> bool {
        let pool = self.pool(name);
        let serves = |worker: &Worker| pool.is_some_and(|pool| worker.lanes.contains_key(&pool));
        self.workers.values().any(|worker| !worker.away && !worker.leaving && serves(worker))
    }

    /// How many assignments of a sweep are out.
    pub fn out_of(&self, sweep: SweepId) -> u64 {
        self.sweeps.get(&sweep).map_or(0, Sweep::out)
    }

    /// The number of a pool.
    pub fn pool(&self, name: &str) -> Option<PoolId> {
        let position = self.pool_names.iter().position(|known| known == name)?;
        u32::try_from(position).ok().map(PoolId)
    }

    /// Whether a sweep is in memory, at work or at rest.
    pub fn is_loaded(&self, sweep: SweepId) -> bool {
        self.sweeps.contains_key(&sweep)
    }

    /// Drops a sweep from memory. What is delivered of it later is acknowledged and not recorded:
    /// load it first. Leases of it that are out are remembered, and count again once it is loaded.
    pub fn forget(&mut self, sweep: SweepId) {
        let Some(forgotten) = self.sweeps.remove(&sweep) else { return };
        let mut last_execution = forgotten.last_execution();
        let of_sweep = self.leases.iter().filter(|(_, out)| out.sweep == sweep);
        for key in of_sweep.map(|(key, _)| *key).collect::<Vec<_>>() {
            let Some(out) = self.end_lease(key) else { continue };
            last_execution = last_execution.max(out.attempt);
            self.set_aside(key, &out);
        }
        self.turns.values_mut().for_each(|turns| turns.forget(sweep));
        self.forgotten.insert(sweep, last_execution);
    }

    fn load(&mut self, id: SweepId, known: Known, start: Start) {
        let mut sweep = match self.sweeps.remove(&id) {
            Some(old) => old.replaced(known, start, self.in_grace),
            None => Sweep::new(known, start, self.in_grace),
        };
        sweep.count_on_from(self.forgotten.remove(&id).unwrap_or(0));
        self.sweeps.insert(id, sweep);
        self.place(id);
    }

    fn pause(&mut self, sweep: SweepId, who: String) {
        if let Some(sweep) = self.sweeps.get_mut(&sweep) {
            sweep.course.pause(PauseReason::Asked(who));
        }
    }

    fn settle(&mut self, worker: WorkerId, settled: Settled, actions: &mut Vec<Action>) {
        let Leased { lease, term, sweep, job, .. } = settled.leased;
        let key = (term, lease);
        let is_it = |out: &Out| (out.sweep, out.job) == (sweep, job);
        let is_held = self.leases.get(&key).is_some_and(is_it);
        let held = if is_held { self.end_lease(key) } else { None };
        if let Some(out) = &held {
            self.settle_turn(out, tokens_taken(&settled));
        }
        self.change(worker, |worker| {
            worker.unplaced.remove(&key);
        });
        actions.push(Action::Acknowledge(worker, settled.sequence));
        if let Some(of) = self.sweeps.get_mut(&sweep).filter(|of| of.shape().contains(job)) {
            let fact = of.settle(settled, held.is_some());
            actions.push(Action::Record(sweep, fact));
            if of.go_on() {
                actions.push(Action::Reopened(sweep));
            }
        }
    }

    fn end_lease(&mut self, key: LeaseKey) -> Option<Out> {
        let out = self.leases.remove(&key)?;
        let route = self.routes.pools(out.route);
        for id in route {
            if let Some(pool) = self.pools.get_mut(id) {
                pool.out = pool.out.saturating_sub(1);
            }
        }
        if let Some(worker) = self.workers.get_mut(&out.worker) {
            worker.remove(out.route, route);
        }
        if let Some(sweep) = self.sweeps.get_mut(&out.sweep) {
            sweep.release(out.job);
        }
        Some(out)
    }

    /// A lease is out, and counts in every pool of its route.
    fn add_lease(&mut self, key: LeaseKey, out: Out) {
        let route = self.routes.pools(out.route);
        for id in route {
            if let Some(pool) = self.pools.get_mut(id) {
                pool.out += 1;
            }
        }
        if let Some(worker) = self.workers.get_mut(&out.worker) {
            worker.add(out.route, route);
        }
        self.leases.insert(key, out);
    }

    /// Puts the turn right that a sweep had with a job, now that it is known what that took; `None`
    /// where nobody tells.
    fn settle_turn(&mut self, out: &Out, took: Option<u64>) {
        let Some(sweep) = self.sweeps.get(&out.sweep) else { return };
        let weight = sweep.shape().weight;
        if let (Some(turns), Some(took)) = (self.turns.get_mut(&out.route), took) {
            turns.settle(out.sweep, weight, out.tokens, took);
        }
    }

    fn change(&mut self, worker: WorkerId, change: impl FnOnce(&mut Worker)) {
        if let Some(worker) = self.workers.get_mut(&worker) {
            change(worker);
        }
    }
}

/// The tokens that an attempt took, as far as it tells.
fn tokens_taken(settled: &Settled) -> Option<u64> {
    match &settled.end {
        End::Answered(fact, _) => Some(tokens_of(need_of(&fact.usage))),
        End::Failed(_) | End::Released => (settled.calls == 0).then_some(0),
    }
}
