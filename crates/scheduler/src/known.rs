//! What a store knows of a sweep, as bits.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Coordinate, JobId, Money};

use crate::PoolId;
use crate::bits::{Grid, GridError};
use crate::events::Leased;
use crate::shape::Shape;

/// What a store knows of a sweep; filled fact by fact before work starts.
#[derive(Clone, Debug)]
pub struct Known {
    pub(crate) shape: Shape,
    pub(crate) done: Grid,
    pub(crate) failed: Grid,
    /// Opened, neither ended nor handed out.
    pub(crate) ready: Grid,
    pub(crate) spent: Money,
    pub(crate) frontiers: BTreeMap<PoolId, u64>,
    /// Frontiers say nothing on what may be in flight.
    pub(crate) everything_may_be_out: bool,
    /// Failures from here on belong to this retry round.
    pub(crate) round: u32,
    /// Executions whose end is stored, by job, term and number.
    ended: BTreeSet<(JobId, u64, u32)>,
}

/// Counts of a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageCount {
    /// Jobs with a result.
    pub done: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs known to be wanted so far, the ended ones among them.
    pub known: u64,
}

impl StageCount {
    /// Whether a job of the stage is open.
    pub(crate) fn is_open(&self) -> bool {
        self.done + self.failed < self.known
    }
}

impl Known {
    /// Nothing has happened yet.
    pub fn new(shape: Shape) -> Result<Self, GridError> {
        let empty = Grid::new(&shape)?;
        Ok(Self {
            done: empty.clone(),
            failed: empty.clone(),
            ready: empty,
            spent: Money::ZERO,
            frontiers: BTreeMap::new(),
            everything_may_be_out: false,
            round: 0,
            ended: BTreeSet::new(),
            shape,
        })
    }

    /// A job has a result that opened these stages. May be said again of a job, without its cost, where
    /// more is known of what it opens.
    pub fn answered(&mut self, job: JobId, opens: u64, cost: Option<Money>) {
        self.spent += cost.unwrap_or_default();
        if !self.shape.contains(job) {
            return;
        }
        self.done.insert(job);
        self.failed.remove(job);
        self.ready.remove(job);
        for child in children(&self.shape, job, opens) {
            if !self.done.contains(child) && !self.failed.contains(child) {
                self.ready.insert(child);
            }
        }
    }

    /// A job failed in the present retry round.
    pub fn failed(&mut self, job: JobId) {
        if self.shape.contains(job) && !self.done.contains(job) {
            self.failed.insert(job);
            self.ready.remove(job);
        }
    }

    /// The end of this execution is stored already: its failure, in an earlier retry round, or an
    /// attempt that was given back or came too late (of one that was abandoned, nobody knows the
    /// end). A lease of it is over, and what is delivered of it, unless it is an answer, is a
    /// repetition that says nothing of the present round.
    pub fn ended(&mut self, job: JobId, term: u64, attempt: u32) {
        self.ended.insert((job, term, attempt));
    }

    /// Opens a retry round: failures from here on belong to it.
    pub fn round(&mut self, round: u32) {
        self.round = round;
    }

    /// Something else that cost money.
    pub fn spent(&mut self, cost: Money) {
        self.spent += cost;
    }

    /// How far an earlier process may have handed out a pool's walk.
    pub fn frontier(&mut self, pool: PoolId, position: u64) {
        self.frontiers.insert(pool, position);
    }

    /// Jobs beyond the frontiers may be in flight as well: they were handed out in the order of an
    /// earlier revision. To be said of every revision but the first, unless nothing of the sweep
    /// can be in flight at all.
    pub fn everything_may_be_out(&mut self) {
        self.everything_may_be_out = true;
    }

    /// Whether a lease is over because the end of its execution is stored.
    pub(crate) fn is_over(&self, leased: &Leased) -> bool {
        self.ended.contains(&(leased.job, leased.term, leased.attempt))
    }

    /// Whether a job has not ended, and nothing has opened it.
    pub(crate) fn is_shut(&self, job: JobId) -> bool {
        let opener = self.shape.stages.get(job.at().stage as usize).map(|stage| stage.opener);
        let has_ended = self.done.contains(job) || self.failed.contains(job);
        matches!(opener, Some(Some(_))) && !has_ended && !self.ready.contains(job)
    }

    /// Whether no job is open.
    pub fn is_finished(&self) -> bool {
        !self.counts().iter().any(StageCount::is_open)
    }

    /// Counts by stage.
    pub fn counts(&self) -> Vec<StageCount> {
        let transcripts = self.shape.transcripts();
        let stages = (0..).zip(&self.shape.stages);
        let count = stages.map(|(stage, shape)| {
            let (done, failed) = (self.done.count(stage), self.failed.count(stage));
            let known = match shape.opener {
                None => transcripts,
                Some(_) => done + failed + self.ready.count(stage),
            };
            StageCount { done, failed, known }
        });
        count.collect()
    }

    /// An upper bound for the jobs that were in flight when an earlier process died: what stands
    /// before the frontier and has not ended, and what was open beside the walk.
    pub fn possibly_in_flight(&self) -> u64 {
        if self.everything_may_be_out {
            let counts = self.counts();
            return counts.iter().map(|count| count.known - count.done - count.failed).sum();
        }
        let opened: u64 = self.frontiers.values().sum();
        let (mut jobs, mut ended, mut beside) = (0, 0, 0);
        for (stage, shape) in (0..).zip(&self.shape.stages) {
            if shape.opener.is_some() {
                beside += self.ready.count(stage);
            } else {
                jobs += self.shape.transcripts();
                ended += self.done.count(stage) + self.failed.count(stage);
            }
        }
        opened.min(jobs).saturating_sub(ended) + beside
    }
}

/// The jobs that a result opens: all votes of each opened stage, in the same transcript.
pub(crate) fn children(shape: &Shape, job: JobId, opens: u64) -> Vec<JobId> {
    let at = job.at();
    let stages = (0..).zip(&shape.stages).filter(|(stage, _)| opens >> stage & 1 == 1);
    let jobs = stages.flat_map(|(stage, of)| (0..of.votes).map(move |vote| (stage, vote)));
    jobs.filter_map(|(stage, vote)| JobId::pack(Coordinate { stage, vote, ..at }).ok()).collect()
}
