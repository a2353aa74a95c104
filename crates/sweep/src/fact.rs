//! What a store keeps. Facts are appended and never changed.

use serde::{Deserialize, Serialize};

use crate::{Digest, Finish, JobId, Money, Parse, Text, Usage, words};

/// Something that happened in one sweep.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A job has its one answer.
    Result(Box<ResultFact>, Text),
    /// A job ended without an answer.
    Failure(FailureFact),
    /// Something else that cost calls.
    Attempt(AttemptFact),
    /// Work may be in flight up to here, and nowhere beyond.
    Frontier(Frontier),
}

/// The one durable answer of a job, without its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultFact {
    /// Which job.
    pub job: JobId,
    /// The leadership term of the lease.
    pub term: u64,
    /// Which execution of the job this was, from 1.
    pub attempt: u32,
    /// Why the model stopped.
    pub finish: Finish,
    /// Whether its fields could be read.
    pub parse: Parse,
    /// What a judge said; `None` for a generate stage.
    pub label: Option<Label>,
    /// The stages that this result opens, one bit each.
    pub opens: u64,
    /// The stages for which opening was decided, one bit each; a stage added later is not among them.
    pub decided: u64,
    /// Tokens of the answering call.
    pub usage: Usage,
    /// What the attempt cost; `None` where the endpoint's price is not known.
    pub cost: Option<Money>,
    /// From the start of the answering call to the end of its body, in milliseconds.
    pub latency_ms: u32,
    /// HTTP exchanges in the attempt, the answering one among them.
    pub calls: u32,
    /// How many of them were throttled.
    pub throttles: u32,
    /// The model id that the endpoint says answered.
    pub echoed_model: Option<String>,
    /// Hash of the body sent; every call of an attempt sends the same one.
    pub request: Digest,
    /// The endpoint declared that its behaviour is planted.
    pub simulated: bool,
}

/// What a stored text came to when it was read in another way than at first. A result stays what it
/// is; where its stage is read anew ([`Plan::reread`](crate::Plan)), the reading with the plan's
/// [`grammar`](crate::Plan::grammar_of) counts in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingFact {
    /// Which job's text.
    pub job: JobId,
    /// How it was read.
    pub grammar: Digest,
    /// Whether its fields could be read.
    pub parse: Parse,
    /// What a judge or a score came to; `None` for a generate stage.
    pub label: Option<Label>,
    /// The stages that it opens now, one bit each.
    pub opens: u64,
    /// The stages for which that was decided.
    pub decided: u64,
}

/// What a judge's answer came to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Label {
    /// One of the question's words.
    Word(String),
    /// It said that it cannot tell, or nothing that can be read as a label. Never a class.
    Abstained,
}

/// A job ended without an answer, in one retry round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureFact {
    /// Which job.
    pub job: JobId,
    /// The retry round, from 0.
    pub round: u32,
    /// The leadership term of the lease.
    pub term: u64,
    /// Which execution of the job this was, from 1.
    pub attempt: u32,
    /// What kind of end it was.
    pub class: FailureClass,
    /// The HTTP status of the last call, if there was one.
    pub status: Option<u16>,
    /// The provider's words, shortened; never the prompt.
    pub message: String,
    /// HTTP exchanges in the attempt.
    pub calls: u32,
    /// How many of them were throttled.
    pub throttles: u32,
    /// What the attempt cost: the turns of it that were answered. `None` where that is not known, and
    /// zero where nothing was called.
    pub cost: Option<Money>,
    /// The endpoint declared that its behaviour is planted.
    pub simulated: bool,
}

/// Calls that led to no new result or failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptFact {
    /// Which job.
    pub job: JobId,
    /// The leadership term of the lease.
    pub term: u64,
    /// Which execution of the job this was, from 1.
    pub attempt: u32,
    /// Why it counts here.
    pub cause: AttemptCause,
    /// HTTP exchanges in it; for an abandoned lease the last number known.
    pub calls: u32,
    /// What it cost, or could at most have cost.
    pub cost: Option<Money>,
}

words! {
    /// What kind of end a failure is.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    FailureClass, "failure class", {
        /// The endpoint will never answer this request.
        Rejected = "rejected",
        /// Every allowed call ended in a passing trouble.
        Exhausted = "exhausted",
        /// Two workers were lost on it.
        Quarantined = "quarantined",
    }
}

words! {
    /// Why an attempt has a row of its own.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    AttemptCause, "attempt cause", {
        /// Another attempt's result was committed first.
        Duplicate = "duplicate",
        /// Its worker was lost.
        Abandoned = "abandoned",
        /// Its worker gave it back unfinished: it was stopped, or its pool was paused.
        Released = "released",
    }
}

/// How far work may be in flight in one walk over a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontier {
    /// The revision of the plan that is walked.
    pub revision: u32,
    /// The pool whose walk it is.
    pub pool: String,
    /// Nothing at or beyond this position of the walk was ever handed out.
    pub position: u64,
}
