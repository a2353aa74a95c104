//! Which message goes out now: those that are open, less those that wait.
//!
//! A receiver is sent one message at a time. So a receiver that hangs takes one place of those that there
//! are, and what is told to others goes on.

use std::collections::{BTreeMap, BTreeSet};

use iago_nightly::Tell;
use iago_store::Notice;
use tokio::time::Instant;

use crate::reply::Then;

/// Messages under way at once, to as many receivers.
const UNDER_WAY_MAX: usize = 32;

/// A message and its receiver.
#[derive(Clone, Debug)]
pub(crate) struct Addressed {
    /// `None`: what is stored is none.
    pub(crate) tell: Option<Tell>,
    pub(crate) notice: Notice,
}

impl Addressed {
    pub(crate) fn read(notice: Notice) -> Self {
        Self { tell: serde_json::from_slice(&notice.new.to).ok(), notice }
    }

    fn door(&self) -> Door {
        self.tell.as_ref().map(|tell| (tell.webhook.clone(), tell.url_env.clone()))
    }
}

/// One place to tell something: schedules that name the same webhook and the same variable mean the same.
type Door = Option<(String, Option<String>)>;

/// What this process knows of open messages beside the store.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    tries: BTreeMap<String, Tries>,
    under_way: BTreeMap<String, Door>,
    /// Receivers that asked to be left alone until then.
    left_alone: BTreeMap<Door, Instant>,
}

#[derive(Debug)]
struct Tries {
    before: u32,
    not_before: Instant,
}

impl Outbox {
    /// How often a message was sent before.
    pub(crate) fn before(&self, id: &str) -> u32 {
        self.tries.get(id).map_or(0, |tries| tries.before)
    }

    /// Takes what goes out now, out of all that is open, the oldest first.
    pub(crate) fn take(&mut self, open: Vec<Addressed>, now: Instant) -> Vec<Addressed> {
        self.forget_all_but(&open);
        self.left_alone.retain(|_, until| *until > now);
        let mut out = Vec::new();
        for message in open {
            if self.may_go(&message, now) {
                self.under_way.insert(message.notice.new.id.clone(), message.door());
                out.push(message);
            }
        }
        out
    }

    /// What follows from a message that was taken, once it is on record.
    pub(crate) fn ended(&mut self, id: &str, then: &Then, now: Instant) {
        let door = self.under_way.remove(id);
        let Then::Again { after, asked, .. } = then else { return };
        let before = self.before(id).saturating_add(1);
        let not_before = now + *after;
        self.tries.insert(id.to_owned(), Tries { before, not_before });
        if let Some((door, asked)) = door.zip(*asked) {
            self.left_alone.insert(door, now + asked);
        }
    }

    fn may_go(&self, message: &Addressed, now: Instant) -> bool {
        let door = message.door();
        let waits = self.tries.get(&message.notice.new.id).is_some_and(|t| t.not_before > now);
        let is_busy = self.under_way.values().any(|busy| *busy == door);
        let is_full = self.under_way.len() >= UNDER_WAY_MAX;
        !waits && !is_busy && !is_full && !self.left_alone.contains_key(&door)
    }

    /// What is no longer open was ended by another process.
    fn forget_all_but(&mut self, open: &[Addressed]) {
        let open: BTreeSet<_> = open.iter().map(|message| &message.notice.new.id).collect();
        self.tries.retain(|id, _| open.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use iago_store::{DueKey, NewNotice};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn message(id: &str, webhook: &str) -> Addressed {
        let to = format!(r#"{{"webhook":"{webhook}","on":["regression"]}}"#);
        let new = NewNotice { id: id.to_owned(), to: to.into_bytes(), body: b"{}".to_vec() };
        let key = DueKey { schedule: "nightly".to_owned(), due_s: 0 };
        let message = Addressed::read(Notice { new, key, since_ms: 0, end: None });
        assert!(message.tell.is_some());
        message
    }

    fn again(after: Duration, asked: Option<Duration>) -> Then {
        Then::Again { after, asked, why: "it was busy".to_owned() }
    }

    fn taken(outbox: &mut Outbox, open: &[Addressed], now: Instant) -> Vec<String> {
        let out = outbox.take(open.to_vec(), now);
        out.into_iter().map(|message| message.notice.new.id).collect()
    }

    #[test]
    fn a_receiver_is_sent_one_message_at_a_time_and_others_meanwhile() {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        let open = [message("a1", "a"), message("a2", "a"), message("b1", "b")];
        assert_eq!(taken(&mut outbox, &open, now), ["a1", "b1"]);
        assert!(taken(&mut outbox, &open, now).is_empty());
        outbox.ended("a1", &Then::Delivered, now);
        assert_eq!(taken(&mut outbox, &open[1..], now), ["a2"]);
    }

    #[test]
    fn a_message_that_waits_lets_the_next_one_pass() {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        let open = [message("a1", "a"), message("a2", "a")];
        assert_eq!(taken(&mut outbox, &open, now), ["a1"]);
        outbox.ended("a1", &again(SECOND, None), now);
        assert_eq!((outbox.before("a1"), outbox.before("a2")), (1, 0));
        assert_eq!(taken(&mut outbox, &open, now), ["a2"]);
        outbox.ended("a2", &Then::GiveUp("it is gone".to_owned()), now);
        assert!(taken(&mut outbox, &open[..1], now).is_empty());
        assert_eq!(taken(&mut outbox, &open[..1], now + SECOND), ["a1"]);
    }

    #[test]
    fn a_receiver_that_asks_to_wait_is_left_alone_with_everything() {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        let open = [message("a1", "a"), message("a2", "a"), message("b1", "b")];
        assert_eq!(taken(&mut outbox, &open, now), ["a1", "b1"]);
        outbox.ended("a1", &again(SECOND, Some(SECOND)), now);
        outbox.ended("b1", &again(SECOND, None), now);
        assert!(taken(&mut outbox, &open, now).is_empty());
        assert_eq!(taken(&mut outbox, &open, now + SECOND), ["a1", "b1"]);
    }

    #[test]
    fn a_receiver_is_left_alone_for_as_long_as_it_asked_and_no_longer() {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        let open = [message("a1", "a"), message("a2", "a")];
        assert_eq!(taken(&mut outbox, &open, now), ["a1"]);
        outbox.ended("a1", &again(SECOND * 9, Some(SECOND)), now);
        assert!(taken(&mut outbox, &open, now).is_empty());
        assert_eq!(taken(&mut outbox, &open, now + SECOND), ["a2"]);
    }

    #[test]
    fn no_more_are_under_way_than_the_bound() {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        let open: Vec<_> = (0..99).map(|n| message(&n.to_string(), &n.to_string())).collect();
        let out = taken(&mut outbox, &open, now);
        assert_eq!(out.len(), UNDER_WAY_MAX);
        outbox.ended(&out[0], &Then::Delivered, now);
        assert_eq!(taken(&mut outbox, &open[1..], now).len(), 1);
    }

    #[test]
    fn what_another_process_ended_is_forgotten() {
        let (mut outbox, now) = (Outbox::default(), Instant::now());
        assert_eq!(taken(&mut outbox, &[message("a", "a")], now), ["a"]);
        outbox.ended("a", &again(SECOND, None), now);
        assert!(taken(&mut outbox, &[], now).is_empty());
        assert_eq!(outbox.before("a"), 0);
    }
}
