//! Hands out what can be handed out: routes by turns, on each the sweep with the least virtual time,
//! and to the emptiest worker that keeps its shares.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Fact, Frontier, PoolId, SweepId, WorkerId};

use super::{Out, Scheduler};
use crate::estimates::tokens_of;
use crate::events::{Action, Assigned};
use crate::route::RouteId;
use crate::sweep::Rest;

/// The workers that are handed nothing more of a pool, by pool.
type Yielding = BTreeMap<PoolId, BTreeSet<WorkerId>>;

impl Scheduler {
    /// Moves shares to workers that wait for one, hands out what can be handed out, and notices what
    /// has ended. Once after each batch.
    pub fn dispatch(&mut self, actions: &mut Vec<Action>) {
        self.note_wants();
        self.call_workers();
        let pools: Vec<_> = self.pools.keys().copied().collect();
        let yielding = pools.into_iter().map(|pool| (pool, self.move_shares(pool, actions)));
        let yielding = yielding.collect();
        if !self.draining {
            self.hand_out(&yielding, actions);
        }
        self.notice_ends(actions);
    }

    /// Routes may share a pool, and take turns for its room: one job each, beginning where the turns
    /// ended last time. None of them can starve another.
    fn hand_out(&mut self, yielding: &Yielding, actions: &mut Vec<Action>) {
        let mut open: Vec<_> = self.routes.from(self.next_route).collect();
        while !open.is_empty() {
            open.retain(|route| self.hand_out_one(*route, yielding, actions).is_some());
        }
    }

    /// Says on each route who has something to hand out.
    fn note_wants(&mut self) {
        for (id, sweep) in &mut self.sweeps {
            for route in sweep.routes() {
                let wants = !self.draining && sweep.wants(route);
                self.turns.entry(route).or_default().note(*id, wants);
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
                self.next_route = route.0.saturating_add(1);
                return Some(());
            }
            self.turns.get_mut(&route)?.note(sweep, false);
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
        self.turns.entry(route).or_default().take(id, weight, tokens);
        self.last_lease += 1;
        let lease = self.last_lease;
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
