//! The endpoint's own account of every call, against which a client's can be held.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::Serialize;

use crate::limit::{Limiter, Standing};
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
    /// Answers whose body came late.
    pub slow: u64,
    /// Calls beyond the limit. Above 0, a client that knew the limit has broken it.
    pub over_limit: u64,
    /// Calls by `Idempotency-Key`; without one, by `body-` and a hash of the body.
    pub by_key: BTreeMap<String, u32>,
    /// Calls by requested model; empty where the request could not be read.
    pub by_model: BTreeMap<String, u64>,
    /// The most calls that were in flight at once.
    pub in_flight_max: u64,
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
    limiter: Option<Limiter>,
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
    /// Nothing without a limit.
    pub(crate) standing: Option<Standing>,
}

enum Tally {
    Answered,
    Throttled,
    Rejected,
    Fault,
}

impl Ledger {
    pub(crate) fn new(limiter: Option<Limiter>) -> Self {
        Self {
            limiter,
            latest: Duration::ZERO,
            calls_by_key: HashMap::new(),
            calls_by_model: HashMap::new(),
            log: Log::default(),
        }
    }

    /// Writes a call in. Only a call with a good key is held against the limit.
    pub(crate) fn enter(
        &mut self,
        now: Duration,
        key: &str,
        model: &str,
        authorised: bool,
    ) -> Entry {
        // Two threads may reach this line in another order than they read the clock.
        self.latest = self.latest.max(now);
        self.log.calls += 1;
        *count_of(&mut self.calls_by_model, model) += 1;
        let nth = count_of(&mut self.calls_by_key, key);
        *nth += 1;
        let limiter = self.limiter.as_mut().filter(|_| authorised);
        let standing = limiter.map(|limiter| limiter.arrive(self.latest));
        Entry { seq: self.log.calls, nth: *nth, standing }
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

impl Entry {
    /// How long to wait, if the call was not admitted.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.standing.and_then(|standing| standing.retry_after)
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
            | Self::ErrorIn200 => Tally::Fault,
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
