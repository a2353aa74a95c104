//! A run ends: once its sweeps have come to rest it is judged, and what it came to is stored with its end.

use iago_nightly::{Event, Morning, RunKey, Step};
use iago_protocol::wire::End;
use iago_scheduler::Event as Scheduled;
use iago_store::{Nights, State, Store, SweepHead};
use iago_sweep::SweepId;
use tracing::info;

use super::{Going, Judged, Progress};
use crate::driver::{Driver, Halt};
use crate::progress::is_asked_for;

/// Whether nothing of a sweep is worked on, and nothing will be unless somebody acts. What a person paused
/// goes on when that person says so: that is no end.
pub(super) fn is_at_rest(state: &State) -> bool {
    match state {
        State::Running => false,
        State::Paused(reason) => !is_asked_for(reason),
        State::Done | State::Cancelled => true,
    }
}

impl Going {
    fn has_come_to_rest(&self, heads: &[SweepHead]) -> bool {
        self.sweeps().all(|sweep| {
            let head = heads.iter().find(|head| head.id == sweep);
            head.is_some_and(|head| is_at_rest(&head.state))
        })
    }

    /// The sweep of its anchors, if that goes on while the night itself was cancelled.
    fn lonely_anchors(&self, heads: &[SweepHead]) -> Option<SweepId> {
        let state = |of| heads.iter().find(|head| head.id == of).map(|head| &head.state);
        let anchors = self.against.as_ref()?.anchors?;
        let is_open = !matches!(state(anchors)?, State::Done | State::Cancelled);
        (is_open && *state(self.sweep)? == State::Cancelled).then_some(anchors)
    }

    fn has_ended(&self, heads: &[SweepHead]) -> bool {
        heads.iter().any(|head| head.id == self.sweep && head.state == State::Done)
    }
}

impl<S: Store + Nights> Driver<S> {
    /// Has the nights judged that have come to rest.
    pub(super) async fn look_for_rest(&mut self) -> Result<(), Halt> {
        let is_to_look = |of: &mut super::Appointments| {
            std::mem::take(&mut of.is_unlooked) && !of.going.is_empty()
        };
        if !self.appointments.as_mut().is_some_and(is_to_look) {
            return Ok(());
        }
        let heads = self.insist(|store| async move { store.sweeps().await }).await?;
        self.cancel_lonely_anchors(&heads).await?;
        let Some(appointments) = &mut self.appointments else { return Ok(()) };
        let mut rested = Vec::new();
        for (key, going) in &mut appointments.going {
            if matches!(going.progress, Progress::AtWork) && going.has_come_to_rest(&heads) {
                going.progress = Progress::AtRest;
                rested.push((key.clone(), going.has_ended(&heads)));
            }
        }
        for (key, has_ended) in rested {
            self.judge(key, has_ended);
        }
        Ok(())
    }

    /// Whoever cancels a night has no use for its anchors.
    async fn cancel_lonely_anchors(&mut self, heads: &[SweepHead]) -> Result<(), Halt> {
        let going = self.appointments.iter().flat_map(|of| of.going.values());
        let lonely: Vec<_> = going.filter_map(|going| going.lonely_anchors(heads)).collect();
        for sweep in lonely {
            self.set_state(sweep, State::Cancelled).await?;
            self.drop_work(sweep).await?;
        }
        Ok(())
    }

    /// A night was judged. What it came to is stored, unless more is to be asked first, or its sweeps have
    /// gone to work again meanwhile.
    pub(super) async fn take_judged(&mut self, key: RunKey, judged: Judged) -> Result<(), Halt> {
        let heads = self.insist(|store| async move { store.sweeps().await }).await?;
        let Some(appointments) = &mut self.appointments else { return Ok(()) };
        let Some(going) = appointments.going.get_mut(&key) else { return Ok(()) };
        if !going.has_come_to_rest(&heads) || going.has_ended(&heads) != judged.has_ended {
            going.progress = Progress::AtWork;
            appointments.is_unlooked = true;
            return Ok(());
        }
        let Judged { look, looks, assessed, .. } = judged;
        if let Some(Step::TopUp { repeats, .. }) = assessed.step
            && look < looks
            && self.may_go_on(&key, &heads)
            && self.top_up(&key, repeats, (look + 1, looks)).await?
        {
            return Ok(());
        }
        self.end_run(key, assessed.morning).await
    }

    async fn end_run(&mut self, key: RunKey, morning: Morning) -> Result<(), Halt> {
        info!(schedule = %key.schedule, due = %key.due, word = morning.word.word(), "a verdict");
        let Some(appointments) = &mut self.appointments else { return Ok(()) };
        if let Some(going) = appointments.going.get_mut(&key) {
            going.progress = Progress::Judged(Box::new(morning));
        }
        self.happen(Event::Ended(key)).await.map(drop)
    }

    /// Whether more may be asked: all of it was answered, and there is time.
    fn may_go_on(&self, key: &RunKey, heads: &[SweepHead]) -> bool {
        let Some(appointments) = &self.appointments else { return false };
        let mut runs = appointments.agenda.runs();
        let run = runs.find(|run| run.key == *key);
        let in_time = run.is_some_and(|run| run.done_by.is_none_or(|done_by| self.now() < done_by));
        in_time && appointments.going.get(key).is_some_and(|going| going.has_ended(heads))
    }

    /// A sweep that is cancelled in the store is worked on no more.
    pub(super) async fn drop_work(&mut self, sweep: SweepId) -> Result<(), Halt> {
        self.stop_reading(sweep);
        match self.endings.get_mut(&sweep) {
            Some((End::Done, _)) => return Ok(()),
            Some(end) => *end = (End::Cancelled, String::new()),
            None => {}
        }
        let mut actions = Vec::new();
        self.scheduler.apply(Scheduled::Cancel(sweep), &mut actions);
        self.finish_turn(actions).await
    }

    /// Of the run that a sweep belongs to; 0 for what people submit.
    pub(crate) fn priority_of(&self, sweep: SweepId) -> i8 {
        let going = self.appointments.as_ref().and_then(|of| of.of_sweep(sweep));
        let schedule = going.and_then(|going| going.schedule.as_ref());
        schedule.map_or(0, |schedule| schedule.terms.priority.0)
    }
}
