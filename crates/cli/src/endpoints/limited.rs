//! Within which limits endpoints are used: what a coordinator is told.

use iago_coordinator::{PoolSettings, Served, Settings as CoordinatorSettings};
use iago_ledger::Limits;
use iago_sweep::Money;

use super::priced::{is_own, prices};
use crate::programs;
use crate::settings::endpoints::{EndpointSection, PoolSection, Settings};

/// The pool of each endpoint, and the shared ones.
pub(crate) fn pools(settings: &Settings) -> Vec<PoolSettings> {
    let own = settings.endpoints.iter().map(|(name, section)| (name, section.limits()));
    let shared = settings.pools.iter().map(|(name, section)| (name, section.clone()));
    let told = |(name, section): (&String, PoolSection)| PoolSettings {
        name: name.clone(),
        limits: section.known(),
    };
    own.chain(shared).map(told).collect()
}

/// What each endpoint serves.
pub(crate) fn coordinated(settings: &Settings) -> Vec<Served> {
    let told = |(name, section): (&String, &EndpointSection)| Served {
        endpoint: name.clone(),
        pools: section.pools.clone(),
        models: section
            .models
            .iter()
            .map(|(id, model)| (id.clone(), model.pools.clone()))
            .collect(),
        prices: prices(settings, section),
        free: is_own(section),
    };
    settings.endpoints.iter().map(told).collect()
}

/// All of it, as a coordinator in this process would be told.
pub(crate) fn told(settings: &Settings) -> CoordinatorSettings {
    let pools = pools(settings).into_iter().chain(programs::pools(settings)).collect();
    CoordinatorSettings::alone(String::new(), pools, coordinated(settings))
}

impl PoolSection {
    /// What is known of it.
    pub(crate) fn known(&self) -> Limits {
        Limits {
            requests_per_minute: self.requests_per_minute,
            input_tokens_per_minute: self.input_tokens_per_minute,
            output_tokens_per_minute: self.output_tokens_per_minute,
            tokens_per_minute: self.tokens_per_minute,
            requests_per_day: self.requests_per_day,
            dollars_per_day: self.usd_per_day.map(|dollars| Money(dollars.0)),
            concurrency: self.concurrency,
        }
    }
}
