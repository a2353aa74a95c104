//! The worker's pure machines: what to do after a call ([`Attempt`]), when a pool may be called at
//! all ([`Gate`]), how many of its calls may be repeats ([`Repeats`]), and what has to be sent again
//! when a connection broke ([`Spool`]).
//!
//! No clock and no dice: `now` is an argument, and a wait is named by its number, not drawn here.
//! Not here: HTTP, pacing to a known limit, and what a reply means (that is `providers`).

#![warn(missing_docs)]

mod attempt;
mod gate;
mod repeats;
mod spool;

pub use attempt::{
    Attempt, CALLS_MAX, Ended, IDENTICAL_MAX, Next, STRAYS_MAX, THROTTLES_MAX, Trouble,
};
pub use gate::{ASTRAY_MAX, Astray, Gate, Opening, THROTTLED_MAX, UNREACHABLE_MAX};
pub use repeats::{REPEAT_EVERY, REPEATS_AT_START, REPEATS_MAX, Repeats};
pub use spool::Spool;
