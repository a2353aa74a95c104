//! What people want of schedules. Due times up to now are decided on first, under what held until now,
//! all of them, however many there are: what changes here must not reach back.

use jiff::Timestamp;

use super::{Action, Agenda, Entry, Origin, Refusal, RunState, Standing};
use crate::{Overlap, Schedule, ScheduleName};

impl Agenda {
    pub(super) fn put(&mut self, now: Timestamp, schedule: Schedule, actions: &mut Vec<Action>) {
        self.settle(now, usize::MAX, actions);
        let old = self.entries.get(&schedule.name).map(|entry| &entry.standing);
        if old.is_some_and(|old| old.schedule == schedule) {
            return;
        }
        let last_due = old.and_then(|old| old.last_due);
        let standing = Standing { schedule, since: now, last_due };
        actions.push(Action::Keep(Box::new(standing.clone())));
        self.entries.insert(standing.schedule.name.clone(), Entry::of(standing));
        self.settle(now, usize::MAX, actions);
    }

    pub(super) fn set_paused(
        &mut self,
        now: Timestamp,
        name: ScheduleName,
        paused: bool,
        actions: &mut Vec<Action>,
    ) {
        let Some(entry) = self.entries.get(&name) else {
            actions.push(Action::Refuse(name, Refusal::NoSuchSchedule));
            return;
        };
        let mut schedule = entry.standing.schedule.clone();
        schedule.terms.paused = paused;
        self.put(now, schedule, actions);
    }

    pub(super) fn remove(&mut self, now: Timestamp, name: ScheduleName, actions: &mut Vec<Action>) {
        self.settle(now, usize::MAX, actions);
        if self.entries.remove(&name).is_none() {
            actions.push(Action::Refuse(name, Refusal::NoSuchSchedule));
            return;
        }
        actions.push(Action::Forget(name));
        self.settle(now, usize::MAX, actions);
    }

    pub(super) fn run_now(
        &mut self,
        now: Timestamp,
        name: ScheduleName,
        actions: &mut Vec<Action>,
    ) {
        self.settle(now, usize::MAX, actions);
        match self.find_state_for_now(now, &name) {
            Ok((due, state)) => self.open(&name, due, Origin::Asked, state, actions),
            Err(refusal) => actions.push(Action::Refuse(name, refusal)),
        }
    }

    fn find_state_for_now(
        &self,
        now: Timestamp,
        name: &ScheduleName,
    ) -> Result<(Timestamp, RunState), Refusal> {
        let standing = &self.entries.get(name).ok_or(Refusal::NoSuchSchedule)?.standing;
        // Whole seconds: what every store keeps exactly, and people can read and write.
        let due = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let is_open = self.runs_of(name).any(|run| run.key.due == due);
        if is_open || standing.last_due == Some(due) {
            return Err(Refusal::AlreadyDue);
        }
        match self.find_going(name) {
            None => Ok((due, RunState::Starting)),
            Some(going) => match standing.schedule.terms.overlap {
                Overlap::Skip => Err(Refusal::StillGoing(going)),
                Overlap::Queue => Ok((due, RunState::Waiting)),
            },
        }
    }
}
