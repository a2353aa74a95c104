//! How a call ended, and what its reply told of limits: said by whoever calls, learnt from by whoever
//! keeps limits.

use std::time::Duration;

/// How a call ended, as far as limits are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// With an answer.
    Answered,
    /// Refused because a limit of this account was reached (429).
    Throttled {
        /// When to call again, as the reply says.
        retry_after: Option<Duration>,
    },
    /// Refused because the endpoint has too much to do for anybody (503, 529).
    Overloaded {
        /// When to call again, as the reply says.
        retry_after: Option<Duration>,
    },
    /// Without a whole reply, or with another 5xx.
    Broken,
    /// With a reply that says nothing about limits (another 4xx).
    Other,
    /// It never left the worker.
    Unsent,
}

/// What the headers of a reply tell of limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Of calls.
    pub requests: Option<ToldLimit>,
    /// Of input tokens.
    pub input_tokens: Option<ToldLimit>,
    /// Of output tokens.
    pub output_tokens: Option<ToldLimit>,
    /// Of tokens of both kinds.
    pub tokens: Option<ToldLimit>,
}

/// One limit as headers tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToldLimit {
    /// By the day; by the minute otherwise.
    pub per_day: bool,
    /// The limit. Zero means unknown.
    pub limit: Option<u64>,
    /// What is left of it.
    pub remaining: Option<u64>,
    /// When all of it is there again.
    pub reset_after: Option<Duration>,
}
