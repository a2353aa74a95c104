//! What people are shown of a pool.

use iago_sweep::Money;

/// A pool as it is now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PoolState {
    /// Whether its calls ask first.
    pub metered: bool,
    /// Each quantity that is limited by the minute, and the requests in any case.
    pub minute: Vec<QuantityState>,
    /// Calls of the last 24 hours.
    pub calls_of_day: u64,
    /// The most calls of 24 hours, and who says so.
    pub calls_per_day: Option<(u64, Source)>,
    /// What the calls of the last 24 hours cost, or may still cost.
    pub cost_of_day: Money,
    /// The most that the calls of 24 hours may cost.
    pub dollars_per_day: Option<Money>,
    /// Calls that may be under way at once.
    pub concurrency: u32,
    /// Asks that draw from it and wait.
    pub waiting: usize,
    /// Why the oldest of them waits, in words; `None` where nothing waits for this pool.
    pub waits_for: Option<String>,
}

/// One quantity that is limited by the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuantityState {
    /// Which, in words ("requests", "input tokens", "output tokens", "tokens").
    pub quantity: &'static str,
    /// What may be used in a minute now, and where that is from; `None` is unknown.
    pub limit: Option<(u64, Source)>,
    /// What was used in the last minute, calls under way included.
    pub used: u64,
}

/// Where a limit is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The settings.
    Configured,
    /// Headers of replies.
    Told,
    /// Discovered from calls that were throttled.
    Discovered,
}

impl Source {
    /// The word for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Told => "told",
            Self::Discovered => "discovered",
        }
    }
}
