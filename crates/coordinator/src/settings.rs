//! What a coordinator is told at its start.

use std::collections::BTreeMap;

use iago_scheduler::Limits;
use iago_sweep::Price;
use tokio::time::Duration;

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
    /// A model without a price costs nothing here: it is served on this machine, or simulated.
    pub free: bool,
}

/// What a coordinator is told at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Who leads: host and process, for people.
    pub holder: String,
    /// Its pools.
    pub pools: Vec<PoolSettings>,
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
}

impl Settings {
    /// For a coordinator that is alone with its store and its worker, and ends with its sweep.
    pub fn alone(holder: String, pools: Vec<PoolSettings>) -> Self {
        Self {
            holder,
            pools,
            hold: Duration::ZERO,
            adoption_grace: Duration::ZERO,
            reconnect_grace: Duration::ZERO,
            silence_max: Duration::from_secs(15),
            resumes: false,
            waits_for_store: false,
        }
    }
}

impl PoolSettings {
    /// What all workers together may use of it.
    pub(crate) fn limits(&self) -> Limits {
        Limits { requests_per_minute: self.requests_per_minute, concurrency: self.concurrency }
    }
}
