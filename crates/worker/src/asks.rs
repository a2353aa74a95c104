//! Calls of metered pools that wait to be granted, and calls that ended and were not told of.
//!
//! Attempts put in what they want and what they did, the session takes it out in batches; neither
//! ever waits for the other. What is asked for is bounded by the slots that it is asked with.
//!
//! What is told may be told twice where a connection breaks. A number that is withdrawn twice is
//! withdrawn once. A call that is told of twice counts more than it took, which is on the safe side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use iago_protocol::{Ask, Assignment, Call};
use iago_sweep::{Money, Need};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::lateness::Lateness;
use crate::notes::{BATCH_MAX, Notes};

/// A grant that comes later than this is void: it was given for a minute that may be over.
const LATE_MAX: Duration = Duration::from_millis(500);

/// How old a grant may be where its call begins, its way here and the smoothing of starts included. It
/// is older where the process was stopped.
const GRANT_LASTS: Duration = Duration::from_millis(750);

/// What a call may take of its pools.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Draw {
    /// Tokens that it is expected to take.
    pub(crate) need: Need,
    /// Of the input, no fewer than these are sure to be taken.
    pub(crate) certain: u64,
    /// What it can cost at most; `None` where no price is known.
    pub(crate) cost_most: Option<Money>,
}

/// What attempts want of the coordinator, and what they tell it.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    inner: Mutex<Inner>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    /// In the order in which they came.
    waiting: BTreeMap<u64, Waiting>,
    unsaid: BTreeSet<u64>,
    /// The number that an ask was said with in this connection, to its place.
    said: BTreeMap<u64, u64>,
    last_place: u64,
    last_number: u64,
    withdrawn: Notes<u64>,
    calls: Notes<Call>,
    /// Once an ask of this number, or a later one, is answered, these notes must have been read.
    before_ask: Option<(u64, Places)>,
    /// The same for the delivery of this sequence.
    before_delivery: Option<(u64, Places)>,
    lateness: Lateness,
}

/// Up to where notes were said.
#[derive(Clone, Copy, Debug)]
struct Places {
    withdrawn: u64,
    calls: u64,
}

#[derive(Debug)]
struct Waiting {
    pools: Arc<[String]>,
    draw: Draw,
    state: State,
    answered: Arc<Notify>,
}

#[derive(Debug)]
enum State {
    Unsaid,
    Said(u64),
    /// And when that was, by our clock.
    Granted(u64, Instant),
    Unwanted(Unwanted),
}

/// A call that is not granted, however long it waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unwanted {
    /// It does not fit into the limits of its pools. With the reason.
    Refused(String),
    /// It does not as it is: too much is expected of it.
    Declined,
}

/// What a coordinator says to asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    pub(crate) granted: Vec<u64>,
    /// With reasons, for people.
    pub(crate) refused: Vec<(u64, String)>,
    pub(crate) declined: Vec<u64>,
    /// By its own clock.
    pub(crate) sent_ms: u64,
}

/// A call that waits to begin; where it is dropped the ask is withdrawn.
#[derive(Debug)]
pub(crate) struct Asking {
    asks: Arc<Asks>,
    place: u64,
    answered: Arc<Notify>,
}

/// The right to one call; where it is dropped unspent it is given back.
#[derive(Debug)]
pub(crate) struct Grant {
    asks: Arc<Asks>,
    number: Option<u64>,
}

impl Draw {
    /// That of each call of a job. What all of them can cost is a bound for any one.
    pub(crate) fn of(assignment: &Assignment) -> Self {
        Self { need: assignment.need, certain: 0, cost_most: assignment.cost_most }
    }
}

impl Asks {
    /// Asks for a call; it is said as soon as there is a connection.
    pub(crate) fn ask(self: &Arc<Self>, pools: Arc<[String]>, draw: Draw) -> Asking {
        let answered = Arc::<Notify>::default();
        let place = {
            let mut inner = self.inner();
            inner.last_place += 1;
            let place = inner.last_place;
            let answered = Arc::clone(&answered);
            inner.waiting.insert(place, Waiting { pools, draw, state: State::Unsaid, answered });
            inner.unsaid.insert(place);
            place
        };
        self.news.notify_one();
        Asking { asks: Arc::clone(self), place, answered }
    }

    /// Tells of a call that ended.
    pub(crate) fn report(&self, call: Call) {
        self.inner().calls.push(call);
        self.news.notify_one();
    }

    /// Waits until there may be something to say. Nothing is lost where the wait is given up.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    /// A connection has ended: what was asked for and what was granted and not used is void, until it is
    /// asked for again. The next coordinator may be the same one, and has to learn of it.
    pub(crate) fn part(&self) {
        let mut inner = self.inner();
        let Inner { waiting, unsaid, said, withdrawn, .. } = &mut *inner;
        for (number, place) in std::mem::take(said) {
            withdrawn.push(number);
            if let Some(waiting) = waiting.get_mut(&place) {
                waiting.state = State::Unsaid;
                unsaid.insert(place);
            }
        }
        withdrawn.rewind();
        inner.calls.rewind();
        (inner.before_ask, inner.before_delivery) = (None, None);
        inner.lateness = Lateness::default();
    }

    /// The coordinator's answers, said at this moment of its clock. What is not asked for any more is
    /// none of them.
    pub(crate) fn answer(&self, answers: Answers) {
        let Answers { granted, refused, declined, sent_ms } = answers;
        let mut inner = self.inner();
        let now = Instant::now();
        let late = inner.lateness.of(sent_ms, now);
        for number in granted {
            inner.grant(number, late, now);
        }
        for (number, why) in refused {
            inner.settle(number, State::Unwanted(Unwanted::Refused(why)));
        }
        for number in declined {
            inner.settle(number, State::Unwanted(Unwanted::Declined));
        }
        drop(inner);
        self.news.notify_one();
    }

    /// Deliveries up to this one are said after all that was said so far.
    pub(crate) fn precede(&self, delivery: u64) {
        let mut inner = self.inner();
        let places = inner.places();
        inner.before_delivery.get_or_insert((delivery, places));
    }

    /// The coordinator has read deliveries up to this one.
    pub(crate) fn acknowledge(&self, up_to: u64) {
        let mut inner = self.inner();
        if let Some((_, places)) = inner.before_delivery.take_if(|(delivery, _)| *delivery <= up_to)
        {
            inner.read(places);
        }
    }

    /// The next asks to say, in the order in which they came.
    pub(crate) fn next_asks(&self) -> Option<Vec<Ask>> {
        let mut inner = self.inner();
        let mut batch = Vec::new();
        while batch.len() < BATCH_MAX
            && let Some(place) = inner.unsaid.pop_first()
        {
            batch.extend(inner.say(place));
        }
        let places = inner.places();
        inner.before_ask.get_or_insert((batch.first()?.number, places));
        Some(batch)
    }

    /// The next asks that are not wanted any more, granted or not.
    pub(crate) fn next_withdrawn(&self) -> Option<Vec<u64>> {
        self.inner().withdrawn.next_batch()
    }

    /// The next calls to tell of.
    pub(crate) fn next_calls(&self) -> Option<Vec<Call>> {
        self.inner().calls.next_batch()
    }

    fn withdraw(&self, place: u64) {
        let mut inner = self.inner();
        let Some(waiting) = inner.waiting.remove(&place) else { return };
        inner.unsaid.remove(&place);
        if let State::Said(number) | State::Granted(number, _) = waiting.state {
            inner.give_back(number);
            drop(inner);
            self.news.notify_one();
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn say(&mut self, place: u64) -> Option<Ask> {
        let waiting = self.waiting.get_mut(&place)?;
        self.last_number += 1;
        let number = self.last_number;
        waiting.state = State::Said(number);
        self.said.insert(number, place);
        let Draw { need, certain, cost_most } = waiting.draw;
        Some(Ask { number, pools: waiting.pools.to_vec(), need, certain, cost_most })
    }

    fn grant(&mut self, number: u64, late: Duration, now: Instant) {
        self.note_answer(number);
        let Some(place) = self.said.get(&number).copied() else { return };
        let Some(waiting) = self.waiting.get_mut(&place) else { return };
        let granted = now.checked_sub(late).filter(|_| late <= LATE_MAX);
        match granted {
            Some(granted) => {
                waiting.state = State::Granted(number, granted);
                waiting.answered.notify_one();
            }
            None => self.ask_again(place, number),
        }
    }

    /// It ends without a call.
    fn settle(&mut self, number: u64, end: State) {
        self.note_answer(number);
        let place = self.said.remove(&number);
        if let Some(waiting) = place.and_then(|place| self.waiting.get_mut(&place)) {
            waiting.state = end;
            waiting.answered.notify_one();
        }
    }

    /// A grant is void, and another one is wanted for the same call.
    fn ask_again(&mut self, place: u64, number: u64) {
        self.give_back(number);
        if let Some(waiting) = self.waiting.get_mut(&place) {
            waiting.state = State::Unsaid;
            self.unsaid.insert(place);
        }
    }

    /// Whoever answers an ask has read what was said before it.
    fn note_answer(&mut self, number: u64) {
        if let Some((_, places)) = self.before_ask.take_if(|(first, _)| *first <= number) {
            self.read(places);
        }
    }

    fn places(&self) -> Places {
        Places { withdrawn: self.withdrawn.said(), calls: self.calls.said() }
    }

    fn read(&mut self, Places { withdrawn, calls }: Places) {
        self.withdrawn.read(withdrawn);
        self.calls.read(calls);
    }

    fn give_back(&mut self, number: u64) {
        self.said.remove(&number);
        self.withdrawn.push(number);
    }
}

impl Asking {
    /// Waits until the call is granted.
    pub(crate) async fn granted(&self) -> Result<(), Unwanted> {
        loop {
            match self.asks.inner().waiting.get(&self.place).map(|waiting| &waiting.state) {
                Some(State::Granted(..)) => return Ok(()),
                Some(State::Unwanted(unwanted)) => return Err(unwanted.clone()),
                Some(State::Unsaid | State::Said(_)) | None => {}
            }
            self.answered.notified().await;
        }
    }

    /// The grant, unless it has become void meanwhile. One that has grown too old is asked for again.
    pub(crate) fn take(&self) -> Option<Grant> {
        let mut inner = self.asks.inner();
        let State::Granted(number, at) = inner.waiting.get(&self.place)?.state else { return None };
        if at.elapsed() > GRANT_LASTS {
            inner.ask_again(self.place, number);
            drop(inner);
            self.asks.news.notify_one();
            return None;
        }
        inner.waiting.remove(&self.place);
        inner.said.remove(&number);
        Some(Grant { asks: Arc::clone(&self.asks), number: Some(number) })
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.asks.withdraw(self.place);
    }
}

impl Grant {
    /// The call begins: nothing gives it back any more.
    pub(crate) fn spend(mut self) -> Option<u64> {
        self.number.take()
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        self.asks.inner().give_back(number);
        self.asks.news.notify_one();
    }
}

#[cfg(test)]
mod tests;
