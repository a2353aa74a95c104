//! Everything that can happen, and everything that is to be done.

use iago_sweep::{Fact, FailureFact, JobId, Money, ResultFact, SweepId, Text};

use crate::PoolId;
use crate::known::Known;

/// A worker's connection. A worker that connects again is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub u64);

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// A sweep is to be worked on from here.
    Loaded(SweepId, Box<Known>),
    /// A worker connected, with the pools that it serves and the leases that it still holds.
    Joined(WorkerId, Vec<PoolId>, Vec<Leased>),
    /// A worker is gone.
    Left(WorkerId),
    /// How many assignments a worker has ever made room for.
    Credit(WorkerId, u64),
    /// An attempt ended.
    Settled(WorkerId, Box<Settled>),
    /// A pool can do nothing until a person acts.
    PoolBlocked(PoolId, String),
    /// Nothing more is to be handed out.
    Drain,
}

/// A lease that a worker holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Its number within `term`.
    pub lease: u64,
    /// The term in which it was given.
    pub term: u64,
    /// Its sweep.
    pub sweep: SweepId,
    /// Its job.
    pub job: JobId,
    /// Which execution of the job it is.
    pub attempt: u32,
}

/// How an attempt ended, with what it cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The worker's own count of deliveries, to be acknowledged.
    pub sequence: u64,
    /// The lease under which it ran.
    pub leased: Leased,
    /// HTTP exchanges.
    pub calls: u32,
    /// What it cost.
    pub cost: Option<Money>,
    /// How it ended.
    pub end: End,
}

/// The ways in which an attempt ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// With the job's answer.
    Answered(Box<ResultFact>, Text),
    /// Without one, for good; the round is filled in here.
    Failed(FailureFact),
    /// Unfinished; the job is open again.
    Released,
}

/// Everything that is to be done. All records of a batch are committed before anything else.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Commit this fact.
    Record(SweepId, Fact),
    /// Hand out a job.
    Assign(WorkerId, Assigned),
    /// Tell the worker that everything up to this delivery is durable.
    Acknowledge(WorkerId, u64),
    /// No job of the sweep is open.
    Finished(SweepId),
    /// The sweep hands out nothing more, and nothing of it is in flight.
    Paused(SweepId, PauseReason),
    /// Nothing is in flight and nothing will be handed out: draining has ended.
    Drained,
}

/// A job that is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The lease's number within the scheduler's term.
    pub lease: u64,
    /// Its sweep.
    pub sweep: SweepId,
    /// Its job.
    pub job: JobId,
    /// Which execution of the job this is.
    pub attempt: u32,
}

/// Why a sweep hands out nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PauseReason {
    /// A cell is rejected so often that going on would waste money.
    Rejections {
        /// The stage.
        stage: u32,
        /// The cell.
        cell: u32,
        /// Rejected jobs.
        rejected: u32,
        /// Ended jobs.
        ended: u32,
        /// The provider's last words.
        why: String,
    },
    /// The next job could take the spend beyond the budget.
    Budget,
    /// Every pool that has open jobs is blocked.
    Blocked {
        /// One of the pools.
        pool: PoolId,
        /// Why.
        why: String,
    },
}
