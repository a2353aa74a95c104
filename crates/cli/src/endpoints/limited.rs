//! Within which limits endpoints are used: what a coordinator is told.

use std::collections::BTreeSet;

use iago_coordinator::{PoolSettings, Served};
use iago_ledger::Limits;
use iago_sweep::{Money, Plan};

use super::priced::{is_own, prices};
use crate::settings::endpoints::{EndpointSection, PoolSection, Settings};
use crate::settings::price::entry_of;

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

/// The pools that a job of this stage and cell draws from: its endpoint's, then the others by name.
pub(crate) fn pools_of(plan: &Plan, settings: &Settings, (stage, cell): (u32, u32)) -> Vec<String> {
    let Some(first) = plan.pool_of(stage, cell) else { return Vec::new() };
    let (Some(model), Some(section)) =
        (plan.model_asked(stage, cell), settings.endpoints.get(&first))
    else {
        return vec![first];
    };
    let of_model = entry_of(&section.models, &model.id).map(|(_, model)| &model.pools);
    let further: BTreeSet<_> = section.pools.iter().chain(of_model.into_iter().flatten()).collect();
    std::iter::once(first).chain(further.into_iter().cloned()).collect()
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
