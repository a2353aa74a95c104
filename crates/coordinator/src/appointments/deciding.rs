//! What the agenda has decided is committed, all of it at once, and then done.

use std::collections::VecDeque;
use std::sync::Arc;

use iago_nightly::{
    Action, Event, Morning, Refusal, Run, RunKey, RunState, Schedule, ScheduleName, Standing,
    notices,
};
use iago_store::{Change, Changed, NewNotice, Nights, Recording, Store};
use tonic::Status;
use tracing::{info, warn};

use super::{Appointments, Going, Progress, rows};
use crate::driver::{Driver, Halt};

/// What the agenda has decided, in the order in which it is done.
#[derive(Default)]
struct Decided {
    changes: Vec<Decision>,
    submits: Vec<Run>,
    refused: Option<Status>,
}

/// What is to be stored.
enum Decision {
    Keep(Box<Standing>),
    Forget(ScheduleName),
    Record { run: Box<Run>, was: Option<RunState>, cancels: bool },
}

impl Decided {
    fn of(actions: Vec<Action>) -> Self {
        let mut decided = Self::default();
        for action in actions {
            match action {
                Action::Keep(standing) => decided.changes.push(Decision::Keep(standing)),
                Action::Forget(name) => decided.changes.push(Decision::Forget(name)),
                Action::Record { run, was } => {
                    decided.changes.push(Decision::Record { run, was, cancels: false });
                }
                Action::Cancel(key) => decided.cancel(&key),
                Action::Submit(run) => decided.submits.push(*run),
                Action::Refuse(name, refusal) => decided.refused = Some(refused(&name, refusal)),
            }
        }
        decided
    }

    /// A cancellation belongs to the record of its run, and is not done where that is refused.
    fn cancel(&mut self, of: &RunKey) {
        for change in &mut self.changes {
            if let Decision::Record { run, cancels, .. } = change {
                *cancels |= run.key == *of;
            }
        }
    }
}

fn refused(name: &ScheduleName, refusal: Refusal) -> Status {
    let words = format!("schedule `{name}`: {refusal}");
    match refusal {
        Refusal::NoSuchSchedule => Status::not_found(words),
        Refusal::AlreadyDue | Refusal::StillGoing(_) => Status::failed_precondition(words),
    }
}

impl<S: Store + Nights> Driver<S> {
    /// Lets the agenda decide on something, and on what follows from it; commits that, and does it. Gives
    /// why it cannot be.
    pub(super) async fn happen(&mut self, event: Event) -> Result<Option<Status>, Halt> {
        let (mut events, mut refused) = (VecDeque::from([event]), None);
        while let Some(event) = events.pop_front() {
            let now = self.now();
            let Some(appointments) = &mut self.appointments else { return Ok(refused) };
            let decided = Decided::of(appointments.agenda.apply(now, event));
            let found = self.commit_decided(decided.changes).await?;
            for run in decided.submits {
                if !found.iter().any(|other| other.key == run.key) {
                    self.begin(run);
                }
            }
            refused = refused.or(decided.refused);
            events.extend(found.into_iter().map(|run| Event::Found(Box::new(run))));
        }
        Ok(refused)
    }

    /// Stores what was decided, in one transaction, and then does what follows. Gives the runs of which the
    /// store knows better.
    async fn commit_decided(&mut self, decisions: Vec<Decision>) -> Result<Vec<Run>, Halt> {
        if decisions.is_empty() {
            return Ok(Vec::new());
        }
        let mut changes = Vec::with_capacity(decisions.len());
        for decision in &decisions {
            changes.push(self.change_of(decision).await?);
        }
        let term = self.term;
        let ask = |store: Arc<S>| {
            let changes = changes.clone();
            async move { store.change(term, changes).await }
        };
        let changed = self.insist(ask).await?;
        let (mut found, mut is_stale) = (Vec::new(), false);
        for (decision, changed) in decisions.into_iter().zip(changed) {
            let Decision::Record { run, .. } = decision else { continue };
            match changed {
                Changed::Stored => self.follow(&run).await?,
                Changed::Found(row) => {
                    let Some(stored) = rows::read_run(&row.run) else { continue };
                    info!(schedule = %run.key.schedule, due = %run.key.due, "decided on before");
                    self.follow(&stored).await?;
                    is_stale |= self.is_unknown(&stored);
                    found.push(stored);
                }
                Changed::Absent => is_stale = true,
            }
        }
        if is_stale {
            warn!("runs in the store are not as they were left: everything is loaded anew");
            self.load_again().await?;
        }
        Ok(found)
    }

    /// Whether a run is going that nobody here knew to have begun.
    fn is_unknown(&self, run: &Run) -> bool {
        let mut going = self.appointments.iter().map(|of| &of.going);
        run.state == RunState::Running && !going.any(|going| going.contains_key(&run.key))
    }

    /// Does what follows from a run that is over in the store.
    async fn follow(&mut self, run: &Run) -> Result<(), Halt> {
        let is_over = run.state.is_over();
        info!(schedule = %run.key.schedule, due = %run.key.due, is_over, "a due time is on record");
        if !is_over {
            return Ok(());
        }
        let Some(appointments) = &mut self.appointments else { return Ok(()) };
        let Some(going) = appointments.going.remove(&run.key) else { return Ok(()) };
        if run.state == RunState::Expired {
            for sweep in going.sweeps() {
                self.drop_work(sweep).await?;
            }
        }
        Ok(())
    }

    async fn change_of(&mut self, decision: &Decision) -> Result<Change, Halt> {
        Ok(match decision {
            Decision::Keep(standing) => Change::Keep {
                name: standing.schedule.name.to_string(),
                version: standing.schedule.version(),
                schedule: rows::json(&standing.schedule),
                standing: rows::json(standing),
            },
            Decision::Forget(name) => Change::Forget { name: name.to_string() },
            Decision::Record { run, was, cancels } => {
                let (verdict, notices) = self.tell_of(run).await?;
                Change::Record(Box::new(Recording {
                    row: rows::row(run),
                    was: was.as_ref().map(rows::state),
                    cancels: *cancels,
                    verdict,
                    notices,
                }))
            }
        })
    }

    /// What a run came to, and the messages about it, where it is over.
    async fn tell_of(&mut self, run: &Run) -> Result<(Option<Vec<u8>>, Vec<NewNotice>), Halt> {
        if !run.state.is_over() {
            return Ok((None, Vec::new()));
        }
        let schedule = self.schedule_of(run).await?;
        let zone = schedule.as_ref().map(|of| of.terms.timetable.zone_name());
        let Some(morning) = self.morning_of(run, zone) else { return Ok((None, Vec::new())) };
        let told = schedule.as_ref().map(|schedule| notices(schedule, run, &morning));
        let told = told.into_iter().flatten().map(|(to, id, body)| NewNotice {
            id,
            to: rows::json(&to),
            body: rows::json(&body),
        });
        Ok((Some(rows::json(&morning)), told.collect()))
    }

    fn morning_of(&self, run: &Run, zone: Option<&str>) -> Option<Morning> {
        let going = self.appointments.as_ref().and_then(|of| of.going.get(&run.key));
        if let (RunState::Ended, Some(Going { progress: Progress::Judged(morning), .. })) =
            (&run.state, going)
        {
            return Some((**morning).clone());
        }
        let name = run.key.schedule.as_str();
        let unjudged = Morning::unjudged(run, name, zone, self.now())?;
        let against = |going: &Going| going.sweep;
        Some(Morning { sweep: going.map(against), ..unjudged })
    }

    /// The schedule of a run, in the version that it is of.
    async fn schedule_of(&mut self, run: &Run) -> Result<Option<Schedule>, Halt> {
        match self.appointments.as_ref().and_then(|of| of.find_schedule(run)) {
            Some(schedule) => Ok(Some(schedule)),
            None => self.read_version(run).await,
        }
    }
}

impl Appointments {
    fn find_schedule(&self, run: &Run) -> Option<Schedule> {
        let going = self.going.get(&run.key).and_then(|going| going.schedule.as_ref());
        let mut standing = self.agenda.schedules().map(|standing| &standing.schedule);
        let is_its = |schedule: &&Schedule| {
            schedule.name == run.key.schedule && schedule.version() == run.version
        };
        going.or_else(|| standing.find(is_its)).cloned()
    }
}
