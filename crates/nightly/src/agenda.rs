//! All schedules, and what is to be done about them: a machine without a clock, a store or a socket.
//!
//! It is told what happens and what time it is, and answers with what is to be recorded and done.
//! Whoever drives it, the leading coordinator, commits the records and then acts:
//!
//! | the driver | the agenda |
//! | --- | --- |
//! | loads schedules and open runs from the store | |
//! | waits until [`Agenda::next_moment`], or for something to happen | |
//! | | decides what becomes of each due time: [`Agenda::apply`] |
//! | commits all records and cancellations in one transaction that checks its term | |
//! | submits sweeps, each in one transaction with its run's state; tells how that went | |
//! | after a commit that failed or may have: loads again | |
//!
//! **Every due time gets one record, and at most one run.** A run is known by its schedule and its due
//! time, which the store keeps unique; when a run starts it is on record first. So it does not matter
//! where a coordinator dies, or that another one takes over at that very minute: what is on record as
//! starting is submitted again, under the same key, and what is on record as expired is cancelled by that
//! very record.
//!
//! **Nothing comes in a storm.** After an outage the newest due time whose start window is still open
//! runs; those before it are recorded as missed.
//!
//! | found when it comes up | what becomes of a due time |
//! | --- | --- |
//! | the schedule is paused | skipped |
//! | its start window is over | missed |
//! | a later one has come up as well | missed |
//! | an earlier run is going | skipped, or waiting (`overlap`); one that waited already is missed |
//! | nothing of this | it starts |

mod events;
mod run;
mod settle;
mod wishes;

use std::collections::BTreeMap;

use iago_sweep::Digest;
use jiff::{SignedDuration, Timestamp};

pub use events::{Action, Event, Refusal, Standing, Stored};
pub use run::{Missed, Origin, Run, RunKey, RunState, Skipped};

use crate::ScheduleName;

/// How many due times are decided on in one [`Event::Tick`]. After a long outage of a busy timetable
/// there are more, and [`Agenda::next_moment`] is now.
const DUE_MAX: usize = 1_000;

/// How long after a submission that failed the next one is tried.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// All schedules and their runs that are not over.
#[derive(Clone, Debug)]
pub struct Agenda {
    entries: BTreeMap<ScheduleName, Entry>,
    open: BTreeMap<RunKey, Open>,
    /// The latest moment that was told: a clock that is set back changes nothing.
    latest: Timestamp,
    /// Something happened, and what follows from it was not looked at yet.
    is_unsettled: bool,
}

#[derive(Clone, Debug)]
struct Entry {
    standing: Standing,
    version: Digest,
    /// The first due time that nothing was decided on.
    next: Option<Timestamp>,
}

/// A run that is not over.
#[derive(Clone, Debug)]
struct Open {
    run: Run,
    trial: Trial,
}

/// How far the submission of a run that is starting has come.
#[derive(Clone, Debug)]
enum Trial {
    /// It is to be made, not before this moment; what stood in the way of the last one, if any.
    Ahead(Timestamp, Option<String>),
    /// It was asked for, and no answer has come.
    UnderWay,
}

impl Default for Agenda {
    fn default() -> Self {
        let (entries, open) = Default::default();
        Self { entries, open, latest: Timestamp::MIN, is_unsettled: false }
    }
}

impl Agenda {
    /// What is to be done because of an event.
    pub fn apply(&mut self, now: Timestamp, event: Event) -> Vec<Action> {
        self.latest = self.latest.max(now);
        let now = self.latest;
        let mut actions = Vec::new();
        match event {
            Event::Loaded(stored) => self.load(*stored),
            Event::Tick => self.settle(now, DUE_MAX, &mut actions),
            Event::Started(key) => self.note_start(&key),
            Event::Ended(key) => {
                // What has ended had started, whether or not that was told.
                self.note_start(&key);
                self.move_on(&key, RunState::Ended, &mut actions);
            }
            Event::NotStarted { key, why, again } => {
                self.note_failure(now, &key, why, again, &mut actions);
            }
            Event::Found(run) => self.adopt(*run),
            Event::Put(schedule) => self.put(now, *schedule, &mut actions),
            Event::Pause(name) => self.set_paused(now, name, true, &mut actions),
            Event::Resume(name) => self.set_paused(now, name, false, &mut actions),
            Event::Remove(name) => self.remove(now, name, &mut actions),
            Event::RunNow(name) => self.run_now(now, name, &mut actions),
        }
        actions
    }

    /// When to tick next; what lies before `now` is due now. `None`: not before something happens.
    pub fn next_moment(&self, now: Timestamp) -> Option<Timestamp> {
        if self.is_unsettled {
            return Some(now);
        }
        let due = self.entries.values().filter_map(|entry| entry.next);
        let runs = self.open.values().filter_map(Open::next_moment);
        due.chain(runs).min().map(|moment| moment.max(now))
    }

    /// The schedules in force, by name.
    pub fn schedules(&self) -> impl Iterator<Item = &Standing> {
        self.entries.values().map(|entry| &entry.standing)
    }

    /// The runs that are not over, by schedule and due time.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.open.values().map(|open| &open.run)
    }

    fn load(&mut self, stored: Stored) {
        let entries = stored.schedules.into_iter().map(Entry::of);
        self.entries = entries.map(|entry| (entry.name().clone(), entry)).collect();
        let open = stored.runs.into_iter().filter(|run| !run.state.is_over());
        self.open = open.map(|run| (run.key.clone(), Open::of(run))).collect();
        self.is_unsettled = true;
    }

    /// The store knows better. What it has of this due time is what became of it.
    fn adopt(&mut self, run: Run) {
        self.is_unsettled = true;
        let entry = self.entries.get_mut(&run.key.schedule);
        if let Some(entry) =
            entry.filter(|entry| entry.next.is_some_and(|next| next <= run.key.due))
        {
            entry.advance(run.key.due);
        }
        if run.state.is_over() {
            self.open.remove(&run.key);
        } else {
            self.open.insert(run.key.clone(), Open::of(run));
        }
    }

    /// A run's state changes; nothing of a run that is over does.
    fn move_on(&mut self, key: &RunKey, state: RunState, actions: &mut Vec<Action>) {
        let Some(open) = self.open.get_mut(key).filter(|open| open.run.state.may_become(&state))
        else {
            return;
        };
        let was = std::mem::replace(&mut open.run.state, state);
        actions.push(Action::Record { run: Box::new(open.run.clone()), was: Some(was) });
        if open.run.state.is_over() {
            self.open.remove(key);
        }
        self.is_unsettled = true;
    }

    /// It is on record already, together with its sweep.
    fn note_start(&mut self, key: &RunKey) {
        let open = self.open.get_mut(key);
        if let Some(open) = open.filter(|open| open.run.state == RunState::Starting) {
            open.run.state = RunState::Running;
            self.is_unsettled = true;
        }
    }

    fn note_failure(
        &mut self,
        now: Timestamp,
        key: &RunKey,
        why: String,
        again: bool,
        actions: &mut Vec<Action>,
    ) {
        if !again {
            return self.move_on(key, RunState::Failed { why }, actions);
        }
        if let Some(open) = self.open.get_mut(key) {
            let next = now.checked_add(RETRY_AFTER).unwrap_or(Timestamp::MAX);
            open.trial = Trial::Ahead(next, Some(why));
        }
    }
}

impl Entry {
    fn of(standing: Standing) -> Self {
        let from = standing.last_due.map_or(standing.since, |last| last.max(standing.since));
        let next = standing.schedule.terms.timetable.next_after(from);
        Self { version: standing.schedule.version(), standing, next }
    }

    fn name(&self) -> &ScheduleName {
        &self.standing.schedule.name
    }

    /// Something was decided on this due time.
    fn advance(&mut self, due: Timestamp) {
        self.standing.last_due = self.standing.last_due.max(Some(due));
        self.next = self.standing.schedule.terms.timetable.next_after(due);
    }
}

impl Open {
    /// Nobody knows whether its submission was asked for: it is asked for again.
    fn of(run: Run) -> Self {
        Self { run, trial: Trial::Ahead(Timestamp::MIN, None) }
    }

    fn next_moment(&self) -> Option<Timestamp> {
        match (&self.run.state, &self.trial) {
            (RunState::Waiting, _) => Some(self.run.start_by),
            (RunState::Starting, Trial::Ahead(from, _)) => Some(self.run.start_by.min(*from)),
            (RunState::Running, _) => self.run.done_by,
            (_, _) => None,
        }
    }
}
