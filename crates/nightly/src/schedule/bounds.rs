//! Within what bounds a run starts and ends.

use iago_sweep::words;
use jiff::Timestamp;
use jiff::civil::Time;

use super::Length;
use crate::Timetable;

words! {
    /// What becomes of a due time while the schedule's last run is still going.
    Overlap, "way to overlap", {
        /// It does not run.
        Skip = "skip",
        /// It runs once the last one has ended, if that is within its start window. Only the newest
        /// waits.
        Queue = "queue",
    }
}

/// Which sweeps go first where several want the same pool: the highest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority(pub i8);

impl Priority {
    /// The lowest and the highest; what people submit by hand has 0.
    pub const RANGE: std::ops::RangeInclusive<i8> = -10..=10;
}

/// When a run has to be done. After that it is cancelled, and its verdict is the deadline's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneBy {
    /// When the schedule's wall clock next shows this time after the due time.
    Clock(Time),
    /// So long after the due time. A late start leaves less, so that the morning does not move.
    Within(Length),
}

impl DoneBy {
    /// The moment for one due time.
    pub fn moment(self, timetable: &Timetable, due: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Clock(time) => timetable.next_clock_time(due, time),
            Self::Within(length) => due.checked_add(length.duration()).ok(),
        }
    }
}
