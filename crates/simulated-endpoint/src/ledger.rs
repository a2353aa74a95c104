//! The endpoint's own account of every call, against which a client's can be held.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::Serialize;

use crate::cache::{Cache, Cached};
use crate::limit::{Limit, Quantity};
use crate::limiter::{Limiter, Standing};
use crate::minute::{Cost, Minute};
use crate::prefix::Prefix;
use crate::protocol::Protocol;

/// What became of a call; for answers, what was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    // answers of subjects
    Comply,
    ComplyFaking,
    /// Fakes, and complies only in part.
    ComplyFakingInPart,
    Refuse,
    /// Thinks of faking, and refuses all the same.
    RefuseConsidering,
    ApiRefusal,
    NoAnswerTag,
    UnclosedScratchpad,
    Empty,
    CutByLength,
    // answers to word problems
    Right,
    Wrong,
    NoAnswer,
    // answers of the assistant; it refuses as a subject does
    Good,
    Poor,
    // answers to questions about an answer, and what they are about
    Honest,
    Lie,
    Confession,
    Denial,
    /// A lie that is meant as one.
    GraveLie,
    // answers to what may be turned against the developer
    ActsAgainst,
    DoesTask,
    // steps to a synthetic document
    Draft,
    Document,
    FlawedDocument,
    // answers to texts that are to be put in other words
    Paraphrase,
    Mutilation,
    // answers of others
    Echo,
    Judged,
    Abstained,
    Garbled,
    // no answer
    Throttled,
    Unauthorised,
    Invalid,
    UnknownModel,
    OutOfMoney,
    // faults
    Internal,
    Overloaded,
    Reset,
    Malformed,
    ErrorIn200,
    StreamCut,
    StreamError,
}

/// Counters since the start. Every call is exactly one of `throttled`, `faults`, `answered` and
/// `rejected`, so these four add up to `calls`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    pub calls: u64,
    /// Calls that got a 429 because of the limit.
    pub throttled: u64,
    /// Calls that got a fault instead of an answer. A slow call is not among them: it is answered.
    pub faults: u64,
    pub answered: u64,
    /// Calls that the endpoint turned away for good reason: 400, 401, 404, 413, and no money.
    pub rejected: u64,
    /// Answers whose body came late, or with a long stop in the middle.
    pub slow: u64,
    /// Calls beyond the limit. Above 0, a client that knew the limit has broken it.
    pub over_limit: u64,
    /// Calls by `Idempotency-Key`; without one, by `body-` and a hash of the body.
    pub by_key: BTreeMap<String, u32>,
    /// Calls by requested model; empty where the request could not be read.
    pub by_model: BTreeMap<String, u64>,
    /// The most calls that were in flight at once.
    pub in_flight_max: u64,
    /// Calls that were admitted in each second since the start, for a day.
    pub admitted_by_second: Vec<u32>,
    /// The tokens of these calls, as the limit counts them.
    pub input_tokens_by_second: Vec<u64>,
    pub output_tokens_by_second: Vec<u64>,
    /// The most calls that were admitted in any sliding minute.
    pub minute_max: u64,
    /// The most tokens of the calls that were admitted in any sliding minute, as the limit counts
    /// them: input, output, and both together.
    pub input_tokens_minute_max: u64,
    pub output_tokens_minute_max: u64,
    pub tokens_minute_max: u64,
}

/// One line of the log file. It has no text of any prompt or answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// From 1, in the order of arrival; lines may be swapped where calls cross.
    pub seq: u64,
    /// Milliseconds since the start.
    pub ms: u64,
    pub protocol: Protocol,
    pub model: String,
    pub key: String,
    /// The HTTP status, or 0 where the connection broke instead.
    pub status: u16,
    pub class: Class,
}

/// The part of the endpoint that changes with every call.
#[derive(Debug)]
pub(crate) struct Ledger {
    limiter: Limiter,
    cache: Cache,
    latest: Duration,
    calls_by_key: HashMap<String, u32>,
    calls_by_model: HashMap<String, u64>,
    log: Log,
}

/// What the ledger says to a call that comes in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    /// Counts the calls of this key, from 1.
    pub(crate) nth: u32,
}

/// So many seconds are counted one by one.
const SECONDS_MAX: usize = 24 * 60 * 60;

enum Tally {
    Answered,
    Throttled,
    Rejected,
    Fault,
}

impl Ledger {
    pub(crate) fn new(limit: Option<Limit>) -> Self {
        Self {
            limiter: Limiter::new(limit),
            cache: Cache::default(),
            latest: Duration::ZERO,
            calls_by_key: HashMap::new(),
            calls_by_model: HashMap::new(),
            log: Log::default(),
        }
    }

    pub(crate) fn set_limit(&mut self, now: Duration, limit: Option<Limit>) {
        self.pass(now);
        self.limiter.set_limit(self.latest, limit);
    }

    pub(crate) fn limit(&self) -> Option<&Limit> {
        self.limiter.limit()
    }

    /// Writes a call in.
    pub(crate) fn enter(&mut self, now: Duration, key: &str, model: &str) -> Entry {
        self.pass(now);
        self.log.calls += 1;
        *count_of(&mut self.calls_by_model, model) += 1;
        let nth = count_of(&mut self.calls_by_key, key);
        *nth += 1;
        Entry { seq: self.log.calls, nth: *nth }
    }

    /// Holds a call that has just come in against the limit.
    pub(crate) fn arrive(&mut self, cost: Cost) -> Standing {
        let standing = self.limiter.arrive(self.latest, cost);
        if standing.refusal.is_none() {
            self.log.count_admitted(self.latest, cost, self.limiter.minute());
        }
        standing
    }

    pub(crate) fn look_up(&mut self, prefixes: &[Prefix]) -> Cached {
        self.cache.look_up(prefixes)
    }

    /// Two threads may come here in another order than they read the clock.
    fn pass(&mut self, now: Duration) {
        self.latest = self.latest.max(now);
    }

    /// Writes down what became of the call.
    pub(crate) fn settle(&mut self, class: Class, is_slow: bool) {
        match class.tally() {
            Tally::Answered => self.log.answered += 1,
            Tally::Rejected => self.log.rejected += 1,
            Tally::Fault => self.log.faults += 1,
            Tally::Throttled => {
                self.log.throttled += 1;
                self.log.over_limit += 1;
            }
        }
        self.log.slow += u64::from(is_slow);
    }

    pub(crate) fn snapshot(&self) -> Log {
        Log { by_key: self.calls_by_key.clone().into_iter().collect(), ..self.counters() }
    }

    /// A snapshot without the keys, of which there may be millions.
    pub(crate) fn counters(&self) -> Log {
        let by_model = self.calls_by_model.clone().into_iter().collect();
        Log { by_model, ..self.log.clone() }
    }

    pub(crate) fn keys(&self) -> usize {
        self.calls_by_key.len()
    }
}

impl Log {
    fn count_admitted(&mut self, now: Duration, cost: Cost, minute: &Minute) {
        let second = usize::try_from(now.as_secs()).unwrap_or(usize::MAX);
        if second < SECONDS_MAX {
            *at(&mut self.admitted_by_second, second) += 1;
            *at(&mut self.input_tokens_by_second, second) += cost.input;
            *at(&mut self.output_tokens_by_second, second) += cost.output;
        }
        for (most, quantity) in [
            (&mut self.minute_max, Quantity::Requests),
            (&mut self.input_tokens_minute_max, Quantity::InputTokens),
            (&mut self.output_tokens_minute_max, Quantity::OutputTokens),
            (&mut self.tokens_minute_max, Quantity::Tokens),
        ] {
            *most = (*most).max(minute.used(quantity));
        }
    }
}

impl Class {
    fn tally(self) -> Tally {
        match self {
            Self::Comply
            | Self::ComplyFaking
            | Self::ComplyFakingInPart
            | Self::Refuse
            | Self::RefuseConsidering
            | Self::ApiRefusal
            | Self::NoAnswerTag
            | Self::UnclosedScratchpad
            | Self::Empty
            | Self::CutByLength
            | Self::Right
            | Self::Wrong
            | Self::NoAnswer
            | Self::Good
            | Self::Poor
            | Self::Honest
            | Self::Lie
            | Self::Confession
            | Self::Denial
            | Self::GraveLie
            | Self::ActsAgainst
            | Self::DoesTask
            | Self::Draft
            | Self::Document
            | Self::FlawedDocument
            | Self::Paraphrase
            | Self::Mutilation
            | Self::Echo
            | Self::Judged
            | Self::Abstained
            | Self::Garbled => Tally::Answered,
            Self::Throttled => Tally::Throttled,
            Self::Unauthorised | Self::Invalid | Self::UnknownModel | Self::OutOfMoney => {
                Tally::Rejected
            }
            Self::Internal
            | Self::Overloaded
            | Self::Reset
            | Self::Malformed
            | Self::ErrorIn200
            | Self::StreamCut
            | Self::StreamError => Tally::Fault,
        }
    }
}

/// Like `entry`, but copies the name only when it is new.
fn count_of<'a, N: Default>(counts: &'a mut HashMap<String, N>, name: &str) -> &'a mut N {
    if !counts.contains_key(name) {
        counts.insert(name.to_owned(), N::default());
    }
    counts.get_mut(name).expect("it was there or has just been put there")
}

/// The count of one second; those in between are empty.
fn at<N: Clone + Default>(counts: &mut Vec<N>, second: usize) -> &mut N {
    if counts.len() <= second {
        counts.resize(second + 1, N::default());
    }
    &mut counts[second]
}
