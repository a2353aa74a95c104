//! What a coordinator is told at its start.

use std::collections::BTreeMap;

use iago_ledger::{Limits, UNKNOWN_CONCURRENCY};
use iago_sweep::{PoolId, Price};
use tokio::time::Duration;

use crate::clock::Clock;

/// What may be used of a pool, over all workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Its name: an endpoint's, that of a local pool, or one of its own.
    pub name: String,
    /// What is known of it.
    pub limits: Limits,
}

/// What an endpoint serves. Its own pool bears its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Its name.
    pub endpoint: String,
    /// Further pools that all its models draw from.
    pub pools: Vec<String>,
    /// Further pools of models, by id or by a prefix that ends in `*`. The id itself comes first, and
    /// then the longest prefix: one entry holds for a model.
    pub models: BTreeMap<String, Vec<String>>,
    /// Prices, by id or by a prefix in the same way, for what a job can cost at most.
    pub prices: BTreeMap<String, Price>,
    /// A model without a price costs nothing here: it is served on this machine, or simulated.
    pub free: bool,
}

/// What a coordinator is told at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who leads: host and process, for people.
    pub holder: String,
    /// Every pool: those of the endpoints, local ones, and those with names of their own.
    pub pools: Vec<PoolSettings>,
    /// What each endpoint serves. One that is not here draws from its own pool alone, and nobody knows
    /// what its models cost.
    pub served: Vec<Served>,
    /// How long a term lasts that is not renewed. Zero: nobody else can lead this store.
    pub hold: Duration,
    /// How long a new leader leaves alone what workers may still have from the one before.
    pub adoption_grace: Duration,
    /// How long a worker whose stream broke may take to come back before its jobs go out again.
    pub reconnect_grace: Duration,
    /// Silence on an unbroken stream after which a worker counts as lost.
    pub silence_max: Duration,
    /// Go on with every running sweep of the store from the start.
    pub resumes: bool,
    /// Wait for a store that is out of reach or full, instead of ending.
    pub waits_for_store: bool,
    /// What tells when something is due.
    pub clock: Clock,
}

impl Settings {
    /// For a coordinator that is alone with its store and its worker, and ends with its sweep.
    pub fn alone(holder: String, pools: Vec<PoolSettings>, served: Vec<Served>) -> Self {
        Self {
            holder,
            pools,
            served,
            hold: Duration::ZERO,
            adoption_grace: Duration::ZERO,
            reconnect_grace: Duration::ZERO,
            silence_max: Duration::from_secs(15),
            resumes: false,
            waits_for_store: false,
            clock: Clock::Machine,
        }
    }
}

impl Settings {
    /// A pool by its number.
    pub(crate) fn pool(&self, id: PoolId) -> Option<&PoolSettings> {
        self.pools.get(id.0 as usize)
    }

    /// The number of a pool.
    pub(crate) fn pool_id(&self, name: &str) -> Option<PoolId> {
        let position = self.pools.iter().position(|pool| pool.name == name)?;
        u32::try_from(position).ok().map(PoolId)
    }

    /// What an endpoint serves, where that is known.
    pub(crate) fn served(&self, endpoint: &str) -> Option<&Served> {
        self.served.iter().find(|served| served.endpoint == endpoint)
    }
}

impl PoolSettings {
    /// Calls at once to begin with.
    pub(crate) fn concurrency(&self) -> u32 {
        self.limits.concurrency.unwrap_or(UNKNOWN_CONCURRENCY)
    }

    /// Whether a day of it is limited.
    pub(crate) fn has_limit_by_day(&self) -> bool {
        self.limits.requests_per_day.is_some() || self.limits.dollars_per_day.is_some()
    }
}
