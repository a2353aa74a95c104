//! A store as the agenda's driver needs one: schedules, runs by a unique key, sweeps by the same key.

use std::collections::{BTreeMap, BTreeSet};

use iago_nightly::{
    Action, Origin, Run, RunKey, RunState, ScheduleName, Standing, Stored, Timetable,
};
use jiff::Timestamp;

/// Everything that outlives a coordinator.
#[derive(Default)]
pub(crate) struct Store {
    pub(crate) term: u64,
    /// Whether commits check the term. Without that only the unique key is left.
    pub(crate) is_fenced: bool,
    pub(crate) schedules: BTreeMap<ScheduleName, Standing>,
    pub(crate) runs: BTreeMap<RunKey, Run>,
    /// Those of them that are not over.
    pub(crate) open: BTreeSet<RunKey>,
    /// The states that each run went through.
    pub(crate) history: BTreeMap<RunKey, Vec<RunState>>,
    /// The runs whose sweeps are to be cancelled.
    pub(crate) cancelled: BTreeSet<RunKey>,
    /// When each sweep is done.
    pub(crate) sweeps: BTreeMap<RunKey, Timestamp>,
    /// From when on which timetable counted; none after a removal.
    pub(crate) eras: BTreeMap<ScheduleName, Vec<(Timestamp, Option<Timetable>)>>,
}

/// Who asks does not lead any more.
#[derive(Debug)]
pub(crate) struct Deposed;

impl Store {
    pub(crate) fn load(&self) -> Stored {
        let runs = self.open().cloned();
        let schedules = self.schedules.values().cloned();
        let schedules = schedules.map(|mut standing| {
            standing.last_due = self.last_due(&standing.schedule.name);
            standing
        });
        Stored { schedules: schedules.collect(), runs: runs.collect() }
    }

    /// A run that waits and could start.
    pub(crate) fn waits_for_nothing(&self) -> Option<&Run> {
        let is_going = |name: &ScheduleName| {
            self.open().any(|run| run.key.schedule == *name && run.state.is_going())
        };
        self.open().find(|run| run.state == RunState::Waiting && !is_going(&run.key.schedule))
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = &Run> {
        self.open.iter().map(|key| &self.runs[key])
    }

    fn last_due(&self, name: &ScheduleName) -> Option<Timestamp> {
        let last = RunKey { schedule: name.clone(), due: Timestamp::MAX };
        let latest_first = self.runs.range(..=last).rev().map(|(_, run)| run);
        let mut mine = latest_first.take_while(|run| run.key.schedule == *name);
        mine.find(|run| run.origin == Origin::Timetable).map(|run| run.key.due)
    }

    /// One transaction. What is refused because there is another record comes back.
    pub(crate) fn commit(
        &mut self,
        term: u64,
        now: Timestamp,
        actions: &[Action],
    ) -> Result<Vec<Run>, Deposed> {
        self.check(term)?;
        let mut found = Vec::new();
        for action in actions {
            match action {
                Action::Record { run, was } => found.extend(self.record(run, was.as_ref())),
                Action::Keep(standing) => self.keep(standing),
                Action::Forget(name) => {
                    self.schedules.remove(name);
                    self.eras.entry(name.clone()).or_default().push((now, None));
                }
                Action::Cancel(key) => {
                    if !found.iter().any(|run| run.key == *key) {
                        self.cancel(key, actions);
                    }
                }
                Action::Submit(_) | Action::Refuse(..) => {}
            }
        }
        Ok(found)
    }

    /// With the record of it, and not later: then nobody might be left who knows.
    fn cancel(&mut self, key: &RunKey, actions: &[Action]) {
        let expires = |action: &Action| {
            matches!(
                action,
                Action::Record { run, .. } if run.key == *key && run.state == RunState::Expired
            )
        };
        assert!(actions.iter().any(expires), "{key:?} is cancelled apart from its record");
        self.cancelled.insert(key.clone());
    }

    fn check(&self, term: u64) -> Result<(), Deposed> {
        if self.is_fenced && term != self.term { Err(Deposed) } else { Ok(()) }
    }

    fn keep(&mut self, standing: &Standing) {
        let name = standing.schedule.name.clone();
        let timetable = standing.schedule.terms.timetable.clone();
        self.eras.entry(name.clone()).or_default().push((standing.since, Some(timetable)));
        self.schedules.insert(name, standing.clone());
    }

    /// `on conflict do nothing`, or compare and set.
    fn record(&mut self, run: &Run, was: Option<&RunState>) -> Option<Run> {
        let there = self.runs.get(&run.key);
        let believed = match (there, was) {
            (None, None) => true,
            (Some(there), Some(was)) => there.state == *was,
            (_, _) => false,
        };
        if !believed {
            return there.cloned();
        }
        if let Some(was) = was {
            assert!(was.may_become(&run.state), "{was:?} became {:?}", run.state);
        }
        self.set(run.clone());
        None
    }

    fn set(&mut self, run: Run) {
        let other = |there: &&Run| {
            there.key.schedule == run.key.schedule && there.key != run.key && there.state.is_going()
        };
        // A leader that nobody fences off cannot know what is going.
        if self.is_fenced && run.state == RunState::Starting {
            assert_eq!(self.open().find(other), None, "beside {:?}", run.key);
        }
        self.history.entry(run.key.clone()).or_default().push(run.state.clone());
        if run.state.is_over() {
            self.open.remove(&run.key);
        } else {
            self.open.insert(run.key.clone());
        }
        self.runs.insert(run.key.clone(), run);
    }

    /// One transaction: the sweep of a run that is on record as starting, which runs then. Says whether
    /// it does.
    pub(crate) fn submit(
        &mut self,
        term: u64,
        key: &RunKey,
        done: Timestamp,
    ) -> Result<bool, Deposed> {
        self.check(term)?;
        let Some(run) = self.runs.get(key) else { return Ok(false) };
        if run.state == RunState::Starting {
            let twice = self.sweeps.insert(key.clone(), done);
            assert_eq!(twice, None, "{key:?} was submitted twice");
            self.set(Run { state: RunState::Running, ..run.clone() });
        }
        Ok(self.runs[key].state == RunState::Running)
    }
}
