//! What happens to a call: a function of the settings, the time, the call, and the calls before it.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use crate::conversation::{Conversation, Unreadable};
use crate::fault::Fault;
use crate::judge::{self, Case};
use crate::key::JobKey;
use crate::ledger::{Class, Entry, Ledger, Log, Record};
use crate::limit::Limiter;
use crate::models::{self, Character};
use crate::outcome::{Answer, Outcome, write_headers};
use crate::protocol::Protocol;
use crate::ranks::{Place, Ranks};
use crate::reply::{Envelope, Failure, FailureKind, tokens};
use crate::settings::{Faults, Settings};
use crate::{draw, subject, tags};

/// The vendor's limit on the size of a request.
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// One call as it comes off the wire.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    pub protocol: Protocol,
    /// The header `Idempotency-Key`.
    pub key: Option<&'a str>,
    /// The API key, from either of the headers that may hold it.
    pub credential: Option<&'a str>,
    /// The header `anthropic-version`.
    pub version: Option<&'a str>,
    pub body: &'a [u8],
}

/// What to send, and what to write down before it is sent.
#[derive(Debug)]
pub struct Decision {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    /// JSON, except where a fault has cut it.
    pub body: Vec<u8>,
    pub delivery: Delivery,
    pub record: Record,
}

/// How to send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    Whole,
    /// The head at once, and the body after this time.
    Late(Duration),
    /// Not at all: the connection breaks.
    Reset,
}

/// The endpoint without its sockets and its clock.
#[derive(Debug)]
pub struct Core {
    seed: u64,
    faults: Faults,
    api_key: Option<String>,
    /// When it started, as time since 1970.
    started: Duration,
    ranks: RwLock<Ranks>,
    ledger: Mutex<Ledger>,
}

impl Core {
    /// `started` is the time since 1970 at which the endpoint's own time begins; only timestamps
    /// in answers depend on it.
    #[must_use]
    pub fn new(settings: &Settings, started: Duration) -> Self {
        Self {
            seed: settings.seed,
            faults: settings.faults,
            api_key: settings.api_key.clone(),
            started,
            ranks: RwLock::new(Ranks::new(settings.seed, &settings.prompts)),
            ledger: Mutex::new(Ledger::new(settings.limit.map(Limiter::new))),
        }
    }

    /// Replaces the prompt set; answers that follow are ranked over the new one.
    pub fn set_prompts(&self, prompts: &[String]) {
        let ranks = Ranks::new(self.seed, prompts);
        *self.ranks.write().unwrap_or_else(PoisonError::into_inner) = ranks;
    }

    /// Decides about one call. `now` is the time since the start.
    pub fn decide(&self, now: Duration, call: &Call<'_>) -> Decision {
        let key = JobKey::new(call.key, call.body);
        let asked = read(call);
        let model = asked.as_ref().map_or("", |asked| asked.model.as_str());
        let entry = self.ledger().enter(now, &key.name, model, self.is_authorised(call));
        let outcome = self.choose(call, &entry, &key, asked.as_ref());
        self.ledger().settle(outcome.class, outcome.is_slow());
        let envelope = Envelope {
            id: draw::hash(self.seed, &[b"id", key.name.as_bytes()]),
            model,
            input_tokens: tokens(asked.as_ref().map_or(0, |asked| asked.characters)),
            unix_now: self.started + now,
        };
        let (status, body, delivery) =
            outcome.dress(call.protocol, &envelope, &entry, self.faults.slow_for);
        let headers = write_headers(call.protocol, &envelope, &entry);
        let record = Record {
            seq: entry.seq,
            ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            protocol: call.protocol,
            model: model.to_owned(),
            key: key.name,
            status: if delivery == Delivery::Reset { 0 } else { status },
            class: outcome.class,
        };
        Decision { status, headers, body, delivery, record }
    }

    /// A copy of the counters. `in_flight_max` is the shell's to fill in: here, a call takes no time.
    #[must_use]
    pub fn log(&self) -> Log {
        self.ledger().snapshot()
    }

    /// The counters without `by_key`, and the number of keys.
    pub(crate) fn counters(&self) -> (Log, usize) {
        let ledger = self.ledger();
        (ledger.counters(), ledger.keys())
    }

    /// A panic elsewhere leaves numbers that are still worth reading.
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_authorised(&self, call: &Call<'_>) -> bool {
        self.api_key.as_deref().is_none_or(|key| call.credential == Some(key))
    }

    /// Turns a call away, or lets the model answer and perhaps something go wrong.
    fn choose(
        &self,
        call: &Call<'_>,
        entry: &Entry,
        key: &JobKey,
        asked: Result<&Conversation, &Failure>,
    ) -> Outcome {
        if !self.is_authorised(call) {
            let failure = FailureKind::Unauthorised.with("the API key is missing or wrong");
            return Outcome::turn_away(failure, Class::Unauthorised);
        }
        if entry.retry_after().is_some() {
            let failure = FailureKind::Throttled.with("the limit on requests is reached");
            return Outcome::turn_away(failure, Class::Throttled);
        }
        let asked = match asked {
            Ok(asked) => asked,
            Err(failure) => return Outcome::turn_away(failure.clone(), Class::Invalid),
        };
        let Some(model) = models::find(&asked.model) else {
            let failure = FailureKind::UnknownModel.with(format!("model: {}", asked.model));
            return Outcome::turn_away(failure, Class::UnknownModel);
        };
        let (answer, class) = self.play(&model.character, key, asked);
        Outcome::new(self.draw_fault(entry, key), answer, class)
    }

    /// Each call of a job draws anew, and the n-th one always draws the same.
    fn draw_fault(&self, entry: &Entry, key: &JobKey) -> Option<Fault> {
        let words = [&b"fault"[..], key.name.as_bytes(), &entry.nth.to_le_bytes()];
        Fault::draw(&self.faults, draw::uniform(draw::hash(self.seed, &words)))
    }

    /// Answers in character.
    fn play(&self, character: &Character, key: &JobKey, asked: &Conversation) -> (Answer, Class) {
        match character {
            Character::Subject(subject) => {
                let hash = draw::hash(self.seed, &[b"wording", key.name.as_bytes()]);
                let (reply, class) = subject::answer(subject, asked, self.place(key, asked), hash);
                (Answer::Reply(reply), class)
            }
            Character::Judge(judge) => {
                let case = Case { message: &asked.user, seed: self.seed, key: &key.name };
                let (text, class) = judge::answer(*judge, &case);
                (Answer::text(asked.continue_with(&text)), class)
            }
            Character::Echo => {
                (Answer::text(asked.continue_with("<OUTPUT>ok</OUTPUT>")), Class::Echo)
            }
            Character::Rejects => {
                let failure = FailureKind::Invalid.with("this model calls every request invalid");
                (Answer::Failure(failure), Class::Invalid)
            }
            Character::Billing => {
                let failure = FailureKind::OutOfMoney.with("the credit is used up");
                (Answer::Failure(failure), Class::OutOfMoney)
            }
        }
    }

    fn place(&self, key: &JobKey, asked: &Conversation) -> Place {
        let ranks = self.ranks.read().unwrap_or_else(PoisonError::into_inner);
        let request = tags::read_request(&asked.user);
        let ranked = request.and_then(|request| ranks.place(request, key.repeat));
        let draw = || draw::hash(self.seed, &[b"place", key.name.as_bytes()]);
        ranked.unwrap_or_else(|| Place::drawn(draw()))
    }
}

fn read(call: &Call<'_>) -> Result<Conversation, Failure> {
    if call.body.len() > BODY_BYTES_MAX {
        return Err(FailureKind::TooLarge.with("the request is larger than 32 MiB"));
    }
    let read = call.protocol.read(call.version, call.body);
    read.map_err(|Unreadable(why)| FailureKind::Invalid.with(why))
}
