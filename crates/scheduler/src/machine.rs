//! The machine: one `match` over everything that can happen.

use std::collections::BTreeMap;

use iago_sweep::{
    AttemptCause, AttemptFact, Fact, FailureClass, FailureFact, Frontier, JobId, Money, SweepId,
};

use crate::PoolId;
use crate::events::{Action, Assigned, End, Event, Leased, Settled, WorkerId};
use crate::known::StageCount;
use crate::pool::Pool;
use crate::sweep::Sweep;
use crate::worker::Worker;

/// Workers lost on one job before it is set aside: the job may be what kills them.
const STRIKES_MAX: u32 = 2;

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
    leases: BTreeMap<(u64, u64), Out>,
    draining: bool,
    drained: bool,
}

impl Scheduler {
    /// A machine that leads in `term`, with its pools: name, and how many assignments may be out.
    pub fn new(term: u64, pools: Vec<(String, u32)>) -> Self {
        let (pool_names, windows): (Vec<_>, Vec<_>) = pools.into_iter().unzip();
        let pool = |window| Pool { window, out: 0, blocked: None };
        Self {
            term,
            last_lease: 0,
            pool_names,
            pools: (0..).map(PoolId).zip(windows.into_iter().map(pool)).collect(),
            workers: BTreeMap::new(),
            sweeps: BTreeMap::new(),
            leases: BTreeMap::new(),
            draining: false,
            drained: false,
        }
    }

    /// Takes what happened and appends what is to be done about it.
    pub fn apply(&mut self, event: Event, actions: &mut Vec<Action>) {
        match event {
            Event::Loaded(id, known) => {
                let pools = self.pools.keys().copied().collect::<Vec<_>>();
                self.sweeps.insert(id, Sweep::new(*known, pools));
            }
            Event::Joined(worker, pools, held) => self.join(worker, pools, held),
            Event::Left(worker) => self.leave(worker, actions),
            Event::Credit(worker, jobs) => {
                if let Some(worker) = self.workers.get_mut(&worker) {
                    worker.credit = worker.credit.max(jobs);
                }
            }
            Event::Settled(worker, settled) => self.settle(worker, *settled, actions),
            Event::PoolBlocked(pool, why) => {
                if let Some(pool) = self.pools.get_mut(&pool) {
                    pool.blocked = Some(why);
                }
            }
            Event::Drain => self.draining = true,
        }
    }

    /// Hands out what can be handed out, and notices what has ended. Once after each batch.
    pub fn dispatch(&mut self, actions: &mut Vec<Action>) {
        if !self.draining {
            for pool in self.pools.keys().copied().collect::<Vec<_>>() {
                self.dispatch_pool(pool, actions);
            }
        }
        self.notice_ends(actions);
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

    /// The number of a pool.
    pub fn pool(&self, name: &str) -> Option<PoolId> {
        let position = self.pool_names.iter().position(|known| known == name)?;
        u32::try_from(position).ok().map(PoolId)
    }

    fn join(&mut self, id: WorkerId, pools: Vec<PoolId>, held: Vec<Leased>) {
        let worker = Worker { pools: pools.into_iter().collect(), ..Worker::default() };
        self.workers.insert(id, worker);
        for Leased { lease, term, sweep, job, attempt } in held {
            let Some(of) = self.sweeps.get_mut(&sweep) else { continue };
            let Some(pool) = of.pool_of(job) else { continue };
            if of.adopt(job) {
                self.leases.insert((term, lease), Out { worker: id, pool, sweep, job, attempt });
                self.count_out(id, pool);
            }
        }
    }

    fn leave(&mut self, worker: WorkerId, actions: &mut Vec<Action>) {
        self.workers.remove(&worker);
        let lost: Vec<_> = self
            .leases
            .iter()
            .filter(|(_, out)| out.worker == worker)
            .map(|(key, _)| *key)
            .collect();
        for key in lost {
            if let Some(out) = self.end_lease(key) {
                self.abandon(key.0, &out, actions);
            }
        }
    }

    /// A lease died with its worker. What it called is not known here; the job is open again.
    fn abandon(&mut self, term: u64, out: &Out, actions: &mut Vec<Action>) {
        let Out { sweep, job, attempt, .. } = *out;
        let Some(of) = self.sweeps.get_mut(&sweep) else { return };
        let cause = AttemptCause::Abandoned;
        let fact = AttemptFact { job, term, attempt, cause, calls: 0, cost: None };
        actions.push(Action::Record(sweep, Fact::Attempt(fact)));
        if of.strike(job) < STRIKES_MAX {
            return of.give_back(job, attempt);
        }
        let failure = FailureFact {
            job,
            round: of.known.round,
            term,
            attempt,
            class: FailureClass::Quarantined,
            status: None,
            message: format!("{STRIKES_MAX} workers were lost while they worked on it"),
            calls: 0,
            throttles: 0,
            simulated: false,
        };
        of.failed(job, failure.class, "");
        actions.push(Action::Record(sweep, Fact::Failure(failure)));
    }

    fn settle(&mut self, worker: WorkerId, settled: Settled, actions: &mut Vec<Action>) {
        let Settled { sequence, leased, calls, cost, end } = settled;
        let Leased { lease, term, sweep, job, attempt } = leased;
        let held = self.end_lease((term, lease)).is_some();
        actions.push(Action::Acknowledge(worker, sequence));
        let Some(of) = self.sweeps.get_mut(&sweep).filter(|of| of.shape().contains(job)) else {
            return;
        };
        let round = of.known.round;
        // What comes after the job has ended goes to the store as what it is: only the store can
        // tell another execution, which cost calls of its own, from a message that came twice.
        let fact = match end {
            // A failure gives way to an answer: what was paid for is never thrown away.
            End::Answered(fact, text) => {
                if of.known.done.contains(job) {
                    of.known.spent(cost.unwrap_or_default());
                } else {
                    of.answered(job, fact.opens, cost);
                }
                Fact::Result(fact, text)
            }
            End::Failed(failure) => {
                of.known.spent(cost.unwrap_or_default());
                if !of.has_ended(job) {
                    let reason = of.failed(job, failure.class, &failure.message);
                    of.paused = of.paused.take().or(reason);
                }
                Fact::Failure(FailureFact { round, ..failure })
            }
            End::Released => {
                of.known.spent(cost.unwrap_or_default());
                // Under a lease that is gone, the job went back when the lease did.
                if held {
                    of.give_back(job, attempt);
                }
                let cause = AttemptCause::Released;
                Fact::Attempt(AttemptFact { job, term, attempt, cause, calls, cost })
            }
        };
        actions.push(Action::Record(sweep, fact));
    }

    fn end_lease(&mut self, key: (u64, u64)) -> Option<Out> {
        let out = self.leases.remove(&key)?;
        if let Some(pool) = self.pools.get_mut(&out.pool) {
            pool.out = pool.out.saturating_sub(1);
        }
        if let Some(sweep) = self.sweeps.get_mut(&out.sweep) {
            sweep.release(out.job);
        }
        Some(out)
    }

    fn count_out(&mut self, worker: WorkerId, pool: PoolId) {
        if let Some(pool) = self.pools.get_mut(&pool) {
            pool.out += 1;
        }
        if let Some(worker) = self.workers.get_mut(&worker) {
            worker.given += 1;
        }
    }

    fn dispatch_pool(&mut self, pool: PoolId, actions: &mut Vec<Action>) {
        // Sweeps take turns: one job each, until the pool or every worker is full.
        let mut turn: Vec<_> = self.sweeps.keys().copied().collect();
        while !turn.is_empty() {
            for sweep in turn.clone() {
                let Some(worker) = self.worker_for(pool) else { return };
                if !self.hand_out(worker, pool, sweep, actions) {
                    turn.retain(|id| *id != sweep);
                }
            }
        }
    }

    fn worker_for(&self, pool: PoolId) -> Option<WorkerId> {
        self.pools.get(&pool).filter(|pool| pool.has_room())?;
        let able = self.workers.iter().filter(|(_, worker)| worker.takes(pool));
        able.max_by_key(|(_, worker)| worker.credit - worker.given).map(|(id, _)| *id)
    }

    fn hand_out(
        &mut self,
        worker: WorkerId,
        pool: PoolId,
        id: SweepId,
        actions: &mut Vec<Action>,
    ) -> bool {
        let Some(sweep) = self.sweeps.get_mut(&id).filter(|sweep| sweep.is_running()) else {
            return false;
        };
        let Some((job, attempt, frontier)) = sweep.next(pool) else { return false };
        if let (Some(position), Some(name)) = (frontier, self.pool_names.get(pool.0 as usize)) {
            let revision = sweep.shape().revision;
            let fact = Frontier { revision, pool: name.clone(), position };
            actions.push(Action::Record(id, Fact::Frontier(fact)));
        }
        self.last_lease += 1;
        let lease = self.last_lease;
        self.leases.insert((self.term, lease), Out { worker, pool, sweep: id, job, attempt });
        self.count_out(worker, pool);
        actions.push(Action::Assign(worker, Assigned { lease, sweep: id, job, attempt }));
        true
    }

    fn notice_ends(&mut self, actions: &mut Vec<Action>) {
        for (id, sweep) in &mut self.sweeps {
            if sweep.finished || sweep.out > 0 {
                continue;
            }
            let Some(end) = sweep.end(&self.pools) else { continue };
            sweep.finished = true;
            actions.push(match end {
                Ok(()) => Action::Finished(*id),
                Err(reason) => Action::Paused(*id, reason),
            });
        }
        if self.draining && !self.drained && self.leases.is_empty() {
            self.drained = true;
            actions.push(Action::Drained);
        }
    }
}
