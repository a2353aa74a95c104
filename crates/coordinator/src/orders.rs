//! Going on with sweeps, stopping them, and trying again: what people with the authority ask for.

use std::sync::Arc;

use iago_protocol::wire::End;
use iago_scheduler::{Action, Event, PoolId};
use iago_store::{Kind, Nights, State, Store, StoreError, SweepHead};
use iago_sweep::{Digest, SweepId};
use tonic::Status;
use tracing::{info, warn};

use crate::driver::{Driver, Halt};
use crate::inbox::{Order, Waits};
use crate::place::Place;
use crate::progress::asked_for;
use crate::services::status::head;
use crate::standing::stored_plan;
use crate::submit::Unread;
use crate::trouble::{of_standing, of_store};

impl<S: Store + Nights> Driver<S> {
    /// Goes on with every running sweep of the store. One that cannot be worked on here is paused,
    /// and says why; it holds up no other.
    pub(crate) async fn resume_all(&mut self) -> Result<(), Halt> {
        let heads = self.insist(|store| async move { store.sweeps().await }).await?;
        // Of a sweep that is paused, too, calls may be under way.
        let is_open = |head: &SweepHead| !matches!(head.state, State::Done | State::Cancelled);
        self.in_grace = heads.iter().any(is_open);
        // The oldest first, as they were handed in.
        for head in heads.into_iter().rev().filter(|head| head.state == State::Running) {
            let sweep = head.id;
            let mut actions = Vec::new();
            match self.open(head, false, &mut actions).await {
                Ok(Some(unread)) => self.read_ahead(*unread, Waits::Nobody),
                Ok(None) => {}
                Err(status) if status.code() == tonic::Code::Unavailable => {
                    return Err(unreadable(sweep, &status));
                }
                Err(status) => self.set_aside(sweep, &status).await?,
            }
        }
        Ok(())
    }

    /// Does what was asked for, or says why not; or gives what is to be read before it is done.
    pub(crate) async fn steer(
        &mut self,
        sweep: SweepId,
        order: Order,
        actions: &mut Vec<Action>,
    ) -> Result<Option<Box<Unread>>, Status> {
        let head = head(&*self.store, sweep).await?;
        info!(%sweep, ?order, "asked for");
        self.look_at_appointments();
        match order {
            Order::Pause(who) => {
                self.pause(&head, who.clone(), actions).await?;
                for anchors in self.open_anchors(head.id).await? {
                    self.pause(&anchors, who.clone(), actions).await?;
                }
                Ok(None)
            }
            Order::Resume => {
                self.resume_anchors(&head, actions).await?;
                self.resume(head, actions).await
            }
            Order::Cancel => {
                self.cancel(&head, actions).await?;
                for anchors in self.open_anchors(head.id).await? {
                    self.cancel(&anchors, actions).await?;
                }
                Ok(None)
            }
            Order::Retry => self.retry(head, actions).await,
        }
    }

    /// The sweeps in which transcripts of baselines are judged again beside this one, but for those that
    /// are over. What is said of this one holds for them as well: nobody else has a use for them.
    async fn open_anchors(&self, sweep: SweepId) -> Result<Vec<SweepHead>, Status> {
        let with = self.store.comparisons(sweep).await.map_err(of_store)?;
        let with = with.into_iter().filter(|with| with.sweep == sweep);
        let mut open = Vec::new();
        for anchors in with.filter_map(|with| with.anchors) {
            let head = head(&*self.store, anchors).await?;
            if !matches!(head.state, State::Done | State::Cancelled) {
                open.push(head);
            }
        }
        Ok(open)
    }

    /// They go on with the sweep that they are judged beside, filled beside the loop first.
    async fn resume_anchors(
        &mut self,
        of: &SweepHead,
        actions: &mut Vec<Action>,
    ) -> Result<(), Status> {
        if matches!(of.state, State::Done | State::Cancelled) {
            return Ok(());
        }
        for anchors in self.open_anchors(of.id).await? {
            if let Some(unread) = self.resume(anchors, actions).await? {
                self.read_ahead(*unread, Waits::Nobody);
            }
        }
        Ok(())
    }

    async fn pause(
        &mut self,
        head: &SweepHead,
        who: String,
        actions: &mut Vec<Action>,
    ) -> Result<(), Status> {
        self.stop_reading(head.id);
        match head.state {
            State::Paused(_) => return Ok(()),
            State::Done | State::Cancelled => return Err(nothing_to(head, "pause")),
            State::Running => {}
        }
        // At once, so that a restart keeps to it; what is out is still waited for.
        let asked = State::Paused(asked_for(&who));
        self.store.control(self.term, head.id, asked).await.map_err(of_store)?;
        self.scheduler.apply(Event::Pause(head.id, who), actions);
        Ok(())
    }

    async fn resume(
        &mut self,
        head: SweepHead,
        actions: &mut Vec<Action>,
    ) -> Result<Option<Box<Unread>>, Status> {
        match head.state {
            State::Running if self.is_at_work(&head) => {
                let loaded = self.sweeps.get(&head.id).map(|loaded| &loaded.plan);
                let drawn = loaded.map(|plan| self.settings.drawn_by(plan)).unwrap_or_default();
                self.free(drawn, actions);
                return Ok(None);
            }
            State::Done | State::Cancelled => return Err(nothing_to(&head, "resume")),
            State::Running | State::Paused(_) => {}
        }
        self.open_freed(head, false, actions).await
    }

    /// Other endpoints keep a sweep at work while one of its own is blocked. Whoever asks for it has
    /// mended that one.
    pub(crate) fn free(
        &mut self,
        drawn: impl IntoIterator<Item = PoolId>,
        actions: &mut Vec<Action>,
    ) {
        self.slices.lift();
        self.scheduler.apply(Event::Unblock, actions);
        self.metering.free(drawn);
    }

    /// Whoever asks for a sweep has mended what blocked a pool.
    async fn open_freed(
        &mut self,
        head: SweepHead,
        retry_failed: bool,
        actions: &mut Vec<Action>,
    ) -> Result<Option<Box<Unread>>, Status> {
        let sweep = head.id;
        self.slices.lift();
        self.scheduler.apply(Event::Unblock, actions);
        let unread = self.open(head, retry_failed, actions).await?;
        let loaded = self.sweeps.get(&sweep).map(|loaded| &loaded.plan);
        if let Some(plan) = unread.as_ref().map(|unread| &unread.place.plan).or(loaded) {
            self.metering.free(self.settings.drawn_by(plan));
        }
        Ok(unread)
    }

    async fn cancel(&mut self, head: &SweepHead, actions: &mut Vec<Action>) -> Result<(), Status> {
        self.stop_reading(head.id);
        match head.state {
            State::Cancelled => return Ok(()),
            State::Done => return Err(nothing_to(head, "cancel")),
            State::Running | State::Paused(_) => {}
        }
        self.store.control(self.term, head.id, State::Cancelled).await.map_err(of_store)?;
        self.scheduler.apply(Event::Cancel(head.id), actions);
        if let Some(end) = self.endings.get_mut(&head.id) {
            *end = (End::Cancelled, String::new());
        }
        Ok(())
    }

    async fn retry(
        &mut self,
        head: SweepHead,
        actions: &mut Vec<Action>,
    ) -> Result<Option<Box<Unread>>, Status> {
        if head.state == State::Cancelled {
            return Err(nothing_to(&head, "retry"));
        }
        if head.kind == Kind::Anchors {
            return self.retry_anchors(head, actions).await;
        }
        self.open_freed(head, true, actions).await
    }

    /// Anchors ask judges and nobody else, in every round. So the round comes first, and what the baseline
    /// has no answer for is closed in it before anything is handed out.
    async fn retry_anchors(
        &mut self,
        head: SweepHead,
        actions: &mut Vec<Action>,
    ) -> Result<Option<Box<Unread>>, Status> {
        let round = self.store.retry(self.term, head.id).await.map_err(of_store)?;
        self.open_freed(SweepHead { round, ..head }, false, actions).await
    }

    /// Whether a sweep as it is stored is what is worked on here.
    pub(crate) fn is_at_work(&self, head: &SweepHead) -> bool {
        let loaded = self.sweeps.get(&head.id);
        loaded.is_some_and(|loaded| loaded.revision == head.revision)
            && !self.endings.contains_key(&head.id)
            && head.state == State::Running
    }

    /// Works on a stored sweep from where it stands; gives what is to be read before that.
    pub(crate) async fn open(
        &mut self,
        head: SweepHead,
        retry_failed: bool,
        actions: &mut Vec<Action>,
    ) -> Result<Option<Box<Unread>>, Status> {
        let plan = stored_plan(&*self.store, head.id, head.revision).await;
        let place = Place::stored(head, plan.map_err(of_standing)?);
        if !place.plan.reread.is_empty() || place.kind == Kind::Anchors {
            return Ok(Some(Box::new(Unread::new(place, retry_failed))));
        }
        self.load(place, retry_failed, actions).await?;
        Ok(None)
    }

    /// A sweep that cannot be worked on here is paused, and says why.
    pub(crate) async fn set_aside(&mut self, sweep: SweepId, status: &Status) -> Result<(), Halt> {
        let why = status.message().to_owned();
        warn!(%sweep, why, "the sweep cannot be worked on here: paused");
        self.set_state(sweep, State::Paused(why)).await
    }

    /// A plan by its digest: one that is at work, or one that an assignment of an earlier leader was
    /// made from, of any revision of a sweep that is not over.
    pub(crate) async fn find_plan(&mut self, digest: Digest) -> Result<Option<Arc<Vec<u8>>>, Halt> {
        if let Some(plan) = self.plans.get(&digest) {
            return Ok(Some(Arc::clone(plan)));
        }
        let heads = self.insist(|store| async move { store.sweeps().await }).await?;
        for head in heads {
            if matches!(head.state, State::Done | State::Cancelled) {
                continue;
            }
            for revision in (0..=head.revision).rev() {
                let ask = |store: Arc<S>| async move { store.plan(head.id, revision).await };
                let plan = self.insist(ask).await?;
                if Digest::of(&plan) == digest {
                    return Ok(Some(self.keep_plan(digest, plan)));
                }
            }
        }
        warn!(plan = %digest.short(), "a worker asks for a plan that nobody has");
        Ok(None)
    }
}

/// The store is out of reach, and nobody here waits for it.
pub(crate) fn unreadable(sweep: SweepId, status: &Status) -> Halt {
    let reason = status.message().to_owned();
    warn!(%sweep, reason, "the sweep could not be read");
    Halt::Broken(StoreError::Unavailable { reason })
}

fn nothing_to(head: &SweepHead, verb: &str) -> Status {
    let (sweep, way_out) = match head.state {
        State::Cancelled => (head.id, after_cancelled(head.kind)),
        State::Done => (head.id, "is done"),
        State::Running | State::Paused(_) => (head.id, "is at work"),
    };
    Status::failed_precondition(format!("nothing to {verb}: sweep {sweep} {way_out}"))
}

/// Only what people hand in themselves is the same sweep when it is handed in again.
fn after_cancelled(kind: Kind) -> &'static str {
    match kind {
        Kind::Asked => "was cancelled: submit it again to go on with it",
        Kind::Night => {
            "was cancelled: `iago schedule run-now` begins another night of its schedule"
        }
        Kind::Anchors => {
            "was cancelled: it goes on when the sweep that it is compared with is submitted again with \
             --against; a night's is judged anew by `iago schedule run-now`"
        }
    }
}
