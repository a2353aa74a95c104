//! How a pool is divided among the workers that serve it, and how shares move on.
//!
//! Where more workers serve a pool than it has slots, or calls in a minute, some have no share, and
//! what these hold waits. So whoever holds something comes before those that are idle; and where
//! even the holders are too many, some of those with a share are handed nothing more, until they
//! hold nothing and their share goes to one that waits.

use std::collections::BTreeSet;

use super::Scheduler;
use crate::PoolId;
use crate::events::{Action, WorkerId};
use crate::pool::Share;
use crate::worker::{Lane, Worker};

/// What a worker would do with a share of a pool; the first are served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// It holds jobs, and has a share.
    Works,
    /// It holds jobs, and cannot begin them without a share.
    Waits,
    /// It has no use for one now.
    Idle,
}

impl Scheduler {
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

    fn count_waiting(&self, pool: PoolId) -> usize {
        self.claims(pool).iter().filter(|(claim, _)| *claim == Claim::Waits).count()
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
        let claim = present.filter_map(|(id, worker)| Some((self.claim(worker, pool)?, *id)));
        claim.collect()
    }

    fn claim(&self, worker: &Worker, pool: PoolId) -> Option<Claim> {
        let lane = worker.lanes.get(&pool)?;
        let claim = if lane.out == 0 && !self.holds_unplaced(worker, pool) {
            Claim::Idle
        } else if lane.share.window() > 0 {
            Claim::Works
        } else if worker.leaving {
            // It begins nothing, whatever it may use.
            Claim::Idle
        } else {
            Claim::Waits
        };
        Some(claim)
    }

    /// Whether a worker holds leases of a pool that are not its own to hold: it works on them all
    /// the same. Of a sweep that is not loaded nobody knows the pool.
    fn holds_unplaced(&self, worker: &Worker, pool: PoolId) -> bool {
        worker.unplaced.values().any(|leased| {
            let sweep = self.sweeps.get(&leased.sweep);
            sweep.and_then(|sweep| sweep.pool_of(leased.job)) == Some(pool)
        })
    }

    fn lane(&mut self, worker: WorkerId, pool: PoolId) -> Option<&mut Lane> {
        self.workers.get_mut(&worker)?.lanes.get_mut(&pool)
    }
}
