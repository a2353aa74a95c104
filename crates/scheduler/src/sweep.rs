//! One sweep in the scheduler: what has ended, what is open, what it has cost.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{FailureClass, JobId, Money};

use crate::PoolId;
use crate::events::PauseReason;
use crate::known::{Known, StageCount, children};
use crate::pool::Pool;
use crate::shape::Shape;
use crate::walk::Walk;

/// A cell is judged by its rejections only once it has this many.
const REJECTIONS_MIN: u32 = 20;

/// A cell that is rejected more often than this share pauses its sweep.
const REJECTED_SHARE_MAX: f64 = 0.5;

/// A sweep at work.
#[derive(Debug)]
pub(crate) struct Sweep {
    pub(crate) known: Known,
    pub(crate) paused: Option<PauseReason>,
    pub(crate) finished: bool,
    /// Leases that are out.
    pub(crate) out: u64,
    out_by_stage: Vec<u64>,
    reserved: Money,
    walks: BTreeMap<PoolId, Walk>,
    /// Cells with open jobs, later stages first: what is begun is ended first.
    open_cells: BTreeSet<(PoolId, Reverse<u32>, u32)>,
    /// Jobs that came back unfinished, with the number of executions so far.
    returned: BTreeMap<JobId, u32>,
    /// Jobs that a worker still holds from before this process.
    adopted: BTreeSet<JobId>,
    /// Jobs that were ever adopted. They are out, returned or ended, so no walk may hand them out.
    beside_walks: BTreeSet<JobId>,
    strikes: BTreeMap<JobId, u32>,
    tallies: BTreeMap<(u32, u32), CellTally>,
}

#[derive(Clone, Copy, Debug, Default)]
struct CellTally {
    ended: u32,
    rejected: u32,
}

impl Sweep {
    pub(crate) fn new(known: Known, pools: impl IntoIterator<Item = PoolId>) -> Self {
        let frontier = |pool| known.frontiers.get(&pool).copied().unwrap_or(0);
        let walks =
            pools.into_iter().map(|pool| (pool, Walk::new(&known.shape, pool, frontier(pool))));
        let mut sweep = Self {
            walks: walks.collect(),
            paused: None,
            finished: false,
            out: 0,
            out_by_stage: vec![0; known.shape.stages.len()],
            reserved: Money::ZERO,
            open_cells: BTreeSet::new(),
            returned: BTreeMap::new(),
            adopted: BTreeSet::new(),
            beside_walks: BTreeSet::new(),
            strikes: BTreeMap::new(),
            tallies: BTreeMap::new(),
            known,
        };
        sweep.index_open_cells();
        sweep
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.known.shape
    }

    pub(crate) fn pool_of(&self, job: JobId) -> Option<PoolId> {
        let at = job.at();
        self.shape().stages.get(at.stage as usize)?.pools.get(at.cell as usize).copied()
    }

    pub(crate) fn has_ended(&self, job: JobId) -> bool {
        self.known.done.contains(job) || self.known.failed.contains(job)
    }

    /// Counts by stage; jobs that are out or came back are known as well.
    pub(crate) fn counts(&self) -> Vec<StageCount> {
        let mut away = self.out_by_stage.clone();
        for job in self.returned.keys() {
            away[job.at().stage as usize] += 1;
        }
        let stages = self.known.shape.stages.iter().zip(away);
        let counts = self.known.counts().into_iter().zip(stages);
        counts
            .map(|(count, (shape, away))| match shape.parent {
                // A root's jobs are all known from the start.
                None => count,
                Some(_) => StageCount { known: count.known + away, ..count },
            })
            .collect()
    }

    pub(crate) fn spent(&self) -> Money {
        self.known.spent
    }

    /// The job that a pool would hand out next.
    pub(crate) fn upcoming(&mut self, pool: PoolId) -> Option<JobId> {
        if let Some(job) = self.returned_in(pool) {
            return Some(job);
        }
        if let Some((stage, cell)) = self.open_cell_in(pool) {
            return self.known.ready.first(stage, |candidate| candidate == cell);
        }
        let (known, beside) = (&self.known, &self.beside_walks);
        let ended =
            |job| known.done.contains(job) || known.failed.contains(job) || beside.contains(&job);
        let walk = self.walks.get_mut(&pool)?;
        walk.has_next(ended).then(|| walk.peek())?
    }

    /// Takes the pool's next job, with the number of this execution of it, and the frontier to be
    /// committed before it goes out. `None` if there is none or the budget holds it back.
    pub(crate) fn next(&mut self, pool: PoolId) -> Option<(JobId, u32, Option<u64>)> {
        let job = self.upcoming(pool)?;
        if self.is_over_budget(job) {
            return None;
        }
        let (attempt, frontier) = if let Some(executions) = self.returned.remove(&job) {
            (executions.saturating_add(1), None)
        } else if self.known.ready.contains(job) {
            self.close(job);
            (1, None)
        } else {
            (1, self.walks.get_mut(&pool)?.take()?.1)
        };
        self.reserve(job);
        Some((job, attempt, frontier))
    }

    /// Whether this job could take the spend beyond the budget.
    pub(crate) fn is_over_budget(&self, job: JobId) -> bool {
        let spend = self.known.spent + self.reserved + self.price(job);
        self.shape().budget.is_some_and(|budget| spend > budget)
    }

    /// Counts a job as out that a worker already holds. False if it has ended, or is none.
    pub(crate) fn adopt(&mut self, job: JobId) -> bool {
        if !self.shape().contains(job) || self.has_ended(job) || !self.adopted.insert(job) {
            return false;
        }
        self.beside_walks.insert(job);
        self.close(job);
        self.returned.remove(&job);
        self.reserve(job);
        true
    }

    /// A lease has ended, whichever way.
    pub(crate) fn release(&mut self, job: JobId) {
        self.out = self.out.saturating_sub(1);
        if let Some(out) = self.out_by_stage.get_mut(job.at().stage as usize) {
            *out = out.saturating_sub(1);
        }
        self.reserved = Money(self.reserved.0.saturating_sub(self.price(job).0));
        self.adopted.remove(&job);
    }

    /// A job came back unfinished after its nth execution.
    pub(crate) fn give_back(&mut self, job: JobId, attempt: u32) {
        if !self.has_ended(job) {
            self.returned.insert(job, attempt);
        }
    }

    /// A worker was lost on this job; how many have been by now.
    pub(crate) fn strike(&mut self, job: JobId) -> u32 {
        let strikes = self.strikes.entry(job).or_insert(0);
        *strikes += 1;
        *strikes
    }

    pub(crate) fn answered(&mut self, job: JobId, opens: u64, cost: Option<Money>) {
        self.returned.remove(&job);
        self.known.answered(job, opens, cost);
        for child in children(&self.known.shape, job, opens) {
            self.index(child);
        }
        self.tally(job).ended += 1;
    }

    /// Counts a failure; gives the reason if it makes the sweep pause.
    pub(crate) fn failed(
        &mut self,
        job: JobId,
        class: FailureClass,
        why: &str,
    ) -> Option<PauseReason> {
        self.returned.remove(&job);
        self.known.failed(job);
        let tally = self.tally(job);
        tally.ended += 1;
        if class != FailureClass::Rejected {
            return None;
        }
        tally.rejected += 1;
        let share = f64::from(tally.rejected) / f64::from(tally.ended);
        (tally.rejected >= REJECTIONS_MIN && share > REJECTED_SHARE_MAX).then(|| {
            let (stage, cell) = (job.at().stage, job.at().cell);
            let (rejected, ended) = (tally.rejected, tally.ended);
            PauseReason::Rejections { stage, cell, rejected, ended, why: why.to_owned() }
        })
    }

    pub(crate) fn is_running(&self) -> bool {
        !self.finished && self.paused.is_none()
    }

    /// How it ended, once nothing is in flight and nothing more can be handed out.
    pub(crate) fn end(
        &mut self,
        pools: &BTreeMap<PoolId, Pool>,
    ) -> Option<Result<(), PauseReason>> {
        let mut held_back = None;
        for (id, pool) in pools {
            let Some(job) = self.upcoming(*id) else { continue };
            held_back = match &pool.blocked {
                Some(why) => Some(PauseReason::Blocked { pool: *id, why: why.clone() }),
                None if self.is_over_budget(job) => Some(PauseReason::Budget),
                None if self.paused.is_none() => return None,
                None => held_back,
            };
        }
        Some(self.paused.clone().or(held_back).map_or(Ok(()), Err))
    }

    fn tally(&mut self, job: JobId) -> &mut CellTally {
        self.tallies.entry((job.at().stage, job.at().cell)).or_default()
    }

    fn price(&self, job: JobId) -> Money {
        let at = job.at();
        let stage = self.shape().stages.get(at.stage as usize);
        stage.and_then(|stage| stage.reserve.get(at.cell as usize)).copied().unwrap_or_default()
    }

    fn reserve(&mut self, job: JobId) {
        self.out += 1;
        if let Some(out) = self.out_by_stage.get_mut(job.at().stage as usize) {
            *out += 1;
        }
        self.reserved += self.price(job);
    }

    fn returned_in(&self, pool: PoolId) -> Option<JobId> {
        self.returned.keys().copied().find(|job| self.pool_of(*job) == Some(pool))
    }

    fn open_cell_in(&self, pool: PoolId) -> Option<(u32, u32)> {
        let from = (pool, Reverse(u32::MAX), 0);
        let (of, Reverse(stage), cell) = *self.open_cells.range(from..).next()?;
        (of == pool).then_some((stage, cell))
    }

    fn index(&mut self, job: JobId) {
        if let (true, Some(pool)) = (self.known.ready.contains(job), self.pool_of(job)) {
            self.open_cells.insert((pool, Reverse(job.at().stage), job.at().cell));
        }
    }

    /// Takes a job out of the open ones, and its cell out of the index if it was the last.
    fn close(&mut self, job: JobId) {
        let at = job.at();
        self.known.ready.remove(job);
        let empty = self.known.ready.first(at.stage, |cell| cell == at.cell).is_none();
        if let (true, Some(pool)) = (empty, self.pool_of(job)) {
            self.open_cells.remove(&(pool, Reverse(at.stage), at.cell));
        }
    }

    fn index_open_cells(&mut self) {
        for stage in 0..u32::try_from(self.shape().stages.len()).unwrap_or(0) {
            for cell in 0..u32::try_from(self.shape().cell_models.len()).unwrap_or(0) {
                if let Some(job) = self.known.ready.first(stage, |candidate| candidate == cell) {
                    self.index(job);
                }
            }
        }
    }
}
