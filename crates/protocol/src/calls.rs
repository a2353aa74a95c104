//! Calls, as they are asked for and told of.
//!
//! When a call of a metered pool may begin is decided in one place; workers ask for each, and tell
//! how it ended.

use std::time::Duration;

use iago_sweep::{Money, Need};

/// A call that waits to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The worker's own count, never used again.
    pub number: u64,
    /// The pools that it draws from.
    pub pools: Vec<String>,
    /// The tokens that it is expected to take.
    pub need: Need,
    /// Input tokens that it is sure to take at least: only for these can it be refused.
    pub certain: u64,
    /// What it can cost at most; `None` where no price is known.
    pub cost_most: Option<Money>,
}

/// A call that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The ask that it was granted by; `None` where no pool of it was metered.
    pub grant: Option<u64>,
    /// The pools that it drew from.
    pub pools: Vec<String>,
    /// Milliseconds from its start to its end.
    pub took_ms: u32,
    /// How it ended.
    pub how: CallEnd,
    /// The tokens that it took; `None` where nobody knows.
    pub usage: Option<Need>,
    /// What it cost; `None` where nobody knows.
    pub cost: Option<Money>,
    /// What the reply said of limits.
    pub told: Told,
}

/// How a call ended, as far as limits are concerned. Durations travel in whole milliseconds, and are
/// rounded up: nobody comes back too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// With an answer.
    Answered,
    /// Refused, since a limit of this account was reached.
    Throttled {
        /// When to come back, as the reply says.
        retry_after: Option<Duration>,
    },
    /// Refused, since the server has too much to do for anybody.
    Overloaded {
        /// When to come back, as the reply says.
        retry_after: Option<Duration>,
    },
    /// An error of the server, silence, or a connection that broke.
    Broken,
    /// A refusal that says nothing of limits.
    Other,
    /// It was never sent.
    Unsent,
}

/// What the headers of a reply say of limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Of requests.
    pub requests: Option<ToldLimit>,
    /// Of input tokens.
    pub input_tokens: Option<ToldLimit>,
    /// Of output tokens.
    pub output_tokens: Option<ToldLimit>,
    /// Of tokens of both kinds.
    pub tokens: Option<ToldLimit>,
}

/// What the headers of a reply say of one limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToldLimit {
    /// It is a limit by the day; otherwise by the minute.
    pub per_day: bool,
    /// All of it.
    pub limit: Option<u64>,
    /// What is left of it.
    pub remaining: Option<u64>,
    /// When it is whole again.
    pub reset_after: Option<Duration>,
}
