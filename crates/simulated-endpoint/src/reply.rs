//! What goes back to the caller, before it takes a vendor's shape.

use std::time::Duration;

use crate::limit::Quantity;
use crate::usage::Usage;

/// An answer with status 200.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The model says something, which continues the prefill if there was one.
    Text { text: String, finish: Finish },
    /// The vendor's filter declines. Where a vendor has two ways to say so, `variant` picks one.
    Declined { variant: u64 },
}

/// Why a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    Complete,
    Length,
}

/// An error and the vendor's words for it.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) message: String,
}

/// What kind of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    Invalid,
    Unauthorised,
    UnknownModel,
    TooLarge,
    /// The limit on this is reached.
    Throttled(Quantity),
    /// No money: the status is that of a rate limit, and waiting does not help.
    OutOfMoney,
    Internal,
    Overloaded,
}

/// What stands around an answer.
#[derive(Debug)]
pub(crate) struct Envelope<'a> {
    /// Derived from the job's key; each vendor has a prefix for it.
    pub(crate) id: u64,
    /// The requested model, which is echoed.
    pub(crate) model: &'a str,
    pub(crate) usage: Usage,
    /// What is said to have been thought before the answer.
    pub(crate) reasoning: Option<&'static str>,
    /// Alternatives per token.
    pub(crate) logprobs: Option<u32>,
    /// Whether a stream of chunks ends with its usage.
    pub(crate) tells_usage: bool,
    pub(crate) unix_now: Duration,
}

/// Stands in a text where its JSON is to have a lone surrogate, which no Rust string can hold.
pub(crate) const LONE_SURROGATE: char = '\u{E000}';

impl FailureKind {
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthorised => 401,
            Self::UnknownModel => 404,
            Self::TooLarge => 413,
            Self::Throttled(_) | Self::OutOfMoney => 429,
            Self::Internal => 500,
            Self::Overloaded => 529,
        }
    }

    pub(crate) fn with(self, message: impl Into<String>) -> Failure {
        Failure { kind: self, message: message.into() }
    }
}

impl Reply {
    /// What the model says; nothing if it was not asked at all.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            Self::Declined { .. } => None,
        }
    }

    /// What the answer counts as.
    pub(crate) fn output_tokens(&self) -> u64 {
        match self {
            Self::Text { text, .. } => tokens(text.chars().count()),
            Self::Declined { .. } => 0,
        }
    }
}

/// The price list of the simulation: four characters are a token, and a part of one counts.
pub(crate) fn tokens(characters: usize) -> u64 {
    characters.div_ceil(4) as u64
}

/// Turns JSON into bytes, with lone surrogates where the text has their stand-in.
pub(crate) fn encode(json: &serde_json::Value) -> Vec<u8> {
    let text = json.to_string();
    if text.contains(LONE_SURROGATE) {
        text.replace(LONE_SURROGATE, "\\ud800").into_bytes()
    } else {
        text.into_bytes()
    }
}
