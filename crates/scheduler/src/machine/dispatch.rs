//! Hands out what can be handed out: pools first, then sweeps by turns, then the emptiest worker
//! that keeps its share.

use std::collections::BTreeSet;

use iago_sweep::{Fact, Frontier, SweepId};

use super::{Out, Scheduler};
use crate::PoolId;
use crate::events::{Action, Assigned, WorkerId};
use crate::sweep::Rest;

impl Scheduler {
    /// Moves shares to workers that wait for one, hands out what can be handed out, and notices what
    /// has ended. Once after each batch.
    pub fn dispatch(&mut self, actions: &mut Vec<Action>) {
        for pool in self.pools.keys().copied().collect::<Vec<_>>() {
            let yielding = self.move_shares(pool, actions);
            if !self.draining {
                self.dispatch_pool(pool, &yielding, actions);
            }
        }
        self.notice_ends(actions);
    }

    fn dispatch_pool(
        &mut self,
        pool: PoolId,
        yielding: &BTreeSet<WorkerId>,
        actions: &mut Vec<Action>,
    ) {
        // Sweeps take turns: one job each, until every worker is full.
        let running = self.sweeps.iter().filter(|(_, sweep)| sweep.course.is_running());
        let mut turn: Vec<_> = running.map(|(id, _)| *id).collect();
        while !turn.is_empty() {
            let mut next_turn = Vec::with_capacity(turn.len());
            for sweep in turn {
                let Some(worker) = self.worker_for(pool, yielding) else { return };
                if self.hand_out(worker, pool, sweep, actions) {
                    next_turn.push(sweep);
                }
            }
            turn = next_turn;
        }
    }

    /// The worker with the most room in its part of a pool, relative to that part; none that is to
    /// give its part away.
    fn worker_for(&self, pool: PoolId, yielding: &BTreeSet<WorkerId>) -> Option<WorkerId> {
        self.pools.get(&pool).filter(|pool| pool.blocked.is_none())?;
        let able = self.workers.iter().rev().filter(|(id, _)| !yielding.contains(id));
        let able = able.filter_map(|(id, worker)| Some((*id, worker.room(pool)?)));
        able.max_by(|(_, one), (_, other)| one.compare(other)).map(|(id, _)| id)
    }

    fn hand_out(
        &mut self,
        worker: WorkerId,
        pool: PoolId,
        id: SweepId,
        actions: &mut Vec<Action>,
    ) -> bool {
        let Some(sweep) = self.sweeps.get_mut(&id) else { return false };
        let Some((job, attempt, frontier)) = sweep.next(pool) else { return false };
        if let (Some(position), Some(name)) = (frontier, self.pool_names.get(pool.0 as usize)) {
            let revision = sweep.shape().revision;
            let fact = Frontier { revision, pool: name.clone(), position };
            actions.push(Action::Record(id, Fact::Frontier(fact)));
        }
        self.last_lease += 1;
        let lease = self.last_lease;
        self.add_lease((self.term, lease), Out { worker, pool, sweep: id, job, attempt });
        self.change(worker, |worker| worker.given += 1);
        actions.push(Action::Assign(worker, Assigned { lease, sweep: id, job, attempt }));
        true
    }

    fn notice_ends(&mut self, actions: &mut Vec<Action>) {
        for (id, sweep) in &mut self.sweeps {
            actions.extend(sweep.rest(&self.pools).map(|rest| match rest {
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
