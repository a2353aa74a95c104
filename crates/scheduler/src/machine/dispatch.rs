//! Hands out what can be handed out: higher priorities first, within one the routes by turns, on each
//! the sweep with the least virtual time, and to the emptiest worker that keeps its shares.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Fact, Frontier, PoolId, SweepId, WorkerId};

use super::{Out, Scheduler};
use crate::estimates::tokens_of;
use crate::events::{Action, Assigned};
use crate::route::RouteId;
use crate::sweep::{Rest, Sweep};

/// The workers that are handed nothing more of a pool, by pool.
type Yielding = BTreeMap<PoolId, BTreeSet<WorkerId>>;

impl Scheduler {
    /// Notices what has ended, moves shares to workers that wait for one, and hands out what can be
    /// handed out. Once after each batch.
    pub fn dispatch(&mut self, actions: &mut Vec<Action>) {
        // Who is at rest holds up nobody that is in step with it, in this very batch: there may be no
        // other.
        self.notice_ends(actions);
        self.keep_step();
        self.note_wants();
        self.call_workers();
        let pools: Vec<_> = self.pools.keys().copied().collect();
        let yielding = pools.into_iter().map(|pool| (pool, self.move_shares(pool, actions)));
        let yielding = yielding.collect();
        if !self.draining {
            self.hand_out(&yielding, actions);
        }
    }

    /// Routes may share a pool. Those whose turn is of the highest priority go first, for as long as
    /// they can go on; within one priority they take turns for the room, one job each, beginning with
    /// the one that has waited longest. So nobody is starved but by higher priorities.
    fn hand_out(&mut self, yielding: &Yielding, actions: &mut Vec<Action>) {
        let mut open: Vec<_> = self.turns.keys().copied().collect();
        open.sort_by_key(|route| self.turns.get(route).map(|turns| turns.last_lease));
        while let Some(first) = open.iter().filter_map(|route| self.priority_on(*route)).max() {
            open.retain(|route| {
                let waits = self.priority_on(*route) != Some(first);
                waits || self.hand_out_one(*route, yielding, actions).is_some()
            });
        }
    }

    /// The priority of whose turn it is on a route; `None` where nobody wants anything.
    fn priority_on(&self, route: RouteId) -> Option<i8> {
        self.turns.get(&route)?.priority()
    }

    /// Says of each sweep that is in step with another how many jobs it may hand out.
    fn keep_step(&mut self) {
        let in_step = self.sweeps.iter().filter_map(|(id, of)| Some((*id, of.known.in_step_with?)));
        for (id, other) in in_step.collect::<Vec<_>>() {
            let begins = self.sweeps.get(&id).is_some_and(Sweep::is_to_begin_steps);
            let other = self.sweeps.get_mut(&other);
            let left = other.and_then(|other| other.left_to_keep_step_with(begins));
            if let Some(sweep) = self.sweeps.get_mut(&id) {
                sweep.keep_step(left);
            }
        }
    }

    /// Says on each route who has something to hand out.
    fn note_wants(&mut self) {
        for (id, sweep) in &mut self.sweeps {
            for route in sweep.routes() {
                let wants = !self.draining && sweep.wants(route);
                self.turns.entry(route).or_default().note(*id, sweep.priority(), wants);
            }
        }
    }

    /// Hands out one job of a route; `None` if there is nobody to take it, or none.
    fn hand_out_one(
        &mut self,
        route: RouteId,
        yielding: &Yielding,
        actions: &mut Vec<Action>,
    ) -> Option<()> {
        let worker = self.worker_for(route, yielding)?;
        loop {
            let sweep = self.turns.get(&route)?.next()?;
            if self.assign(worker, route, sweep, actions).is_some() {
                return Some(());
            }
            self.turns.get_mut(&route)?.pass(sweep);
        }
    }

    /// The worker with the most room on a route, relative to its part; none that is to give its part
    /// of one of the pools away.
    fn worker_for(&self, route: RouteId, yielding: &Yielding) -> Option<WorkerId> {
        let pools = self.routes.pools(route);
        let is_blocked = |pool| self.pools.get(pool).is_none_or(|pool| pool.blocked.is_some());
        if pools.is_empty() || pools.iter().any(is_blocked) {
            return None;
        }
        let yields =
            |id| pools.iter().any(|pool| yielding.get(pool).is_some_and(|of| of.contains(id)));
        let able = self.workers.iter().rev().filter(|(id, _)| !yields(id));
        let able = able.filter_map(|(id, worker)| Some((*id, worker.room(pools)?)));
        able.max_by(|(_, one), (_, other)| one.compare(other)).map(|(id, _)| id)
    }

    /// Hands out a sweep's next job on a route, if it has one.
    fn assign(
        &mut self,
        worker: WorkerId,
        route: RouteId,
        id: SweepId,
        actions: &mut Vec<Action>,
    ) -> Option<()> {
        let sweep = self.sweeps.get_mut(&id)?;
        let (job, attempt, frontier) = sweep.next(route)?;
        let need = sweep.estimates.need(job, sweep.shape().need(job));
        let (tokens, weight) = (tokens_of(need), sweep.shape().weight);
        let cost_most = sweep.shape().reserve_of_call(job);
        if let (Some(position), Some(of)) = (frontier, self.routes.get(route)) {
            let revision = sweep.shape().revision;
            let fact = Frontier { revision, pool: of.name.clone(), position };
            actions.push(Action::Record(id, Fact::Frontier(fact)));
        }
        self.last_lease += 1;
        let lease = self.last_lease;
        let turns = self.turns.entry(route).or_default();
        turns.take(id, weight, tokens);
        turns.last_lease = lease;
        let out = Out { worker, route, sweep: id, job, attempt, tokens };
        self.add_lease((self.term, lease), out);
        self.change(worker, |worker| worker.given += 1);
        let assigned = Assigned { lease, sweep: id, job, attempt, route, need, cost_most };
        actions.push(Action::Assign(worker, assigned));
        Some(())
    }

    fn notice_ends(&mut self, actions: &mut Vec<Action>) {
        for (id, sweep) in &mut self.sweeps {
            actions.extend(sweep.rest(&self.routes, &self.pools).map(|rest| match rest {
                Rest::Finished => Action::Finished(*id),
                Rest::Paused(reason) => Action::Paused(*id, reason),
                Rest::Cancelled => Action::Cancelled(*id),
            }));
        }
        if self.draining && !self.drained && self.leases.is_empty() {
            self.drained = true;
            actions.push(Action::Drained);
        }
    }
}
