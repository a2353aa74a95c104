//! Calls, as they are asked for and told of.
//!
//! When a call of a metered pool may begin is decided in one place; workers ask for each, and tell
//! how it ended.

use iago_sweep::{CallEnd, Money, Need, Told};

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
