//! What happens to a call: a function of the settings, the time, the call, and the calls before it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::admission::Admission;
use crate::cast::Cast;
use crate::delivery::Delivery;
use crate::draw;
use crate::events::MEDIA_TYPE;
use crate::fault::Fault;
use crate::incoming::Incoming;
use crate::key::JobKey;
use crate::ledger::{Class, Entry, Ledger, Log, Record};
use crate::limit::Limit;
use crate::models::Model;
use crate::outcome::{Answer, Occasion, Outcome};
use crate::protocol::Protocol;
use crate::reply::{Envelope, Failure, FailureKind};
use crate::settings::{Capacity, Faults, Settings, Sheds};
use crate::trouble::Trouble;

/// What is said to whoever has not the key that is demanded.
pub(crate) const MISSING_KEY: &str = "the API key is missing or wrong";

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
    /// Calls that are being answered, this one included.
    pub in_flight: u64,
}

/// What to send, and what to write down before it is sent.
#[derive(Debug)]
pub struct Decision {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    /// JSON, or a whole stream of events, except where a fault has cut it.
    pub body: Vec<u8>,
    pub delivery: Delivery,
    /// How long it takes: until a body is sent, or for all pieces of a stream.
    pub latency: Duration,
    pub record: Record,
}

/// The endpoint without its sockets and its clock.
#[derive(Debug)]
pub struct Core {
    seed: u64,
    faults: Faults,
    capacity: Option<Capacity>,
    latency: Duration,
    latency_spread: f64,
    api_key: Option<String>,
    /// When it started, as time since 1970.
    started: Duration,
    cast: Cast,
    ledger: Mutex<Ledger>,
}

/// What would be answered if nothing came in between.
enum Planned {
    Answer(Answer, Class),
    /// Nobody gets an answer to this, however often it is asked.
    FailsForGood(Answer, Class),
    /// Turned away for good reason, so that nothing can go wrong with it.
    TurnedAway(Failure, Class),
}

impl Core {
    /// `started` is the time since 1970 at which the endpoint's own time begins; only timestamps
    /// in answers depend on it.
    #[must_use]
    pub fn new(settings: &Settings, started: Duration) -> Self {
        Self {
            seed: settings.seed,
            faults: settings.faults,
            capacity: settings.capacity,
            latency: settings.latency,
            latency_spread: settings.latency_spread,
            api_key: settings.api_key.clone(),
            started,
            cast: Cast::new(settings.seed, &settings.prompts, settings.trouble.clone()),
            ledger: Mutex::new(Ledger::new(settings.limit)),
        }
    }

    /// Replaces the prompt set; answers that follow are ranked over the new one.
    pub fn set_prompts(&self, prompts: &[String]) {
        self.cast.set_prompts(prompts);
    }

    /// Replaces what is wrong, for the calls that follow. A model that is not served here answers to none.
    pub fn set_trouble(&self, trouble: Trouble) {
        self.cast.set_trouble(trouble);
    }

    /// Replaces the limit. `now` is the time since the start. What a sliding minute has seen counts
    /// under the new limit too.
    pub fn set_limit(&self, now: Duration, limit: Option<Limit>) {
        self.ledger().set_limit(now, limit);
    }

    /// Decides about one call. `now` is the time since the start.
    pub fn decide(&self, now: Duration, call: &Call<'_>) -> Decision {
        let incoming = Incoming::read(call);
        let planned = self.plan(&incoming);
        let admission = self.admit(now, &incoming, planned);
        self.write(now, &incoming, &admission)
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

    /// Whether this key is the one that is demanded, if one is.
    pub(crate) fn is_authorised(&self, credential: Option<&str>) -> bool {
        self.api_key.as_deref().is_none_or(|key| credential == Some(key))
    }

    /// Turns a call away, or lets the model answer. The answer is known before anything is counted,
    /// so that it can be counted by what it takes.
    fn plan(&self, incoming: &Incoming<'_>) -> Planned {
        if !self.is_authorised(incoming.call.credential) {
            let failure = FailureKind::Unauthorised.with(MISSING_KEY);
            return Planned::TurnedAway(failure, Class::Unauthorised);
        }
        let asked = match &incoming.asked {
            Ok(asked) => asked,
            Err(failure) => return Planned::TurnedAway(failure.clone(), Class::Invalid),
        };
        let Some(model) = self.cast.find(&asked.model) else {
            let failure = FailureKind::UnknownModel.with(format!("model: {}", asked.model));
            return Planned::TurnedAway(failure, Class::UnknownModel);
        };
        let (answer, class) = self.cast.play(&model.character, &incoming.key, asked);
        if self.cast.fails_for_good(&incoming.key, asked) {
            Planned::FailsForGood(answer, class)
        } else {
            Planned::Answer(answer, class)
        }
    }

    /// Writes a call in, and holds it against capacity and limit.
    fn admit(&self, now: Duration, incoming: &Incoming<'_>, planned: Planned) -> Admission {
        let mut ledger = self.ledger();
        let entry = ledger.enter(now, &incoming.key.name, incoming.model());
        let limit = ledger.limit().copied().unwrap_or_default();
        let outcome = self.choose(incoming, &entry, planned);
        let mut admission = Admission::new(entry, limit.tells, outcome);
        if admission.outcome.class != Class::Unauthorised {
            if self.is_shed(incoming.call) {
                admission.shed();
            } else {
                admission.arrive(&mut ledger, incoming, limit.counts_max_output);
            }
        }
        ledger.settle(admission.outcome.class, admission.outcome.is_slow());
        admission
    }

    /// Lets something go wrong, or not.
    fn choose(&self, incoming: &Incoming<'_>, entry: &Entry, planned: Planned) -> Outcome {
        match planned {
            Planned::TurnedAway(failure, class) => Outcome::turn_away(failure, class),
            Planned::FailsForGood(answer, class) => {
                Outcome::new(Some(Fault::Internal), answer, class)
            }
            Planned::Answer(answer, class) => {
                let can_stream = incoming.manner.streams && matches!(answer, Answer::Reply(_));
                let fault = self.draw_fault(entry, &incoming.key);
                let fault = fault.filter(|fault| can_stream || !fault.is_of_streams());
                Outcome::new(fault, answer, class)
            }
        }
    }

    /// Each call of a job draws anew, and the n-th one always draws the same.
    fn draw_fault(&self, entry: &Entry, key: &JobKey) -> Option<Fault> {
        Fault::draw(&self.faults, self.draw_nth(b"fault", entry, key))
    }

    fn draw_nth(&self, what: &[u8], entry: &Entry, key: &JobKey) -> f64 {
        let words = [what, key.name.as_bytes(), &entry.nth.to_le_bytes()];
        draw::uniform(draw::hash(self.seed, &words))
    }

    fn is_shed(&self, call: &Call<'_>) -> bool {
        let is_above = |capacity: Capacity| call.in_flight > u64::from(capacity.concurrency);
        self.capacity
            .is_some_and(|capacity| capacity.sheds == Sheds::Overloaded529 && is_above(capacity))
    }

    /// Puts what was decided into the vendor's words.
    fn write(&self, now: Duration, incoming: &Incoming<'_>, admission: &Admission) -> Decision {
        let occasion = self.describe(now, incoming, admission);
        let dressed = admission.outcome.dress(&occasion);
        let mut headers = admission.write_headers(&occasion);
        if dressed.is_stream {
            headers.push(("content-type", MEDIA_TYPE.to_owned()));
        }
        let record = Record {
            seq: admission.entry.seq,
            ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
            protocol: incoming.call.protocol,
            model: incoming.model().to_owned(),
            key: incoming.key.name.clone(),
            status: if dressed.delivery == Delivery::Reset { 0 } else { dressed.status },
            class: admission.outcome.class,
        };
        let latency = self.draw_latency(incoming, admission);
        let (status, body, delivery) = (dressed.status, dressed.body, dressed.delivery);
        Decision { status, headers, body, delivery, latency, record }
    }

    fn describe<'a>(
        &self,
        now: Duration,
        incoming: &'a Incoming<'_>,
        admission: &Admission,
    ) -> Occasion<'a> {
        let (key, model, manner) = (&incoming.key.name, incoming.model(), &incoming.manner);
        let id = draw::hash(self.seed, &[b"id", key.as_bytes()]);
        let reasoning = match &admission.outcome.answer {
            Answer::Reply(reply) => reply.reasoning(manner),
            Answer::Failure(_) => None,
        };
        let envelope = Envelope {
            id,
            model: self.cast.find(model).and_then(|found: Model| found.echo).unwrap_or(model),
            usage: admission.usage,
            reasoning,
            logprobs: manner.logprobs,
            tells_usage: manner.tells_usage,
            unix_now: self.started + now,
        };
        Occasion {
            protocol: incoming.call.protocol,
            envelope,
            // Two calls of one job have different request ids.
            request_id: format!("req_sim_{id:016x}_{}", admission.entry.nth),
            streams: manner.streams,
            slow_for: self.faults.slow_for,
        }
    }

    /// Who is turned away by limit or capacity is so at once.
    fn draw_latency(&self, incoming: &Incoming<'_>, admission: &Admission) -> Duration {
        if self.latency.is_zero() || admission.is_turned_away {
            return Duration::ZERO;
        }
        let uniform = self.draw_nth(b"latency", &admission.entry, &incoming.key);
        let share = 1.0 + self.latency_spread * (2.0 * uniform - 1.0);
        self.latency.mul_f64(share * self.slowness(incoming.call))
    }

    /// How much longer everything takes, with so many calls in flight.
    fn slowness(&self, call: &Call<'_>) -> f64 {
        match self.capacity {
            Some(Capacity { concurrency, sheds: Sheds::Slower }) => {
                (call.in_flight as f64 / f64::from(concurrency.max(1))).max(1.0)
            }
            Some(Capacity { sheds: Sheds::Overloaded529, .. }) | None => 1.0,
        }
    }
}
