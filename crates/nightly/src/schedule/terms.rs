//! What a schedule's file says, checked.

use iago_sweep::Digest;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::fault::FaultyTerms;
use super::written::Written;
use super::{DoneBy, Length, Overlap, Priority, Schedule, ScheduleName, Tell};
use crate::Timetable;

/// What a schedule's file says, checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Terms {
    /// The path of the sweep's file, from the schedule's own. For people: what runs is pinned.
    pub sweep: String,
    /// When it is due.
    pub timetable: Timetable,
    /// How late a run may start. After that its due time is missed.
    pub start_within: Length,
    /// When a run has to be done; `None` lets it take its time.
    pub done_by: Option<DoneBy>,
    /// What becomes of a due time while the last run is still going.
    pub overlap: Overlap,
    /// Against other sweeps on the same pools.
    pub priority: Priority,
    /// What its gates compare with; `None` compares with nothing.
    pub baseline: Option<PinnedBaseline>,
    /// Who is told.
    pub tell: Vec<Tell>,
    /// Nothing starts while it is set, unless somebody says `run-now`.
    pub paused: bool,
}

/// The baseline that a schedule compares with, and what it must be to be relied on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedBaseline {
    /// Its name.
    pub pinned: String,
    /// It has at least so many repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<u32>,
    /// It is not older than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Length>,
}

impl Terms {
    /// Reads what stands in a schedule's file.
    ///
    /// # Errors
    /// Everything that is wrong, each with line and key.
    pub fn read(toml: &str) -> Result<Self, FaultyTerms> {
        Written::read(toml)
    }

    /// The schedule of this name that runs the sweep of this content.
    pub fn pin(self, name: ScheduleName, content: Digest) -> Schedule {
        Schedule { name, content, terms: self }
    }

    /// From when on a run that was due then may not start any more.
    pub fn start_by(&self, due: Timestamp) -> Timestamp {
        let window: SignedDuration = self.start_within.duration();
        let late = due.checked_add(window).unwrap_or(Timestamp::MAX);
        self.done_by(due).map_or(late, |done_by| late.min(done_by))
    }

    /// When a run that was due then is cancelled if it is not done.
    pub fn done_by(&self, due: Timestamp) -> Option<Timestamp> {
        self.done_by.and_then(|done_by| done_by.moment(&self.timetable, due))
    }
}
