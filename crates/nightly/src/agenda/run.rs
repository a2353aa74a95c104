//! What became of one due time of one schedule.

use iago_sweep::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ScheduleName;

/// What a run is known by: there is at most one for a schedule and a due time, whoever leads and
/// however often it is asked for. A store keeps it as a unique key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunKey {
    /// The schedule.
    pub schedule: ScheduleName,
    /// When it was due; for one that somebody asked for, the second in which they did.
    pub due: Timestamp,
}

/// A due time on record. All that was decided when it came up stays with it, so that a changed
/// schedule changes nothing of what is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What it is known by.
    pub key: RunKey,
    /// The version of the schedule, and with it the sweep.
    pub version: Digest,
    /// Why there is such a due time.
    pub origin: Origin,
    /// It starts before this moment or not at all.
    pub start_by: Timestamp,
    /// It is cancelled if it is not done at this moment.
    pub done_by: Option<Timestamp>,
    /// What became of it.
    pub state: RunState,
}

/// Why a run is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Its timetable says so.
    Timetable,
    /// Somebody asked for it.
    Asked,
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RunState {
    /// It waits for the run before it to end.
    Waiting,
    /// Its sweep is submitted, or is about to be.
    Starting,
    /// Its sweep is worked on.
    Running,
    /// Its sweep came to an end. What its gates say is recorded elsewhere.
    Ended,
    /// It was not done in time, and its sweep is cancelled by the same record: the deadline's verdict.
    Expired,
    /// Its sweep could not be submitted: the infrastructure's verdict.
    Failed {
        /// What stood in the way.
        why: String,
    },
    /// It did not start within its window.
    Missed {
        /// What it missed.
        why: Missed,
    },
    /// It was not to run.
    Skipped {
        /// What spoke against it.
        why: Skipped,
    },
}

/// Why a due time did not start within its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "missed", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Missed {
    /// When somebody was there to start it, its window was over.
    Late,
    /// A later one came due before it could start, and only the newest runs.
    Superseded {
        /// The later due time.
        by: Timestamp,
    },
    /// It waited until its window was over, and the run before it was still going.
    StillGoing,
}

/// Why a due time was not to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "skipped", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Skipped {
    /// An earlier run was still going, and the schedule skips then.
    StillGoing {
        /// When that one was due.
        due: Timestamp,
    },
    /// The schedule was paused.
    Paused,
    /// The schedule was removed while the run was waiting.
    Removed,
}

impl RunState {
    /// Nothing follows any more.
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Starting | Self::Running)
    }

    /// It has, or is about to have, a sweep that is worked on.
    pub fn is_going(&self) -> bool {
        matches!(self, Self::Starting | Self::Running)
    }

    /// Whether a store may replace this state by that one.
    pub fn may_become(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Waiting, Self::Starting | Self::Missed { .. } | Self::Skipped { .. }) => true,
            (Self::Starting, Self::Running | Self::Failed { .. } | Self::Missed { .. }) => true,
            (Self::Running, Self::Ended | Self::Expired) => true,
            (_, _) => false,
        }
    }
}
