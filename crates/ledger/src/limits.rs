//! What is known of a pool before anything was called.

use std::time::Duration;

use iago_sweep::Money;

/// The limits of a pool as configured. What is `None` is unknown, never "without limit".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Calls that may start in any minute.
    pub requests_per_minute: Option<u32>,
    /// Input tokens of the calls that start in any minute.
    pub input_tokens_per_minute: Option<u64>,
    /// Output tokens of the calls that start in any minute.
    pub output_tokens_per_minute: Option<u64>,
    /// Tokens of both kinds of the calls that start in any minute.
    pub tokens_per_minute: Option<u64>,
    /// Calls that may start in any 24 hours.
    pub requests_per_day: Option<u64>,
    /// What the calls of any 24 hours may cost, those under way at the most that they can.
    pub dollars_per_day: Option<Money>,
    /// Calls under way at once. Unknown: starts at [`crate::UNKNOWN_CONCURRENCY`] and is learnt.
    pub concurrency: Option<u32>,
}

impl Limits {
    /// Whether a limit by the minute is configured.
    pub(crate) fn has_minute(&self) -> bool {
        self.requests_per_minute.is_some()
            || self.input_tokens_per_minute.is_some()
            || self.output_tokens_per_minute.is_some()
            || self.tokens_per_minute.is_some()
    }

    /// Whether a limit by the day is configured.
    pub(crate) fn has_day(&self) -> bool {
        self.requests_per_day.is_some() || self.dollars_per_day.is_some()
    }
}

/// What a pool was used for before this ledger began, from the facts in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsedBefore {
    /// How long ago, at the start of the ledger.
    pub ago: Duration,
    /// Calls then.
    pub calls: u64,
    /// What they cost.
    pub cost: Money,
}
