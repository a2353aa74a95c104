//! What a nightly evaluation decides: when it is due, what becomes of each due time, and what its
//! numbers mean.
//!
//! A [`Schedule`] says which sweep runs when. The [`Agenda`] holds all of them and says what is to be
//! done now, as data: whoever drives it commits that and then does it. Nothing here reads a clock, a
//! file or a store; time-zone data is part of the program.

#![warn(missing_docs)]

mod agenda;
mod schedule;
mod timetable;

pub use agenda::{
    Action, Agenda, Cause, Event, Missed, Refusal, Run, RunKey, RunState, Skipped, Standing, Stored,
};
pub use schedule::{
    Content, DoneBy, Fault, FaultyTerms, Length, NameError, Overlap, PinnedBaseline, Priority,
    Schedule, ScheduleName, Tell, TellOn, Terms, diff,
};
pub use timetable::{Timetable, TimetableError};
