//! The coordinator's pure machine: which job next, who holds which lease, when a sweep is done.
//!
//! No clock, no dice, no I/O: [`Scheduler::apply`] takes an [`Event`] and appends [`Action`]s; the
//! shell commits every [`Action::Record`] of a batch in one transaction and only then does the
//! rest. Nothing is kept per job but bits: what is done is a compressed bitmap for each stage and
//! cell, and what comes next is a permutation that is computed, not stored.
//!
//! A worker that is away keeps its leases until the shell says that it has left, and a machine
//! that leads anew holds back what may be in flight until the shell says that the grace is over:
//! how long either takes is the shell's to know.
//!
//! A job draws from all pools of its route at once ([`Scheduler::route`]), and goes to a worker that
//! serves them all and has room in each. A pool's slots are divided among the workers that serve it,
//! so that what they were told never adds up to more. Where there are too many workers for each to
//! have a share, those that hold jobs come first, and shares move on among them: nothing that is held
//! waits for ever. A blocked pool holds up only the routes that it is in.
//!
//! Sweeps of a higher priority ([`Known::priority`]) go before those of a lower one, on a route, for the
//! room of a pool that routes share, and for the room in a worker. One that has nothing to hand out, or
//! cannot go on, holds up nobody, and gets no credit for it. Those of one priority share a route by
//! weight, in tokens: those that the jobs of a stage and cell are expected to take until they end, by
//! what others of them took, and then those that they did. Routes of one priority that share a pool take
//! turns for its room, job by job. Nobody is starved but by higher priorities.
//!
//! A sweep can be kept in step with another ([`Known::in_step_with`]), so that what both ask of a judge
//! is asked at the same time: it hands out no larger part of what it had to hand out than the other has
//! ended of what that had left, but for a few jobs. What is spent, and how it is held against a budget, is
//! told at [`Spend`].
//!
//! Not here: when a call may start (whoever keeps the ledger of rates grants that), texts, labels,
//! money rules beyond a budget.

#![warn(missing_docs)]

mod bits;
mod course;
mod estimates;
mod events;
mod executions;
mod known;
mod machine;
mod order;
mod permutation;
mod pool;
mod route;
mod shape;
mod spend;
mod sweep;
mod tally;
mod turns;
mod walk;
mod worker;

pub use bits::{Grid, GridError};
pub use events::{Action, Assigned, End, Event, Leased, PauseReason, Settled, Start};
pub use iago_sweep::{PoolId, WorkerId};
pub use known::{Known, StageCount};
pub use machine::Scheduler;
pub use order::{Block, BlockOrder};
pub use permutation::Permutation;
pub use pool::{Limits, Share};
pub use route::RouteId;
pub use shape::{Cap, Shape, StageShape};
pub use spend::Spend;
pub use walk::FRONTIER_STRETCH;
