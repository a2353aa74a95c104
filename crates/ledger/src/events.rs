//! All that can happen to a ledger, and all that it can decide.

use std::time::Duration;

use iago_sweep::{Money, Need, PoolId, WorkerId};

/// Something that happened, as far as limits are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all events are the large one, and none is kept"
)]
pub enum Event {
    /// A connection of this worker begins: what it asked for before is void.
    Joined(WorkerId),
    /// Its connection ended: what it asked for is void; what it was granted stays charged, since it may have called.
    Parted(WorkerId),
    /// It has a free slot and wants to call.
    Asked(WorkerId, Ask),
    /// An ask (by its number) that is not wanted any more, granted or not; what was charged comes back.
    Withdrew(WorkerId, u64),
    /// A call ended, in a metered pool or not.
    Ended(WorkerId, Ended),
    /// A person acted on the pool: pauses are forgotten, the trying of single calls after refusals, and the concurrency
    /// learnt to be less than configured.
    Free(PoolId),
}

/// A wish to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Chosen by the worker, never used twice in one connection.
    pub number: u64,
    /// The pools that the call draws from: the endpoint's own first.
    pub pools: Vec<PoolId>,
    /// Tokens that it is expected to take.
    pub need: Need,
    /// Input tokens that it takes for certain at least; zero where that is not known. Only what is certain can make a
    /// call too large.
    pub certain: u64,
    /// What it can cost at most; `None` where a price is not known.
    pub cost_most: Option<Money>,
}

/// How a call ended, and what its reply told of the limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The ask that was granted for it; `None` where no pool of it was metered when it started.
    pub number: Option<u64>,
    /// The pools that it drew from: the endpoint's own first.
    pub pools: Vec<PoolId>,
    /// From its start to its end.
    pub took: Duration,
    /// How it ended.
    pub how: How,
    /// Tokens that it really took, where the reply says so.
    pub usage: Option<Need>,
    /// What it cost, where that is known.
    pub cost: Option<Money>,
    /// What the headers said.
    pub told: Told,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// With an answer.
    Answered,
    /// Refused because a limit was reached (429).
    Throttled {
        /// What the reply says about when to call again.
        retry_after: Option<Duration>,
    },
    /// Refused because the endpoint has too much to do (503, 529).
    Overloaded {
        /// What the reply says about when to call again.
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
    /// Calls.
    pub requests: Option<ToldLimit>,
    /// Input tokens.
    pub input_tokens: Option<ToldLimit>,
    /// Output tokens.
    pub output_tokens: Option<ToldLimit>,
    /// Tokens of both kinds.
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

/// Something that the ledger decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// This ask of this worker may call now. It is charged.
    Grant(WorkerId, u64),
    /// This ask can never be granted; why, for people.
    Refuse(WorkerId, u64, String),
    /// This ask cannot be noted now, for a reason that passes: the worker gives its job back untouched.
    Decline(WorkerId, u64),
    /// Whether calls of this pool ask first, from now on.
    Meter(PoolId, bool),
    /// So many calls of this pool may be under way from now on, over all workers.
    Concurrency(PoolId, u32),
}
