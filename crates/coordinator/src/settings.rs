//! What a coordinator is told at its start.

use std::collections::BTreeMap;

use iago_sweep::Price;

/// What may be used of a pool, over all workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Its name; an endpoint's.
    pub name: String,
    /// Calls a minute; unlimited where absent.
    pub requests_per_minute: Option<u32>,
    /// Calls at once.
    pub concurrency: u32,
    /// Prices by model id, for what a job can cost at most.
    pub prices: BTreeMap<String, Price>,
}

/// What a coordinator is told at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who leads: host and process, for people.
    pub holder: String,
    /// Its pools.
    pub pools: Vec<PoolSettings>,
}

impl PoolSettings {
    /// How many assignments may be out: one in each slot, and as many again (but not without
    /// bound) so that no slot waits for the next one to travel.
    pub(crate) fn window(&self) -> u32 {
        const AHEAD_MAX: u32 = 256;
        const AHEAD_MIN: u32 = 16;
        self.concurrency.saturating_add(self.concurrency.clamp(AHEAD_MIN, AHEAD_MAX))
    }
}
