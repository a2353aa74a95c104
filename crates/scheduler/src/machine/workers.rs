//! Workers come, return and are lost, and with them leases and shares.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{
    AttemptCause, AttemptFact, Fact, FailureClass, FailureFact, Money, PoolId, SweepId, WorkerId,
};

use super::{LeaseKey, Out, Scheduler};
use crate::events::{Action, Leased};
use crate::executions::Execution;
use crate::worker::Lane;

/// Workers lost on one job before it is set aside: the job may be what kills them.
const STRIKES_MAX: u32 = 2;

impl Scheduler {
    pub(super) fn join(
        &mut self,
        id: WorkerId,
        pools: &[PoolId],
        held: Vec<Leased>,
        actions: &mut Vec<Action>,
    ) {
        let held = held.into_iter().map(|leased| ((leased.term, leased.lease), leased)).collect();
        self.take_back_unnamed(id, &held);
        let left_pools = self.connect(id, pools);
        let unknown = held.into_iter().filter(|(key, _)| !self.leases.contains_key(key)).collect();
        self.change(id, |worker| worker.unplaced = unknown);
        for sweep in self.sweeps.keys().copied().collect::<Vec<_>>() {
            self.place_held_by(id, sweep);
        }
        for pool in left_pools {
            self.divide(pool, None, actions);
        }
        for pool in pools.iter().copied().collect::<BTreeSet<_>>() {
            self.divide(pool, Some(id), actions);
        }
    }

    /// Opens the leases again that a returning worker does not name: they never reached it.
    fn take_back_unnamed(&mut self, id: WorkerId, held: &BTreeMap<LeaseKey, Leased>) {
        let is_named = |key: &LeaseKey, out: &Out| {
            held.get(key).is_some_and(|leased| (leased.sweep, leased.job) == (out.sweep, out.job))
        };
        let leases =
            self.leases.iter().filter(|(key, out)| out.worker == id && !is_named(key, out));
        for key in leases.map(|(key, _)| *key).collect::<Vec<_>>() {
            let Some(out) = self.end_lease(key) else { continue };
            self.settle_turn(&out, Some(0));
            if let Some(sweep) = self.sweeps.get_mut(&out.sweep) {
                sweep.reopen(out.job, out.attempt);
            }
        }
    }

    /// Begins a connection of a worker. Gives the pools that it served and does not any more.
    fn connect(&mut self, id: WorkerId, pools: &[PoolId]) -> Vec<PoolId> {
        let worker = self.workers.entry(id).or_default();
        (worker.away, worker.credit, worker.given) = (false, 0, 0);
        let before = std::mem::take(&mut worker.lanes);
        worker.out.clear();
        for pool in pools.iter().filter(|pool| self.pools.contains_key(pool)) {
            let share = before.get(pool).map(|lane| lane.share).unwrap_or_default();
            worker.lanes.insert(*pool, Lane { share, out: 0 });
        }
        for out in self.leases.values().filter(|out| out.worker == id) {
            worker.add(out.route, self.routes.pools(out.route));
        }
        before.into_keys().filter(|pool| !worker.lanes.contains_key(pool)).collect()
    }

    /// Counts leases as out that workers said to hold, now that their sweep is loaded.
    pub(super) fn place(&mut self, sweep: SweepId) {
        for worker in self.workers.keys().copied().collect::<Vec<_>>() {
            self.place_held_by(worker, sweep);
        }
    }

    fn place_held_by(&mut self, id: WorkerId, sweep: SweepId) {
        let Some(worker) = self.workers.get(&id) else { return };
        let of_sweep = worker.unplaced.values().filter(|leased| leased.sweep == sweep);
        for leased in of_sweep.cloned().collect::<Vec<_>>() {
            let Leased { lease, term, job, attempt, .. } = leased;
            let Some(of) = self.sweeps.get_mut(&sweep) else { return };
            let Some(route) = of.shape().route(job) else { continue };
            if of.adopt(&leased) {
                let out = Out { worker: id, route, sweep, job, attempt, tokens: 0 };
                self.add_lease((term, lease), out);
                self.change(id, |worker| {
                    worker.unplaced.remove(&(term, lease));
                });
            }
        }
    }

    /// A lease that is out with a worker, of a sweep that leaves memory.
    pub(super) fn set_aside(&mut self, (term, lease): LeaseKey, out: &Out) {
        let Out { sweep, job, attempt, .. } = *out;
        let leased = Leased { lease, term, sweep, job, attempt };
        self.change(out.worker, |worker| {
            worker.unplaced.insert((term, lease), leased);
        });
    }

    pub(super) fn leave(&mut self, id: WorkerId, actions: &mut Vec<Action>) {
        let Some(worker) = self.workers.remove(&id) else { return };
        let leases = self.leases.iter().filter(|(_, out)| out.worker == id);
        for key in leases.map(|(key, _)| *key).collect::<Vec<_>>() {
            if let Some(out) = self.end_lease(key) {
                self.abandon(key.0, &out, actions);
            }
        }
        for pool in worker.lanes.into_keys() {
            self.divide(pool, None, actions);
        }
    }

    /// A worker went in order: what is out with it never reached it.
    pub(super) fn depart(&mut self, id: WorkerId, actions: &mut Vec<Action>) {
        self.take_back_unnamed(id, &BTreeMap::new());
        self.leave(id, actions);
    }

    /// A lease died with its worker. What it called is not known here, so that its cost is taken
    /// to be the most that it can be; the job is open again.
    fn abandon(&mut self, term: u64, out: &Out, actions: &mut Vec<Action>) {
        let Out { sweep, job, attempt, .. } = *out;
        let Some(of) = self.sweeps.get_mut(&sweep) else { return };
        let (cause, cost) = (AttemptCause::Abandoned, of.shape().reserve(job));
        let fact = AttemptFact { job, term, attempt, cause, calls: 0, cost };
        actions.push(Action::Record(sweep, Fact::Attempt(fact)));
        let execution = Execution { job, term, attempt };
        of.known.account.abandon(execution, cost.unwrap_or_default());
        of.reopen(job, attempt);
        if of.has_ended(job) || of.strike(job) < STRIKES_MAX {
            return;
        }
        // No worker's execution: whoever was lost may return, and say how its own ended.
        let failure = FailureFact {
            job,
            round: of.known.round,
            term: self.term,
            attempt: of.next_execution(job),
            class: FailureClass::Quarantined,
            status: None,
            message: format!("{STRIKES_MAX} workers were lost while they worked on it"),
            calls: 0,
            throttles: 0,
            cost: Some(Money::ZERO),
            simulated: false,
        };
        of.failed(job, failure.attempt, failure.class, "");
        actions.push(Action::Record(sweep, Fact::Failure(failure)));
    }

    pub(super) fn unblock(&mut self, actions: &mut Vec<Action>) {
        self.pools.values_mut().for_each(|pool| pool.blocked = None);
        for (id, worker) in self.workers.iter().filter(|(_, worker)| !worker.away) {
            let lanes = worker.lanes.iter();
            actions.extend(lanes.map(|(pool, lane)| Action::Slice(*id, *pool, lane.share)));
        }
    }
}
