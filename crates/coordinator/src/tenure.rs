//! How long this process leads: a term that is renewed in time, or lost.
//!
//! A coordinator that was stopped, or cut off from its store, wakes up believing that it leads. The
//! store's fence keeps it from writing; this keeps it from handing out work in the meantime. Only
//! durations of the monotonic clock are used: a wall clock that steps moves nothing.

use std::sync::Arc;

use iago_store::{Store, StoreError};
use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::warn;

/// A term is renewed this often within its hold.
const RENEWALS: u32 = 3;
/// How soon a renewal that failed is tried again, at most.
const RETRY_MAX: Duration = Duration::from_millis(500);

/// The right to lead.
#[derive(Debug)]
pub(crate) struct Tenure {
    /// `None`: nobody else can lead.
    held_until: Option<watch::Receiver<Instant>>,
    lost: CancellationToken,
    /// Ends the renewals with this value.
    _renewals: Option<DropGuard>,
}

impl Tenure {
    /// A term that nobody else can take.
    pub(crate) fn unchallenged() -> Self {
        Self { held_until: None, lost: CancellationToken::new(), _renewals: None }
    }

    /// A term that was taken at `taken`, and is renewed from now on.
    pub(crate) fn renewed<S: Store>(
        store: Arc<S>,
        term: u64,
        hold: Duration,
        taken: Instant,
    ) -> Self {
        let (until, held_until) = watch::channel(taken + hold);
        let (lost, ended) = (CancellationToken::new(), CancellationToken::new());
        let renewing = renew(store, term, hold, until, lost.clone());
        let end = ended.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = end.cancelled() => {}
                () = renewing => {}
            }
        });
        Self { held_until: Some(held_until), lost, _renewals: Some(ended.drop_guard()) }
    }

    /// Whether nobody else can lead at this moment.
    pub(crate) fn is_held(&self, now: Instant) -> bool {
        let in_time = self.held_until.as_ref().is_none_or(|until| now < *until.borrow());
        in_time && !self.lost.is_cancelled()
    }

    /// Waits until nobody else can lead, or this term is lost.
    pub(crate) async fn held(&self) {
        let Some(mut until) = self.held_until.clone() else { return };
        while !self.is_held(Instant::now()) {
            tokio::select! {
                () = self.lost.cancelled() => return,
                renewed = until.changed() => if renewed.is_err() { return self.lost.cancelled().await },
            }
        }
    }

    /// Is cancelled once another process has taken over.
    pub(crate) fn lost(&self) -> CancellationToken {
        self.lost.clone()
    }
}

async fn renew<S: Store>(
    store: Arc<S>,
    term: u64,
    hold: Duration,
    until: watch::Sender<Instant>,
    lost: CancellationToken,
) {
    let every = hold / RENEWALS;
    loop {
        sleep(every).await;
        let asked = Instant::now();
        match timeout(hold, store.renew(term, hold)).await {
            // Counted from before the question, so that our clock never runs behind the store's.
            Ok(Ok(())) => drop(until.send_replace(asked + hold)),
            Ok(Err(StoreError::Deposed { leader, .. })) => {
                warn!(term, leader, "deposed: another coordinator leads");
                return lost.cancel();
            }
            Ok(Err(error)) => {
                warn!(term, %error, "the term could not be renewed");
                sleep(every.min(RETRY_MAX)).await;
            }
            Err(_late) => warn!(term, "the store does not answer: the term could not be renewed"),
        }
    }
}
