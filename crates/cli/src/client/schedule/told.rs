//! A schedule and its runs, read from what a coordinator tells of them.

use iago_nightly::{Missed, Morning, Run, RunState, Schedule, Skipped};
use iago_protocol::wire::{NoticeTold, RunTold, ScheduleTold};
use iago_sweep::SweepId;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::exit::{Exit, Stop};

/// A schedule as it stands.
pub(crate) struct Told {
    pub(crate) name: String,
    /// None once it was removed.
    pub(crate) schedule: Option<Schedule>,
    pub(crate) version: String,
    pub(crate) since: Timestamp,
    pub(crate) upcoming: Vec<Timestamp>,
    pub(crate) last: Option<ToldRun>,
    pub(crate) changes: Vec<String>,
    pub(crate) is_new: bool,
    /// What a night would miss as things stand.
    pub(crate) cautions: Vec<String>,
}

/// A run as it stands.
pub(crate) struct ToldRun {
    pub(crate) run: Run,
    pub(crate) sweep: Option<SweepId>,
    pub(crate) morning: Option<Morning>,
    pub(crate) notices: Vec<NoticeTold>,
}

/// A due time with how people in its zone read it.
pub(crate) struct Due {
    pub(crate) shown: String,
}

impl Told {
    pub(crate) fn read(told: ScheduleTold) -> Result<Self, Stop> {
        let schedule = if told.schedule.is_empty() { None } else { Some(read(&told.schedule)?) };
        let upcoming = told.upcoming_s.iter().map(|due| moment(*due));
        Ok(Self {
            name: told.name,
            schedule,
            version: told.version,
            since: moment(told.since_s)?,
            upcoming: upcoming.collect::<Result<_, _>>()?,
            last: told.last.map(ToldRun::read).transpose()?,
            changes: told.changes,
            is_new: told.is_new,
            cautions: told.cautions,
        })
    }

    /// When it is due, in the zone of the schedule.
    pub(crate) fn due(&self) -> impl Iterator<Item = Due> + '_ {
        self.upcoming.iter().map(|due| Due { shown: self.shown(*due) })
    }

    pub(crate) fn next(&self) -> Option<Due> {
        self.due().next()
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.schedule.as_ref().is_some_and(|schedule| schedule.terms.paused)
    }

    /// A moment in the zone of the schedule.
    pub(crate) fn shown(&self, moment: Timestamp) -> String {
        match &self.schedule {
            Some(schedule) => schedule.terms.timetable.show(moment),
            None => moment.to_string(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "schedule": self.schedule,
            "version": self.version,
            "since_s": self.since.as_second(),
            "upcoming_s": self.upcoming.iter().map(|due| due.as_second()).collect::<Vec<_>>(),
            "last": self.last.as_ref().map(ToldRun::json),
            "changes": self.changes,
            "is_new": self.is_new,
            "cautions": self.cautions,
        })
    }
}

impl ToldRun {
    pub(crate) fn read(told: RunTold) -> Result<Self, Stop> {
        let morning = if told.morning.is_empty() { None } else { Some(read(&told.morning)?) };
        let sweep = told.sweep.map(SweepId);
        Ok(Self { run: read(&told.run)?, sweep, morning, notices: told.notices })
    }

    /// What it came to, in few words. Of one that never came to its end it is said what became of it: the word
    /// of its morning does not tell one that was missed from one that was judged.
    pub(crate) fn came_to(&self) -> String {
        match (&self.run.state, &self.morning) {
            (RunState::Ended, Some(morning)) => morning.word.to_string(),
            (other, _) => state(other),
        }
    }

    /// The same with its sweep.
    pub(crate) fn stands(&self) -> String {
        let sweep = self.sweep.map_or_else(String::new, |sweep| format!(", sweep {sweep}"));
        format!("{}{sweep}", self.came_to())
    }

    pub(crate) fn json(&self) -> Value {
        let notices = self.notices.iter();
        let notices =
            notices.map(|notice| json!({ "receiver": notice.receiver, "end": notice.end }));
        json!({
            "run": self.run,
            "sweep": self.sweep.map(|sweep| sweep.0),
            "morning": self.morning,
            "notices": notices.collect::<Vec<_>>(),
        })
    }
}

/// A state in few words.
fn state(state: &RunState) -> String {
    match state {
        RunState::Waiting => "waits for the run before it to end".to_owned(),
        RunState::Starting => "is starting".to_owned(),
        RunState::Running => "is running".to_owned(),
        RunState::Ended => "has ended, and is not judged".to_owned(),
        RunState::Expired => "was not done in time, and is cancelled".to_owned(),
        RunState::Failed { why } => format!("could not start: {why}"),
        RunState::Missed { why: Missed::Late } => "missed: nobody was there to start it".to_owned(),
        RunState::Missed { why: Missed::Superseded { by } } => {
            format!("missed: a later one came due, {by}")
        }
        RunState::Missed { why: Missed::StillGoing } => {
            "missed: the run before it did not end".to_owned()
        }
        RunState::Skipped { why: Skipped::StillGoing { due } } => {
            format!("skipped: the run that was due {due} was still going")
        }
        RunState::Skipped { why: Skipped::Paused } => "skipped: the schedule was paused".to_owned(),
        RunState::Skipped { why: Skipped::Removed } => {
            "skipped: the schedule was removed".to_owned()
        }
    }
}

/// JSON of another process, which may be of another version.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Stop> {
    serde_json::from_slice(json).map_err(|error| {
        let message = format!(
            "the coordinator's answer cannot be read ({error}): use the same iago on both sides"
        );
        Stop::new(Exit::Io, message)
    })
}

fn moment(seconds: i64) -> Result<Timestamp, Stop> {
    let out_of_range = |error| Stop::new(Exit::Io, format!("the coordinator's answer: {error}"));
    Timestamp::from_second(seconds).map_err(out_of_range)
}

#[cfg(test)]
mod tests {
    use iago_nightly::{Origin, RunKey, Word};
    use iago_sweep::Digest;

    use super::*;

    fn run(state: RunState) -> ToldRun {
        let due = Timestamp::UNIX_EPOCH;
        let key = RunKey { schedule: "a".parse().unwrap(), due };
        let (version, origin) = (Digest::of_value(&1), Origin::Timetable);
        let run = Run { key, version, origin, start_by: due, done_by: None, state };
        let morning = Morning::without_numbers(Word::Infrastructure, "why", "a", due);
        ToldRun { run, sweep: None, morning: Some(morning), notices: Vec::new() }
    }

    #[test]
    fn only_what_was_judged_comes_to_a_word() {
        assert_eq!(run(RunState::Ended).came_to(), Word::Infrastructure.to_string());
        let missed = run(RunState::Missed { why: Missed::Late }).came_to();
        assert_eq!(missed, "missed: nobody was there to start it");
        assert_eq!(run(RunState::Expired).came_to(), "was not done in time, and is cancelled");
    }
}
