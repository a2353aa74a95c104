//! A night that is open at a look asks for more repeats of the same, before it is looked at again.

use iago_nightly::RunKey;
use iago_store::{Nights, State, Store, SweepHead};
use iago_sweep::SweepId;
use tonic::Status;
use tracing::warn;

use super::Progress;
use crate::driver::{Driver, Halt};
use crate::standing::{find_head, stored_plan};
use crate::submit::check_weight;
use crate::trouble::{of_standing, of_store};

impl<S: Store + Nights> Driver<S> {
    /// Asks for more repeats; says whether it did.
    pub(super) async fn top_up(
        &mut self,
        key: &RunKey,
        repeats: u32,
        (look, looks): (u32, u32),
    ) -> Result<bool, Halt> {
        let Some(appointments) = &mut self.appointments else { return Ok(false) };
        let Some(going) = appointments.going.get_mut(key) else { return Ok(false) };
        // Also where it fails: then it is looked at again.
        going.progress = Progress::AtWork;
        appointments.is_unlooked = true;
        let sweep = going.sweep;
        let note = format!("topped up: look {look} of {looks}");
        match self.extend_repeats(sweep, repeats, note).await {
            Ok(head) => {
                self.take_up(head).await?;
                Ok(true)
            }
            Err(status) if status.code() == tonic::Code::Unavailable => {
                warn!(%sweep, why = status.message(), "a night cannot be topped up yet");
                self.go_on_with(sweep).await?;
                Ok(true)
            }
            Err(status) => {
                warn!(%sweep, why = status.message(), "a night cannot be topped up");
                Ok(false)
            }
        }
    }

    /// The store may say already that a sweep is at work, and this process must not take it for ended then:
    /// it is loaded as far as it is stored.
    async fn go_on_with(&mut self, sweep: SweepId) -> Result<(), Halt> {
        let heads = self.insist(|store| async move { store.sweeps().await }).await?;
        let mut heads = heads.into_iter();
        match heads.find(|head| head.id == sweep && head.state == State::Running) {
            Some(head) => self.take_up(head).await,
            None => Ok(()),
        }
    }

    async fn extend_repeats(
        &mut self,
        sweep: SweepId,
        repeats: u32,
        note: String,
    ) -> Result<SweepHead, Status> {
        let store = std::sync::Arc::clone(&self.store);
        let head = find_head(&*store, sweep).await.map_err(of_store)?;
        let mut plan = stored_plan(&*store, sweep, head.revision).await.map_err(of_standing)?;
        plan.repeats = plan.repeats.saturating_add(repeats);
        check_weight(serde_json::to_vec(&plan).unwrap_or_default().len())?;
        // First, so that whoever leads next never finds done what asks for more.
        store.control(self.term, sweep, State::Running).await.map_err(of_store)?;
        self.place_changed(head, plan, note, true).await?;
        find_head(&*store, sweep).await.map_err(of_store)
    }
}
