//! The loop: while this process leads, whatever is open in the store is sent until it has an end.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use iago_store::{Nights, NoticeEnd, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::outbox::{Addressed, Outbox};
use crate::post::{Post, PostError};
use crate::receivers::Receivers;
use crate::reply::{Heard, Sent, Then, judge_reply};

/// How often the store is asked for messages.
const POLL: Duration = Duration::from_secs(2);
/// How often a store that is away is tried again.
const STORE_RETRY: Duration = Duration::from_secs(1);
/// Open messages that are looked at, the oldest first; what comes later waits for them. None is open for
/// more than a day.
const OPEN_MAX: usize = 4096;

/// Delivers the messages of `store`, at least once each, for as long as this process leads: `terms` says its
/// term, and nothing while it does not. Ends with `stop`, or when nobody can tell it a term any more.
///
/// A message goes out before its end is on record. So whoever receives one after a crash in between gets it
/// again, with the same `webhook-id`.
///
/// # Errors
///
/// HTTP cannot be set up.
pub async fn deliver_all<S: Nights>(
    store: Arc<S>,
    terms: watch::Receiver<Option<u64>>,
    receivers: Receivers,
    stop: CancellationToken,
) -> Result<(), PostError> {
    let courier = Courier { store, receivers, post: Post::new()? };
    tokio::select! {
        () = stop.cancelled() => {}
        () = courier.follow(terms) => {}
    }
    Ok(())
}

struct Courier<S> {
    store: Arc<S>,
    receivers: Receivers,
    post: Post,
}

/// What happens in a term.
enum Event {
    /// It is time to look what is open.
    Look,
    /// Of a message that was under way is known what follows, and its end is on record if that is one.
    Ended(String, Then),
    /// Another process leads.
    Deposed,
}

impl<S: Nights> Courier<S> {
    async fn follow(&self, mut terms: watch::Receiver<Option<u64>>) {
        loop {
            let term = *terms.borrow_and_update();
            let serve = async {
                if let Some(term) = term {
                    self.serve(term).await;
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                changed = terms.changed() => if changed.is_err() { return },
                () = serve => {}
            }
        }
    }

    /// Returns once another process leads.
    async fn serve(&self, term: u64) {
        let (mut outbox, mut under_way) = (Outbox::default(), FuturesUnordered::new());
        let mut looks = interval(POLL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let event = tokio::select! {
                Some(event) = under_way.next() => event,
                _ = looks.tick() => Event::Look,
            };
            match event {
                Event::Deposed => return,
                Event::Ended(id, then) => outbox.ended(&id, &then, Instant::now()),
                Event::Look => {}
            }
            let Some(open) = self.look().await else { continue };
            for message in outbox.take(open, Instant::now()) {
                let before = outbox.before(&message.notice.new.id);
                under_way.push(self.deliver(term, message, before));
            }
        }
    }

    /// All that is open; `None` while the store is away.
    async fn look(&self) -> Option<Vec<Addressed>> {
        match self.store.open_notices(OPEN_MAX).await {
            Ok(open) => Some(open.into_iter().map(Addressed::read).collect()),
            Err(error) => {
                warn!(%error, "messages cannot be read from the store");
                None
            }
        }
    }

    async fn deliver(&self, term: u64, message: Addressed, before: u32) -> Event {
        let id = message.notice.new.id.clone();
        let then = self.send(message, before).await;
        if let Some(end) = end(&id, &then)
            && !self.is_recorded(term, &id, end).await
        {
            return Event::Deposed;
        }
        Event::Ended(id, then)
    }

    async fn send(&self, message: Addressed, before: u32) -> Then {
        let Addressed { tell, notice } = message;
        let Some(tell) = tell else {
            return Then::GiveUp("its receiver is none that this iago can read".to_owned());
        };
        let (id, sent_ms) = (notice.new.id, now_ms());
        let heard = match self.receivers.find(&tell) {
            Ok(receiver) => self.post.send(&receiver, &id, sent_ms / 1000, notice.new.body).await,
            // Whoever sets the variable starts this process again, and it is sent then.
            Err(unready) => Heard::Nothing(unready.to_string()),
        };
        let stored_ms = u64::try_from(notice.since_ms).unwrap_or(0);
        let age = Duration::from_millis(now_ms().saturating_sub(stored_ms));
        judge_reply(&heard, Sent { id: &id, before, age })
    }

    /// Puts the end of a message on record, however long the store is away. `false`: another process leads.
    async fn is_recorded(&self, term: u64, id: &str, end: NoticeEnd) -> bool {
        loop {
            match self.store.end_notice(term, id, end.clone()).await {
                Ok(()) => return true,
                Err(StoreError::Deposed { .. }) => return false,
                Err(error) => warn!(id, %error, "what became of a message cannot be recorded"),
            }
            sleep(STORE_RETRY).await;
        }
    }
}

/// What there is to record, and to tell.
fn end(id: &str, then: &Then) -> Option<NoticeEnd> {
    match then {
        Then::Delivered => {
            info!(id, "message delivered");
            Some(NoticeEnd::Delivered)
        }
        Then::GiveUp(why) => {
            warn!(id, why, "message given up");
            Some(NoticeEnd::GivenUp(why.clone()))
        }
        Then::Again { after, why, .. } => {
            warn!(id, why, again_in_s = after.as_secs(), "message not delivered yet");
            None
        }
    }
}

/// Since 1970, by the clock of this machine: receivers compare it with theirs.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that asks for the time")]
fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
