//! How a pool is divided among the workers that serve it, and how shares move on.
//!
//! Where more workers serve a pool than it has slots, some have no share, and what these hold waits. So whoever holds something comes before those that are idle; and where
//! even the holders are too many, some of those with a share are handed nothing more, until they
//! hold nothing and their share goes to one that waits.
//!
//! A job of several pools needs a share of each in the same hands. Who waits for shares of several
//! pools has them in the same order in all, so that no two wait for each other.

use std::collections::BTreeSet;

use iago_sweep::{PoolId, WorkerId};

use super::Scheduler;
use crate::events::Action;
use crate::pool::Share;
use crate::route::RouteId;
use crate::worker::{Lane, Worker};

/// What a worker would do with a share of a pool; the first are served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// It holds jobs, and has a share of every pool of one's route.
    Works,
    /// It holds jobs, or is to be handed one, and cannot begin any without a share, of this pool or
    /// another.
    Waits,
    /// It has no use for one now.
    Idle,
}

impl Scheduler {
    /// So many calls at once may be used of a pool from now on.
    pub(super) fn limit(&mut self, id: PoolId, concurrency: u32, actions: &mut Vec<Action>) {
        if let Some(pool) = self.pools.get_mut(&id) {
            pool.limits.concurrency = concurrency;
            self.divide(id, None, actions);
        }
    }

    /// Divides a pool anew among the workers that serve it, and tells those whose share changed,
    /// and `told` in any case. One that is away cannot be told, and goes on with what it has: that
    /// stays its share, and the others divide the rest.
    pub(super) fn divide(
        &mut self,
        id: PoolId,
        mut told: Option<WorkerId>,
        actions: &mut Vec<Action>,
    ) {
        let parts = self.parts(id);
        // First everybody lets go of what is not theirs any more, and only then somebody gets more.
        for (worker, part) in &parts {
            let Some(lane) = self.lane(*worker, id) else { continue };
            let kept = lane.share.within(*part);
            if kept != lane.share {
                lane.share = kept;
                actions.push(Action::Slice(*worker, id, kept));
                told = told.filter(|told| told != worker || kept != *part);
            }
        }
        for (worker, part) in parts {
            let Some(lane) = self.lane(worker, id) else { continue };
            if lane.share != part || told == Some(worker) {
                lane.share = part;
                actions.push(Action::Slice(worker, id, part));
            }
        }
    }

    /// Gives shares that nobody works with to workers that wait for one. Gives those that are to be
    /// handed nothing more of the pool: one for each that waits still, whoever is done soonest.
    pub(super) fn move_shares(
        &mut self,
        pool: PoolId,
        actions: &mut Vec<Action>,
    ) -> BTreeSet<WorkerId> {
        if self.count_waiting(pool) == 0 {
            return BTreeSet::new();
        }
        self.divide(pool, None, actions);
        let done_soonest = |worker: &WorkerId| {
            let of = self.workers.get(worker)?;
            Some((!of.leaving, of.lanes.get(&pool)?.out, *worker))
        };
        let working = self.claims(pool).into_iter().filter(|(claim, _)| *claim == Claim::Works);
        let mut working: Vec<_> = working.map(|(_, worker)| worker).collect();
        working.sort_by_key(done_soonest);
        working.into_iter().take(self.count_waiting(pool)).collect()
    }

    /// How many wait for a share of a pool; one that has one waits for another pool.
    fn count_waiting(&self, pool: PoolId) -> usize {
        let lane = |worker: &WorkerId| self.workers.get(worker)?.lanes.get(&pool);
        let has_none =
            |worker: &WorkerId| lane(worker).is_some_and(|lane| lane.share.window() == 0);
        let claims = self.claims(pool).into_iter();
        claims.filter(|(claim, worker)| *claim == Claim::Waits && has_none(worker)).count()
    }

    /// Finds the routes with jobs that nobody can be handed, since nobody has a share of every pool,
    /// and calls for a worker to have them: for the first that can, so that those who are called for
    /// several routes do not keep one another's shares.
    pub(super) fn call_workers(&mut self) {
        let wanted = self.turns.iter().filter(|(_, turns)| turns.next().is_some());
        let called = wanted.filter_map(|(id, _)| {
            let route = self.routes.pools(*id);
            let mut able = self.workers.iter().filter(|(_, worker)| worker.takes(route)).peekable();
            let (first, _) = able.peek()?;
            let first = **first;
            (!able.any(|(_, worker)| worker.may_call(route))).then_some((*id, first))
        });
        self.called = called.collect();
    }

    /// Everybody's part of a pool that can be told of it.
    fn parts(&self, id: PoolId) -> Vec<(WorkerId, Share)> {
        let Some(pool) = self.pools.get(&id) else { return Vec::new() };
        let away = self.workers.values().filter(|worker| worker.away);
        let away = away.filter_map(|worker| worker.lanes.get(&id));
        let left = away.fold(pool.limits, |left, lane| left.without(lane.share));
        let mut claims = self.claims(id);
        claims.sort_unstable();
        let among = u32::try_from(claims.len()).unwrap_or(u32::MAX);
        claims.into_iter().map(|(_, worker)| worker).zip(left.divide(among)).collect()
    }

    /// The workers that serve a pool and are not away.
    fn claims(&self, pool: PoolId) -> Vec<(Claim, WorkerId)> {
        let present = self.workers.iter().filter(|(_, worker)| !worker.away);
        let claim = present.filter_map(|(id, worker)| Some((self.claim(worker, *id, pool)?, *id)));
        claim.collect()
    }

    fn claim(&self, worker: &Worker, id: WorkerId, pool: PoolId) -> Option<Claim> {
        worker.lanes.get(&pool)?;
        let mut held = self.held_routes(worker).into_iter().map(|route| self.routes.pools(route));
        let mut held = held.by_ref().filter(|route| route.contains(&pool)).peekable();
        let called = self.called.iter().filter(|(_, called)| **called == id);
        let is_called =
            || called.into_iter().any(|(route, _)| self.routes.pools(*route).contains(&pool));
        let waits = held.peek().is_some() || is_called();
        let claim = if held.any(|route| worker.may_call(route)) {
            Claim::Works
        } else if waits && !worker.leaving {
            Claim::Waits
        } else {
            // One that leaves begins nothing, whatever it may use.
            Claim::Idle
        };
        Some(claim)
    }

    /// The routes of all that a worker holds. It works on leases that are not its own to hold all the
    /// same; of those of a sweep that is not loaded nobody knows the route.
    fn held_routes(&self, worker: &Worker) -> BTreeSet<RouteId> {
        let unplaced = worker.unplaced.values().filter_map(|leased| {
            let sweep = self.sweeps.get(&leased.sweep)?;
            sweep.shape().route(leased.job)
        });
        worker.out.keys().copied().chain(unplaced).collect()
    }

    fn lane(&mut self, worker: WorkerId, pool: PoolId) -> Option<&mut Lane> {
        self.workers.get_mut(&worker)?.lanes.get_mut(&pool)
    }
}
