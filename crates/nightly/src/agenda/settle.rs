//! What time brings: deadlines, due times, start windows.

use jiff::Timestamp;

use super::{Action, Agenda, Missed, Open, Origin, Run, RunKey, RunState, Skipped, Trial};
use crate::{Overlap, ScheduleName};

impl Agenda {
    /// Everything that follows from its being `now`, for at most so many due times.
    pub(super) fn settle(&mut self, now: Timestamp, most: usize, actions: &mut Vec<Action>) {
        // Deadlines and start windows that are over first, since they make room; then due times, the
        // newest of which takes the place of one that waits; then those that wait.
        self.expire(now, actions);
        self.try_all_again(now, actions);
        self.decide_due_times(now, most, actions);
        self.start_what_waits(now, actions);
        // All of that was looked at in an order in which nothing is left of it. More due times than are
        // decided on at once make themselves known by `next`.
        self.is_unsettled = false;
    }

    fn expire(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        let late = |run: &Run| {
            run.state == RunState::Running && run.done_by.is_some_and(|done_by| done_by <= now)
        };
        for key in self.keys(late) {
            self.move_on(&key, RunState::Expired, actions);
            actions.push(Action::Cancel(key));
        }
    }

    fn try_all_again(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        for key in self.keys(|run| run.state == RunState::Starting) {
            self.try_again(&key, now, actions);
        }
    }

    fn decide_due_times(&mut self, now: Timestamp, most: usize, actions: &mut Vec<Action>) {
        let mut left = most;
        let names: Vec<_> = self.entries.keys().cloned().collect();
        for name in names {
            while let Some(due) = self.take_due(&name, now, &mut left) {
                let newer = self.entries.get(&name).and_then(|entry| entry.next);
                let newer = newer.filter(|newer| *newer <= now);
                if let Some(state) = self.find_state(&name, due, now, newer) {
                    self.open(&name, due, Origin::Timetable, state, actions);
                }
            }
        }
    }

    /// The next due time of a schedule that nothing was decided on, if it has come.
    fn take_due(
        &mut self,
        name: &ScheduleName,
        now: Timestamp,
        left: &mut usize,
    ) -> Option<Timestamp> {
        let entry = self.entries.get_mut(name)?;
        let due = entry.next.filter(|due| *due <= now)?;
        *left = left.checked_sub(1)?;
        entry.advance(due);
        Some(due)
    }

    /// What becomes of a due time that comes up now; `newer` is a later one that did as well.
    fn find_state(
        &self,
        name: &ScheduleName,
        due: Timestamp,
        now: Timestamp,
        newer: Option<Timestamp>,
    ) -> Option<RunState> {
        let terms = &self.entries.get(name)?.standing.schedule.terms;
        let going = self.find_going(name);
        Some(if terms.paused {
            RunState::Skipped { why: Skipped::Paused }
        } else if terms.start_by(due) <= now {
            RunState::Missed { why: Missed::Late }
        } else if let Some(by) = newer {
            RunState::Missed { why: Missed::Superseded { by } }
        } else if let Some(going) = going {
            match terms.overlap {
                Overlap::Skip => RunState::Skipped { why: Skipped::StillGoing { due: going } },
                Overlap::Queue => RunState::Waiting,
            }
        } else {
            RunState::Starting
        })
    }

    /// Puts a due time on record, in its first state.
    pub(super) fn open(
        &mut self,
        name: &ScheduleName,
        due: Timestamp,
        origin: Origin,
        state: RunState,
        actions: &mut Vec<Action>,
    ) {
        let Some(entry) = self.entries.get(name) else { return };
        let terms = &entry.standing.schedule.terms;
        let key = RunKey { schedule: name.clone(), due };
        let (start_by, done_by) = (terms.start_by(due), terms.done_by(due));
        let run = Run { key, version: entry.version, origin, start_by, done_by, state };
        if !run.state.is_over() {
            self.supersede_what_waits(name, due, actions);
        }
        actions.push(Action::Record { run: Box::new(run.clone()), was: None });
        if !run.state.is_over() {
            self.open.insert(run.key.clone(), Open::of(run.clone()));
        }
        if run.state == RunState::Starting {
            self.submit(&run.key, actions);
        }
    }

    fn supersede_what_waits(
        &mut self,
        name: &ScheduleName,
        by: Timestamp,
        actions: &mut Vec<Action>,
    ) {
        // Only what was due before it: that very run may be on record already.
        let waits = |run: &Run| {
            run.key.schedule == *name && run.key.due < by && run.state == RunState::Waiting
        };
        for key in self.keys(waits) {
            self.move_on(&key, RunState::Missed { why: Missed::Superseded { by } }, actions);
        }
    }

    fn start_what_waits(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        for key in self.keys(|run| run.state == RunState::Waiting) {
            let Some(state) = self.find_state_of_waiting(&key, now) else { continue };
            self.move_on(&key, state.clone(), actions);
            if state == RunState::Starting {
                self.submit(&key, actions);
            }
        }
    }

    /// What becomes of a run that waits; `None`: it waits on.
    fn find_state_of_waiting(&self, key: &RunKey, now: Timestamp) -> Option<RunState> {
        let run = &self.open.get(key)?.run;
        let Some(entry) = self.entries.get(&key.schedule) else {
            return Some(RunState::Skipped { why: Skipped::Removed });
        };
        if entry.standing.schedule.terms.paused && run.origin == Origin::Timetable {
            Some(RunState::Skipped { why: Skipped::Paused })
        } else if run.start_by <= now {
            Some(RunState::Missed { why: Missed::StillGoing })
        } else {
            self.find_going(&key.schedule).is_none().then_some(RunState::Starting)
        }
    }

    /// Submits what is on record as starting and is not under way.
    fn try_again(&mut self, key: &RunKey, now: Timestamp, actions: &mut Vec<Action>) {
        let Some(open) = self.open.get(key) else { return };
        let Trial::Ahead(from, failed) = &open.trial else { return };
        if open.run.start_by <= now {
            let state = match failed.clone() {
                Some(why) => RunState::Failed { why },
                None => RunState::Missed { why: Missed::Late },
            };
            self.move_on(key, state, actions);
        } else if *from <= now {
            self.submit(key, actions);
        }
    }

    fn submit(&mut self, key: &RunKey, actions: &mut Vec<Action>) {
        if let Some(open) = self.open.get_mut(key) {
            open.trial = Trial::UnderWay;
            actions.push(Action::Submit(Box::new(open.run.clone())));
        }
    }

    /// When the run of a schedule that is going was due.
    pub(super) fn find_going(&self, name: &ScheduleName) -> Option<Timestamp> {
        self.runs_of(name).find(|run| run.state.is_going()).map(|run| run.key.due)
    }

    pub(super) fn runs_of<'a>(&'a self, name: &'a ScheduleName) -> impl Iterator<Item = &'a Run> {
        self.runs().filter(move |run| run.key.schedule == *name)
    }

    fn keys(&self, which: impl Fn(&Run) -> bool) -> Vec<RunKey> {
        self.runs().filter(|run| which(run)).map(|run| run.key.clone()).collect()
    }
}
