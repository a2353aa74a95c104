//! The coordinator's pure machine: which job next, who holds which lease, when a sweep is done.
//!
//! No clock, no dice, no I/O: [`Scheduler::apply`] takes an [`Event`] and appends [`Action`]s; the
//! shell commits every [`Action::Record`] of a batch in one transaction and only then does the
//! rest. Nothing is kept per job but bits: what is done is a compressed bitmap for each stage and
//! cell, and what comes next is a permutation that is computed, not stored.
//!
//! A worker that is away keeps its leases until the shell says that it has left, and a machine
//! that leads anew holds back what may be in flight until the shell says that the grace is over:
//! how long either takes is the shell's to know. A pool's limits are divided among the workers that
//! serve it, so that what they were told never adds up to more. Where there are too many workers for
//! each to have a share, those that hold jobs come first, and shares move on among them: nothing
//! that is held waits for ever.
//!
//! Not here: keeping to a limit (the worker paces what it is given), texts, labels, money rules
//! beyond a budget.

#![warn(missing_docs)]

mod bits;
mod course;
mod events;
mod known;
mod machine;
mod order;
mod permutation;
mod pool;
mod shape;
mod sweep;
mod tally;
mod walk;
mod worker;

pub use bits::{Grid, GridError};
pub use events::{Action, Assigned, End, Event, Leased, PauseReason, Settled, Start, WorkerId};
pub use known::{Known, StageCount};
pub use machine::Scheduler;
pub use order::{Block, BlockOrder};
pub use permutation::Permutation;
pub use pool::{Limits, PoolId, Share};
pub use shape::{Cap, Shape, StageShape};
pub use walk::FRONTIER_STRETCH;
