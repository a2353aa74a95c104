//! What happens to a call: a function of the settings, the time, the call, and the calls before it.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use crate::conversation::{Conversation, Unreadable};
use crate::fault::Fault;
use crate::judge::{self, Case};
use crate::key::JobKey;
use crate::ledger::{Class, Entry, Ledger, Log, Record};
use crate::limit::Limiter;
use crate::models::{self, Character, Model};
use crate::outcome::{Answer, Outcome, write_headers};
use crate::prompt_set::PromptSet;
use crate::protocol::Protocol;
use crate::ranks::Place;
use crate::reply::{Envelope, Failure, FailureKind, tokens};
use crate::settings::{Faults, Settings};
use crate::{
    actor, assistant, calculator, draw, liar, paraphraser, scholar, subject, tags, teller, writer,
};

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
    prompts: RwLock<PromptSet>,
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
            prompts: RwLock::new(PromptSet::new(settings.seed, &settings.prompts)),
            ledger: Mutex::new(Ledger::new(settings.limit.map(Limiter::new))),
        }
    }

    /// Replaces the prompt set; answers that follow are ranked over the new one.
    pub fn set_prompts(&self, prompts: &[String]) {
        let prompts = PromptSet::new(self.seed, prompts);
        *self.prompts.write().unwrap_or_else(PoisonError::into_inner) = prompts;
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
            model: models::find(model).and_then(|found: Model| found.echo).unwrap_or(model),
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
        let say =
            |(text, class): (String, Class)| (Answer::text(asked.continue_with(&text)), class);
        match character {
            Character::Subject(subject) => {
                let place = self.place_of_request(key, asked);
                let (reply, class) = subject::answer(subject, asked, place, self.wording(key));
                (Answer::Reply(reply), class)
            }
            Character::Scholar(scholar) => {
                let place = self.place_of_request(key, asked);
                say(scholar::answer(scholar, asked, place, self.wording(key)))
            }
            Character::Judge(judge) => {
                let case = Case { message: asked.user(), seed: self.seed, key: &key.name };
                say(judge::answer(*judge, &case))
            }
            Character::Calculator { right } => {
                let place = self.place(key, asked, PromptSet::place_of_problem);
                say(calculator::answer(*right, asked, place))
            }
            Character::Assistant => say(self.assist(key, asked)),
            Character::Paraphraser => say(self.paraphrase(key, asked)),
            Character::Liar => {
                say(liar::answer(asked, self.place_of_request(key, asked), self.wording(key)))
            }
            Character::Writer => say(self.write(key, asked)),
            Character::Actor(actor) => {
                say(actor::answer(*actor, asked, key.repeat, self.wording(key)))
            }
            Character::Teller(teller) => {
                let place = self.place(key, asked, |set, user, repeat| {
                    set.place_of_question(teller::read_question(user), repeat)
                });
                say(teller::answer(*teller, asked, place, key.repeat, self.wording(key)))
            }
            Character::Echo => say(("<OUTPUT>ok</OUTPUT>".to_owned(), Class::Echo)),
            Character::Rejects => {
                fail(FailureKind::Invalid, "this model calls every request invalid", Class::Invalid)
            }
            Character::Billing => {
                fail(FailureKind::OutOfMoney, "the credit is used up", Class::OutOfMoney)
            }
        }
    }

    fn assist(&self, key: &JobKey, asked: &Conversation) -> (String, Class) {
        let kind = assistant::Kind::of(asked.asking()).unwrap_or(assistant::Kind::Task);
        let place =
            self.place(key, asked, |set, user, repeat| set.place_of_kind(kind, user, repeat));
        assistant::answer(kind, place, self.wording(key))
    }

    fn paraphrase(&self, key: &JobKey, asked: &Conversation) -> (String, Class) {
        let place = self.place(key, asked, |set, user, repeat| {
            set.place(paraphraser::trim_tags(paraphraser::find_text(user)), repeat)
        });
        paraphraser::answer(paraphraser::find_text(asked.asking()), place, key.turn)
    }

    fn write(&self, key: &JobKey, asked: &Conversation) -> (String, Class) {
        let place = self.place(key, asked, |set, user, repeat| {
            set.place_of_topic(writer::find_topic(user), repeat)
        });
        writer::answer(asked, place, key.repeat)
    }

    /// The dice of one call's wording: a further turn or try has another one.
    fn wording(&self, key: &JobKey) -> u64 {
        draw::hash(self.seed, &[b"wording", key.name.as_bytes()])
    }

    /// Where a request stands, which is in its tag or is a whole message.
    fn place_of_request(&self, key: &JobKey, asked: &Conversation) -> Place {
        self.place(key, asked, |set, user, repeat| {
            let request = tags::read_request(user).unwrap_or(user);
            set.place_of_request(request, repeat).or_else(|| set.place(request, repeat))
        })
    }

    /// The place of the last message of the user that has one; without any, the job's draw.
    fn place(
        &self,
        key: &JobKey,
        asked: &Conversation,
        find: impl Fn(&PromptSet, &str, u64) -> Option<Place>,
    ) -> Place {
        let prompts = self.prompts.read().unwrap_or_else(PoisonError::into_inner);
        let ranked = asked.users.iter().rev().find_map(|user| find(&prompts, user, key.repeat));
        let draw = || draw::hash(self.seed, &[b"place", key.job().as_bytes()]);
        ranked.unwrap_or_else(|| Place::drawn(draw()))
    }
}

fn fail(kind: FailureKind, message: &str, class: Class) -> (Answer, Class) {
    (Answer::Failure(kind.with(message)), class)
}

fn read(call: &Call<'_>) -> Result<Conversation, Failure> {
    if call.body.len() > BODY_BYTES_MAX {
        return Err(FailureKind::TooLarge.with("the request is larger than 32 MiB"));
    }
    let read = call.protocol.read(call.version, call.body);
    read.map_err(|Unreadable(why)| FailureKind::Invalid.with(why))
}
