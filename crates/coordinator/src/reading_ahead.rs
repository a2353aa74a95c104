//! Texts are read anew beside the loop, so that a sweep with many of them keeps nobody waiting; the
//! loop then loads the sweep, and reads the few that came in meanwhile. A sweep of anchors is filled beside
//! the loop in the same way.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use iago_protocol::wire::Submitted;
use iago_scheduler::{Action, Event};
use iago_store::{Kind, Nights, READ_MAX, State, Store, StoreError};
use iago_sweep::SweepId;
use tokio::time::sleep;
use tonic::{Code, Status};
use tracing::{info, warn};

use crate::act::RETRY;
use crate::against::fill_anchors;
use crate::driver::{Driver, Halt};
use crate::inbox::{Message, Waits};
use crate::orders::unreadable;
use crate::place::Place;
use crate::progress::COORDINATOR;
use crate::reread::{Reader, reread};
use crate::services::status::head;
use crate::standing::stored_plan;
use crate::submit::{Taken, Unread, read_rules};
use crate::trouble::{of_standing, of_store};

impl<S: Store + Nights> Driver<S> {
    /// Reads a sweep's texts anew. Whoever waits for the sweep waits for that; the loop does not.
    /// What is broken off with this leader, the next one goes on with.
    pub(crate) fn read_ahead(&mut self, mut unread: Unread, waits: Waits) {
        unread.stops = self.stops_of(unread.place.sweep);
        // Those that have ended take no room.
        while self.reading.try_join_next().is_some() {}
        self.being_read.insert(unread.place.sweep);
        let (store, term, inbox) = (Arc::clone(&self.store), self.term, self.ends.again.clone());
        let is_patient = self.settings.waits_for_store;
        self.reading.spawn(async move {
            let read = read_all(&*store, term, &unread, is_patient).await;
            // Without anybody who could ask, the loop has ended.
            if let Some(inbox) = inbox.upgrade() {
                let message = Message::Read(Box::new(unread), read, waits);
                drop(inbox.send(message).await);
            }
        });
    }

    /// The texts of a sweep were read, or could not be: it is loaded, at the revision by which they
    /// were read.
    pub(crate) async fn take_read(
        &mut self,
        unread: Unread,
        read: Result<(), Status>,
        waits: Waits,
        actions: &mut Vec<Action>,
    ) -> Result<(), Halt> {
        let (sweep, anchors) = (unread.place.sweep, unread.anchors);
        self.being_read.remove(&sweep);
        let loaded = match read {
            Ok(()) => self.load_read(unread, actions).await,
            Err(status) => Err(status),
        };
        let submitted = match loaded {
            Ok(Taken::Unread(unread)) => {
                self.read_ahead(*unread, waits);
                return Ok(());
            }
            Ok(Taken::In(submitted)) => {
                Ok(Submitted { anchors: anchors.map(|anchors| anchors.0), ..submitted })
            }
            Err(status) => {
                self.leave_unread(sweep, &status, &waits, actions).await?;
                Err(status)
            }
        };
        match waits {
            Waits::Submitter(reply) => self.tell(reply, submitted),
            Waits::Operator(reply) => self.tell(reply, submitted.map(drop)),
            Waits::Nobody => {}
        }
        Ok(())
    }

    /// Loads a sweep whose texts were read; or gives it back, if they are to be read in yet another
    /// way by now.
    async fn load_read(
        &mut self,
        unread: Unread,
        actions: &mut Vec<Action>,
    ) -> Result<Taken, Status> {
        let Unread { place, retry_failed, stops, anchors } = unread;
        if self.stops_of(place.sweep) != stops {
            return Err(stopped(place.sweep));
        }
        let head = head(&*self.store, place.sweep).await?;
        let is_stopped = matches!(head.state, State::Paused(_) | State::Cancelled);
        if is_stopped && head.state != place.state {
            return Err(stopped(place.sweep));
        }
        let is_read = head.revision == place.revision;
        let plan = stored_plan(&*self.store, head.id, head.revision).await.map_err(of_standing)?;
        let place = place.found_again(head, plan);
        if !is_read {
            return Ok(Taken::Unread(Box::new(Unread { place, retry_failed, stops, anchors })));
        }
        self.load(place, retry_failed, actions).await.map(Taken::In)
    }

    /// Somebody stops a sweep: that holds for what is only being read, too.
    pub(crate) fn stop_reading(&mut self, sweep: SweepId) {
        *self.stops.entry(sweep).or_default() += 1;
    }

    /// How often somebody has stopped a sweep here: what was begun before the last time is not gone on
    /// with, whatever state the store has it in.
    fn stops_of(&self, sweep: SweepId) -> u64 {
        self.stops.get(&sweep).copied().unwrap_or(0)
    }

    /// A sweep that is said to be running, and cannot be loaded: it is tried again, or paused with
    /// the reason.
    async fn leave_unread(
        &mut self,
        sweep: SweepId,
        status: &Status,
        waits: &Waits,
        actions: &mut Vec<Action>,
    ) -> Result<(), Halt> {
        let heads = self.insist(|store| async move { store.sweeps().await }).await?;
        let head = heads.into_iter().find(|head| head.id == sweep);
        let is_running = head.is_some_and(|head| head.state == State::Running);
        if !is_running {
            return Ok(());
        }
        if status.code() != Code::Unavailable {
            let who = format!("{COORDINATOR}{}", status.message());
            self.scheduler.apply(Event::Pause(sweep, who), actions);
            return self.set_aside(sweep, status).await;
        }
        // The end of an overtaken revision is nobody's end: without this nobody would go on.
        if self.settings.waits_for_store || self.overtaken.contains(&sweep) {
            self.late.insert(sweep);
        } else if matches!(waits, Waits::Nobody) {
            return Err(unreadable(sweep, status));
        }
        Ok(())
    }
}

fn stopped(sweep: SweepId) -> Status {
    let words = format!("sweep {sweep} was stopped while its texts were read anew");
    Status::failed_precondition(words)
}

/// Reads until hardly anything is left, for while it reads more comes in.
async fn read_all<S: Store + Nights>(
    store: &S,
    term: u64,
    unread: &Unread,
    is_patient: bool,
) -> Result<(), Status> {
    let Place { sweep, plan, .. } = &unread.place;
    let (grader, renderer) = read_rules(plan)?;
    let reader = Reader { plan, grader: &grader, renderer: &renderer };
    loop {
        match read_once(store, term, &unread.place, reader).await {
            Ok(read) => {
                info!(%sweep, read, "stored texts read anew");
                if read < READ_MAX as u64 {
                    return Ok(());
                }
            }
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Full { .. }))
                if is_patient =>
            {
                warn!(%sweep, %error, "stored texts cannot be read anew yet");
                sleep(RETRY).await;
            }
            Err(error) => return Err(of_store(error)),
        }
    }
}

/// Reads some texts anew; a sweep of anchors gets its transcripts first.
async fn read_once<S: Store + Nights>(
    store: &S,
    term: u64,
    Place { sweep, plan, kind, .. }: &Place,
    reader: Reader<'_>,
) -> Result<u64, StoreError> {
    if *kind == Kind::Anchors {
        fill_anchors(store, term, *sweep, plan).await?;
    }
    reread(store, term, *sweep, reader).await
}
