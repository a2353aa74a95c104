//! The coordinator's pure machine: which job next, who holds which lease, when a sweep is done.
//!
//! No clock, no dice, no I/O: [`Scheduler::apply`] takes an [`Event`] and appends [`Action`]s; the
//! shell commits every [`Action::Record`] of a batch in one transaction and only then does the
//! rest. Nothing is kept per job but bits: what is done is a compressed bitmap for each stage and
//! cell, and what comes next is a permutation that is computed, not stored.
//!
//! Not here: limits of endpoints (the worker paces what it is given), texts, labels, money rules
//! beyond a budget.

#![warn(missing_docs)]

mod bits;
mod events;
mod known;
mod machine;
mod permutation;
mod pool;
mod shape;
mod sweep;
mod walk;
mod worker;

pub use bits::{Grid, GridError};
pub use events::{Action, Assigned, End, Event, Leased, PauseReason, Settled, WorkerId};
pub use known::{Known, StageCount};
pub use machine::Scheduler;
pub use permutation::Permutation;
pub use pool::PoolId;
pub use shape::{Shape, StageShape};
pub use walk::FRONTIER_STRETCH;
