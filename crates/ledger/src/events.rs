//! All that can happen to a ledger, and all that it can decide.

use std::time::Duration;

use iago_sweep::{CallEnd, Money, Need, PoolId, Told, WorkerId};

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
    pub how: CallEnd,
    /// Tokens that it really took, where the reply says so.
    pub usage: Option<Need>,
    /// What it cost, where that is known.
    pub cost: Option<Money>,
    /// What the headers said.
    pub told: Told,
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
