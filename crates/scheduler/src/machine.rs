//! The machine: one `match` over everything that can happen.

mod dispatch;
mod sharing;
mod workers;

use std::collections::BTreeMap;

use iago_sweep::{JobId, Money, SweepId};

use crate::PoolId;
use crate::events::{Action, Event, Leased, PauseReason, Settled, Start, WorkerId};
use crate::known::{Known, StageCount};
use crate::pool::{Limits, Pool};
use crate::sweep::Sweep;
use crate::worker::Worker;

/// A lease's identity: the term in which it was given, and its number within that.
type LeaseKey = (u64, u64);

/// A lease that is out.
#[derive(Clone, Debug)]
struct Out {
    worker: WorkerId,
    pool: PoolId,
    sweep: SweepId,
    job: JobId,
    attempt: u32,
}

/// The machine. See the crate's documentation.
#[derive(Debug)]
pub struct Scheduler {
    term: u64,
    last_lease: u64,
    pool_names: Vec<String>,
    pools: BTreeMap<PoolId, Pool>,
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

    /// What a sweep has cost so far, as far as prices are known.
    pub fn spent(&self, sweep: SweepId) -> Money {
        self.sweeps.get(&sweep).map(Sweep::spent).unwrap_or_default()
    }

    /// Assignments that are out, by pool.
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
        self.forgotten.insert(sweep, last_execution);
    }

    fn load(&mut self, id: SweepId, known: Known, start: Start) {
        let pools = self.pools.keys().copied();
        let mut sweep = match self.sweeps.remove(&id) {
            Some(old) => old.replaced(known, pools, start, self.in_grace),
            None => Sweep::new(known, pools, start, self.in_grace),
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
        let held = self.leases.get(&key).is_some_and(is_it) && self.end_lease(key).is_some();
        self.change(worker, |worker| {
            worker.unplaced.remove(&key);
        });
        actions.push(Action::Acknowledge(worker, settled.sequence));
        if let Some(of) = self.sweeps.get_mut(&sweep).filter(|of| of.shape().contains(job)) {
            // Of this term and not held any more: it came twice, or its lease was abandoned.
            // Either way its cost was counted then.
            let is_counted = !held && term == self.term;
            let fact = of.settle(settled, held, is_counted);
            actions.push(Action::Record(sweep, fact));
            if of.go_on() {
                actions.push(Action::Reopened(sweep));
            }
        }
    }

    fn end_lease(&mut self, key: LeaseKey) -> Option<Out> {
        let out = self.leases.remove(&key)?;
        if let Some(pool) = self.pools.get_mut(&out.pool) {
            pool.out = pool.out.saturating_sub(1);
        }
        let worker = self.workers.get_mut(&out.worker);
        if let Some(lane) = worker.and_then(|worker| worker.lanes.get_mut(&out.pool)) {
            lane.out = lane.out.saturating_sub(1);
        }
        if let Some(sweep) = self.sweeps.get_mut(&out.sweep) {
            sweep.release(out.job);
        }
        Some(out)
    }

    fn add_lease(&mut self, key: LeaseKey, out: Out) {
        if let Some(pool) = self.pools.get_mut(&out.pool) {
            pool.out += 1;
        }
        let worker = self.workers.get_mut(&out.worker);
        if let Some(lane) = worker.and_then(|worker| worker.lanes.get_mut(&out.pool)) {
            lane.out += 1;
        }
        self.leases.insert(key, out);
    }

    fn change(&mut self, worker: WorkerId, change: impl FnOnce(&mut Worker)) {
        if let Some(worker) = self.workers.get_mut(&worker) {
            change(worker);
        }
    }
}
