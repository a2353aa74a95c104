//! What arrives of a sweep that is not at work: it has ended, or was paused before this leader began.

use std::collections::BTreeMap;

use iago_store::{State, Store, SweepHead};
use iago_sweep::{Fact, SweepId};
use tonic::Code;
use tracing::warn;

use crate::driver::{Driver, Halt};

impl<S: Store> Driver<S> {
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
            if head.state == State::Running && !self.scheduler.is_loaded(head.id) {
                self.take_up(head).await?;
            }
        }
        Ok(())
    }

    async fn take_up(&mut self, head: SweepHead) -> Result<(), Halt> {
        let (sweep, mut actions) = (head.id, Vec::new());
        if let Err(status) = self.open(head, false, &mut actions).await {
            let why = status.message().to_owned();
            warn!(%sweep, why, "something came late, and its sweep cannot be worked on");
            if status.code() == Code::Unavailable {
                self.late.insert(sweep);
            } else {
                self.set_state(sweep, State::Paused(why)).await?;
            }
        }
        self.finish_turn(actions).await
    }

    async fn heads_of_late(&mut self) -> Result<Vec<SweepHead>, Halt> {
        let heads = self.insist(|store| async move { store.sweeps().await }).await?;
        Ok(heads.into_iter().filter(|head| self.late.contains(&head.id)).collect())
    }
}
