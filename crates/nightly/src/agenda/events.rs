//! Everything that can happen to schedules, and everything that is to be done.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Run, RunKey, RunState};
use crate::{Schedule, ScheduleName};

/// Everything that can happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// What a store holds. Replaces all that was known. Tell of the runs that came to an end
    /// meanwhile before the next [`Event::Tick`], or they may be taken for late.
    Loaded(Box<Stored>),
    /// Somebody adds a schedule, or replaces the one of its name. Its due times count from now on.
    Put(Box<Schedule>),
    /// Somebody wants nothing of it to start for now. What is going goes on.
    Pause(ScheduleName),
    /// Somebody wants it to go on. Due times that came up meanwhile stay skipped.
    Resume(ScheduleName),
    /// Somebody wants it no more. What is going goes on.
    Remove(ScheduleName),
    /// Somebody wants a run now, also of one that is paused.
    RunNow(ScheduleName),
    /// A run's sweep was submitted, and the run is on record as running.
    Started(RunKey),
    /// A run's sweep could not be submitted, and why. With `again` it is tried again later, within
    /// the start window.
    NotStarted {
        /// The run.
        key: RunKey,
        /// What stood in the way.
        why: String,
        /// Whether it is worth another trial: a store that is away is, a sweep that is gone is not.
        again: bool,
    },
    /// A run's sweep came to an end of its own.
    Ended(RunKey),
    /// A record was refused, because the store has another one of this key, and this is it.
    Found(Box<Run>),
    /// Time has passed.
    Tick,
}

/// Everything that is to be done. All records and cancellations of a batch are committed in one
/// transaction, by whoever still leads, before anything else of it is done. If that cannot be, nothing
/// of the batch is done, and the store is loaded again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Store a schedule as it stands from now on.
    Keep(Box<Standing>),
    /// Store that a schedule is no more. Its runs stay.
    Forget(ScheduleName),
    /// Store what became of a due time: a new row where `was` is `None`, and otherwise this state in
    /// the place of that one. Where the store has something else, nothing more is done for this run,
    /// and [`Event::Found`] follows.
    Record {
        /// What became of it.
        run: Box<Run>,
        /// What it is believed to be in the store.
        was: Option<RunState>,
    },
    /// Submit the sweep of a run: one transaction, by whoever still leads, that stores the sweep and
    /// sets the run from starting to running. If it is running already, that is all there is to do:
    /// this may be asked for again, after a restart for one. The answer is [`Event::Started`] or
    /// [`Event::NotStarted`].
    Submit(Box<Run>),
    /// Store that the sweep of a run is to be cancelled: its deadline has passed. This belongs to the very
    /// transaction that records the run as expired, and is not done where that record is refused. A run
    /// that is over is not loaded again, so that a cancellation left for later could be lost with
    /// whoever leads.
    Cancel(RunKey),
    /// Tell whoever asked that it cannot be.
    Refuse(ScheduleName, Refusal),
}

/// Why what somebody asked for cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such schedule.
    #[error("there is no schedule of that name; `iago schedule list` shows those that there are")]
    NoSuchSchedule,
    /// This very second has a run already.
    #[error("a run was due this very second; ask again in the next one")]
    AlreadyDue,
    /// A run is going, and the schedule skips then.
    #[error(
        "the run that was due at {0} is still going; wait for its end, cancel its sweep, or set \
         overlap = \"queue\""
    )]
    StillGoing(Timestamp),
}

/// A schedule in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// It, in the version that is in force.
    pub schedule: Schedule,
    /// From when on its timetable counts: when this version came.
    pub since: Timestamp,
    /// The latest of its due times by [`super::Origin::Timetable`], of any version, that is on record.
    pub last_due: Option<Timestamp>,
}

/// All that a store holds and an agenda needs.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// The schedules in force.
    pub schedules: Vec<Standing>,
    /// All runs that are not over, also of schedules that were removed.
    pub runs: Vec<Run>,
}
