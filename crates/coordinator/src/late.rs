//! What arrives of a sweep that is not at work: it has ended, or was paused before this leader began.

use std::collections::BTreeMap;

use iago_store::{Nights, State, Store, SweepHead};
use iago_sweep::{Fact, SweepId};
use tonic::Code;
use tracing::warn;

use crate::driver::{Driver, Halt};
use crate::inbox::Waits;

impl<S: Store + Nights> Driver<S> {
    /// Sweeps that were done have open jobs again. Stored before the facts that open them: whoever
    /// leads next then finds them at work, whatever happens to this process.
    pub(crate) async fn reopen(&mut self, sweeps: Vec<SweepId>) -> Result<(), Halt> {
        for sweep in sweeps {
            self.set_state(sweep, State::Running).await?;
            self.endings.remove(&sweep);
            self.ended.retain(|other| *other != sweep);
        }
        Ok(())
    }

    /// Before facts of sweeps out of memory are stored: a failure belongs to the round that its sweep
    /// is in, and what was done is at work again, since an answer may ask for more.
    pub(crate) async fn prepare_late(
        &mut self,
        facts: &mut BTreeMap<SweepId, Vec<Fact>>,
    ) -> Result<(), Halt> {
        if self.late.is_empty() {
            return Ok(());
        }
        for head in self.heads_of_late().await? {
            let Some(facts) = facts.get_mut(&head.id) else { continue };
            for fact in facts.iter_mut() {
                if let Fact::Failure(failure) = fact {
                    failure.round = head.round;
                }
            }
            let answered = facts.iter().any(|fact| matches!(fact, Fact::Result(..)));
            if answered && head.state == State::Done {
                self.set_state(head.id, State::Running).await?;
            }
        }
        Ok(())
    }

    /// Goes on with what was done and is at work again.
    pub(crate) async fn take_up_late(&mut self) -> Result<(), Halt> {
        if self.late.is_empty() {
            return Ok(());
        }
        let heads = self.heads_of_late().await?;
        self.late.clear();
        for head in heads {
            if head.state == State::Running && !self.is_current(&head) {
                self.take_up(head).await?;
            }
        }
        Ok(())
    }

    /// Works on a sweep from where it stands, or says in the store why that cannot be.
    pub(crate) async fn take_up(&mut self, head: SweepHead) -> Result<(), Halt> {
        let (sweep, mut actions) = (head.id, Vec::new());
        match self.open(head, false, &mut actions).await {
            Ok(Some(unread)) => self.read_ahead(*unread, Waits::Nobody),
            Ok(None) => {}
            Err(status) if status.code() == Code::Unavailable => {
                let why = status.message();
                warn!(%sweep, why, "something came late, and its sweep cannot be read yet");
                self.late.insert(sweep);
            }
            Err(status) => self.set_aside(sweep, &status).await?,
        }
        self.finish_turn(actions).await
    }

    /// Whether what is stored of a sweep is at work, or will be once its texts are read.
    fn is_current(&self, head: &SweepHead) -> bool {
        let loaded = self.sweeps.get(&head.id).filter(|_| self.scheduler.is_loaded(head.id));
        self.being_read.contains(&head.id)
            || loaded.is_some_and(|loaded| loaded.revision == head.revision)
    }

    async fn heads_of_late(&mut self) -> Result<Vec<SweepHead>, Halt> {
        let heads = self.insist(|store| async move { store.sweeps().await }).await?;
        Ok(heads.into_iter().filter(|head| self.late.contains(&head.id)).collect())
    }
}
