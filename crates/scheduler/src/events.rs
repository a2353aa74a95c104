//! Everything that can happen, and everything that is to be done.

use iago_sweep::{
    Fact, FailureFact, JobId, Money, Need, PoolId, ResultFact, SweepId, Text, WorkerId,
};

use crate::known::Known;
use crate::pool::Share;
use crate::route::RouteId;

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// A sweep is to be worked on from here. Replaces what was known of it if it is loaded already:
    /// its leases stay out, and what had come back stays open. All that was recorded so far must
    /// be committed before the store is read for this.
    Loaded(SweepId, Box<Known>, Start),
    /// Who could come back with leases of an earlier term has come: what was held back may go out.
    GraceOver,
    /// A worker connected, with all pools that it serves and all that it holds: leases at work and
    /// leases whose delivery was not acknowledged. If it is known, it returned: leases of it that
    /// it does not name never reached it and are open again. Credit counts from zero.
    Joined(WorkerId, Vec<PoolId>, Vec<Leased>),
    /// A worker's stream broke: nothing is handed to it, and it keeps its leases and its share. To
    /// be told only of the latest of its streams.
    Away(WorkerId),
    /// A worker drains: nothing more is handed to it, ever. It keeps its share until it has left.
    Leaving(WorkerId),
    /// A worker is lost, or gone, for good. Nobody knows what it did under the leases that are out
    /// with it.
    Left(WorkerId),
    /// A worker that had said [`Event::Leaving`] closed its connection in order, with everything
    /// delivered and acknowledged: what is still leased to it never reached it.
    Departed(WorkerId),
    /// How many assignments a worker has made room for in this connection.
    Credit(WorkerId, u64),
    /// An attempt ended. Of a sweep that is not loaded it is acknowledged and its lease forgotten,
    /// and nothing recorded.
    Settled(WorkerId, Box<Settled>),
    /// Somebody, named here, wants a sweep to hand out nothing more for now.
    Pause(SweepId, String),
    /// Somebody wants a sweep to hand out nothing more.
    Cancel(SweepId),
    /// So many calls at once may be used of a pool from now on, over all workers together. The share
    /// of a worker that is away stays its own until it returns or has left.
    Usable(PoolId, u32),
    /// A pool can do nothing until a person acts.
    PoolBlocked(PoolId, String),
    /// A person acted: blocked pools may be tried again.
    Unblock,
    /// Nothing more is to be handed out.
    Drain,
}

/// When a loaded sweep is to be worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At once: nothing of it is in flight but what this machine knows of.
    Now,
    /// What may be in flight since an earlier term is held back until [`Event::GraceOver`]. The
    /// same as `Now` once that has come.
    AfterGrace,
    /// Not before it is loaded again: only what is delivered counts. No action tells of its end.
    AtRest,
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
    /// Calls that may be billed, and of which nobody told what they cost.
    pub broken: u32,
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
    /// Tell a worker what it may use of a pool from now on. In any prefix of all these actions,
    /// what the workers were told adds up to no more than the pool's limits; once those are lowered,
    /// it never rises before it is within them.
    Slice(WorkerId, PoolId, Share),
    /// Tell the worker that everything up to this delivery is durable.
    Acknowledge(WorkerId, u64),
    /// No job of the sweep is open.
    Finished(SweepId),
    /// A sweep that was finished has open jobs again: an answer came after all, and opened them.
    /// It is worked on, and will be finished once more.
    Reopened(SweepId),
    /// The sweep hands out nothing more, and nothing of it is in flight.
    Paused(SweepId, PauseReason),
    /// The sweep was cancelled, and nothing of it is in flight.
    Cancelled(SweepId),
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
    /// The pools that it draws from.
    pub route: RouteId,
    /// The tokens that it is expected to take; never none.
    pub need: Need,
    /// The most that each of its calls can cost, as its shape says; `None` where no price is known.
    pub cost_most: Option<Money>,
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
    /// Every route that has open jobs has a pool that is blocked.
    Blocked {
        /// One of the pools.
        pool: PoolId,
        /// Why.
        why: String,
    },
    /// Somebody, named here, asked for it.
    Asked(String),
}
